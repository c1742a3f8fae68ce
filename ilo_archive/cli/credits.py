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
    """List who is credited, for how many entries, at which offices, from when to when; with NAME
    only holders and agencies whose name holds it in any form that a page prints.

    A photographer whose name is printed in several forms ("M. Crozet", "Marcel Crozet") stands
    under the fullest; a form that fits two people stands for itself.

    \b
    Example:
      ilo-archive credits
      ilo-archive credits 'R. Waddington' --format json
    """
    with Archive(home / "archive.sqlite") as archive:
        found = archive.credits(name)
    print_rows(Credited, found, format_, _COLUMNS)
