"""Repair what `verify` found, from the store and from the database."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from ilo_archive.archive.database_check import repair_indexes, structural_faults
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.maintenance.recover import unrecorded
from ilo_archive.maintenance.reread import read_again
from ilo_archive.maintenance.verify import Finding
from ilo_archive.queries.answers import StoredCapture
from ilo_archive.queries.archive import Archive
from ilo_archive.reader.snapshot import Snapshot


def repair(
    archive: Archive, writer: ArchiveWriter, findings: Sequence[Finding], now: datetime
) -> Iterator[str]:
    """Repair as many findings as possible, and yield a line for each thing done.

    Captures whose bytes are gone are marked, so that a crawl or `ingest` brings them again; records
    without a row are recorded; readings that differ are recorded anew; indexes are rebuilt. The
    file of decisions was settled when the writer opened. Raises OSError and DatabaseError.
    """
    lost = [each for each in findings if each.kind == "row" and each.capture and each.position]
    for each in lost:
        if each.position:
            writer.mark_lost(each.position, now)
    if lost:
        yield f"marked as lost, to be fetched or ingested again: {len(lost)}"
    run = writer.start_run("verify", now)
    stored = _to_record(archive, findings)
    done = sum(_record(archive, writer, each, run) for each in stored)
    if done:
        yield f"recorded from warc/: {done}"
    writer.end_run(run, "finished", now)
    if any(each.kind == "database" for each in findings):
        repair_indexes(archive.path)
        yield "rebuilt the indexes"
    if not any(structural_faults(archive.path)):
        writer.renew_checksums()


def _to_record(archive: Archive, findings: Sequence[Finding]) -> Iterator[StoredCapture]:
    """Yield the captures without a row and those whose reading differs."""
    store = archive.path.parent / "warc"
    differing = {each.capture.key for each in findings if each.kind == "reading" and each.capture}
    for number in archive.kept_captures() if differing else ():
        stored = archive.stored_capture(number)
        if stored.capture.key in differing:
            yield stored
    yield from unrecorded(archive, store, archive.registry).captures


def _record(archive: Archive, writer: ArchiveWriter, stored: StoredCapture, run: int) -> bool:
    outcome = read_again(Path(archive.path.parent, "warc"), archive.registry, stored)
    if isinstance(outcome, Snapshot):
        writer.record(outcome, run)
        return True
    return False
