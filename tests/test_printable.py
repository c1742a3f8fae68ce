"""Text that is safe to print, JSON that is safe to show."""

from __future__ import annotations

import json

import pytest

from ilo_archive.text.printable import printable, safe_json


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("\x1b[31mred\x1b]0;title\x07", "\ufffd[31mred\ufffd]0;title\ufffd"),
        ("\x9b31m\x90", "\ufffd31m\ufffd"),
        ("2015\x962016", "2015\ufffd2016"),
        ("a\x00b\x7f", "a\ufffdb\ufffd"),
        (
            "one\ntwo\r\nthree\tfour\u2028five\u2029six\x85seven",
            "one two three four five six seven",
        ),
        ("safe\u202eexe.\u2066txt\u2069", "safeexe.txt"),
        ("half \ud800 a letter", "half \ufffd a letter"),
        ("می\u200cخواهم 👩\u200d💻 नमस्ते", "می\u200cخواهم 👩\u200d💻 नमस्ते"),
    ],
)
def test_control_characters_are_made_printable(text: str, printed: str) -> None:
    assert printable(text) == printed


def test_safe_json_keeps_the_value() -> None:
    value = {"title": "a\x9b\u202e\u2066\u2028\x7fß\x1b"}
    written = safe_json(json.dumps(value, ensure_ascii=False))
    assert written == r'{"title": "a\u009b\u202e\u2066\u2028\u007fß\u001b"}'
    assert json.loads(written) == value
