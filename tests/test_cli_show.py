"""`show`: the story of one entry."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ilo_archive.reader.page import Page
from tests.support.answers import (
    Ask,
)
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item

NEWS = (
    *("entry_id", "office", "language", "section", "date", "date_end", "kicker", "title"),
    *("summary", "link", "credit_holder", "credit_agency", "first_seen", "last_seen"),
    *("absent_from", "sightings", "revisions"),
)
"""Columns of the view `news`, in the words of the contract."""


def test_show_prints_bounds_wordings_and_how_the_entry_left(
    in_process: Ask, sample_home: Path
) -> None:
    """The Arctic school: on the page of April 2015, not of June, again from December on."""
    outcome = in_process("--home", sample_home, "show", "wcms-356122-en")
    assert (outcome.code, outcome.err) == (0, "")
    for seen in ("2015-04-14T10:32:17Z", "2015-06-19T07:45:08Z", "2016-02-12T05:19:20Z"):
        assert seen in outcome.out
    assert re.search(r"not on +2015-06-19T07:45:08Z", outcome.out)
    assert re.search(r"no longer on +2016-11-09T21:30:04Z", outcome.out)
    assert not re.search(r"delet|remov|vanish", outcome.out, re.IGNORECASE)


def test_the_story_as_json_has_wordings_and_sightings(in_process: Ask, sample_home: Path) -> None:
    """The employment policy: a longer title from June 2015 on."""
    story = json.loads(
        in_process("--home", sample_home, "show", "wcms-359871-en", "--format", "json").out
    )
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


def test_show_prints_bounds_and_never_a_single_date(in_process: Ask, tmp_path: Path) -> None:
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
    printed = in_process("--home", tmp_path, "show", "wcms-4-en").out
    assert (
        "  Appeared between 1 and 14 April 2015; left between 14 April and 1 May 2015;"
        " dropped while 2 older entries stayed.\n" in printed
    )
    assert "  rome/en, on 1 of 1 good captures, no capture shows how much later\n" not in printed
    assert "  rome/en, on 1 of 1 good captures, at most 19 days later\n" in printed
    assert "  ru  wcms-4-ru  Семинар  [item number]\n" in printed
    story = json.loads(in_process("--home", tmp_path, "show", "wcms-4-en", "--format", "json").out)
    first, second = story["stays"]
    assert first["appeared"] == {
        "earliest": "2015-04-01T00:00:00Z",
        "latest": "2015-04-14T00:00:00Z",
    }
    assert first["departure"]["older"] == ["wcms-3-en", "wcms-2-en"]
    assert (second["office"], second["delay"]) == ("rome", {"least": None, "most": 19})
    assert [each["entry_id"] for each in story["twins"]] == ["wcms-4-ru"]
