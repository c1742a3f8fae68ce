"""`report`: the whole history of offices, to be opened in a browser."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from ilo_archive import __version__
from ilo_archive.cli import pass_offices
from ilo_archive.cli.options import open_archive
from ilo_archive.offices import Registry
from ilo_archive.queries.archive import Archive
from ilo_archive.queries.pages import NoCapture
from ilo_archive.text.counted import counted


@click.command()
@click.argument("offices", nargs=-1, metavar="[OFFICE]...")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write one self-contained file for one office instead of the folder.",
)
@click.pass_obj
@pass_offices
def report(known: Registry, home: Path, /, offices: tuple[str, ...], output: Path | None) -> None:
    """Write the history of each OFFICE, by default of all, into the folder `reports/` of the home.

    Open `reports/index.html` with a double click: it needs no server, no script and no network.
    Another run replaces the pages of the offices named and the index.

    \b
    Example:
      ilo-archive report
      ilo-archive report moscow -o moscow.html
    """
    from ilo_archive.report.folder import write_alone, write_reports
    from ilo_archive.report.making import Making

    making = Making(datetime.now(UTC), __version__)
    with open_archive(home, known) as archive:
        wanted = _wanted(archive, offices)
        if output is None:
            written = write_reports(archive, home / "reports", wanted, making)
            click.echo(written[0])
            if sys.stderr.isatty():
                click.echo(f"{counted(len(written), 'page')} written, open this one", err=True)
        elif len(wanted) == 1:
            write_alone(archive, wanted[0], output, making)
        else:
            raise click.UsageError(f"one file has one office: name one of {', '.join(wanted)}")


def _wanted(archive: Archive, offices: tuple[str, ...]) -> list[str]:
    """The offices named, else all that the archive has captures of."""
    held = [each.slug for each in archive.offices() if each.captures]
    for slug in offices:
        if slug not in held:
            archive.coverage(slug)  # raises what is wrong: an unknown office, or no capture of it
    if not held:
        raise NoCapture("no captures in this archive: `crawl` or `ingest` brings some")
    return list(dict.fromkeys(offices)) or held
