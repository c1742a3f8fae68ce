"""Which readings are the same entry, and why.

A reading carries up to two names. The strong one is its item number or canonical link; the
weak one its date and normalised title. Strong names decide; a weak name joins a reading
without a strong one to an entry only where that leaves no choice. What no name joins may be
near by date and text (likeness.py): then each must be near to each, so that no chain of small
edits makes one entry of two. Last come the decisions of a researcher. The outcome is a function
of the set of readings, so the order in which captures arrive cannot matter.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from operator import attrgetter
from typing import Literal

from ilo_archive.identity.keys import SPLIT, EntryKeys

Rule = Literal["number", "link", "title", "text", "merge", "split"]
OnOneCapture = Callable[[Collection[EntryKeys], Collection[EntryKeys]], bool]


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """Two readings whose wordings are alike, with the score and the digests of the two."""

    one: EntryKeys
    other: EntryKeys
    score: float
    compared: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Assignment:
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
    readings: frozenset[EntryKeys]
    numbers: frozenset[str]

    @property
    def is_split(self) -> bool:
        return self.id.startswith(SPLIT)


def group(
    readings: Iterable[EntryKeys],
    together: OnOneCapture,
    near: Iterable[SimilarPair] = (),
    merged: Iterable[tuple[str, str]] = (),
) -> Mapping[EntryKeys, Assignment]:
    """The entry of each reading.

    `readings` must hold, with any reading, every other that shares a name with it, is near it,
    or is merged with it. `together` tells whether one of each stand on one capture: two links
    on one page are two entries whatever their titles, and so are two that are only near.
    `merged` are names of entries that a researcher decided to be one.
    """
    blocks = [
        block for cluster in _clusters(set(readings)) for block in _blocks_of(cluster, together)
    ]
    blocks.sort(key=attrgetter("id"))
    edges = _candidate_links(blocks, near, together)
    groups = _complete_linkage(len(blocks), edges)
    placed: dict[EntryKeys, Assignment] = {}
    for several in _merged(blocks, groups, merged):
        best = _id({each for part in several for at in part for each in blocks[at].readings})
        for part in several:
            placed.update(_assignments(blocks, part, edges, best))
    return placed


def _clusters(readings: set[EntryKeys]) -> list[set[EntryKeys]]:
    """Readings that share a name, directly or through others."""
    by_name: dict[str, set[EntryKeys]] = defaultdict(set)
    for each in readings:
        by_name[each.title_key].add(each)
        if each.item_key:
            by_name[each.item_key].add(each)
    clusters = []
    done: set[EntryKeys] = set()
    for first in readings:
        if first in done:
            continue
        cluster: set[EntryKeys] = set()
        frontier = {first}
        while frontier:
            each = frontier.pop()
            cluster.add(each)
            near = by_name[each.title_key] | (by_name[each.item_key] if each.item_key else set())
            frontier |= near - cluster
        clusters.append(cluster)
        done |= cluster
    return clusters


def _blocks_of(cluster: set[EntryKeys], together: OnOneCapture) -> list[_Block]:
    """A cluster as one block, or as several where it holds two numbers, or two links of one
    page. Then the strong names decide, and a reading without one joins only where a single
    strong name shares its weak name; else it stands alone.
    """
    strong: dict[str, set[EntryKeys]] = defaultdict(set)
    for each in cluster:
        if each.item_key:
            strong[each.item_key].add(each)
    numbers = {each.item_key for each in cluster if each.numbered}
    if len(numbers) < 2 and not any(together(*pair) for pair in combinations(strong.values(), 2)):
        return [_block(_id(cluster), cluster)]
    owners: dict[str, set[str]] = defaultdict(set)
    for each in cluster:
        if each.item_key:
            owners[each.title_key].add(each.item_key)
    parts: dict[str, set[EntryKeys]] = defaultdict(set)
    for each in cluster:
        only = (
            next(iter(owners[each.title_key]))
            if len(owners[each.title_key]) == 1
            else each.title_key
        )
        parts[each.item_key or only].add(each)
    return [_block(name, part) for name, part in parts.items()]


def _block(name: str, readings: Iterable[EntryKeys]) -> _Block:
    own = frozenset(readings)
    return _Block(
        name, own, frozenset(each.item_key for each in own if each.item_key and each.numbered)
    )


def _id(cluster: Collection[EntryKeys]) -> str:
    """The best name of the cluster: a number before a link before a title."""
    numbers = {each.item_key for each in cluster if each.item_key and each.numbered}
    links = {each.item_key for each in cluster if each.item_key}
    titles = {each.title_key for each in cluster}
    return min(numbers or links or {each for each in titles if not _is_split(each)} or titles)


def _is_split(name: str) -> bool:
    return name.startswith(SPLIT)


_Links = Mapping[tuple[int, int], SimilarPair]
_CLEAR = 5.0
"""By so much one of two items must be nearer than the other, or the text is of neither."""


def _candidate_links(
    blocks: Sequence[_Block], near: Iterable[SimilarPair], together: OnOneCapture
) -> _Links:
    """The nearest readings of any two blocks that may be one entry, by the blocks' places."""
    place = {each: at for at, block in enumerate(blocks) for each in block.readings}
    found: dict[tuple[int, int], SimilarPair] = {}
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
    torn = _ambiguous_links(blocks, allowed)
    return {pair: each for pair, each in allowed.items() if pair not in torn}


