"""Which readings are the same entry, and why.

A reading carries up to two names. The strong one is its item number or canonical link; the
weak one its date and normalised title. Strong names decide; a weak name joins a reading
without a strong one to an entry only where that leaves no choice. What no name joins may be
near by date and text (likeness.py): then each must be near to each, so that no chain of small
edits makes one entry of two. Last come the decisions of a researcher. The outcome is a function
of the set of readings, so the order in which captures arrive cannot matter.
"""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from operator import attrgetter
from typing import Literal

from ilo_archive.offices import Registry, item_number
from ilo_archive.reader.entry import Entry

_QUOTES = str.maketrans("“”„«»‟‹›‘’‚‛`´", '""""""""\'\'\'\'\'\'')
# Soft hyphens, spaces without width, marks of direction: they steer the setting of a line.
_UNSEEN = dict.fromkeys((0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF))
SPLIT = "split-"
"""How the name begins of a sighting that a researcher split off."""

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
    """A wording without what is not wording: case, white space, quote and dash style, and what
    is not seen.
    """
    folded = unicodedata.normalize("NFKC", (text or "").translate(_UNSEEN)).translate(_QUOTES)
    return " ".join(_DASHES.sub(" - ", folded).split()).casefold()


def digest(*parts: str | None) -> str:
    """16 hexadecimal digits that stand for the parts."""
    return hashlib.sha256("\x1f".join(part or "" for part in parts).encode()).hexdigest()[:16]


def names(entry: Entry, language: str | None, office: str, registry: Registry) -> Names:
    """The names of an entry as read on a page of that office.

    Without a date a title says less, so the office becomes part of the weak name; without a
    title the summary takes its place, and without both the office again.
    """
    number = item_number(entry.link)
    address = None if number else registry.address_of_item(entry.link or "")
    strong = None
    if number:
        strong = f"wcms-{number}-{language or 'xx'}"
    elif address:
        strong = f"link-{digest(address, language)}"
    told = normalised(entry.title or entry.summary)
    day = _iso(entry.date)
    weak = f"entry-{digest(day, told, language, None if day and told else office)}"
    return Names(strong, weak)


def split_name(capture_key: str, ordinal: int) -> str:
    """The name of a sighting that a researcher split off: its own, whatever its words."""
    return f"{SPLIT}{digest(capture_key, str(ordinal))}"


def wording_digest(entry: Entry, language: str | None) -> str:
    """What makes a revision: the words and the date, not the link, the picture or the credit."""
    texts = (entry.kicker, entry.title, entry.place, entry.summary)
    days = (_iso(entry.date), _iso(entry.date_end) if entry.date else normalised(entry.dateline))
    return digest(language, *map(normalised, texts), *days)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


# -- groups --------------------------------------------------------------------------------

Rule = Literal["number", "link", "title", "text", "merge", "split"]
Together = Callable[[Collection[Names], Collection[Names]], bool]


@dataclass(frozen=True, slots=True)
class Near:
    """Two readings whose wordings are alike, with the score and the digests of the two."""

    one: Names
    other: Names
    score: float
    compared: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Placed:
    """The entry of a reading, and why: the rule, its score from 0 to 100 and, for near text, the
    digest of the wording that the reading's own was compared with.
    """

    entry_id: str
    rule: Rule
    score: float = 100.0
    compared: str | None = None


@dataclass(frozen=True, slots=True)
class _Block:
    """Readings that are one entry by number, link, or date and title."""

    id: str
    readings: frozenset[Names]
    numbers: frozenset[str]

    @property
    def is_split(self) -> bool:
        return self.id.startswith(SPLIT)


