"""Lists laid out in many ways read as the same entries, whatever wraps and names their elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st

from ilo_archive.reader.page import read_page
from tests.support import prototype_layouts

pytestmark = pytest.mark.slow

TITLES = ("Lanterns for the harbour", "Two ferries repaired", "Call for night pilots", "Pier four")
DAYS = (date(2017, 11, 23), date(2017, 11, 4), date(2017, 10, 30), date(2017, 9, 2))
TOLD = "The harbour board met in the evening and agreed to all of it."

Item = Callable[[int, str, str], str]
"""The markup of an entry: its number, title and printed date."""

LAYOUTS: dict[str, tuple[str, Item, str]] = {
    "title (date)": ("<ul>", lambda n, t, d: f'<li><a href="/{n}">{t}</a> ({d})</li>', "</ul>"),
    "date: title": ("<ul>", lambda n, t, d: f'<li>{d}: <a href="/{n}">{t}</a></li>', "</ul>"),
    "lines": ("<p>", lambda n, t, d: f'{d} – <a href="/{n}">{t}</a><br>', "</p>"),
    "terms": ("<dl>", lambda n, t, d: f'<dt>{d}<dd><a href="/{n}">{t}</a>', "</dl>"),
    "titles as terms": (
        "<dl>",
        lambda n, t, d: f'<dt><a href="/{n}">{t}</a></dt><dd>{d}</dd><dd>{TOLD}</dd>',
        "</dl>",
    ),
    "flat headings": (
        "<div>",
        lambda n, t, d: f'<h3><a href="/{n}">{t}</a></h3><p>{d}</p><p>{TOLD}</p>',
        "</div>",
    ),
    "date above": (
        "<div>",
        lambda n, t, d: f'<p>{d}</p><h3><a href="/{n}">{t}</a></h3><p>{TOLD}</p>',
        "</div>",
    ),
    "rows": (
        "<table><tr><th>Date<th>Subject<th>Kind</tr>",
        lambda n, t, d: f'<tr><td>{d}<td><a href="/{n}">{t}</a><td>Notice</tr>',
        "</table>",
    ),
    "two rows": (
        "<table>",
        lambda n, t, d: f'<tr><td><b>{d}</b></tr><tr><td><a href="/{n}">{t}</a></tr>',
        "</table>",
    ),
    "card in a link": (
        "<div>",
        lambda n, t, d: f'<a href="/{n}"><div><i>{d}</i><h4>{t}</h4><p>{TOLD}</p></div></a>',
        "</div>",
    ),
    "read more": (
        "<div>",
        lambda n, t, d: (
            f'<div><h4>{t}</h4><small>{d}</small><p>{TOLD} <a href="/{n}">Read more</a></p></div>'
        ),
        "</div>",
    ),
    "articles": (
        "<main>",
        lambda n, t, d: f'<article><h2><a href="/{n}">{t}</a></h2><time>{d}</time></article>',
        "</main>",
    ),
}
LANGUAGES = ("en", "fr", "es", "pt", "de", "it", "ru", "ar", "uk", "pl", "tr", "nl", "id", "th")
STRIPES = [("",), ("odd", "even"), ("first", "", "", "last"), ("q", "q")]
WRAPPERS = ("div", "section", "center")


@st.composite
def wraps(draw: st.DrawFn) -> tuple[str, str]:
    """What stands around a list: up to three elements with classes that say nothing."""
    tags = draw(st.lists(st.sampled_from(WRAPPERS), max_size=3))
    opened = "".join(f'<{tag} class="k{number}">' for number, tag in enumerate(tags))
    return opened, "".join(f"</{tag}>" for tag in reversed(tags))


def striped(markup: str, number: int, classes: Sequence[str]) -> str:
    """An entry whose elements alternate between two classes, as rows of tables do."""
    name = classes[number % len(classes)]
    start, _, rest = markup.partition(">")
    return f'{start} class="{name}">{rest}' if name and start.startswith("<") else markup


def page(layout: str, language: str, around: tuple[str, str], classes: Sequence[str]) -> bytes:
    opened, item, closed = LAYOUTS[layout]
    printed = [format_date(day, "long", language) for day in DAYS]
    entries = [striped(item(n, title, printed[n]), n, classes) for n, title in enumerate(TITLES)]
    menu = (
        '<ul><li><a href="/a">Home</a><li><a href="/b">About us</a><li><a href="/c">Jobs</a></ul>'
    )
    body = f"{menu}<h1>Harbour Office</h1>{around[0]}{opened}{''.join(entries)}{closed}{around[1]}"
    return f'<meta charset="utf-8"><body>{body}<p>© 2017 Harbour Office</p></body></html>'.encode()


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=12)
@given(
    language=st.sampled_from(LANGUAGES),
    around=wraps(),
    classes=st.sampled_from(STRIPES),
)
def test_a_list_reads_as_its_entries(
    layout: str, language: str, around: tuple[str, str], classes: tuple[str, ...]
) -> None:
    found = read_page(page(layout, language, around, classes)).entries
    said = [(entry.title, entry.date, entry.link) for _, entry in found]
    assert said == [(title, DAYS[n], f"/{n}") for n, title in enumerate(TITLES)]


@pytest.mark.skipif(not prototype_layouts.LAYOUTS, reason="no ../shared/prototypes beside this")
@pytest.mark.parametrize("layout", prototype_layouts.LAYOUTS or ["none"])
@settings(max_examples=6)
@given(language=st.sampled_from(LANGUAGES), around=wraps(), classes=st.sampled_from(STRIPES))
def test_a_layout_of_the_prototypes_reads_as_its_entries(
    layout: str, language: str, around: tuple[str, str], classes: tuple[str, ...]
) -> None:
    found = read_page(prototype_layouts.page(layout, language, around, classes)).entries
    said = [(entry.title, entry.date, (entry.link or "")[-1:]) for _, entry in found]
    assert said == prototype_layouts.EXPECTED
