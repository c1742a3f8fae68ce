"""`schedule`: units of systemd, lines of cron, workflows."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.answers import (
    Ask,
)

CONTACT = ("--contact", "you@example.org")


def units(told: str) -> dict[str, str]:
    """The systemd units by the file names that head them."""
    parts = re.split(r"^# ~/\.config/systemd/user/(\S+)\n", told, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def parsed_unit(unit: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(unit)
    return parser


@pytest.mark.parametrize("every", ["day", "week", "month"])
def test_a_timer_and_its_service_are_units_that_systemd_takes(
    in_process: Ask, tmp_path: Path, every: str
) -> None:
    told = in_process(
        "--home", tmp_path, "schedule", "--kind", "systemd", "--every", every, *CONTACT
    ).out
    found = units(told)
    assert sorted(found) == ["ilo-archive.service", "ilo-archive.timer"]
    service, timer = (parsed_unit(found[name]) for name in sorted(found))
    assert service["Service"]["Type"] == "oneshot"
    assert "crawl" in shlex.split(service["Service"]["ExecStart"])
    assert set(service["Service"]["SuccessExitStatus"].split()) >= {"4", "5"}
    assert timer["Timer"]["OnCalendar"]
    assert timer["Install"]["WantedBy"] == "timers.target"
    program = shutil.which("systemd-analyze")
    if program:
        for name, unit in found.items():
            (tmp_path / name).write_text(unit, encoding="utf-8")
        verified = subprocess.run(
            [program, "verify", "--user", "--man=no", *(tmp_path / name for name in found)],
            capture_output=True, text=True, check=False,
            env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        )  # fmt: skip
        complaints = [line for line in verified.stderr.splitlines() if "ilo-archive" in line]
        assert (verified.returncode, complaints) == (0, [])


def cron(told: str) -> tuple[list[str], str]:
    """The five fields and the command of the only line that is no comment."""
    lines = [line for line in told.splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) == 1
    *fields, command = lines[0].split(" ", 5)
    return fields, command


@pytest.mark.parametrize(
    ("every", "form"),
    [("day", r"\d+ \d+ \* \* \*"), ("week", r"\d+ \d+ \* \* \d"), ("month", r"\d+ \d+ \d+ \* \*")],
)
def test_a_cron_line_is_five_fields_and_a_command(
    in_process: Ask, tmp_path: Path, every: str, form: str
) -> None:
    ask = ("schedule", "moscow", "rome", "--kind", "cron", "--every", every, *CONTACT)
    fields, command = cron(in_process("--home", tmp_path, *ask).out)
    assert re.fullmatch(form, " ".join(fields))
    assert int(fields[0]) < 60
    assert int(fields[1]) < 24
    program, *arguments = shlex.split(command)
    assert Path(program).is_absolute()
    assert os.access(program, os.X_OK)
    assert arguments[-7:] == ["--home", str(tmp_path), "crawl", "moscow", "rome", *CONTACT]


def test_systemd_and_cron_are_printed_by_default(in_process: Ask) -> None:
    told = in_process("schedule", *CONTACT).out
    assert len(units(told)) == 2
    assert re.search(r"^\d+ \d+ \* \* \d /\S+ .*crawl", told, re.MULTILINE)


def test_the_contact_may_come_from_the_environment(
    in_process: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert in_process("schedule").code == 2
    monkeypatch.setenv("ILO_ARCHIVE_CONTACT", "someone@example.org")
    assert "someone@example.org" in in_process("schedule").out


ODD_HOME = '100% of $HOME \'n "more"'


def test_a_home_with_odd_characters_is_quoted_for_cron(in_process: Ask, tmp_path: Path) -> None:
    home = tmp_path / ODD_HOME
    _, command = cron(in_process("--home", home, "schedule", "--kind", "cron", *CONTACT).out)
    assert not re.search(r"(?<!\\)%", command)  # cron makes a line break of it
    said = subprocess.run(
        ["/bin/sh", "-c", "printf '%s\\n' " + command.replace(r"\%", "%")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(home) in said.stdout.splitlines()


def test_a_home_with_odd_characters_is_quoted_for_systemd(in_process: Ask, tmp_path: Path) -> None:
    """There `%` is a specifier and `$` a variable, in quotes or not: both are doubled."""
    told = in_process("--home", tmp_path / ODD_HOME, "schedule", "--kind", "systemd", *CONTACT).out
    command = parsed_unit(units(told)["ilo-archive.service"])["Service"]["ExecStart"]
    assert not re.search(r"(?<!%)%(?:%%)*(?!%)", command)
    assert not re.search(r"(?<!\$)\$(?:\$\$)*(?!\$)", command)


def test_a_workflow_runs_the_crawl_at_its_hour(in_process: Ask, tmp_path: Path) -> None:
    told = in_process("schedule", "moscow", "--kind", "github", *CONTACT).out
    found = re.search(r'cron: "(.+)"', told)
    assert found
    assert len(found[1].split()) == 5
    run_line = next(line for line in told.splitlines() if "crawl moscow" in line)
    assert "--contact you@example.org" in run_line


@pytest.mark.parametrize("kind", ["systemd", "cron", "github"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["--contact", "a@example.org\nExecStartPre=/bin/touch /tmp/x"],
        ["--contact", "a@example.org\r* * * * * touch /tmp/x"],
        ["http://www.ilo.org/\n* * * * * touch x", *CONTACT],
        ["http://www.ilo.org/\x00", *CONTACT],
        ["https://", *CONTACT],
    ],
)
def test_line_breaks_never_reach_a_schedule(
    in_process: Ask, kind: str, arguments: list[str]
) -> None:
    outcome = in_process("schedule", "--kind", kind, *arguments)
    assert (outcome.code, outcome.out) == (2, "")


def test_a_home_of_two_lines_has_no_schedule(in_process: Ask, tmp_path: Path) -> None:
    outcome = in_process("--home", tmp_path / "a\nb", "schedule", *CONTACT)
    assert (outcome.code, outcome.out) == (2, "")


def test_what_yaml_and_github_would_read_more_into_is_quoted(
    in_process: Ask, tmp_path: Path
) -> None:
    contact = "me: ${{ secrets.KEY }} # @example.org"
    told = in_process("--home", "a: b", "schedule", "--kind", "github", "--contact", contact).out
    [run] = [line for line in told.splitlines() if "- run: " in line and "crawl" in line]
    command = json.loads(run.partition("run: ")[2])
    assert "${{ secrets" not in command
    assert command.replace("${{ '${{' }}", "${{").endswith(f"--contact '{contact}'")
    assert '          path: "a: b"' in told.splitlines()
