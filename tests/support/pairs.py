"""The labelled pairs of tests/fixtures/pairs.txt, and what identity makes of a pair."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ilo_archive.identity.groups import SimilarPair, group
from ilo_archive.identity.keys import EntryKeys, entry_keys
from ilo_archive.identity.similarity import similarity
from ilo_archive.identity.wording import ParsedWording, WordingText, parse_wording
from ilo_archive.offices import registry
from ilo_archive.reader.entry import Entry
from tests.support.paths import FIXTURES

FIXTURE = FIXTURES / "pairs.txt"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two readings, by field, and whether they are one entry. `place` is the line of the file."""

    place: int
    why: str
    same: bool
    on_one_page: bool
    one: Mapping[str, str]
    other: Mapping[str, str]


def pairs(path: Path = FIXTURE) -> Iterator[Pair]:
    """The pairs of the file."""
    story: dict[str, str] = {}
    for place, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if line.startswith("@ "):
            head, title, summary = line[2:].split(" | ")
            language, day = head.split()
            story = {"language": language, "date": day, "title": title, "summary": summary}
        elif line.startswith(("= ", "! ")):
            why, *changes = line[2:].split(" | ")
            changed = dict(change.split(": ", 1) for change in changes)
            on_one_page = changed.pop("page", "no") == "yes"
            mine = changed.pop("mine", None)
            yield Pair(
                place,
                why,
                line[0] == "=",
                on_one_page,
                story | ({"link": mine} if mine else {}),
                story | changed,
            )


def is_one(pair: Pair) -> bool:
    """Whether identity takes the two for one entry."""
    called = _names(pair.one), _names(pair.other)
    alike = similarity(*told_pair(pair))
    near = [SimilarPair(*called, alike.score, ("one", "other"))] if alike else []
    placed = group(called, lambda *_: pair.on_one_page, near if called[0] != called[1] else ())
    return placed[called[0]].entry_id == placed[called[1]].entry_id


def told_pair(pair: Pair) -> tuple[ParsedWording, ParsedWording]:
    """The two wordings, taken apart."""
    return parse_wording(_words(pair.one)), parse_wording(_words(pair.other))


def _part(reading: Mapping[str, str], name: str) -> str | None:
    value = reading.get(name, "-")
    return None if value == "-" else value


def _words(reading: Mapping[str, str]) -> WordingText:
    return WordingText(*(_part(reading, name) for name in ("language", "date", "title", "summary")))


def _names(reading: Mapping[str, str]) -> EntryKeys:
    day = _part(reading, "date")
    entry = Entry(
        position=1,
        title=_part(reading, "title"),
        date=date.fromisoformat(day) if day else None,
        summary=_part(reading, "summary"),
        link=_part(reading, "link"),
    )
    return entry_keys(
        entry, _part(reading, "language"), reading.get("office", "moscow"), registry()
    )
