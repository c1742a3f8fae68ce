"""What an archive consists of: its sources, what came of the captures, what is missing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ilo_archive.queries.answers import OfficeHoldings
from ilo_archive.queries.capture_kinds import CaptureKind, capture_kind
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.queries.offices import holdings

_MOST_GAPS = 10


@dataclass(frozen=True, slots=True)
class Source:
    """A web archive, or a file of captures, and the captures that are known from it."""

    archive: str
    captures: int
    good: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """A number of captures and what came of them; `reason` is the quality, the reason why there
    is none, or the state.
    """

    kind: CaptureKind
    reason: str
    captures: int


@dataclass(frozen=True, slots=True)
class CaptureGap:
    """A time between two good captures of a page that follow each other."""

    page: str
    after: datetime
    before: datetime
    days: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Numbers of an archive. `undated`: entries without a date; `untitled`: without a title.
    `first_run` and `last_run` are None where nothing was run.
    """

    captures: int
    entries: int
    sightings: int
    revisions: int
    undated: int
    untitled: int
    runs: int
    first_run: datetime | None
    last_run: datetime | None


@dataclass(frozen=True, slots=True)
class Collection:
    """What an archive consists of.

    `offices` are those with captures, `languages` the languages of entries with their number,
    `gaps` the longest ones, the longest first.
    """

    totals: Totals
    offices: tuple[OfficeHoldings, ...]
    sources: tuple[Source, ...]
    outcomes: tuple[Outcome, ...]
    languages: tuple[tuple[str, int], ...]
    gaps: tuple[CaptureGap, ...]

    @property
    def good(self) -> int:
        """The number of good captures."""
        return sum(each.captures for each in self.outcomes if each.kind == "good")


def collection(archive: ReadOnlyArchive) -> Collection:
    """What the archive consists of."""
    [totals] = archive.all(Totals, _TOTALS)
    languages = archive.rows(_LANGUAGES)
    return Collection(
        totals,
        tuple(each for each in holdings(archive) if each.captures),
        tuple(archive.all(Source, _SOURCES)),
        tuple(_outcomes(archive)),
        tuple((str(row["language"]), int(row["entries"])) for row in languages),
        tuple(archive.all(CaptureGap, _GAPS, {"most": _MOST_GAPS})),
    )


def _outcomes(archive: ReadOnlyArchive) -> Sequence[Outcome]:
    """What came of the captures, the most frequent first."""
    found: Counter[tuple[CaptureKind, str]] = Counter()
    for row in archive.rows(_OUTCOMES):
        state, failure, quality = row["state"], row["failure"], row["quality"]
        reason = str(failure or quality or state)
        found[capture_kind(state, failure, quality), reason] += int(row["captures"])
    return [Outcome(kind, reason, number) for (kind, reason), number in found.most_common()]


_TOTALS = """
SELECT (SELECT count(*) FROM capture) AS captures, (SELECT count(*) FROM news) AS entries,
       (SELECT count(*) FROM sighting) AS sightings, (SELECT count(*) FROM revisions) AS revisions,
       (SELECT count(*) FROM news WHERE date IS NULL) AS undated,
       (SELECT count(*) FROM news WHERE title IS NULL) AS untitled,
       (SELECT count(*) FROM run) AS runs, (SELECT min(started_at) FROM run) AS first_run,
       (SELECT max(started_at) FROM run) AS last_run"""

_SOURCES = """
SELECT archive, count(*) AS captures, sum(coalesce(quality, '') = 'good') AS good,
       min(captured_at) AS first, max(captured_at) AS last
FROM capture GROUP BY archive ORDER BY archive"""

_OUTCOMES = """
SELECT state, failure, quality, count(*) AS captures FROM capture
GROUP BY state, failure, quality ORDER BY state, failure, quality"""

_LANGUAGES = """
SELECT coalesce(language, 'unknown') AS language, count(*) AS entries FROM news
GROUP BY 1 ORDER BY 2 DESC, 1"""

_GAPS = """
SELECT page, after, before, CAST(julianday(before) - julianday(after) AS INTEGER) AS days
FROM (SELECT page, captured_at AS before,
             lag(captured_at) OVER (PARTITION BY page ORDER BY captured_at, key) AS after
      FROM capture WHERE quality = 'good')
WHERE after IS NOT NULL AND days > 0 ORDER BY days DESC, page, after LIMIT :most"""
