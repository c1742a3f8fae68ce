"""Rows to standard output: a table, JSON, JSON lines or CSV."""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ilo_archive.cli.formats import ROWS
from ilo_archive.queries.json_types import to_json_types
from ilo_archive.text.printable import printable, safe_json
from ilo_archive.times import iso

_WIDE = 400  # columns, where no terminal sets the width
_WRAPPED = ("title", "reason", "addresses", "before", "after")
_LEAST = 30  # columns for one of these
_GAP = 2

_F = TypeVar("_F", bound=Callable[..., Any])


def format_option(function: _F) -> _F:
    """The option `--format`."""
    choice = click.Choice(ROWS)
    return click.option("--format", "format_", type=choice, default="table", show_default=True)(
        function
    )


def print_rows(
    kind: type[Any], rows: Sequence[Any], format_: str, columns: Mapping[str, str]
) -> None:
    """Print dataclasses of that kind. `columns` of the table: heading -> attribute; other formats
    show all.
    """
    if format_ == "table":
        print_table(list(columns), ([getattr(row, c) for c in columns.values()] for row in rows))
    elif format_ == "json":
        print_json(rows)
    elif format_ == "jsonl":
        for row in rows:
            click.echo(safe_json(json.dumps(to_json_types(row), ensure_ascii=False)))
    else:
        _print_csv([each.name for each in fields(kind)], map(to_json_types, rows))


def print_json(answer: Any) -> None:
    """Print an answer, or a sequence of them, as indented JSON."""
    value = to_json_types(answer)
    click.echo(safe_json(json.dumps(value, ensure_ascii=False, indent=1)))


def print_table(headings: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """Print a table; on a terminal the columns to the right give way."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDE
    cells = [[_cell(value) for value in row] for row in rows]
    shown = _fitting(headings, cells, console.width)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in shown:
        table.add_column(heading, no_wrap=heading not in _WRAPPED, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row[: len(shown)]))
    console.print(table)


def _fitting(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Sequence[str]:
    """The first columns, as many as fit; what may wrap gets its least width."""
    room, shown = width + _GAP, 0
    for number, heading in enumerate(headings):
        longest = max(map(cell_len, (heading, *(row[number] for row in rows))))
        room -= (min(longest, _LEAST) if heading in _WRAPPED else longest) + _GAP
        shown += room >= 0
    return headings[: max(shown, 3)]


def _print_csv(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: Any) -> str:
    """A value as words: nothing for None, a list by its members."""
    if isinstance(value, tuple | list):
        return " ".join(map(_cell, value))
    if isinstance(value, datetime):
        return iso(value)
    return "" if value is None else printable(str(value))
