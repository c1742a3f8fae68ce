"""`search`: entries by their words."""

from pathlib import Path
from typing import Any

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.options import ENTRY_COLUMNS, filter_options, open_archive
from ilo_archive.cli.output import print_rows
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import EntrySummary


@click.command()
@click.argument("query", nargs=-1, required=True)
@filter_options
@click.pass_obj
@pass_offices
def search(
    known: Registry, home: Path, /, query: tuple[str, ...], format_: str, **options: Any
) -> None:
    """Find entries containing all the given words in any of their versions.

    Use "two words" for a phrase and employ* for a prefix.

    \b
    Example:
      ilo-archive search child labour
      ilo-archive search '"trade union" employ*' --from 2015
    """
    with open_archive(home, known) as archive:
        found = archive.search(" ".join(query), **options)
    print_rows(EntrySummary, found, format_, ENTRY_COLUMNS)
