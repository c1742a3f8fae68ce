"""Options and columns that several commands share."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from ilo_archive.cli.output import format_option
from ilo_archive.offices import Registry
from ilo_archive.queries.archive import Archive
from ilo_archive.text.printable import printable

_F = TypeVar("_F", bound=Callable[..., Any])

ENTRY_COLUMNS: Mapping[str, str] = {
    "date": "date", "entry": "entry_id", "title": "title", "credit": "credit_holder",
    "first seen": "first_seen", "last seen": "last_seen", "absent from": "absent_from",
}  # fmt: skip
ENTRIES = ("entry", "entries")


class Limit(click.IntRange):
    """A number of rows; 0 means all."""

    def __init__(self) -> None:
        super().__init__(min=0, max=2**31)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, or None for all."""
        return super().convert(value, param, ctx) or None


def open_archive(home: Path, offices: Registry) -> Archive:
    """Open the archive of a home for reading."""
    return Archive(home / "archive.sqlite", offices)


def limit_option(function: _F) -> _F:
    """The option `--limit`."""
    help_ = "Show at most N rows; 0 for all."
    return click.option("--limit", type=Limit(), metavar="N", help=help_)(function)


def filter_options(function: _F) -> _F:
    """The options that narrow a list of entries, and those of rows."""
    return format_option(narrowing_options(function))


def narrowing_options(function: _F) -> _F:
    """The options that narrow a list of entries."""
    for option in (
        limit_option,
        click.option("--section", help="Only entries under this heading of the page."),
        click.option("--credit", help="Only photo credits with this name, in any spelling."),
        click.option("--to", "until", metavar="DATE", help="Dated up to then; includes that day."),
        click.option(
            "--from", "since", metavar="DATE", help="Dated from then on: 2015, 2015-04, ..."
        ),
        click.option("--language", help="Language code of the entry, e.g. en."),
        click.option("--office", help="Slug of an office whose page shows the entry."),
    ):
        function = option(function)
    return function


def explain_empty(what: str, options: Mapping[str, Any]) -> None:
    """Print to standard error that nothing matched, and which options narrowed the question."""
    names = {"since": "from", "until": "to"}
    used = [f"--{names.get(name, name)}" for name, value in options.items() if value is not None]
    narrowed = f" with {', '.join(used)}" if used else ""
    click.echo(printable(f"no {what}{narrowed}"), err=True)
