"""Common Crawl: replies of its indexes, records, local copies of an index."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ilo_archive.sources.cdx import CdxRow
from ilo_archive.sources.commoncrawl import (
    BadIndex,
    BadRecord,
    Crawl,
    Location,
    index_key,
    index_query,
    is_empty,
    parse_crawls,
    parse_index,
    parse_pages,
    read_index,
    record_message,
)

PAGE = "http://www.ilo.org/moscow/lang--en/index.htm"
FILE = "crawl-data/CC-MAIN-2015-18/segments/1/warc/CC-MAIN-1.warc.gz"
ROW = CdxRow(PAGE, "20150414103217", 200, "text/html", "Z24ZMCKN4SOUGR75JOSWCLZR3POHAZ6W")
LOCATION = Location(ROW, FILE, 547, 6100)
FIELDS = {
    "urlkey": "org,ilo)/moscow/lang--en/index.htm",
    "timestamp": "20150414103217",
    "url": PAGE,
    "mime": "text/html",
    "status": "200",
    "digest": "Z24ZMCKN4SOUGR75JOSWCLZR3POHAZ6W",
    "length": "6100",
    "offset": "547",
    "filename": FILE,
}
CDXJ = f"org,ilo)/moscow/lang--en/index.htm 20150414103217 {json.dumps(FIELDS)}\n"


# -- answers of the index server -----------------------------------------------------------


def test_crawls_are_parsed_with_their_period() -> None:
    printed = [
        {"id": "CC-MAIN-2015-18", "from": "2015-04-18T01:02:03", "to": "2015-05-07T00:00:00"},
        {"id": "CC-MAIN-2099-01"},
    ]
    dated, undated = parse_crawls(json.dumps(printed).encode())
    assert dated == Crawl("CC-MAIN-2015-18", "20150418010203", "20150507000000")
    assert undated.overlaps(("1999", "1999"))
    wanted = [("", ""), ("2015", "2015"), ("201505", ""), ("", "20150418"), ("20150507", "")]
    assert all(dated.overlaps(each) for each in wanted)
    assert not any(
        dated.overlaps(each) for each in [("201506", ""), ("", "2014"), ("20150508", "")]
    )


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[1]", b'[{"name": "x"}]', b"[" * 9000])
def test_an_answer_in_another_form_is_not_a_list_of_crawls(body: bytes) -> None:
    with pytest.raises(BadIndex):
        parse_crawls(body)


def test_the_number_of_pages_is_parsed() -> None:
    assert parse_pages(b'{"pages": 3, "pageSize": 5, "blocks": 11}') == 3
    assert parse_pages(b"0") == 0
    for body in (b"", b"true", b'{"pages": "3"}', b"-1", b"<html>"):
        with pytest.raises(BadIndex):
            parse_pages(body)


@pytest.mark.parametrize(
    ("status", "body", "empty"),
    [
        (404, b'{"message": "No Captures found for: ilo.org/moscow"}', True),
        (400, b'{"message": "Page 1 invalid: First Page is 0, Last Page is 0"}', True),
        (404, b"<html>404 Not Found</html>", False),
        (503, b'{"message": "No Captures found for: ilo.org/moscow"}', False),
        (404, b'{"message": "slow down"}', False),
    ],
)
def test_only_a_reply_of_the_index_means_that_it_has_no_captures(
    status: int, body: bytes, empty: bool
) -> None:
    assert is_empty(status, body) is empty


def test_rows_are_parsed_from_json_lines_and_cdxj_and_odd_ones_are_reported() -> None:
    odd = [
        "not a row",
        json.dumps(FIELDS | {"offset": "-"}),
        json.dumps(FIELDS | {"length": "0"}),
        json.dumps(FIELDS | {"timestamp": "2015"}),
        json.dumps(FIELDS | {"filename": "https://127.0.0.1/x"}),
        json.dumps(FIELDS | {"filename": "/etc/passwd"}),
        json.dumps({name: FIELDS[name] for name in FIELDS if name != "filename"}),
    ]
    body = "\n".join([json.dumps(FIELDS), CDXJ, *odd]).encode()
    assert parse_index(body) == ([LOCATION, LOCATION], odd)


def test_an_html_page_is_not_an_index() -> None:
    with pytest.raises(BadIndex, match="<html>"):
        parse_index(b"<html>\nSlow down\n</html>")
    assert parse_index(b'{"url": "mailto:me@ilo.org"}') == ([], ['{"url": "mailto:me@ilo.org"}'])


def test_the_range_of_a_record_includes_its_last_byte() -> None:
    assert LOCATION.byte_range == "bytes=547-6646"


@given(st.binary(max_size=300))
def test_any_answer_is_read_or_refused_and_raises_no_other_error(body: bytes) -> None:
    assert is_empty(404, body) in (True, False)
    for parse in (parse_index, parse_crawls, parse_pages):
        with suppress(BadIndex):
            assert parse(body) is not None


# -- local indexes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "key"),
    [
        (PAGE, "org,ilo)/moscow/lang--en/index.htm"),
        ("HTTPS://ILO.org:443", "org,ilo)/"),
        ("http://www.ilo.org/Moscow?p_lang=EN", "org,ilo)/moscow?p_lang=en"),
    ],
)
def test_the_key_of_an_address(url: str, key: str) -> None:
    assert index_key(url) == key


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("line", [CDXJ, json.dumps(FIELDS) + "\n"])
def test_a_local_index_yields_the_rows_of_the_requested_addresses(
    tmp_path: Path, packed: bool, line: str
) -> None:
    other = CDXJ.replace("moscow", "lima")
    text = (CDXJ.replace("index.htm", "a.htm") + line + other).encode()
    path = tmp_path / ("index.cdxj.gz" if packed else "index.cdxj")
    # As Common Crawl writes them: many members.
    path.write_bytes(gzip.compress(text[:99]) + gzip.compress(text[99:]) if packed else text)
    assert list(read_index(path, [PAGE])) == [LOCATION]
    assert list(read_index(path, ["http://www.ilo.org/rome/"])) == []


def test_a_damaged_or_foreign_index_is_refused(tmp_path: Path) -> None:
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(CDXJ.encode() * 50)[:-9])
    foreign = tmp_path / "page.html"
    foreign.write_text("<html>")
    for path in (cut, foreign):
        with pytest.raises(BadIndex, match=path.name):
            list(read_index(path, [PAGE]))


def a_table(path: Path, rows: Sequence[dict[str, object]]) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pa.Table.from_pylist(rows), path)


COLUMNS: dict[str, object] = {
    "url_surtkey": "org,ilo)/moscow/lang--en/index.htm",
    "url": PAGE,
    "fetch_time": datetime(2015, 4, 14, 10, 32, 17),  # noqa: DTZ001 as the columnar index has it
    "fetch_status": 200,
    "content_digest": "Z24ZMCKN4SOUGR75JOSWCLZR3POHAZ6W",
    "content_mime_type": "text/html",
    "warc_filename": FILE,
    "warc_record_offset": 547,
    "warc_record_length": 6100,
}


def test_the_columnar_index_yields_the_same_rows(tmp_path: Path) -> None:
    other = COLUMNS | {"url": "http://www.ilo.org/lima/", "url_surtkey": "org,ilo)/lima/"}
    a_table(tmp_path / "part-0.parquet", [other, COLUMNS])
    unkeyed = {name: COLUMNS[name] for name in COLUMNS if name != "url_surtkey"}
    a_table(tmp_path / "part-1.parquet", [unkeyed])
    assert list(read_index(tmp_path / "part-0.parquet", [PAGE])) == [LOCATION]
    assert list(read_index(tmp_path / "part-1.parquet", [PAGE])) == [LOCATION]
    (tmp_path / "part-1.parquet").unlink()
    assert list(read_index(tmp_path, [PAGE])) == [LOCATION]


def test_a_table_without_the_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    a_table(path, [{name: COLUMNS[name] for name in COLUMNS if name != "warc_filename"}])
    with pytest.raises(BadIndex, match="no column warc_filename"):
        list(read_index(path, [PAGE]))
    path.write_bytes(b"PAR1")
    with pytest.raises(BadIndex, match=r"table\.parquet"):
        list(read_index(path, [PAGE]))


# -- records -------------------------------------------------------------------------------


def a_record(url: str = PAGE, kind: str = "response", **headers: str) -> bytes:
    """A record as Common Crawl keeps it: the body decoded, its encoding under another name."""
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    head = StatusAndHeaders(
        "200 ", [("Content-Type", "text/html"), ("X-Crawl-Content-Encoding", "gzip")], "HTTP/1.1"
    )
    writer.write_record(
        writer.create_warc_record(
            url, kind, BytesIO(b"<html>"), 6, http_headers=head, warc_headers_dict=headers
        )
    )
    return buffer.getvalue()


def test_a_record_is_the_first_gzip_member_of_the_bytes() -> None:
    message = record_message(a_record() + a_record("http://www.ilo.org/lima/")[:50], PAGE)
    assert (message.status, message.body) == (200, b"<html>")
    assert message.header("X-Crawl-Content-Encoding") == "gzip"


@pytest.mark.parametrize(
    ("body", "printed"),
    [
        (b"", "cut short"),
        (b"<html>", "not a gzip member"),
        (a_record()[:-5], "cut short"),
        (gzip.compress(b"WARC/1.0\r\n", mtime=0), "not a record"),
        (a_record("http://www.ilo.org/lima/"), "another address"),
        (a_record(kind="revisit"), "revisit"),
        (a_record(**{"WARC-Truncated": "length"}), "cut short"),
    ],
)
def test_bytes_that_are_not_the_record_whole_are_refused(body: bytes, printed: str) -> None:
    with pytest.raises(BadRecord, match=printed):
        record_message(body, PAGE)


def test_a_compression_bomb_is_refused() -> None:
    with pytest.raises(BadRecord, match="more than 64 MB"):
        record_message(gzip.compress(bytes(80 * 2**20), 1), PAGE)


def test_a_record_of_an_old_crawl_is_arc() -> None:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>"
    line = f"{PAGE} 127.0.0.1 20090414103217 text/html {len(block)}\n".encode()
    message = record_message(gzip.compress(line + block + b"\n"), PAGE)
    assert (message.status, message.body) == (200, b"<html>")


@given(st.binary(max_size=200), st.integers(0, 300), st.integers(0, 255))
def test_any_bytes_are_a_record_or_refused_and_raise_no_other_error(
    junk: bytes, position: int, value: int
) -> None:
    flipped = bytearray(a_record())
    flipped[position % len(flipped)] = value
    for body in (junk, gzip.compress(junk), bytes(flipped)):
        with suppress(BadRecord):
            assert record_message(body, PAGE).status >= 0


# -- CSV, as Athena and DuckDB write it -------------------------------------------------------

CSV_HEAD = "url,fetch_time,fetch_status,warc_filename,warc_record_offset,warc_record_length\n"


def test_a_csv_of_the_columnar_index_is_a_local_index(tmp_path: Path) -> None:
    path = tmp_path / "found.csv"
    path.write_text(
        CSV_HEAD
        + f'"{PAGE}","2015-04-14 10:32:17.000",200,crawl-data/a.warc.gz,100,2000\n'
        + '"http://www.ilo.org/rome/","2015-04-14 10:32:17",200,crawl-data/a.warc.gz,1,2\n'
        + f'"{PAGE}","never",200,crawl-data/a.warc.gz,1,2\n'
    )
    (found,) = read_index(path, [PAGE])
    assert (found.file, found.byte_range) == ("crawl-data/a.warc.gz", "bytes=100-2099")
    assert (found.row.timestamp, found.row.status) == ("20150414103217", 200)


def test_a_csv_without_address_or_time_says_how_to_make_one(tmp_path: Path) -> None:
    path = tmp_path / "found.csv"
    path.write_text("warc_filename,warc_record_offset,warc_record_length\na.warc.gz,1,2\n")
    with pytest.raises(BadIndex, match=r"found\.csv: no column fetch_time, url: .*--plan"):
        list(read_index(path, [PAGE]))


def test_the_query_of_the_index_selects_the_columns_that_are_read(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as database:
        database.execute(
            "CREATE TABLE ccindex AS SELECT 'warc' AS subset, 'org,ilo)/moscow' AS url_surtkey,"
            " 'http://www.ilo.org/moscow' AS url, TIMESTAMP '2015-04-14 10:32:17' AS fetch_time,"
            " 200 AS fetch_status, 'text/html' AS content_mime_type, 'A' AS content_digest,"
            " 'a.warc.gz' AS warc_filename, 5 AS warc_record_offset, 6 AS warc_record_length"
        )
        query = index_query(["http://www.ilo.org/moscow"], ("2015", "20151231"))
        path = tmp_path / "found.csv"
        database.execute(f"COPY ({query}) TO '{path}' (HEADER)")
        assert not database.execute(query.replace("2015", "2016")).fetchall()
    (found,) = read_index(path, ["http://www.ilo.org/moscow"])
    assert (found.file, found.offset, found.length) == ("a.warc.gz", 5, 6)
