"""The history of an office: every capture of its pages, and what the good ones show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from sqlalchemy import RowMapping

from ilo_archive.offices import is_offset_list
from ilo_archive.queries.answers import Edit, Homepage, PrintedEntry
from ilo_archive.queries.capture_kinds import CaptureKind, capture_kind
from ilo_archive.queries.connection import ReadOnlyArchive, typed
from ilo_archive.queries.edits import find_edits
from ilo_archive.queries.entries import PRINTED_COLUMNS
from ilo_archive.queries.filters import EntryFilter
from ilo_archive.times import Precision


@dataclass(frozen=True, slots=True)
class HeldCapture:
    """A capture that is known, whatever came of it. `template` is the layout that was read;
    `warc_file` and `warc_offset` are where its record is kept, None where it was not fetched.
    """

    capture_id: str
    page: str
    language: str | None
    url: str
    captured_at: datetime
    precision: Precision
    archive: str
    uri_m: str | None
    kind: CaptureKind
    reason: str | None
    template: str | None
    warc_file: str | None
    warc_offset: int | None

    @property
    def is_good(self) -> bool:
        """Whether it shows the page."""
        return self.kind == "good"


@dataclass(frozen=True, slots=True)
class PageHistory:
    """The captures of one page by time; `good` are those that show it, with their entries."""

    office: str
    language: str | None
    page: str
    captures: tuple[HeldCapture, ...]
    good: tuple[Homepage, ...]

    @property
    def good_captures(self) -> tuple[HeldCapture, ...]:
        """The captures of `good`, in the same order."""
        return tuple(each for each in self.captures if each.is_good)

    @property
    def absence_counts(self) -> bool:
        """Whether a good capture without an entry proves that it was not there."""
        return not is_offset_list(self.page)


@dataclass(frozen=True, slots=True)
class OfficeHistory:
    """All pages of an office, the first language of the registry first, and the edits on them.

    `name` is that of the registry. `holders` has for a photo credit as printed the people that
    it names, each in the fullest form of the name.
    """

    slug: str
    name: str
    pages: tuple[PageHistory, ...]
    edits: tuple[Edit, ...]
    holders: Mapping[str, tuple[str, ...]]

    @property
    def captures(self) -> list[HeldCapture]:
        """The captures of all pages by time."""
        found = [each for page in self.pages for each in page.captures]
        return sorted(found, key=lambda each: (each.captured_at, each.capture_id))


def office_history(archive: ReadOnlyArchive, office: str) -> OfficeHistory:
    """All pages of an office; none where the archive has no capture of it. Raises UnknownOffice."""
    archive.check_office(office)
    known = archive.registry.offices.get(office)
    languages = known.languages if known else ()
    pages = sorted(_pages(archive, office), key=lambda page: _rank(page, languages))
    holders: dict[str, tuple[str, ...]] = {}
    for row in archive.rows(_HOLDERS, {"office": office}):
        holders[row["credited"]] = (*holders.get(row["credited"], ()), row["shown"])
    return OfficeHistory(
        office,
        known.name if known else office,
        tuple(pages),
        tuple(find_edits(archive, EntryFilter(office))),
        holders,
    )


def pages_between(archive: ReadOnlyArchive, first: Homepage, last: Homepage) -> list[Homepage]:
    """The good captures of the page between two, in either order, with their entries."""
    start, end = sorted((first.captured_at, last.captured_at))
    values = {"page": first.page, "start": start, "end": end}
    where = "capture.page = :page AND capture.captured_at > :start AND capture.captured_at < :end"
    return _good_pages(archive, where, values)


def _pages(archive: ReadOnlyArchive, office: str) -> Iterator[PageHistory]:
    values, where = {"office": office}, "capture.office = :office"
    good: dict[str, list[Homepage]] = {}
    for each in _good_pages(archive, where, values):
        good.setdefault(each.page, []).append(each)
    rows = archive.rows(_CAPTURES, values)
    for page, same in groupby(rows, key=lambda row: str(row["page"])):
        captures = tuple(_held(row) for row in same)
        yield PageHistory(office, _language(captures), page, captures, tuple(good.get(page, ())))


def _held(row: RowMapping) -> HeldCapture:
    values = dict(row)
    kind = capture_kind(values.pop("state"), values.pop("failure"), values.pop("quality"))
    return typed(HeldCapture, values | {"kind": kind})


def _language(captures: Sequence[HeldCapture]) -> str | None:
    """The language of the last good capture, else of any."""
    spoken = [each.language for each in captures if each.is_good and each.language]
    spoken = spoken or [each.language for each in captures if each.language]
    return spoken[-1] if spoken else None


def _rank(page: PageHistory, languages: Sequence[str]) -> tuple[bool, bool, int, datetime, str]:
    """Homepages come before lists, those of the registry first, in its order of languages."""
    is_home = page.page == f"{page.office}/{page.language}"
    place = [*languages, page.language].index(page.language)
    first = page.captures[0].captured_at
    return not page.absence_counts, not is_home, place, first, page.page


def _good_pages(
    archive: ReadOnlyArchive, where: str, values: Mapping[str, object]
) -> list[Homepage]:
    """Good captures by page and time, each with its entries as it prints them."""
    rows = archive.rows(_ENTRIES.format(where=where), values)
    by_capture = groupby(rows, key=lambda row: str(row["capture_id"]))
    entries = {capture: tuple(map(_entry, same)) for capture, same in by_capture}
    pages = archive.all(Homepage, _GOOD.format(where=where), values)
    return [replace(each, entries=entries.get(each.capture_id, ())) for each in pages]


def _entry(row: RowMapping) -> PrintedEntry:
    values = dict(row)
    del values["capture_id"]
    return typed(PrintedEntry, values)


_CAPTURES = """
SELECT capture.key AS capture_id, capture.page,
       coalesce(snapshot.language, capture.language) AS language, capture.url,
       capture.captured_at, capture.precision, capture.archive, capture.uri_m, capture.state,
       capture.failure, capture.quality, capture.reason, snapshot.template, capture.warc_file,
       capture.warc_offset
