"""What the readers of HTML and of text hand to `page`."""

from typing import NamedTuple

from ilo_archive.reader.entry import Section


class Reading(NamedTuple):
    """The parts of a page; `said` is all its text, from which the language shows, `printed_in`
    the language that its dates show.
    """

    template: str
    office: str | None
    description: str | None
    sections: tuple[Section, ...]
    warnings: tuple[str, ...]
    said: str
    printed_in: str | None = None
