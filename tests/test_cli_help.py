"""`--help`: every command, with examples that run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ilo_archive.cli import cli
from tests.support.answers import Ask
from tests.support.run import run_bytes

COMMANDS = (
    *("crawl", "ingest", "read", "offices", "entries", "search", "show", "diff", "status"),
    *("reread", "schedule", "profile", "credits", "cite", "coverage", "merge"),
    "split",
)


@pytest.mark.parametrize("command", cli.list_commands(click.Context(cli)))
def test_the_help_of_every_command_has_an_example(command: str) -> None:
    for option in ("--help", "-h"):
        printed = CliRunner().invoke(cli, [command, option])
        assert printed.exit_code == 0
        assert re.search(rf"Example:\n +ilo-archive {command}\b", printed.output)


def test_the_help_of_the_program_lists_every_command_and_the_home() -> None:
    printed = CliRunner().invoke(cli, ["--help"]).output
    assert [
        name for name in COMMANDS if not re.search(rf"^  {name} +[A-Z]", printed, re.MULTILINE)
    ] == []
    assert "--home" in printed
    assert "ILO_ARCHIVE_HOME" in printed
    assert re.search(r"Example:\n +ilo-archive ingest", printed)


def examples(command: str) -> list[str]:
    printed = CliRunner().invoke(cli, [command, "--help"]).output
    return re.findall(r"^ +ilo-archive (.+)$", printed, re.MULTILINE)


@pytest.mark.parametrize(
    "command",
    [
        *("offices", "entries", "search", "show", "diff", "status", "schedule", "credits"),
        *("profile", "cite"),
    ],
)
def test_the_examples_of_the_help_run(
    in_process: Ask,
    sample_home: Path,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert examples(command)
    for example in examples(command):
        outcome = in_process("--home", sample_home, *shlex.split(example))
        assert (outcome.code, outcome.err) == (0, ""), example


@pytest.mark.parametrize("command", ["crawl", "ingest", "read", "reread"])
def test_the_other_examples_use_options_that_exist(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.html").touch()
    (tmp_path / "data" / "sample").mkdir(parents=True)
    group = click.Context(cli)
    found = cli.get_command(group, command)
    assert examples(command)
    for example in examples(command):
        context = found.make_context(command, shlex.split(example)[1:], parent=group)
        assert context.params.keys() == {each.name for each in found.params if each.expose_value}


def test_the_version_is_that_of_the_package(in_process: Ask) -> None:
    from ilo_archive import __version__

    assert in_process("--version").out.strip().endswith(__version__)


def test_without_a_command_the_help_is_shown_and_readable(in_process: Ask) -> None:
    outcome = in_process()
    assert outcome.code == 2
    printed = outcome.out + outcome.err
    assert "Traceback" not in printed
    assert re.search(r"^  ingest +\S", printed, re.MULTILINE)


def test_python_m_runs_the_package() -> None:
    assert b"ingest" in run_bytes("--help").stdout
