"""Words that came or went: between two captures of a page, with both to cite.

Every wording that matches the words is followed over the good captures of each page that shows
it: where the page stops showing them, they were removed, where it starts, they were added. An
edit that keeps the words is neither, nor is a capture that proves nothing.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal, NamedTuple

from ilo_archive.archive.tables import offset_list
from ilo_archive.queries.answers import WordChange
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.queries.entries import fts_query, query_patterns
from ilo_archive.queries.filters import EntryFilter, first_moment, last_moment
from ilo_archive.queries.rows import Rows
from ilo_archive.text.normalise import searchable
from ilo_archive.times import Precision, end_of, from_iso

Direction = Literal["added", "removed"]
_Row = Mapping[Any, Any]


class _Capture(NamedTuple):
    """A good capture of a page."""

    id: int
    key: str
    captured_at: str
    precision: Precision
    uri_m: str | None
    office: str
    language: str | None


class _Shown(NamedTuple):
    """What a capture shows of an entry or a field: whether it has the words (`shows`), and the row
    id of the wording, or the text, in which it has them.
    """

    shows: bool
    wording: int | str | None


class _Observed(NamedTuple):
    """A capture, and what it shows of one entry or field; None if it does not show it at all."""

    capture: _Capture
    shown: _Shown | None

    @property
    def shows(self) -> bool:
        """Whether the words are on the capture."""
        return self.shown is not None and self.shown.shows


class _Step(NamedTuple):
    """Two captures between which the words of an entry or a field came or went."""

    field: str
    entry_id: str | None
    page: str
    before: _Observed
    after: _Observed

    def given(self, direction: Direction) -> _Observed:
        """The capture that shows the words."""
        return self.before if direction == "removed" else self.after


_Moment = list[_Capture]
_Series = dict[tuple[str, str, str | None], dict[int, _Shown]]
"""For each page, field and entry what its captures show, by the row id of the capture."""


def find_word_changes(
    archive: ReadOnlyArchive, query: str, direction: Direction, wanted: EntryFilter
) -> Rows[WordChange]:
    """Where entries with all these words came onto a page, or left it, the latest first.

    `wanted` narrows by office and language; `since` and `until` bound the later of the two
    captures, `limit` the number of changes. Raises BadTimestamp, UnknownOffice.
    """
    archive.check_office(wanted.office)
    matched = fts_query(query)
    if not matched:
        return Rows()
    series = _entries(archive, matched, wanted) | _statements(archive, query, wanted)
    pages = _good_captures(archive, {page for page, _, _ in series})
    steps = [
        step
        for (page, field, entry_id), shown in series.items()
        for before, after in _steps(pages.get(page, []), shown, direction)
        if _is_within(after, wanted)
        for step in [_Step(field, entry_id, page, before, after)]
        if entry_id or wanted.language in (None, step.given(direction).capture.language)
    ]
    steps.sort(key=lambda each: (each.entry_id or "", each.field, each.page))
    steps.sort(key=lambda each: each.after.capture.captured_at, reverse=True)
    wordings: dict[int, _Row] = {}
    return Rows(_change(archive, step, direction, wordings) for step in steps[: wanted.limit])


def _steps(
    moments: Sequence[Sequence[_Capture]], shown: Mapping[int, _Shown], direction: Direction
) -> Iterator[tuple[_Observed, _Observed]]:
    """Yield the captures between which the words came or went, from those that show them; the other
    one is the next one in time, or the one before.
    """
    at = {capture.id: number for number, each in enumerate(moments) for capture in each}
    numbers = sorted({at[id_] for id_, each in shown.items() if each.shows and id_ in at})
    for number in numbers:
        first = number if direction == "removed" else number - 1
        if not 0 <= first < len(moments) - 1:
            continue
        before, after = (_observed(moments[each], shown) for each in (first, first + 1))
        latest = end_of(from_iso(before.capture.captured_at), before.capture.precision)
        if before.shows != after.shows and latest <= from_iso(after.capture.captured_at):
            yield before, after


def _observed(moment: Sequence[_Capture], shown: Mapping[int, _Shown]) -> _Observed:
    """One capture of a moment: of two of one second the one that shows the words."""
    found = [_Observed(capture, shown.get(capture.id)) for capture in moment]
    return max(found, key=lambda each: each.shows)


def _change(
    archive: ReadOnlyArchive, step: _Step, direction: Direction, wordings: dict[int, _Row]
) -> WordChange:
    before, after = step.before, step.after
    given = step.given(direction)
    words = _words(archive, given, wordings)
    return WordChange(
        change=direction,
        field=step.field,
        entry_id=step.entry_id,
        office=given.capture.office,
        language=words["language"] or given.capture.language,
        page=step.page,
        kicker=words["kicker"],
        title=words["title"],
        summary=words["summary"],
        still_listed=before.shown is not None and after.shown is not None,
        before_at=from_iso(before.capture.captured_at),
        after_at=from_iso(after.capture.captured_at),
        before_capture=before.capture.key,
        after_capture=after.capture.key,
        before_uri_m=before.capture.uri_m,
        after_uri_m=after.capture.uri_m,
    )


def _words(archive: ReadOnlyArchive, given: _Observed, wordings: dict[int, _Row]) -> _Row:
    """The wording that has the words, or the text of a field as its title."""
    assert given.shown is not None
    wording = given.shown.wording
    if not isinstance(wording, int):
        return {"language": None, "kicker": None, "title": wording, "summary": None}
    if wording not in wordings:
        wordings[wording] = archive.rows(_WORDING, {"id": wording})[0]
    return wordings[wording]


def _is_within(after: _Observed, wanted: EntryFilter) -> bool:
    moment = from_iso(after.capture.captured_at)
    since = first_moment(wanted.since) if wanted.since else moment
    until = last_moment(wanted.until) if wanted.until else moment
    return since <= moment <= until


# -- what captures show --------------------------------------------------------------------


def _good_captures(archive: ReadOnlyArchive, pages: Collection[str]) -> dict[str, list[_Moment]]:
    """The good captures of pages by moment, those of one second together."""
    found: dict[str, list[_Moment]] = {}
    rows = archive.rows(_GOOD, {"pages": json.dumps([*pages])})
    for (page, _), same in groupby(rows, key=lambda row: (row["page"], row["captured_at"])):
        found.setdefault(page, []).append([_Capture(*[*row.values()][1:]) for row in same])
    return found


def _entries(archive: ReadOnlyArchive, matched: str, wanted: EntryFilter) -> _Series:
    """The entries with a matching wording on each page that shows one in it."""
    values = {"query": matched, "office": wanted.office, "language": wanted.language}
    series: _Series = {}
    for row in archive.rows(_OBSERVED, values):
        shown = series.setdefault((row["page"], "entry", row["entry_id"]), {})
        shown[row["capture_id"]] = _Shown(bool(row["shows"]), row["wording_id"])
    return series


def _statements(archive: ReadOnlyArchive, query: str, wanted: EntryFilter) -> _Series:
    """The names and descriptions of the pages that showed the words in one."""
    patterns = query_patterns(query)
    matching = {
        text
        for text in (row["text"] for row in archive.rows(_TEXTS))
        if all(pattern.search(searchable(text)) for pattern in patterns)
    }
    if not matching:
        return {}
    values = {"office": wanted.office, "texts": json.dumps([*matching])}
    series: _Series = {}
    for row in archive.rows(_STATED, values):
        shown = series.setdefault((row["page"], row["field"], None), {})
        shown[row["capture_id"]] = _Shown(row["text"] in matching, row["text"])
    return series


_TEXTS = """
SELECT name AS text FROM snapshot WHERE name IS NOT NULL
UNION SELECT description FROM snapshot WHERE description IS NOT NULL"""

# Names and descriptions on the good captures of each page that showed one of some texts.
_STATED = f"""
SELECT field.name AS field, c.page, c.id AS capture_id,
       CASE field.name WHEN 'name' THEN s.name ELSE s.description END AS text
