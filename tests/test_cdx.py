"""Replies of CDX servers: rows of every form, resume keys, odd rows."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.sources.cdx import CdxReply, CdxRow, parse_cdx

PAGE = "http://www.ilo.org/moscow/lang--en/index.htm"
INTERNET_ARCHIVE = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
A_ROW = ["org,ilo)/moscow", "20150414103217", PAGE, "text/html", "200", "Z24ZMCKN4SOU", "4301"]
PLAIN = " ".join(A_ROW).encode()
THE_ROW = CdxRow(PAGE, "20150414103217", 200, "text/html", "Z24ZMCKN4SOU")


def table(*rows: Any) -> bytes:
    """A reply of the Internet Archive's server."""
    return json.dumps([INTERNET_ARCHIVE, *rows]).encode()


def changed(**cells: Any) -> list[Any]:
    return [cells.get(name, cell) for name, cell in zip(INTERNET_ARCHIVE, A_ROW, strict=True)]


def line(**fields: Any) -> bytes:
    """A line of pywb's reply; a field that is None is left out."""
    usual = {
        "urlkey": "org,ilo)/moscow",
        "timestamp": "20150414103217",
        "url": PAGE,
        "mime": "text/html",
        "status": "200",
        "digest": "Z24ZMCKN4SOU",
        "length": "4301",
        "filename": "moscow.warc.gz",
    }
    return json.dumps({k: v for k, v in {**usual, **fields}.items() if v is not None}).encode()


def test_the_internet_archive_lists_arrays_under_a_row_of_names() -> None:
    assert parse_cdx(table(A_ROW)) == CdxReply([THE_ROW])


def test_the_first_row_names_the_columns_and_their_order() -> None:
    body = json.dumps([["original", "digest", "timestamp"], [PAGE, "ABC", "20150414103217"]])
    assert parse_cdx(body.encode()) == CdxReply([CdxRow(PAGE, "20150414103217", None, None, "ABC")])


def test_pywb_lists_an_object_a_line() -> None:
    assert parse_cdx(line() + b"\n" + line(status="404") + b"\n") == CdxReply(
        [THE_ROW, replace(THE_ROW, status=404)]
    )


@pytest.mark.parametrize("body", [b"", b"\n", b"[]", b"[]\n", b"  \r\n\r\n", table()])
def test_an_empty_listing_has_no_rows_and_nothing_odd(body: bytes) -> None:
    assert parse_cdx(body) == CdxReply([])


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        ({"timestamp": "2015041410321700"}, THE_ROW),  # 16 digits, cut to 14
        ({"statuscode": "-"}, replace(THE_ROW, status=None)),
        ({"mimetype": "warc/revisit"}, replace(THE_ROW, mimetype="warc/revisit")),
        ({"statuscode": ""}, replace(THE_ROW, status=None)),
        ({"length": "-"}, THE_ROW),
        ({"length": ""}, THE_ROW),
        ({"digest": "-"}, replace(THE_ROW, digest="")),
        ({"digest": "sha1:Z24ZMCKN4SOU"}, THE_ROW),
        *(
            ({"original": url}, replace(THE_ROW, original=url))
            for url in ("http://www.ilo.org:80/moscow/", "https://ilo.org/moscow/?a=b c")
        ),
    ],
)  # fmt: skip
def test_an_odd_row_is_still_a_row(cells: dict[str, str], row: CdxRow) -> None:
    names = {"original": "url", "mimetype": "mime", "statuscode": "status"}
    other = {names.get(key, key): value for key, value in cells.items()}
    for body in (table(changed(**cells)), line(**other)):
        listing = parse_cdx(body)
        assert (listing.rows, listing.odd.count) == ([row], 0)


@pytest.mark.parametrize(
    "cells",
    [
        {"timestamp": "20150014103217"},
        {"timestamp": "20150400103217"},
        {"timestamp": "20150431103217"},
        {"timestamp": "20150414"},
        {"timestamp": "-"},
        {"timestamp": ""},
        {"original": "mailto:moscow@ilo.org"},
        {"original": "data:text/html;base64,AAAA"},
        {"original": "dns:www.ilo.org"},
        {"original": "http://mailto:moscow@ilo.org/"},
        {"original": "http://[www.ilo.org/"},
        {"original": ""},
    ],
)
def test_a_row_that_cannot_be_a_capture_is_reported_as_odd(cells: dict[str, str]) -> None:
    names = {"original": "url"}
    for body in (
        table(changed(**cells), A_ROW),
        line(**{names.get(k, k): v for k, v in cells.items()}) + b"\n" + line(),
    ):
        listing = parse_cdx(body)
        assert listing.rows == [THE_ROW]
        assert len(listing.odd) == 1


