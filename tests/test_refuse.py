import re
import time
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilo_archive.reader.block import Block, PageRefused
from ilo_archive.reader.html.paragraphs import paragraphs_of
from ilo_archive.reader.page import read_page
from ilo_archive.reader.refusals import Refusal, Verdict, elsewhere, page_title, refusal
from tests.support.paths import ROOT

FIXTURES = Path(__file__).parent / "fixtures"
HOMEPAGE = "http://www.ilo.org/moscow/lang--en/index.htm"
NO_PAGES = ("20170823140912.html",)  # an archived 503
REFUSED = sorted((FIXTURES / "refused").glob("*.html"))
ACCEPTED = sorted((FIXTURES / "accepted").iterdir())
GOOD = sorted(
    page
    for folder in ("moscow", "wcms", "cards", "plain", "old", "text")
    for page in (FIXTURES / folder).glob("*.*")
    if page.suffix in (".html", ".htm", ".txt") and page.name not in NO_PAGES
)


def judged(body: bytes, url: str | None = None) -> Refusal | None:
    asked = re.search(rb"<!-- asked: (\S+) -->", body)
    url = url or (asked[1].decode() if asked else HOMEPAGE)
    charset = re.search(rb"charset=[\"']?([\w-]+)", body)
    title = page_title(body, charset[1].decode() if charset else "utf-8")
    return refusal(body, paragraphs_of(body), title, url, len(read_page(body, url).entries))


def html(title: str, body: str, head: str = "") -> bytes:
    text = f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{body}</body>"
    return f'{text}<meta charset="utf-8"></html>'.encode()


@pytest.mark.parametrize("page", REFUSED, ids=lambda page: page.name)
def test_a_page_that_is_none_gets_the_verdict_of_its_name(page: Path) -> None:
    found = judged(page.read_bytes())
    assert found
    assert found.verdict == page.name.partition("-")[0]
    assert found.reason.isprintable()


@pytest.mark.parametrize("page", [*ACCEPTED, *GOOD], ids=lambda page: page.name)
def test_a_page_that_looks_like_none_but_is_one_is_not_refused(page: Path) -> None:
    assert judged(page.read_bytes()) is None


def test_no_page_beside_the_checkout_is_refused(shared: Path) -> None:
    pages = [*shared.glob("seeds/*.txt"), *shared.glob("layouts/*.txt")]
    assert [page.name for page in pages if judged(page.read_bytes())] == []


def test_there_are_pages_of_every_kind_in_every_language() -> None:
    kinds = {page.name.partition("-")[0] for page in REFUSED}
    languages = {page.stem.rpartition("-")[2] for page in REFUSED}
    assert kinds == set(get_args(Verdict))
    assert languages == {"en", "fr", "es", "pt", "it", "de", "ru", "ar", "zh", "ja", "th"}
    assert len(REFUSED) >= 40
    assert len(ACCEPTED) >= 15


def test_the_reason_quotes_what_the_page_says() -> None:
    found = judged((FIXTURES / "refused" / "soft404-wcms-ru.html").read_bytes())
    assert found
    assert "“страница не найдена”" in found.reason
    assert "no dated entries" in found.reason


def test_the_reason_names_both_sites() -> None:
    page = html("Shoes", "<h1>Shoes</h1>", '<link rel="canonical" href="https://shoes.example/a">')
    found = judged(page)
    assert found == Refusal(
        "elsewhere",
        "a page of another site: ilo.org was asked for, it calls itself shoes.example",
    )


@pytest.mark.parametrize(
    ("canonical", "url"),
    [
        ("https://www.ilo.ch/moscow", HOMEPAGE),
        ("http://www.ilo.org/moscow", "http://www.oit.org/moscow"),
        ("http://www.ilo.org/moscow", "http://www.ilo.ru/"),
        ("/moscow/lang--en/index.htm", HOMEPAGE),
        ("http://[", HOMEPAGE),
        ("http://www.ilo.org/moscow", "http://127.0.0.1:8080/moscow"),
        ("https://labour.example.net/", "http://labour.example.net/en/"),
        ("https://rivers.net/", "http://www.rivers.org/"),
        ("https://a.ministry.gov.uk/", "http://b.ministry.gov.uk/"),
    ],
)
def test_an_address_of_the_same_site_is_not_elsewhere(canonical: str, url: str) -> None:
    page = html("Labour", "<p>Work.</p>", f'<link href="{canonical}" rel="canonical">')
    assert elsewhere(page, "Labour", url) is None