def group(
    readings: Iterable[Names],
    together: Together,
    near: Iterable[Near] = (),
    merged: Iterable[tuple[str, str]] = (),
) -> Mapping[Names, Placed]:
    """The entry of each reading.

    `readings` must hold, with any reading, every other that shares a name with it, is near it,
    or is merged with it. `together` tells whether one of each stand on one capture: two links
    on one page are two entries whatever their titles, and so are two that are only near.
    `merged` are names of entries that a researcher decided to be one.
    """
    blocks = [
        block for cluster in _clusters(set(readings)) for block in _settled(cluster, together)
    ]
    blocks.sort(key=attrgetter("id"))
    edges = _edges(blocks, near, together)
    groups = _linked(len(blocks), edges)
    placed: dict[Names, Placed] = {}
    for several in _merged(blocks, groups, merged):
        best = _id({each for part in several for at in part for each in blocks[at].readings})
        for part in several:
            placed.update(_placed(blocks, part, edges, best))
    return placed


def _clusters(readings: set[Names]) -> list[set[Names]]:
    """Readings that share a name, directly or through others."""
    by_name: dict[str, set[Names]] = defaultdict(set)
    for each in readings:
        by_name[each.weak].add(each)
        if each.strong:
            by_name[each.strong].add(each)
    clusters = []
    done: set[Names] = set()
    for first in readings:
        if first in done:
            continue
        cluster: set[Names] = set()
        frontier = {first}
        while frontier:
            each = frontier.pop()
            cluster.add(each)
            near = by_name[each.weak] | (by_name[each.strong] if each.strong else set())
            frontier |= near - cluster
        clusters.append(cluster)
        done |= cluster
    return clusters


def _settled(cluster: set[Names], together: Together) -> list[_Block]:
    """A cluster as one block, or as several where it holds two numbers, or two links of one
    page. Then the strong names decide, and a reading without one joins only where a single
    strong name shares its weak name; else it stands alone.
    """
    strong: dict[str, set[Names]] = defaultdict(set)
    for each in cluster:
        if each.strong:
            strong[each.strong].add(each)
    numbers = {each.strong for each in cluster if each.numbered}
    if len(numbers) < 2 and not any(together(*pair) for pair in combinations(strong.values(), 2)):
        return [_block(_id(cluster), cluster)]
    owners: dict[str, set[str]] = defaultdict(set)
    for each in cluster:
        if each.strong:
            owners[each.weak].add(each.strong)
    parts: dict[str, set[Names]] = defaultdict(set)
    for each in cluster:
        only = next(iter(owners[each.weak])) if len(owners[each.weak]) == 1 else each.weak
        parts[each.strong or only].add(each)
    return [_block(name, part) for name, part in parts.items()]


def _block(name: str, readings: Iterable[Names]) -> _Block:
    own = frozenset(readings)
    return _Block(
        name, own, frozenset(each.strong for each in own if each.strong and each.numbered)
    )


def _id(cluster: Collection[Names]) -> str:
    """The best name of the cluster: a number before a link before a title."""
    numbers = {each.strong for each in cluster if each.strong and each.numbered}
    links = {each.strong for each in cluster if each.strong}
    titles = {each.weak for each in cluster}
    return min(numbers or links or {each for each in titles if not _is_split(each)} or titles)


def _is_split(name: str) -> bool:
    return name.startswith(SPLIT)


# -- near text -----------------------------------------------------------------------------

_Edges = Mapping[tuple[int, int], Near]

_CLEAR = 5.0
"""By so much one of two items must be nearer than the other, or the text is of neither."""


def _edges(blocks: Sequence[_Block], near: Iterable[Near], together: Together) -> _Edges:
    """The nearest readings of any two blocks that may be one entry, by the blocks' places."""
    place = {each: at for at, block in enumerate(blocks) for each in block.readings}
    found: dict[tuple[int, int], Near] = {}
    for each in sorted(near, key=lambda each: (-each.score, each.compared, repr(each))):
        one, other = place[each.one], place[each.other]
        if one != other:
            turned = each if one < other else _turned(each)
            found.setdefault((min(one, other), max(one, other)), turned)
    allowed = {
        pair: each
        for pair, each in found.items()
        if not _are_two(blocks[pair[0]], blocks[pair[1]], together)
    }
    torn = _torn(blocks, allowed)
    return {pair: each for pair, each in allowed.items() if pair not in torn}


