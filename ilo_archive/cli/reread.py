"""`reread`: what the present reader would change over all stored captures."""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from sqlalchemy.exc import DatabaseError

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.cli import pass_offices
from ilo_archive.cli.dask import dask_options, readings_of_cluster
from ilo_archive.cli.progress import CrawlProgress
from ilo_archive.cli.workers import workers_option
from ilo_archive.errors import ExitCode
from ilo_archive.maintenance.recover import unrecorded
from ilo_archive.maintenance.reread import Lost, Reread, RereadChange, recorded
from ilo_archive.maintenance.reread import reread as read_again
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import (
    StoredCapture,
)
from ilo_archive.queries.archive import Archive
from ilo_archive.queries.connection import check_archive
from ilo_archive.queries.json_types import to_json_types
from ilo_archive.reader.page import READER_VERSION
from ilo_archive.text.counted import counted
from ilo_archive.text.printable import printable, safe_json
from ilo_archive.times import iso
from ilo_archive.warc.store import store_files


@click.command()
@click.option("--apply", is_flag=True, help="Record the new readings; without it nothing changes.")
@click.option("--office", metavar="SLUG", help="Only captures of this office.")
@workers_option
@dask_options
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "jsonl"]),
    default="text",
    show_default=True,
)
@click.pass_obj
@pass_offices
def reread(
    known: Registry,
    home: Path,
    /,
    apply: bool,
    office: str | None,
    workers: int,
    dask: str | None,
    readings: str | None,
    format_: str,
) -> int:
    """Read every stored capture again with the present reader, offline, and print what would
    change, old and new. --apply records it.

    Without --office, --apply also records the captures in warc/ that archive.sqlite does not know
    yet: all of them where that file was lost.

    Captures whose bytes are lost or damaged are reported and keep their reading; the exit code is
    then 4. The command can be interrupted at any time and run again.

    \b
    Example:
      ilo-archive reread --office moscow
      ilo-archive reread --apply --workers 4 --format jsonl
      ilo-archive reread --apply --dask tcp://127.0.0.1:8786
    """
    # An error of the reader is reported as the reason of its capture, without a traceback.
    logging.getLogger("ilo_archive.reader.snapshot").addHandler(logging.NullHandler())
    tally = _Tally()
    with ExitStack() as stack:
        recording = _recording(home, known, settles=not office)
        record = stack.enter_context(recording) if apply else iter
        archive = stack.enter_context(Archive(home / "archive.sqlite", known))
        made = stack.enter_context(
            readings_of_cluster(dask, readings, store_files(home / "warc"), home, known)
        )
        if made:
            made.wait_for_all()
        more = () if office or not apply else tally.unrecorded(archive, home / "warc", known)
        found = stack.enter_context(
            closing(read_again(archive, home / "warc", office, workers, more, made))
        )
        number = len(archive.kept_captures(office)) + len(more)
        watched = stack.enter_context(_watched(record(found), number))
        _PRINTERS[format_](tally.counted(watched))
    click.echo(tally.summary(apply=apply), err=True)
    return ExitCode.SOME_FAILED if tally.lost else ExitCode.DONE


_Outcomes = Iterable[Reread | Lost]


@contextmanager
def _recording(
    home: Path, known: Registry, *, settles: bool
) -> Iterator[Callable[[_Outcomes], Iterator[Reread | Lost]]]:
    """A function that records outcomes, as a run with its row.

    `settles`: all records of the store without a row are among them.
    """
    if not store_files(home / "warc"):
        check_archive(home / "archive.sqlite")  # a writer would create one
    writer = ArchiveWriter(home, known)
    outcome = "failed"
    try:
        run = writer.start_run("reread", datetime.now(UTC))
        try:
            yield lambda outcomes: recorded(outcomes, writer, run)
            if settles:
                writer.settle_orphans()
            outcome = "finished"
        except KeyboardInterrupt:
            outcome = "shutdown"
            raise
        finally:
            # A full disk has no room for this either: the next run records this one as killed.
            with suppress(DatabaseError):
                writer.end_run(run, outcome, datetime.now(UTC))
    finally:
        writer.close()