def test_a_status_that_is_not_a_number_is_read_as_none() -> None:
    for status in ("²", "2 00", "+200", "abc", "9" * 5000):
        listing = parse_cdx(line(status=status))
        assert [row.status for row in listing.rows] in ([None], [])


def test_repeated_rows_and_two_digests_of_one_second_are_all_kept() -> None:
    """What is one capture is for the ledger to decide, by key."""
    listing = parse_cdx(table(A_ROW, A_ROW, changed(digest="OTHER")))
    assert listing.rows == [THE_ROW, THE_ROW, replace(THE_ROW, digest="OTHER")]
    assert not listing.odd


def test_a_resume_key_is_not_read_as_a_row() -> None:
    listing = parse_cdx(table(A_ROW, [], ["org%2Cilo%29%2Fmoscow+20150414103218"]))
    assert listing == CdxReply([THE_ROW], resume_key="org%2Cilo%29%2Fmoscow+20150414103218")
    assert parse_cdx(b"\n".join([PLAIN, b"", b"org,ilo)/moscow 2016"])) == CdxReply(
        [THE_ROW], resume_key="org,ilo)/moscow 2016"
    )


@pytest.mark.parametrize("row", [PLAIN, line()])
def test_a_row_after_a_blank_line_is_not_a_resume_key(row: bytes) -> None:
    assert parse_cdx(row + b"\n\n" + row) == CdxReply([THE_ROW, THE_ROW])


@pytest.mark.parametrize(
    ("body", "is_not_cdx"),
    [
        (b"<html>\nAccess denied\n\n</html>", True),
        (table(A_ROW, A_ROW)[:-20], True),
        (b"[[1, 2]]", True),
        (table(["too", "few"]), False),
        (line(url="mailto:me@ilo.org"), False),
        (b"", False),
    ],
)
def test_an_html_page_or_a_truncated_table_is_not_a_listing(body: bytes, is_not_cdx: bool) -> None:
    assert parse_cdx(body).is_not_cdx is is_not_cdx


def test_plain_lines_and_cdxj_are_rows_too() -> None:
    cdxj = b"org,ilo)/moscow 20150414103217 " + line(timestamp=None, urlkey=None)
    assert parse_cdx(PLAIN) == parse_cdx(cdxj) == CdxReply([THE_ROW])


@pytest.mark.parametrize(
    ("listed", "row"),
    [
        # Both are one capture of EDGI's comments: 16 digits, and the 14 that an index kept.
        ("2000000824173151", replace(THE_ROW, timestamp="20000824173151")),
        ("20000008241731", replace(THE_ROW, timestamp="20000824173100", precision="minute")),
        ("20000800241731", replace(THE_ROW, timestamp="20000824173100", precision="minute")),
        ("2015041410321700", THE_ROW),
    ],
)
def test_a_timestamp_with_an_inserted_00_is_repaired_and_counted(listed: str, row: CdxRow) -> None:
    assert parse_cdx(table(changed(timestamp=listed))) == CdxReply([row], repaired=1)


@pytest.mark.parametrize(
    "junk",
    [b"# comment", b"<html>busy</html>", b'{"url": ', b"17", b"null", b'"text"', b"\xff\xfe"],
)
def test_a_line_that_is_not_a_row_is_reported_and_the_next_is_read(junk: bytes) -> None:
    listing = parse_cdx(junk + b"\n" + line())
    assert listing.rows == [THE_ROW]
    assert len(listing.odd) == 1


def test_a_listing_may_begin_with_a_byte_order_mark() -> None:
    assert parse_cdx(b"\xef\xbb\xbf" + table(A_ROW)) == CdxReply([THE_ROW])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
FIELDS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(["url", "original", "timestamp", "status", "statuscode", "mime", "digest"]),
    st.sampled_from([PAGE, "20150414103217", "200", "-", "²", "", None, 200, [], {}]) | st.text(),
)


@given(
    st.binary()
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.lists(JSON).map(lambda value: json.dumps(value).encode())
    | st.lists(FIELDS).map(lambda rows: b"\n".join(json.dumps(row).encode() for row in rows))
    | st.lists(st.lists(st.text() | st.integers() | st.none())).map(lambda rows: table(*rows))
)
def test_any_bytes_parse_as_rows_and_odd_lines(body: bytes) -> None:
    listing = parse_cdx(body)
    assert all(len(row.timestamp) == 14 for row in listing.rows)
    assert len(listing.odd.first) <= 2000


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[["original"],['])
def test_deeply_nested_json_without_an_end_is_odd_and_raises_no_error(opening: bytes) -> None:
    listing = parse_cdx(opening * 50_000)
    assert listing.rows == []
    assert listing.odd
