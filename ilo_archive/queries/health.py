"""The state of an archive: its last runs, its holdings, and alarms."""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from ilo_archive.queries.answers import Run, Status
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.queries.offices import holdings
from ilo_archive.text.counted import counted
from ilo_archive.text.prose_dates import day_in_words


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
    """What needs attention, a line each."""
    yield from _failing_runs(found.runs)
    for reason, number in found.reasons.items():
        yield f"{counted(number, 'capture')} {reason}"
    if waiting := found.states.get("listed", 0) + found.states.get("failed", 0):
        yield f"{counted(waiting, 'capture')} not fetched yet: run `crawl` again"


def _failing_runs(runs: Sequence[Run]) -> Iterator[str]:
    """The last run where it did not finish, and since when its command fails."""
    if not runs or runs[0].outcome == "finished":
        return
    last = runs[0]
    if last.outcome is None:
        yield f"Last {last.command} has no end: it is running, or was killed: then run it again"
        return
    same = [run for run in runs if run.command == last.command]
    failed = [*takewhile(lambda run: run.outcome != "finished", same)]
    ended = _OUTCOMES.get(last.outcome, last.outcome)
    since = day_in_words(failed[-1].started_at.date())
    times = f"{len(failed)} runs in a row, since {since}" if len(failed) > 1 else f"on {since}"
    yield f"Last {last.command} failed: {ended} ({times})"


_OUTCOMES = {
    "listing_failed": "captures could not be listed",
    "rate_limited": "rate-limited by the archive",
    "disk_full": "the disk was full or read-only",
    "shutdown": "interrupted",
    "killed": "killed",
}
_STATES = "SELECT state, count(*) AS captures FROM capture GROUP BY state ORDER BY state"
# An error page or redirect that an archive captured is content, not an alarm.
_REASONS = """
SELECT state || ': ' || reason AS reason, count(*) AS captures FROM capture
WHERE reason IS NOT NULL AND coalesce(quality, '') NOT IN ('error', 'redirect')
GROUP BY state, capture.reason ORDER BY 2 DESC, 1 LIMIT 10"""
