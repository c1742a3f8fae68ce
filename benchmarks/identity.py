"""Measure speed and quality of entry grouping: `python benchmarks/identity.py [ENTRIES ...]`.

The entries are invented. 5% are seen a second time with an edit: the date moved by a day, a word of
the title misspelled or added, the summary rewritten in part or cut off. No entry has a link, so
date and text alone decide. For each size the result is entries a second of CPU, from wordings to
entries, and precision and recall over pairs. Dates span the same fifteen years at every size, so
ten times the entries are ten times the entries of a day.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from ilo_archive.identity.candidates import similar_pairs
from ilo_archive.identity.groups import SimilarPair, group
from ilo_archive.identity.keys import entry_keys
from ilo_archive.identity.wording import WordingText, parse_wording
from ilo_archive.offices import registry
from ilo_archive.reader.entry import Entry

START = date(2010, 1, 1)
DAYS = 15 * 365
EDITED = 0.05
VERBS = "discuss adopt review launch present join study support improve plan"
TOPICS = """
    wage policy|child labour|safe work|youth employment|labour inspection|social dialogue
    migrant workers|skills training|maternity leave|domestic work|pension funds|rural jobs
    green enterprises|working hours|ship recycling|forced labour|collective bargaining
"""
SYLLABLES = "ba ka mo ri ten sal vo du nek lor shi gar pel tum zan qui fer hol"


def word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES.split(), k=chance.randint(2, 4)))


def invent_entry(chance: random.Random) -> Entry:
    place, who = word(chance).title(), word(chance).title()
    topic = chance.choice(TOPICS.replace("\n", "|").strip("|").split("|")).strip()
    verb = chance.choice(VERBS.split())
    title = f"{who} and {place} {verb} {topic} with {word(chance)} and {word(chance)}"
    filler = " ".join(word(chance) for _ in range(chance.randint(15, 30)))
    summary = f"In {place}, {who} met to {verb} {topic}: {filler}."
    day = START + timedelta(days=chance.randrange(DAYS))
    return Entry(position=1, title=title, date=day, summary=summary)


def with_date_moved(entry: Entry, chance: random.Random) -> Entry:
    assert entry.date
    return replace(entry, date=entry.date + timedelta(days=chance.choice((-1, 1))))


def with_misspelling(entry: Entry, chance: random.Random) -> Entry:
    words = (entry.title or "").split()
    at = max(range(len(words)), key=lambda n: len(words[n]))
    letter = chance.randrange(1, len(words[at]) - 1)
    words[at] = words[at][:letter] + words[at][letter + 1 :]
    return replace(entry, title=" ".join(words))


def with_added_word(entry: Entry, chance: random.Random) -> Entry:
    return replace(entry, title=f"{entry.title} {word(chance)}")


def with_rewritten_summary(entry: Entry, chance: random.Random) -> Entry:
    words = (entry.summary or "").split()
    for at in chance.sample(range(6, len(words)), 3):
        words[at] = word(chance)
    return replace(with_misspelling(entry, chance), summary=" ".join(words))


def with_cut_summary(entry: Entry, chance: random.Random) -> Entry:
    return replace(with_misspelling(entry, chance), summary=f"{(entry.summary or '')[:90]}…")


EDITS: Sequence[Callable[[Entry, random.Random], Entry]] = (
    with_date_moved,
    with_misspelling,
    with_added_word,
    with_rewritten_summary,
    with_cut_summary,
)


def collection(number: int, seed: int = 5) -> tuple[list[Entry], list[int]]:
    """Invented entries, and for each the number of the item that it shows."""
    chance = random.Random(seed)
    edited = int(number * EDITED)
    entries = [invent_entry(chance) for _ in range(number - edited)]
    truth = list(range(len(entries)))
    for at in chance.sample(truth, edited):
        entries.append(chance.choice(EDITS)(entries[at], chance))
        truth.append(at)
    return entries, truth


def entry_ids(entries: Sequence[Entry]) -> list[str]:
    offices = registry()
    keys = [entry_keys(each, "en", "moscow", offices) for each in entries]
    parsed = [
        parse_wording(
            WordingText(
                "en", each.date.isoformat() if each.date else None, each.title, each.summary
            )
        )
        for each in entries
    ]
    similar = [
        SimilarPair(keys[first], keys[second], score, ("", ""))
        for first, second, score in similar_pairs(parsed)
        if keys[first] != keys[second]
    ]
    assignments = group(keys, lambda *_: False, similar)
    return [assignments[each].entry_id for each in keys]


def pairs_of(ids: Sequence[object]) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(ids).values())


def measure(number: int) -> None:
    entries, truth = collection(number)
    start = time.process_time()
    ids = entry_ids(entries)
    seconds = time.process_time() - start
    both = pairs_of(list(zip(ids, truth, strict=True)))
    precision, recall = both / (pairs_of(ids) or 1), both / pairs_of(truth)
    print(
        f"{number:>9,} entries  {number / seconds:>8,.0f} a second"
        f"  precision {precision:.4f}  recall {recall:.4f}"
    )


def main() -> None:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("entries", nargs="*", type=int, default=[10_000, 100_000])
    for size in parser.parse_args().entries:
        measure(size)


if __name__ == "__main__":
    main()
