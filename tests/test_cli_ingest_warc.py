"""`ingest` of WARC files: encodings, odd records, truncated and damaged files."""

from __future__ import annotations

import gzip
import io
import os
import re
import shutil
import zlib
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import brotli
import pytest
from backports import zstd
from warcio.warcwriter import WARCWriter

from ilo_archive.queries.archive import (
    Archive,
)
from tests.support.build import ymd
from tests.support.homes import rows_in_order
from tests.support.paths import ENGLISH_PAGE, HOMEPAGE, LATER_PAGE, RUSSIAN_HOMEPAGE, SAMPLE
from tests.support.run import ingest
from tests.support.warcs import HTML, Response, chunked, write_warc

pytestmark = pytest.mark.slow

PAGE = ENGLISH_PAGE.read_bytes()
CAPTURES = "SELECT office, language, url, captured_at, precision, state, quality FROM captures"


def answers(home: Path) -> list[dict[str, Any]]:
    """Every row of `news`."""
    with Archive(home / "archive.sqlite") as archive:
        return [asdict(entry) for entry in archive.entries()]


def test_html_warc_and_warc_gz_of_a_page_have_the_same_entries(tmp_path: Path) -> None:
    capture = Response("2015-04-14T10:32:17Z", PAGE)
    loose = shutil.copy(ENGLISH_PAGE, tmp_path / "20150414103217.html")
    warc = write_warc(tmp_path / "a.warc", capture)
    compressed = write_warc(tmp_path / "a.warc.gz", capture)
    homes = tmp_path / "one", tmp_path / "two", tmp_path / "all"
    ingest(homes[0], loose, "--url", HOMEPAGE)
    ingest(homes[1], compressed)
    outcome = ingest(homes[2], warc, compressed, loose, "--url", HOMEPAGE)
    assert "1 capture recorded: 1 read; 2 recorded before" in outcome.out
    assert answers(homes[0]) == answers(homes[1]) == answers(homes[2])
    assert [row["sightings"] for row in answers(homes[2])] == [1] * 7


def test_a_body_reads_the_same_however_it_was_sent(home: Path, tmp_path: Path) -> None:
    packed = gzip.compress(PAGE)
    sent: list[tuple[bytes, dict[str, str]]] = [
        (PAGE, {}),
        (chunked(PAGE), {"Transfer-Encoding": "chunked"}),
        (packed, {"Content-Encoding": "gzip"}),
        (packed, {}),  # observed: gzip without a word
        (packed, {"Content-Encoding": ""}),
        (PAGE, {"Content-Encoding": "gzip"}),  # observed: no gzip in spite of the word
        (chunked(packed), {"Transfer-Encoding": "chunked", "Content-Encoding": "gzip"}),
        (PAGE, {"Content-Encoding": "deflate"}),
        (PAGE, {"Content-Encoding": "br"}),
        (PAGE, {"Content-Encoding": "zstd"}),
        (zlib.compress(PAGE), {"Content-Encoding": "deflate"}),
        (zlib.compress(PAGE)[2:-4], {"Content-Encoding": "deflate"}),  # without its wrapping
        (brotli.compress(PAGE), {"Content-Encoding": "br"}),
        (zstd.compress(PAGE), {"Content-Encoding": "zstd"}),
        (PAGE, {"Transfer-Encoding": "chunked"}),  # not chunked in spite of the word
        (PAGE, {"Content-Length": "17"}),  # observed: a wrong length
    ]
    warc = write_warc(
        tmp_path / "sent.warc.gz",
        *(
            Response(f"2015-04-{day:02}T00:00:00Z", body, headers=[HTML, *headers.items()])
            for day, (body, headers) in enumerate(sent, start=1)
        ),
    )
    ingest(home, warc)
    assert [row[5:] for row in rows_in_order(home, CAPTURES)] == [("read", "good")] * len(sent)
    rows = answers(home)
    assert len(rows) == 7
    assert all((row["sightings"], row["revisions"]) == (len(sent), 1) for row in rows)


