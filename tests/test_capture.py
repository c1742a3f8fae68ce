"""Captures: times as archives write them, listings of both kinds of server, keys that stay."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.capture import Capture
from ilo_archive.http import HttpMessage
from ilo_archive.offices import PageSeries
from ilo_archive.sources.cdx import CdxReply, CdxRow, parse_cdx
from ilo_archive.times import BadTimestamp, Precision, from_iso, iso, parse_timestamp

# -- times ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("2015", (2015, 1, 1), "year"),
        ("201504", (2015, 4, 1), "month"),
        ("2015-04", (2015, 4, 1), "month"),
        ("20150414", (2015, 4, 14), "day"),
        ("2015-04-14", (2015, 4, 14), "day"),
        (" 2015-04-14\n", (2015, 4, 14), "day"),
        ("2016-02-29", (2016, 2, 29), "day"),
        ("20150414103217", (2015, 4, 14, 10, 32, 17), "second"),
        ("2015-04-14T10:32:17", (2015, 4, 14, 10, 32, 17), "second"),
        ("2015-04-14T10:32:17Z", (2015, 4, 14, 10, 32, 17), "second"),
        ("2015-04-14 10:32:17", (2015, 4, 14, 10, 32, 17), "second"),
        ("2015-04-14T10:32:17+00:00", (2015, 4, 14, 10, 32, 17), "second"),
        # ISO 8601 and WARC/1.1 let the seconds be left out.
        ("2015-04-14T10:32", (2015, 4, 14, 10, 32), "minute"),
        ("2015-04-14T13:32+03:00", (2015, 4, 14, 10, 32), "minute"),
        # As JavaScript's toISOString and WARC/1.1 print them.
        ("2015-04-14T10:32:17.000Z", (2015, 4, 14, 10, 32, 17), "second"),
        ("2015-04-14T10:32:17.987654Z", (2015, 4, 14, 10, 32, 17), "second"),
        # As Python's isoformat() prints a time of Moscow.
        ("2015-04-14T13:32:17+03:00", (2015, 4, 14, 10, 32, 17), "second"),
        ("2015-04-13T23:32:17-11:00", (2015, 4, 14, 10, 32, 17), "second"),
    ],
)
def test_a_time_is_its_first_instant_with_what_of_it_is_known(
    text: str, moment: tuple[int, ...], precision: Precision
) -> None:
    year, month, day, hour, minute, second = (*moment, 0, 0, 0)[:6]
    expected = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    assert parse_timestamp(text) == (expected, precision)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "banana",
        "20",
        "201",
        "20150",  # a month of one digit
        "2015041",
        "2015-1-1",  # would read as November
        "2015-1-12",
        "2015-4",
        "20-15",
        "2015-041-4",
        "2015-00",  # observed in CDX rows
        "2015-13",
        "2015-04-00",
        "2015-04-31",
        "2015-02-29",
        "20150414240000",
        "20150414106000",
        "20150414103260",
        "2015041410321700",  # observed in CDX rows, where the listing cuts it
        "20150414T",
        "Z2015",
        "2015T",
        "0000",
        "٢٠١٥",
        "²⁰¹⁵",
        "2015\x00",
        "\ud800",
        "-2015",
        "1e10",
        "0x7df",
    ],
)
def test_what_names_no_moment_is_refused_in_words_that_say_what_to_give(text: str) -> None:
    with pytest.raises(BadTimestamp, match=r"cannot read|is not a date"):
        parse_timestamp(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("14/04/2015", "use YYYY, YYYY-MM, YYYY-MM-DD or YYYYMMDDhhmmss"),
        ("9999", "'9999' is not a date: years run from 1000 to 2999"),
        ("2015-13", "'2015-13' is not a date: there is no month 13"),
        ("2015-02-30", "'2015-02-30' is not a date: February 2015 has no day 30"),
        ("2015-04-14T25:00", "there is no such time of day"),
    ],
)
def test_the_refusal_of_a_date_names_the_form_or_the_impossible_part(
    text: str, message: str
) -> None:
    with pytest.raises(BadTimestamp, match=re.escape(message)):
        parse_timestamp(text)


@pytest.mark.parametrize("text", ["0001", "0015-04", "09991231"])
def test_a_year_that_no_archive_can_know_is_refused(text: str) -> None:
    """`strftime` prints the year 15 with two digits, which sorts after 2015."""
    with pytest.raises(BadTimestamp):
        parse_timestamp(text)


@given(st.text(max_size=20) | st.from_regex(r"[0-9TZ:. +-]{0,24}", fullmatch=True))
def test_any_text_is_a_moment_that_prints_again_or_a_bad_timestamp(text: str) -> None:
    try:
        moment, _ = parse_timestamp(text)
    except BadTimestamp:
        return
    assert from_iso(iso(moment)) == moment


MOMENTS = st.integers(-(2**31), 2**32).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(MOMENTS)
def test_a_time_survives_being_printed_and_read(moment: datetime) -> None:
    assert from_iso(iso(moment)) == moment
    assert parse_timestamp(iso(moment)) == (moment, "second")
    assert parse_timestamp(f"{moment:%Y%m%d%H%M%S}") == (moment, "second")


def test_a_time_of_another_zone_is_printed_as_utc() -> None:
    from datetime import timezone

    moscow = timezone(timedelta(hours=3))
    assert iso(datetime(2015, 4, 14, 13, 32, 17, tzinfo=moscow)) == "2015-04-14T10:32:17Z"


# -- listings ------------------------------------------------------------------------------

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


def test_the_order_and_choice_of_columns_is_told_by_the_first_row() -> None:
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
        assert (listing.rows, listing.odd) == ([row], ())


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
def test_a_row_that_can_be_no_capture_is_told_as_odd(cells: dict[str, str]) -> None:
    names = {"original": "url"}
    for body in (
        table(changed(**cells), A_ROW),
        line(**{names.get(k, k): v for k, v in cells.items()}) + b"\n" + line(),
    ):
        listing = parse_cdx(body)
        assert listing.rows == [THE_ROW]
        assert len(listing.odd) == 1


def test_a_status_that_is_no_number_is_none() -> None:
    for status in ("²", "2 00", "+200", "abc", "9" * 5000):
        listing = parse_cdx(line(status=status))
        assert [row.status for row in listing.rows] in ([None], [])


def test_rows_that_repeat_and_two_digests_of_one_second_are_all_kept() -> None:
    """What is one capture is for the ledger to decide, by key."""
    listing = parse_cdx(table(A_ROW, A_ROW, changed(digest="OTHER")))
    assert listing.rows == [THE_ROW, THE_ROW, replace(THE_ROW, digest="OTHER")]
    assert listing.odd == ()


def test_a_resume_key_is_no_row() -> None:
    listing = parse_cdx(table(A_ROW, [], ["org%2Cilo%29%2Fmoscow+20150414103218"]))
    assert listing == CdxReply([THE_ROW], resume_key="org%2Cilo%29%2Fmoscow+20150414103218")
    assert parse_cdx(b"\n".join([PLAIN, b"", b"org,ilo)/moscow 2016"])) == CdxReply(
        [THE_ROW], resume_key="org,ilo)/moscow 2016"
    )


@pytest.mark.parametrize("row", [PLAIN, line()])
def test_the_last_row_behind_a_blank_line_is_no_resume_key(row: bytes) -> None:
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
def test_a_page_for_people_or_a_table_that_was_cut_is_no_listing(
    body: bytes, is_not_cdx: bool
) -> None:
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
def test_a_timestamp_with_a_pushed_in_00_is_repaired_and_counted(listed: str, row: CdxRow) -> None:
    assert parse_cdx(table(changed(timestamp=listed))) == CdxReply([row], repaired=1)


@pytest.mark.parametrize(
    "junk",
    [b"# comment", b"<html>busy</html>", b'{"url": ', b"17", b"null", b'"text"', b"\xff\xfe"],
)
def test_a_line_that_is_no_row_is_told_as_odd_and_the_next_is_read(junk: bytes) -> None:
    listing = parse_cdx(junk + b"\n" + line())
    assert listing.rows == [THE_ROW]
    assert len(listing.odd) == 1


def test_a_byte_order_mark_hides_no_listing() -> None:
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
def test_whatever_the_bytes_a_listing_is_rows_and_odd_lines(body: bytes) -> None:
    listing = parse_cdx(body)
    assert all(len(row.timestamp) == 14 for row in listing.rows)
    assert all(isinstance(each, str) for each in listing.odd)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[["original"],['])
def test_a_listing_that_never_closes_is_odd_and_no_error(opening: bytes) -> None:
    listing = parse_cdx(opening * 50_000)
    assert listing.rows == []
    assert listing.odd


# -- captures ------------------------------------------------------------------------------

CAPTURE = Capture(
    PageSeries("moscow", "en", "moscow/en"),
    "http://www.ilo.org:80/moscow/lang--en/index.htm",
    datetime(2015, 4, 14, 10, 32, 17, tzinfo=UTC),
    "web.archive.org",
    digest="AAAA",
)


def test_the_key_is_time_and_a_hash_of_address_and_digest() -> None:
    """A key is an id that others have cited: `printf 'URL\\nAAAA' | sha256sum`."""
    assert CAPTURE.timestamp == "20150414103217"
    assert CAPTURE.key == "20150414103217-6642934bf36b"


def test_the_key_does_not_depend_on_where_the_capture_was_found() -> None:
    elsewhere = replace(
        CAPTURE,
        place=PageSeries("x", None, "x"),
        archive="moscow.warc",
        uri_m="http://127.0.0.1/x",
        status=200,
        precision="day",
    )
    assert elsewhere.key == CAPTURE.key


def test_two_payloads_two_addresses_and_two_seconds_have_keys_of_their_own() -> None:
    others = (
        replace(CAPTURE, digest="BBBB"),
        replace(CAPTURE, url="https://www.ilo.org/moscow/lang--en/index.htm"),
        replace(CAPTURE, captured_at=CAPTURE.captured_at + timedelta(seconds=1)),
    )
    assert len({CAPTURE.key, *(each.key for each in others)}) == 4


def test_a_header_is_found_whatever_its_case_and_the_first_counts() -> None:
    message = HttpMessage(200, "OK", (("content-TYPE", "a"), ("Content-Type", "b")), b"")
    assert message.header("Content-Type") == "a"
    assert message.header("Location") is None


def test_the_digest_of_a_message_is_that_of_cdx_rows() -> None:
    """The SHA-1 of nothing in base32, as CDX rows of empty captures have it."""
    assert HttpMessage(200, "OK", (), b"").digest == "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
