"""What is being recorded: the captures of a batch and the entries of their pages."""

from dataclasses import dataclass
from typing import Any

from ilo_archive.identity.keys import EntryKeys
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.page import Section
from ilo_archive.reader.snapshot import Snapshot


@dataclass(slots=True)
class PageEntry:
    """An entry of a page being recorded, with its keys and its row of `wording`."""

    section: Section
    entry: Entry
    keys: EntryKeys
    wording: dict[str, Any]
    wording_id: int = 0
    reading_id: int = 0


@dataclass(frozen=True, slots=True)
class BatchCapture:
    """A capture of a batch: its row id, its snapshot, and the entries of its page in their order
    (none without a page).
    """

    id: int
    snapshot: Snapshot
    entries: list[PageEntry]
