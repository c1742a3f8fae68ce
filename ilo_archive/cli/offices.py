"""`offices`: the registry, and what the archive has of each office."""

from pathlib import Path

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.options import open_archive
from ilo_archive.cli.output import format_option, print_rows
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import OfficeHoldings
from ilo_archive.queries.offices import office_holdings


@click.command()
@format_option
@click.pass_obj
@pass_offices
def offices(known: Registry, home: Path, /, format_: str, wide: bool) -> None:
    """List the offices of the registry and of the archive, with their captures.

    \b
    Example:
      ilo-archive offices
    """
    if (home / "archive.sqlite").exists():
        with open_archive(home, known) as archive:
            held = archive.offices()
    else:
        held = office_holdings(known, {})
    names = ("slug", "name", "languages", "captures", "good", "first", "last", "addresses")
    columns = {each: each for each in names}
    noun = ("office", "offices")
    print_rows(OfficeHoldings, held, format_, columns, noun=noun, wide=wide)
