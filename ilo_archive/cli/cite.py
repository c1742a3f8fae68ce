"""`cite`: an entry as a reference."""

from pathlib import Path

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.formats import CITATION, load
from ilo_archive.offices import Registry
from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.text.printable import printable, safe_json


@click.command()
@click.argument("entry")
@click.option(
    "--format", "format_", type=click.Choice(list(CITATION)), default="text", show_default=True
)
@click.pass_obj
@pass_offices
def cite(known: Registry, home: Path, /, entry: str, format_: str) -> None:
    """Print a reference to ENTRY with the capture that shows it: its URI-M and its time.

    An entry is cited in its latest wording, by the last capture that shows it. To cite an earlier
    wording, use the id of its revision (see `show`).

    \b
    Example:
      ilo-archive cite wcms-356122-en
      ilo-archive cite wcms-356122-en --format bibtex
    """
    with Archive(home / "archive.sqlite", known) as archive:
        reference = load(CITATION[format_])(archive.cited(entry))
    if format_ == "csl-json":
        click.echo(safe_json(reference), nl=False)
    else:
        for line in reference.splitlines():
            click.echo(printable(line))
