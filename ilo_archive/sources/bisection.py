"""Find the changes in a long series of captures with few fetches, by binary search.

The capture midway between two different ones shows which half contains the change. So a change
costs about log2(n) fetches in a series of n captures, and a stretch whose ends are equal costs
none. The limit of the method: a change that was undone between two equal captures is not seen.
"""

from collections.abc import Generator, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Change:
    """Two captures of a series, by index, that differ. Those in between show no page."""

    before: int
    after: int


Contents = Mapping[int, Hashable | None]
"""What captures show, by index; None for one that shows no page or cannot be fetched."""


def find_changes(
    digests: Sequence[str], known: Contents | None = None
) -> Generator[list[int], Contents, list[Change]]:
    """Find the changes in a series of captures, ordered by time.

    Generator protocol: yields lists of indexes of captures to fetch; send() it what each of them
    shows (a missing one counts as None); it returns the changes. The captures of one list can be
    fetched together.

    `digests` are those of the listing, empty where unknown. Of captures with equal digests one is
    fetched. `known` is what is already known. At most 2 captures are requested, plus ceil(log2(n))
    for each change and one for each capture that shows no page.
    """
    series = _Series(digests)
    series.learn(known or {})
    while wanted := series.wanted():
        contents = yield wanted
        series.learn({number: contents.get(number) for number in wanted})
    return [Change(*pair) for pair in series.differing()]


class _Series:
    """The known content of the captures of a series."""

    def __init__(self, digests: Sequence[str]) -> None:
        self._keys: list[str | int] = [each or number for number, each in enumerate(digests)]
        self._contents: dict[str | int, Hashable] = {}
        self._unusable: set[int] = set()  # by index, not by digest: an equal capture may be usable

    def learn(self, contents: Contents) -> None:
        """Note what captures show."""
        for number, content in contents.items():
            if content is None:
                self._unusable.add(number)
            else:
                self._contents[self._keys[number]] = content

    def wanted(self) -> list[int]:
        """The captures to fetch next: both ends, and the middle of each stretch whose
        ends differ.
        """
        unknown = [number for number in range(len(self._keys)) if self._is_unknown(number)]
        numbers = [*self._ends(unknown), *self._middles(unknown)]
        return [*{self._keys[number]: number for number in numbers}.values()]

    def differing(self) -> Iterator[tuple[int, int]]:
        """Yield pairs of captures that differ, with no known content in between."""
        shown = [number for number, key in enumerate(self._keys) if key in self._contents]
        for before, after in pairwise(shown):
            if self._content(before) != self._content(after):
                yield before, after

    def _content(self, number: int) -> Hashable:
        return self._contents[self._keys[number]]

    def _is_unknown(self, number: int) -> bool:
        return self._keys[number] not in self._contents and number not in self._unusable

    def _ends(self, unknown: Sequence[int]) -> list[int]:
        """The first and the last unknown capture, if no known one lies beyond them."""
        shown = [number for number, key in enumerate(self._keys) if key in self._contents]
        if not unknown:
            return []
        first = unknown[:1] if not shown or unknown[0] < shown[0] else []
        last = unknown[-1:] if not shown or unknown[-1] > shown[-1] else []
        return [*first, *last]

    def _middles(self, unknown: Sequence[int]) -> Iterator[int]:
        for before, after in self.differing():
            between = [number for number in unknown if before < number < after]
            if between:
                yield between[len(between) // 2]
