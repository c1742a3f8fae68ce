"""`profile`: name and description of an office over time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from ilo_archive.reader.page import Page
from ilo_archive.reader.snapshot import Snapshot
from ilo_archive.times import parse_timestamp
from tests.support.answers import Ask, assert_one_line
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, listing, news


def test_the_office_of_the_sample_serves_ten_countries_in_both_languages(
    in_process: Ask, sample_home: Path
) -> None:
    printed = json.loads(
        in_process("--home", sample_home, "profile", "moscow", "--format", "json").out
    )
    descriptions = [each for each in printed if each["field"] == "description"]
    assert [each["language"] for each in descriptions] == ["en", "ru"]
    for each in descriptions:
        codes = {country["code"] for country in each["countries"]}
        assert codes == {"AM", "AZ", "BY", "GE", "KZ", "KG", "RU", "TJ", "TM", "UZ"}
        assert (each["since"], each["renamed"], each["announced"]) == ([1959], "2010-04", 10)
        assert len(each["former_names"]) == 1


def test_a_country_that_one_description_leaves_out_shows_in_profile_and_diff(
    in_process: Ask, tmp_path: Path
) -> None:
    page = a_page(an_entry())
    with_it = replace(page, description="The office serves Armenia, Georgia and Belarus.")
    without = replace(page, description="The office serves four countries: Armenia, Belarus.")
    an_archive(tmp_path, a_snapshot("20150101", with_it), a_snapshot("20160101", without))
    printed = in_process("--home", tmp_path, "profile", "moscow").out
    assert "    countries (2, 4 stated): AM BY\n" in printed
    assert "    left since the wording above: GE\n" in printed
    assert "named here" not in printed
    assert "  appeared between 1 January 2015 and 1 January 2016; in use until at least" in printed
    rows = json.loads(in_process("--home", tmp_path, "profile", "moscow", "--format", "json").out)
    assert [[country["code"] for country in each["left"]] for each in rows] == [[], [], ["GE"]]
    assert rows[1]["ended"] == {
        "earliest": "2015-01-01T00:00:00Z",
        "latest": "2016-01-01T00:00:00Z",
    }
    heading = "Named on the capture of 1 January 2015, not on that of 1 January 2016"
    for form in ("text", "md", "html"):
        printed = in_process("--home", tmp_path, "diff", "moscow", "--format", form).out
        assert heading in printed
        assert "Georgia (GE)" in printed


# -- layouts ----------------------------------------------------------------------------------


def rows(ask: Ask, home: Path, part: str) -> list[dict[str, Any]]:
    outcome = ask("--home", home, "profile", "moscow", "--part", part, "--format", "json")
    assert (outcome.code, outcome.err) == (0, "")
    found: list[dict[str, Any]] = json.loads(outcome.out)
    return found


def in_layout(when: str, template: str) -> Snapshot:
    return a_snapshot(when, replace(a_page(an_entry()), template=template))


def test_a_change_of_layout_has_both_bounds(in_process: Ask, tmp_path: Path) -> None:
    an_archive(
        tmp_path,
        in_layout("20150101", "wcms"),
        in_layout("20160101", "wcms"),
        a_snapshot("20160601", None),
        in_layout("20170301", "cards"),
        in_layout("20180101", "wcms"),
    )
    printed = in_process("--home", tmp_path, "profile", "moscow", "--part", "layouts").out
    assert printed.splitlines() == [
        "Layout (en, moscow/en)",
        "  wcms, on 2 captures from 2015-01-01T00:00:00Z to 2016-01-01T00:00:00Z",
        "  changed from wcms to cards between 1 January 2016 and 1 March 2017",
        "  cards, on 1 capture from 2017-03-01T00:00:00Z to 2017-03-01T00:00:00Z",
        "  changed from cards to wcms between 1 March 2017 and 1 January 2018",
        "  wcms, on 1 capture from 2018-01-01T00:00:00Z to 2018-01-01T00:00:00Z",
        "",
    ]
    first, second, third = rows(in_process, tmp_path, "layouts")
    assert (first["not_before"], first["absent_from"]) == (None, "2017-03-01T00:00:00Z")
    assert second["began"] == first["ended"]
    assert second["began"]["earliest"] == "2016-01-01T00:00:00Z"
    assert third["ended"] == {"earliest": "2018-01-01T00:00:00Z", "latest": None}


def test_a_change_within_a_month_of_which_no_day_is_known_has_no_dates(
    in_process: Ask, tmp_path: Path
) -> None:
    an_archive(tmp_path, in_month("201501", "wcms"), in_month("20150120", "cards"))
    printed = in_process("--home", tmp_path, "profile", "moscow", "--part", "layouts").out
    assert "from wcms to cards at a time that the dates of the captures do not say" in printed


def in_month(when: str, template: str) -> Snapshot:
    snapshot = in_layout(when, template)
    capture = replace(snapshot.capture, precision=parse_timestamp(when)[1])
    return replace(snapshot, capture=capture)


# -- prominence -------------------------------------------------------------------------------


def test_days_on_top_count_between_captures_in_a_row(in_process: Ask, tmp_path: Path) -> None:
    """Newer items come first on a list and push the others down."""
    an_archive(
        tmp_path,
        a_snapshot("20150101", newest_first(6, 5, 4, 3)),
        a_snapshot("20150111", newest_first(6, 5, 4, 3)),
        a_snapshot("20150121", newest_first(8, 7, 6, 5, 4)),
        a_snapshot("20150131", newest_first(11, 10, 9, 8, 7)),
    )
    found = {row["title"]: row for row in rows(in_process, tmp_path, "prominence")}
    assert {
        title: (row["captures_on_top"], row["days_on_top"]) for title, row in found.items()
    } == {
        "Item 6": (3, 20),
        "Item 5": (2, 10),
        "Item 4": (2, 10),
        "Item 8": (1, 0),
        "Item 7": (1, 0),
        "Item 11": (1, 0),
        "Item 10": (1, 0),
        "Item 9": (1, 0),
    }
    assert {row["promoted"] + row["demoted"] for row in found.values()} == {0}  # only pushed down
    assert found["Item 6"]["best"] == 1


def newest_first(*numbers: int) -> Page:
    return a_page(*(news(number, day=f"2015-01-{number:02}") for number in numbers))


def test_an_entry_that_moves_above_others_is_promoted(in_process: Ask, tmp_path: Path) -> None:
    an_archive(
        tmp_path,
        a_snapshot("20150101", newest_first(6, 5, 4, 3, 2)),
        a_snapshot("20150201", newest_first(2, 6, 5, 4, 3)),
        a_snapshot("20150301", newest_first(2, 6, 5, 4, 3)),
    )
    found = {row["title"]: row for row in rows(in_process, tmp_path, "prominence")}
    moves = {title: (row["promoted"], row["demoted"]) for title, row in found.items()}
    assert moves == {
        "Item 2": (1, 0), "Item 6": (0, 1), "Item 5": (0, 1), "Item 4": (0, 1), "Item 3": (0, 1),
    }  # fmt: skip
    printed = in_process("--home", tmp_path, "profile", "moscow", "--part", "prominence").out
    assert "  28 days on 2 captures, best place 1; promoted 1, demoted 0\n    " in printed
    assert "  on no capture, best place 4; promoted 0, demoted 1\n    " in printed


def test_text_has_all_parts_and_names_the_rest(in_process: Ask, tmp_path: Path) -> None:
    days = (f"201501{day:02}" for day in range(1, 29))
    an_archive(tmp_path, *(a_snapshot(day, listing(int(day[-2:]))) for day in days))
    printed = in_process("--home", tmp_path, "profile", "moscow").out
    headings = [line for line in printed.splitlines() if line and not line.startswith(" ")]
    assert headings == [
        "Name (en, moscow/en)",
        "Description (en, moscow/en)",
        "Layout (en, moscow/en)",
        "Prominence (en, moscow/en)",
    ]
    assert "  18 further entries: --part prominence --format json\n" in printed


def test_json_has_the_wordings_unless_another_part_is_asked_for(
    in_process: Ask, sample_home: Path
) -> None:
    outcome = in_process("--home", sample_home, "profile", "moscow", "--format", "json")
    assert {row["field"] for row in json.loads(outcome.out)} == {"name", "description"}
    assert len(rows(in_process, sample_home, "prominence")) > 20
    assert [row["page"] for row in rows(in_process, sample_home, "layouts")] == [
        "moscow/en", "moscow/ru",
    ]  # fmt: skip


def test_one_language_only(in_process: Ask, sample_home: Path) -> None:
    for part in ("layouts", "prominence"):
        arguments = ("profile", "moscow", "--language", "ru", "--part", part)
        printed = in_process("--home", sample_home, *arguments).out
        assert "moscow/ru" in printed
        assert "moscow/en" not in printed


def test_an_office_without_captures_has_no_parts(in_process: Ask, tmp_path: Path) -> None:
    an_archive(tmp_path, a_snapshot("2015", a_page(an_entry())))
    for part in ("wordings", "layouts", "prominence"):
        outcome = in_process("--home", tmp_path, "profile", "rome", "--part", part)
        assert (outcome.code, outcome.out) == (0, "")
        assert_one_line(in_process("--home", tmp_path, "profile", "rme", "--part", part), 2)
