"""The command line: every question, every way to go wrong, and nothing a page can do to it."""

from __future__ import annotations

import configparser
import csv
import gzip
import io
import json
import os
import pty
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from time import sleep
from typing import Any

import brotli
import click
import pytest
from backports import zstd
from click.testing import CliRunner
from filelock import FileLock
from sqlalchemy.exc import OperationalError
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.cli import cli, exit_code, main
from ilo_archive.offices import registry
from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.reader.page import Page
from tests.build import NOW, a_page, a_snapshot, an_archive, an_entry, item, ymd

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
PAGES = Path(__file__).parent / "fixtures" / "moscow"
ENGLISH, RUSSIAN, LATER = (
    PAGES / f"{stamp}.html" for stamp in ("20150414103217", "20150414103355", "20150619074508")
)
MOSCOW = "http://www.ilo.org/moscow/lang--en/index.htm"
PAGE = ENGLISH.read_bytes()
HTML = {"Content-Type": "text/html; charset=UTF-8"}

COMMANDS = (
    *("crawl", "ingest", "read", "offices", "entries", "search", "show", "diff", "status"),
    *("reread", "schedule", "profile", "credits", "cite", "coverage", "merge"),
    "split",
)

NEWS = (
    *("entry_id", "office", "language", "section", "date", "date_end", "kicker", "title"),
    *("summary", "link", "credit_holder", "credit_agency", "first_seen", "last_seen"),
    *("absent_from", "sightings", "revisions"),
)
"""Columns of the view `news`, in the words of the contract."""


# -- running it ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Here = Callable[..., Ran]


def environment(**more: str) -> dict[str, str]:
    """That of the tests without what would change an answer; the program is this checkout's."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ILO_", "NO_COLOR", "FORCE"))}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "COLUMNS": "100"} | more


def run_bytes(
    *arguments: str | bytes | Path, cwd: Path | None = None, stdin: bytes = b"", **env: str
) -> subprocess.CompletedProcess[bytes]:
    """The program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "ilo_archive", *arguments],
        cwd=cwd, input=stdin, env=environment(**env), capture_output=True, check=False, timeout=60,
    )  # fmt: skip


def run(*arguments: str | bytes | Path, cwd: Path | None = None, **env: str) -> Ran:
    ended = run_bytes(*arguments, cwd=cwd, stdin=b"", **env)
    return Ran(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """The same without a process, some twenty times faster; not for `ingest` and `crawl`."""
    monkeypatch.delenv("ILO_ARCHIVE_HOME", raising=False)
    monkeypatch.delenv("ILO_ARCHIVE_CONTACT", raising=False)

    def ask(*arguments: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["ilo-archive", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else int(bool(code)), said.out, said.err)

    return ask


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample in it. Tests read it and leave it as it is."""
    home = tmp_path_factory.mktemp("sample")
    ran = run("--home", home, "ingest", SAMPLE)
    assert ran.code == 0, ran.err
    return home


def assert_one_line(ran: Ran, code: int) -> None:
    """An error a user can cause is one line that says what to do, never a traceback."""
    assert (ran.code, ran.out) == (code, "")
    assert re.fullmatch(r"ilo-archive: [^\n]{10,400}\n", ran.err), ran.err
    assert "Traceback" not in ran.err
    assert "sqlalche.me" not in ran.err


def records(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "archive.sqlite")) as database:
        return database.execute(sql).fetchall()


# -- help ----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", cli.list_commands(click.Context(cli)))
def test_the_help_of_every_command_has_an_example(command: str) -> None:
    for option in ("--help", "-h"):
        told = CliRunner().invoke(cli, [command, option])
        assert told.exit_code == 0
        assert re.search(rf"Example:\n +ilo-archive {command}\b", told.output)


def test_the_help_of_the_program_lists_every_command_and_the_home() -> None:
    told = CliRunner().invoke(cli, ["--help"]).output
    assert [
        name for name in COMMANDS if not re.search(rf"^  {name} +[A-Z]", told, re.MULTILINE)
    ] == []
    assert "--home" in told
    assert "ILO_ARCHIVE_HOME" in told
    assert re.search(r"Example:\n +ilo-archive ingest", told)


def examples(command: str) -> list[str]:
    told = CliRunner().invoke(cli, [command, "--help"]).output
    return re.findall(r"^ +ilo-archive (.+)$", told, re.MULTILINE)


@pytest.mark.parametrize(
    "command",
    [
        *("offices", "entries", "search", "show", "diff", "status", "schedule", "credits"),
        *("profile", "cite"),
    ],
)
def test_the_examples_of_the_help_run(
    here: Here, sample: Path, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert examples(command)
    for example in examples(command):
        ran = here("--home", sample, *shlex.split(example))
        assert (ran.code, ran.err) == (0, ""), example


@pytest.mark.parametrize("command", ["crawl", "ingest", "read", "reread"])
def test_the_other_examples_are_of_options_that_exist(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.html").touch()
    (tmp_path / "data" / "sample").mkdir(parents=True)
    group = click.Context(cli)
    found = cli.get_command(group, command)
    for example in examples(command):
        found.make_context(command, shlex.split(example)[1:], parent=group)


def test_the_version_is_that_of_the_package(here: Here) -> None:
    from ilo_archive import __version__

    assert here("--version").out.strip().endswith(__version__)


def test_without_a_command_the_help_is_shown_and_readable(here: Here) -> None:
    ran = here()
    assert ran.code == 2
    told = ran.out + ran.err
    assert "Traceback" not in told
    assert re.search(r"^  ingest +\S", told, re.MULTILINE)


def test_python_runs_the_package_too() -> None:
    assert b"ingest" in run_bytes("--help").stdout


# -- wrong use -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        "nosuch",
        "--nosuch",
        "entries --nosuch",
        "entries --format xml",
        "entries --limit 0",
        "entries --limit many",
        "entries --from banana",
        "entries --to 2015-13",
        "entries --as-of 2015-02-30",
        "entries --as-of 2015-1-1",
        "entries --as-of ''",
        "search",
        "search x --from 20",
        "show",
        "show nosuch",
        "show wcms-1-en",
        "diff",
        "diff nosuch",
        "diff nosuch 2015 2021",
        "diff moscow 2015",
        "diff moscow 2015 banana",
        "diff moscow 2015 2016 2017",
        "diff moscow --format pdf",
        "diff moscow -o .",
        "read",
        "ingest",
        "ingest nosuch.html",
        "ingest . --at banana",
        "crawl nosuch --contact a@example.org",
        "crawl moscow --from 2015-13 --contact a@example.org",
        "crawl moscow --every century",
        "schedule",
        "schedule --every hour --contact a@example.org",
        "schedule --kind windows --contact a@example.org",
        "offices --format pdf",
        "status extra",
    ],
)
def test_wrong_use_is_one_line_and_2(here: Here, sample: Path, arguments: str) -> None:
    assert_one_line(here("--home", sample, *shlex.split(arguments)), 2)


@pytest.mark.parametrize(
    "arguments",
    ["entries --as-of 9999", "entries --to 9999-12", "diff moscow 2015 9999"],
)
def test_the_last_year_of_the_calendar_is_no_traceback(
    here: Here, sample: Path, arguments: str
) -> None:
    ran = here("--home", sample, *arguments.split())
    assert ran.code in (0, 2)
    assert ran.err.count("\n") == (ran.code == 2)


@pytest.mark.parametrize("command", ["entries", "search labour"])
def test_an_office_that_nobody_knows_is_told_and_not_answered_with_nothing(
    here: Here, sample: Path, command: str
) -> None:
    """An empty list for `--office mosow` reads as if there were no news."""
    assert_one_line(here("--home", sample, *command.split(), "--office", "mosow"), 2)


def test_an_office_of_the_registry_that_holds_nothing_is_an_empty_answer(
    here: Here, sample: Path
) -> None:
    ran = here("--home", sample, "entries", "--office", "rome", "--format", "json")
    assert (ran.code, ran.out.strip(), ran.err) == (0, "[]", "")


def test_a_schedule_for_an_office_that_nobody_knows_is_refused(here: Here) -> None:
    """It would fail at night, unseen; `crawl` refuses the same words."""
    assert_one_line(here("schedule", "mosow", "--contact", "a@example.org"), 2)


@pytest.mark.parametrize(
    "arguments", ["entries", "search x", "show x", "diff moscow", "status"]
)  # fmt: skip
def test_without_an_archive_the_error_says_how_to_make_one(
    here: Here, tmp_path: Path, arguments: str
) -> None:
    ran = here("--home", tmp_path / "none", *arguments.split())
    assert_one_line(ran, 2)
    assert "ingest" in ran.err
    assert not (tmp_path / "none").exists()


def test_a_home_that_is_a_file_is_wrong_use(here: Here, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert_one_line(here("--home", tmp_path / "file", "entries"), 2)
    assert_one_line(here("--home", tmp_path / "file" / "below", "entries"), 2)


@pytest.mark.parametrize("content", [b"", b"no database, but long enough" * 200, b"\0" * 8192])
def test_a_file_that_is_no_archive_is_wrong_use_and_no_full_disk(
    here: Here, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "archive.sqlite").write_bytes(content)
    assert_one_line(here("--home", tmp_path, "entries"), 2)


def test_a_damaged_archive_is_refused_by_a_run_that_would_write(tmp_path: Path) -> None:
    (tmp_path / "archive.sqlite").write_bytes(b"no database, but long enough" * 200)
    ran = run("--home", tmp_path, "ingest", SAMPLE)
    assert_one_line(ran, 2)
    assert (tmp_path / "archive.sqlite").read_bytes().startswith(b"no database")


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", b"caf\xe9"],
        ["entries", "--office", b"\xff"],
        ["entries", "--credit", b"\xff"],
        ["entries", "--as-of", b"\xff"],
        ["show", b"\xff"],
        ["diff", b"\xff"],
        ["diff", "moscow", b"\xff", "2016"],
        ["read", b"\xff"],
        [b"\xff"],
    ],
    ids=ascii,
)
def test_bytes_that_are_no_utf8_are_answered_or_refused_in_one_line(
    here: Here, sample: Path, arguments: list[str | bytes]
) -> None:
    """A terminal in Latin-1 sends them; Python makes surrogates of them."""
    ran = here("--home", sample, *map(os.fsdecode, arguments))
    assert ran.code in (0, 2, 3)
    assert ran.err.count("\n") == (ran.code == 2), ran.err


def test_two_offices_that_hold_nothing_to_compare_are_3(here: Here, sample: Path) -> None:
    assert_one_line(here("--home", sample, "diff", "rome"), 3)
    assert_one_line(here("--home", sample, "diff", "moscow", "--language", "fr"), 3)


def test_one_capture_is_nothing_to_compare(here: Here, home: Path) -> None:
    an_archive(home, a_snapshot("2015", a_page(an_entry())))
    assert_one_line(here("--home", home, "diff", "moscow"), 3)
    ran = here("--home", home, "diff", "moscow", "first", "last", "--exit-code")
    assert (ran.code, ran.err) == (0, "")


# -- where the home is ---------------------------------------------------------------------


def test_the_home_is_the_option_else_the_environment_else_data(
    here: Here, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert here("entries").code == 2
    (tmp_path / "data").symlink_to(sample)
    by_default = here("entries", "--format", "json")
    monkeypatch.setenv("ILO_ARCHIVE_HOME", str(tmp_path / "none"))
    assert here("entries").code == 2
    by_option = here("--home", sample, "entries", "--format", "json")
    monkeypatch.setenv("ILO_ARCHIVE_HOME", str(sample))
    assert here("entries", "--format", "json").out == by_option.out == by_default.out != "[]\n"


def test_everything_a_run_makes_lies_in_the_home(tmp_path: Path) -> None:
    ran = run("ingest", ENGLISH, "--url", MOSCOW, cwd=tmp_path, ILO_ARCHIVE_HOME="the home#1")
    assert ran.code == 0
    assert [each.name for each in tmp_path.iterdir()] == ["the home#1"]
    made = {each.name for each in (tmp_path / "the home#1").iterdir()}
    assert {"archive.sqlite", "warc"} <= made


def test_a_relative_home_is_one_below_the_folder_at_hand(tmp_path: Path) -> None:
    assert run("--home", "h", "ingest", ENGLISH, "--url", MOSCOW, cwd=tmp_path).code == 0
    assert run("--home", tmp_path / "h", "show", "wcms-356122-en").code == 0


# -- entries and search --------------------------------------------------------------------


def listed(ran: Ran) -> list[dict[str, Any]]:
    assert (ran.code, ran.err) == (0, "")
    rows: list[dict[str, Any]] = json.loads(ran.out)
    return rows


def ids(ran: Ran) -> list[str]:
    return [row["entry_id"] for row in listed(ran)]


@pytest.mark.parametrize("command", [["entries"], ["search", "labour"]])
def test_the_formats_hold_the_same_rows_with_the_columns_of_news(
    here: Here, sample: Path, command: list[str]
) -> None:
    as_json, as_lines, as_csv, table = (
        here("--home", sample, *command, "--format", each)
        for each in ("json", "jsonl", "csv", "table")
    )
    rows = listed(as_json)
    assert rows
    assert all(list(row) == list(NEWS) for row in rows)
    assert [json.loads(line) for line in as_lines.lines] == rows
    parsed = list(csv.DictReader(io.StringIO(as_csv.out)))
    assert parsed == [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]
    assert len(table.lines) == len(rows) + 1
    for row, line in zip(rows, table.lines[1:], strict=True):
        assert row["entry_id"] in line
        assert " ".join((row["title"] or "").split()) in line


def test_the_sample_has_the_entries_that_stand_on_its_pages(here: Here, sample: Path) -> None:
    """Every item number on the pages of the fixtures, in its page's language."""
    numbers = set()
    for page in PAGES.glob("*.json"):
        reading = json.loads(page.read_text(encoding="utf-8"))
        links = [entry["link"] for each in reading["sections"] for entry in each["entries"]]
        numbers |= {
            f"wcms-{re.findall(r'WCMS_([0-9]+)', link, re.IGNORECASE)[0]}-{reading['language']}"
            for link in links
        }
    assert len(numbers) > 40
    assert set(ids(here("--home", sample, "entries", "--format", "json"))) == numbers


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--from 2021-06-01", ["wcms-800162-en", "wcms-799337-en", "wcms-796513-en"]),
        ("--from 2015-04-14 --to 2015-04-14 --language en", ["wcms-360214-en"]),
        ("--from 2015-04-14 --to 2015-04-14 --language ru", ["wcms-360214-ru"]),
        ("--credit waddington", ["wcms-800162-en"]),
        ("--credit crozet --from 2021", ["wcms-799337-en"]),
        ("--section 'key resources' --to 2015", []),
        ("--office moscow --language ru --from 2015-04-08", ["wcms-360214-ru", "wcms-359871-ru"]),
        ("--limit 1", ["wcms-800162-en"]),
        ("--to 2000", []),
    ],
)  # fmt: skip
def test_filters_narrow_the_entries(
    here: Here, sample: Path, options: str, expected: list[str]
) -> None:
    assert (
        ids(here("--home", sample, "entries", "--format", "json", *shlex.split(options)))
        == expected
    )


