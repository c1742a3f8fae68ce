"""`export`: captures or entries as a file for other programs."""

from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ilo_archive import __version__
from ilo_archive.atomic_files import replacing
from ilo_archive.cli import pass_offices
from ilo_archive.cli.formats import export_writer
from ilo_archive.cli.output import print_rows, raw_option
from ilo_archive.errors import ExitCode
from ilo_archive.offices import Registry
from ilo_archive.queries.archive import Archive
from ilo_archive.text.counted import counted
from ilo_archive.text.printable import printable

if TYPE_CHECKING:
    from ilo_archive.export.wacz import Exported


@click.command()
@click.argument("dest", type=click.Path(path_type=Path))
@click.option("--office", metavar="SLUG", help="Only this office (.csv, .jsonl, .parquet).")
@raw_option
@click.pass_obj
@pass_offices
def export(known: Registry, home: Path, /, dest: Path, office: str | None) -> int:
    """Write the archive to DEST; its ending decides what is written.

    A folder, or a name without ending: a data package with all of the following, a codebook, a
    datasheet and checksums; `verify` checks it anywhere. motivation.md and rights.md in the home
    become part of it.

    .csv, .jsonl, .parquet: the entries, one a row. .sqlite: the published copy, which `serve`
    shows. .wacz: the raw captures, for ReplayWeb.page and pywb. Decisions on identity are exported
    too: inside the .wacz, or beside a table in NAME.decisions.jsonl.

    \b
    Example:
      ilo-archive export entries.csv --office moscow
      ilo-archive export entries.parquet
      ilo-archive export moscow.wacz
      ilo-archive export package/
    """
    write = export_writer(dest)
    with Archive(home / "archive.sqlite", known) as archive:
        code: int = write(archive, home, dest, office)
    return code


def export_wacz_file(archive: Archive, home: Path, dest: Path, office: str | None) -> int:
    """Write every kept capture to a WACZ file."""
    from ilo_archive.export.wacz import export_wacz

    _refuse_office(office, ".wacz: a WACZ always has every office's captures")
    software = f"ilo-archive/{__version__}"
    exported = export_wacz(archive, home / "warc", dest, datetime.now(UTC), software)
    return _conclude_captures(exported, dest)


def export_entries(archive: Archive, _: Path, dest: Path, office: str | None) -> int:
    """Write the entries to a CSV or JSON Lines file, and the decisions beside it."""
    from ilo_archive.queries.answers import EntrySummary

    rows = _Counted(archive.each_entry(office))
    with (
        replacing(dest) as part,
        part.open("w", encoding="utf-8", newline="") as stream,
        redirect_stdout(stream),
    ):
        print_rows(EntrySummary, rows, dest.suffix.lower().removeprefix("."), {})
    return _conclude_entries(archive, dest, rows.number)


def export_parquet(archive: Archive, _: Path, dest: Path, office: str | None) -> int:
    """Write the entries to a Parquet file, and the decisions beside it."""
    from ilo_archive.export.parquet import write_parquet
    from ilo_archive.published.codebook import flat_entries
    from ilo_archive.queries.json_types import to_json_types

    rows = (tuple(to_json_types(each).values()) for each in archive.each_entry(office))
    with replacing(dest) as part:
        number = write_parquet(part, flat_entries(), rows)
    return _conclude_entries(archive, dest, number)


def export_copy(archive: Archive, _: Path, dest: Path, office: str | None) -> int:
    """Write the published copy."""
    from ilo_archive.published.build import is_archive, published_copy

    _refuse_office(office, ".sqlite: the published copy always has every office")
    if is_archive(dest):
        raise click.UsageError(f"{dest} is an archive, not a copy of one: give another name")
    published_copy(archive, dest, datetime.now(UTC))
    click.echo(f"Published copy: {dest}")
    return ExitCode.DONE


def export_folder(archive: Archive, home: Path, dest: Path, office: str | None) -> int:
    """Write a data package."""
    from ilo_archive.export.data_package import export_package, typed_text
    from ilo_archive.export.parquet import has_pyarrow

    _refuse_office(office, "a folder: a data package always has every office")
    exported = export_package(archive, home / "warc", dest, typed_text(home), datetime.now(UTC))
    if not has_pyarrow():
        message = "without parquet/: pyarrow is not installed (pip install 'ilo-archive[parquet]')"
        click.echo(message, err=True)
    return _conclude_captures(exported, dest)


def _conclude_captures(exported: "Exported", dest: Path) -> int:
    """Print how many captures were written, and which are lost."""
    for each in exported.lost:
        click.echo(printable(f"skipped, its bytes are lost or damaged: {each}"), err=True)
    click.echo(
        f"{counted(exported.captures, 'capture')}, {counted(exported.pages, 'page')}: {dest}"
    )
    return ExitCode.SOME_FAILED if exported.lost else ExitCode.DONE


@dataclass(slots=True)
class _Counted:
    """Rows that are counted while they are read."""

    rows: Iterable[Any]
    number: int = 0

    def __iter__(self) -> Iterator[Any]:
        for row in self.rows:
            self.number += 1
            yield row


def _refuse_office(office: str | None, why: str) -> None:
    if office:
        raise click.UsageError(f"--office cannot be combined with {why}")


def _conclude_entries(archive: Archive, dest: Path, number: int) -> int:
    """Print how many entries were written; write the decisions to a file beside them."""
    from ilo_archive.identity.decisions import write_decisions

    click.echo(f"{counted(number, 'entry', 'entries')}: {dest}")
    if decisions := archive.decisions():
        beside = dest.with_suffix(".decisions.jsonl")
        write_decisions(beside, decisions)
        click.echo(f"{counted(len(decisions), 'decision')}: {beside}")
    return ExitCode.DONE
