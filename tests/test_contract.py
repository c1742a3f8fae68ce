"""docs/contract.md says what the program has: every command, option and column named there."""

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import click
import pytest

import ilo_archive
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.cli import cli
from ilo_archive.offices import registry
from ilo_archive.queries.alarms import AlarmKind

CONTRACT = Path(__file__).parent.parent / "docs" / "contract.md"
OPTION = re.compile(r"--[a-z][a-z-]*")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table of commands."""

    command: str
    options: frozenset[str]
    not_made: str


def rows() -> list[Row]:
    table = (
        CONTRACT.read_text(encoding="utf-8").partition("## Commands")[2].partition("\n\nExit")[0]
    )
    found = re.findall(r"^\| `([a-z]+)[^|]*\|[^|]*\|([^|]*)\|([^|]*)\|$", table, re.MULTILINE)
    return [Row(name, frozenset(OPTION.findall(options)), rest) for name, options, rest in found]


def options_of(command: str) -> set[str]:
    found = cli.get_command(click.Context(cli), command)
    assert found is not None, f"no command {command}"
    options = (each for each in found.params if isinstance(each, click.Option))
    return {name for each in options for name in each.opts if name.startswith("--")}


def test_the_table_has_every_command_of_the_program() -> None:
    made = {row.command for row in rows() if row.not_made.strip() != "the command"}
    assert made == set(cli.list_commands(click.Context(cli)))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.command)
def test_a_command_has_the_options_of_its_row_and_no_others(row: Row) -> None:
    if row.not_made.strip() == "the command":
        assert row.command not in cli.list_commands(click.Context(cli))
        return
    assert options_of(row.command) == row.options
    assert not options_of(row.command) & set(OPTION.findall(row.not_made))


def test_every_command_has_an_example_in_its_help() -> None:
    for name in cli.list_commands(click.Context(cli)):
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert "Example:" in (command.help or ""), name


def test_the_views_have_the_columns_of_the_table(tmp_path: Path) -> None:
    ArchiveWriter(tmp_path, registry()).close()
    text = CONTRACT.read_text(encoding="utf-8").partition("## Views")[2]
    views = re.findall(r"^\| `([a-z]+)` \|[^|]*\| `([^`]*)` \|$", text, re.MULTILINE)
    assert len(views) == 7
    with closing(sqlite3.connect(tmp_path / "archive.sqlite")) as database:
        for view, columns in views:
            cursor = database.execute(f"SELECT * FROM {view} LIMIT 0")
            assert {column[0] for column in cursor.description} >= set(columns.split(", ")), view


def test_the_public_api_is_documented() -> None:
    text = (CONTRACT.parent / "python.md").read_text(encoding="utf-8")
    for name in ilo_archive.__all__:
        assert f"`{name}`" in text, name
        if name != "__version__":
            assert getattr(ilo_archive, name).__doc__, name


def test_the_operations_page_says_what_each_alarm_means() -> None:
    page = CONTRACT.with_name("unattended.md").read_text(encoding="utf-8")
    table = set(re.findall(r"^\| `([a-z-]+)` \|", page, flags=re.MULTILINE))
    assert table == set(get_args(AlarmKind))
