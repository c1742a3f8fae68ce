"""Records and lists of records: what repeats on a page."""

from collections.abc import Sequence
from typing import NamedTuple

from ilo_archive.reader.html.lines import Line, Lines


class Record(NamedTuple):
    """The lines of one entry, with its images and the addresses of its links.

    `root` is the element that they are in, -1 where they have none of their own; `carried` is
    the line with the date that stands once for several records.
    """

    lines: tuple[Line, ...]
    root: int = -1
    images: tuple[int, ...] = ()
    hrefs: tuple[str, ...] = ()
    carried: Line | None = None

    @property
    def first(self) -> int:
        """The number of the first text, which gives the order of reading."""
        return self.lines[0].first

    @property
    def last(self) -> int:
        """The number of the first text of the last line."""
        return self.lines[-1].first


class Listing(NamedTuple):
    """A list: the element around it and its records in reading order."""

    parent: int
    records: tuple[Record, ...]


def record_of(root: int, found: Lines, carried: Line | None = None) -> Record:
    """An element as a record."""
    return Record(found.lines, root, found.images, found.hrefs, carried)


def joined(records: Sequence[Record]) -> Record:
    """Elements that stand beside each other as one record."""
    first = records[0]
    return Record(
        tuple([line for each in records for line in each.lines]),
        first.root,
        tuple([image for each in records for image in each.images]),
        tuple([href for each in records for href in each.hrefs]),
        first.carried,
    )


def sample(count: int, most: int = 12) -> list[int]:
    """Numbers below `count`, the first and last with others evenly between, `most` of them."""
    if count <= most:
        return list(range(count))
    return sorted({round(at * (count - 1) / (most - 1)) for at in range(most)})
