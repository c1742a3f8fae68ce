"""`profile`: an office's name and description through time."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import click

from ilo_archive.cli import pass_offices
from ilo_archive.offices import Registry
from ilo_archive.queries import Archive, Statement
from ilo_archive.report.printable import printable, safe_json


@click.command()
@click.argument("office")
@click.option("--language", help="Only the page in this language, as en.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
@pass_offices
def profile(
    known: Registry, home: Path, /, office: str, language: str | None, format_: str
) -> None:
    """Tell the name and the description of OFFICE through time, and what a description says:
    countries, years, former names; and which countries one wording names and the one before not.

    \b
    Example:
      ilo-archive profile moscow --language en
    """
    with Archive(home / "archive.sqlite", known) as archive:
        statements = archive.profile(office, language)
    if format_ == "json":
        rows = [asdict(each) for each in statements]
        click.echo(safe_json(json.dumps(rows, ensure_ascii=False, indent=1)))
    else:
        for line in _lines(statements):
            click.echo(printable(line))


def _lines(statements: Sequence[Statement]) -> Iterator[str]:
    kinds = groupby(statements, lambda each: (each.language, each.field))
    for (language, field), wordings in kinds:
        yield f"{field.capitalize()} ({language or 'language unknown'})"
        before: Statement | None = None
        for each in wordings:
            captures = "1 capture" if each.captures == 1 else f"{each.captures} captures"
            yield f"  on {captures} from {each.first_seen} to {each.last_seen}"
            yield f"    {each.text}"
            yield from _facts(each)
            if before and before.countries and each.countries:
                yield from _changes(before, each)
            before = each
        yield ""


def _facts(statement: Statement) -> Iterator[str]:
    if statement.countries:
        codes = " ".join(country.code for country in statement.countries)
        stated = statement.announced
        told = f", {stated} stated" if stated not in (None, len(statement.countries)) else ""
        yield f"    countries ({len(statement.countries)}{told}): {codes}"
    if statement.since:
        yield f"    since: {', '.join(map(str, statement.since))}"
    for name in statement.former_names:
        yield f"    formerly: {name}"
    if statement.renamed:
        yield f"    present name since: {statement.renamed}"


def _changes(before: Statement, after: Statement) -> Iterator[str]:
    """Countries that one wording names and the other does not."""
    old = {country.code for country in before.countries}
    new = {country.code for country in after.countries}
    for told, codes in (
        ("named here, not in the wording above", new - old),
        ("named in the wording above, not here", old - new),
    ):
        if codes:
            yield f"    {told}: {' '.join(sorted(codes))}"