FROM capture LEFT JOIN snapshot ON snapshot.capture_id = capture.id
WHERE capture.office = :office ORDER BY capture.page, capture.captured_at, capture.key"""

_GOOD = """
SELECT capture.key AS capture_id, capture.office,
       coalesce(snapshot.language, capture.language) AS language, capture.page, capture.url,
       capture.uri_m, capture.archive, capture.captured_at, capture.precision, snapshot.name,
       snapshot.description
FROM capture JOIN snapshot ON snapshot.capture_id = capture.id
WHERE capture.quality = 'good' AND {where}
ORDER BY capture.page, capture.captured_at, capture.key"""

_ENTRIES = f"""
SELECT capture.key AS capture_id, reading.entry_id,
       reading.entry_id || '@' || substr(wording.digest, 1, 8) AS revision_id,
       sighting.position, sighting.section, {PRINTED_COLUMNS}, sighting.link, sighting.credit,
       sighting.credit_holder, sighting.credit_agency, sighting.credit_year,
       reading.cut_of IS NOT NULL AS is_cut, entry.first_seen
FROM capture
JOIN sighting ON sighting.capture_id = capture.id
JOIN reading ON reading.id = sighting.reading_id
JOIN entry ON entry.id = reading.entry_id
JOIN wording ON wording.id = reading.wording_id
WHERE capture.quality = 'good' AND {{where}}
ORDER BY capture.page, capture.captured_at, capture.key, sighting.ordinal"""

_HOLDERS = """
SELECT DISTINCT holder.credited, holder.shown
FROM capture
JOIN sighting ON sighting.capture_id = capture.id
JOIN holder ON holder.credited = sighting.credit_holder
WHERE capture.office = :office ORDER BY holder.credited, holder.shown"""