@contextmanager
def _watched(outcomes: _Outcomes, total: int) -> Iterator[Iterator[Reread | Lost]]:
    """The outcomes, with a bar on a terminal."""
    progress = CrawlProgress(Console(stderr=True))

    def counted() -> Iterator[Reread | Lost]:
        for each in outcomes:
            progress.advance(total)
            yield each

    with progress.bar:
        yield counted()


class _Tally:
    """Counts outcomes as they pass, and reports lost captures."""

    def __init__(self) -> None:
        self.read = self.changed = self.lost = self.older = 0

    def unrecorded(
        self, archive: Archive, store: Path, known: Registry
    ) -> tuple[StoredCapture, ...]:
        """The captures in the store that the archive lacks; damage is reported and counted."""
        found = unrecorded(archive, store, known)
        for each in found.damages:
            self.lost += 1
            click.echo(f"ilo-archive: lost or damaged: {printable(str(each))}", err=True)
        return found.captures

    def counted(self, outcomes: _Outcomes) -> Iterator[Reread | Lost]:
        """The outcomes with changes, and the lost ones."""
        for each in outcomes:
            if isinstance(each, Lost):
                self.lost += 1
                what = f"{each.stored.capture.key} {_where(each.stored)}: {each.reason}"
                click.echo(f"ilo-archive: lost or damaged: {printable(what)}", err=True)
                yield each
                continue
            self.read += 1
            self.changed += bool(each.changes)
            self.older += each.is_due and not each.changes
            if each.changes:
                yield each

    def summary(self, *, apply: bool) -> str:
        """The totals in one line."""
        verb = "changed" if apply else "would change"
        captures = counted(self.read, "capture")
        line = f"{captures} read by reader {READER_VERSION}: {self.changed} {verb}"
        if self.older:
            line += f", {self.older} unchanged but recorded by an older reader"
        if self.lost:
            line += f"; {self.lost} lost or damaged: their readings stay"
        if not apply and (self.changed or self.older):
            line += "; use --apply to record"
        return line


# -- printing ------------------------------------------------------------------------------


def _print_text(outcomes: _Outcomes) -> None:
    for each in outcomes:
        if isinstance(each, Reread):
            for line in _lines(each):
                click.echo(printable(line))


def _lines(each: Reread) -> Iterator[str]:
    reader = f"reader {each.stored.reader or 0}, now {READER_VERSION}"
    yield f"{each.stored.capture.key}  {_where(each.stored)}  ({reader})"
    for place, changes in groupby(each.changes, _heading):
        yield f"  {place}"
        for change in changes:
            yield f"    {change.field}"
            if change.kind != "appears":
                yield f"      - {_shown(change.old)}"
            if change.kind != "vanishes":
                yield f"      + {_shown(change.new)}"


def _where(stored: StoredCapture) -> str:
    capture = stored.capture
    return " ".join(
        filter(None, (capture.place.office, capture.place.language, iso(capture.captured_at)))
    )


def _heading(change: RereadChange) -> str:
    if change.position is None:
        return "page"
    name = f"{change.section or 'entry'} {change.position}"
    name += f" ({change.item})" if change.item else ""
    return name if change.kind == "differs" else f"{name} {change.kind}"


def _shown(value: str | int | None) -> str:
    return "(none)" if value is None else str(value)


def _print_lines(outcomes: _Outcomes) -> None:
    for each in outcomes:
        click.echo(_json(each))


def _print_list(outcomes: _Outcomes) -> None:
    """Print one JSON list as the outcomes come, so that they need not fit into memory."""
    before = "["
    for each in outcomes:
        click.echo(f"{before}{_json(each)}", nl=False)
        before = ",\n"
    click.echo("[]" if before == "[" else "]")


def _json(each: Reread | Lost) -> str:
    capture = each.stored.capture
    record: dict[str, Any] = {
        "capture_id": capture.key,
        "office": capture.place.office,
        "captured_at": iso(capture.captured_at),
        "url": capture.url,
        "reader": {"old": each.stored.reader, "new": READER_VERSION},
    }
    if isinstance(each, Lost):
        record["error"] = each.reason
    else:
        record["changes"] = [asdict(change) for change in each.changes]
    return safe_json(json.dumps(to_json_types(record), ensure_ascii=False))


_PRINTERS: Mapping[str, Callable[[_Outcomes], None]] = {
    "text": _print_text,
    "json": _print_list,
    "jsonl": _print_lines,
}
