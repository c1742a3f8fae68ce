"""Pages and their expected readings, side by side: ours, and those beside the checkout."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ilo_archive.reader.block import PageRefused
from ilo_archive.reader.page import Page, as_record, read_page

FIXTURES = Path(__file__).parent / "fixtures"
HOMEPAGE = "http://www.ilo.org/moscow/lang--{}/index.htm"


def fields(record: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field of a reading by its path."""
    if isinstance(record, dict) and record:
        for key, value in record.items():
            yield from fields(value, f"{path}.{key}")
    elif isinstance(record, list):
        yield f"{path}.count", len(record)
        for number, value in enumerate(record):
            yield from fields(value, f"{path}[{number}]")
    else:
        yield path, record


def reading(page: Path, url: str | None = None) -> dict[str, Any]:
    record = as_record(read_page(page.read_bytes(), url), page.name)
    return json.loads(json.dumps(record, ensure_ascii=False))  # type: ignore[no-any-return]


FOLDERS = ("moscow", "wcms", "cards", "text", "plain", "old", "whole", "markdown", "lists")
NO_PAGES = ("20170823140912.html",)  # an archived 503


def pages() -> Iterator[Path]:
    for folder in FOLDERS:
        for page in sorted((FIXTURES / folder).iterdir()):
            if page.suffix in (".html", ".txt") and page.name not in NO_PAGES:
                yield page


def address(page: Path, expected: dict[str, Any]) -> str | None:
    """The address that links are relative to; those of moscow/ are all one office's."""
    if page.parent.name != "moscow":
        return str(expected.pop("url")) if "url" in expected else None
    return HOMEPAGE.format("ru" if expected["language"] == "ru" else "en")


@pytest.mark.parametrize("page", list(pages()), ids=lambda page: f"{page.parent.name}/{page.name}")
def test_a_page_reads_as_the_reading_beside_it_says(page: Path) -> None:
    beside = page.with_suffix(".json")
    if not beside.exists():
        got = reading(page)
        beside.write_text(json.dumps(got, ensure_ascii=False, indent=1), encoding="utf-8")
        pytest.fail(f"{beside.name} is new: look at it")
    expected = json.loads(beside.read_text(encoding="utf-8"))
    got = reading(page, address(page, expected))
    if "warnings" not in expected:
        del got["warnings"]
    assert dict(fields(got)) == dict(fields(expected))


def stems() -> list[str]:
    """Pages that exist in several forms."""
    found = Counter(page.stem for page in pages())
    return sorted(stem for stem, number in found.items() if number > 1)


@pytest.mark.parametrize("stem", stems())
def test_a_page_in_several_forms_has_one_reading(stem: str) -> None:
    readings = []
    for page in pages():
        if page.stem == stem:
            got = reading(page)
            for entry in (e for section in got["sections"] for e in section["entries"]):
                del entry["link"], entry["image"]
            readings.append({name: got[name] for name in ("office", "description", "sections")})
    assert all(each == readings[0] for each in readings)


