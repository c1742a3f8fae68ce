"""`Archive`: every question to an archive, each a line over the module that answers it."""

from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from ilo_archive.archive.decisions import all_decisions
from ilo_archive.capture import Position
from ilo_archive.identity.decisions import Decision
from ilo_archive.offices import PageSeries, Registry, registry
from ilo_archive.queries import (
    cited,
    edits,
    entries,
    health,
    history,
    missed,
    offices,
    pages,
    reasons,
    stored,
    stories,
)
from ilo_archive.queries.answers import (
    Cited,
    Coverage,
    Credited,
    Edit,
    EntrySummary,
    Homepage,
    OfficeHoldings,
    Reason,
    Statement,
    Status,
    StoredCapture,
    Story,
)
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.queries.filters import Day, EntryFilter, Narrowing
from ilo_archive.queries.history import OfficeHistory
from ilo_archive.queries.missed import Gap
from ilo_archive.queries.pages import Which


class Archive:
    """An archive, opened for reading: `with Archive("data/archive.sqlite") as archive: ...`.

    Days are `datetime.date`, moments `datetime.datetime` in UTC. Where a day is asked for it may
    be a `date`, or text that is partial: `2015`, `2015-04`, `2015-04-14`.

    Raises NoArchive where there is no file, ArchiveMismatch where it is not an archive or has
    another schema. Methods raise UnknownOffice, BadTimestamp, UnknownEntry and NoCapture, all of
    them `IloArchiveError`.
    """

    def __init__(self, path: str | Path, offices: Registry | None = None) -> None:
        """`offices` is the registry to name offices by, the built-in one by default."""
        self.path = Path(path)
        self.registry = offices or registry()
        self._file = ReadOnlyArchive(self.path, self.registry)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    # -- entries

    def entries(
        self, office: str | None = None, *, as_of: Day | None = None, **narrow: Unpack[Narrowing]
    ) -> list[EntrySummary]:
        """Entries, the newest first, narrowed as `EntryFilter` says.

        With `as_of` each page as the last good capture up to the end of that day, month or year
        shows it, in the order of the page: each entry is an EntryAsOf, with the citation of that
        capture. Offset lists are left out. Raises BadTimestamp, UnknownOffice.
        """
        wanted = EntryFilter(office, **narrow)
        if as_of is None:
            return entries.newest_entries(self._file, wanted)
        return [*entries.entries_as_of(self._file, wanted, as_of)]

    def search(
        self, query: str, *, office: str | None = None, **narrow: Unpack[Narrowing]
    ) -> list[EntrySummary]:
        """Entries of which some wording contains every word of the query, the best match first;
        where thousands do, the newest first.

        `"two words"` is a phrase, `employ*` a prefix. Raises BadTimestamp, UnknownOffice.
        """
        return entries.search_entries(self._file, query, EntryFilter(office, **narrow))

    def edits(self, office: str | None = None, **narrow: Unpack[Narrowing]) -> list[Edit]:
        """Fields that a page words differently than on the capture before, the latest first.

        Entries are narrowed as by `entries`; with `office` only its own pages count. Raises
        BadTimestamp, UnknownOffice.
        """
        return edits.find_edits(self._file, EntryFilter(office, **narrow))

    def story(self, entry_id: str) -> Story:
        """All that is known of an entry, by any name it ever had or the id of a revision.

        Raises UnknownEntry.
        """
        return stories.story(self._file, entry_id)

    def cited(self, entry_id: str) -> Cited:
        """What a reference to an entry needs, in its latest wording or, by the id of a revision,
        in that one. Raises UnknownEntry.
        """
        return cited.cited(self._file, entry_id)

    def reasons(self, entry_id: str) -> list[Reason]:
        """Why each sighting is one of the entry, by time. Raises UnknownEntry."""
        return reasons.reasons(self._file, entry_id)

    def decisions(self) -> list[Decision]:
        """What researchers decided on identity, the oldest first."""
        return all_decisions(self._file.connection)

    # -- pages and offices

    def homepage(self, office: str, when: Day, which: Which, language: str | None) -> Homepage:
        """The office's page on the good capture that `when` means.

        `when` is `first`, `last`, or a date that may be partial: of the captures in that day,
        month or year the earliest or latest, as `which` says; where there is none, the nearest.
        Raises NoCapture, UnknownOffice, BadTimestamp.
        """
        return pages.homepage(self._file, office, when, which, language)

    def page(self, office: str, as_of: Day, language: str | None = None) -> Homepage:
        """The office's page on the last good capture made by the end of that day, month or year,
        with what is needed to cite it. Raises NoCapture, UnknownOffice, BadTimestamp.
        """
        return pages.page_as_of(self._file, office, as_of, language)

    def last_two(self, office: str, language: str | None) -> tuple[Homepage, Homepage]:
        """The last two good captures of an office. Raises NoCapture, UnknownOffice."""
        return pages.last_two(self._file, office, language)

    def between(self, first: Homepage, last: Homepage) -> tuple[int, int]:
        """Count the good captures of the page between two, in either order, and the entries that
        only these show.
        """
        return pages.between(self._file, first, last)

    def profile(self, office: str, language: str | None = None) -> list[Statement]:
        """The names and descriptions of an office through time. Raises UnknownOffice."""
        return offices.profile(self._file, office, language)

    def credits(self, name: str | None = None) -> list[Credited]:
        """Who is credited, by name; with `name` those of whose holder some form, or whose agency,
        contains it.
        """
        return offices.credits_of(self._file, name)

    def coverage(self, office: str, language: str | None = None) -> list[Coverage]:
        """What became of the captures of each page of an office, month by month.

        Raises UnknownOffice, NoCapture.
        """
        return offices.coverage(self._file, office, language)

    def history(self, office: str) -> OfficeHistory:
        """Every capture of an office, and what the good ones show. Raises UnknownOffice."""
        return history.office_history(self._file, office)

    def pages_between(self, first: Homepage, last: Homepage) -> list[Homepage]:
        """The good captures of a page between two, in either order, with their entries."""
        return history.pages_between(self._file, first, last)

    def probably_missed(self, series: PageSeries) -> list[Gap]:
        """The gaps between the good captures of a page, each with a range of how many entries
        probably came and went in it.
        """
        return missed.probably_missed(self._file, series)

    # -- the archive itself

    def offices(self) -> list[OfficeHoldings]:
        """Every office of the registry and of the archive, by slug."""
        return offices.holdings(self._file)

    def status(self, runs: int = 5) -> Status:
        """The last runs, the holdings of each office, and captures by state and by reason."""
        return health.status(self._file, runs)

    def kept_captures(self, office: str | None = None) -> list[int]:
        """The numbers of the captures whose bytes are kept, by time. Raises UnknownOffice."""
        return stored.kept_captures(self._file, office)

    def stored_capture(self, number: int) -> StoredCapture:
        """A kept capture, by its number, with its reading as it was recorded."""
        return stored.stored_capture(self._file, number)

    def last_recorded_byte(self) -> tuple[str, int]:
        """The last file of the store that the archive knows, and the first byte after the last
        record of a capture in it.
        """
        return stored.last_recorded_byte(self._file)

    def first_position_of(self, payload_digest: str) -> Position | None:
        """Where these bytes were kept first, under whatever address; None where they were not."""
        return stored.first_position_of(self._file, payload_digest)
