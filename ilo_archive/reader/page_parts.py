"""What the readers of HTML and of text hand to `page`."""

from typing import NamedTuple

from ilo_archive.reader.entry import Section


class PageParts(NamedTuple):
    """The parts of a page; `said` is all its text, from which the language shows, `printed_in`
    the language that its dates show. `ends_in_entry`: the page ends within its last entry, whose
    words may therefore be cut.
    """

    template: str
    office: str | None
    description: str | None
    sections: tuple[Section, ...]
    warnings: tuple[str, ...]
    said: str
    printed_in: str | None = None
    ends_in_entry: bool = False
