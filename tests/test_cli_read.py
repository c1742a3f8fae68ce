"""`read`: the reading of files, nothing stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.answers import (
    Ask,
)
from tests.support.paths import ENGLISH_PAGE, HOMEPAGE, LATER_PAGE, SAMPLE
from tests.support.run import run_bytes


def test_files_are_read_in_their_order_one_line_each(in_process: Ask) -> None:
    outcome = in_process("read", ENGLISH_PAGE, LATER_PAGE, "--url", HOMEPAGE)
    assert (outcome.code, outcome.err) == (0, "")
    first, second = map(json.loads, outcome.lines)
    assert (first["source"], second["source"]) == (str(ENGLISH_PAGE), str(LATER_PAGE))
    expected = json.loads(ENGLISH_PAGE.with_suffix(".json").read_text(encoding="utf-8"))
    assert {**first, "source": ""} == {**expected, "source": ""}
    assert list(first) == [
        *("schema", "source", "template", "language", "office", "description", "sections"),
        "warnings",
    ]


def test_read_stores_nothing(in_process: Ask, tmp_path: Path) -> None:
    assert in_process("--home", tmp_path / "none", "read", ENGLISH_PAGE).code == 0
    assert list(tmp_path.iterdir()) == []


def test_read_accepts_standard_input() -> None:
    ended = run_bytes("read", "-", stdin=ENGLISH_PAGE.read_bytes())
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


def test_an_unreadable_file_is_reported_and_the_others_are_read(
    in_process: Ask, unreadable: Mapping[str, Path]
) -> None:
    outcome = in_process("read", *unreadable.values(), ENGLISH_PAGE)
    assert (outcome.code, outcome.err) == (0, "")
    *failed, good = map(json.loads, outcome.lines)
    assert [each["source"] for each in failed] == list(map(str, unreadable.values()))
    for each in failed:
        assert list(each) == ["schema", "source", "error"]
        assert each["schema"] == 1
        assert 3 < len(each["error"]) < 200
    assert good["sections"]


def test_read_exits_with_3_if_no_file_can_be_read(
    in_process: Ask, unreadable: Mapping[str, Path]
) -> None:
    outcome = in_process("read", *unreadable.values())
    assert (outcome.code, len(outcome.lines)) == (3, len(unreadable))
    for file in unreadable.values():
        assert in_process("read", file).code == 3


def test_each_capture_of_a_warc_file_is_read_with_its_address_and_time(in_process: Ask) -> None:
    outcome = in_process("read", SAMPLE, ENGLISH_PAGE)
    records = [json.loads(line) for line in outcome.lines]
    assert (outcome.code, len(records)) == (0, 15)
    assert {each["source"] for each in records[:14]} == {str(SAMPLE)}
    assert (records[0]["url"], records[0]["captured_at"]) == (HOMEPAGE, "2015-04-14T10:32:17Z")
    assert records[0]["sections"]
    [error] = [each for each in records if "error" in each]
    assert error["error"] == "archived HTTP 503 Service Unavailable"
    assert error["captured_at"] == "2017-08-23T14:09:12Z"
    assert "url" not in records[-1]


def test_the_address_that_a_saved_file_states_makes_its_links_absolute(
    in_process: Ask, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.html"
    page = (
        "<h1>Office</h1><h2>News</h2><ul><li><a href=b.htm>A meeting of the ministers of labour</a>"
        "<p>10 June 2014</p><p>They met for a day and talked about work.</p></li></ul>"
    )
    saved.write_text(f"<!-- saved from url=(0047){HOMEPAGE} -->{page}")
    [entry] = json.loads(in_process("read", saved).out)["sections"][0]["entries"]
    assert entry["link"] == HOMEPAGE.replace("index.htm", "b.htm")
    [entry] = json.loads(in_process("read", saved, "--url", "http://a.org/").out)["sections"][0][
        "entries"
    ]
    assert entry["link"] == "http://a.org/b.htm"


def test_a_damaged_warc_file_is_read_as_far_as_it_goes(in_process: Ask, tmp_path: Path) -> None:
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(SAMPLE.read_bytes()[:-100])
    records = [json.loads(line) for line in in_process("read", cut).lines]
    assert len([each for each in records if "sections" in each]) >= 11
    assert any(each.get("error", "").startswith("cut.warc.gz: ") for each in records)
    nothing = tmp_path / "nothing.warc"
    nothing.write_bytes(b"")
    assert in_process("read", nothing).code == 3
