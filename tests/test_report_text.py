"""The report as text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rich.cells import cell_len

from ilo_archive.queries.comparison import Change, Comparison, compare
from ilo_archive.report import as_html, as_markdown, as_text
from tests.support.build import utc, ymd
from tests.support.reports import (
    FORMATS,
    HOSTILE,
    MEMENTO,
    dom,
    example,
    filled,
    homepage,
    later,
    paragraphs,
    shown,
    terminal_faults,
    words_of,
)


def test_text_head_names_office_captures_times_and_addresses() -> None:
    head = as_text(example()).partition("\n\nName")[0]
    assert head.splitlines() == [
        "ILO Moscow",
        "",
        "From  14 April 2015, 10:32 UTC (6 entries, moscow.warc)",
        f"      {MEMENTO}",
        "To    11 June 2021, 09:06 UTC (6 entries, moscow.warc)",
        "      http://www.ilo.org/moscow/lang--en/index.htm",
    ]


def test_text_groups_changes_in_their_order() -> None:
    headings = [line for line in as_text(example()).splitlines() if re.search(r"\(\d\)$", line)]
    assert headings == [
        "Name and description of the office (1)",
        "Named on the capture of 11 June 2021, not on that of 14 April 2015 (2)",
        "Named on the capture of 14 April 2015, not on that of 11 June 2021 (1)",
        "On the capture of 11 June 2021, not on that of 14 April 2015 (1)",
        "On both, worded differently (1)",
        "On both, at another position (1)",
        "On both, credited differently (1)",
        "On the capture of 14 April 2015, not on that of 11 June 2021 (1)",
    ]


def test_text_describes_each_change() -> None:
    output = paragraphs(as_text(example()))
    assert (
        "description: At work in Moscow since 1959, for [-nine-]{+ten+} countries"
        "{+, Georgia among them+}." in output
    )
    assert "country: {+Georgia (GE)+} number of countries: {+10+}" in output
    assert "number of countries: [-9-]" in output
    assert "+ Title 1 News · 10 June 2021 · wcms-1-en" in output
    assert (
        "- Title 2 News · 2 April 2015 · wcms-2-en"
        " Pushed below the fold, 6 newer entries fill the list." in output
    )
    assert any(
        each.endswith("title: Employment policy in the spotlight{+ in Astana+}") for each in output
    )
    assert any(each.endswith("from position 4 to position 9") for each in output)
    assert any(
        each.endswith("credit: © [-M. Crozet-]{+Olga Sedova+} / ILO [-2015-]{+2021+}")
        for each in output
    )


def test_text_ends_with_the_sums_and_counts_rendered_credit_years() -> None:
    assert paragraphs(as_text(example()))[-1] == (
        "1 appeared, 1 no longer there, 1 edited, 1 moved, 1 credited differently, 2 unchanged;"
        " 10 captures in between show 27 entries that are on neither page."
        " In 1 credit only the year differs: the site prints the current year."
    )
    assert "Waddington" not in as_text(example())


@pytest.mark.parametrize("name", ["text", "md", "html"])
def test_absence_is_never_worded_as_an_act(name: str) -> None:
    assert not re.search(r"delet|remov|added|new on", FORMATS[name](example()), re.IGNORECASE)


def test_color_marks_words_by_color_and_strike_instead_of_brackets() -> None:
    report = as_text(example(), color=True)
    assert "\x1b[9;31mM. Crozet\x1b[0m\x1b[32mOlga Sedova\x1b[0m" in report
    assert "[-" not in report
    assert "{+" not in report


def test_text_is_the_same_with_and_without_color_but_for_the_marks() -> None:
    same = compare(homepage(shown(1)), later(shown(2)), 0, 0)
    colored = as_text(same, color=True)
    assert colored != as_text(same)
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == as_text(same)


@pytest.mark.parametrize("width", [40, 60, 88])
def test_text_wraps_at_the_width_also_where_letters_are_wide(width: int) -> None:
    wide = compare(
        homepage(), later(shown(1, title="国际劳工组织" * 30), shown(2, title="word " * 60))
    )
    lines = as_text(wide, width=width).splitlines()
    assert all(cell_len(line) <= width for line in lines if "://" not in line)
    assert width - 5 < max(map(cell_len, lines))


def test_text_never_breaks_an_address() -> None:
    assert MEMENTO in as_text(example(), width=40)


def test_text_is_one_sentence_where_nothing_differs() -> None:
    same = compare(homepage(shown(1)), later(shown(1)), 3, 0)
    assert as_text(same, width=200) == (
        "Nothing differs between the captures of 14 April 2015 and 11 June 2021:"
        " 1 entry on both; 3 captures in between show no other entries.\n"
    )


def test_a_capture_compared_with_itself_is_called_one_capture() -> None:
    same = compare(homepage(shown(1)), homepage(shown(1)))
    assert as_text(same, width=200) == (
        "Both dates lead to the same capture (14 April 2015, 10:32 UTC): nothing to compare.\n"
    )


@pytest.mark.parametrize(
    ("precision", "known"),
    [
        ("second", "14 April 2015, 10:32 UTC"),
        ("minute", "14 April 2015, 10:32 UTC"),
        ("day", "14 April 2015"),
        ("month", "April 2015"),
        ("year", "2015"),
    ],
)
def test_capture_time_is_printed_with_its_precision(precision: str, known: str) -> None:
    partly = compare(homepage(shown(1), precision=precision), later())
    assert f"From  {known} (1 entry, moscow.warc)" in as_text(partly).splitlines()
    assert f"- From {known}: " in as_markdown(partly)
    assert f"From {known}" in map(words_of, dom(as_html(partly)).iter("h3"))


@pytest.mark.parametrize(
    ("time", "names"),
    [
        ("2015-04-14T18:00:00Z", ("14 April 2015, 18:00 UTC", "14 April 2015, 10:32 UTC")),
        ("2015-04-14T10:32:59Z", ("14 April 2015, 10:32:59 UTC", "14 April 2015, 10:32:17 UTC")),
        ("2015-04-14T10:32:17Z", ("14 April 2015 (the second)", "14 April 2015 (the first)")),
    ],
)
def test_captures_of_one_day_are_distinguished(time: str, names: tuple[str, str]) -> None:
    report = as_text(compare(homepage(), later(shown(1), captured_at=utc(time))), width=120)
    assert f"On the capture of {names[0]}, not on that of {names[1]} (1)" in report


@pytest.mark.parametrize(
    ("days", "printed"),
    [
        ({"date": ymd("2015-09-21"), "date_end": ymd("2015-09-22")}, "21–22 September 2015"),
        ({"date": ymd("2015-04-01"), "date_end": ymd("2015-07-31")}, "1 April – 31 July 2015"),
        (
            {"date": ymd("2014-12-28"), "date_end": ymd("2015-01-03")},
            "28 December 2014 – 3 January 2015",
        ),
        ({"date": ymd("2015-04-24"), "place": "Harbour City"}, "24 April 2015, Harbour City"),
        ({"date": None, "dateline": "in the spring"}, "in the spring"),
    ],
)
def test_entry_shows_its_date_with_range_and_place(days: dict[str, Any], printed: str) -> None:
    report = as_text(compare(homepage(), later(shown(1, **days))))
    assert f"  News · {printed} · wcms-1-en" in report.splitlines()


def test_move_to_another_section_names_both() -> None:
    entries = shown(1), shown(1, position=2, section=None)
    moved = Comparison(
        homepage(entries[0]), later(entries[1]), (Change("moved", *entries),), unchanged=0
    )
    assert "from position 1 of “News” to position 2 of a list without a heading" in as_text(moved)


def test_an_entry_without_a_title_is_called_untitled() -> None:
    bare = compare(homepage(), later(shown(1, title=None)))
    assert "+ (no title)" in as_text(bare)
    assert "- **[(no title)](http" in as_markdown(bare)
    assert "(no title)" in map(words_of, dom(as_html(bare)).iter("h3"))


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("text", HOSTILE)
def test_text_contains_no_terminal_sequences_of_a_page(text: str, color: bool) -> None:
    printed = as_text(filled(text), color=color)
    own = re.compile(r"\x1b\[(?:0|1|2|3[12]|1;3[12]|9;31)m" if color else r"(?!)")
    assert terminal_faults(own.sub("", printed)) == set()
