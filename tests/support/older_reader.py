"""The command line with an older, worse reader: `python -m tests.support.older_reader ARGUMENTS`.

It misses what stands below the fourth entry of a list, headings, the description, a summary and a
link. Titles are in capitals, which is the same wording in another print.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ilo_archive.archive.captures
import ilo_archive.reader.snapshot
from ilo_archive.cli import main
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.page import Page, Section, read_page

VERSION = 0


def read_less(*arguments: Any, **options: Any) -> Page:
    """What the older reader makes of a page."""
    page = read_page(*arguments, **options)
    sections = tuple(replace(each, heading=None, entries=_worse(each)) for each in page.sections)
    return replace(page, description=None, sections=sections)


def _worse(section: Section) -> tuple[Entry, ...]:
    return tuple(
        replace(
            entry,
            title=entry.title and entry.title.upper(),
            summary=None if entry.position == 2 else entry.summary,
            link=None if entry.position == 1 else entry.link,
        )
        for entry in section.entries[:4]
    )


if __name__ == "__main__":
    ilo_archive.reader.snapshot.read_page = read_less  # type: ignore[attr-defined]
    ilo_archive.archive.captures.READER_VERSION = VERSION  # type: ignore[attr-defined]
    main()
