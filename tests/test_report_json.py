"""The report as JSON."""

from __future__ import annotations

import json

import pytest

from ilo_archive.queries.json_types import to_json_types
from ilo_archive.report import as_json
from tests.support.reports import HOSTILE, MEMENTO, example, filled


def test_json_has_every_field_of_the_comparison() -> None:
    compared = example()
    printed = json.loads(as_json(compared))
    changes = printed.pop("changes")
    assert printed == {
        "schema": 1,
        "office": "moscow",
        "from": printed["from"],
        "to": printed["to"],
        "unchanged": 2,
        "captures_between": 10,
        "passed": 27,
        "differs": True,
    }
    assert printed["from"]["captured_at"] == "2015-04-14T10:32:17Z"
    assert printed["from"]["uri_m"] == MEMENTO
    assert printed["to"]["name"] == "ILO Moscow"
    assert printed["to"]["entries"] == 6
    assert [(each["kind"], each["weight"], each["entry_id"]) for each in changes] == [
        ("page", 3, None),
        ("named", 3, None),
        ("named", 3, None),
        ("not-named", 3, None),
        ("appeared", 3, "wcms-1-en"),
        ("edited", 2, "wcms-3-en"),
        ("credit", 1, "wcms-5-en"),
        ("credit-year", 0, "wcms-6-en"),
        ("moved", 1, "wcms-4-en"),
        ("gone", 3, "wcms-2-en"),
    ]
    assert changes[1]["fields"] == [{"field": "country", "before": None, "after": "Georgia (GE)"}]
    assert changes[5]["fields"] == [
        {
            "field": "title",
            "before": "Employment policy in the spotlight",
            "after": "Employment policy in the spotlight in Astana",
        }
    ]
    assert changes[4]["before"] is None
    assert changes[4]["after"] == to_json_types(compared.after.entries[0])


@pytest.mark.parametrize("text", HOSTILE)
def test_json_keeps_every_text_as_it_was(text: str) -> None:
    printed = json.loads(as_json(filled(text)))
    assert printed["from"]["name"] == text
    assert printed["changes"][1]["after"]["summary"] == text
    assert printed["changes"][0]["fields"][1] == {"field": text, "before": None, "after": text}
