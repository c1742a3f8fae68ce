"""`credits`: who is credited."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.answers import (
    Ask,
)
from tests.support.build import a_page, a_snapshot, an_archive, an_entry


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


def test_credits_are_a_table_of_holders_with_their_offices(
    in_process: Ask, photographers: Path
) -> None:
    outcome = in_process("--home", photographers, "credits")
    assert outcome.code == 0
    assert [" ".join(line.split()) for line in outcome.lines] == [
        "holder agency entries offices first seen last seen",
        "Jo Lee 1 moscow 2017-01-01T00:00:00Z 2017-01-01T00:00:00Z",
        "Rita Aho 1 moscow 2017-01-01T00:00:00Z 2017-01-01T00:00:00Z",
        "Rita Aho AFP 2 moscow rome 2015-01-01T00:00:00Z 2016-01-01T00:00:00Z",
    ]


@pytest.mark.parametrize("asked", ["R. Aho", "rita aho", "AHO Rita"])
def test_any_form_of_a_name_finds_its_credits_and_entries(
    in_process: Ask, photographers: Path, asked: str
) -> None:
    rows = json.loads(in_process("--home", photographers, "credits", asked, "--format", "json").out)
    assert [(row["holder"], row["agency"], row["slugs"]) for row in rows] == [
        ("Rita Aho", None, ["moscow"]),
        ("Rita Aho", "AFP", ["moscow", "rome"]),
    ]
    assert rows[0]["forms"] == ["AHO Rita", "R. Aho", "Rita Aho"]
    printed = in_process(
        "--home", photographers, "entries", "--credit", asked, "--format", "json"
    ).out
    assert {row["title"] for row in json.loads(printed)} == {"One", "Two", "Three"}


def test_an_unknown_name_has_no_credits(in_process: Ask, photographers: Path) -> None:
    outcome = in_process("--home", photographers, "credits", "Nobody", "--format", "json")
    assert (outcome.code, json.loads(outcome.out)) == (0, [])
