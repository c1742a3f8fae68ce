import datetime
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.text.datelines import Dateline, is_cut_dateline, parse_dateline
from tools.make_months import LOCALES, MONTHS

ROOT = Path(__file__).parent.parent
TABLE = Path(__file__).parent / "fixtures" / "datelines.tsv"
NAMES = json.loads(MONTHS.read_text("utf-8"))
APRIL_14 = datetime.date(2015, 4, 14)


def rows() -> Iterator[tuple[str, str | None, Dateline | None]]:
    """The table: a printed paragraph, its language and how it is read."""
    for row in TABLE.read_text("utf-8").splitlines():
        if row.startswith("#"):
            continue
        printed, language, first, last, place, ambiguous = (
            None if cell == "-" else re.sub(r"\\(?:[nt]|u[0-9a-f]{4})", unescaped, cell)
            for cell in row.split("\t")
        )
        assert printed is not None
        yield (
            printed,
            language,
            None
            if first == "no"
            else Dateline(
                folded_first_line(printed), day(first), day(last), place, ambiguous == "ambiguous"
            ),
        )


def unescaped(escape: re.Match[str]) -> str:
    return escape[0].encode().decode("unicode_escape")


def folded_first_line(text: str) -> str:
    return " ".join(text.strip().split("\n")[0].split())


def day(cell: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(cell) if cell else None


READINGS = list(rows())


@pytest.mark.parametrize("language", sorted({str(language) for _, language, _ in READINGS}))
def test_a_paragraph_is_read_as_the_table_says(language: str) -> None:
    found = {
        printed: (parse_dateline(printed, said), expected)
        for printed, said, expected in READINGS
        if str(said) == language
    }
    wrong = {printed: both for printed, both in found.items() if both[0] != both[1]}
    assert wrong == {}, "read, expected"


def test_the_table_has_every_language_and_enough_of_both_kinds() -> None:
    assert {language for _, language, _ in READINGS} >= LOCALES.keys()
    assert sum(expected is not None for _, _, expected in READINGS) >= 300
    assert sum(expected is None for _, _, expected in READINGS) >= 60


def test_the_language_matters_to_numbers_only() -> None:
    for printed, _, expected in READINGS:
        readings = {parse_dateline(printed, language) for language in (*LOCALES, None, "en-US")}
        assert len(readings) == (2 if expected and expected.ambiguous else 1), printed


@pytest.mark.slow
def test_month_names_are_those_of_babel(tmp_path: Path) -> None:
    fresh = tmp_path / "months.json"
    # In a process of its own: what was asked of Babel before changes its answers.
    subprocess.run([sys.executable, "tools/make_months.py", fresh], cwd=ROOT, check=True)
    assert MONTHS.read_text("utf-8") == fresh.read_text("utf-8")


def test_babel_is_not_needed_at_run_time() -> None:
    program = "import sys; sys.modules['babel'] = None; import ilo_archive.text.datelines"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


@pytest.mark.parametrize("text", ["01.01.2019", "16 December 2019", "2019-01-01", "1 mai 2020"])
def test_a_whole_date_is_no_cut_one(text: str) -> None:
    assert not is_cut_dateline(text)


@pytest.mark.parametrize("text", ["16 Decemb", "14 January 20", "24 - 28", "16.04.201"])
def test_what_can_be_completed_to_a_date_is_a_cut_one(text: str) -> None:
    assert is_cut_dateline(text)


def test_what_reads_rare_datelines_is_not_loaded_for_ordinary_pages() -> None:
    program = (
        "import sys; from pathlib import Path; from ilo_archive.reader.page import read_page\n"
        "for page in Path('tests/fixtures').glob('[mowct]*/*.html'): read_page(page.read_bytes())\n"
        "sys.exit('dateparser' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


@pytest.mark.parametrize("language", LOCALES)
def test_every_name_of_a_month_means_that_month_whatever_the_language(language: str) -> None:
    for number, names in enumerate(NAMES[language]["months"], start=1):
        for name in (*names, *map(str.upper, names), *(name.rstrip(".") for name in names)):
            read = parse_dateline(f"14 {name} 2015")
            assert read, name
            assert read.date == datetime.date(2015, number, 14), name


@pytest.mark.parametrize("language", LOCALES)
def test_every_name_of_a_weekday_may_stand_before_the_date(language: str) -> None:
    for name in chain(*NAMES[language]["weekdays"]):
        for printed in (f"{name} 14 April 2015", f"{name}, 14. 4. 2015"):
            read = parse_dateline(printed)
            assert read, printed
            assert (read.date, read.place) == (APRIL_14, None), printed


LOCALE_NAMES = [(language, locale) for language in LOCALES for locale in LOCALES[language]]
FORMS = ["full", "long", "medium", "d MMMM y", "d MMM y", "MMMM d, y", "EEEE, d MMMM y", "y-MM-dd"]
# A year from 2400 on is read as one of the Buddhist era.
DAYS = st.dates(datetime.date(1800, 1, 1), datetime.date(2399, 12, 31))
DIGITS = ["0123456789", "٠١٢٣٤٥٦٧٨٩", "๐๑๒๓๔๕๖๗๘๙", "０１２３４５６７８９"]


@given(DAYS, st.sampled_from(LOCALE_NAMES), st.sampled_from(FORMS), st.sampled_from(DIGITS))
def test_a_day_as_any_language_writes_it_reads_back(
    when: datetime.date, locale: tuple[str, str], form: str, digits: str
) -> None:
    printed = format_date(when, form, locale[1]).translate(str.maketrans(DIGITS[0], digits))
    read = parse_dateline(printed, locale[0])
    assert read
    assert (read.date, read.date_end, read.place) == (when, None, None)


@given(st.lists(DAYS, min_size=2, max_size=2).map(sorted), st.sampled_from(LOCALE_NAMES))
def test_a_range_as_any_language_writes_it_reads_back(
    days: list[datetime.date], locale: tuple[str, str]
) -> None:
    printed = " – ".join(format_date(each, "long", locale[1]) for each in days)
    read = parse_dateline(printed, locale[0])
    assert read
    assert [read.date, read.date_end] == days


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2050, 12, 31)))
def test_a_year_of_the_buddhist_era_is_543_ahead(when: datetime.date) -> None:
    read = parse_dateline(f"{format_date(when, 'd MMMM', 'th')} {when.year + 543}")
    assert read
    assert read.date == when


