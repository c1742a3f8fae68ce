"""Records whose headers have the plain form are parsed as warcio parses them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.recordloader import ArcWarcRecord

from ilo_archive.warc.record_parser import PARSER_ERRORS, parse_record
from ilo_archive.warc.records import RecordLoader
from ilo_archive.warc.scanner import BrokenRecord

LOADER = RecordLoader(verify_http=False)
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>A page</p>"


def record(
    http: bytes = HTTP,
    kind: bytes = b"response",
    url: bytes = b"http://www.ilo.org/",
    more: bytes = b"",
) -> bytes:
    return (
        b"WARC/1.1\r\nWARC-Type: " + kind + b"\r\nWARC-Target-URI: " + url + b"\r\n" + more
        + b"Content-Length: %d\r\n\r\n" % len(http) + http
    )  # fmt: skip


def parts(read: ArcWarcRecord) -> tuple[object, ...]:
    """What the program uses of a record."""
    http, head = read.http_headers, read.rec_headers
    names = [*(name for name, _ in head.headers), "WARC-Date", "content-length"]
    return (
        (read.rec_type, read.content_type, head.protocol, head.statusline, head.headers),
        [head.get_header(name) for name in names],
        http is not None and (http.protocol, http.statusline, http.get_statuscode(), http.headers),
        http is not None and [http.get_header(name) for name, _ in http.headers],
        (read.raw_stream.read(), getattr(read.raw_stream, "limit", None)),
    )


def both(data: bytes) -> tuple[object, object]:
    """What we and what warcio read, each an error's type if there is one."""
    try:
        theirs: object = parts(LOADER.parse_record_stream(io.BytesIO(data), known_format="warc"))
    except AttributeError:
        theirs = BrokenRecord
    except PARSER_ERRORS as error:
        theirs = type(error)
    try:
        ours: object = parts(parse_record(data))
    except PARSER_ERRORS as error:
        ours = type(error)
    return ours, theirs


ODD = {
    "plain": record(),
    "a request": record(b"GET / HTTP/1.1\r\nHost: www.ilo.org\r\n\r\n", b"request"),
    "a revisit without HTTP headers": record(b"", b"revisit"),
    "a resource": record(b"<p>A page</p>", b"resource"),
    "no status": record(b"HTTP/1.1\r\nA: b\r\n\r\n"),
    "blanks in the status line": record(b"HTTP/1.1  200  OK \r\nA: b\r\n\r\n"),
    "line feeds": record(HTTP.replace(b"\r\n", b"\n")),
    "line feeds in the record": record().replace(b"\r\n", b"\n", 3),
    "a continued header": record(b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\nx"),
    "a header without a colon": record(b"HTTP/1.1 200 OK\r\nA b\r\nC:d\r\n\r\nx"),
    "a header twice": record(b"HTTP/1.1 200 OK\r\nA: b\r\na : c\r\n\r\nx"),
    "a header without a name": record(b"HTTP/1.1 200 OK\r\n: b\r\n\r\nx"),
    "a line of blanks": record(b"HTTP/1.1 200 OK\r\nA: b\r\n \r\nC: d\r\n\r\nx"),
    "a line of a form feed": record(b"HTTP/1.1 200 OK\r\nA: b\r\n\x0c\r\nC: d\r\n\r\nx"),
    "Latin-1": record("HTTP/1.1 200 OK\r\nA: Genève\r\nB: é\r\n\r\nx".encode("latin-1")),
    "UTF-8": record("HTTP/1.1 200 OK\r\nA: Genève\u2028x\r\n\r\nx".encode()),
    "Latin-1 beside UTF-8": record(b"HTTP/1.1 200 OK\r\nA: \xc3\xa8\r\nB: \xe8\r\n\r\nx"),
    "no end of the HTTP headers": record(b"HTTP/1.1 200 OK\r\nA: b\r\n"),
    "HTTP headers that end behind the record": record(b"HTTP/1.1 200 OK\r\nA: b") + b"\r\n\r\nx",
    "no HTTP headers": record(b"\r\n\r\nx"),
    "an address in brackets": record(url=b"<http://www.ilo.org/>"),
    "an address with a blank": record(url=b"http://www.ilo.org/a b"),
    "an address of no web": record(url=b"dns:www.ilo.org"),
    "no address": record().replace(b"WARC-Target-URI", b"X"),
    "no length": record().replace(b"Content-Length", b"X"),
    "a length that is none": record().replace(b"Content-Length: ", b"Content-Length: x"),
    "a negative length": record().replace(b"Content-Length: ", b"Content-Length: -"),
    "another length first": record(more=b"content-length: 5\r\n"),
    "a longer length": record().replace(b"Content-Length: ", b"Content-Length: 9"),
    "an endless length": record().replace(b"Content-Length: ", b"Content-Length: " + b"9" * 5000),
    "another type in capitals": record(kind=b"Response"),
    "another version": record().replace(b"WARC/1.1", b"WARC/0.18"),
    "a version that is none": record().replace(b"WARC/1.1", b"WARC/2.0"),
    "a version with more": record().replace(b"WARC/1.1", b"WARC/1.1 x"),
    "nothing behind the version": b"WARC/1.1\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_records_are_parsed_as_warcio_does(data: bytes) -> None:
    ours, theirs = both(data)
    assert ours == theirs


LINE = st.one_of(
    st.sampled_from([b"A: b", b"a:c", b"", b" ", b"\tc", b"no colon", b"Content-Length: 3"]),
    st.binary(max_size=6),
)
LINES = st.lists(st.tuples(LINE, st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r"])))
KIND = st.sampled_from([b"response", b"request", b"revisit", b"resource", b"metadata", b""])
URL = st.sampled_from([b"http://www.ilo.org/", b"https://www.ilo.org/ a", b"<http://a/>", b"urn:x"])


@given(LINES, LINES, KIND, URL)
def test_any_headers_are_parsed_as_warcio_does(
    own: list[tuple[bytes, bytes]], http: list[tuple[bytes, bytes]], kind: bytes, url: bytes
) -> None:
    message = b"HTTP/1.1 200 OK\r\n" + b"".join(map(b"".join, http)) + b"\r\n<p>A page</p>"
    ours, theirs = both(record(message, kind, url, b"".join(map(b"".join, own))))
    # Bytes of NUL in HTTP headers are damage, which warcio does not look for.
    assert ours == theirs or (ours is BrokenRecord and b"\0" in message)


def test_the_plain_form_does_without_reading_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("warcio.recordloader.ArcWarcRecordLoader.parse_record_stream")
    assert parse_record(record()).raw_stream.read() == b"<p>A page</p>"
