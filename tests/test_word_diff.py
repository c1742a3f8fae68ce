"""Words that changed between two wordings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.report.word_diff import word_changes


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ("the old house", "the new house", ["the ", "-old", "+new", " house"]),
        ("a quick brown fox", "a slow red fox", ["a ", "-quick brown", "+slow red", " fox"]),
        ("18 countries", "20 countries", ["-18", "+20", " countries"]),
        ("Albania, Bulgaria", "Albania, Bulgaria.", ["Albania, Bulgaria", "+."]),
        ("COVID-19 crisis", "COVID-20 crisis", ["-COVID-19", "+COVID-20", " crisis"]),
        ("国际劳工组织北京局", "国际劳工组织驻北京局", ["国际劳工组织", "+驻", "北京局"]),
        ("東京事務所の案内", "東京事務所の紹介", ["東京事務所の", "-案内", "+紹介"]),
        ("งานที่มีคุณค่า", "งานที่ดีมีคุณค่า", ["งานที่", "+ดี", "มีคุณค่า"]),
        (
            "one thing entirely",
            "quite another matter",
            ["-one thing entirely", "+quite another matter"],
        ),
        ("same", "same", ["same"]),
        (None, "new", ["+new"]),
        ("gone", None, ["-gone"]),
        (None, None, []),
        ("", None, []),
    ],
)
def test_changed_words_are_marked(before: str | None, after: str | None, parts: list[str]) -> None:
    signs = {"same": "", "gone": "-", "new": "+"}
    assert [signs[kind] + text for kind, text in word_changes(before, after)] == parts


TEXTS = st.text(st.one_of(st.sampled_from(" ab,.国ท่\u0301\u200d"), st.characters()))


@given(TEXTS, TEXTS)
def test_parts_of_a_word_diff_join_to_both_wordings(before: str, after: str) -> None:
    parts = word_changes(before, after)
    assert "".join(text for kind, text in parts if kind != "new") == before
    assert "".join(text for kind, text in parts if kind != "gone") == after
    assert all(text for _, text in parts)


@pytest.mark.slow
def test_two_texts_of_a_million_words_are_not_compared_word_by_word() -> None:
    texts = "one " * 1_000_000, "two " * 1_000_000
    assert [kind for kind, _ in word_changes(*texts)] == ["gone", "new"]
