"""The state of an archive: its last runs, its holdings, and alarms."""

from collections.abc import Iterator

from ilo_archive.queries.answers import Run, Status
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.queries.offices import holdings


def status(archive: ReadOnlyArchive, runs: int = 5) -> Status:
    """The last runs, the holdings of each office, and numbers of captures by state and
    by reason.
    """
    last = archive.all(Run, "SELECT * FROM runs ORDER BY id DESC LIMIT :runs", {"runs": runs})
    return Status(
        tuple(last),
        tuple(each for each in holdings(archive) if each.captures),
        {str(row["state"]): int(row["captures"]) for row in archive.rows(_STATES)},
        {str(row["reason"]): int(row["captures"]) for row in archive.rows(_REASONS)},
    )


def alarms(found: Status) -> Iterator[str]:
    """Yield what needs attention, a line each."""
    for reason, number in found.reasons.items():
        yield f"{_captures(number)} {reason}"
    if waiting := found.states.get("listed", 0) + found.states.get("failed", 0):
        yield f"{_captures(waiting)} still to be fetched: run `crawl` again"
    if found.runs and found.runs[0].outcome is None:
        yield "the last run has not ended: if it is no longer running, it was killed; run it again"


def _captures(number: int) -> str:
    return "1 capture" if number == 1 else f"{number} captures"


_STATES = "SELECT state, count(*) AS captures FROM capture GROUP BY state ORDER BY state"
_REASONS = """
SELECT state || ': ' || reason AS reason, count(*) AS captures FROM capture
WHERE reason IS NOT NULL GROUP BY state, capture.reason ORDER BY 2 DESC, 1 LIMIT 10"""
