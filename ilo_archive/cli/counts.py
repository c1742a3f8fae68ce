"""`counts`: how many entries, sightings and captures."""

from pathlib import Path
from typing import Any

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.formats import ROWS
from ilo_archive.cli.options import narrowing_options, open_archive
from ilo_archive.cli.output import format_option_of, print_rows
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import Count
from ilo_archive.queries.counts import GROUPINGS, By

_COLUMNS = {
    "entries": "entries", "sightings": "sightings", "good captures": "good_captures",
    "sightings per capture": "sightings_per_capture",
}  # fmt: skip


@click.command()
@click.option(
    "--by", type=click.Choice(GROUPINGS), default="month", show_default=True, help="Count per ..."
)
@click.option("--query", metavar="WORDS", help="Only entries with all these words.")
@narrowing_options
@format_option_of(*ROWS, "svg")
@click.pass_obj
@pass_offices
def counts(
    known: Registry,
    home: Path,
    /,
    by: By,
    query: str | None,
    format_: str,
    wide: bool,
    **options: Any,
) -> None:
    """Count entries, sightings and good captures per month, year, office, section or language.

    Entries count by their own date, sightings and captures by the time of the capture. A month
    with few captures shows few entries: compare sightings per capture.

    \b
    Example:
      ilo-archive counts --by year --office moscow
      ilo-archive counts --by month --query 'child labour' --format csv
      ilo-archive counts --by month --format svg > entries.svg
    """
    with open_archive(home, known) as archive:
        archive.check(**options)
        found = archive.counts(by, query=query, **options)
    if format_ == "svg":
        from ilo_archive.report.bar_chart import bar_chart

        click.echo(bar_chart([(each.key, each.entries) for each in found]))
        return
    print_rows(Count, found, format_, {by: "key", **_COLUMNS}, noun=("row", "rows"), wide=wide)
