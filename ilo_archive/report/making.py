"""How a report was made, and where its pages lie."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ilo_archive.text.prose_dates import day_in_words


@dataclass(frozen=True, slots=True)
class Making:
    """The time of making, and the version of the program."""

    at: datetime
    version: str

    @property
    def day(self) -> str:
        """`28 November 2026`."""
        return day_in_words(self.at.date())


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses as seen from a page; None or missing where there is no such page. `steps` has the
    address of the step that leads to a capture, by the capture's id. `warc_folder` is the store.
    """

    index: str | None = None
    office: str = ""
    steps: Mapping[str, str] = field(default_factory=dict)
    step_pages: tuple[tuple[str, str], ...] = ()
    warc_folder: str | None = None
