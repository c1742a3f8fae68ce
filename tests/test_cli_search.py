"""`search`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.answers import (
    Ask,
    listed_ids,
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (["arctic"], {"wcms-356122-en"}),
        (["Arctic", "SCHOOL", "union"], {"wcms-356122-en"}),
        (['"trade union school"'], {"wcms-356122-en"}),
        (["арктич*"], {"wcms-356122-ru"}),
        (["spotlight"], {"wcms-359871-en"}),
        (["--", "-arctic-"], {"wcms-356122-en"}),
        (["nosuchword"], set()),
        (["'"], set()),
        ([""], set()),
        (["FNPR-ILO", "("], {"wcms-356122-en"}),
    ],
)
def test_entries_are_found_by_their_words(
    in_process: Ask, sample_home: Path, query: list[str], expected: set[str]
) -> None:
    assert (
        set(listed_ids(in_process("--home", sample_home, "search", "--format", "json", *query)))
        == expected
    )
