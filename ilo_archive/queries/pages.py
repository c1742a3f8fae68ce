"""Pages: an office's page on one good capture, and the captures between two."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from ilo_archive.errors import ExitCode, IloArchiveError
from ilo_archive.queries.answers import Homepage, PrintedEntry
from ilo_archive.queries.connection import ReadOnlyArchive, columns
from ilo_archive.queries.entries import PRINTED_COLUMNS
from ilo_archive.queries.filters import Day, first_moment, last_moment
from ilo_archive.times import end_of, iso

Which = Literal["earliest", "latest"]


class NoCapture(IloArchiveError, LookupError):
    """The archive has no capture that answers the question."""

    exit_code = ExitCode.NOTHING_USABLE


def homepage(
    archive: ReadOnlyArchive, office: str, when: Day, which: Which, language: str | None
) -> Homepage:
    """The office's page on the good capture that `when` selects.

    `when` is `first`, `last` or a day, month or year. Of several captures in that time, `which`
    selects the earliest or latest; if there is none, the nearest capture counts. Raises NoCapture,
    UnknownOffice, BadTimestamp.
    """
    good = _good_captures(archive, office, language)
    if when in ("first", "last"):
        return _with_entries(archive, good[0 if when == "first" else -1])
    start, end = first_moment(when), last_moment(when)
    within = [each for each in good if start <= each.captured_at <= end]
    if within:
        return _with_entries(archive, within[0 if which == "earliest" else -1])
    return _with_entries(archive, min(good, key=lambda each: _distance(each, start, end)))


def page_as_of(
    archive: ReadOnlyArchive, office: str, as_of: Day, language: str | None = None
) -> Homepage:
    """The office's page on the last good capture by the end of a day, month or year.

    Raises NoCapture, UnknownOffice, BadTimestamp.
    """
    end = last_moment(as_of)
    good = _good_captures(archive, office, language)
    by_then = [each for each in good if end_of(each.captured_at, each.precision) <= end]
    if not by_then:
        first = iso(good[0].captured_at)
        raise NoCapture(f"no good capture of {office} by {as_of}: the first is from {first}")
    return _with_entries(archive, by_then[-1])


def last_two(
    archive: ReadOnlyArchive, office: str, language: str | None
) -> tuple[Homepage, Homepage]:
    """The last two good captures of an office. Raises NoCapture, UnknownOffice."""
    good = _good_captures(archive, office, language)
    if len(good) < 2:
        raise NoCapture(f"only one good capture of {office}: nothing to compare it with")
    return _with_entries(archive, good[-2]), _with_entries(archive, good[-1])


def between(archive: ReadOnlyArchive, first: Homepage, last: Homepage) -> tuple[int, int]:
    """Count the good captures of the page between two, in either order, and the entries that only
    these captures show.
    """
    start, end = sorted((first.captured_at, last.captured_at))
    values = {"page": first.page, "first": start, "last": end}
    row = archive.rows(_BETWEEN, values)[0]
    return int(row["captures"]), int(row["entries"])


def printed_entries(archive: ReadOnlyArchive, capture_id: str) -> list[PrintedEntry]:
    """The entries of a capture as printed, in page order."""
    return archive.all(PrintedEntry, _PRINTED_ENTRIES, {"capture": capture_id})


def _with_entries(archive: ReadOnlyArchive, page: Homepage) -> Homepage:
    return replace(page, entries=tuple(printed_entries(archive, page.capture_id)))


def _good_captures(archive: ReadOnlyArchive, office: str, language: str | None) -> list[Homepage]:
    """The good captures of one page of the office, by time.

    The page is the homepage in the language asked for, else in the first of the office's languages
    that has captures; if none is a known homepage, the page captured last.
    """
    sql = f"""
        SELECT {columns(Homepage, "entries")} FROM
        (SELECT captures.*, captures.id AS capture_id, snapshot.name, snapshot.description
         FROM captures JOIN capture ON capture.key = captures.id
         JOIN snapshot ON snapshot.capture_id = capture.id)
        WHERE office = :office AND quality = 'good' ORDER BY captured_at, capture_id"""
    good = archive.all(Homepage, sql, {"office": office})
    if not good:
        archive.check_office(office)
        raise NoCapture(f"no good capture of {office} in this archive")
    known = archive.registry.offices.get(office)
    wanted = [language] if language else [*(known.languages if known else ())]
    for code in wanted:
        if in_language := [each for each in good if each.language == code]:
            home = [each for each in in_language if each.page == f"{office}/{code}"]
            return home or [each for each in in_language if each.page == in_language[-1].page]
    if language:
        raise NoCapture(f"no good capture of {office} in language {language!r}")
    return [each for each in good if each.page == good[-1].page]


def _distance(page: Homepage, start: datetime, end: datetime) -> timedelta:
    at = page.captured_at
    return start - at if at < start else at - end


_PRINTED_ENTRIES = f"""
SELECT entry_id, revision_id, position, sightings.section, kicker, title, dateline, date, date_end,
       place, summary, link, credit, credit_holder, credit_agency, credit_year, is_cut, first_seen
FROM (SELECT sightings.*, {PRINTED_COLUMNS}, reading.cut_of IS NOT NULL AS is_cut,
             entry.first_seen
      FROM sightings JOIN capture ON capture.key = sightings.capture_id
      JOIN sighting ON sighting.capture_id = capture.id AND sighting.ordinal = sightings.ordinal
      JOIN reading ON reading.id = sighting.reading_id
      JOIN entry ON entry.id = reading.entry_id
      JOIN wording ON wording.id = reading.wording_id) AS sightings
WHERE capture_id = :capture ORDER BY ordinal"""

_BETWEEN = """
WITH good AS (SELECT id, captured_at FROM capture WHERE page = :page AND quality = 'good'
              AND captured_at BETWEEN :first AND :last),
     shown AS (SELECT DISTINCT reading.entry_id, good.captured_at IN (:first, :last) AS at_an_end
               FROM good JOIN sighting ON sighting.capture_id = good.id
               JOIN reading ON reading.id = sighting.reading_id)
SELECT (SELECT count(*) FROM good WHERE captured_at NOT IN (:first, :last)) AS captures,
       (SELECT count(*) FROM (SELECT entry_id FROM shown GROUP BY entry_id
                              HAVING max(at_an_end) = 0)) AS entries"""
