"""What the reports of every format have in common."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings

from ilo_archive.report import as_html, as_json
from tests.support.reports import (
    FORMATS,
    HOSTILE,
    STRANGE,
    example,
    filled,
    html_faults,
    terminal_faults,
)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_with_one_line_break(name: str) -> None:
    report = FORMATS[name](example())
    assert report.endswith("\n")
    assert not report.endswith("\n\n")


def test_importing_the_package_loads_no_library() -> None:
    heavy = "{'jinja2', 'rapidfuzz', 'rich', 'sqlalchemy'} & set(sys.modules)"
    script = f"import sys, ilo_archive.report; print({heavy} or 'none')"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "none\n"


@pytest.mark.parametrize("name", ["md", "html", "json", "atom"])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_format_contains_terminal_sequences(text: str, name: str) -> None:
    assert terminal_faults(FORMATS[name](filled(text))) == set()


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(STRANGE)
def test_any_text_is_plain_text_in_every_format(text: str) -> None:
    compared = filled(text)
    for form in FORMATS.values():
        report = form(compared)
        report.encode()
        assert terminal_faults(report) == set()
    assert html_faults(as_html(compared)) == []
    assert json.loads(as_json(compared))["from"]["description"] == text
