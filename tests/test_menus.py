"""Menus are cut from a page, and nothing else is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive import read_page
from ilo_archive.reader.html.menus import without_menus

FIXTURES = Path(__file__).parent / "fixtures"
PAGES = sorted(each for each in FIXTURES.rglob("*.html") if each.with_suffix(".json").exists())


def menu(links: int, below: str = "") -> str:
    items = "".join(f'<li><a href="/{n}">{n}</a>{below}</li>' for n in range(links))
    return f"<ul>{items}</ul>"


def cut(page: str) -> str:
    return without_menus(page.encode(), "utf-8").decode()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_a_page_reads_the_same_with_its_menus(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = read_page(page.read_bytes())
    monkeypatch.setattr("ilo_archive.reader.blocks.without_menus", lambda body, _: body)
    assert read_page(page.read_bytes()) == reading


def test_the_first_link_stands_for_a_menu() -> None:
    assert cut(f"<p>a</p>{menu(4)}<p>b</p>") == f"<p>a</p>{menu(1)}<p>b</p>"


def test_a_menu_may_have_menus_below_its_links() -> None:
    assert cut(menu(4, menu(2))) == menu(1)


def test_tags_are_known_in_upper_case_and_with_attributes() -> None:
    item = '<LI CLASS="x"><A TITLE="t" HREF="/"><SPAN>n</SPAN></A></LI>\n'
    first = '<UL ID="m">\n' + item[: -len("</LI>\n")]
    assert cut(f'<UL ID="m">\n{item * 9}</UL>') == f"{first}</li></ul>"


KEPT = {
    "short": menu(3),
    "with text beside a link": menu(4, ", 14 April 2015"),
    "with a paragraph": menu(4, "<p>14 April 2015</p>"),
    "with a date": menu(4).replace("</a>", "</a><span>14 April 2015</span>"),
    "with an image": menu(4).replace("<a", "<img src=x><a"),
    "of anchors": menu(4).replace("href", "name"),
    "not closed": menu(4).removesuffix("</ul>"),
    "numbered": menu(4).replace("ul>", "ol>"),
    "in an entry": f"<ol><li><p>Title</p>{menu(4)}</li></ol>",
    "of three levels": menu(4, menu(1, menu(1))),
}


@pytest.mark.parametrize("page", KEPT.values(), ids=KEPT)
def test_other_lists_are_kept(page: str) -> None:
    assert cut(page) == page


@pytest.mark.parametrize("charset", ["utf-16-le", "iso2022_jp", "utf-7", "hz"])
def test_nothing_is_cut_where_a_tag_may_be_letters(charset: str) -> None:
    body = menu(9).encode(charset)
    assert without_menus(body, charset) == body


PARTS = ["<ul>", "<ul ", ">", "<li>", '<a href="/">', "<a ", "x", "</a>", "</li>", "</ul>", "<p>"]


@given(st.lists(st.sampled_from(PARTS), max_size=60).map("".join), st.integers(0, 3))
def test_what_is_around_a_menu_is_kept(around: str, entries: int) -> None:
    page = f"{around}<h1>Office</h1>{menu(4)}{'<p>14 April 2015</p>' * entries}"
    assert cut(page).startswith(around[: around.find("<ul")] if "<ul" in around else around)
    assert cut(page).endswith("<p>14 April 2015</p>" * entries)


@pytest.mark.parametrize("part", ["<ul ", "<ul><li><a ", '<ul><li><a href="/">x</a></li>'])
def test_a_hostile_page_takes_no_longer_than_its_length(part: str) -> None:
    page = part * (2**20 // len(part))
    assert cut(page) == page
