"""`profile`: name and description of an office over time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from tests.support.answers import (
    Ask,
)
from tests.support.build import a_page, a_snapshot, an_archive, an_entry


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
