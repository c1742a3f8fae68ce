"""What README.md and docs/ show of the program: commands run on the sample, by cog."""

import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

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
_OFFSET = "709"  # in place of one that follows from it: the records before hold that time, packed


@cache
def _home() -> tempfile.TemporaryDirectory[str]:
    """A home that lives as long as the run of cog."""
    return tempfile.TemporaryDirectory()


def show(command: str, lines: int | None = None) -> None:
    """Print a command and what it prints on the sample, cut after some lines."""
    words = f"ilo-archive --home {_home().name} {command}"
    done = subprocess.run(words, shell=True, capture_output=True, text=True, check=True)
    told = [line.rstrip() for line in done.stdout.rstrip().splitlines()]
    cut = told if lines is None or len(told) <= lines else [*told[:lines], "..."]
    print("```", f"$ ilo-archive {command}", *cut, "```", sep="\n")


def show_archives() -> None:
    """Print the Memento archives that are asked without being named."""
    print("| `--archive` | archive | bytes as captured |\n| --- | --- | --- |")
    for each in memento_archives(None):
        print(f"| `{each.server.name}` | {each.title} | {'yes' if each.raw else 'no'} |")


def show_schema() -> None:
    """Print every view with the columns and an example from the sample."""
    with _sample() as database:
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


@contextmanager
def _sample() -> Iterator[sqlite3.Connection]:
    with tempfile.TemporaryDirectory() as home:
        command = ["ilo-archive", "--home", home, "ingest", "data/sample"]
        subprocess.run(command, capture_output=True, check=True)
        with closing(sqlite3.connect(Path(home) / "archive.sqlite")) as database:
            yield database
