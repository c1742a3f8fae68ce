"""What README.md and docs/ show of the program: commands run on the sample, by cog."""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

import click

from ilo_archive.cli import cli
from ilo_archive.published.codebook import tables
from ilo_archive.sources.archives import memento_archives

_ROWS_ARE = {
    "captures": "a capture known, fetched or not",
    "news": "an entry, in its latest wording",
    "sightings": "an entry on a snapshot",
    "revisions": "a wording of an entry",
    "lifelines": "an entry on one page",
    "descriptions": "a wording of an office's name or description",
    "credits": "a credited holder or agency",
    "runs": "a run of `crawl`, `ingest` or `reread`",
}
_WIDEST = 90
_RUN_AT = "2026-11-21T20:00:00Z"  # shown in place of the time at which the page was made
_RUN_TIME = re.compile(r"\b20[23]\d-\d\d-\d\dT\d\d:\d\d:\d\dZ(?=\s+finished)")
_RUN_DAY = re.compile(r"(?<=recorded since )\d+ \w+ 20[23]\d, \d\d:\d\d UTC")
_OFFSET = "709"  # in place of one that follows from it: the records before hold that time, packed


@cache
def _home() -> tempfile.TemporaryDirectory[str]:
    """A home with the sample that lives as long as the run of cog."""
    home = tempfile.TemporaryDirectory()
    command = ["ilo-archive", "--home", home.name, "ingest", "data/sample"]
    subprocess.run(command, capture_output=True, check=True)
    return home


def _sample_home() -> str:
    return _home().name


def show(
    command: str,
    lines: int | None = None,
    *,
    mask_program: bool = False,
    mask_times: bool = False,
    fresh: bool = False,
) -> None:
    """Print a command and what it prints on the sample, cut after some lines.

    What differs from machine to machine (the path of the program, times of runs) is masked. With
    `fresh` the home is empty.
    """
    if fresh:
        with tempfile.TemporaryDirectory() as home:
            _show_in(home, command, lines, mask_program, mask_times)
    else:
        _show_in(_sample_home(), command, lines, mask_program, mask_times)


def _show_in(
    home: str, command: str, lines: int | None, mask_program: bool, mask_times: bool
) -> None:
    words = f"ilo-archive --home {home} {command}"
    done = subprocess.run(words, shell=True, capture_output=True, text=True, check=True)
    output = done.stdout.replace(home, "data")
    if mask_program:
        output = re.sub(r"[^\s(]+/ilo-archive (?:--home \S+ )?", "ilo-archive ", output)
        output = re.sub(r"[0-9a-f]{8}(?=\.lock)", "1a2b3c4d", output)
    if mask_times:
        output = _RUN_TIME.sub(_RUN_AT, output)
        output = _RUN_DAY.sub("21 November 2026, 20:00 UTC", output)
    _print_block([f"$ ilo-archive {command}", *_cut(output, lines)])


def show_demo(lines: int) -> None:
    """Print the lines with which `make demo` shows what changed."""
    words = f"ilo-archive --home {_sample_home()} diff moscow 2015 2021"
    done = subprocess.run(words, shell=True, capture_output=True, text=True, check=True)
    _print_block(_cut(done.stdout, lines))


def show_sql(statement: str) -> None:
    """Print a statement and the rows that it gives on the sample."""
    with closing(sqlite3.connect(Path(_sample_home()) / "archive.sqlite")) as database:
        rows = database.execute(statement).fetchall()
    print("```sql", statement, "```", "", sep="\n")
    _print_block(["|".join("" if cell is None else str(cell) for cell in row) for row in rows])


@cache
def _exports() -> tempfile.TemporaryDirectory[str]:
    """A folder for what is exported, that lives as long as the run of cog."""
    return tempfile.TemporaryDirectory()


def show_exports(*commands: str, lines: int | None = None) -> None:
    """Print commands with what they print, messages too, in a folder for exports of the sample.

    A command that fails is shown as well: `verify` does where there is damage.
    """
    printed = []
    sorted_by_byte = {**os.environ, "LC_ALL": "C.UTF-8"}  # what ls prints
    for command in commands:
        words = re.sub(r"^ilo-archive ", f"ilo-archive --home {_sample_home()} ", command)
        done = subprocess.run(
            words, shell=True, cwd=_exports().name, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=sorted_by_byte,
        )  # fmt: skip
        printed += [f"$ {command}", *_cut(done.stdout, lines)]
    _print_block(printed)


def show_tables() -> None:
    """Print the tables of the published copy."""
    print("| table | a row is | columns |\n| --- | --- | --- |")
    for each in tables():
        columns = ", ".join(f"`{column.name}`" for column in each.columns)
        print(f"| `{each.name}` | {each.row} | {columns} |")


def show_python(code: str, lines: int | None = None, *, exports: bool = False) -> None:
    """Print a program and what it prints on the sample, cut after some lines; with `exports` in
    the folder for exports.
    """
    program = code.replace("data/demo", _sample_home())
    environment = {**os.environ, "ILO_ARCHIVE_HOME": _sample_home()}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env=environment, cwd=_exports().name if exports else None,
    )  # fmt: skip
    print("```python", code.strip(), "```", "", sep="\n")
    _print_block(_cut(done.stdout, lines))


def _cut(output: str, lines: int | None) -> list[str]:
    printed = [line.rstrip() for line in output.rstrip().splitlines()]
    return printed if lines is None or len(printed) <= lines else [*printed[:lines], "..."]


def _print_block(lines: list[str]) -> None:
    print("```", *lines, "```", sep="\n")


def show_archives() -> None:
    """Print the Memento archives that are asked without being named."""
    print("| `--archive` | archive | bytes as captured |\n| --- | --- | --- |")
    for each in memento_archives(None):
        print(f"| `{each.server.name}` | {each.title} | {'yes' if each.raw else 'no'} |")


def show_schema() -> None:
    """Print every view with the columns and an example from the sample."""
    with closing(sqlite3.connect(Path(_sample_home()) / "archive.sqlite")) as database:
        for view, meaning in _ROWS_ARE.items():
            cursor = database.execute(f"SELECT * FROM {view} ORDER BY 1, 2")
            names = [column[0] for column in cursor.description]
            rows = cursor.fetchall()
            print(f"## {view}\n\nA row is {meaning}. The sample has {len(rows)}, for example:\n")
            print("| column | value |\n| --- | --- |")
            for name, value in zip(names, rows[0], strict=True):
                print(f"| `{name}` | {_cell(view, name, value)} |")
            print()


def _cell(view: str, name: str, value: object) -> str:
    if view == "runs" and name.endswith("_at"):
        return _RUN_AT
    if name == "warc_offset":
        return _OFFSET
    text = "" if value is None else str(value).replace("|", "\\|")
    return text if len(text) < _WIDEST else f"{text[: _WIDEST - 3]}..."


def show_help() -> None:
    """Print the help of every command, as 100 columns have it."""
    context = click.Context(cli, info_name="ilo-archive", max_content_width=100, terminal_width=100)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        inner = click.Context(
            command, context, info_name=name, max_content_width=100, terminal_width=100
        )
        print(f"## {name}\n")
        _print_block(command.get_help(inner).splitlines())
        print()
