"""Which readings are the same entry, and why.

A reading carries up to two names. The strong one is its item number or canonical link; the
weak one its date and normalised title. Strong names decide; a weak name joins a reading
without a strong one to an entry only where that leaves no choice. The outcome is a function
of the set of readings, so the order in which captures arrive cannot matter.
"""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ilo_archive.grammar import Entry
from ilo_archive.offices import Registry, item_number

_QUOTES = str.maketrans("“”„«»‟‹›‘’‚‛`´", '""""""""\'\'\'\'\'\'')
_DASHES = re.compile(r"\s*[‐‑‒–—―-]\s*")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a reading, in the form in which they may serve as the entry's id.

    `wcms-358390-en` for an item number, `link-…` for another link, `entry-…` for date and
    title. The language is part of each: a translation is an entry of its own.
    """

    strong: str | None
    weak: str

    @property
    def numbered(self) -> bool:
        """Whether the strong name is an item number."""
        return bool(self.strong and self.strong.startswith("wcms-"))


def normalised(text: str | None) -> str:
    """A wording without what is not wording: case, white space, quote and dash style."""
    folded = unicodedata.normalize("NFKC", text or "").translate(_QUOTES)
    return " ".join(_DASHES.sub(" - ", folded).split()).casefold()


def digest(*parts: str | None) -> str:
    """16 hexadecimal digits that stand for the parts."""
    return hashlib.sha256("\x1f".join(part or "" for part in parts).encode()).hexdigest()[:16]


def names(entry: Entry, language: str | None, office: str, registry: Registry) -> Names:
    """The names of an entry as read on a page of that office.

    Without a date a title says less, so the office becomes part of the weak name; without a
    title the summary takes its place.
    """
    number = item_number(entry.link)
    strong = None
    if number:
        strong = f"wcms-{number}-{language or 'xx'}"
    elif entry.link and entry.link.startswith(("http://", "https://")):
        canonical = registry.canonical(entry.link, with_language=False)
        strong = f"link-{digest(canonical, language)}"
    told = normalised(entry.title or entry.summary)
    day = _iso(entry.date)
    weak = f"entry-{digest(day, told, language, None if entry.date else office)}"
    return Names(strong, weak)


def wording_digest(entry: Entry, language: str | None) -> str:
    """What makes a revision: the words and the date, not the link, the picture or the credit."""
    texts = (entry.kicker, entry.title, entry.place, entry.summary)
    days = (_iso(entry.date), _iso(entry.date_end) if entry.date else normalised(entry.dateline))
    return digest(language, *map(normalised, texts), *days)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def group(
    readings: Iterable[Names], seen_together: Callable[[set[str]], bool]
) -> Mapping[Names, str]:
    """The entry id of each reading.

    `readings` must hold, with any reading, every other that shares a name with it.
    `seen_together` tells whether two of the strong names stand on one capture: two links on
    one page are two entries, whatever their titles.
    """
    ids: dict[Names, str] = {}
    for cluster in _clusters(set(readings)):
        strong = {each.strong for each in cluster if each.strong}
        numbers = {each.strong for each in cluster if each.numbered}
        if len(strong) > 1 and (len(numbers) > 1 or seen_together(strong)):
            ids.update(_apart(cluster))
        else:
            ids.update(dict.fromkeys(cluster, _id(cluster)))
    return ids


def _clusters(readings: set[Names]) -> list[set[Names]]:
    """Readings that share a name, directly or through others."""
    by_name: dict[str, set[Names]] = defaultdict(set)
    for each in readings:
        by_name[each.weak].add(each)
        if each.strong:
            by_name[each.strong].add(each)
    clusters = []
    left = set(readings)
    while left:
        cluster: set[Names] = set()
        frontier = {next(iter(left))}
        while frontier:
            each = frontier.pop()
            cluster.add(each)
            near = by_name[each.weak] | (by_name[each.strong] if each.strong else set())
            frontier |= near - cluster
        clusters.append(cluster)
        left -= cluster
    return clusters


def _apart(cluster: set[Names]) -> dict[Names, str]:
    """A cluster that holds several entries: the strong names decide; a reading without one
    joins only where a single strong name shares its weak name, else it stands alone.
    """
    owners: dict[str, set[str]] = defaultdict(set)
    for each in cluster:
        if each.strong:
            owners[each.weak].add(each.strong)
    ids = {}
    for each in cluster:
        candidates = owners[each.weak]
        ids[each] = each.strong or (next(iter(candidates)) if len(candidates) == 1 else each.weak)
    return ids


def _id(cluster: set[Names]) -> str:
    """The best name of the cluster: a number before a link before a title."""
    numbers = {each.strong for each in cluster if each.strong and each.numbered}
    links = {each.strong for each in cluster if each.strong}
    return min(numbers or links or {each.weak for each in cluster})