FROM capture AS c JOIN snapshot AS s ON s.capture_id = c.id,
     (SELECT 'name' AS name UNION ALL SELECT 'description') AS field
WHERE c.quality = 'good' AND NOT {offset_list("c.page")} AND text IS NOT NULL
  AND (:office IS NULL OR c.office = :office)
  AND c.page IN (SELECT capture.page FROM snapshot JOIN capture ON capture.id = capture_id
                 WHERE name IN (SELECT value FROM json_each(:texts))
                    OR description IN (SELECT value FROM json_each(:texts)))"""

# The good captures that show an entry of which some wording matches: whether in that wording.
_OBSERVED = f"""
WITH matching AS MATERIALIZED
     (SELECT rowid AS wording_id FROM wording_fts WHERE wording_fts MATCH :query),
     -- A wording that a page cut off counts as the whole one.
     whole AS (SELECT id, entry_id, coalesce(cut_of, wording_id) AS wording_id FROM reading)
SELECT sighting.capture_id, reading.entry_id, capture.page,
       max(reading.wording_id IN (SELECT wording_id FROM matching)) AS shows,
       max(CASE WHEN reading.wording_id IN (SELECT wording_id FROM matching)
           THEN reading.wording_id END) AS wording_id
FROM whole AS reading JOIN sighting ON sighting.reading_id = reading.id
JOIN capture ON capture.id = sighting.capture_id
WHERE reading.entry_id IN (SELECT entry_id FROM reading
                           WHERE wording_id IN (SELECT wording_id FROM matching))
  AND capture.quality = 'good' AND NOT {offset_list("capture.page")}
  AND (:office IS NULL OR capture.office = :office)
  AND (:language IS NULL OR reading.entry_id IN
       (SELECT entry.id FROM entry JOIN wording ON wording.id = entry.wording_id
        WHERE wording.language = :language))
GROUP BY sighting.capture_id, reading.entry_id"""

_GOOD = """
SELECT c.page, c.id, c.key, c.captured_at, c.precision, c.uri_m, c.office,
       coalesce(s.language, c.language) AS language
FROM capture AS c LEFT JOIN snapshot AS s ON s.capture_id = c.id
WHERE c.quality = 'good' AND c.page IN (SELECT value FROM json_each(:pages))
ORDER BY c.page, c.captured_at, c.key"""

_WORDING = "SELECT language, kicker, title, summary FROM wording WHERE id = :id"