PIECES = [
    *(cell for printed, _, _ in READINGS for cell in re.findall(r"\w+|\W+", printed)),
    *("2015", "-", "/", ".", ", ", " ", "\n", "31", "2", "\u200f", "9999", "0000", "月", "元年"),
]


@given(
    st.text() | st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.sampled_from([None, *LOCALES, "en-US"]),
)
def test_any_text_has_an_answer_that_holds_together(text: str, language: str | None) -> None:
    read = parse_dateline(text, language)
    if read is None:
        return
    assert read.text == folded_first_line(text)
    assert read.place is None or (read.place and read.place == read.place.strip())
    assert read.date_end is None or (read.date is not None and read.date_end >= read.date)
    assert read == parse_dateline(read.text, language)


def test_the_reference_pages_have_their_dates_and_no_others(shared: Path) -> None:
    for page in [*shared.glob("seeds/*.json"), *shared.glob("layouts/*.json")]:
        for entry in entries(json.loads(page.read_text("utf-8"))):
            if entry["dateline"]:
                expected = [day(entry["date"]), day(entry["date_end"]), entry["place"]]
                read = parse_dateline(entry["dateline"])
                assert read == Dateline(entry["dateline"], *expected)
            for part in ("kicker", "title", "summary"):
                assert parse_dateline(entry[part] or "") is None


def entries(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for section in page["sections"] for entry in section["entries"]]
