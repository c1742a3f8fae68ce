"""The history of one entry, as `show` prints it: wordings, sightings, stays, translations."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from urllib.parse import urlsplit

from sqlalchemy import RowMapping

from ilo_archive.identity.translations import PrintedLink, Translation, find_translations
from ilo_archive.offices import is_offset_list
from ilo_archive.queries.answers import Absence, EntrySummary, Host, Sighting, Stay, Story, Wording
from ilo_archive.queries.connection import ReadOnlyArchive, columns
from ilo_archive.queries.departure import Departure, departure
from ilo_archive.queries.entry_ids import find_entry_id
from ilo_archive.queries.lifeline import (
    AbsenceOnCaptures,
    Bounds,
    Observation,
    delay,
    trace_lifeline,
)
from ilo_archive.queries.pages import printed_entries
from ilo_archive.queries.wording_changes import changed_fields
from ilo_archive.times import from_iso


def story(archive: ReadOnlyArchive, name: str) -> Story:
    """The full history of an entry, by its id, a former id or the id of a revision.

    Raises UnknownEntry.
    """
    entry_id = find_entry_id(archive, name)
    stays = _stays(archive, entry_id)
    gaps = {moment for stay in stays for gap in stay.gaps for moment in gap.not_on}
    return Story(
        entry_summary(archive, entry_id),
        tuple(_wordings(archive, entry_id)),
        tuple(archive.all(Sighting, _SIGHTINGS, {"entry": entry_id})),
        stays[0].not_before,
        tuple(sorted(gaps)),
        tuple(stays),
        tuple(_translations(archive, entry_id)),
    )


def entry_summary(archive: ReadOnlyArchive, entry_id: str) -> EntrySummary:
    """An entry in its latest wording, by its id."""
    sql = f"SELECT {columns(EntrySummary)} FROM news WHERE entry_id = :entry"
    return archive.all(EntrySummary, sql, {"entry": entry_id})[0]


def _wordings(archive: ReadOnlyArchive, entry_id: str) -> Iterator[Wording]:
    sql = f"""SELECT {columns(Wording, "changes")} FROM revisions
              WHERE entry_id = :entry ORDER BY first_seen, revision_id"""
    before: Wording | None = None
    for each in archive.all(Wording, sql, {"entry": entry_id}):
        if each.cut_of:
            yield each
            continue
        yield replace(each, changes=changed_fields(before, each) if before else ())
        before = each


# -- stays on pages ------------------------------------------------------------------------


def _stays(archive: ReadOnlyArchive, entry_id: str) -> list[Stay]:
    """The stay on each page that shows the entry, earliest page first."""
    rows = archive.rows(_OBSERVATIONS, {"entry": entry_id})
    pages = [list(same) for _, same in groupby(rows, key=lambda row: row["page"])]
    stays = [_stay(archive, entry_id, observed) for observed in pages]
    stays.sort(
        key=lambda stay: (stay.appeared.latest or stay.first_seen, stay.first_seen, stay.page)
    )
    first = stays[0].appeared
    return [stays[0], *(replace(each, delay=delay(first, each.appeared)) for each in stays[1:])]


def _stay(archive: ReadOnlyArchive, entry_id: str, rows: Sequence[RowMapping]) -> Stay:
    last_shown = [row for row in rows if row["shows"]][-1]
    absence_counts = not is_offset_list(last_shown["page"])
    lifeline = trace_lifeline([_observation(row) for row in rows], absence_counts=absence_counts)
    gaps = [_gap(archive, entry_id, each) for each in lifeline.absences if each.next_with]
    last = next((each for each in lifeline.absences if each.next_with is None), None)
    return Stay(
        office=last_shown["office"],
        language=last_shown["language"],
        page=last_shown["page"],
        captures=lifeline.captures,
        good_captures=len(rows),
        not_before=lifeline.not_before,
        first_seen=lifeline.first_seen,
        last_seen=lifeline.last_seen,
        absent_from=lifeline.absent_from,
        appeared=lifeline.appeared,
        gone=lifeline.gone,
        departure=_departure(archive, entry_id, last) if last else None,
        gaps=tuple(each for each in gaps if each),
        hosts=tuple(_hosts(rows, absence_counts=absence_counts)),
        delay=None,
    )


def _observation(row: RowMapping) -> Observation:
    return Observation(
        row["capture_id"], from_iso(row["captured_at"]), row["precision"], bool(row["shows"])
    )


def _gap(archive: ReadOnlyArchive, entry_id: str, absence: AbsenceOnCaptures) -> Absence | None:
    """An absence after which the entry came back; None if it did not."""
    if absence.next_with is None:
        return None
    return Absence(
        absence.last_with.captured_at,
        tuple(each.captured_at for each in absence.without),
        absence.next_with.captured_at,
        _departure(archive, entry_id, absence),
    )


def _departure(archive: ReadOnlyArchive, entry_id: str, absence: AbsenceOnCaptures) -> Departure:
    before, after = (
        printed_entries(archive, observation.capture_id)
        for observation in (absence.last_with, absence.without[0])
    )
    return departure(entry_id, before, after)


def _hosts(rows: Sequence[RowMapping], *, absence_counts: bool) -> Iterator[Host]:
    """Yield the hosts under which one page shows an entry, by their first captures."""
    by_host: dict[str, list[Observation]] = defaultdict(list)
    for row in rows:
        by_host[urlsplit(row["url"]).hostname or ""].append(_observation(row))
    lifelines = {
        name: trace_lifeline(observed, absence_counts=absence_counts)
        for name, observed in by_host.items()
        if any(each.shows for each in observed)
    }
    first: Bounds | None = None
    for name in sorted(lifelines, key=lambda name: (lifelines[name].first_seen, name)):
        lifeline = lifelines[name]
        later = delay(first, lifeline.appeared) if first else None
        yield Host(name, lifeline.first_seen, lifeline.last_seen, lifeline.captures, later)
        first = first or lifeline.appeared


# -- translations --------------------------------------------------------------------------


def _translations(archive: ReadOnlyArchive, entry_id: str) -> list[Translation]:
    """Entries in other languages that are the same item, by language."""
    language = entry_summary(archive, entry_id).language
    if language is None:
        return []
    found = {each.language: each for each in _by_number(archive, entry_id, language)}
    for each in _by_picture(archive, entry_id, language):
        found.setdefault(each.language, each)
    return [found[each] for each in sorted(found)]


def _by_number(archive: ReadOnlyArchive, entry_id: str, language: str) -> Iterator[Translation]:
    for row in archive.rows(_SAME_NUMBER, {"entry": entry_id}):
        if row["language"] and row["language"] != language:
            number = row["strong"].rpartition("-")[0]
            yield Translation(row["entry_id"], row["language"], row["title"], "item number", number)


def _by_picture(archive: ReadOnlyArchive, entry_id: str, language: str) -> Iterator[Translation]:
    own_links = archive.all(PrintedLink, _PRINTED_LINKS.format(equal="="), {"entry": entry_id})
    other_links = archive.all(PrintedLink, _PRINTED_LINKS.format(equal="!="), {"entry": entry_id})
    found = find_translations(own_links, other_links, archive.registry)
    for code, (other, key) in found.items():
        has_own = any(each.language == language for each in _by_number(archive, other, code))
        if code != language and not has_own:
            title = entry_summary(archive, other).title
            evidence = " ".join(filter(None, key))
            yield Translation(other, code, title, "date, picture and link", evidence)


_SIGHTINGS = """
SELECT sightings.capture_id, revision_id, sightings.office, sightings.captured_at,
       precision, sightings.uri_m, captures.archive, section, position, credit, reader, charset,
       charset_reason, crawl, fault
