"""Records and lists of records: what repeats on a page."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ilo_archive.reader.html.line_plans import Plan
from ilo_archive.reader.html.lines import Line, LineReader, Lines


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One entry: an element, or lines that have none of their own (`own`, then `root` may be -1).

    `carried` is the line with the date that stands once for several records.
    """

    reader: LineReader
    root: int = -1
    own: Lines | None = None
    carried: Line | None = None

    @property
    def said(self) -> Lines:
        """What the record says, read when it is asked for."""
        return self.reader.lines(self.root) if self.own is None else self.own

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the record."""
        return self.said.lines

    @property
    def plan(self) -> Plan | None:
        """The plan that the record shares with others of its shape, None for loose lines."""
        return self.reader.plan(self.root) if self.own is None else None

    @property
    def first(self) -> int:
        """The number of its first text, which gives the order of reading."""
        return 2 * self.root if self.own is None else self.own.lines[0].first

    @property
    def last(self) -> int:
        """The number of its last text."""
        last = 2 * self.reader.markup.end(self.root) - 1 if self.root >= 0 else 0
        return last if self.own is None else max(last, self.own.lines[-1].last)

    def under(self, line: Line | None) -> "Record":
        """The record with the date of a line above it."""
        return replace(self, carried=line)


class RecordList(NamedTuple):
    """A list: the element around it and its records in reading order."""

    parent: int
    records: tuple[Record, ...]


def joined(records: Sequence[Record]) -> Record:
    """Elements that stand beside each other as one record."""
    first = records[0]
    said = [record.said for record in records]
    own = Lines(
        tuple([line for each in said for line in each.lines]),
        tuple([image for each in said for image in each.images]),
        tuple([href for each in said for href in each.hrefs]),
    )
    return Record(first.reader, first.root, own, first.carried)


def sample(count: int, most: int = 12) -> list[int]:
    """Numbers below `count`, the first and last with others evenly between, `most` of them."""
    if count <= most:
        return list(range(count))
    return sorted({round(at * (count - 1) / (most - 1)) for at in range(most)})


class Covered:
    """The ranges of texts that records cover."""

    def __init__(self, records: Iterable[Record]) -> None:
        ranges = sorted((record.first, record.last + 1) for record in records)
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in ranges:
            if self._ends and start < self._ends[-1]:
                self._ends[-1] = max(end, self._ends[-1])
            else:
                self._starts.append(start)
                self._ends.append(end)

    def has(self, slot: int) -> bool:
        """Whether a record covers a text."""
        at = bisect_right(self._starts, slot) - 1
        return at >= 0 and slot < self._ends[at]
