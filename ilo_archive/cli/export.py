"""`export`: captures or entries as a file for other programs."""

from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import click

from ilo_archive import __version__
from ilo_archive.atomic_files import replacing
from ilo_archive.cli.formats import export_writer
from ilo_archive.cli.output import print_rows, raw_option
from ilo_archive.errors import ExitCode
from ilo_archive.text.counted import counted
from ilo_archive.text.printable import printable


@click.command()
@click.argument("dest", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--office", metavar="SLUG", help="Only the entries of this office (.csv, .jsonl).")
@raw_option
@click.pass_obj
def export(home: Path, dest: Path, office: str | None) -> int:
    """Write the archive to DEST; its ending decides what is written.

    .wacz: the raw captures, for ReplayWeb.page and pywb. .csv, .jsonl: the entries, one a row.
    Decisions on identity are exported too: inside the .wacz, or in NAME.decisions.jsonl.

    \b
    Example:
      ilo-archive export moscow.wacz
      ilo-archive export entries.csv --office moscow
    """
    code: int = export_writer(dest)(home, dest, office)
    return code


def export_wacz_file(home: Path, dest: Path, office: str | None) -> int:
    """Write every kept capture to a WACZ file."""
    from ilo_archive.export.wacz import export_wacz
    from ilo_archive.queries.archive import Archive

    if office:
        message = (
            "--office cannot be combined with .wacz: a WACZ always has every office's captures"
        )
        raise click.UsageError(message)
    with Archive(home / "archive.sqlite") as archive:
        software = f"ilo-archive/{__version__}"
        exported = export_wacz(archive, home / "warc", dest, datetime.now(UTC), software)
    for each in exported.lost:
        click.echo(printable(f"skipped, its bytes are lost or damaged: {each}"), err=True)
    click.echo(
        f"{counted(exported.captures, 'capture')}, {counted(exported.pages, 'page')}: {dest}"
    )
    return ExitCode.SOME_FAILED if exported.lost else ExitCode.DONE


def export_entries(home: Path, dest: Path, office: str | None) -> int:
    """Write the entries to a CSV or JSON Lines file, and the decisions beside it."""
    from ilo_archive.identity.decisions import write_decisions
    from ilo_archive.queries.answers import EntrySummary
    from ilo_archive.queries.archive import Archive

    with Archive(home / "archive.sqlite") as archive:
        rows = archive.entries(office)
        decisions = archive.decisions()
    with (
        replacing(dest) as part,
        part.open("w", encoding="utf-8", newline="") as stream,
        redirect_stdout(stream),
    ):
        print_rows(EntrySummary, rows, dest.suffix.removeprefix("."), {})
    click.echo(f"{counted(len(rows), 'entry', 'entries')}: {dest}")
    if decisions:
        beside = dest.with_suffix(".decisions.jsonl")
        write_decisions(beside, decisions)
        click.echo(f"{counted(len(decisions), 'decision')}: {beside}")
    return 0
