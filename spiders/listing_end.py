"""Decide when a listing ends: archives repeat pages, refuse their own keys, or never stop."""

from collections.abc import Hashable, Iterable

from ilo_archive.archive.listings import BrokenOff

MOST_PAGES = 500
"""Pages of one listing that are read."""

_MOST_IN_VAIN = 3  # pages in a row without a new row; a page of rows out of the period may be one

EXPLANATIONS = {
    BrokenOff.KEY_REFUSED: "the archive twice refused the key that it gave for the next page",
    BrokenOff.REPEATED: "its pages repeat",
    BrokenOff.TOO_LONG: "it has more pages or rows than are read: narrow --from and --to",
}
"""What is printed about a listing that was ended early."""


class ListingEnd:
    """Follows one listing page by page, over a restart too."""

    def __init__(self) -> None:
        """Begin before the first page."""
        self._keys: set[str] = set()
        self._rows: set[int] = set()  # hashes: a listing may have a million rows
        self._pages = 0
        self._in_vain = 0
        self._refused = 0

    def refuse_key(self) -> BrokenOff | None:
        """Count a refused key. Returns the reason to end, None if a restart is worth a try."""
        self._refused += 1
        if self._refused > 1:
            return BrokenOff.KEY_REFUSED
        self._keys.clear()
        self._rows.clear()
        return None

    def add(self, rows: Iterable[Hashable]) -> int:
        """Count a page. Returns how many of its rows earlier pages had."""
        hashes = {hash(each) for each in rows}
        repeats = len(hashes & self._rows)
        self._in_vain = 0 if len(hashes) > repeats else self._in_vain + 1
        self._rows |= hashes
        self._pages += 1
        return repeats

    def before(self, key: str) -> BrokenOff | None:
        """The reason to end before the page of this key, None to go on."""
        if key in self._keys or self._in_vain >= _MOST_IN_VAIN:
            return BrokenOff.REPEATED
        if self._pages >= MOST_PAGES:
            return BrokenOff.TOO_LONG
        self._keys.add(key)
        return None