FROM sightings JOIN captures ON captures.id = sightings.capture_id
WHERE entry_id = :entry ORDER BY sightings.captured_at, sightings.capture_id, ordinal"""

# All good captures of the pages that any capture shows the entry on.
_OBSERVATIONS = """
WITH shown AS MATERIALIZED (SELECT DISTINCT sighting.capture_id AS id
                            FROM reading JOIN sighting ON sighting.reading_id = reading.id
                            WHERE reading.entry_id = :entry)
SELECT c.key AS capture_id, c.captured_at, c.precision, c.page, c.office, c.language, c.url,
       c.id IN (SELECT id FROM shown) AS shows
FROM capture AS c
WHERE c.page IN (SELECT page FROM capture JOIN shown USING (id)) AND c.quality = 'good'
ORDER BY c.page, c.captured_at, c.key"""

# The range of keys with the same item number: it ends at the next hyphen, and "." sorts after "-".
_SAME_NUMBER = """
SELECT DISTINCT other.entry_id, other.strong, news.language, news.title
FROM reading AS own
JOIN reading AS other
  ON other.strong >= substr(own.strong, 1, 5 + instr(substr(own.strong, 6), '-'))
 AND other.strong < substr(own.strong, 1, 4 + instr(substr(own.strong, 6), '-')) || '.'
 AND other.entry_id != own.entry_id
JOIN news ON news.entry_id = other.entry_id
WHERE own.entry_id = :entry AND own.strong GLOB 'wcms-*-*'
ORDER BY other.strong, other.entry_id"""
_PRINTED_LINKS = """
SELECT DISTINCT reading.entry_id, wording.language, wording.date, wording.date_end,
       sighting.image, sighting.link
FROM wording
JOIN reading ON reading.wording_id = wording.id
JOIN sighting ON sighting.reading_id = reading.id
WHERE wording.date IN (SELECT mine.date FROM reading AS r JOIN wording AS mine
                       ON mine.id = r.wording_id WHERE r.entry_id = :entry)
  AND reading.entry_id {equal} :entry AND wording.language IS NOT NULL
  AND sighting.image IS NOT NULL AND sighting.link IS NOT NULL"""
