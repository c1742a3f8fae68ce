import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ilo_archive.text.credits import Credit, credit_without_year, parse_credit, shown_holders

TABLE = Path(__file__).parent / "fixtures" / "credits.tsv"


def rows() -> Iterator[tuple[str, Credit | None]]:
    """The table: a printed paragraph and how it is read."""
    for row in TABLE.read_text("utf-8").splitlines():
        if row.startswith("#"):
            continue
        printed, holder, agency, year = (
            re.sub(r"\\(?:n|u[0-9a-f]{4})", unescaped, cell) for cell in row.split("\t")
        )
        yield (
            printed,
            None
            if holder == "no"
            else Credit(
                printed_once(printed),
                value(holder),
                value(agency),
                int(year) if year != "-" else None,
            ),
        )


def unescaped(escape: re.Match[str]) -> str:
    return escape[0].encode().decode("unicode_escape")


def value(cell: str) -> str | None:
    return None if cell == "-" else cell


def printed_once(text: str) -> str:
    """White space folded; a credit that stands twice in its element, once."""
    return re.sub(r"^(©.+) \1$", r"\1", " ".join(text.split()))


READINGS = list(rows())
CREDITS = [printed for printed, expected in READINGS if expected]


@pytest.mark.parametrize(("printed", "expected"), READINGS)
def test_a_credit_line_is_parsed_as_in_the_table(printed: str, expected: Credit | None) -> None:
    assert parse_credit(printed) == expected


def test_the_table_has_enough_of_both_kinds() -> None:
    assert len(CREDITS) >= 60
    assert len(READINGS) - len(CREDITS) >= 20


def compared(text: str) -> str:
    credit = parse_credit(text)
    assert credit, text
    return credit_without_year(credit)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("© M. Crozet / ILO 2021", "© M. Crozet / ILO 2022"),
        ("© M. Crozet / ILO 2021", "© M. Crozet / ILO"),
        ("© M. Crozet / ILO 2021", "© M.Crozet/ILO 2021"),
        ("© M. Crozet / ILO 2021", "(c) M. CROZET/ILO, 2021"),
        ("© M. Crozet / ILO 2021", "Photo: M. Crozet/ILO"),
        ("© ILO 2024", "Photo © ILO 2025"),
        ("© 2021", "© 2022"),
    ],
)
def test_credits_that_differ_in_year_mark_case_or_spacing_compare_equal(
    text: str, other: str
) -> None:
    assert compared(text) == compared(other)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("© M. Crozet / ILO 2021", "© M. Crozet 2021"),
        ("© M. Crozet / ILO 2021", "© J. Maillard / ILO 2021"),
        ("© Studio 54 2021", "© Studio 55 2021"),
        ("© ILO 2021", "© AFP 2021"),
    ],
)
def test_credits_that_name_others_compare_unequal(text: str, other: str) -> None:
    assert compared(text) != compared(other)


def test_every_credit_is_equal_to_itself_in_another_year() -> None:
    for printed in CREDITS:
        later = re.sub(r"\b20\d\d\b", "2031", printed)
        assert compared(printed) == compared(later)


def are_one_holder(one: str, other: str) -> bool:
    shown = shown_holders([one, other])
    return shown[one] == shown[other]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("M. Crozet", "Marcel Crozet"),
        ("M.Crozet", "M. Crozet"),
        ("JannHuizenga", "Jann Huizenga"),
        ("Jose Pérez", "José Perez"),
        ("A. L. Aho", "Anna Lena Aho"),
        ("LENA AHO", "Lena Aho"),
        ("Л. Ахо", "Лена Ахо"),
        ("AHO Lena", "Lena Aho"),
        ("AHO Anna Lena", "A. L. Aho"),
        ("АХО Лена", "Л. Ахо"),
    ],
)
def test_two_forms_of_a_name_are_one_holder(one: str, other: str) -> None:
    assert are_one_holder(one, other)
    assert are_one_holder(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("M. Crozet", "J. Crozet"),
        ("Maria Crozet", "Marcel Crozet"),
        ("M. Crozet", "Crozet"),
        ("M. Crozet", "M. C."),
        ("Lena Aho", "Lena Salo"),
        ("Lena Aho", "L. M. Aho"),
        ("AP Singh", "Singh Ap"),
        ("王 明", "王小 明"),  # a short name is no initial
        ("สมชาย ใจดี", "สมชัย ใจดี"),
        ("!", "?"),
    ],
)
def test_two_names_are_two_holders(one: str, other: str) -> None:
    assert not are_one_holder(one, other)
    assert not are_one_holder(other, one)


