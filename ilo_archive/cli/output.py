"""Rows to standard output: a table, JSON, JSON lines or CSV."""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ilo_archive.report.printable import printable, safe_json

FORMATS = ("table", "json", "jsonl", "csv")
_WIDE = 400  # columns, where no terminal sets the width

_F = TypeVar("_F", bound=Callable[..., Any])


def format_option(function: _F) -> _F:
    """The option `--format`."""
    choice = click.Choice(FORMATS)
    return click.option("--format", "format_", type=choice, default="table", show_default=True)(
        function
    )


def print_rows(rows: Sequence[Any], format_: str, columns: Mapping[str, str]) -> None:
    """Print dataclasses. `columns` of the table: heading -> attribute; other formats show all."""
    if format_ == "table":
        print_table(list(columns), ([getattr(row, c) for c in columns.values()] for row in rows))
    elif format_ == "json":
        click.echo(
            safe_json(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
        )
    elif format_ == "jsonl":
        for row in rows:
            click.echo(safe_json(json.dumps(asdict(row), ensure_ascii=False)))
    elif rows:
        _print_csv([asdict(row) for row in rows])


def print_table(headings: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """Print a table, cut to the terminal where there is one."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDE
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        wide = heading in ("title", "reason")
        table.add_column(heading, no_wrap=not wide, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable("" if cell is None else str(cell))) for cell in row))
    console.print(table)


def _print_csv(rows: Sequence[Mapping[str, Any]]) -> None:
    writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {key: printable(cell) if isinstance(cell, str) else cell for key, cell in row.items()}
        )