def _turned(near: Near) -> Near:
    return Near(near.other, near.one, near.score, (near.compared[1], near.compared[0]))


def _are_two(one: _Block, other: _Block, together: Together) -> bool:
    if one.is_split or other.is_split or (one.numbers and other.numbers):
        return True
    return together(one.readings, other.readings)


def _torn(blocks: Sequence[_Block], edges: _Edges) -> set[tuple[int, int]]:
    """The pairs of a text that is near two items, and not clearly nearer to one of them."""
    items: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pair in edges:
        for at, beside in (pair, pair[::-1]):
            if blocks[beside].numbers and not blocks[at].numbers:
                items[at].append(pair)
    torn: set[tuple[int, int]] = set()
    for pairs in items.values():
        pairs.sort(key=lambda pair: -edges[pair].score)
        first, *others = pairs
        if others:
            clear = edges[first].score - edges[others[0]].score >= _CLEAR
            torn.update(others if clear else pairs)
    return torn


def _linked(number: int, edges: _Edges) -> list[frozenset[int]]:
    """Groups in which each block is near each other one: the nearest first, and no chains."""
    groups = {at: frozenset((at,)) for at in range(number)}
    for pair in sorted(edges, key=lambda pair: (-edges[pair].score, pair)):
        one, other = (groups[at] for at in pair)
        if one != other and all((min(a, b), max(a, b)) in edges for a in one for b in other):
            groups.update(dict.fromkeys(one | other, one | other))
    return sorted(set(groups.values()), key=min)


# -- decisions and reasons -----------------------------------------------------------------


def _merged(
    blocks: Sequence[_Block], groups: Sequence[frozenset[int]], merged: Iterable[tuple[str, str]]
) -> list[list[frozenset[int]]]:
    """The groups, those that a researcher merged side by side."""
    several = {at: [each] for at, each in enumerate(groups)}
    for names_ in sorted(merged):
        at = [_named(name, blocks, groups) for name in names_]
        if None in at:
            continue
        one, other = (several[each] for each in at if each is not None)
        if one is not other:
            one += other
            several.update({n: one for n, each in several.items() if each is other})
    return list({id(each): each for each in several.values()}.values())


def _named(name: str, blocks: Sequence[_Block], groups: Sequence[frozenset[int]]) -> int | None:
    """The group that goes by a name: as the id of a block, else as a link, else as a title."""
    fits: tuple[Callable[[_Block], bool], ...] = (
        lambda block: block.id == name,
        lambda block: any(each.strong == name for each in block.readings),
        lambda block: any(each.weak == name for each in block.readings),
    )
    for fit in fits:
        for at, part in enumerate(groups):
            if any(fit(blocks[each]) for each in part):
                return at
    return None


def _placed(
    blocks: Sequence[_Block], part: Collection[int], edges: _Edges, entry_id: str
) -> Iterable[tuple[Names, Placed]]:
    """The readings of a group, with the reason of each. The best named of its blocks holds the
    readings that need no likeness; every other is near to it.
    """
    core = min(part, key=lambda at: _rank(blocks[at].id))
    is_own = _goes_by(entry_id, blocks[core])
    for at in part:
        near = edges.get((min(at, core), max(at, core)))
        for each in blocks[at].readings:
            if not is_own:
                yield each, Placed(entry_id, "merge")
            elif at == core or near is None:
                yield each, Placed(entry_id, _rule(each, entry_id))
            else:
                compared = near.compared[1 if at < core else 0]
                yield each, Placed(entry_id, "text", near.score, compared)


def _rank(name: str) -> tuple[bool, bool, str]:
    """The order of `_id`."""
    return not name.startswith("wcms-"), not name.startswith("link-"), name


def _goes_by(name: str, block: _Block) -> bool:
    return any(name in (each.strong, each.weak) for each in block.readings)


def _rule(reading: Names, entry_id: str) -> Rule:
    if _is_split(reading.weak):
        return "split"
    if reading.strong == entry_id:
        return "number" if reading.numbered else "link"
    return "title"