def _turned(near: SimilarPair) -> SimilarPair:
    return SimilarPair(near.other, near.one, near.score, (near.compared[1], near.compared[0]))


def _are_two(one: _Block, other: _Block, together: OnOneCapture) -> bool:
    if one.is_split or other.is_split or (one.numbers and other.numbers):
        return True
    return together(one.readings, other.readings)


def _ambiguous_links(blocks: Sequence[_Block], edges: _Links) -> set[tuple[int, int]]:
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


def _complete_linkage(number: int, edges: _Links) -> list[frozenset[int]]:
    """Groups in which each block is near each other one: the nearest first, and no chains."""
    groups = {at: frozenset((at,)) for at in range(number)}
    for pair in sorted(edges, key=lambda pair: (-edges[pair].score, pair)):
        one, other = (groups[at] for at in pair)
        if one != other and all((min(a, b), max(a, b)) in edges for a in one for b in other):
            groups.update(dict.fromkeys(one | other, one | other))
    return sorted(set(groups.values()), key=min)


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
        lambda block: any(each.item_key == name for each in block.readings),
        lambda block: any(each.title_key == name for each in block.readings),
    )
    for fit in fits:
        for at, part in enumerate(groups):
            if any(fit(blocks[each]) for each in part):
                return at
    return None


def _assignments(
    blocks: Sequence[_Block], part: Collection[int], edges: _Links, entry_id: str
) -> Iterable[tuple[EntryKeys, Assignment]]:
    """The readings of a group, with the reason of each. The best named of its blocks holds the
    readings that need no likeness; every other is near to it.
    """
    core = min(part, key=lambda at: _rank(blocks[at].id))
    is_own = _goes_by(entry_id, blocks[core])
    for at in part:
        near = edges.get((min(at, core), max(at, core)))
        for each in blocks[at].readings:
            if not is_own:
                yield each, Assignment(entry_id, "merge")
            elif at == core or near is None:
                yield each, Assignment(entry_id, _rule(each, entry_id))
            else:
                compared = near.compared[1 if at < core else 0]
                yield each, Assignment(entry_id, "text", near.score, compared)


def _rank(name: str) -> tuple[bool, bool, str]:
    """The order of `_id`."""
    return not name.startswith("wcms-"), not name.startswith("link-"), name


def _goes_by(name: str, block: _Block) -> bool:
    return any(name in (each.item_key, each.title_key) for each in block.readings)


def _rule(reading: EntryKeys, entry_id: str) -> Rule:
    if _is_split(reading.title_key):
        return "split"
    if reading.item_key == entry_id:
        return "number" if reading.numbered else "link"
    return "title"
