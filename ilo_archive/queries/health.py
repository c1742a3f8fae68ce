"""The state of an archive: its last runs and its holdings."""

from ilo_archive.queries.answers import Run, Status
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.queries.offices import holdings
from ilo_archive.times import from_iso


def status(archive: ReadOnlyArchive, runs: int = 5) -> Status:
    """The last runs, the holdings of each office, and numbers of captures by state and
    by reason.
    """
    last = archive.all(Run, "SELECT * FROM runs ORDER BY id DESC LIMIT :runs", {"runs": runs})
    verified = archive.rows(_VERIFIED)[0]["verified_at"]
    return Status(
        tuple(last),
        tuple(each for each in holdings(archive) if each.captures),
        {str(row["state"]): int(row["captures"]) for row in archive.rows(_STATES)},
        {str(row["reason"]): int(row["captures"]) for row in archive.rows(_REASONS)},
        from_iso(verified) if verified else None,
    )


_VERIFIED = "SELECT max(verified_at) AS verified_at FROM verification"
_STATES = "SELECT state, count(*) AS captures FROM capture GROUP BY state ORDER BY state"
# An error page or redirect that an archive captured is content.
_REASONS = """
SELECT state || ': ' || reason AS reason, count(*) AS captures FROM capture
WHERE reason IS NOT NULL AND coalesce(quality, '') NOT IN ('error', 'redirect')
GROUP BY state, capture.reason ORDER BY 2 DESC, 1 LIMIT 10"""
