"""The report as HTML: its words, its safety, a browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from ilo_archive.queries.comparison import compare
from ilo_archive.report import as_html
from tests.support.reports import (
    HOSTILE,
    MEMENTO,
    dom,
    example,
    filled,
    homepage,
    html_faults,
    later,
    shown,
    words_of,
)


def test_html_lists_each_change_under_its_heading() -> None:
    tree = dom(as_html(example()))
    printed = {each.get("class"): words_of(each) for each in tree.iter("section")}
    assert "for nineten countries, Georgia among them." in printed["page"]
    assert "Country Georgia (GE) Number of countries 10" in printed["named"]
    assert printed["not-named"].endswith("not on that of 11 June 2021 (1) Number of countries 9")
    assert "On the capture of 11 June 2021, not on that of 14 April 2015" in printed["appeared"]
    assert "A joint warning." in printed["appeared"]
    assert "Young trade unionists met in Murmansk." in printed["gone"]
    assert "Moved from position 4 to position 9." in printed["moved"]
    assert [words_of(each) for each in tree.iter("ins")] == [
        "ten", ", Georgia among them", "Georgia (GE)", "10", "in Astana", "Olga Sedova", "2021",
    ]  # fmt: skip
    assert [words_of(each) for each in tree.iter("del")] == ["nine", "9", "M. Crozet", "2015"]


def test_html_cites_both_captures() -> None:
    tree = dom(as_html(example()))
    cited = [words_of(each) for each in tree.cssselect(".capture")]
    assert cited[0].startswith(
        f"From 14 April 2015, 10:32 UTC Memento {MEMENTO} Page http://www.ilo"
    )
    assert "To 11 June 2021, 09:06 UTC Memento none (read from a file)" in cited[1]


def test_html_headings_do_not_skip_a_level() -> None:
    levels = [
        int(str(each.tag)[1]) for each in dom(as_html(example())).iter("h1", "h2", "h3", "h4")
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_html_loads_nothing_and_its_policy_allows_only_its_own_style() -> None:
    tree = dom(as_html(example()))
    policy = tree.cssselect('meta[http-equiv="Content-Security-Policy"]')[0].get("content")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert not tree.xpath("//script | //link | //iframe | //object | //@src | //@style")
    assert not re.search(r"url\(|@import", "".join(tree.xpath("//style/text()")))


@pytest.mark.parametrize(
    ("language", "attributes"),
    [
        ("ar", {"lang": "ar", "dir": "rtl"}),
        ("ru", {"lang": "ru", "dir": "auto"}),
        (None, {"lang": "", "dir": "auto"}),
        ('"><b>', {"lang": "", "dir": "auto"}),
    ],
)
def test_html_gives_page_text_its_language_and_direction(
    language: str | None, attributes: dict[str, str]
) -> None:
    pages = homepage(language=language), later(shown(1, summary="نص"), language=language)
    tree = dom(as_html(compare(*pages)))
    for each in tree.cssselect("h1, li h3, .summary"):
        assert {name: each.get(name) for name in ("lang", "dir")} == attributes
    assert tree.get("lang") == "en"


def test_html_draws_a_line_between_both_positions_of_an_entry() -> None:
    tree = dom(as_html(compare(homepage(shown(1), shown(2)), later(shown(3), shown(2), shown(1)))))
    marks = [(each.get("class"), words_of(each)) for each in tree.iter("circle")]
    assert marks == [
        ("shared", "Title 1"), ("shared", "Title 2"),
        ("appeared", "Title 3"), ("shared", "Title 2"), ("shared", "Title 1"),
    ]  # fmt: skip
    assert sorted(each.get("class") or "" for each in tree.iter("line")) == ["", "moved"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_page_adds_to_the_html_report(text: str) -> None:
    assert html_faults(as_html(filled(text))) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_every_page_gives_the_html_report_the_same_elements(text: str) -> None:
    def elements(report: str) -> Counter[Any]:
        return Counter(
            each.tag for each in dom(report).iter() if each.tag not in ("a", "ins", "del")
        )

    assert elements(as_html(filled(text))) == elements(as_html(filled("plain text")))


@pytest.fixture(scope="session")
def browser() -> str:
    """Headless Chromium; a machine without it skips, but not the one that decides."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        assert not os.environ.get("CI"), "no chromium: the report must be seen in a browser"
        pytest.skip("no chromium")
    return found


def opened(browser: str, page: Path, profile: Path) -> html.HtmlElement:
    """The page after Chromium has opened it and run what it would run."""
    flags = "headless no-sandbox disable-gpu no-first-run disable-background-networking"
    flags += " disable-component-update disable-sync dump-dom"
    command = [browser, *(f"--{flag}" for flag in flags.split()), f"--user-data-dir={profile}"]
    done = subprocess.run(
        [*command, page.as_uri()], capture_output=True, timeout=120, check=True, text=True
    )
    return dom(done.stdout)


@pytest.mark.slow
def test_a_browser_runs_nothing_of_a_hostile_page(browser: str, tmp_path: Path) -> None:
    text = " ".join(HOSTILE[:5])
    bare = tmp_path / "bare.html"
    bare.write_text(f"<title>bare</title>{text}", encoding="utf-8")
    assert opened(browser, bare, tmp_path / "one").findtext(".//title") == "pwned"

    report = as_html(filled(text))
    page = tmp_path / "report.html"
    page.write_text(report, encoding="utf-8")
    seen = opened(browser, page, tmp_path / "two")
    assert seen.findtext(".//title") == dom(report).findtext(".//title")
    assert seen.xpath("//*[@id='pwned'] | //script | //img | //iframe") == []
    assert html_faults(html.tostring(seen, encoding="unicode")) == []