@pytest.mark.parametrize(
    ("forms", "shown"),
    [
        ("Rod Waddington; R. Waddington; WADDINGTON Rod", "Rod Waddington"),
        ("R. Waddington; WADDINGTON Rod", "WADDINGTON Rod"),
        ("ROD WADDINGTON; Rod Waddington", "Rod Waddington"),
        ("JannHuizenga; Jann Huizenga", "Jann Huizenga"),
        ("Jose Perez; José Pérez", "José Pérez"),
        ("A. Lena Aho; Anna L. Aho", "A. Lena Aho"),
    ],
)
def test_a_holder_is_shown_under_the_fullest_form(forms: str, shown: str) -> None:
    assert set(shown_holders(forms.split("; ")).values()) == {shown}


@pytest.mark.parametrize(
    ("forms", "apart"),
    [
        ("R. Waddington; Rod Waddington; Ruth Waddington", 3),
        ("R. Waddington; WADDINGTON R.; Rod Waddington; Ruth Waddington", 4),
        ("A. Lena Aho; Anna Lena Aho; Anna L. Aho; Anna Lisa Aho", 3),
        ("R. Aho; R. Waddington", 2),
    ],
)
def test_a_form_that_fits_two_people_belongs_to_neither(forms: str, apart: int) -> None:
    assert len(set(shown_holders(forms.split("; ")).values())) == apart


NAMES = st.builds(
    " ".join,
    st.lists(
        st.sampled_from(["R.", "Rod", "ROD", "Ruth", "L.", "Lee", "Aho", "AHO", "Áho", "สม", "!"]),
        min_size=1,
        max_size=3,
    ),
)


@given(st.lists(NAMES, max_size=8), st.randoms())
def test_displayed_names_depend_on_the_set_of_forms_only(forms: list[str], random: Random) -> None:
    shown = shown_holders(forms)
    shuffled = [*forms, *forms[:2]]
    random.shuffle(shuffled)
    assert shown_holders(shuffled) == shown
    assert shown.keys() == set(forms)
    for one, other in combinations(shown, 2):
        if shown[one] == shown[other]:
            assert are_one_holder(one, other)
    assert all(shown[name] == name for name in shown.values())


PIECES = [piece for printed, _ in READINGS for piece in re.findall(r"\w+|\W", printed)]
TEXTS = st.text() | st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(TEXTS, st.sampled_from(["", "©", "© ", "(c) ", "Photo: "]))
def test_any_text_has_a_consistent_credit_or_none(text: str, mark: str) -> None:
    credit = parse_credit(mark + text)
    assume(credit)
    assert credit
    folded = " ".join((mark + text).split())
    assert credit.text in folded
    for part in (credit.holder, credit.agency):
        assert part is None or (part and part == " ".join(part.split()))
    assert credit.year is None or str(credit.year) in folded
    assert parse_credit(credit.text) == credit


@given(st.sampled_from(CREDITS), st.sampled_from([" ", "\n", "\u00a0", "  \t"]))
def test_white_space_does_not_matter(printed: str, space: str) -> None:
    assert parse_credit(space.join(["", *printed.split(), ""])) == parse_credit(printed)


def test_the_reference_pages_have_their_credits_and_no_others(reference_folder: Path) -> None:
    pages = [*reference_folder.glob("seeds/*.json"), *reference_folder.glob("layouts/*.json")]
    assert len(pages) >= 20
    for page in pages:
        for section in json.loads(page.read_text("utf-8"))["sections"]:
            for entry in section["entries"]:
                expected = entry["credit"]
                if isinstance(expected, dict):
                    assert parse_credit(expected["text"]) == Credit(**expected)
                elif expected:
                    credit = parse_credit(expected)
                    assert credit
                    assert credit.text == expected
                for part in ("kicker", "title", "dateline", "summary"):
                    assert parse_credit(entry[part] or "") is None