def test_without_the_address_asked_for_nothing_is_elsewhere() -> None:
    page = html("Shoes", "", '<link rel="canonical" href="https://shoes.example/">')
    assert elsewhere(page, "Shoes", None) is None
    assert elsewhere(page, "Shoes", HOMEPAGE) is not None


def test_an_empty_body_is_none_of_these() -> None:
    assert judged(b"") is None
    assert judged(b"<html></html>") is None


@pytest.mark.parametrize(
    ("body", "encoding", "title"),
    [
        (b"<title>A &amp; B\n C</title>", "utf-8", "A & B C"),
        ("<TITLE lang=ru>МОТ</TITLE>".encode("cp1251"), "cp1251", "МОТ"),
        ("\ufeff<title>МОТ</title>".encode("utf-16"), "utf-16", "МОТ"),
        (b"<title>cut he", "utf-8", "cut he"),
        (b"<title> </title>", "utf-8", None),
        (b"<p>none</p>", "utf-8", None),
        (b"<title>A</title>", "no-such-charset", "A"),
    ],
)
def test_the_title_of_a_page(body: bytes, encoding: str, title: str | None) -> None:
    assert page_title(body, encoding) == title


PARTS = """404|Page not found|Access denied|Verify you are human|Sign in|This domain is for sale
|Please enable JavaScript|<div id=root></div>|<input type="password">|<h1>|</h1>|<p>|<title>
|<script>|<link rel=canonical href="http://[">|<link rel=canonical href="http://a.example">|sedoparking|\u202e
|\0|İ|ё""".replace("\n", "").split("|")
TEXTS = st.lists(st.sampled_from(PARTS) | st.text(max_size=9), max_size=12).map(" ".join)
DATED = st.sampled_from(["14 April 2015", "2015/04/20", "١٤ أبريل ٢٠١٥", "平成27年4月14日"])


@given(TEXTS, st.none() | TEXTS, st.none() | TEXTS, st.integers(0, 3))
def test_whatever_a_page_holds_the_answer_is_one_printable_line(
    text: str, title: str | None, url: str | None, entries: int
) -> None:
    body = text.encode("utf-8", "replace")
    found = refusal(body, paragraphs_of(body), title, url, entries)
    assert found is None or (found.reason.isprintable() and found.verdict in get_args(Verdict))


@given(st.binary(max_size=200), st.sampled_from(["utf-8", "utf-16", "cp1251", "no-such", "idna"]))
def test_any_bytes_have_a_title_or_none(body: bytes, encoding: str) -> None:
    assert page_title(body, encoding) != ""


@given(TEXTS, TEXTS, st.lists(DATED, min_size=2, max_size=4))
def test_a_page_with_dated_entries_is_never_refused(
    text: str, title: str, dates: list[str]
) -> None:
    items = [
        block
        for number, date in enumerate(dates, 1)
        for block in (Block(title or "-", item=number), Block(date, item=number))
    ]
    blocks = [Block(text or "-", level=1), *items]
    assert refusal(text.encode("utf-8", "replace"), blocks, title, HOMEPAGE, len(dates)) is None


@settings(max_examples=20)
@given(st.sampled_from(REFUSED), st.integers(0, 4000))
def test_a_page_cut_anywhere_is_judged(page: Path, end: int) -> None:
    judged(page.read_bytes()[:end])


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        b"<p>404 not found " + b"page " * 200_000,
        b"<div id=root>" * 50_000,
        b"<meta " * 100_000,
        b"<noscript>" * 60_000,
        b'<link rel="canonical" ' * 50_000,
        "<p>страница ".encode() * 40_000,
    ],
    ids=lambda body: body[:20].decode(errors="replace"),
)
def test_a_hostile_page_is_judged_within_a_second(body: bytes) -> None:
    try:
        blocks = paragraphs_of(body[:200_000])
    except PageRefused:  # too deep, or too many attributes: nothing was read
        blocks = []
    start = time.process_time()
    refusal(body, blocks, page_title(body, "utf-8"), HOMEPAGE, 0)
    assert time.process_time() - start < 1


def test_every_rule_of_the_table_is_a_verdict() -> None:
    text = (ROOT / "ilo_archive" / "reader" / "refusals.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    verdicts = {table.get("verdict", name) for name, table in tables.items()}
    assert verdicts == {*get_args(Verdict)} - {"elsewhere"}
