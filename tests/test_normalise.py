"""Text without what is not wording: case, quotes, dashes, white space."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.text.normalise import digest, normalised


@pytest.mark.parametrize(
    ("printed", "plain"),
    [
        (None, ""),
        ("", ""),
        ("  \n\t ", ""),
        ("Seminar  opens\n", "seminar opens"),
        ("Seminar\u00a0opens", "seminar opens"),
        ("“Seminar”", '"seminar"'),
        ("„Seminar“", '"seminar"'),
        ("«Семинар»", '"семинар"'),
        ("Women’s Day", "women's day"),
        ("Women`s Day", "women's day"),
        ("FNPR-ILO", "fnpr - ilo"),
        ("FNPR – ILO", "fnpr - ilo"),
        ("FNPR—ILO", "fnpr - ilo"),
        ("FNPR ‑ ILO", "fnpr - ilo"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ＩＬＯ", "ilo"),
        ("ﬁrst", "first"),
        ("No. 60", "no. 60"),
        ("Йод", "йод"),
        ("employ\u00adment\u200b", "employment"),
        ("\u200fمؤتمر\ufeff", "مؤتمر"),
    ],
)
def test_text_is_normalised(printed: str | None, plain: str) -> None:
    assert normalised(printed) == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [("60", "61"), ("opens", "opened"), ("the PES", "PES"), ("C++", "C"), ("co-op", "coop")],
)
def test_words_and_numbers_are_not_normalised_away(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(st.text(), st.text(alphabet=" \t\n\u00a0", max_size=3))
def test_white_space_around_a_text_is_ignored(text: str, space: str) -> None:
    assert normalised(space + text + space) == normalised(text)


def test_different_parts_with_the_same_concatenation_have_different_digests() -> None:
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("ab", None, "c")}) == 4
    assert digest("a", None) == digest("a", "")
    assert len(digest("a")) == 16