def test_a_page_is_shown_as_it_stood(here: Here, sample: Path) -> None:
    """As tests/fixtures/moscow/20151218160233.json lists it, news and other sections."""
    reading = json.loads((PAGES / "20151218160233.json").read_text(encoding="utf-8"))
    printed = [entry for each in reading["sections"] for entry in each["entries"]]
    for as_of in ("2015-12-18", "2015", "2016-01-14"):
        ask = ("entries", "--office", "moscow", "--language", "en", "--as-of", as_of)
        rows = listed(here("--home", sample, *ask, "--format", "json"))
        assert [row["title"] for row in rows] == [entry["title"] for entry in printed]
        assert [row["link"] for row in rows] == [entry["link"] for entry in printed]


def test_a_page_as_it_stood_cites_its_capture(here: Here, sample: Path) -> None:
    """The capture of 9 November 2016 and that of the Russian page of April 2015."""
    ask = ("--home", sample, "entries", "--as-of", "2016-12")
    cited = {
        (row["page"], row["captured_at"], row["url"])
        for row in listed(here(*ask, "--format", "json"))
    }
    assert cited == {
        ("moscow/en", "2016-11-09T21:30:04Z", MOSCOW),
        ("moscow/ru", "2015-04-14T10:33:55Z", MOSCOW.replace("--en", "--ru")),
    }
    russian = MOSCOW.replace("--en", "--ru")
    assert here(*ask).lines[-2:] == [
        f"moscow/en as captured 2016-11-09T21:30:04Z: {MOSCOW} in moscow.warc",
        f"moscow/ru as captured 2015-04-14T10:33:55Z: {russian} in moscow.warc",
    ]


def test_the_citation_of_a_page_is_its_memento_where_there_is_one(
    here: Here, tmp_path: Path
) -> None:
    snapshot = a_snapshot("20150414", a_page(an_entry()))
    memento = f"https://web.archive.org/web/20150414000000/{MOSCOW}"
    an_archive(tmp_path, replace(snapshot, capture=replace(snapshot.capture, uri_m=memento)))
    ask = ("--home", tmp_path, "entries", "--as-of", "2015")
    assert here(*ask).lines[-1].endswith(f"2015-04-14T00:00:00Z: {memento}")
    assert listed(here(*ask, "--format", "json"))[0]["uri_m"] == memento


def test_edits_are_listed_with_before_and_after_in_every_format(here: Here, sample: Path) -> None:
    """As data/sample/captures.toml tells: two words more in June 2015, an article in June 2021."""
    ask = ("--home", sample, "entries", "--edited", "--format")
    rows = listed(here(*ask, "json"))
    assert [(row["entry_id"], row["field"], row["before_at"], row["after_at"]) for row in rows] == [
        ("wcms-795288-en", "title", "2021-06-03T07:41:42Z", "2021-06-11T09:06:44Z"),
        ("wcms-359871-en", "title", "2015-04-14T10:32:17Z", "2015-06-19T07:45:08Z"),
    ]
    assert (rows[1]["before"], rows[1]["after"]) == (
        "Employment policy in the spotlight",
        "Employment policy in the spotlight in Astana",
    )
    assert [json.loads(line) for line in here(*ask, "jsonl").lines] == rows
    as_csv = list(csv.DictReader(io.StringIO(here(*ask, "csv").out)))
    assert [row["after"] for row in as_csv] == [row["after"] for row in rows]
    table = here(*ask, "table")
    assert len(table.lines) == 3
    assert rows[1]["before"] in table.lines[2]
    assert rows[1]["after"] in table.lines[2]


def test_edits_are_no_page_as_it_stood(here: Here, sample: Path) -> None:
    ran = here("--home", sample, "entries", "--edited", "--as-of", "2015")
    assert ran.code == 2
    assert "--edited or --as-of" in ran.err


def test_a_page_is_not_shown_from_before_its_first_capture(here: Here, sample: Path) -> None:
    ran = here("--home", sample, "entries", "--as-of", "2015-04-13", "--format", "json")
    assert listed(ran) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (["arctic"], {"wcms-356122-en"}),
        (["Arctic", "SCHOOL", "union"], {"wcms-356122-en"}),
        (['"trade union school"'], {"wcms-356122-en"}),
        (["арктич*"], {"wcms-356122-ru"}),
        (["spotlight"], {"wcms-359871-en"}),
        (["--", "-arctic-"], {"wcms-356122-en"}),
        (["nosuchword"], set()),
        (["'"], set()),
        ([""], set()),
        (["FNPR-ILO", "("], {"wcms-356122-en"}),
    ],
)
def test_entries_are_found_by_their_words(
    here: Here, sample: Path, query: list[str], expected: set[str]
) -> None:
    assert set(ids(here("--home", sample, "search", "--format", "json", *query))) == expected


