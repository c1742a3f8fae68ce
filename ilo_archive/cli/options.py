"""Options and columns that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ilo_archive.cli.output import format_option
from ilo_archive.offices import Registry
from ilo_archive.queries.archive import Archive

_F = TypeVar("_F", bound=Callable[..., Any])


ENTRY_COLUMNS = {
    "date": "date", "entry": "entry_id", "title": "title", "credit": "credit_holder",
    "first seen": "first_seen", "last seen": "last_seen", "absent from": "absent_from",
}  # fmt: skip


def open_archive(home: Path, offices: Registry) -> Archive:
    """Open the archive of a home for reading."""
    return Archive(home / "archive.sqlite", offices)


def filter_options(function: _F) -> _F:
    """The options that narrow a list of entries."""
    for option in (
        click.option(
            "--limit", type=click.IntRange(min=1), metavar="N", help="Show at most N entries."
        ),
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
    return format_option(function)
