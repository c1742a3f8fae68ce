"""`profile`: an office's name and description through time."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.formats import ANSWER
from ilo_archive.cli.output import print_json
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import (
    Statement,
)
from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.report.lifelines import appearance, disappearance
from ilo_archive.text.printable import printable
from ilo_archive.times import iso


@click.command()
@click.argument("office")
@click.option("--language", help="Only the page in this language, e.g. en.")
@click.option("--format", "format_", type=click.Choice(ANSWER), default="text")
@click.pass_obj
@pass_offices
def profile(
    known: Registry, home: Path, /, office: str, language: str | None, format_: str
) -> None:
    """Show the name and the description of OFFICE over time.

    Each wording comes with the captures that bound its use, the countries, years and former names
    that it states, and the countries that joined or left since the wording before.

    \b
    Example:
      ilo-archive profile moscow --language en
    """
    with Archive(home / "archive.sqlite", known) as archive:
        statements = archive.profile(office, language)
    if format_ == "json":
        print_json(statements)
    else:
        for line in _lines(statements):
            click.echo(printable(line))


def _lines(statements: Sequence[Statement]) -> Iterator[str]:
    kinds = groupby(statements, lambda each: (each.language, each.field, each.page))
    for (language, field, page), wordings in kinds:
        yield f"{field.capitalize()} ({language or 'language unknown'}, {page})"
        for each in wordings:
            captures = "1 capture" if each.captures == 1 else f"{each.captures} captures"
            yield f"  on {captures} from {iso(each.first_seen)} to {iso(each.last_seen)}"
            began = appearance(each.began, "in use")
            yield f"  {began}; {disappearance(each.ended, 'was replaced', 'in use')}"
            yield f"    {each.text}"
            yield from _facts(each)
            yield from _changes(each)
        yield ""


def _facts(statement: Statement) -> Iterator[str]:
    if statement.countries:
        codes = " ".join(country.code for country in statement.countries)
        stated = statement.announced
        note = f", {stated} stated" if stated not in (None, len(statement.countries)) else ""
        yield f"    countries ({len(statement.countries)}{note}): {codes}"
    if statement.since:
        yield f"    since: {', '.join(map(str, statement.since))}"
    for name in statement.former_names:
        yield f"    formerly: {name}"
    if statement.renamed:
        yield f"    present name since: {statement.renamed}"


def _changes(statement: Statement) -> Iterator[str]:
    """Countries that one wording names and the other does not."""
    for change, countries in (
        ("joined since the wording above", statement.joined),
        ("left since the wording above", statement.left),
    ):
        if countries:
            yield f"    {change}: {' '.join(sorted(each.code for each in countries))}"
