"""`entries`: filters, formats, pages as they stood, edits."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.answers import (
    Ask,
    listed,
    listed_ids,
)
from tests.support.build import a_page, a_snapshot, an_archive, an_entry
from tests.support.paths import HOMEPAGE, PAGES

NEWS = (
    *("entry_id", "office", "language", "section", "date", "date_end", "kicker", "title"),
    *("summary", "link", "credit_holder", "credit_agency", "first_seen", "last_seen"),
    *("absent_from", "sightings", "revisions"),
)
"""Columns of the view `news`, in the words of the contract."""


@pytest.mark.parametrize("command", [["entries"], ["search", "labour"]])
def test_all_formats_have_the_same_rows_and_the_columns_of_news(
    in_process: Ask, sample_home: Path, command: list[str]
) -> None:
    as_json, as_lines, as_csv, table = (
        in_process("--home", sample_home, *command, "--format", each)
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


def test_the_sample_has_the_entries_of_its_pages(in_process: Ask, sample_home: Path) -> None:
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
    assert (
        set(listed_ids(in_process("--home", sample_home, "entries", "--format", "json"))) == numbers
    )


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
    in_process: Ask, sample_home: Path, options: str, expected: list[str]
) -> None:
    assert (
        listed_ids(
            in_process("--home", sample_home, "entries", "--format", "json", *shlex.split(options))
        )
        == expected
    )


def test_as_of_shows_a_page_as_it_stood_on_a_day(in_process: Ask, sample_home: Path) -> None:
    """As tests/fixtures/moscow/20151218160233.json lists it, news and other sections."""
    reading = json.loads((PAGES / "20151218160233.json").read_text(encoding="utf-8"))
    printed = [entry for each in reading["sections"] for entry in each["entries"]]
    for as_of in ("2015-12-18", "2015", "2016-01-14"):
        ask = ("entries", "--office", "moscow", "--language", "en", "--as-of", as_of)
        rows = listed(in_process("--home", sample_home, *ask, "--format", "json"))
        assert [row["title"] for row in rows] == [entry["title"] for entry in printed]
        assert [row["link"] for row in rows] == [entry["link"] for entry in printed]


def test_as_of_cites_the_capture_of_the_page(in_process: Ask, sample_home: Path) -> None:
    """The capture of 9 November 2016 and that of the Russian page of April 2015."""
    ask = ("--home", sample_home, "entries", "--as-of", "2016-12")
    cited = {
        (row["page"], row["captured_at"], row["url"])
        for row in listed(in_process(*ask, "--format", "json"))
    }
    assert cited == {
        ("moscow/en", "2016-11-09T21:30:04Z", HOMEPAGE),
        ("moscow/ru", "2015-04-14T10:33:55Z", HOMEPAGE.replace("--en", "--ru")),
    }
    russian = HOMEPAGE.replace("--en", "--ru")
    assert in_process(*ask).lines[-2:] == [
        f"moscow/en as captured 2016-11-09T21:30:04Z: {HOMEPAGE} in moscow.warc",
        f"moscow/ru as captured 2015-04-14T10:33:55Z: {russian} in moscow.warc",
    ]


def test_the_citation_of_a_page_is_its_memento_if_there_is_one(
    in_process: Ask, tmp_path: Path
) -> None:
    snapshot = a_snapshot("20150414", a_page(an_entry()))
    memento = f"https://web.archive.org/web/20150414000000/{HOMEPAGE}"
    an_archive(tmp_path, replace(snapshot, capture=replace(snapshot.capture, uri_m=memento)))
    ask = ("--home", tmp_path, "entries", "--as-of", "2015")
    assert in_process(*ask).lines[-1].endswith(f"2015-04-14T00:00:00Z: {memento}")
    assert listed(in_process(*ask, "--format", "json"))[0]["uri_m"] == memento


def test_edits_are_listed_with_before_and_after_in_every_format(
    in_process: Ask, sample_home: Path
) -> None:
    """As in data/sample/captures.toml: two words more in June 2015, an article in June 2021."""
    ask = ("--home", sample_home, "entries", "--edited", "--format")
    rows = listed(in_process(*ask, "json"))
    assert [(row["entry_id"], row["field"], row["before_at"], row["after_at"]) for row in rows] == [
        ("wcms-795288-en", "title", "2021-06-03T07:41:42Z", "2021-06-11T09:06:44Z"),
        ("wcms-359871-en", "title", "2015-04-14T10:32:17Z", "2015-06-19T07:45:08Z"),
    ]
    assert (rows[1]["before"], rows[1]["after"]) == (
        "Employment policy in the spotlight",
        "Employment policy in the spotlight in Astana",
    )
    assert [json.loads(line) for line in in_process(*ask, "jsonl").lines] == rows
    as_csv = list(csv.DictReader(io.StringIO(in_process(*ask, "csv").out)))
    assert [row["after"] for row in as_csv] == [row["after"] for row in rows]
    table = in_process(*ask, "table")
    assert len(table.lines) == 3
    assert rows[1]["before"] in table.lines[2]
    assert rows[1]["after"] in table.lines[2]


def test_edited_and_as_of_cannot_be_combined(in_process: Ask, sample_home: Path) -> None:
    outcome = in_process("--home", sample_home, "entries", "--edited", "--as-of", "2015")
    assert outcome.code == 2
    assert "--edited, --gone and --as-of" in outcome.err


def test_as_of_before_the_first_capture_has_no_entries(in_process: Ask, sample_home: Path) -> None:
    outcome = in_process(
        "--home", sample_home, "entries", "--as-of", "2015-04-13", "--format", "json"
    )
    assert listed(outcome) == []


@pytest.mark.parametrize("command", ["entries --to 1990", "search nosuchword"])
def test_an_empty_answer_is_valid_in_every_format(
    in_process: Ask, sample_home: Path, command: str
) -> None:
    ask = ("--home", sample_home, *command.split(), "--format")
    assert json.loads(in_process(*ask, "json").out) == []
    assert in_process(*ask, "jsonl").out == ""
    assert in_process(*ask, "csv").lines == [",".join(NEWS)]
    assert in_process(*ask, "table").code == 0
