"""Find pairs of wordings that are worth comparing, by blocking keys (a term of record linkage)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from zlib import crc32

from ilo_archive.identity.similarity import FARTHEST, similarity
from ilo_archive.identity.wording import ParsedWording

# A blocking key is a long word of the title or summary together with a block of days. Looking up
# six keys costs less than comparing a wording with all others of its days, and the cost does not
# grow with the number of entries a day.
_BLOCK = FARTHEST + 1  # days


def blocking_keys(wording: ParsedWording) -> list[int]:
    """The keys under which a wording is stored."""
    block = _UNDATED if wording.day is None else wording.day // _BLOCK
    return [crc32(stem, block) for stem in wording.stems]


def lookup_keys(wording: ParsedWording) -> list[int]:
    """The keys under which similar wordings may be stored."""
    if wording.day is None:
        return blocking_keys(wording)
    first, last = (wording.day - FARTHEST) // _BLOCK, (wording.day + FARTHEST) // _BLOCK
    return [crc32(stem, block) for block in range(first, last + 1) for stem in wording.stems]


_UNDATED = 0  # the block of undated wordings: 0 is before the first possible date


def min_shared_keys(first: ParsedWording, second: ParsedWording) -> int:
    """The number of keys that two wordings share at least if they are similar.

    An edit changes one word and leaves the others; a single common key is mostly that of a topic.
    """
    return 2 if max(len(first.stems), len(second.stems)) > 2 else 1


def similar_pairs(wordings: Iterable[ParsedWording]) -> Iterator[tuple[int, int, float]]:
    """Yield the index pairs of similar wordings with their scores (0 to 100), each pair once.

    An undated wording may form a pair with itself: two offices may print it.
    """
    by_key: defaultdict[int, list[int]] = defaultdict(list)
    seen: list[ParsedWording] = []
    for index, wording in enumerate(wordings):
        seen.append(wording)
        if wording.day is None and (itself := similarity(wording, wording)):
            yield index, index, itself.score
        shared: Counter[int] = Counter()
        for key in lookup_keys(wording):
            if key in by_key:
                shared.update(by_key[key])
        required = min_shared_keys(wording, wording)
        for other in sorted(other for other, times in shared.items() if times >= required):
            is_candidate = shared[other] >= min_shared_keys(seen[other], wording)
            if is_candidate and (result := similarity(seen[other], wording)):
                yield other, index, result.score
        for key in blocking_keys(wording):
            by_key[key].append(index)
