"""What a page says of its links and its completeness: base, playback, and warnings."""

from __future__ import annotations

import pytest

from ilo_archive.reader.page import Page, read_page

HERE = "http://www.example.org/office/index.htm"
END = "</body></html>"


def entry(number: int, day: str, href: str | None = None) -> str:
    link = href or f"/n{number}"
    return f'<li><h3><a href="{link}">Boat {number} meets</a></h3><p>{day}</p></li>'


def page(body: str, head: str = "", url: str | None = HERE, end: str = END) -> Page:
    text = f"<html><head><title>Office</title>{head}</head><body><h1>River Office</h1>{body}{end}"
    return read_page(text.encode(), url)


def links(found: Page) -> list[str | None]:
    return [each.link for _, each in found.entries]


@pytest.mark.parametrize(
    ("base", "link"),
    [
        ("http://old.example.org/news/", "http://old.example.org/news/a.htm"),
        ("/archive/", "http://www.example.org/archive/a.htm"),
        ("../shared/x.htm", "http://www.example.org/shared/a.htm"),
        ("http://[", "http://www.example.org/office/a.htm"),
        ("", "http://www.example.org/office/a.htm"),
    ],
)
def test_links_are_resolved_against_the_base_of_the_page(base: str, link: str) -> None:
    items = entry(1, "4 May 2015", "a.htm") + entry(2, "3 May 2015", "b.htm")
    assert links(page(f"<ul>{items}</ul>", f'<base href="{base}">'))[0] == link


@pytest.mark.parametrize(
    "front",
    [
        "http://web.archive.org/web/20150504121314/",
        "/web/20150504121314/",
        "//archive.example.org:8080/20150504121314mp_/",
        "https://archive.example.org/all/20150504121314/",
    ],
)
def test_a_page_saved_from_playback_has_its_own_links_and_no_toolbar(front: str) -> None:
    toolbar = (
        "<!-- BEGIN WAYBACK TOOLBAR INSERT --><div><h2>Captures</h2><ul>"
        "<li><a href='/x'>First capture</a> 1 May 2001</li>"
        "<li><a href='/y'>Last capture</a> 2 May 2020</li></ul></div>"
        "<!-- END WAYBACK TOOLBAR INSERT -->"
    )
    items = "".join(
        entry(n, f"{n} May 2015", f"{front}http://www.example.org/n{n}") for n in (2, 1)
    )
    found = page(f"{toolbar}<ul>{items}</ul>")
    assert links(found) == ["http://www.example.org/n2", "http://www.example.org/n1"]
    assert [str(each.date) for _, each in found.entries] == ["2015-05-02", "2015-05-01"]


def test_dates_without_an_entry_are_warned_of() -> None:
    found = page("<div><span>4 May 2015</span></div><div><span>7 June 2015</span></div>")
    assert not found.entries
    assert any("no entry that they belong to" in each for each in found.warnings)


def test_more_dates_than_entries_are_warned_of() -> None:
    lone = "".join(f"<div><i>{n} July 2014</i></div><table><td></table>" for n in range(1, 9))
    found = page(f"<ul>{entry(1, '4 May 2015')}{entry(2, '3 May 2015')}</ul>{lone}")
    assert len(found.entries) == 2
    assert any("dates found outside of the 2 dated entries" in each for each in found.warnings)


@pytest.mark.parametrize("days", [("04/03/2015", "02/03/2015"), ("4/3/15", "2/3/15")])
def test_an_order_of_day_and_month_that_nothing_tells_is_warned_of(days: tuple[str, str]) -> None:
    found = page("<ul>" + "".join(entry(n, day) for n, day in enumerate(days)) + "</ul>")
    assert [each for each in found.warnings if "could be the other way round" in each]


@pytest.mark.parametrize("days", [("04/03/2015", "28/02/2015"), ("04/03/2015", "02/28/2015")])
def test_one_date_that_tells_the_order_tells_it_for_the_page(days: tuple[str, str]) -> None:
    found = page("<ul>" + "".join(entry(n, day) for n, day in enumerate(days)) + "</ul>")
    assert not [each for each in found.warnings if "other way round" in each]
    month = 3 if days[1].startswith("28") else 4
    assert found.entries[0][1].date is not None
    assert found.entries[0][1].date.month == month


@pytest.mark.parametrize("end", ["<p>The boats", '<a href="/more'])
def test_a_page_without_an_end_is_warned_of(end: str) -> None:
    items = f"<ul>{entry(1, '4 May 2015')}{entry(2, '3 May 2015')}</ul>"
    assert "the page may be cut: it has no end" in page(items, end=end).warnings
    assert not any("cut" in each for each in page(items).warnings)
