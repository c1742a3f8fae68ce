"""Group keyed wordings into entries, and state the reason for each.

A keyed wording has up to two keys: an item key (its item number or canonical link) and a title key
(its date and normalised title). Equal item keys mean the same entry. An equal title key joins a
keyed wording without an item key to an entry only if a single entry qualifies. Keyed wordings that
no key joins may be similar by date and text (similarity.py); they are grouped by complete linkage,
so that a chain of small edits does not join two different entries. Decisions of a researcher come
last.

The result depends only on the set of keyed wordings, not on the order in which captures arrive.
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
"""`on_one_capture(a, b)`: True if some capture shows an entry of `a` and one of `b`."""


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """Two similar keyed wordings: the score (0 to 100) and the digests of both wordings."""

    first: EntryKeys
    second: EntryKeys
    score: float
    compared: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Assignment:
    """The entry of a keyed wording, and why.

    `score` is 0 to 100. `compared` is the digest of the wording that the keyed wording's own is
    similar to, None unless the rule is "text".
    """

    entry_id: str
    rule: Rule
    score: float = 100.0
    compared: str | None = None


@dataclass(frozen=True, slots=True)
class _Block:
    """Keyed wordings that are one entry by number, link, or date and title."""

    id: str
    readings: frozenset[EntryKeys]
    numbers: frozenset[str]

    @property
    def is_split(self) -> bool:
        return self.id.startswith(SPLIT)


def group(
    readings: Iterable[EntryKeys],
    on_one_capture: OnOneCapture,
    similar: Iterable[SimilarPair] = (),
    merged: Iterable[tuple[str, str]] = (),
) -> Mapping[EntryKeys, Assignment]:
    """The entry of each keyed wording.

    `readings` must contain, for each keyed wording, every other that shares a key with it, is
    similar to it or is merged with it. Entries that one capture shows are distinct: two links
    whatever their titles, and similar keyed wordings. `merged` are pairs of entry ids that a
    researcher declared to be one entry.
    """
    blocks = [
        block
        for cluster in _clusters(set(readings))
        for block in _blocks_of(cluster, on_one_capture)
    ]
    blocks.sort(key=attrgetter("id"))
    links = _candidate_links(blocks, similar, on_one_capture)
    groups = _complete_linkage(len(blocks), links)
    assignments: dict[EntryKeys, Assignment] = {}
    for merged_groups in _merged(blocks, groups, merged):
        best = _id({each for part in merged_groups for at in part for each in blocks[at].readings})
        for part in merged_groups:
            assignments.update(_assignments(blocks, part, links, best))
    return assignments


def _clusters(readings: set[EntryKeys]) -> list[set[EntryKeys]]:
    """Sets of keyed wordings that share a key, directly or through others."""
    by_key: dict[str, set[EntryKeys]] = defaultdict(set)
    for each in readings:
        by_key[each.title_key].add(each)
        if each.item_key:
            by_key[each.item_key].add(each)
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
            frontier |= by_key[each.title_key] - cluster
            if each.item_key:
                frontier |= by_key[each.item_key] - cluster
        clusters.append(cluster)
        done |= cluster
    return clusters


def _blocks_of(cluster: set[EntryKeys], on_one_capture: OnOneCapture) -> list[_Block]:
    """Divide a cluster into blocks, if it has two numbers or two links of one page.

    Then item keys decide. A keyed wording without one joins the block whose item key is the only
    one with its title key; otherwise it becomes a block of its own.
    """
    by_item: dict[str, set[EntryKeys]] = defaultdict(set)
    for each in cluster:
        if each.item_key:
            by_item[each.item_key].add(each)
    numbers = {each.item_key for each in cluster if each.numbered}
    if len(numbers) < 2 and not any(
        on_one_capture(*pair) for pair in combinations(by_item.values(), 2)
    ):
        return [_block(_id(cluster), cluster)]
    owners: dict[str, set[str]] = defaultdict(set)
    for each in cluster:
        if each.item_key:
            owners[each.title_key].add(each.item_key)
    parts: dict[str, set[EntryKeys]] = defaultdict(set)
    for each in cluster:
        items = owners[each.title_key]
        parts[each.item_key or (next(iter(items)) if len(items) == 1 else each.title_key)].add(each)
    return [_block(name, part) for name, part in parts.items()]


def _block(block_id: str, readings: Iterable[EntryKeys]) -> _Block:
    members = frozenset(readings)
    return _Block(
        block_id,
        members,
        frozenset(each.item_key for each in members if each.item_key and each.numbered),
    )


def _id(cluster: Collection[EntryKeys]) -> str:
    """The best key of a cluster as its id: a number before a link before a title."""
    numbers = {each.item_key for each in cluster if each.item_key and each.numbered}
    links = {each.item_key for each in cluster if each.item_key}
    titles = {each.title_key for each in cluster}
    return min(numbers or links or {each for each in titles if not _is_split(each)} or titles)


def _is_split(name: str) -> bool:
    return name.startswith(SPLIT)


_Links = Mapping[tuple[int, int], SimilarPair]
_MARGIN = 5.0
"""Minimum score margin (0-100) of the best over the second-best item; below it none is joined."""


def _candidate_links(
    blocks: Sequence[_Block], similar: Iterable[SimilarPair], on_one_capture: OnOneCapture
) -> _Links:
    """The most similar keyed wordings of any two blocks that may be one, by the blocks' indexes."""
    block_of = {each: at for at, block in enumerate(blocks) for each in block.readings}
    found: dict[tuple[int, int], SimilarPair] = {}
    for pair in sorted(similar, key=lambda each: (-each.score, each.compared, repr(each))):
        first, second = block_of[pair.first], block_of[pair.second]
        if first != second:
            ordered = pair if first < second else _swapped(pair)
            found.setdefault((min(first, second), max(first, second)), ordered)
    allowed = {
        link: pair
        for link, pair in found.items()
        if not _are_distinct(blocks[link[0]], blocks[link[1]], on_one_capture)
    }
    ambiguous = _ambiguous_links(blocks, allowed)
    return {link: pair for link, pair in allowed.items() if link not in ambiguous}


