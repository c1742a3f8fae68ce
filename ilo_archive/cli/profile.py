"""`profile`: an office's name, description, layouts and prominent entries through time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, get_args

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.formats import ANSWER
from ilo_archive.cli.output import print_json
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import Statement
from ilo_archive.queries.archive import Archive
from ilo_archive.queries.layouts import LayoutPeriod
from ilo_archive.queries.lifeline import Bounds
from ilo_archive.queries.prominence import TOP, Prominence
from ilo_archive.queries.rows import Rows
from ilo_archive.report.lifelines import appearance, disappearance, span_in_words
from ilo_archive.text.counted import counted
from ilo_archive.text.printable import printable
from ilo_archive.times import iso

Part = Literal["wordings", "layouts", "prominence"]

_MOST = 10  # entries of a page that text lists


@click.command()
@click.argument("office")
@click.option("--language", help="Only the page in this language, e.g. en.")
@click.option(
    "--part",
    type=click.Choice(get_args(Part)),
    help="Only this part; text has all by default, JSON the wordings.",
)
@click.option("--format", "format_", type=click.Choice(ANSWER), default="text")
@click.pass_obj
@pass_offices
def profile(
    known: Registry,
    home: Path,
    /,
    office: str,
    language: str | None,
    part: Part | None,
    format_: str,
) -> None:
    """Show the name and the description of OFFICE over time, layouts and prominent entries.

    Each wording comes with the captures that bound its use, the countries, years and former names
    that it states, and the countries that joined or left since the wording before. Prominent are
    entries on places 1 to 3 of the main list; promoted and demoted say how often one moved above or
    below entries that stayed.

    \b
    Example:
      ilo-archive profile moscow --language en
      ilo-archive profile moscow --part prominence --format json
    """
    with Archive(home / "archive.sqlite", known) as archive:
        if format_ == "json":
            print_json(_answers(archive, part or "wordings", office, language))
            return
        for each in (part,) if part else get_args(Part):
            for line in _LINES[each](_answers(archive, each, office, language)):
                click.echo(printable(line))


def _answers(archive: Archive, part: Part, office: str, language: str | None) -> Rows[Any]:
    if part == "layouts":
        return archive.layouts(office, language)
    if part == "prominence":
        return archive.prominence(office, language)
    return archive.profile(office, language)


def _wordings(statements: Sequence[Statement]) -> Iterator[str]:
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


def _layouts(periods: Sequence[LayoutPeriod]) -> Iterator[str]:
    for page, same in groupby(periods, lambda each: each.page):
        of_page = list(same)
        yield f"Layout ({of_page[0].language or 'language unknown'}, {page})"
        for before, each in zip([None, *of_page], of_page, strict=False):
            if before:
                yield f"  changed from {before.template} to {each.template} {_when(each.began)}"
            captures = counted(each.captures, "capture")
            seen = f"from {iso(each.first_seen)} to {iso(each.last_seen)}"
            yield f"  {each.template}, on {captures} {seen}"
        yield ""


def _when(bounds: Bounds) -> str:
    if bounds.earliest and bounds.latest:
        return span_in_words(bounds.earliest, bounds.latest)
    return "at a time that the dates of the captures do not say"


def _prominence(entries: Sequence[Prominence]) -> Iterator[str]:
    for page, same in groupby(entries, lambda each: each.page):
        of_page = list(same)
        yield f"Prominence ({of_page[0].language or 'language unknown'}, {page})"
        yield f"  on places 1 to {TOP}; where an entry stood between two captures is unknown"
        for each in of_page[:_MOST]:
            yield f"  {_on_top(each)}; promoted {each.promoted}, demoted {each.demoted}"
            yield f"    {each.entry_id}  {each.title or '(without a title)'}"
        if len(of_page) > _MOST:
            further = counted(len(of_page) - _MOST, "further entry", "further entries")
            yield f"  {further}: --part prominence --format json"
        yield ""


def _on_top(entry: Prominence) -> str:
    if not entry.captures_on_top:
        return f"on no capture, best place {entry.best}"
    captures = f"on {counted(entry.captures_on_top, 'capture')}, best place {entry.best}"
    return f"{counted(entry.days_on_top, 'day')} {captures}" if entry.days_on_top else captures


_LINES: Mapping[str, Callable[[Sequence[Any]], Iterator[str]]] = {
    "wordings": _wordings,
    "layouts": _layouts,
    "prominence": _prominence,
}
