"""Recorded answers of the Wayback Machine, served again to our client at its own addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cassettes import Cassette, compare, main, recordings
from tests.support.homes import query
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

BLOCKED = "the archive answers HTTP 403: AdministrativeAccessControlException: Blocked Site Error"
OURS = ROOT / "tests" / "fixtures" / "recordings"


def test_our_client_stores_the_rows_that_were_recorded(tmp_path: Path) -> None:
    cassette = Cassette(recordings([OURS / "wayback.jsonl"]))
    [found] = compare(cassette, tmp_path)
    assert (found.recorded ^ found.entered, len(found.recorded)) == (set(), 5)
    rows = query(
        tmp_path / "0",
        "SELECT captured_at, status, state, quality, failure, reason FROM captures ORDER BY 1",
    )
    assert [tuple(row.values()) for row in rows] == [
        ("2015-04-14T10:32:17Z", 200, "read", "good", None, None),
        ("2015-06-19T07:45:08Z", 200, "read", "good", None, None),
        (
            "2015-12-18T16:02:33Z", 301, "unreadable", "redirect", None,
            "archived redirect to http://www.ilo.org/moscow/",
        ),
        (
            "2016-01-15T09:28:47Z", 503, "unreadable", "error", None,
            "archived HTTP 503 Service Unavailable",
        ),
        ("2017-08-23T14:09:12Z", 200, "skipped", None, "blocked", BLOCKED),
    ]  # fmt: skip
    # Two pages of a listing; of five captures one is a revisit, which needs no request; and the
    # target of the redirect, which was not recorded.
    assert len(cassette.asked) == 2 + 4 + 1
    assert [each.rpartition("id_/")[2] for each in cassette.missing] == [
        "http://www.ilo.org/moscow/"
    ]


def test_a_cassette_of_plain_lines_is_read_to_its_last_page(tmp_path: Path) -> None:
    cassette = Cassette(recordings([OURS / "vcr.yaml"]))
    [found] = compare(cassette, tmp_path)
    assert (found.recorded ^ found.entered, len(found.recorded)) == (set(), 2)
    [missing] = cassette.missing
    assert "/web/20160115092847id_/" in missing


def test_one_command_compares_and_reports_a_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main([str(OURS)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed if ": " in line and line[0] != " "] == ["same"] * 2
    assert printed[-1] == "9 recordings, 11 requests, 2 of them not recorded"
    monkeypatch.setattr("tests.support.cassettes._entered", lambda _: set())
    assert main([str(OURS / "vcr.yaml")]) == 1
    assert "only recorded: 20150414103355" in capsys.readouterr().out
    assert main([str(tmp_path)]) == 2


def test_all_rows_of_the_recordings_of_others_are_stored(
    reference_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(reference_folder / "recorded" / "cdx_toolkit")]) == 0
    assert "10 rows recorded, 10 entered" in capsys.readouterr().out