def _swapped(pair: SimilarPair) -> SimilarPair:
    return SimilarPair(pair.second, pair.first, pair.score, (pair.compared[1], pair.compared[0]))


def _are_distinct(first: _Block, second: _Block, on_one_capture: OnOneCapture) -> bool:
    """True if two blocks cannot be one entry: split, with different numbers, or on one capture."""
    if first.is_split or second.is_split or (first.numbers and second.numbers):
        return True
    return on_one_capture(first.readings, second.readings)


def _ambiguous_links(blocks: Sequence[_Block], links: _Links) -> set[tuple[int, int]]:
    """The links of a text that is similar to two items, without a clear margin between them."""
    items: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pair in links:
        for at, neighbour in (pair, pair[::-1]):
            if blocks[neighbour].numbers and not blocks[at].numbers:
                items[at].append(pair)
    ambiguous: set[tuple[int, int]] = set()
    for pairs in items.values():
        pairs.sort(key=lambda pair: -links[pair].score)
        first, *others = pairs
        if others:
            is_clear = links[first].score - links[others[0]].score >= _MARGIN
            ambiguous.update(others if is_clear else pairs)
    return ambiguous


def _complete_linkage(count: int, links: _Links) -> list[frozenset[int]]:
    """Group blocks by complete linkage: in a group each block is linked with each other one.

    The links with the highest scores come first (Everitt et al., Cluster Analysis, chapter 4).
    """
    groups = {at: frozenset((at,)) for at in range(count)}
    for pair in sorted(links, key=lambda pair: (-links[pair].score, pair)):
        first, second = (groups[at] for at in pair)
        if first != second and all((min(a, b), max(a, b)) in links for a in first for b in second):
            groups.update(dict.fromkeys(first | second, first | second))
    return sorted(set(groups.values()), key=min)


def _merged(
    blocks: Sequence[_Block], groups: Sequence[frozenset[int]], merged: Iterable[tuple[str, str]]
) -> list[list[frozenset[int]]]:
    """The groups in lists: those that a researcher merged share a list."""
    by_index = {at: [each] for at, each in enumerate(groups)}
    for ids in sorted(merged):
        at = [_named(name, blocks, groups) for name in ids]
        if None in at:
            continue
        first, second = (by_index[each] for each in at if each is not None)
        if first is not second:
            first += second
            by_index.update({n: first for n, each in by_index.items() if each is second})
    return list({id(each): each for each in by_index.values()}.values())


def _named(name: str, blocks: Sequence[_Block], groups: Sequence[frozenset[int]]) -> int | None:
    """The index of the group with a name: the id of a block, else an item key, else a title key."""
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
    blocks: Sequence[_Block], part: Collection[int], links: _Links, entry_id: str
) -> Iterable[tuple[EntryKeys, Assignment]]:
    """Yield each keyed wording of a group with its assignment.

    The block with the best name provides the id; the others are similar to it or merged with it.
    """
    best_block = min(part, key=lambda at: _id_rank(blocks[at].id))
    has_id = _has_key(entry_id, blocks[best_block])
    for at in part:
        link = links.get((min(at, best_block), max(at, best_block)))
        for reading in blocks[at].readings:
            if not has_id:
                yield reading, Assignment(entry_id, "merge")
            elif at == best_block or link is None:
                yield reading, Assignment(entry_id, _rule(reading, entry_id))
            else:
                compared = link.compared[1 if at < best_block else 0]
                yield reading, Assignment(entry_id, "text", link.score, compared)


def _id_rank(name: str) -> tuple[bool, bool, str]:
    """The sort key that `_id` implies: numbers, links, titles."""
    return not name.startswith("wcms-"), not name.startswith("link-"), name


def _has_key(name: str, block: _Block) -> bool:
    return any(name in (each.item_key, each.title_key) for each in block.readings)


def _rule(reading: EntryKeys, entry_id: str) -> Rule:
    if _is_split(reading.title_key):
        return "split"
    if reading.item_key == entry_id:
        return "number" if reading.numbered else "link"
    return "title"
