"""`coverage`: a calendar of the captures of an office."""

from collections.abc import Iterator
from pathlib import Path

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.formats import ANSWER
from ilo_archive.cli.output import print_json
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import (
    Coverage,
    Month,
)
from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.text.printable import printable
from ilo_archive.text.prose_dates import MONTHS

_MONTHS = tuple(name[:3] for name in MONTHS)
_BAD = ("blocked", "redirected", "failed", "missing")
_LEGEND = (
    "Key: a number = good captures in that month; b = blocked, r = redirected, f = failed,"
    " m = listed but not fetched; . = none known"
)


@click.command()
@click.argument("office")
@click.option("--language", help="Only the page in this language, e.g. en.")
@click.option("--format", "format_", type=click.Choice(ANSWER), default="text")
@click.pass_obj
@pass_offices
def coverage(
    known: Registry, home: Path, /, office: str, language: str | None, format_: str
) -> None:
    """Show the captures of OFFICE by month: good, blocked, redirected, failed, and those that an
    archive lists but that were not fetched.

    \b
    Example:
      ilo-archive coverage moscow
      ilo-archive coverage moscow --language en --format json
    """
    with Archive(home / "archive.sqlite", known) as archive:
        pages = archive.coverage(office, language)
    if format_ == "json":
        print_json(pages)
        return
    for page in pages:
        for line in (_head(page), *_calendar(page), ""):
            click.echo(printable(line))
    click.echo(_LEGEND)


def _head(page: Coverage) -> str:
    """`moscow/en: 13 captures from 2015-04 to 2021-06: 12 good, 1 failed`."""
    sums = {kind: sum(getattr(month, kind) for month in page.months) for kind in ("good", *_BAD)}
    by_kind = ", ".join(f"{number} {kind}" for kind, number in sums.items() if number)
    total = sum(sums.values())
    captures = f"{total} capture{'s' if total > 1 else ''}"
    return f"{page.page}: {captures} from {page.first:%Y-%m} to {page.last:%Y-%m}: {by_kind}"


def _calendar(page: Coverage) -> Iterator[str]:
    """A line a year, headed by the months. It is wider than a terminal before it leaves one out."""
    unsure = any(month.month in _years(page) for month in page.months)
    headings = (*_MONTHS, "month unknown") if unsure else _MONTHS
    rows = [(year, _cells(page, year, len(headings))) for year in _years(page)]
    width = max(len(cell) for _, cells in rows for cell in (*cells, _MONTHS[0]))
    for year, cells in (("    ", headings), *rows):
        yield "  ".join((year, *(cell.ljust(width) for cell in cells))).rstrip()


def _years(page: Coverage) -> list[str]:
    return sorted({month.month[:4] for month in page.months})


def _cells(page: Coverage, year: str, number: int) -> list[str]:
    """The cells of a year; captures of an unknown month come after December."""
    by_month = {month.month: _cell(month) for month in page.months}
    months = (*(f"{year}-{each:02}" for each in range(1, 13)), year)
    return [by_month.get(each, "") for each in months[:number]]


def _cell(month: Month) -> str:
    """`2`, `1f`, `2,1f`: good captures, then the others with the letter of their kind."""
    bad = {kind[0]: getattr(month, kind) for kind in _BAD}
    by_kind = [f"{number}{letter}" for letter, number in bad.items() if number]
    return ",".join([str(month.good), *by_kind] if month.good else by_kind) or "."