@pytest.mark.parametrize("command", ["entries --to 1990", "search nosuchword"])
def test_no_rows_are_still_of_their_format(here: Here, sample: Path, command: str) -> None:
    ask = ("--home", sample, *command.split(), "--format")
    assert json.loads(here(*ask, "json").out) == []
    assert here(*ask, "jsonl").out == ""
    assert here(*ask, "csv").lines == [",".join(NEWS)]
    assert here(*ask, "table").code == 0


# -- show ----------------------------------------------------------------------------------


def test_the_story_of_an_entry_tells_what_the_captures_bear_out(here: Here, sample: Path) -> None:
    """The Arctic school: on the page of April 2015, not of June, again from December on."""
    ran = here("--home", sample, "show", "wcms-356122-en")
    assert (ran.code, ran.err) == (0, "")
    for seen in ("2015-04-14T10:32:17Z", "2015-06-19T07:45:08Z", "2016-02-12T05:19:20Z"):
        assert seen in ran.out
    assert re.search(r"not on +2015-06-19T07:45:08Z", ran.out)
    assert re.search(r"no longer on +2016-11-09T21:30:04Z", ran.out)
    assert not re.search(r"delet|remov|vanish", ran.out, re.IGNORECASE)


def test_the_story_as_json_has_wordings_and_sightings(here: Here, sample: Path) -> None:
    """The employment policy: a longer title from June 2015 on."""
    story = json.loads(here("--home", sample, "show", "wcms-359871-en", "--format", "json").out)
    assert [each["captured_at"] for each in story["sightings"]] == [
        "2015-04-14T10:32:17Z",
        "2015-06-19T07:45:08Z",
    ]
    assert [each["title"] for each in story["wordings"]] == [
        "Employment policy in the spotlight",
        "Employment policy in the spotlight in Astana",
    ]
    assert list(story["item"]) == list(NEWS)
    assert story["gaps"] == []


def test_the_story_tells_bounds_and_never_a_date_alone(here: Here, tmp_path: Path) -> None:
    def listing(*numbers: int) -> Page:
        items = (an_entry(f"Item {n}", f"2015-03-{n:02}", link=item(n)) for n in numbers)
        return a_page(*items)

    an_archive(
        tmp_path,
        a_snapshot("20150401", listing(3, 2)),
        a_snapshot("20150414", listing(4, 3, 2)),
        a_snapshot("20150501", listing(5, 3, 2)),
        a_snapshot("20150420", listing(4, 3), office="rome"),
        a_snapshot("20150414", a_page(an_entry("Семинар", link=item(4, "ru")), language="ru"),
                   language="ru"),
    )  # fmt: skip
    told = here("--home", tmp_path, "show", "wcms-4-en").out
    assert (
        "  Appeared between 1 and 14 April 2015; left between 14 April and 1 May 2015;"
        " dropped while 2 older entries stayed.\n" in told
    )
    assert "  rome/en, on 1 of 1 good captures, no capture shows how much later\n" not in told
    assert "  rome/en, on 1 of 1 good captures, at most 19 days later\n" in told
    assert "  ru  wcms-4-ru  Семинар  [item number]\n" in told
    story = json.loads(here("--home", tmp_path, "show", "wcms-4-en", "--format", "json").out)
    first, second = story["stays"]
    assert first["appeared"] == {
        "earliest": "2015-04-01T00:00:00Z",
        "latest": "2015-04-14T00:00:00Z",
    }
    assert first["departure"]["older"] == ["wcms-3-en", "wcms-2-en"]
    assert (second["office"], second["delay"]) == ("rome", {"least": None, "most": 19})
    assert [each["entry_id"] for each in story["twins"]] == ["wcms-4-ru"]


# -- profile -------------------------------------------------------------------------------


def test_the_office_of_the_sample_serves_ten_countries_in_both_languages(
    here: Here, sample: Path
) -> None:
    told = json.loads(here("--home", sample, "profile", "moscow", "--format", "json").out)
    descriptions = [each for each in told if each["field"] == "description"]
    assert [each["language"] for each in descriptions] == ["en", "ru"]
    for each in descriptions:
        codes = {country["code"] for country in each["countries"]}
        assert codes == {"AM", "AZ", "BY", "GE", "KZ", "KG", "RU", "TJ", "TM", "UZ"}
        assert (each["since"], each["renamed"], each["announced"]) == ([1959], "2010-04", 10)
        assert len(each["former_names"]) == 1


def test_a_country_that_one_description_leaves_out_shows_in_profile_and_diff(
    here: Here, tmp_path: Path
) -> None:
    page = a_page(an_entry())
    with_it = replace(page, description="The office serves Armenia, Georgia and Belarus.")
    without = replace(page, description="The office serves four countries: Armenia, Belarus.")
    an_archive(tmp_path, a_snapshot("20150101", with_it), a_snapshot("20160101", without))
    told = here("--home", tmp_path, "profile", "moscow").out
    assert "    countries (2, 4 stated): AM BY\n" in told
    assert "    named in the wording above, not here: GE\n" in told
    assert "named here" not in told
    assert "  appeared between 1 January 2015 and 1 January 2016; in use until at least" in told
    rows = json.loads(here("--home", tmp_path, "profile", "moscow", "--format", "json").out)
    assert [[country["code"] for country in each["left"]] for each in rows] == [[], [], ["GE"]]
    assert rows[1]["ended"] == {
        "earliest": "2015-01-01T00:00:00Z",
        "latest": "2016-01-01T00:00:00Z",
    }
    heading = "Named on the capture of 1 January 2015, not on that of 1 January 2016"
    for form in ("text", "md", "html"):
        told = here("--home", tmp_path, "diff", "moscow", "--format", form).out
        assert heading in told
        assert "Georgia (GE)" in told


# -- credits -------------------------------------------------------------------------------


@pytest.fixture
def photographers(tmp_path: Path) -> Path:
    """A home in which Rita Aho is credited in two forms, and with another."""
    an_archive(
        tmp_path,
        a_snapshot("2015", a_page(an_entry("One", credit="© R. Aho / AFP 2015"))),
        a_snapshot("2016", a_page(an_entry("Two", credit="© Rita Aho / AFP")), office="rome"),
        a_snapshot("2017", a_page(an_entry("Three", credit="© Jo Lee & AHO Rita"))),
    )
    return tmp_path


def test_credits_are_a_table_of_holders_with_their_offices(here: Here, photographers: Path) -> None:
    ran = here("--home", photographers, "credits")
    assert ran.code == 0
    assert [" ".join(line.split()) for line in ran.lines] == [
        "holder agency entries offices first seen last seen",
        "Jo Lee 1 moscow 2017-01-01T00:00:00Z 2017-01-01T00:00:00Z",
        "Rita Aho 1 moscow 2017-01-01T00:00:00Z 2017-01-01T00:00:00Z",
        "Rita Aho AFP 2 moscow rome 2015-01-01T00:00:00Z 2016-01-01T00:00:00Z",
    ]


@pytest.mark.parametrize("asked", ["R. Aho", "rita aho", "AHO Rita"])
def test_any_form_of_a_name_finds_its_credits_and_entries(
    here: Here, photographers: Path, asked: str
) -> None:
    rows = json.loads(here("--home", photographers, "credits", asked, "--format", "json").out)
    assert [(row["holder"], row["agency"], row["slugs"]) for row in rows] == [
        ("Rita Aho", None, ["moscow"]),
        ("Rita Aho", "AFP", ["moscow", "rome"]),
    ]
    assert rows[0]["forms"] == ["AHO Rita", "R. Aho", "Rita Aho"]
    told = here("--home", photographers, "entries", "--credit", asked, "--format", "json").out
    assert {row["title"] for row in json.loads(told)} == {"One", "Two", "Three"}


def test_credits_of_nobody_are_none(here: Here, photographers: Path) -> None:
    ran = here("--home", photographers, "credits", "Nobody", "--format", "json")
    assert (ran.code, json.loads(ran.out)) == (0, [])


# -- diff ----------------------------------------------------------------------------------


def test_the_last_two_captures_are_compared_by_default(here: Here, sample: Path) -> None:
    """As data/sample/README.md tells: two new entries, a title with an article more."""
    found = json.loads(here("--home", sample, "diff", "moscow", "--format", "json").out)
    assert found["from"]["captured_at"] == "2021-06-03T07:41:42Z"
    assert found["to"]["captured_at"] == "2021-06-11T09:06:44Z"
    kinds = {each["entry_id"]: each["kind"] for each in found["changes"] if each["weight"]}
    assert {k for k, v in kinds.items() if v == "appeared"} == {"wcms-800162-en", "wcms-799337-en"}
    assert {k for k, v in kinds.items() if v == "edited"} == {"wcms-795288-en"}


