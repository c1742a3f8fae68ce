"""`diff`: what changed between two captures."""

import shutil
from pathlib import Path

import click

from ilo_archive.atomic_files import replacing
from ilo_archive.cli import pass_offices
from ilo_archive.cli.formats import COMPARISON, SINCE, comparison_format, load
from ilo_archive.cli.options import open_archive
from ilo_archive.offices import Registry
from ilo_archive.queries.archive import Archive
from ilo_archive.queries.comparison import Comparison, compare_captures
from ilo_archive.queries.since import Since
from ilo_archive.report import as_text


@click.command()
@click.argument("office", required=False)
@click.argument("first", required=False, metavar="[FROM")
@click.argument("last", required=False, metavar="TO]")
@click.option(
    "--since",
    metavar="WHEN",
    help="What the captures recorded since a date, or by the `last-run`, brought; without OFFICE "
    "over all offices.",
)
@click.option("--language", help="Language of the page, e.g. en; default: the first of the office.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(COMPARISON)),
    help="Default: text, or what the ending of -o means.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead of standard output.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 when something changed.")
@click.pass_obj
@pass_offices
def diff(
    known: Registry,
    home: Path,
    /,
    office: str | None,
    first: str | None,
    last: str | None,
    since: str | None,
    language: str | None,
    format_: str | None,
    output: Path | None,
    exit_code: bool,
) -> int:
    """Show what changed on the page of OFFICE between two captures, by default the last two.

    FROM and TO are `first`, `last`, or dates that may be partial: as FROM, 2015 means the first
    good capture of 2015; as TO, the last one. Without a capture in 2015, the nearest one is used.

    \b
    Example:
      ilo-archive diff moscow 2015 2021
      ilo-archive diff moscow 2015-04 2015-06 --format html -o changes.html
      ilo-archive diff --since last-run
    """
    formats = SINCE if since else COMPARISON
    if format_ is None:
        format_ = comparison_format(output) if output else "text"
    if format_ not in formats:
        raise click.UsageError(f"--since has no format {format_}: use {', '.join(formats)}")
    with open_archive(home, known) as archive:
        found = _answer(archive, office, first, last, since, language)
    if isinstance(found, Comparison) and format_ == "text" and output is None:
        width = min(shutil.get_terminal_size((88, 24)).columns, 100)
        click.echo(as_text(found, color=_colors(), width=width), nl=False)
    elif output is None:
        click.echo(load(formats[format_])(found), nl=False)
    else:
        with replacing(output) as part:
            part.write_text(load(formats[format_])(found), encoding="utf-8")
    return int(exit_code and found.differs)


def _answer(
    archive: Archive,
    office: str | None,
    first: str | None,
    last: str | None,
    since: str | None,
    language: str | None,
) -> Comparison | Since:
    """The comparison or the changes asked for. Raises UsageError for options that contradict."""
    if since:
        if first or language:
            raise click.UsageError("--since compares with the capture before: leave out the rest")
        return archive.changes_since(since, office)
    if office is None:
        raise click.UsageError("name an OFFICE, or use --since last-run for all of them")
    if first and not last:
        raise click.UsageError("FROM and TO belong together: use both, or neither")
    return compare_captures(archive, office, first, last, language)


def _colors() -> bool:
    from rich.console import Console

    console = Console()
    return console.is_terminal and not console.no_color
