"""`credits`: who is credited, where, when."""

from pathlib import Path

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.options import explain_empty, open_archive
from ilo_archive.cli.output import format_option, print_rows
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import Credited, CreditedInYear

_COLUMNS = {
    "holder": "holder", "agency": "agency", "entries": "entries", "offices": "slugs",
    "first seen": "first_seen", "last seen": "last_seen",
}  # fmt: skip


_YEAR_COLUMNS = {
    "holder": "holder", "agency": "agency", "year": "year", "entries": "entries",
    "first seen": "first_seen", "last seen": "last_seen",
}  # fmt: skip


@click.command("credits")
@click.argument("name", required=False)
@click.option("--office", metavar="SLUG", help="Only on pages of this office.")
@click.option("--language", help="Only entries in this language, e.g. en.")
@click.option("--by", type=click.Choice(["year"]), help="Count by the year of the entries' dates.")
@format_option
@click.pass_obj
@pass_offices
def credits_(
    known: Registry,
    home: Path,
    /,
    name: str | None,
    by: str | None,
    format_: str,
    wide: bool,
    **where: str | None,
) -> None:
    """List photo credits: who, for how many entries, at which offices, from when to when.

    With NAME, only credits that match it in any spelling (e.g. Crozet finds M. Crozet and Marcel
    Crozet). A photographer is listed under the fullest spelling seen; a spelling that fits two
    people is listed by itself.

    \b
    Example:
      ilo-archive credits
      ilo-archive credits 'R. Waddington' --format json
      ilo-archive credits --office moscow --by year
    """
    noun = ("credit", "credits")
    with open_archive(home, known) as archive:
        if by:
            years = archive.credits_by_year(name, **where)
            print_rows(CreditedInYear, years, format_, _YEAR_COLUMNS, noun=noun, wide=wide)
            return
        found = archive.credits(name, **where)
    print_rows(Credited, found, format_, _COLUMNS, noun=noun, wide=wide)
    if not found and format_ == "table":
        explain_empty("credits", {**where, "NAME": name})