@pytest.mark.parametrize(
    ("arguments", "first", "last"),
    [
        ("2015 2021", "2015-04-14T10:32:17Z", "2021-06-11T09:06:44Z"),
        ("first last", "2015-04-14T10:32:17Z", "2021-06-11T09:06:44Z"),
        ("2015-04 2015-06", "2015-04-14T10:32:17Z", "2015-06-19T07:45:08Z"),
        ("2015 2015", "2015-04-14T10:32:17Z", "2015-12-18T16:02:33Z"),
        ("20160115092847 2016-02-12", "2016-01-15T09:28:47Z", "2016-02-12T05:19:20Z"),
        # The capture of August 2017 is an archived 503 and answers for nothing.
        ("2017-08-23 2018", "2017-09-21T11:30:06Z", "2018-05-17T06:44:51Z"),
        ("2015 2021 --language ru", "2015-04-14T10:33:55Z", "2015-04-14T10:33:55Z"),
    ],
)
def test_dates_choose_the_captures(
    here: Here, sample: Path, arguments: str, first: str, last: str
) -> None:
    ask = ("diff", "moscow", *arguments.split(), "--format", "json")
    found = json.loads(here("--home", sample, *ask).out)
    assert (found["from"]["captured_at"], found["to"]["captured_at"]) == (first, last)


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ("2015 2021", 1),
        ("2015-04 2015-06", 1),
        ("2016-01-15 2016-02-12", 0),  # the same bytes, a revisit
        ("2016-01-15 2016-01-15", 0),
    ],
)
@pytest.mark.parametrize("format_", ["text", "md", "html", "json"])
def test_the_exit_code_tells_whether_something_changed(
    here: Here, sample: Path, dates: str, code: int, format_: str, tmp_path: Path
) -> None:
    ask = ("--home", sample, "diff", "moscow", *dates.split(), "--format", format_)
    assert here(*ask).code == 0
    assert here(*ask, "--exit-code").code == code
    assert here(*ask, "--exit-code", "-o", tmp_path / "x").code == code


@pytest.mark.parametrize("format_", ["text", "md", "html", "json"])
def test_a_report_is_the_same_in_a_file_and_on_the_screen(
    here: Here, sample: Path, format_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "88")
    ask = ("--home", sample, "diff", "moscow", "2015", "2021", "--format", format_)
    file = tmp_path / "new" / "folder" / f"changes.{format_}"
    written = here(*ask, "-o", file)
    assert (written.code, written.out, written.err) == (0, "", "")
    printed = here(*ask)
    assert printed.out == file.read_text(encoding="utf-8")
    assert "Rod Waddington" in printed.out
    assert printed.out.endswith("\n")
    assert not printed.out.endswith("\n\n")


def test_a_report_that_cannot_be_written_is_one_line(here: Here, sample: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    assert_one_line(here("--home", sample, "diff", "moscow", "-o", "/dev/full"), 7)
    assert_one_line(here("--home", sample, "diff", "moscow", "-o", "/dev/null/x"), 2)


def test_the_html_report_asks_for_nothing_and_runs_nothing(here: Here, sample: Path) -> None:
    page = here("--home", sample, "diff", "moscow", "2015", "2021", "--format", "html").out
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "<script" not in page
    assert not re.search(r"<(?:img|link|iframe|object|embed)\b|@import|url\(", page)


# -- offices, status -----------------------------------------------------------------------


def test_the_offices_are_listed_with_what_is_held(here: Here, sample: Path, tmp_path: Path) -> None:
    rows = {
        row["slug"]: row for row in listed(here("--home", sample, "offices", "--format", "json"))
    }
    assert set(rows) == set(registry().offices)
    moscow = rows["moscow"]
    assert (moscow["captures"], moscow["good"], moscow["languages"]) == (14, 13, ["en", "ru"])
    assert MOSCOW in moscow["addresses"]
    without = listed(here("--home", tmp_path, "offices", "--format", "json"))
    assert {row["slug"]: row["captures"] for row in without} == dict.fromkeys(rows, 0)


def test_the_table_of_offices_has_languages_and_addresses(here: Here, sample: Path) -> None:
    """The contract: slug, name, languages, addresses, captures held."""
    ran = here("--home", sample, "offices")
    for name in ("slug", "name", "languages", "addresses", "captures"):
        assert name in ran.lines[0]
    moscow = next(line for line in ran.lines if line.startswith("moscow"))
    assert MOSCOW in moscow
    assert re.search(r"\ben\b\W+ru\b", moscow)


def test_lists_in_csv_are_words_and_no_python(here: Here, sample: Path) -> None:
    rows = csv.DictReader(io.StringIO(here("--home", sample, "offices", "--format", "csv").out))
    moscow = next(row for row in rows if row["slug"] == "moscow")
    assert re.split(r"[\s,;]+", moscow["languages"]) == ["en", "ru"]
    assert MOSCOW in re.split(r"[\s,;]+", moscow["addresses"])


def test_the_status_tells_runs_freshness_and_alarms(here: Here, sample: Path) -> None:
    ran = here("--home", sample, "status")
    assert (ran.code, ran.err) == (0, "")
    assert re.search(r"^ingest +\S+Z +finished +14 +48 +", ran.out, re.MULTILINE)
    assert re.search(
        r"^moscow +14 +13 +2015-04-14T10:32:17Z +2021-06-11T09:06:44Z", ran.out, re.MULTILINE
    )
    assert "503" in ran.out.partition("Alarms")[2]
    told = json.loads(here("--home", sample, "status", "--format", "json").out)
    assert told["states"] == {"read": 13, "unreadable": 1}
    assert told["runs"][0]["outcome"] == "finished"


def test_a_run_that_goes_on_is_not_told_as_a_number(here: Here, home: Path) -> None:
    writer = ArchiveWriter(home, registry())
    writer.start_run("crawl", NOW)
    writer.close()
    ran = here("--home", home, "status")
    row = next(line for line in ran.lines if line.startswith("crawl"))
    assert re.search(r"00:00:00Z +[a-z]", row), row


def test_a_killed_run_and_captures_that_wait_are_alarms(here: Here, home: Path) -> None:
    writer = ArchiveWriter(home, registry())
    writer.start_run("crawl", NOW)
    writer.list_captures([a_snapshot("2015", None).capture])
    writer.close()
    alarms = here("--home", home, "status").out.partition("Alarms")[2]
    assert re.search(r"\b1 capture", alarms)
    assert re.search(r"kill|not ended|did not end|unfinished", alarms)


# -- schedule ------------------------------------------------------------------------------

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
    here: Here, tmp_path: Path, every: str
) -> None:
    told = here("--home", tmp_path, "schedule", "--kind", "systemd", "--every", every, *CONTACT).out
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
    here: Here, tmp_path: Path, every: str, form: str
) -> None:
    ask = ("schedule", "moscow", "rome", "--kind", "cron", "--every", every, *CONTACT)
    fields, command = cron(here("--home", tmp_path, *ask).out)
    assert re.fullmatch(form, " ".join(fields))
    assert int(fields[0]) < 60
    assert int(fields[1]) < 24
    program, *arguments = shlex.split(command)
    assert Path(program).is_absolute()
    assert os.access(program, os.X_OK)
    assert arguments[-7:] == ["--home", str(tmp_path), "crawl", "moscow", "rome", *CONTACT]


def test_by_default_both_are_printed(here: Here) -> None:
    told = here("schedule", *CONTACT).out
    assert len(units(told)) == 2
    assert re.search(r"^\d+ \d+ \* \* \d /\S+ .*crawl", told, re.MULTILINE)


