"""Status: runs, freshness, failures."""

from pathlib import Path

from ilo_archive import Archive
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.offices import registry
from tests.support.build import NOW


def test_status_has_runs_freshness_and_failures(archive_of_captures: Archive) -> None:
    status = archive_of_captures.status()
    assert [
        (run.id, run.command, run.outcome, run.captures, run.failed) for run in status.runs
    ] == [(1, "test", "finished", 13, 3)]
    assert [each.slug for each in status.offices] == ["lima", "moscow", "rivers", "rome"]
    assert status.states == {"read": 10, "unreadable": 3}
    assert status.reasons == {}  # an archived error page is content


def test_the_last_runs_come_first(home: Path) -> None:
    writer = ArchiveWriter(home, registry())
    for number in range(4):
        writer.end_run(writer.start_run(f"run {number}", NOW), "finished", NOW)
    writer.close()
    with Archive(home / "archive.sqlite") as archive:
        assert [run.command for run in archive.status(runs=2).runs] == ["run 3", "run 2"]
