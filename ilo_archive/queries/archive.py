"""`Archive`, the facade of all questions; other modules of this package answer them."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from ilo_archive.archive.decisions import all_decisions
from ilo_archive.capture import Position
from ilo_archive.identity.decisions import Decision
from ilo_archive.offices import PageSeries, Registry, registry
from ilo_archive.queries import (
    captures,
    cited,
    collection,
    counts,
    edits,
    emptiness,
    entries,
    entry_history,
    gone,
    health,
    history,
    missed,
    offices,
    pages,
    photo_credits,
    reasons,
    since,
    stored,
    word_changes,
)
from ilo_archive.queries.alarms import Alarm, find_alarms
from ilo_archive.queries.answers import (
    BadRow,
    Cited,
    Count,
    Coverage,
    Credited,
    CreditedInYear,
    Edit,
    EntrySummary,
    GoneEntry,
    Homepage,
    KnownCapture,
    OfficeHoldings,
    PrintedEntry,
    Reason,
    RecordRow,
    Statement,
    Status,
    StoredCapture,
    Story,
    WordChange,
)
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.queries.entries import Sort
from ilo_archive.queries.filters import Day, EntryFilter, Narrowing
from ilo_archive.queries.history import OfficeHistory, PageHistory
from ilo_archive.queries.layouts import LayoutPeriod, layout_periods
from ilo_archive.queries.missed import Gap
from ilo_archive.queries.pages import Which
from ilo_archive.queries.prominence import Prominence, prominence
from ilo_archive.queries.rows import Rows


class Archive:
    """An archive, opened for reading: `with Archive("data/archive.sqlite") as archive: ...`.

    Days are `datetime.date`, moments `datetime.datetime` in UTC. A day in a question may be a
    `date` or text, also partial: `2015`, `2015-04`, `2015-04-14`.

    Raises NoArchive if there is no file, ArchiveMismatch if it is not an archive or has another
    schema. Methods raise UnknownOffice, BadTimestamp, UnknownEntry and NoCapture. All of them are
    `IloArchiveError`.
    """

    def __init__(self, path: str | Path, offices: Registry | None = None) -> None:
        """`offices` is the registry that names the offices (default: the built-in one)."""
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
        self,
        office: str | None = None,
        *,
        as_of: Day | None = None,
        sort: Sort = "date",
        **narrow: Unpack[Narrowing],
    ) -> Rows[EntrySummary]:
        """Entries, by default the newest first, narrowed as `EntryFilter` says.

        With `as_of`, the entries of each page on its last good capture up to the end of that day,
        month or year, in page order; each is an EntryAsOf with the citation of that capture. Offset
        lists are left out. Raises BadTimestamp, UnknownOffice.
        """
        wanted = EntryFilter(office, **narrow)
        if as_of is None:
            return entries.newest_entries(self._file, wanted, sort)
        return Rows(entries.entries_as_of(self._file, wanted, as_of))

    def each_entry(
        self, office: str | None = None, **narrow: Unpack[Narrowing]
    ) -> Iterator[EntrySummary]:
        """Every entry of `entries`, the newest first, one after the other: for exports, which are
        larger than memory may be. Raises BadTimestamp, UnknownOffice.
        """
        return entries.each_entry(self._file, EntryFilter(office, **narrow))

    def search(
        self, query: str, *, office: str | None = None, **narrow: Unpack[Narrowing]
    ) -> Rows[EntrySummary]:
        """Entries of which some wording contains every word of the query, the best match first;
        where thousands do, the newest first.

        If there are thousands, newest first. `"two words"` is a phrase, `employ*` a prefix. Raises
        BadTimestamp, UnknownOffice.
        """
        return entries.search_entries(self._file, query, EntryFilter(office, **narrow))

    def edits(self, office: str | None = None, **narrow: Unpack[Narrowing]) -> Rows[Edit]:
        """Fields that a page words differently than on the capture before, the latest first.

        Entries are selected as by `entries`; with `office`, only its own pages count. Raises
        BadTimestamp, UnknownOffice.
        """
        return edits.find_edits(self._file, EntryFilter(office, **narrow))

    def gone(self, office: str | None = None, **narrow: Unpack[Narrowing]) -> Rows[GoneEntry]:
        """Entries that a later good capture of a page lacks, with both bounds, the latest first.

        Raises BadTimestamp, UnknownOffice.
        """
        return gone.gone_entries(self._file, EntryFilter(office, **narrow))

    def word_changes(
        self,
        query: str,
        direction: word_changes.Direction,
        *,
        office: str | None = None,
        **narrow: Unpack[Narrowing],
    ) -> Rows[WordChange]:
        """Where entries, names and descriptions with all these words came onto a page (`added`) or
        left it (`removed`), the latest first. `since` and `until` bound the later capture.

        Raises BadTimestamp, UnknownOffice.
        """
        wanted = EntryFilter(office, **narrow)
        return word_changes.find_word_changes(self._file, query, direction, wanted)

    def counts(
        self,
        by: counts.By,
        *,
        query: str | None = None,
        office: str | None = None,
        **narrow: Unpack[Narrowing],
    ) -> Rows[Count]:
        """Count entries, sightings and good captures by month, year, office, section or language.

        Raises BadTimestamp, UnknownOffice.
        """
        return counts.count(self._file, by, EntryFilter(office, **narrow), query)

    def check(self, office: str | None = None, **narrow: Unpack[Narrowing]) -> None:
        """Raise NoSuchValue for a section, language or period that no entry can have."""
        emptiness.check_filter(self._file, EntryFilter(office, **narrow))

    def story(self, entry_id: str) -> Story:
        """The full history of an entry, by its id, a former id or the id of a revision.

        Raises UnknownEntry.
        """
        return entry_history.story(self._file, entry_id)

    def cited(self, entry_id: str, as_of: Day | None = None) -> Cited:
        """What a reference to an entry needs: as the last capture shows it, with `as_of` the last
        by the end of that day, month or year; by the id of a revision, in that wording.

        Raises UnknownEntry, NoCapture, BadTimestamp.
        """
        return cited.cited_entry(self._file, entry_id, as_of)

    def cited_page(
        self, office: str, as_of: Day | None = None, language: str | None = None
    ) -> Cited:
        """What a reference to an office's page needs, on the last good capture or the last by the
        end of that day, month or year. Raises NoCapture, UnknownOffice, BadTimestamp.
        """
        return cited.cited_page(self._file, office, as_of, language)

    def cited_description(
        self, office: str, as_of: Day | None = None, language: str | None = None
    ) -> Cited:
        """The same for the description of the office on that capture."""
        return cited.cited_description(self._file, office, as_of, language)

    def cited_capture(self, name: str) -> Cited:
        """What a reference to a capture needs, by its id, its URI-M or the beginning of its id.

        Raises UnknownCapture.
        """
        return cited.cited_capture(self._file, name)

    def reasons(self, entry_id: str) -> list[Reason]:
        """The reasons why each sighting belongs to the entry, by time. Raises UnknownEntry."""
        return reasons.reasons(self._file, entry_id)

    def decisions(self) -> list[Decision]:
        """The decisions of researchers on identity, oldest first."""
        return all_decisions(self._file.connection)

    # -- pages and offices

    def homepage(self, office: str, when: Day, which: Which, language: str | None) -> Homepage:
        """The office's page on the good capture that `when` selects.

        `when` is `first`, `last` or a day, month or year. Of several captures in that time, `which`
        selects the earliest or latest; if there is none, the nearest capture counts. Raises
        NoCapture, UnknownOffice, BadTimestamp.
        """
        return pages.homepage(self._file, office, when, which, language)

    def captures(
        self,
        office: str | None = None,
        *,
        state: str | None = None,
        quality: str | None = None,
        since: Day | None = None,
        until: Day | None = None,
        limit: int | None = None,
    ) -> Rows[KnownCapture]:
        """The captures that are known, fetched or not, the latest first.

        Raises BadTimestamp, UnknownOffice.
        """
        narrow = {"state": state, "quality": quality}
        return captures.known_captures(
            self._file, office, since=since, until=until, limit=limit, **narrow
        )

    def page(self, office: str, as_of: Day, language: str | None = None) -> Homepage:
        """The office's page on the last good capture by the end of a day, month or year.

        Raises NoCapture, UnknownOffice, BadTimestamp.
        """
        return pages.page_as_of(self._file, office, as_of, language)

    def last_two(self, office: str, language: str | None) -> tuple[Homepage, Homepage]:
        """The last two good captures of an office. Raises NoCapture, UnknownOffice."""
        return pages.last_two(self._file, office, language)

    def between(self, first: Homepage, last: Homepage) -> tuple[int, int]:
        """Count the good captures of the page between two, in either order, and the entries that
        only these captures show.
        """
        return pages.between(self._file, first, last)

    def profile(self, office: str, language: str | None = None) -> Rows[Statement]:
        """The names and descriptions of an office through time. Raises UnknownOffice."""
        return offices.profile(self._file, office, language)

    def layouts(self, office: str, language: str | None = None) -> Rows[LayoutPeriod]:
        """The layouts of each page of an office by time. Raises UnknownOffice."""
        return Rows(each for page in self._pages(office, language) for each in layout_periods(page))

    def prominence(self, office: str, language: str | None = None) -> Rows[Prominence]:
        """How long entries stood on the first places of each page of an office, and who moved above
        whom. Raises UnknownOffice.
        """
        return Rows(each for page in self._pages(office, language) for each in prominence(page))

    def _pages(self, office: str, language: str | None) -> list[PageHistory]:
        pages = history.office_history(self._file, office).pages
        return [each for each in pages if each.good and language in (None, each.language)]

    def credits(
        self, name: str | None = None, *, office: str | None = None, language: str | None = None
    ) -> Rows[Credited]:
        """Who is credited, by name; with `name` those of whose holder some spelling, or whose
        agency, contains it. Raises UnknownOffice.
        """
        return photo_credits.credits_of(self._file, name, office, language)

    def credits_by_year(
        self, name: str | None = None, *, office: str | None = None, language: str | None = None
    ) -> Rows[CreditedInYear]:
        """The same, counted by the year of the entries' own dates. Raises UnknownOffice."""
        return photo_credits.credits_by_year(self._file, name, office, language)

    def coverage(self, office: str, language: str | None = None) -> Rows[Coverage]:
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

    def changes_since(self, when: str, office: str | None = None) -> since.Since:
        """What the captures recorded since a day, month or year, or by the last run
        (`last-run`), brought, over all offices or one.

        Raises NoCapture, BadTimestamp, UnknownOffice.
        """
        return since.changes_since(self._file, when, office)

    def probably_missed(self, series: PageSeries) -> list[Gap]:
        """The gaps between the good captures of a page, each with a range of how many entries
        probably came and went in it.
        """
        return missed.probably_missed(self._file, series)

    # -- the archive itself

    def collection(self) -> collection.Collection:
        """What the archive consists of: sources, offices, outcomes of captures, gaps."""
        return collection.collection(self._file)

    def offices(self) -> Rows[OfficeHoldings]:
        """Every office of the registry and of the archive, by slug."""
        return offices.holdings(self._file)

    def status(self, runs: int = 5) -> Status:
        """The last runs, the holdings of each office, numbers of captures by state and by reason,
        and the time of the last `verify`.
        """
        return health.status(self._file, runs)

    def alarms(self, now: datetime.datetime) -> list[Alarm]:
        """What needs attention, as far as the database knows; `now` is an aware time."""
        return [*find_alarms(self._file, now)]

    def kept_captures(self, office: str | None = None) -> list[int]:
        """The row ids of captures whose bytes are stored, by time. Raises UnknownOffice."""
        return stored.kept_captures(self._file, office)

    def stored_capture(self, number: int) -> StoredCapture:
        """A stored capture, by its row id, with what was read from it."""
        return stored.stored_capture(self._file, number)

    def record_rows(self) -> Iterator[RecordRow | BadRow]:
        """Yield the rows of stored captures by time, and those that cannot be read."""
        return stored.record_rows(self._file)

    def number_of(self, capture_id: str) -> int | None:
        """The number of a capture whose bytes are kept, None for any other."""
        return cited.kept_number(self._file, capture_id)

    def printed_entries(self, capture_id: str) -> list[PrintedEntry]:
        """The entries of a capture as it prints them, in the order of the page."""
        return pages.printed_entries(self._file, capture_id)

    def recorded_ranges(self) -> dict[str, list[tuple[int, int]]]:
        """For each file of the store the offsets of every recorded capture and behind it."""
        return stored.recorded_ranges(self._file)

    def recorded_positions(self) -> list[Position]:
        """The records of captures that are not known to be lost, in store order."""
        return stored.recorded_positions(self._file)

    def known_ends(self) -> dict[str, int]:
        """For each file of the store the offset behind the last record that the archive knows."""
        return stored.known_ends(self._file)

    def whole_keys(self) -> set[str]:
        """The keys of the captures whose bytes are stored and not known to be lost."""
        return stored.whole_keys(self._file)

    def first_position_of(self, payload_digest: str) -> Position | None:
        """The position at which these bytes were first stored, for any address; None if never."""
        return stored.first_position_of(self._file, payload_digest)
