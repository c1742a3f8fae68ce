"""`serve`: a real Datasette on the published copy, asked over HTTP and seen in a browser."""

from __future__ import annotations

import os
import socket
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import ilo_archive.published
from ilo_archive.published.codebook import tables
from ilo_archive.reader.snapshot import Snapshot
from tests.support.answers import Ask, assert_one_line
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item
from tests.support.chromium import Browser, browser, find_chromium
from tests.support.datasette_site import Site, need_datasette, served
from tests.support.homes import copy_home
from tests.support.paths import SAMPLE_CAPTURES, SAMPLE_ENTRIES

pytestmark = pytest.mark.slow

QUESTIONS = tomllib.loads(
    Path(ilo_archive.published.__file__).with_name("questions.toml").read_text(encoding="utf-8")
)
ATTACK = "<script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">"
MEMENTO = "https://web.archive.org/web/{}/http://www.ilo.org/moscow/lang--en/index.htm"
LINK = "javascript:document.title='pwned'"


@pytest.fixture(scope="module")
def site(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample."""
    home = copy_home(sample_home, tmp_path_factory.mktemp("served") / "home")
    with served(home) as running:
        yield running


def at_an_archive(when: str, *titles: str) -> Snapshot:
    """A capture with an address at its web archive, of a page with these titles."""
    entries = (an_entry(title, link=item(n)) for n, title in enumerate(titles, start=1))
    snapshot = a_snapshot(when, a_page(*entries, office=ATTACK))
    capture = replace(snapshot.capture, uri_m=MEMENTO.format(when), archive="web.archive.org")
    return replace(snapshot, capture=capture)


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Captures with addresses at a web archive, and an entry that is an attack."""
    home = tmp_path_factory.mktemp("hostile")
    linked = a_page(an_entry("Another seminar", "2015-06-01", link=LINK), office=ATTACK)
    an_archive(
        home,
        at_an_archive("20150414103217", "Arctic seminar", f"Seminar {ATTACK}"),
        at_an_archive("20160414103217", "Arctic seminar in Murmansk", f"Meeting {ATTACK}"),
        a_snapshot("20170414103217", linked),
    )
    with served(home) as running:
        yield running


@pytest.fixture(scope="module")
def tab() -> Iterator[Browser]:
    """Headless Chromium; a machine without it skips, but not the one that decides."""
    found = find_chromium()
    if not found:
        assert not os.environ.get("CI"), "no chromium: the site must be seen in a browser"
        pytest.skip("no chromium")
    with browser(found) as opened:
        yield opened


def follow(tab: Browser, selector: str) -> None:
    """Open the page that a link of the present page leads to."""
    address = tab.evaluate(f"document.querySelector({selector!r})?.href")
    assert address, f"no {selector} on {tab.evaluate('location.href')}"
    tab.open(address)


def words(tab: Browser) -> str:
    return str(tab.evaluate("document.body.innerText"))


# -- over HTTP --------------------------------------------------------------------------------


def test_the_tables_that_are_shown_are_those_of_the_codebook(site: Site) -> None:
    answer = site.json("/published.json")
    shown = {each["name"]: each["count"] for each in answer["tables"] if not each["hidden"]}
    assert shown.keys() == {each.name for each in tables()}
    assert (shown["captures"], shown["entries"]) == (SAMPLE_CAPTURES, SAMPLE_ENTRIES)
    hidden = {each["name"] for each in answer["tables"] if each["hidden"]}
    assert {name.partition("_fts")[0] for name in hidden} <= {
        "entries",
        "revisions",
        "sqlite_stat1",
    }


@pytest.mark.parametrize("name", [each.name for each in tables()])
def test_every_table_answers_with_its_facets(site: Site, name: str) -> None:
    assert site.status(f"/published/{name}") == 200
    answer = site.json(f"/published/{name}.json", _size="1")
    [table] = [each for each in tables() if each.name == name]
    assert set(answer["facet_results"]) == set(table.facets)
    assert answer["columns"] == [each.name for each in table.columns]


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_answers(site: Site, name: str) -> None:
    assert site.status(f"/published/{name}") == 200
    assert site.json(f"/published/{name}.json", _shape="array", office="moscow")
    assert site.json(f"/published/{name}.json", _shape="array", office="lima") == []


def test_the_questions_answer_what_was_counted_by_hand(site: Site) -> None:
    edits = site.json("/published/edited_after_publication.json", _shape="array", field="title")
    assert [each["entry_id"] for each in edits] == ["wcms-795288-en", "wcms-359871-en"]
    by_year = site.json("/published/by_photographer_and_year.json", _shape="array")
    crozet = [each for each in by_year if each["credit_holder"] == "M. Crozet"]
    assert sorted((each["year"], each["entries"]) for each in crozet) == [
        ("2015", 1), ("2019", 1), ("2021", 1),
    ]  # fmt: skip


def test_the_site_cannot_be_written_to(site: Site) -> None:
    assert site.status("/published.json?sql=DELETE+FROM+entries") == 400
    assert (
        site.json("/published/entries.json", _size="0")["filtered_table_rows_count"]
        == SAMPLE_ENTRIES
    )


def test_the_codebook_describes_each_table_and_column(site: Site) -> None:
    shown = site.json("/-/metadata.json")["databases"]["published"]["tables"]
    for table in tables():
        assert shown[table.name]["description"] == f"A row is {table.row}."
        assert list(shown[table.name]["columns"]) == [each.name for each in table.columns]


# -- in a browser -----------------------------------------------------------------------------


def test_a_reader_searches_and_narrows_by_a_facet(tab: Browser, site: Site) -> None:
    tab.open(f"{site.address}/published/entries")
    assert f"{SAMPLE_ENTRIES} rows" in words(tab)
    tab.evaluate("document.querySelector('input[name=_search]').value = 'child labour'")
    tab.submit("document.querySelector('input[name=_search]').form")
    found = tab.evaluate("[...document.querySelectorAll('td.col-entry_id')].map(e => e.innerText)")
    assert {"wcms-796034-en", "wcms-374655-en", "wcms-800162-en"} <= set(found)
    tab.open(f"{site.address}/published/entries")
    follow(tab, "[id*=facet-language] li a")
    assert "language" in str(tab.evaluate("location.search"))
    assert f"{SAMPLE_ENTRIES} rows" not in words(tab)


def test_a_column_is_described_where_it_is_shown(tab: Browser, site: Site) -> None:
    tab.open(f"{site.address}/published/lifelines")
    assert "A row is an entry on one page" in words(tab)
    assert "The first later good capture without it; empty without one." in words(tab)


def test_a_reader_follows_an_entry_to_a_capture_and_to_its_archive(
    tab: Browser, hostile_site: Site
) -> None:
    tab.open(f"{hostile_site.address}/published/entries?_search=arctic")
    follow(tab, "td.type-pk a")
    assert "Arctic seminar in Murmansk" in words(tab)
    follow(tab, "a[href*='/sightings?entry=']")
    follow(tab, "td.col-capture a")
    memento = tab.evaluate("document.querySelector('td.col-uri_m a').href")
    assert memento in (MEMENTO.format("20150414103217"), MEMENTO.format("20160414103217"))


def test_no_text_of_a_page_runs_as_script(tab: Browser, hostile_site: Site) -> None:
    pages = [f"/published/{each.name}" for each in tables()]
    pages += [f"/published/{name}" for name in QUESTIONS]
    pages += ["/", "/published", "/published/entries/1", "/published/entries/2"]
    pages += ["/published/captures/1", "/published/entries?_search=seminar&_facet=title"]
    for page in pages:
        tab.open(hostile_site.address + page)
        assert tab.evaluate("document.title") != "pwned", page
        assert tab.evaluate("[...document.images].filter(e => e.onerror).length") == 0, page
        links = tab.evaluate("[...document.links].map(e => e.protocol)")
        assert set(links) <= {"http:", "https:"}, page


# -- what can go wrong ------------------------------------------------------------------------


def test_a_port_that_is_taken_is_named_in_one_line(in_process: Ask, sample_home: Path) -> None:
    need_datasette()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = in_process("--home", sample_home, "serve", "--port", str(port))
    assert_one_line(outcome, 2)
    assert f"port {port} cannot be used" in outcome.err


def test_without_datasette_one_line_says_what_to_install(
    in_process: Ask, sample_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "datasette.app", None)
    outcome = in_process("--home", sample_copy, "serve", "--port", "0")
    assert_one_line(outcome, 2)
    assert "pip install 'ilo-archive[serve]'" in outcome.err


def test_a_home_without_an_archive_has_no_site(in_process: Ask, tmp_path: Path) -> None:
    assert_one_line(in_process("--home", tmp_path, "serve", "--port", "0"), 2)
