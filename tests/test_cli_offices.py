"""`offices`."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from ilo_archive.offices import registry
from tests.support.answers import (
    Ask,
    listed,
)
from tests.support.paths import HOMEPAGE


def test_offices_are_listed_with_their_number_of_captures(
    in_process: Ask, sample_home: Path, tmp_path: Path
) -> None:
    rows = {
        row["slug"]: row
        for row in listed(in_process("--home", sample_home, "offices", "--format", "json"))
    }
    assert set(rows) == set(registry().offices)
    moscow = rows["moscow"]
    assert (moscow["captures"], moscow["good"], moscow["languages"]) == (14, 13, ["en", "ru"])
    assert HOMEPAGE in moscow["addresses"]
    without = listed(in_process("--home", tmp_path, "offices", "--format", "json"))
    assert {row["slug"]: row["captures"] for row in without} == dict.fromkeys(rows, 0)


def test_the_table_of_offices_has_languages_and_addresses(
    in_process: Ask, sample_home: Path
) -> None:
    """The contract: slug, name, languages, addresses, number of captures."""
    outcome = in_process("--home", sample_home, "offices")
    for name in ("slug", "name", "languages", "addresses", "captures"):
        assert name in outcome.lines[0]
    moscow = next(line for line in outcome.lines if line.startswith("moscow"))
    assert HOMEPAGE in moscow
    assert re.search(r"\ben\b\W+ru\b", moscow)


def test_lists_in_csv_are_separated_by_spaces(in_process: Ask, sample_home: Path) -> None:
    rows = csv.DictReader(
        io.StringIO(in_process("--home", sample_home, "offices", "--format", "csv").out)
    )
    moscow = next(row for row in rows if row["slug"] == "moscow")
    assert re.split(r"[\s,;]+", moscow["languages"]) == ["en", "ru"]
    assert HOMEPAGE in re.split(r"[\s,;]+", moscow["addresses"])
