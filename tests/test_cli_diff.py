"""`diff`: which captures are compared, where the report goes, exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.answers import (
    Ask,
    assert_one_line,
)


def test_the_last_two_captures_are_compared_by_default(in_process: Ask, sample_home: Path) -> None:
    """As in data/sample/README.md: two new entries, a title with an article more."""
    found = json.loads(in_process("--home", sample_home, "diff", "moscow", "--format", "json").out)
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
    in_process: Ask, sample_home: Path, arguments: str, first: str, last: str
) -> None:
    ask = ("diff", "moscow", *arguments.split(), "--format", "json")
    found = json.loads(in_process("--home", sample_home, *ask).out)
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
def test_exit_code_1_means_that_something_changed(
    in_process: Ask, sample_home: Path, dates: str, code: int, format_: str, tmp_path: Path
) -> None:
    ask = ("--home", sample_home, "diff", "moscow", *dates.split(), "--format", format_)
    assert in_process(*ask).code == 0
    assert in_process(*ask, "--exit-code").code == code
    assert in_process(*ask, "--exit-code", "-o", tmp_path / "x").code == code


@pytest.mark.parametrize("format_", ["text", "md", "html", "json"])
def test_a_report_is_the_same_in_a_file_and_on_the_screen(
    in_process: Ask,
    sample_home: Path,
    format_: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "88")
    ask = ("--home", sample_home, "diff", "moscow", "2015", "2021", "--format", format_)
    file = tmp_path / f"changes.{format_}"
    written = in_process(*ask, "-o", file)
    assert (written.code, written.out, written.err) == (0, "", "")
    printed = in_process(*ask)
    assert printed.out == file.read_text(encoding="utf-8")
    assert "Rod Waddington" in printed.out
    assert printed.out.endswith("\n")
    assert not printed.out.endswith("\n\n")


def test_a_report_that_cannot_be_written_is_one_line(in_process: Ask, sample_home: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    assert_one_line(in_process("--home", sample_home, "diff", "moscow", "-o", "/dev/full"), 7)
    assert_one_line(in_process("--home", sample_home, "diff", "moscow", "-o", "/dev/null/x"), 2)


def test_the_html_report_asks_for_nothing_and_runs_nothing(
    in_process: Ask, sample_home: Path
) -> None:
    page = in_process(
        "--home", sample_home, "diff", "moscow", "2015", "2021", "--format", "html"
    ).out
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "<script" not in page
    assert not re.search(r"<(?:img|link|iframe|object|embed)\b|@import|url\(", page)
