"""`report`: the folder of pages, and the page of one file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from lxml import html

from tests.conftest import MakeOnce
from tests.support.answers import Ask, assert_one_line
from tests.support.build import a_page, a_snapshot, an_archive, an_empty_archive, an_entry, item
from tests.support.chromium import Browser, browser, find_chromium
from tests.support.homes import copy_home
from tests.support.long_archive import make_long_archive
from tests.support.reports import HOSTILE, dom, words_of
from tests.support.run import run

pytestmark = pytest.mark.slow

WIDTHS = (320, 1280)
AXE = (
    "axe.run({resultTypes: ['violations']})"  # what passes is not described, node by node
    ".then(found => found.violations.map(each => each.id + ': ' + each.nodes[0].html))"
)


@pytest.fixture(scope="session")
def reported_home(make_once: MakeOnce, sample_home: Path) -> Path:
    """The sample with its report. Tests leave it as it is."""

    def report(folder: Path) -> None:
        home = copy_home(sample_home, folder / "home")
        for more in ((), ("moscow", "-o", folder / "alone.html")):
            outcome = run(home, "report", *more)
            assert outcome.code == 0, outcome.err
        outcome = run(home, "diff", "moscow", "2015", "2021", "-o", folder / "diff.html")
        assert outcome.code == 0, outcome.err

    return make_once("reported-home", report) / "home"


@pytest.fixture(scope="session")
def office_page(reported_home: Path) -> html.HtmlElement:
    return read(reported_home / "reports" / "moscow.html")


@pytest.fixture(scope="module")
def tab() -> Iterator[Browser]:
    """Headless Chromium; a machine without it skips, but not the one that decides."""
    found = find_chromium()
    if not found:
        assert not os.environ.get("CI"), "no chromium: the report must be seen in a browser"
        pytest.skip("no chromium")
    with browser(found) as opened:
        yield opened


def read(path: Path) -> html.HtmlElement:
    return dom(path.read_text(encoding="utf-8"))


def section(page: html.HtmlElement, name: str) -> html.HtmlElement:
    """The section whose heading has this id."""
    found: html.HtmlElement = page.xpath("//*[@aria-labelledby=$name]", name=name)[0]
    return found


def pages_of(reported_home: Path) -> list[Path]:
    """Every page of each form: the folder, the page in one file, the comparison."""
    beside = reported_home.parent
    folder = reported_home / "reports"
    return [*sorted(folder.rglob("*.html")), beside / "alone.html", beside / "diff.html"]


# -- what the pages show, counted in data/sample/captures.toml --------------------------------


def test_the_head_counts_captures_entries_and_edits(office_page: html.HtmlElement) -> None:
    assert "14 captures from 14 April 2015 to 11 June 2021 show 48 entries; 2 edits" in words_of(
        office_page.find(".//header")
    )


def test_the_calendar_has_a_row_for_each_year_of_each_page(office_page: html.HtmlElement) -> None:
    calendar = words_of(section(office_page, "calendar"))
    assert "English page: 13 captures, 12 good, 1 failed" in calendar
    assert "Russian page: 1 capture, 1 good" in calendar


def test_an_edit_is_shown_word_by_word(office_page: html.HtmlElement) -> None:
    edits = section(office_page, "edits")
    assert "in Astana" in [words_of(each) for each in edits.iter("ins")]


def test_each_step_counts_what_changed(reported_home: Path) -> None:
    steps = words_of(read(reported_home / "reports" / "moscow" / "en-1.html").body)
    assert "2 appeared, 2 no longer there, 1 edited, 4 unchanged" in steps
    assert "Step 11 of 11" in steps


def test_a_comparison_leads_through_the_captures_in_between(reported_home: Path) -> None:
    page = read(reported_home.parent / "diff.html")
    assert len(page.xpath("//ul[@class='passing']/li")) == 27
    assert len(page.xpath("//ol[@class='brief']/li")) == 11


def test_a_page_in_arabic_goes_from_right_to_left(in_process: Ask, tmp_path: Path) -> None:
    entry = an_entry("ندوة عن السلامة", link=item(1, "ar"))
    page = a_page(entry, language="ar", office="منظمة العمل الدولية")
    an_archive(tmp_path, a_snapshot("2015", page, office="beirut", language="ar"))
    assert in_process("--home", tmp_path, "report").code == 0
    found = read(tmp_path / "reports" / "beirut.html")
    assert found.xpath("//h1/@dir") == ["rtl"]


# -- links ------------------------------------------------------------------------------------


def test_every_link_of_the_folder_leads_somewhere(reported_home: Path) -> None:
    pages = {path.resolve(): read(path) for path in pages_of(reported_home)}
    for path, page in pages.items():
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), path
        for address in page.xpath("//@href"):
            if re.match(r"https?:", address):
                continue
            name, anchor = urldefrag(address)
            target = (path.parent / unquote(name)).resolve() if name else path
            assert target.exists(), (path.name, address)
            if anchor and target in pages:
                assert pages[target].xpath("//*[@id=$id]", id=anchor), (path.name, address)


def test_one_file_needs_no_other(reported_home: Path) -> None:
    alone = read(reported_home.parent / "alone.html")
    assert [each for each in alone.xpath("//a/@href") if not re.match(r"https?:|#", each)] == []
    assert alone.xpath("//ol[@class='brief']/li")


def test_a_second_report_is_the_same(in_process: Ask, reported_home: Path, tmp_path: Path) -> None:
    home = copy_home(reported_home, tmp_path / "home")
    before = {path: path.read_bytes() for path in home.glob("reports/moscow/*")}
    assert in_process("--home", home, "report").code == 0
    assert {path: path.read_bytes() for path in home.glob("reports/moscow/*")} == before


# -- what can go wrong ------------------------------------------------------------------------


def test_one_file_is_for_one_office(in_process: Ask, tmp_path: Path) -> None:
    page = a_page(an_entry())
    an_archive(tmp_path, a_snapshot("2015", page), a_snapshot("2015", page, office="rivers"))
    assert_one_line(in_process("--home", tmp_path, "report", "-o", tmp_path / "x.html"), 2)


def test_an_office_without_captures_has_no_report(in_process: Ask, tmp_path: Path) -> None:
    an_empty_archive(tmp_path)
    assert_one_line(in_process("--home", tmp_path, "report"), 3)
    assert_one_line(in_process("--home", tmp_path, "report", "moscow"), 3)
    assert_one_line(in_process("--home", tmp_path, "report", "mosow"), 2)


def test_no_page_adds_an_element_to_a_report(in_process: Ask, tmp_path: Path) -> None:
    hostile = [each for each in HOSTILE if each.isascii()]
    folders = {"harmless": ["Seminar"] * len(hostile), "hostile": hostile}
    tags = {}
    for name, texts in folders.items():
        page = a_page(*(an_entry(f"{n} {text}") for n, text in enumerate(texts)), office=texts[0])
        an_archive(tmp_path / name, a_snapshot("2015", page), a_snapshot("2016", page))
        assert in_process("--home", tmp_path / name, "report").code == 0
        pages = sorted((tmp_path / name / "reports").rglob("*.html"))
        tags[name] = [{str(each.tag) for each in read(path).iter()} for path in pages]
        assert "pwned" not in {each for path in pages for each in read(path).xpath("//@id")}
    assert tags["hostile"] == tags["harmless"]


@pytest.mark.slow
def test_a_hundred_captures_fit_into_500_kilobytes(in_process: Ask, tmp_path: Path) -> None:
    make_long_archive(tmp_path, 100)
    alone = tmp_path / "alone.html"
    assert in_process("--home", tmp_path, "report", "moscow", "-o", alone).code == 0
    assert alone.stat().st_size <= 500_000


# -- in a browser -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_has_no_complaint_of_any_page(
    tab: Browser, reported_home: Path, scheme: str
) -> None:
    for path in pages_of(reported_home):
        for width in WIDTHS:
            tab.open(path.as_uri(), width, scheme=scheme)  # type: ignore[arg-type]
            assert tab.evaluate("document.documentElement.scrollWidth") <= width, path
            assert tab.complaints() == []
            assert tab.requests() == [path.as_uri()]


@pytest.mark.slow
def test_axe_finds_nothing(tab: Browser, reported_home: Path) -> None:
    axe = pytest.importorskip("axe_core_python")
    script = Path(axe.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
    for path in pages_of(reported_home):
        for width, scheme in zip(WIDTHS, ("light", "dark"), strict=True):
            tab.open(path.as_uri(), width, scheme=scheme, policy=False)  # type: ignore[arg-type]
            tab.evaluate(f"{script};0")
            assert tab.evaluate(AXE) == [], (path, width)


@pytest.mark.slow
def test_the_search_box_hides_what_does_not_match(tab: Browser, reported_home: Path) -> None:
    tab.open((reported_home / "reports" / "moscow.html").as_uri())
    tab.evaluate(
        "(field => { field.value = 'Tajikistan'; field.dispatchEvent(new Event('input')) })"
        "(document.querySelector('#find input'))"
    )
    shown = tab.evaluate(
        "[...document.querySelectorAll('.lives li[id]')].filter(each => !each.hidden).length"
    )
    assert shown == 1
    assert tab.complaints() == []


@pytest.mark.slow
def test_without_script_there_is_no_search_box(tab: Browser, reported_home: Path) -> None:
    page = reported_home / "reports" / "moscow.html"
    tab.open(page.as_uri(), script=False)
    assert read(page).get_element_by_id("find").get("hidden") is not None
    assert tab.screenshot()