def test_the_charset_may_stand_in_the_http_header_alone(home: Path, tmp_path: Path) -> None:
    page = (
        "<html><body><h1>Бюро МОТ в Москве</h1><p>Бюро работает в десяти странах региона.</p>"
        "<div class='furniture'><h4>Новости</h4><ol class='item-list'><li>"
        "<h5 class='item-title'><a href='/moscow/news/WCMS_7/lang--ru/index.htm'>Ёлка</a></h5>"
        "<p class='item-info'>14 апреля 2015</p><p>Праздник прошёл в Москве.</p>"
        "</li></ol></div></body></html>"
    ).encode("windows-1251")
    headers = [("Content-Type", "text/html; charset=windows-1251")]
    russian = Response("20150414103217", page, RUSSIAN_HOMEPAGE, headers=headers)
    ingest(home, write_warc(tmp_path / "a.warc", russian))
    (row,) = answers(home)
    assert (row["title"], row["date"], row["section"]) == ("Ёлка", ymd("2015-04-14"), "Новости")
    assert row["summary"] == "Праздник прошёл в Москве."
    assert (row["entry_id"], row["language"]) == ("wcms-7-ru", "ru")


def without_header(warc: Path, record: int, name: bytes) -> None:
    """Take a header out of a record of an uncompressed WARC."""
    mark = b"WARC/1.1\r\n"
    parts = warc.read_bytes().split(mark)
    lines = parts[record + 1].split(b"\r\n")
    parts[record + 1] = b"\r\n".join(line for line in lines if not line.startswith(name))
    warc.write_bytes(mark.join(parts))


def test_an_odd_record_does_not_stop_the_others(home: Path, tmp_path: Path) -> None:
    """A broken address, a month 00 (observed in CDX rows), no time; at the end no address."""
    good = [Response(f"2015-0{month}-01T00:00:00Z", PAGE) for month in range(1, 5)]
    warc = write_warc(
        tmp_path / "odd.warc",
        *(good[0], Response("2015-01-02T00:00:00Z", PAGE, "http://[")),
        *(good[1], Response("2015-00-02T00:00:00Z", PAGE)),
        *(good[2], Response("2015-03-02T00:00:00Z", PAGE)),
        *(good[3], Response("2015-04-02T00:00:00Z", PAGE)),
    )
    without_header(warc, 5, b"WARC-Date")
    without_header(warc, 7, b"WARC-Target-URI")  # there warcio itself stumbles
    outcome = ingest(home, warc)
    assert [row[3] for row in rows_in_order(home, CAPTURES)] == [each.warc_date for each in good]
    assert len(re.findall(r"^odd\.warc: ", outcome.err, re.MULTILINE)) == 4


