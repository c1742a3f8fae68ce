"""Which wordings are worth comparing: blocking keys, as record linkage calls them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from zlib import crc32

from ilo_archive.identity.similarity import FARTHEST, similarity
from ilo_archive.identity.wording import ParsedWording

# Wordings of one thing share a clue: a longish word of the title or summary under a date of the
# same few days. Six clues of a wording cost less than comparing it with all of its day, and do
# not grow with the number of entries a day.
_BLOCK = FARTHEST + 1  # days


def blocking_keys(wording: ParsedWording) -> list[int]:
    """The numbers under which a wording is found."""
    block = _UNDATED if wording.day is None else wording.day // _BLOCK
    return [crc32(stem, block) for stem in wording.stems]


def lookup_keys(wording: ParsedWording) -> list[int]:
    """The numbers under which wordings that could be alike are found."""
    if wording.day is None:
        return blocking_keys(wording)
    first, last = (wording.day - FARTHEST) // _BLOCK, (wording.day + FARTHEST) // _BLOCK
    return [crc32(stem, block) for block in range(first, last + 1) for stem in wording.stems]


_UNDATED = 0  # no block of days: the first has a date before the first year


def min_shared_keys(one: ParsedWording, other: ParsedWording) -> int:
    """How many clues two wordings share at least if they are alike. Whoever changes a word leaves
    the others; a single clue in common is mostly that of a topic.
    """
    return 2 if max(len(one.stems), len(other.stems)) > 2 else 1


def similar_pairs(wordings: Iterable[ParsedWording]) -> Iterator[tuple[int, int, float]]:
    """The pairs that are alike, by their places, each once, with their score. An undated wording
    may be alike to itself: two offices may print it.
    """
    found: defaultdict[int, list[int]] = defaultdict(list)
    seen: list[ParsedWording] = []
    for at, each in enumerate(wordings):
        seen.append(each)
        if each.day is None and (itself := similarity(each, each)):
            yield at, at, itself.score
        shared: Counter[int] = Counter()
        for number in lookup_keys(each):
            if number in found:
                shared.update(found[number])
        least = min_shared_keys(each, each)
        for other in sorted(other for other, times in shared.items() if times >= least):
            enough = shared[other] >= min_shared_keys(seen[other], each)
            if enough and (alike := similarity(seen[other], each)):
                yield other, at, alike.score
        for number in blocking_keys(each):
            found[number].append(at)
