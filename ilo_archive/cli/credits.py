"""`credits`: who is credited, where, when."""

from pathlib import Path

import click

from ilo_archive.cli.output import format_option, print_rows
from ilo_archive.queries.answers import (
    Credited,
)
from ilo_archive.queries.archive import (
    Archive,
)

_COLUMNS = {
    "holder": "holder", "agency": "agency", "entries": "entries", "offices": "slugs",
    "first seen": "first_seen", "last seen": "last_seen",
}  # fmt: skip


@click.command("credits")
@click.argument("name", required=False)
@format_option
@click.pass_obj
def credits_(home: Path, name: str | None, format_: str) -> None:
    """List photo credits: who, for how many entries, at which offices, from when to when.

    With NAME, only credits that match it in any spelling (e.g. Crozet finds M. Crozet and Marcel
    Crozet). A photographer is listed under the fullest spelling seen; a spelling that fits two
    people is listed by itself.

    \b
    Example:
      ilo-archive credits
      ilo-archive credits 'R. Waddington' --format json
    """
    with Archive(home / "archive.sqlite") as archive:
        found = archive.credits(name)
    print_rows(Credited, found, format_, _COLUMNS)
