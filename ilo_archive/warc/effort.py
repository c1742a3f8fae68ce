"""Bound the work that a file may cost without yielding a record."""

_FREE = 512 * 2**20
_FOR_EACH_BYTE = 4

BOMB = 2**28
"""Bytes; so many, or USUAL_RATIO for each compressed one, may be inflated that are no record."""
USUAL_RATIO = 50
"""Homepages are compressed to a fifth, images hardly, runs of one byte to a thousandth."""

FAILED_CANDIDATE = 2**12
"""Work on a gzip or zstd header that begins no record."""
EMPTY_MEMBER = 2**12
"""Work on a gzip member or zstd frame that contains nothing."""
ZIP_ENTRY = 2**13
"""Work on a line of the table of contents of a zip file."""
LOST_RECORD = 2**15
"""Work on a record that cannot be read."""


class Exhausted(Exception):
    """A file costs more work than its size justifies; the text is the message."""


class Effort:
    """What work is left for one file, in bytes that could have been inflated or hashed instead.

    Whole records cost nothing: only searching, reading again and inflating what is no record count.
    An allowance of 512 MB and four times the size takes about a second. A damaged file needs a
    small part of that; a decompression bomb needs more.
    """

    def __init__(self, size: int) -> None:
        """`size` is that of the file in bytes."""
        self._left = _FREE + _FOR_EACH_BYTE * size

    def spend(self, amount: int) -> None:
        """Count work. Raises Exhausted when nothing is left."""
        self._left -= amount
        if self._left < 0:
            raise Exhausted(
                "too much of it is damaged or a decompression bomb: the rest was not read"
            )
