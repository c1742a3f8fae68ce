"""`schedule`: units of systemd, lines of cron, workflows."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.answers import Ask, assert_one_line

CONTACT = ("--contact", "you@example.org")


def units(output: str) -> dict[str, str]:
    """The systemd units by the file names that head them."""
    parts = re.split(r"^# ~/\.config/systemd/user/(\S+)\n", output, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def commands(unit: str) -> list[str]:
    """What a service starts, one after the other."""
    return re.findall(r"^ExecStart=(.+)$", unit, flags=re.MULTILINE)


def parsed_unit(unit: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(unit)
    return parser


@pytest.mark.parametrize("every", ["day", "week", "month"])
def test_a_timer_and_its_service_are_units_that_systemd_takes(
    in_process: Ask, tmp_path: Path, every: str
) -> None:
    output = in_process(
        "--home", tmp_path, "schedule", "--kind", "systemd", "--every", every, *CONTACT
    ).out
    found = units(output)
    assert sorted(found) == [
        "ilo-archive-failed.service", "ilo-archive.service", "ilo-archive.timer",
    ]  # fmt: skip
    service, timer = (parsed_unit(found[f"ilo-archive.{kind}"]) for kind in ("service", "timer"))
    assert service["Service"]["Type"] == "oneshot"
    assert [shlex.split(each)[3] for each in commands(found["ilo-archive.service"])] == [
        "crawl", "report", "status",
    ]  # fmt: skip
    assert service["Unit"]["OnFailure"] == "ilo-archive-failed.service"
    assert timer["Timer"]["RandomizedDelaySec"]
    assert "loginctl enable-linger" in output
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


def cron(output: str) -> tuple[list[str], str]:
    """The five fields and the command of the only line that is no comment."""
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith("#")]
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
    crawl, report, state = command.split(";")
    assert "status --exit-code) || echo" in state
    flock, option, lock, program, *arguments = shlex.split(crawl.partition(">")[0])
    assert (flock, option) == ("flock", "-n")
    assert re.fullmatch(r"\$HOME/\.ilo-archive-[0-9a-f]{8}\.lock", lock)
    assert Path(program).is_absolute()
    assert os.access(program, os.X_OK)
    assert arguments[-7:] == ["--home", str(tmp_path), "crawl", "moscow", "rome", *CONTACT]
    assert shlex.split(report.partition(">")[0]) == [program, "--home", str(tmp_path), "report"]


def test_systemd_and_cron_are_printed_by_default(in_process: Ask) -> None:
    output = in_process("schedule", *CONTACT).out
    assert len(units(output)) == 3
    assert re.search(r"^\d+ \d+ \* \* \d flock .*crawl", output, re.MULTILINE)


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
    printed = command.replace(r"\%", "%").replace("flock -n", "printf '%s\\n'").partition(">")[0]
    said = subprocess.run(
        ["/bin/sh", "-c", printed],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(home) in said.stdout.splitlines()


def test_a_home_with_odd_characters_is_quoted_for_systemd(in_process: Ask, tmp_path: Path) -> None:
    """There `%` is a specifier and `$` a variable, in quotes or not: both are doubled."""
    output = in_process(
        "--home", tmp_path / ODD_HOME, "schedule", "--kind", "systemd", *CONTACT
    ).out
    services = (units(output)[f"ilo-archive{name}.service"] for name in ("", "-failed"))
    for command in (each for unit in services for each in commands(unit)):
        assert not re.search(r"(?<!%)%(?:%%)*(?!%)", command)
        assert not re.search(r"(?<!\$)\$(?:\$\$)*(?!\$)", command)


def test_a_crontab_is_one_that_cron_takes(in_process: Ask, tmp_path: Path) -> None:
    program = shutil.which("crontab")
    if (
        not program
        or "-T"
        not in subprocess.run(
            [program, "--help"], capture_output=True, text=True, check=False
        ).stderr
    ):
        pytest.skip("no crontab that checks a file")
    file = tmp_path / "crontab"
    file.write_text(in_process("schedule", "--kind", "cron", *CONTACT).out, encoding="utf-8")
    subprocess.run([program, "-T", file], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("moscow", "--source", "live"), ("http://example.org/",)])
def test_a_workflow_has_the_form_of_the_schema(
    in_process: Ask, tmp_path: Path, more: tuple[str, ...]
) -> None:
    file = tmp_path / "crawl.yml"
    home = "odd 'home' # of: mine"
    ask = ("--home", home, "schedule", *more, "--kind", "github", *CONTACT)
    file.write_text(in_process(*ask).out, encoding="utf-8")
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "github-workflows", file],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout


def test_the_scripts_of_a_workflow_are_shell(in_process: Ask) -> None:
    output = in_process("schedule", "moscow", "--kind", "github", *CONTACT).out
    (job,) = yaml.safe_load(output)["jobs"].values()
    scripts = [step["run"] for step in job["steps"] if "run" in step]
    assert len(scripts) == 5
    for script in scripts:
        subprocess.run(["bash", "-n", "-c", script], check=True)


@pytest.mark.parametrize("kind", ["systemd", "cron", "github"])
def test_source_and_archive_are_those_given(in_process: Ask, kind: str) -> None:
    given = ("--source", "memento", "--archive", "arquivo.pt")
    output = in_process("schedule", "moscow", "--kind", kind, *given, *CONTACT).out
    assert "crawl moscow --source memento --archive arquivo.pt --contact you@example.org" in output


def test_a_workflow_runs_the_crawl_at_its_hour(in_process: Ask, tmp_path: Path) -> None:
    output = in_process("schedule", "moscow", "--kind", "github", *CONTACT).out
    found = re.search(r'cron: "(.+)"', output)
    assert found
    assert len(found[1].split()) == 5
    run_line = next(line for line in output.splitlines() if "crawl moscow" in line)
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
    output = in_process("--home", "a: b", "schedule", "--kind", "github", "--contact", contact).out
    command = next(line for line in output.splitlines() if " crawl " in line and "case" in line)
    assert "${{ secrets" not in command
    assert f"--contact '{contact}'" in command.replace("${{ '${{' }}", "${{")
    assert '          path: "a: b"' in output.splitlines()


LINE = "\nExecStartPre=/bin/touch x"


@pytest.mark.parametrize("kind", ["systemd", "cron", "github"])
@pytest.mark.parametrize(
    "options",
    [
        ("--contact", f"you@example.org{LINE}"),
        (f"http://www.ilo.org/{LINE}", *CONTACT),
        ("moscow", "--source", "memento", "--archive", f"http://x.org/{LINE}", *CONTACT),
        ("--contact", "you@example.org\x85x"),
    ],
)
def test_a_value_with_a_line_break_is_refused(
    in_process: Ask, kind: str, options: tuple[str, ...]
) -> None:
    outcome = in_process("schedule", "--kind", kind, *options)
    assert_one_line(outcome, 2)
    assert "ExecStartPre=" not in outcome.out