def test_the_contact_may_come_from_the_environment(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert here("schedule").code == 2
    monkeypatch.setenv("ILO_ARCHIVE_CONTACT", "someone@example.org")
    assert "someone@example.org" in here("schedule").out


ODD_HOME = '100% of $HOME \'n "more"'


def test_a_home_with_odd_characters_is_quoted_for_cron(here: Here, tmp_path: Path) -> None:
    home = tmp_path / ODD_HOME
    _, command = cron(here("--home", home, "schedule", "--kind", "cron", *CONTACT).out)
    assert not re.search(r"(?<!\\)%", command)  # cron makes a line break of it
    said = subprocess.run(
        ["/bin/sh", "-c", "printf '%s\\n' " + command.replace(r"\%", "%")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(home) in said.stdout.splitlines()


def test_a_home_with_odd_characters_is_quoted_for_systemd(here: Here, tmp_path: Path) -> None:
    """There `%` is a specifier and `$` a variable, in quotes or not: both are doubled."""
    told = here("--home", tmp_path / ODD_HOME, "schedule", "--kind", "systemd", *CONTACT).out
    command = parsed_unit(units(told)["ilo-archive.service"])["Service"]["ExecStart"]
    assert not re.search(r"(?<!%)%(?:%%)*(?!%)", command)
    assert not re.search(r"(?<!\$)\$(?:\$\$)*(?!\$)", command)


def test_a_workflow_runs_the_crawl_at_its_hour(here: Here, tmp_path: Path) -> None:
    told = here("schedule", "moscow", "--kind", "github", *CONTACT).out
    found = re.search(r'cron: "(.+)"', told)
    assert found
    assert len(found[1].split()) == 5
    run_line = next(line for line in told.splitlines() if "crawl moscow" in line)
    assert "--contact you@example.org" in run_line


# -- read ----------------------------------------------------------------------------------


def test_files_are_read_in_their_order_one_line_each(here: Here) -> None:
    ran = here("read", ENGLISH, LATER, "--url", MOSCOW)
    assert (ran.code, ran.err) == (0, "")
    first, second = map(json.loads, ran.lines)
    assert (first["source"], second["source"]) == (str(ENGLISH), str(LATER))
    expected = json.loads(ENGLISH.with_suffix(".json").read_text(encoding="utf-8"))
    assert {**first, "source": ""} == {**expected, "source": ""}
    assert list(first) == [
        *("schema", "source", "template", "language", "office", "description", "sections"),
        "warnings",
    ]


def test_reading_stores_nothing(here: Here, tmp_path: Path) -> None:
    assert here("--home", tmp_path / "none", "read", ENGLISH).code == 0
    assert list(tmp_path.iterdir()) == []


def test_standard_input_is_a_file_too() -> None:
    ended = run_bytes("read", "-", stdin=ENGLISH.read_bytes())
    assert json.loads(ended.stdout)["source"] == "-"
    assert json.loads(ended.stdout)["sections"]
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.fixture
def unreadable(tmp_path: Path) -> dict[str, Path]:
    """Files that are no page, each in its way."""
    files = {
        name: tmp_path / name for name in ("missing", "empty", "blank", "folder", "picture", "huge")
    }
    files["empty"].touch()
    files["blank"].write_bytes(b" \n\t\r\n")
    files["folder"].mkdir()
    files["picture"].write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 8)
    with files["huge"].open("wb") as stream:
        stream.write(b"<html>")
        stream.truncate(65 * 2**20)
    if Path("/proc/self/mem").exists():
        files["fails"] = tmp_path / "fails"
        files["fails"].symlink_to("/proc/self/mem")  # an input/output error, for root too
    return files  # fmt: skip


def test_a_file_that_cannot_be_read_is_told_and_the_others_go_on(
    here: Here, unreadable: Mapping[str, Path]
) -> None:
    ran = here("read", *unreadable.values(), ENGLISH)
    assert (ran.code, ran.err) == (0, "")
    *failed, good = map(json.loads, ran.lines)
    assert [each["source"] for each in failed] == list(map(str, unreadable.values()))
    for each in failed:
        assert list(each) == ["schema", "source", "error"]
        assert each["schema"] == 1
        assert 3 < len(each["error"]) < 200
    assert good["sections"]


def test_when_no_file_can_be_read_the_code_is_3(here: Here, unreadable: Mapping[str, Path]) -> None:
    ran = here("read", *unreadable.values())
    assert (ran.code, len(ran.lines)) == (3, len(unreadable))
    for file in unreadable.values():
        assert here("read", file).code == 3


# -- ingest: loose files -------------------------------------------------------------------

CAPTURES = "SELECT office, language, url, captured_at, precision, state, quality FROM captures"


def ingested(home: Path, *arguments: str | Path, code: int = 0) -> Ran:
    ran = run("--home", home, "ingest", *arguments)
    assert ran.code == code, ran.err
    assert "Traceback" not in ran.err
    assert "rror while" not in ran.err
    return ran


ROME = "http://www.ilo.org/rome/lang--it/index.htm"
LOOSE: dict[str, tuple[dict[str, str] | None, tuple[str, str, str]]] = {
    "moscow-2015-04.html": (None, ("moscow", "2015-04-01T00:00:00Z", "month")),
    "moscow-2015-06-19.htm": (None, ("moscow", "2015-06-19T00:00:00Z", "day")),
    "moscow-2015-07 again.html": (None, ("moscow", "2015-07-01T00:00:00Z", "month")),
    "moscow-2021-06.txt": (None, ("moscow", "2021-06-01T00:00:00Z", "month")),
    "rome-2016.html": (None, ("rome", "2016-01-01T00:00:00Z", "year")),
    "rivers-2014-02.html": (None, ("rivers", "2014-02-01T00:00:00Z", "month")),
    "20150414103217.html": ({"url": MOSCOW}, ("moscow", "2015-04-14T10:32:17Z", "second")),
    "saved 20150619074508 (1).html": (
        {"url": MOSCOW},
        ("moscow", "2015-06-19T07:45:08Z", "second"),
    ),
    # A sidecar goes before the name.
    "moscow-2015-05.html": (
        {"url": ROME, "captured_at": "2012-02-02"},
        ("rome", "2012-02-02T00:00:00Z", "day"),
    ),
    "20150414103218.html": (
        {"url": ROME, "captured_at": "20130303030303"},
        ("rome", "2013-03-03T03:03:03Z", "second"),
    ),
    # As JavaScript's toISOString and, in the zone of Moscow, Python's isoformat print it.
    "fraction.html": (
        {"url": MOSCOW, "captured_at": "2015-04-14T10:32:19.000Z"},
        ("moscow", "2015-04-14T10:32:19Z", "second"),
    ),
    "zone.html": (
        {"url": MOSCOW, "captured_at": "2015-04-14T13:32:20+03:00"},
        ("moscow", "2015-04-14T10:32:20Z", "second"),
    ),
    # A slug tells the office before any form of time; endings as Windows and DVDs have them.
    "moscow-20150414103221.html": (None, ("moscow", "2015-04-14T10:32:21Z", "second")),
    "moscow-2015-08.HTML": (None, ("moscow", "2015-08-01T00:00:00Z", "month")),
}
"""Names of saved pages, what the file beside each says, and where and when each is from."""

TEXT = """\
ILO Office for Rivers

The office advises seven countries of the region on work by the water.

News

  1. Ferrymen agree on hours

    10 June 2021

    The agreement was signed on board.
"""


@pytest.fixture(scope="session")
def loose(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the files of LOOSE, taken from one folder."""
    folder = tmp_path_factory.mktemp("loose")
    (folder / "pages" / "below").mkdir(parents=True)
    for number, (name, (sidecar, _)) in enumerate(LOOSE.items()):
        page = folder / "pages" / ("below" if number % 2 else "") / name
        page.write_bytes(TEXT.encode() if page.suffix == ".txt" else PAGE)
        if sidecar:
            beside = name if number % 3 else page.stem
            page.with_name(f"{beside}.meta.json").write_text(json.dumps(sidecar))
    (folder / "pages" / "notes.md").write_text("no page")
    ingested(folder / "home", folder / "pages")
    return folder / "home"


@pytest.mark.parametrize("name", LOOSE)
def test_a_sidecar_or_a_name_tells_where_and_when_a_file_is_from(loose: Path, name: str) -> None:
    told = f"SELECT office, captured_at, precision FROM captures WHERE archive = '{name}'"
    assert records(loose, told) == [LOOSE[name][1]]


def test_a_text_is_a_page_too(loose: Path) -> None:
    told = "SELECT title, date, office FROM news WHERE date > '2021'"
    assert records(loose, told) == [("Ferrymen agree on hours", "2021-06-10", "moscow")]


def test_what_the_caller_tells_goes_before_a_sidecar_and_a_name(home: Path, tmp_path: Path) -> None:
    page = Path(shutil.copy(ENGLISH, tmp_path / "moscow-20150414103217.html"))
    told = {"url": ROME, "captured_at": "2012-02-02"}
    (tmp_path / f"{page.stem}.meta.json").write_text(json.dumps(told))
    ran = ingested(home, page, "--at", "2011", "--url", MOSCOW)
    assert "1 capture recorded" in ran.out
    assert records(home, CAPTURES) == [
        ("moscow", "en", MOSCOW, "2011-01-01T00:00:00Z", "year", "read", "good")
    ]


def test_a_page_without_an_address_belongs_to_the_language_it_is_in(
    home: Path, tmp_path: Path
) -> None:
    """Taken for the English page, the Russian one would tell of entries that left it."""
    months = {"moscow-2015-04": ENGLISH, "moscow-2015-05": RUSSIAN, "moscow-2015-06": ENGLISH}
    pages = [shutil.copy(page, tmp_path / f"{name}.html") for name, page in months.items()]
    ingested(home, *pages)
    assert [row[1:3] for row in records(home, CAPTURES)] == [
        ("en", MOSCOW),
        ("ru", MOSCOW.replace("lang--en", "lang--ru")),
        ("en", MOSCOW),
    ]
    with Archive(home / "archive.sqlite") as archive:
        assert archive.story("wcms-356122-en").gaps == ()
        assert len(archive.entries("moscow", as_of="2015-05")) == 14


BAD_SIDECARS = [
    '{"url": 5, "captured_at": "2015-04-14"}',
    '{"url": ["x"], "captured_at": "2015-04-14"}',
    '{"url": "http://[", "captured_at": "2015-04-14"}',
    '{"url": "http://\\udcff/", "captured_at": "2015-04-14"}',
    f'{{"url": "{MOSCOW}", "captured_at": null}}',
    f'{{"url": "{MOSCOW}", "captured_at": {{}}}}',
    f'{{"url": "{MOSCOW}", "captured_at": "banana"}}',
    "[]",
    "{",
    "\\",
]


def test_a_sidecar_that_says_nothing_usable_stops_no_other_file(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number, sidecar in enumerate(BAD_SIDECARS):
        shutil.copy(ENGLISH, folder / f"bad{number}.html")
        (folder / f"bad{number}.meta.json").write_text(sidecar)
    (folder / "folder.html").write_bytes(PAGE)
    (folder / "folder.meta.json").mkdir()
    shutil.copy(LATER, folder / "moscow-2015-06.html")
    ran = ingested(home, folder)
    assert [row[3] for row in records(home, CAPTURES)] == ["2015-06-01T00:00:00Z"]
    named = re.findall(r"^(\w+)\.(?:html|meta\.json): ", ran.err, re.MULTILINE)
    assert sorted(named) == sorted([f"bad{n}" for n in range(len(BAD_SIDECARS))] + ["folder"])


def test_a_time_in_a_sidecar_may_be_a_number(home: Path, tmp_path: Path) -> None:
    page = shutil.copy(ENGLISH, tmp_path / "page.html")
    told = {"url": MOSCOW, "captured_at": 20150414103217}
    (tmp_path / "page.meta.json").write_text(json.dumps(told))
    ingested(home, page)
    assert [row[3] for row in records(home, CAPTURES)] == ["2015-04-14T10:32:17Z"]


def test_an_address_that_nobody_knows_is_an_office_of_its_own(home: Path, tmp_path: Path) -> None:
    rivers = "http://www.ilo.org/rivers/lang--en/index.htm"
    page = shutil.copy(ENGLISH, tmp_path / "page.html")
    ingested(home, page, "--url", rivers, "--at", "2015-04-14")
    ingested(home, page, "--url", "http://example.org/x", "--at", "2015", "--office", "lakes")
    assert sorted(row[:3] for row in records(home, CAPTURES)) == [
        ("lakes", "en", "http://example.org/x"),
        ("rivers", "en", rivers),
    ]


@pytest.mark.parametrize("url", ["http://[", "www.ilo.org/moscow", ""])
def test_an_address_that_is_none_is_wrong_use(home: Path, url: str) -> None:
    """Recorded, it would be a page of its own that no later capture joins."""
    assert_one_line(run("--home", home, "ingest", ENGLISH, "--at", "2015", "--url", url), 2)


def test_where_nothing_usable_was_captured_the_code_is_3(home: Path, tmp_path: Path) -> None:
    contents = [b"", b"\n", b"\x89PNG\r\n\x1a\n\0\0" + bytes(range(256)), b"<html><p>Gone.</html>"]
    files = [tmp_path / f"moscow-2015-0{n}.html" for n in range(1, len(contents) + 1)]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    ran = ingested(home, *files, code=3)
    assert ran.err.splitlines()[-1].startswith("ilo-archive: ")
    assert "good" not in {row[6] for row in records(home, CAPTURES)}


def test_a_file_without_a_time_or_an_address_is_named_with_what_to_do(
    home: Path, tmp_path: Path
) -> None:
    pages = [shutil.copy(ENGLISH, tmp_path / name) for name in ("page.html", "20150414103217.html")]
    ran = ingested(home, *pages, code=3)
    assert re.search(r"^page\.html: .*--at", ran.err, re.MULTILINE)
    assert re.search(r"^20150414103217\.html: .*--url", ran.err, re.MULTILINE)


# -- ingest: WARC files --------------------------------------------------------------------


def write_warc(path: Path, *captures: tuple[str, str, bytes, Mapping[str, str]]) -> Path:
    """Responses of (address, time, body as sent, headers); compressed where the name says so."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=path.suffix == ".gz", warc_version="WARC/1.1")
        for url, time, body, headers in captures:
            http = StatusAndHeaders("200 OK", list(headers.items()), protocol="HTTP/1.1")
            record = writer.create_warc_record(
                url, "response", io.BytesIO(body), len(body),
                http_headers=http, warc_headers_dict={"WARC-Date": time},
            )  # fmt: skip
            writer.write_record(record)
    return path


def chunked(body: bytes, size: int = 997) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def answers(home: Path) -> list[dict[str, Any]]:
    """Every row of `news`."""
    with Archive(home / "archive.sqlite") as archive:
        return [asdict(entry) for entry in archive.entries()]


def test_a_page_gives_the_same_entries_as_html_as_warc_and_as_warc_gz(tmp_path: Path) -> None:
    capture = (MOSCOW, "2015-04-14T10:32:17Z", PAGE, HTML)
    loose = shutil.copy(ENGLISH, tmp_path / "20150414103217.html")
    warc = write_warc(tmp_path / "a.warc", capture)
    compressed = write_warc(tmp_path / "a.warc.gz", capture)
    homes = tmp_path / "one", tmp_path / "two", tmp_path / "all"
    ingested(homes[0], loose, "--url", MOSCOW)
    ingested(homes[1], compressed)
    ran = ingested(homes[2], warc, compressed, loose, "--url", MOSCOW)
    assert "1 capture recorded: 1 read; 2 recorded before" in ran.out
    assert answers(homes[0]) == answers(homes[1]) == answers(homes[2])
    assert [row["sightings"] for row in answers(homes[2])] == [1] * 7


def test_a_body_reads_the_same_however_it_was_sent(home: Path, tmp_path: Path) -> None:
    packed = gzip.compress(PAGE)
    sent: list[tuple[bytes, dict[str, str]]] = [
        (PAGE, {}),
        (chunked(PAGE), {"Transfer-Encoding": "chunked"}),
        (packed, {"Content-Encoding": "gzip"}),
        (packed, {}),  # observed: gzip without a word
        (packed, {"Content-Encoding": ""}),
        (PAGE, {"Content-Encoding": "gzip"}),  # observed: no gzip in spite of the word
        (chunked(packed), {"Transfer-Encoding": "chunked", "Content-Encoding": "gzip"}),
        (PAGE, {"Content-Encoding": "deflate"}),
        (PAGE, {"Content-Encoding": "br"}),
        (PAGE, {"Content-Encoding": "zstd"}),
        (zlib.compress(PAGE), {"Content-Encoding": "deflate"}),
        (zlib.compress(PAGE)[2:-4], {"Content-Encoding": "deflate"}),  # without its wrapping
        (brotli.compress(PAGE), {"Content-Encoding": "br"}),
        (zstd.compress(PAGE), {"Content-Encoding": "zstd"}),
        (PAGE, {"Transfer-Encoding": "chunked"}),  # not chunked in spite of the word
        (PAGE, {"Content-Length": "17"}),  # observed: a wrong length
    ]
    warc = write_warc(
        tmp_path / "sent.warc.gz",
        *(
            (MOSCOW, f"2015-04-{day:02}T00:00:00Z", body, HTML | headers)
            for day, (body, headers) in enumerate(sent, start=1)
        ),
    )
    ingested(home, warc)
    assert [row[5:] for row in records(home, CAPTURES)] == [("read", "good")] * len(sent)
    rows = answers(home)
    assert len(rows) == 7
    assert all((row["sightings"], row["revisions"]) == (len(sent), 1) for row in rows)


def test_the_charset_may_stand_in_the_http_header_alone(home: Path, tmp_path: Path) -> None:
    page = (
        "<html><body><h1>Бюро МОТ в Москве</h1><p>Бюро работает в десяти странах региона.</p>"
        "<div class='furniture'><h4>Новости</h4><ol class='item-list'><li>"
        "<h5 class='item-title'><a href='/moscow/news/WCMS_7/lang--ru/index.htm'>Ёлка</a></h5>"
        "<p class='item-info'>14 апреля 2015</p><p>Праздник прошёл в Москве.</p>"
        "</li></ol></div></body></html>"
    ).encode("windows-1251")
    url = MOSCOW.replace("lang--en", "lang--ru")
    headers = {"Content-Type": "text/html; charset=windows-1251"}
    ingested(home, write_warc(tmp_path / "a.warc", (url, "2015-04-14T10:32:17Z", page, headers)))
    (row,) = answers(home)
    assert (row["title"], row["date"], row["section"]) == ("Ёлка", ymd("2015-04-14"), "Новости")
    assert row["summary"] == "Праздник прошёл в Москве."
    assert (row["entry_id"], row["language"]) == ("wcms-7-ru", "ru")


def without_header(warc: Path, record: int, name: bytes) -> None:
    """Take a header out of a record of an uncompressed WARC."""
    mark = b"WARC/1.1\r\n"
    parts = warc.read_bytes().split(mark)
    lines = parts[record + 1].split(b"\r\n")
    parts[record + 1] = b"\r\n".join(line for line in lines if not line.startswith(name))
    warc.write_bytes(mark.join(parts))


def test_a_record_that_is_odd_costs_no_other_record(home: Path, tmp_path: Path) -> None:
    """A broken address, a month 00 (observed in CDX rows), no time; at the end no address."""
    good = [(MOSCOW, f"2015-0{month}-01T00:00:00Z", PAGE, HTML) for month in range(1, 5)]
    warc = write_warc(
        tmp_path / "odd.warc",
        *(good[0], ("http://[", "2015-01-02T00:00:00Z", PAGE, HTML)),
        *(good[1], (MOSCOW, "2015-00-02T00:00:00Z", PAGE, HTML)),
        *(good[2], (MOSCOW, "2015-03-02T00:00:00Z", PAGE, HTML)),
        *(good[3], (MOSCOW, "2015-04-02T00:00:00Z", PAGE, HTML)),
    )
    without_header(warc, 5, b"WARC-Date")
    without_header(warc, 7, b"WARC-Target-URI")  # there warcio itself stumbles
    ran = ingested(home, warc)
    assert [row[3] for row in records(home, CAPTURES)] == [time for _, time, _, _ in good]
    assert len(re.findall(r"^odd\.warc: ", ran.err, re.MULTILINE)) == 4


def test_a_body_that_was_cut_short_tells_of_no_absence(home: Path, tmp_path: Path) -> None:
    """What stood behind the cut is unknown; it is not gone from the page."""
    packed = gzip.compress(PAGE)
    cut: list[tuple[bytes, dict[str, str]]] = [
        (packed[:-600], {"Content-Encoding": "gzip"}),
        (packed[:-600], {}),
        (chunked(PAGE)[: len(PAGE) * 3 // 5], {"Transfer-Encoding": "chunked"}),
        (zlib.compress(PAGE)[:-600], {"Content-Encoding": "deflate"}),
        (brotli.compress(PAGE)[:-600], {"Content-Encoding": "br"}),
        (zstd.compress(PAGE)[:-600], {"Content-Encoding": "zstd"}),
    ]
    warc = write_warc(
        tmp_path / "cut.warc",
        (MOSCOW, "2015-01-01T00:00:00Z", PAGE, HTML),
        *(
            (MOSCOW, f"2015-02-0{day}T00:00:00Z", body, HTML | headers)
            for day, (body, headers) in enumerate(cut, start=1)
        ),
    )
    ingested(home, warc)
    good = [row[3] for row in records(home, CAPTURES) if row[6] == "good"]
    assert good == ["2015-01-01T00:00:00Z"]
    assert {row["absent_from"] for row in answers(home)} == {None}


def test_a_record_that_its_crawler_cut_tells_of_no_absence(home: Path, tmp_path: Path) -> None:
    """WARC/1.1, 5.13: `WARC-Truncated` says that the block is not all that was sent."""
    half = PAGE[: PAGE.index(b"</li>", PAGE.index(b"item-title")) + 5]
    warc = write_warc(
        tmp_path / "cut.warc",
        (MOSCOW, "2015-01-01T00:00:00Z", PAGE, HTML),
        (MOSCOW, "2015-02-01T00:00:00Z", half, HTML),
    )
    first, _, second = warc.read_bytes().rpartition(b"WARC-Type: response\r\n")
    warc.write_bytes(first + b"WARC-Type: response\r\nWARC-Truncated: length\r\n" + second)
    ingested(home, warc)
    good = [row[3] for row in records(home, CAPTURES) if row[6] == "good"]
    assert good == ["2015-01-01T00:00:00Z"]
    assert {row["absent_from"] for row in answers(home)} == {None}


def test_a_file_that_was_cut_short_gives_what_is_whole(home: Path, tmp_path: Path) -> None:
    """Plain and compressed, with the last body plain and chunked."""
    in_chunks = chunked(PAGE), {"Transfer-Encoding": "chunked"}
    sent: list[tuple[bytes, dict[str, str]]] = [(PAGE, {}), in_chunks]
    warcs = []
    for year, (name, (body, headers)) in enumerate(
        product((".warc", ".warc.gz"), sent), start=2011
    ):
        warc = write_warc(
            tmp_path / f"{year}{name}",
            (MOSCOW, f"{year}-01-01T00:00:00Z", PAGE, HTML),
            (MOSCOW, f"{year}-02-01T00:00:00Z", body, HTML | headers),
        )
        os.truncate(warc, warc.stat().st_size - 700)
        warcs.append(warc)
    ran = ingested(home, *warcs)
    assert [row[3] for row in records(home, CAPTURES)] == [
        f"{year}-01-01T00:00:00Z" for year in range(2011, 2015)
    ]
    for warc in warcs:
        assert re.search(rf"^{re.escape(warc.name)}: ", ran.err, re.MULTILINE)


def test_records_that_are_no_pages_are_no_damage(home: Path, tmp_path: Path) -> None:
    """Heritrix writes each look-up of a name as a response."""
    warc = tmp_path / "crawl.warc"
    write_warc(
        warc,
        (MOSCOW, "2015-01-01T00:00:00Z", PAGE, HTML),
        (f"{MOSCOW}.png", "2015-01-01T00:00:00Z", b"\x89PNG", {"Content-Type": "image/png"}),
    )  # fmt: skip
    with warc.open("ab") as stream:
        writer = WARCWriter(stream, gzip=False)
        record = writer.create_warc_record(
            "dns:www.ilo.org", "response", io.BytesIO(b"20150101000000\n"),
            warc_content_type="text/dns",
        )  # fmt: skip
        writer.write_record(record)
    ran = ingested(home, warc)
    assert len(records(home, CAPTURES)) == 1
    assert "damaged" not in ran.out + ran.err


def test_a_folder_of_good_and_bad_files_gives_the_good_and_names_the_bad(
    home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mixed"
    (folder / "below").mkdir(parents=True)
    shutil.copy(ENGLISH, folder / "moscow-2015-04.html")
    shutil.copy(LATER, folder / "below" / "moscow-2015-06.html")
    write_warc(folder / "good.warc.gz", (MOSCOW, "2015-05-01T00:00:00Z", PAGE, HTML))
    cut = write_warc(folder / "cut.warc.gz", (MOSCOW, "2015-07-01T00:00:00Z", PAGE, HTML))
    os.truncate(cut, 2000)
    (folder / "words.warc").write_bytes(b"no records, just words\n" * 20)
    (folder / "empty.warc.gz").touch()
    (folder / "binary.warc.gz").write_bytes(bytes(range(256)) * 9)
    (folder / "empty.html").touch()
    (folder / "style.css").write_text("p { color: red }")
    bad = ["cut.warc.gz", "words.warc", "binary.warc.gz", "empty.html"]
    if Path("/proc/self/mem").exists():
        (folder / "rome-2015-04.html").symlink_to("/proc/self/mem")
        bad.append("rome-2015-04.html")
    ran = ingested(home, folder)
    assert sorted(row[3] for row in records(home, CAPTURES) if row[6] == "good") == [
        "2015-04-01T00:00:00Z",
        "2015-05-01T00:00:00Z",
        "2015-06-01T00:00:00Z",
    ]
    assert [
        name for name in bad if not re.search(rf"^{re.escape(name)}: ", ran.err, re.MULTILINE)
    ] == []
    assert "style.css" not in ran.err
    again = ingested(home, folder)
    assert "3 recorded before" in again.out


def test_ingesting_again_changes_nothing(sample: Path, tmp_path: Path) -> None:
    home = tmp_path / "again"
    shutil.copytree(sample, home)
    before = sorted(records(home, "SELECT * FROM sightings"))
    size = (home / "warc" / "captures-00001.warc.gz").stat().st_size
    ran = ingested(home, SAMPLE)
    assert "14 recorded before" in ran.out
    assert sorted(records(home, "SELECT * FROM sightings")) == before
    assert (home / "warc" / "captures-00001.warc.gz").stat().st_size == size


# -- other endings -------------------------------------------------------------------------


def test_while_another_run_holds_the_home_the_code_is_6(home: Path) -> None:
    with FileLock(home / ".lock"):
        ran = run("--home", home, "ingest", SAMPLE)
    assert_one_line(ran, 6)
    assert not (home / "archive.sqlite").exists()
    assert run("--home", home, "ingest", SAMPLE).code == 0


def test_questions_are_answered_while_another_run_holds_the_home(here: Here, sample: Path) -> None:
    with FileLock(sample / ".lock"):
        assert here("--home", sample, "entries").code == 0
        assert here("--home", sample, "status").code == 0


def as_an_ordinary_user() -> list[str]:
    """What makes root obey the permissions of files; nothing for others."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root reads and writes everything")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def test_an_archive_that_cannot_be_written_is_read(sample: Path, tmp_path: Path) -> None:
    """On a DVD, on a share, in a folder of somebody else."""
    home = tmp_path / "home"
    shutil.copytree(sample, home, ignore=shutil.ignore_patterns("*-wal", "*-shm", ".lock"))
    program = [*as_an_ordinary_user(), sys.executable, "-m", "ilo_archive", "--home", str(home)]
    for each in (*home.rglob("*"), home):
        each.chmod(0o555 if each.is_dir() else 0o444)
    try:
        ended = [
            subprocess.run(
                [*program, *command.split()],
                env=environment(), cwd=ROOT, capture_output=True, text=True, check=False,
            )
            for command in ("entries --format json", "status", "ingest data/sample")
        ]  # fmt: skip
    finally:
        home.chmod(0o755)
        (home / "warc").chmod(0o755)
    assert [(each.returncode, each.stderr) for each in ended[:2]] == [(0, ""), (0, "")]
    assert len(json.loads(ended[0].stdout)) == 48
    assert_one_line(Ran(ended[2].returncode, ended[2].stdout, ended[2].stderr), 7)


@pytest.mark.parametrize(
    "arguments", ["entries", "entries --format json", "show wcms-356122-ru", "diff moscow"]
)
def test_a_terminal_of_few_letters_is_no_traceback(sample: Path, arguments: str) -> None:
    """As one in Latin-1, or under LC_ALL=POSIX without Python's help."""
    ask = arguments.split()
    ended = run_bytes("--home", sample, *ask, PYTHONUTF8="0", PYTHONIOENCODING="latin-1")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"wcms-" in ended.stdout
    if "json" in arguments:
        json.loads(ended.stdout.decode("latin-1"))


def test_a_crawl_of_a_remote_archive_without_a_contact_is_wrong_use(home: Path) -> None:
    assert_one_line(run("--home", home, "crawl", "moscow", "--plan"), 2)


def test_interrupted_is_130_and_one_line(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "ilo_archive", "read", str(pipe)]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        end = writing_end(pipe, process)
        try:
            out, err = interrupted(process)
        finally:
            os.close(end)  # what still reads, ends
    assert_one_line(Ran(process.returncode, out, err.removeprefix("\n")), 130)  # behind the ^C


def writing_end(pipe: Path, reader: subprocess.Popen[str]) -> int:
    """The end of a pipe to write to, once the process has opened the other one."""
    while reader.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # ENXIO: nobody reads yet
            sleep(0.02)
    pytest.fail(f"it ended before it read: {reader.stderr and reader.stderr.read()}")


def interrupted(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What it prints at Ctrl-C. Python looks for signals before a read(2), and the kernel in it:
    one that comes between the two is seen at the next one.
    """
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        try:
            return process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            continue
    pytest.fail("Ctrl-C does not end it")


@pytest.mark.parametrize(
    "arguments",
    [
        "entries",
        "entries --format jsonl",
        "entries --format csv --limit 1",  # fits into the buffer, fails at the very end
        "show wcms-356122-en",
        "diff moscow 2015 2021 --exit-code",
        "status",
        "--help",
        f"read {ENGLISH}",
    ],
)
def test_a_reader_that_went_away_is_no_error_message(sample: Path, arguments: str) -> None:
    """As with `| head -1`, but sure to be gone before the first word."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "ilo_archive", "--home", sample, *arguments.split()],
            env=environment(), stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60,
        )  # fmt: skip
    finally:
        os.close(writer)
    assert ended.stderr == b""
    assert ended.returncode in (0, 141)  # 1 says that something differs


def on_a_terminal(*arguments: str | Path, **env: str) -> str:
    """What the program prints where its output is a terminal."""
    main_end, its_end = pty.openpty()
    command = [sys.executable, "-m", "ilo_archive", *map(str, arguments)]
    with subprocess.Popen(
        command, env=environment(TERM="xterm-256color", **env), stdout=its_end, stderr=its_end
    ) as process:
        os.close(its_end)
        said = b""
        while True:
            try:
                part = os.read(main_end, 65536)
            except OSError:  # Linux: the other end is closed
                break
            if not part:
                break
            said += part
        process.wait(timeout=60)
    os.close(main_end)
    return said.decode()


COLOR = re.compile(r"\x1b\[(?:[\d;]*;)?(?:3[0-79]|4[0-79]|9\d|[34]8;[\d;]+)(?:;[\d;]*)?m")


def test_a_terminal_gets_colors_unless_no_color_is_set(sample: Path) -> None:
    ask = ("--home", sample, "diff", "moscow", "2015", "2021")
    assert COLOR.search(on_a_terminal(*ask))
    assert not COLOR.search(on_a_terminal(*ask, NO_COLOR="1"))
    assert "\x1b" not in run(*ask).out


def test_a_table_on_a_terminal_is_no_wider_than_it(sample: Path) -> None:
    told = on_a_terminal("--home", sample, "entries", NO_COLOR="1")
    plain = re.sub(r"\x1b\[[\d;]*m", "", told)
    assert "wcms-800162-en" in plain
    assert "2021-06-10" in plain
    assert "Child labour" in plain  # a list of entries without their titles says nothing
    assert max(map(len, plain.replace("\r", "").split("\n"))) <= 100


# -- a hostile page ------------------------------------------------------------------------

EVIL = (
    "\x1b]0;gone\x07\x1b[31mRED\x9b31m\u202egnp.exe\u2066\x08\x7f\x00\u2028\x85\r\n\t</td>\x1b[2J"
)
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def hostile_page(version: str) -> bytes:
    """Control characters wherever a page can have them, as bytes and as entities."""
    entity = "".join(f"&#{ord(each)};" for each in EVIL if each not in "<>/td")
    text = f"{EVIL.replace('<', '&lt;')} {entity} {version}"
    entries = "".join(
        f"<li><a class='item-image'><img src='/i{text}.jpg'></a>"
        f"<span class='caption'>© Jo{text} / AFP 2015</span><p class='item-prehead'>Kick{text}</p>"
        f"<h5 class='item-title'><a href='/news{text}/WCMS_{number}/lang--en/'>Title{text}</a></h5>"
        f"<p class='item-info'>{number} April 2015, Har{text}bour</p>"
        f"<p>They met.{text} Indeed.</p></li>"
        for number in (1, 2, 3)
    )
    return (
        f"<html><head><meta charset=utf-8></head><body><h1>ILO Office{text}</h1>"
        f"<p>The office works in the region{text} and beyond.</p>"
        f"<div class='furniture'><h4>News{text}</h4><ol class='item-list'>{entries}</ol></div>"
        "</body></html>"
    ).encode()


EVIL_OFFICE = "mos\x1b[31m\u202ecow\x9b"
EVIL_NAME = "page \x1b[31m\u202e\x9b\n.html"


def make_hostile(folder: Path) -> None:
    """Record such pages into a home; what was said meanwhile lies beside it."""
    pages = folder / "pages"
    pages.mkdir(parents=True)
    for number, version in enumerate(("one", "two"), start=1):
        for url in (MOSCOW, "http://www.ilo.org/mos\x1b[31m\u202ecow/lang--en/"):
            page = pages / f"{number} {len(url)} {EVIL_NAME}"
            page.write_bytes(hostile_page(version))
            told = {"url": url, "captured_at": f"2015-0{number}-01"}
            page.with_name(f"{page.name}.meta.json").write_text(json.dumps(told))
    (pages / f"nothing {EVIL_NAME}").touch()
    headers = [("Location", "/x\x1b[31m\x9b\u202e"), ("Content-Type", "text/html")]
    moved = StatusAndHeaders("301 Mo\x1b[31mved", headers, protocol="HTTP/1.1")
    with (folder / "moved.warc").open("wb") as stream:
        writer = WARCWriter(stream, gzip=False)
        record = writer.create_warc_record(
            MOSCOW, "response", io.BytesIO(b""), 0, http_headers=moved,
            warc_headers_dict={"WARC-Date": "2014-01-01T00:00:00Z"},
        )  # fmt: skip
        writer.write_record(record)
    with (folder / "said").open("wb") as said:
        for arguments in (
            [pages, folder / "moved.warc"],
            [*pages.glob("[12]*.html"), "--url", "http://x.org/", "--office", EVIL_OFFICE],
        ):
            ended = run_bytes("--home", folder / "home", "ingest", *arguments)
            assert ended.returncode == 0, ended.stderr
            said.write(ended.stdout + ended.stderr)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once, whichever of the processes that share the tests comes first."""
    run_folder = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        run_folder = run_folder.parent
    with FileLock(run_folder / "hostile.lock"):
        if not (run_folder / "hostile" / "said").exists():
            make_hostile(run_folder / "hostile")
    return run_folder / "hostile"


def assert_harmless(said: bytes) -> None:
    """Raw control characters act on a terminal, reversed text deceives its reader."""
    found = RAW.search(said.decode())
    assert found is None, said[max(0, len(said.decode()[: found.start()].encode()) - 60) :][:120]


def test_recording_a_hostile_page_prints_nothing_raw(hostile: Path) -> None:
    said = (hostile / "said").read_bytes()
    assert b"Traceback" not in said
    assert b"archived redirect" in said
    assert_harmless(said)


@pytest.mark.parametrize(
    "arguments",
    [
        *(["entries", "--format", each] for each in ("table", "json", "jsonl", "csv")),
        *(["entries", "--as-of", "2015-03", "--format", each] for each in ("table", "json", "csv")),
        *(["entries", "--edited", "--format", each] for each in ("table", "json", "jsonl", "csv")),
        *(["profile", "moscow", "--format", each] for each in ("text", "json")),
        *(["search", "title", "--format", each] for each in ("table", "json", "jsonl", "csv")),
        *(["show", "wcms-1-en", "--format", each] for each in ("text", "json")),
        *(["cite", "wcms-1-en", "--format", each] for each in ("text", "bibtex", "csl-json")),
        *(["diff", "moscow", "--format", each] for each in ("text", "md", "html", "json", "atom")),
        *(
            ["diff", EVIL_OFFICE, "--format", each]
            for each in ("text", "md", "html", "json", "atom")
        ),
        *(["offices", "--format", each] for each in ("table", "json", "jsonl", "csv")),
        *(["status", "--format", each] for each in ("text", "json")),
    ],
    ids=ascii,
)
def test_no_answer_holds_a_raw_control_character(
    here: Here, hostile: Path, arguments: list[str], tmp_path: Path
) -> None:
    ran = here("--home", hostile / "home", *arguments)
    assert (ran.code, ran.err) == (0, "")
    assert_harmless(ran.out.encode())
    assert "RED" in ran.out or arguments[0] in ("offices", "status")
    if "jsonl" in arguments:
        assert all(json.loads(line) for line in ran.lines)
    elif "json" in arguments:
        json.loads(ran.out)
    elif "csv" in arguments:
        assert len({len(row) for row in csv.reader(io.StringIO(ran.out))}) == 1
    if arguments[0] == "diff":
        assert here("--home", hostile / "home", *arguments, "-o", tmp_path / "file").code == 0
        assert_harmless((tmp_path / "file").read_bytes())


def test_json_keeps_what_the_page_said(here: Here, hostile: Path) -> None:
    """Made safe by escapes, which the reader of JSON takes back."""
    rows = listed(here("--home", hostile / "home", "entries", "--format", "json"))
    assert any("\u202e" in row["title"] for row in rows)


def test_a_table_on_a_terminal_holds_no_sequence_of_the_page(
    hostile: Path,
) -> None:
    for command in (["entries"], ["diff", "moscow"], ["status"]):
        told = on_a_terminal("--home", hostile / "home", *command)
        plain = re.sub(r"\x1b\[[\d;]*m", "", told).replace("\r\n", "\n")  # the program's own
        assert_harmless(plain.encode())


def test_reading_a_hostile_page_of_a_hostile_name_prints_nothing_raw(
    here: Here, tmp_path: Path
) -> None:
    page = tmp_path / EVIL_NAME
    page.write_bytes(hostile_page("one").replace(b"\0", b""))
    ran = here("read", page, f"{page}-missing", "--url", MOSCOW)
    assert (ran.code, ran.err, len(ran.lines)) == (0, "", 2)
    assert_harmless(ran.out.encode())
    good, bad = map(json.loads, ran.lines)
    assert (good["source"], bad["source"]) == (str(page), f"{page}-missing")


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", EVIL],
        ["diff", EVIL],
        ["diff", "moscow", EVIL, "2015"],
        ["entries", "--as-of", EVIL],
        ["entries", "--format", EVIL],
        ["entries", f"--{EVIL}"],
        [EVIL],
        ["crawl", EVIL],
        ["ingest", EVIL],
        ["ingest", ".", "--at", EVIL],
        ["diff", "moscow", "-o", f"/dev/null/{EVIL}"],
    ],
    ids=ascii,
)
def test_no_error_repeats_a_control_character(
    here: Here, sample: Path, arguments: list[str]
) -> None:
    safe = [each.replace("\0", "") for each in arguments]  # the kernel allows none
    ran = here("--home", sample, *safe)
    assert_one_line(ran, 2)
    assert_harmless(ran.err.encode())


def test_a_home_of_a_hostile_name_is_named_in_safe_words(here: Here, tmp_path: Path) -> None:
    ran = here("--home", tmp_path / EVIL_OFFICE, "entries")
    assert_one_line(ran, 2)
    assert_harmless(ran.err.encode())


def test_a_file_of_a_hostile_name_is_named_in_one_safe_line(home: Path, tmp_path: Path) -> None:
    page = tmp_path / EVIL_NAME
    page.write_bytes(PAGE)
    ended = run_bytes("--home", home, "ingest", page)
    assert ended.returncode == 3
    assert_harmless(ended.stderr)
    named = [line for line in ended.stderr.decode().splitlines() if "page " in line]
    assert len(named) == 1
    assert "--at" in named[0]


def test_a_fixture_of_a_hostile_entry_is_what_it_says() -> None:
    """With its control characters, or these tests mean nothing."""
    assert len(RAW.findall(hostile_page("x").decode())) > 100


def test_an_archive_that_another_program_locks_is_no_full_disk() -> None:
    error = OperationalError("SELECT", {}, sqlite3.OperationalError("database is locked"))
    assert exit_code(error) == 6
    assert exit_code(OperationalError("", {}, sqlite3.OperationalError("disk I/O error"))) == 7
    assert exit_code(OperationalError("", {}, sqlite3.OperationalError("no such table: x"))) == 2
