"""Pages made to break a reader: an answer or a clear error within 2 s of CPU and 300 MB.

The fuzzing takes some seconds. For an hour of it:

    ILO_FUZZ_EXAMPLES=400000 python -m pytest tests/test_hostile.py -k mutated
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ilo_archive.reader.block import PageRefused
from ilo_archive.reader.page import read_page
from tests.support.measured_reading import Measured
from tests.support.run import end, start_module

FIXTURES = Path(__file__).parent / "fixtures"
MB = 2**20
CPU = 2.0  # seconds
MEMORY = 300  # MB, above what the interpreter, its imports and the body take


def entry(summary: bytes) -> bytes:
    return (
        b"<html><body><h1>ILO Office for Rivers</h1><ol><li><h5><a href=/a>A title</a></h5>"
        b"<p>14 April 2015</p><p>" + summary + b"</p></li></ol></body></html>"
    )


def text_entry(part: bytes) -> bytes:
    return (
        b"ILO Office for Rivers\n\n  1. " + part + b"\n\n    14 April 2015\n\n    " + part + b"\n"
    )


def attributes(count: int, value: bytes = b"1") -> bytes:
    names = b" ".join(b"a%d=%s" % (number, value) for number in range(count))
    return b"<html><body><div " + names + b">" + entry(b"It rained.")


def items(count: int) -> bytes:
    one = b"<li><a href=/a>A title</a><p>14 April 2015</p><p>It rained.</p></li>"
    return b"<html><body><h1>ILO Office</h1><ol>" + one * count + b"</ol>"


def deep(tag: bytes, count: int) -> bytes:
    return b"<html><body>" + b"<%s>" % tag * count + entry(b"It rained.")


def sections(count: int) -> bytes:
    one = b"<h2>News</h2><ul><li><a href=x>A title</a><p>14 April 2015</p></ul>"
    return b"<html><body><h1>ILO Office</h1>" + one * count


PAGES: dict[str, Callable[[], bytes]] = {
    "50 MB of text": lambda: b"The office met in the town by the river today.\n" * (MB + MB // 8),
    "50 MB of paragraphs": lambda: b"The office met today.\n\n" * (50 * MB // 23),
    "50 MB of tags": lambda: b"<html><body>" + b"<b></b>" * (50 * MB // 7),
    "5 MB of prose": lambda: b"<html><body>" + b"<p>The office met today.</p>\n" * 170_000,
    "5 MB in one line of text": lambda: text_entry(b"a " * (MB + MB // 4)),
    "a line of 10 MB": lambda: entry(b"a " * (5 * MB)),
    "a word of 11 MB": lambda: entry(b"a" * (11 * MB)),
    "a word of 5 MB": lambda: entry(b"a" * (5 * MB)),
    "100,000 nested div": lambda: deep(b"div", 100_000),
    "100,000 nested span": lambda: deep(b"span", 100_000),
    "3,000 nested div": lambda: deep(b"div", 3000),
    "100,000 unclosed p and font": lambda: b"<html><body>" + b"<p><font>word" * 100_000,
    "20,000 unclosed b and p": lambda: b"<html><body>" + b"<b><p>word" * 20_000,
    "1,000,000 attributes": lambda: attributes(1_000_000),
    "32,000 attributes": lambda: attributes(32_000),
    "32,000 attributes in UTF-16": lambda: (
        b"\xff\xfe" + attributes(32_000).decode().encode("utf-16-le")
    ),
    "100,000 attributes with quoted brackets": lambda: attributes(100_000, b"'<>'"),
    "100 tags of 5,000 attributes": lambda: attributes(5000) * 100,
    "attributes after a script": lambda: b"<script>if (a<b && '</script>" + attributes(32_000),
    "attributes after an empty comment": lambda: b"<html><!-->" + attributes(32_000),
    "attribute of 10 MB": lambda: b"<html><body><a href='" + b"a" * (10 * MB) + b"'>A</a>",
    "classes of 5 MB": lambda: b"<html><body><p class='" + b"a " * (5 * MB // 2) + b"'>A</p>",
    "NUL bytes": lambda: entry(b"a\0b" * 300_000),
    "1,000,000 entities": lambda: entry(b"&amp;" * 1_000_000),
    "nested lists of 500": lambda: b"<html><body><h1>ILO</h1>" + b"<ul><li>item text" * 500,
    "100,000 li": lambda: items(100_000),
    "3,000 li": lambda: items(3000),
    "2,000 sections": lambda: sections(2000),
    "30,000 sections": lambda: sections(30_000),
    "1,000,000 br": lambda: b"<html><body>" + b"<br>" * 1_000_000,
    "1,000,000 lines of br": lambda: entry(b"a<br>" * 1_000_000),
    "150,000 lines of br": lambda: entry(b"a<br>" * 150_000),
    "unclosed comment": lambda: entry(b"<!-- " + b"-" * 1_000_000),
    "unclosed comments": lambda: entry(b"<!-- " * 100_000),
    "unclosed CDATA": lambda: entry(b"<![CDATA[" + b"]" * 1_000_000),
    "unclosed tags": lambda: entry(b"<a" * 90_000),
    "unclosed quotes": lambda: entry(b"<a b='" * 90_000),
    "equals signs and spaces": lambda: entry(b"<a " + b"= " * 500_000),
    "nested tables": lambda: b"<html><body>" + b"<table><tr><td>a" * 5000,
    "a long table": lambda: b"<html><body><table>" + b"<tr><td>a<td>b" * 300_000,
    "1,000,000 lines": lambda: b"a\n" * 1_000_000,
    "5,000,000 empty lines": lambda: b"\n" * 5_000_000,
    "500,000 lone numbers": lambda: b"  1.\n" * 500_000,
    "200,000 flat items": lambda: b"ILO\n" + b"-\nTitle\n14 April 2015\nIt rained.\n" * 200_000,
    "2,000 flat items": lambda: b"ILO\n" + b"-\nTitle\n14 April 2015\nIt rained.\n" * 2000,
    "7 MB undeclared Russian": lambda: ("Заметка о встрече. " * 400_000).encode("cp1251"),
    "7 MB undeclared Japanese": lambda: ("国際労働機関駐日事務所 " * 300_000).encode("shift_jis"),
    "8 MB of random bytes": lambda: random.Random(1).randbytes(8 * MB),
    "8 MB of random bytes in a page": lambda: b"<p>" + random.Random(1).randbytes(8 * MB - 9),
}
# What a backtracking expression would take hours for; each 50,000 times.
REPEATED = (
    *'1 "”,©.(/-[=٠😀',
    *("abc ", "1 ", "aaa.", "а.", "и ", "a and ", " - ", "A. ", "© a/", "photo ", "1.1", " )"),
    *("a&", "<p", "<meta ", "<?xml ", "\n ", "\t", "\u00a0", '."', "1 May ", "May, ", "1-2-"),
    *(" MB", "1 kb", "AB ", "Ð", "РС", "â€", "年", "วัน"),
)


REFUSED = {
    "50 MB of text": "MB",
    "50 MB of tags": "MB",
    "100,000 nested div": "deep",
    "1,000,000 attributes": "MB",
    "32,000 attributes": "attributes",
    "100,000 attributes with quoted brackets": "attributes",
    "attributes after an empty comment": "attributes",
    "5,000,000 empty lines": "lines",
}
"""Pages that are refused, and a word of the reason."""


def measured(folder: Path, body: bytes) -> Measured:
    """How the reading of a page in a process of its own went."""
    page = folder / "page"
    page.write_bytes(body)
    ended = end(start_module("tests.support.measured_reading", page))
    assert ended.code == 0, ended.err[-500:] or "no answer within 10 s of CPU"
    return Measured(**json.loads(ended.out))


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_is_read_or_refused_in_time(tmp_path: Path, name: str) -> None:
    found = measured(tmp_path, PAGES[name]())
    assert found.seconds < CPU
    assert found.megabytes < MEMORY
    if name in REFUSED:
        assert found.refusal is not None
        assert REFUSED[name] in found.refusal


def test_a_page_that_takes_much_is_measured_as_such(tmp_path: Path) -> None:
    assert measured(tmp_path, items(3000)).seconds > 0.01
    assert measured(tmp_path, PAGES["7 MB undeclared Russian"]()).megabytes > 50


@pytest.mark.parametrize("part", REPEATED, ids=ascii)
def test_no_expression_backtracks_for_long(part: str) -> None:
    many = (part * 50_000).encode()
    for body in (entry(many), text_entry(many), many):
        start = process_time()  # in this process, whose test would be ended: starting one is slow
        with suppress(PageRefused):
            read_page(body)
        assert process_time() - start < CPU


@pytest.mark.parametrize("count", [200, 300, 1900, 2040, 2047, 2048, 3000, 50_000])
def test_nothing_that_lies_deep_is_lost_without_a_word(tmp_path: Path, count: int) -> None:
    found = measured(tmp_path, deep(b"div", count))
    refusal = found.refusal or ""
    assert found.entries == 1 or "deep" in " ".join([refusal, *found.warnings]) or "tags" in refusal


def test_a_script_with_signs_and_spaces_is_no_tag_of_many_attributes() -> None:
    script = b"<script>for (i=0; i<n; i++) " + b"a = b + c; " * 20_000 + b"</script>"
    assert len(read_page(script + entry(b"It rained.")).entries) == 1


def test_a_word_of_many_megabytes_is_kept_whole() -> None:
    summary = read_page(entry(b"a" * (5 * MB) + b".")).entries[0][1].summary
    assert summary is not None
    assert len(summary) == 5 * MB + 1


def test_what_follows_nul_bytes_and_broken_entities_is_read() -> None:
    page = read_page(entry(b"a\0b &amp &nosuch; &#xfffffff; &#0; &#xd800; & &#"))
    (_, found), *more = page.entries
    assert not more
    assert found.title == "A title"
    assert (found.summary or "").startswith("a")


def test_entries_in_elements_whose_names_hold_a_control_character_are_read() -> None:
    page = read_page(b"<d\x01><h3>Bridges meet</h3><p>9 January 2023</p></d\x01>" * 2)
    assert [entry.title for _, entry in page.entries] == ["Bridges meet", "Bridges meet"]


def test_a_paragraph_of_control_characters_says_nothing() -> None:
    page = read_page(b"<ol>\x01<li><h5>Bridges meet</h5><p>9 January 2023</p></li></ol>\x02<br>x")
    assert [entry.title for _, entry in page.entries] == ["Bridges meet"]


def test_a_page_cut_in_half_a_character_is_read_as_utf_8() -> None:
    page = read_page("<html><body><h1>Бюро МОТ в Москве".encode()[:-1])
    assert (page.office or "").startswith("Бюро МОТ в Москв")


def test_a_heading_closed_as_another_ends_where_it_is_closed() -> None:
    page = read_page(
        b"<html><body><h1>ILO Office for Rivers</h2><p>It works in ten towns by the river.</p>"
        b"<ol><li><h5>A title</h5><p>14 April 2015</p></li></ol>"
    )
    assert page.office == "ILO Office for Rivers"
    assert page.description == "It works in ten towns by the river."


def pages() -> list[Path]:
    return sorted(path for path in FIXTURES.glob("*/*") if path.suffix in (".html", ".txt"))


def cuts(body: bytes, seed: int) -> list[int]:
    """Where to cut: 8 places anywhere, and all around the last tag or line."""
    anywhere = random.Random(seed).sample(range(len(body) + 1), min(8, len(body) + 1))
    last = max(body.rfind(b"<"), body.rfind(b"\n"), 0)
    return sorted({*anywhere, *range(last, min(last + 8, len(body)))})


def test_every_fixture_is_read_wherever_it_is_cut() -> None:
    for seed, path in enumerate(pages()):
        body = path.read_bytes()
        for place in cuts(body, seed):
            assert read_page(body[:place]) is not None, (path.name, place)


@pytest.mark.parametrize("name", ["text/*.txt", "old/*.html", "cards/*.html"])
def test_every_prefix_of_the_smallest_fixture_is_read(name: str) -> None:
    body = min((path.read_bytes() for path in FIXTURES.glob(name)), key=len)
    for place in range(len(body) + 1):
        assert read_page(body[:place]) is not None


BODIES = [path.read_bytes() for path in pages()]
BITS = [
    *(b"<li>", b"</li>", b"<ol>", b"</ol>", b"</div>", b"<p>", b"<h1>", b"</h2>", b"<br>", b"<a>"),
    *(b"<table>", b"<td>", b"<!--", b"-->", b"<script>", b"\0", b"\xff", b"\xd0", b"&#", b"\n\n"),
    *(b"<article>", b"\n-\n", b"  1. ", "\n  • ".encode(), b"14 April 2015", b"\xfe\xff", b"'"),
    *("© A. B. 2020".encode(), "٣١ فبراير ٢٠١٥".encode(), b"99.99.9999", b"2015-02-31", b'"'),
]


@pytest.fixture(scope="module", autouse=True)
def ready() -> None:
    """What detects charsets is loaded when it is first needed: 0.5 s."""
    read_page(b"\xe9")


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A fixture with pieces cut out, doubled, moved, or put in."""
    body = draw(st.sampled_from(BODIES))
    for _ in range(draw(st.integers(1, 6))):
        one, two = sorted(draw(st.tuples(*[st.integers(0, len(body))] * 2)))
        put = draw(st.one_of(st.sampled_from(BITS), st.binary(max_size=8), st.just(body[one:two])))
        body = body[:one] + put + body[draw(st.sampled_from((one, two))) :]
    return body[:200_000]


@pytest.mark.slow
@pytest.mark.timeout(0)  # it may be asked for hours
@settings(
    max_examples=int(os.environ.get("ILO_FUZZ_EXAMPLES", "800")),
    derandomize="ILO_FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(mutated(), st.sampled_from([None, "http://www.ilo.org/a/", "http://[::1", ""]))
def test_a_mutated_fixture_is_read(body: bytes, url: str | None) -> None:
    start = process_time()
    try:
        entries = read_page(body, url).entries
    except PageRefused:  # the bytes put in begin a file of another kind
        entries = []
    assert process_time() - start < 2
    assert all(entry.title or entry.dateline for _, entry in entries)


@pytest.mark.parametrize("stray", [b"\xff\xd8\xff", b"BM", b"\x1f\x8b", b"ID3", b"PK"])
def test_stray_bytes_before_a_page_are_no_other_file(stray: bytes) -> None:
    page = b"<html><body><ol><li><h3>Bridges meet</h3><p>9 January 2023</p></li></ol>"
    assert len(read_page(stray + page).entries) == 1