def test_a_truncated_body_is_no_evidence_of_absence(home: Path, tmp_path: Path) -> None:
    """What followed the cut is unknown; it has not left the page."""
    packed = gzip.compress(PAGE)
    cut: list[tuple[bytes, dict[str, str]]] = [
        (packed[:-600], {"Content-Encoding": "gzip"}),
        (packed[:-600], {}),
        (chunked(PAGE)[: len(PAGE) * 3 // 5], {"Transfer-Encoding": "chunked"}),
        (zlib.compress(PAGE)[:-600], {"Content-Encoding": "deflate"}),
        (brotli.compress(PAGE)[:-600], {"Content-Encoding": "br"}),
        (zstd.compress(PAGE)[:-600], {"Content-Encoding": "zstd"}),
    ]
    warc = write_warc(
        tmp_path / "cut.warc",
        Response("2015-01-01T00:00:00Z", PAGE),
        *(
            Response(f"2015-02-0{day}T00:00:00Z", body, headers=[HTML, *headers.items()])
            for day, (body, headers) in enumerate(cut, start=1)
        ),
    )
    ingest(home, warc)
    good = [row[3] for row in rows_in_order(home, CAPTURES) if row[6] == "good"]
    assert good == ["2015-01-01T00:00:00Z"]
    assert {row["absent_from"] for row in answers(home)} == {None}


def test_a_record_marked_as_truncated_is_no_evidence_of_absence(home: Path, tmp_path: Path) -> None:
    """WARC/1.1, 5.13: `WARC-Truncated` says that the block is not all that was sent."""
    half = PAGE[: PAGE.index(b"</li>", PAGE.index(b"item-title")) + 5]
    warc = write_warc(
        tmp_path / "cut.warc",
        Response("2015-01-01T00:00:00Z", PAGE),
        Response("2015-02-01T00:00:00Z", half),
    )
    first, _, second = warc.read_bytes().rpartition(b"WARC-Type: response\r\n")
    warc.write_bytes(first + b"WARC-Type: response\r\nWARC-Truncated: length\r\n" + second)
    ingest(home, warc)
    good = [row[3] for row in rows_in_order(home, CAPTURES) if row[6] == "good"]
    assert good == ["2015-01-01T00:00:00Z"]
    assert {row["absent_from"] for row in answers(home)} == {None}


def test_a_truncated_warc_file_yields_its_whole_records(home: Path, tmp_path: Path) -> None:
    """Plain and compressed, with the last body plain and chunked."""
    in_chunks = chunked(PAGE), {"Transfer-Encoding": "chunked"}
    sent: list[tuple[bytes, dict[str, str]]] = [(PAGE, {}), in_chunks]
    warcs = []
    for year, (name, (body, headers)) in enumerate(
        product((".warc", ".warc.gz"), sent), start=2011
    ):
        warc = write_warc(
            tmp_path / f"{year}{name}",
            Response(f"{year}-01-01T00:00:00Z", PAGE),
            Response(f"{year}-02-01T00:00:00Z", body, headers=[HTML, *headers.items()]),
        )
        os.truncate(warc, warc.stat().st_size - 700)
        warcs.append(warc)
    outcome = ingest(home, *warcs)
    assert [row[3] for row in rows_in_order(home, CAPTURES)] == [
        f"{year}-01-01T00:00:00Z" for year in range(2011, 2015)
    ]
    for warc in warcs:
        assert re.search(rf"^{re.escape(warc.name)}: ", outcome.err, re.MULTILINE)


def test_records_that_are_not_pages_are_not_reported_as_damage(home: Path, tmp_path: Path) -> None:
    """Heritrix writes each look-up of a name as a response."""
    warc = tmp_path / "crawl.warc"
    write_warc(
        warc,
        Response("2015-01-01T00:00:00Z", PAGE),
        Response(
            "20150101000000", b"\x89PNG", f"{HOMEPAGE}.png", headers=[("Content-Type", "image/png")]
        ),
    )
    with warc.open("ab") as stream:
        writer = WARCWriter(stream, gzip=False)
        record = writer.create_warc_record(
            "dns:www.ilo.org", "response", io.BytesIO(b"20150101000000\n"),
            warc_content_type="text/dns",
        )  # fmt: skip
        writer.write_record(record)
    outcome = ingest(home, warc)
    assert len(rows_in_order(home, CAPTURES)) == 1
    assert "damaged" not in outcome.out + outcome.err


@pytest.mark.slow
def test_a_folder_of_good_and_bad_files_records_the_good_and_reports_the_bad(
    home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mixed"
    (folder / "below").mkdir(parents=True)
    shutil.copy(ENGLISH_PAGE, folder / "moscow-2015-04.html")
    shutil.copy(LATER_PAGE, folder / "below" / "moscow-2015-06.html")
    write_warc(folder / "good.warc.gz", Response("2015-05-01T00:00:00Z", PAGE))
    cut = write_warc(folder / "cut.warc.gz", Response("2015-07-01T00:00:00Z", PAGE))
    os.truncate(cut, 2000)
    (folder / "words.warc").write_bytes(b"no records, just words\n" * 20)
    (folder / "empty.warc.gz").touch()
    (folder / "binary.warc.gz").write_bytes(bytes(range(256)) * 9)
    (folder / "empty.html").touch()
    (folder / "style.css").write_text("p { color: red }")
    bad = ["cut.warc.gz", "words.warc", "binary.warc.gz", "empty.html"]
    if Path("/proc/self/mem").exists():
        (folder / "rome-2015-04.html").symlink_to("/proc/self/mem")
        bad.append("rome-2015-04.html")
    outcome = ingest(home, folder)
    assert sorted(row[3] for row in rows_in_order(home, CAPTURES) if row[6] == "good") == [
        "2015-04-01T00:00:00Z",
        "2015-05-01T00:00:00Z",
        "2015-06-01T00:00:00Z",
    ]
    assert [
        name for name in bad if not re.search(rf"^{re.escape(name)}: ", outcome.err, re.MULTILINE)
    ] == []
    assert "style.css" not in outcome.err
    again = ingest(home, folder)
    assert "3 recorded before" in again.out


def test_ingesting_again_changes_nothing(sample_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "again"
    shutil.copytree(sample_home, home)
    before = sorted(rows_in_order(home, "SELECT * FROM sightings"))
    size = (home / "warc" / "captures-00001.warc.gz").stat().st_size
    outcome = ingest(home, SAMPLE)
    assert "14 recorded before" in outcome.out
    assert sorted(rows_in_order(home, "SELECT * FROM sightings")) == before
    assert (home / "warc" / "captures-00001.warc.gz").stat().st_size == size
