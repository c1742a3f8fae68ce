"""Where a page changed, found in a long series of captures with few of them fetched.

Halving: of two captures that differ, the one in the middle tells on which side the change lies.
So a change costs about log2(n) fetches in a series of n captures, and a stretch whose two ends are
alike costs none. That is also the limit of it: what changed and was taken back between two
captures that are alike is not seen.
"""

from collections.abc import Generator, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Change:
    """Two captures of a series, by number, that differ; what lies between them shows no page."""

    before: int
    after: int


Contents = Mapping[int, Hashable | None]
"""What captures show, by number; None for a capture that shows no page or cannot be had."""


def find_changes(
    digests: Sequence[str], known: Contents | None = None
) -> Generator[list[int], Contents, list[Change]]:
    """Find the changes in a series of captures in the order of time.

    A coroutine without input or output of its own: it yields the numbers of captures that are
    wanted next, is sent what each of them shows, and returns the changes. The numbers of one turn
    do not depend on each other and may be fetched together; what is not sent counts as None.

    `digests` are those of the listing, empty where it gives none; captures of one digest are
    alike, and one of them is fetched. `known` is what is known already. No more captures are
    wanted than 2, and ceil(log2(n)) for each change, and one for each that shows no page.
    """
    series = _Series(digests)
    series.learn(known or {})
    while wanted := series.wanted():
        contents = yield wanted
        series.learn({number: contents.get(number) for number in wanted})
    return [Change(*pair) for pair in series.differing()]


class _Series:
    """What is known of each capture."""

    def __init__(self, digests: Sequence[str]) -> None:
        self._keys: list[str | int] = [each or number for number, each in enumerate(digests)]
        self._contents: dict[str | int, Hashable] = {}
        self._without: set[int] = set()  # one that cannot be had says nothing of its digest

    def learn(self, contents: Contents) -> None:
        """Enter what captures show."""
        for number, content in contents.items():
            if content is None:
                self._without.add(number)
            else:
                self._contents[self._keys[number]] = content

    def wanted(self) -> list[int]:
        """The captures that tell most: both ends, and the middle of each stretch that differs."""
        unknown = [number for number in range(len(self._keys)) if self._is_unknown(number)]
        numbers = [*self._ends(unknown), *self._middles(unknown)]
        return [*{self._keys[number]: number for number in numbers}.values()]

    def differing(self) -> Iterator[tuple[int, int]]:
        """Neighbours among the captures whose content is known that do not show the same."""
        shown = [number for number, key in enumerate(self._keys) if key in self._contents]
        for before, after in pairwise(shown):
            if self._content(before) != self._content(after):
                yield before, after

    def _content(self, number: int) -> Hashable:
        return self._contents[self._keys[number]]

    def _is_unknown(self, number: int) -> bool:
        return self._keys[number] not in self._contents and number not in self._without

    def _ends(self, unknown: Sequence[int]) -> list[int]:
        """The first and the last of the unknown, where nothing known lies beyond them."""
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