def comparable(expected: dict[str, Any], got: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """The fields that `expected` names; in the layouts `credit` is the printed text alone."""
    for section in got["sections"]:
        for entry, wanted in zip(
            section["entries"], _entries(expected, got["sections"].index(section)), strict=False
        ):
            if isinstance(wanted.get("credit"), str) and entry["credit"]:
                entry["credit"] = entry["credit"]["text"]
            wanted.pop("cut", None)
            for name in set(entry) - set(wanted):
                del entry[name]
    kept = {name: got[name] for name in expected}
    return list(fields(expected)), list(fields(kept))


def _entries(record: dict[str, Any], section: int) -> list[dict[str, Any]]:
    sections = record["sections"]
    return sections[section]["entries"] if section < len(sections) else []


def shared_pages(folder: Path) -> Iterator[tuple[str, list[Any], list[Any]]]:
    for beside in sorted(folder.glob("*.json")):
        expected = json.loads(beside.read_text(encoding="utf-8"))
        yield (beside.stem, *comparable(expected, reading(beside.with_suffix(".txt"))))


@pytest.mark.parametrize("folder", ["seeds", "layouts"])
def test_every_field_of_the_pages_beside_the_checkout_is_read(shared: Path, folder: str) -> None:
    wrong = [
        (name, *pair)
        for name, expected, got in shared_pages(shared / folder)
        for pair in set(map(repr, expected)) ^ set(map(repr, got))
    ]
    assert wrong == []


def test_a_rendition_may_begin_with_a_link_past_the_menu_and_run_credits_into_titles() -> None:
    text = (
        "Skip to main content\n\nILO Office for Rivers\n\nIt has served Lakeland since 1970.\n\n"
        "News\n\n  1. © Jo Lee / ILO 2016\n    Ferries meet\n\n    1 May 2016\n\n    All came.\n"
    )
    page = read_page(text.encode())
    assert (page.office, page.description) == (
        "ILO Office for Rivers",
        "It has served Lakeland since 1970.",
    )
    [entry] = page.sections[0].entries
    assert entry.credit
    assert (entry.credit.holder, entry.title, entry.summary) == (
        "Jo Lee",
        "Ferries meet",
        "All came.",
    )


def dates_of(*datelines: str, summary: str = "It took place in the hall of the ministry.") -> Page:
    items = (f"<li><a href=/x>Talks</a><p>{each}</p><p>{summary}</p></li>" for each in datelines)
    return read_page(f"<h1>ILO Office</h1><ol>{''.join(items)}</ol>".encode())


DOUBT = "day and month could be the other way round: 04/03/2015"


@pytest.mark.parametrize(
    ("beside", "month", "doubts"),
    [
        ("14 April 2015", 3, [DOUBT]),
        ("June 2, 2022", 4, [DOUBT]),
        ("03/20/2015", 4, []),
        ("20/03/2015", 3, []),
        ("", 3, [DOUBT]),
    ],
)
def test_the_other_dates_of_a_page_show_the_day_from_the_month(
    beside: str, month: int, doubts: list[str]
) -> None:
    page = dates_of("04/03/2015", beside)
    assert page.sections[0].entries[0].date == date(2015, month, 7 - month)
    assert list(page.warnings) == doubts


@pytest.mark.parametrize(("day", "month"), [("Wednesday", 3), ("Friday", 4)])
def test_a_day_of_the_week_that_fits_one_reading_shows_the_order(day: str, month: int) -> None:
    page = dates_of(f"{day}, 04/03/2015")
    assert [entry.date for _, entry in page.entries] == [date(2015, month, 7 - month)]
    assert page.warnings == ()


def test_datetime_attributes_show_the_order_of_what_is_printed() -> None:
    item = '<li><a href=/{0}>Talks {0}</a><time datetime="2015-04-0{0}">04/0{0}/2015</time></li>'
    items = "".join(item.format(n) for n in (3, 5, 6))
    page = read_page(f"<h1>ILO Office</h1><ul>{items}</ul>".encode())
    assert [str(entry.date) for _, entry in page.entries] == [f"2015-04-0{n}" for n in (3, 5, 6)]
    assert page.warnings == ()


def test_only_english_pages_print_the_month_first() -> None:
    page = dates_of("04/03/2015", "Juin 2, 2022", summary="Les invités sont dans la salle.")
    assert page.language == "fr"
    assert page.sections[0].entries[0].date == date(2015, 3, 4)


def test_a_paragraph_of_nothing_but_control_characters_says_nothing() -> None:
    page = read_page(b"<h1>ILO Office</h1><p>\x7f</p><p>It works here.</p>")
    assert page.description == "It works here."


@pytest.mark.parametrize(
    "summary",
    [
        "<b>Deadline:</b> <span>5 May 2015</span>",
        "It met on <b>5 May 2015</b> in Lae.",
        "See <a href=/r>the report</a>, 5 May 2015",
        "<span>Seats are <b>5 May 2015</b></span> <span>only.</span>",
        "<a href=/r>The report</a> of 5 May 2015 tells how.",
    ],
)
def test_a_date_within_a_text_divides_it_into_no_parts(summary: str) -> None:
    page = read_page(
        f"<h1>ILO Office</h1><ol><li><h5><a href=/x>Talks</a></h5><p>1 May 2015</p>"
        f"<p>All came.</p><p>{summary}</p></li></ol>".encode()
    )
    [entry] = page.sections[0].entries
    said = " ".join(re.sub("<[^>]*>", "", summary).split())
    assert (entry.title, entry.summary) == ("Talks", f"All came. {said}")


@pytest.mark.parametrize(
    "line",
    [
        "<a href=/x>Talks</a> | 1 May 2015",
        "1 May 2015: <a href=/x>Talks</a>",
    ],
)
def test_a_date_in_the_line_of_its_link_is_the_dateline(line: str) -> None:
    page = read_page(f"<h1>ILO Office</h1><ul><li>{line}<br>All came.</li></ul>".encode())
    [entry] = page.sections[0].entries
    assert (entry.title, entry.dateline, entry.summary) == ("Talks", "1 May 2015", "All came.")


def test_a_kicker_may_stand_before_the_link_in_a_line_above_the_date() -> None:
    line = "<b>Sea</b> <a href=/x>Talks</a><br>1 May 2015<br>All came."
    [entry] = read_page(f"<h1>ILO Office</h1><ul><li>{line}</ul>".encode()).sections[0].entries
    assert (entry.dateline, entry.summary, entry.link) == ("1 May 2015", "All came.", "/x")


@pytest.mark.parametrize("page", sorted((FIXTURES / "text").glob("*.txt")), ids=lambda p: p.stem)
def test_no_plain_rendition_is_taken_for_markdown(page: Path) -> None:
    assert read_page(page.read_bytes()).template == "text"


@pytest.mark.slow
@pytest.mark.parametrize("odd", ["[", "*a_ ", "> ", "- ", "a\n", "``a", "![", "# a\n"])
def test_markdown_made_to_be_slow_is_read_within_two_seconds(odd: str) -> None:
    before = time.process_time()
    with suppress(PageRefused):  # for its paragraphs
        read_page(f"# ILO Office\n\n{odd * (39_000 // len(odd))}".encode())
    assert time.process_time() - before < 2


def test_the_only_link_below_a_heading_is_the_link_of_the_entry_and_no_summary() -> None:
    item = "<h3>Talks</h3><p>1 May 2015</p><p>All came.</p><a href=/x>Read on</a>"
    [entry] = read_page(f"<h1>ILO Office</h1><ul><li>{item}</ul>".encode()).sections[0].entries
    assert (entry.title, entry.summary, entry.link) == ("Talks", "All came.", "/x")
