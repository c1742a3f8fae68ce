"""Rows to standard output: a table, JSON, JSON Lines or CSV."""

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
from ilo_archive.text.counted import counted
from ilo_archive.text.printable import printable, safe_json, without_formula
from ilo_archive.times import iso

_UNLIMITED = 10_000  # columns of a table that is not printed on a terminal
_LONGEST_WORD = 24  # columns that a word may keep to itself; a longer one is broken
_READABLE = 32  # columns that a text gets before a column to the right of it is left out
_GAP = 2  # columns between two columns of a table

_F = TypeVar("_F", bound=Callable[..., Any])


_RAW = "ilo_archive.raw_csv"  # in the meta of click's context


def _set_raw(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.meta[_RAW] = value


raw_option = click.option(
    "--raw",
    is_flag=True,
    expose_value=False,
    callback=_set_raw,
    help="CSV without the apostrophe before texts that a spreadsheet takes for formulas.",
)
"""The option `--raw`, which `print_rows` looks up itself."""


def format_option(function: _F) -> _F:
    """The options `--format`, `--wide` and `--raw` of commands that print rows."""
    return format_option_of(*ROWS)(function)


def format_option_of(*formats: str) -> Callable[[_F], _F]:
    """The same with these formats, the first of which is the default."""

    def add(function: _F) -> _F:
        for option in (
            raw_option,
            click.option(
                "--wide", is_flag=True, help="Print every column of a table, and full times."
            ),
            click.option(
                "--format",
                "format_",
                type=click.Choice(formats),
                default=formats[0],
                show_default=True,
            ),
        ):
            function = option(function)
        return function

    return add


def print_rows(
    kind: type[Any],
    rows: Iterable[Any],
    format_: str,
    columns: Mapping[str, str],
    *,
    noun: tuple[str, str] = ("row", "rows"),
    wide: bool = False,
) -> None:
    """Print dataclasses of that kind. `columns` of a table: heading -> attribute; other formats
    print all attributes. `noun` is what the rows are, one and several.
    """
    if format_ == "table":
        cells = ([getattr(row, name) for name in columns.values()] for row in rows)
        print_table(list(columns), cells, noun=noun, wide=wide)
    elif format_ == "json":
        print_json([*rows])
    elif format_ == "jsonl":
        for row in rows:
            click.echo(safe_json(json.dumps(to_json_types(row), ensure_ascii=False)))
    else:
        _print_csv([each.name for each in fields(kind)], map(to_json_types, rows))


def print_json(answer: Any) -> None:
    """Print an answer, or a sequence of them, as indented JSON."""
    value = to_json_types(answer)
    click.echo(safe_json(json.dumps(value, ensure_ascii=False, indent=1)))


def print_table(
    headings: Sequence[str],
    rows: Iterable[Iterable[Any]],
    *,
    noun: tuple[str, str] | None = None,
    wide: bool = False,
) -> None:
    """Print a table. On a terminal it fits the width: times are days, columns to the right are
    left out and named below. Elsewhere, and with `wide`, it is complete.
    """
    console = Console(highlight=False)
    is_fitted = console.is_terminal and not wide
    if not is_fitted:
        console.width = _UNLIMITED
    cells = [[_cell(value, short=is_fitted) for value in row] for row in rows]
    shown = _fitting(headings, cells, console.width)
    with console.capture() as printed:
        console.print(_table(headings[:shown], cells))
    for line in printed.get().splitlines():
        click.echo(line.rstrip())
    if console.is_terminal:
        for line in _below(headings[shown:], len(cells), noun):
            console.print(line, style="dim")


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, heading in enumerate(headings):
        least = _least_width([heading, *(row[number] for row in rows)])
        table.add_column(heading, overflow="fold", min_width=least)
    for row in rows:
        table.add_row(*map(Text, row[: len(headings)]))
    return table


def _fitting(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> int:
    """How many columns fit when each is as wide as its longest word; one at least."""
    room = width + _GAP
    for number, heading in enumerate(headings):
        room -= _least_width([heading, *(row[number] for row in rows)]) + _GAP
        if room < 0:
            return max(number, 1)
    return len(headings)


def _least_width(cells: Sequence[str]) -> int:
    """The width that keeps words whole, and a text readable."""
    words = (word for cell in cells for word in cell.split())
    longest_word = min(max(map(cell_len, words), default=1), _LONGEST_WORD)
    return max(longest_word, min(max(map(cell_len, cells), default=1), _READABLE))


def _below(hidden: Sequence[str], rows: int, noun: tuple[str, str] | None) -> Iterable[str]:
    """The lines below a table on a terminal: how many rows, and which columns are missing."""
    if noun:
        yield counted(rows, *noun)
    if hidden:
        names = ", ".join(hidden)
        yield f"{counted(len(hidden), 'column')} hidden ({names}): use --wide"


def _print_csv(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    writer.writeheader()
    is_raw = click.get_current_context().meta.get(_RAW)
    for row in rows:
        cells = {name: _cell(value) for name, value in row.items()}
        if not is_raw:
            texts = {name for name, value in row.items() if isinstance(value, str)}
            cells |= {name: without_formula(cells[name]) for name in texts}
        writer.writerow(cells)


def _cell(value: Any, *, short: bool = False) -> str:
    """A value as text: nothing for None, a list by its members, with `short` a time as its day."""
    if isinstance(value, tuple | list):
        return " ".join(_cell(each, short=short) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if short else iso(value)
    return "" if value is None else printable(str(value))
