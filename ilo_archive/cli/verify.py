"""`verify`: whether every record and every row is as it was written."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import DownloadColumn, Progress, TimeRemainingColumn
from sqlalchemy.exc import DatabaseError

from ilo_archive.archive.database import ArchiveDamaged
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.cli import pass_offices
from ilo_archive.errors import ExitCode
from ilo_archive.identity.decisions import DECISIONS
from ilo_archive.maintenance.repair import repair as repair_findings
from ilo_archive.maintenance.verify import SAMPLE, Finding, Verification
from ilo_archive.offices import Registry
from ilo_archive.queries.archive import Archive
from ilo_archive.queries.connection import NoArchive
from ilo_archive.text.counted import counted
from ilo_archive.text.printable import printable
from ilo_archive.warc.store import store_files

if TYPE_CHECKING:
    from ilo_archive.cli.scrapy_run import FinishedRun


@click.command()
@click.argument("package", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--all", "every", is_flag=True, help=f"Read every capture again, not {SAMPLE}.")
@click.option("--repair", is_flag=True, help="Repair what can be; says what cannot.")
@click.option(
    "--against", metavar="URL", help="Fetch captures from this archive and compare their bytes."
)
@click.option(
    "--sample", type=click.IntRange(min=1), metavar="N", help="With --against: N captures."
)
@click.option(
    "--contact",
    metavar="MAIL",
    envvar="ILO_ARCHIVE_CONTACT",
    help="Your e-mail address, sent to the archive with every request.",
)
@click.pass_obj
@pass_offices
def verify(
    known: Registry,
    home: Path,
    /,
    package: Path | None,
    every: bool,
    repair: bool,
    against: str | None,
    sample: int | None,
    contact: str | None,
) -> int:
    """Check every WARC record, every row of the archive, its indexes and decisions, and whether
    captures read again give what is recorded. The exit code is 1 if there is damage.

    With PACKAGE, an exported .wacz or data package: check that alone; no archive is needed.

    --repair marks lost captures and fetches them again where an archive holds them, records what
    warc/ has and the archive lacks, records readings anew, and rebuilds indexes.

    \b
    Example:
      ilo-archive verify
      ilo-archive verify --repair --contact you@example.org
      ilo-archive verify moscow.wacz
    """
    if package:
        return _verify_package(package)
    if against:
        return _compare(home, known, against, sample, contact)
    if sample:
        raise click.UsageError("--sample belongs to --against")
    found, records = _verified(home, known, every=every or repair)
    is_readable = not any("cannot be read" in each.text for each in found)
    if repair and found and is_readable:
        _repair(home, known, found, contact)
        found, records = _verified(home, known, every=True)
    for each in found:
        click.echo(printable(each.text))
    scope = "all readings" if every or repair else "a sample of readings"
    damages = counted(len(found), "damage", "damages")
    click.echo(f"{counted(records, 'record')} and {scope} checked: {damages}", err=True)
    # A writer takes a changed file of decisions for right: then it is left as evidence.
    if is_readable and not any(each.kind == "decisions" for each in found):
        _record(home, known, scope, records, found)
    return ExitCode.DIFFERS if found else ExitCode.DONE


def _verify_package(package: Path) -> int:
    from ilo_archive.export.folder_check import check_folder_package
    from ilo_archive.export.package_check import check_package

    checked = ""
    if package.is_dir():
        files, records, found = check_folder_package(package)
        checked = f"{counted(files, 'file')} and "
    else:
        records, found = check_package(package)
    for line in found:
        click.echo(printable(line))
    damages = counted(len(found), "damage", "damages")
    click.echo(f"{checked}{counted(records, 'record')} checked: {damages}", err=True)
    return ExitCode.DIFFERS if found else ExitCode.DONE


def _verified(home: Path, known: Registry, *, every: bool) -> tuple[list[Finding], int]:
    """The findings, and the number of whole records."""
    found: list[Finding] = []
    records = 0
    try:
        with ExitStack() as stack:
            archive = stack.enter_context(Archive(home / "archive.sqlite", known))
            watch = stack.enter_context(_progress(home))
            verification = Verification(archive, home)
            for each in verification.findings(every=every, watch=watch):
                found.append(each)
                records = verification.records
            records = verification.records
    except (DatabaseError, ArchiveDamaged, NoArchive) as error:
        if isinstance(error, NoArchive) and not store_files(home / "warc"):
            raise
        what = getattr(error, "orig", error)
        cure = "move it away, then `ilo-archive reread --apply` makes a new one from warc/"
        found.append(Finding("database", f"archive.sqlite cannot be read ({what}): {cure}"))
    return found, records


@contextmanager
def _progress(home: Path) -> Iterator[Callable[[int], object]]:
    """A bar on a terminal, in bytes of the store."""
    console = Console(stderr=True)
    total = sum(path.stat().st_size for path in store_files(home / "warc"))
    columns = (DownloadColumn(), TimeRemainingColumn())
    bar = Progress(
        "verify", *columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty()
    )
    bar.disable = not console.is_terminal
    with bar:
        task = bar.add_task("verify", total=total)
        yield lambda size: bar.advance(task, size)


def _repair(home: Path, known: Registry, found: Sequence[Finding], contact: str | None) -> None:
    if any(each.kind == "decisions" for each in found) and (home / DECISIONS).exists():
        (home / DECISIONS).replace(home / f"{DECISIONS}.damaged")
        click.echo(f"{DECISIONS} is now {DECISIONS}.damaged, and written again", err=True)
    with (
        closing(ArchiveWriter(home, known)) as writer,
        Archive(home / "archive.sqlite", known) as archive,
    ):
        for line in repair_findings(archive, writer, found, datetime.now(UTC)):
            click.echo(printable(line), err=True)
        is_remote = any(each.capture.uri_m for each in writer.stored_bytes(is_lost=True))
    if is_remote:
        run = _refetch(home, known, {"contact": contact})
        click.echo(f"fetched again: {counted(run.spider.same, 'capture')}", err=True)
        _print_failures(run)


def _compare(
    home: Path, known: Registry, against: str, sample: int | None, contact: str | None
) -> int:
    """Compare stored bytes with those of an archive."""
    from ilo_archive.cli.crawl import check_address

    check_address(against)
    Archive(home / "archive.sqlite", known).close()  # a writer would create one
    run = _refetch(home, known, {"against": against, "sample": sample, "contact": contact})
    if run.reason == "contact_missing":
        raise click.UsageError("remote archives require --contact you@example.org")
    _print_failures(run)
    differing = counted(len(run.spider.differing), "capture")
    same = counted(run.spider.same, "capture")
    click.echo(f"{same} with the same bytes there, {differing} with others", err=True)
    if run.spider.differing:
        return ExitCode.DIFFERS
    is_complete = run.reason == "finished" and not run.spider.failed
    return ExitCode.DONE if is_complete else ExitCode.SOME_FAILED


def _refetch(home: Path, known: Registry, arguments: dict[str, object]) -> "FinishedRun":
    from ilo_archive.cli.scrapy_run import run_spider

    return run_spider("refetch", home, known, arguments)


def _print_failures(run: "FinishedRun") -> None:
    for line in (*run.spider.differing, *run.spider.failed):
        click.echo(printable(line))


def _record(
    home: Path, known: Registry, scope: str, records: int, found: Sequence[Finding]
) -> None:
    """Store when this was, for `status`; not where the archive cannot be opened for writing."""
    try:
        with closing(ArchiveWriter(home, known)) as writer:
            damages = [each.text for each in found]
            writer.record_verification(scope, records, damages, datetime.now(UTC))
    except (DatabaseError, OSError) as error:
        message = f"this verification is not recorded: {getattr(error, 'orig', error)}"
        click.echo(printable(message), err=True)
