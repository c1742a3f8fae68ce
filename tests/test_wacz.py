"""What `export` writes: a WACZ file that other tools open, and tables of the entries."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from lxml import html
from warcio.archiveiterator import ArchiveIterator

from ilo_archive.export.provenance import ADDRESS
from tests.support.homes import OF_THE_SOURCE, assert_same_archive, kept, query
from tests.support.paths import HOMEPAGE, PAGES, SAMPLE
from tests.support.pywb_server import find_wacz
from tests.support.run import run

pytestmark = pytest.mark.slow

PAGE = PAGES / "20151218160233.html"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, and two captures of the same bytes."""
    folder = tmp_path_factory.mktemp("exported")
    assert run(folder, "ingest", SAMPLE).code == 0
    for moment in ("20170101000000", "20170102000000"):
        assert run(folder, "ingest", PAGE, "--url", HOMEPAGE, "--at", moment).code == 0
    assert {record.kind for record in kept(folder)} == {"response", "revisit"}
    return folder


@pytest.fixture(scope="module")
def wacz(home: Path) -> Path:
    target = home / "moscow.wacz"
    outcome = run(home, "export", target)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"16 captures, 15 pages: {target}\n"
    return target


def test_a_wacz_lists_its_files_with_their_checksums(wacz: Path) -> None:
    with ZipFile(wacz) as package:
        described = json.loads(package.read("datapackage.json"))
        digest = json.loads(package.read("datapackage-digest.json"))
        names = set(package.namelist()) - {"datapackage.json", "datapackage-digest.json"}
        assert {each["path"] for each in described["resources"]} == names
        for each in described["resources"]:
            data = package.read(each["path"])
            assert each["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
            assert each["bytes"] == len(data)
        listed = hashlib.sha256(package.read("datapackage.json")).hexdigest()
        assert digest == {"path": "datapackage.json", "hash": f"sha256:{listed}"}
        assert described["wacz_version"] == "1.1.1"
        packed = [each for each in package.infolist() if each.filename.endswith(".gz")]
        assert {each.compress_type for each in packed} == {ZIP_STORED}


def test_its_index_leads_to_every_record(wacz: Path, home: Path) -> None:
    with ZipFile(wacz) as package:
        lines = gzip.decompress(package.read("indexes/index.cdx.gz")).decode().splitlines()
        store = package.read("archive/captures-00001.warc.gz")
    assert lines == sorted(lines)
    found = []
    for line in lines:
        key, timestamp, printed = line.split(" ", 2)
        row = json.loads(printed)
        if row["url"] == ADDRESS:
            continue
        start = int(row["offset"])
        [record] = ArchiveIterator(_stream(store[start : start + int(row["length"])]))
        header = record.rec_headers.get_header
        assert header("WARC-Target-URI") == row["url"]
        assert header("WARC-Payload-Digest") == row["digest"]
        assert (record.rec_type == "revisit") == (row["mime"] == "warc/revisit")
        assert key.startswith("org,ilo)/moscow/")
        found.append((row["url"], timestamp))
    listed = query(home, "SELECT url, captured_at FROM captures")
    assert sorted(found) == sorted((row["url"], _digits(row["captured_at"])) for row in listed)


def _stream(data: bytes) -> Any:
    return io.BytesIO(data)


def _digits(moment: str) -> str:
    return "".join(filter(str.isdigit, moment))


def test_its_pages_are_the_good_captures(wacz: Path, home: Path) -> None:
    with ZipFile(wacz) as package:
        head, first, *pages = map(
            json.loads, package.read("pages/pages.jsonl").decode().splitlines()
        )
    assert head == {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
    assert (first["url"], first["title"]) == (ADDRESS, "Where these captures come from")
    good = query(home, "SELECT url, captured_at FROM captures WHERE quality = 'good'")
    assert sorted((page["url"], page["ts"]) for page in pages) == sorted(
        (row["url"], row["captured_at"]) for row in good
    )


def test_its_first_page_says_where_the_captures_come_from(wacz: Path) -> None:
    with ZipFile(wacz) as package:
        data = package.read("archive/provenance.warc.gz")
    record = next(ArchiveIterator(_stream(data), check_digests="raise"))
    assert record.rec_headers.get_header("WARC-Target-URI") == ADDRESS
    page = html.fromstring(record.content_stream().read())
    cells = [[cell.text for cell in row.iter("td")] for row in page.iter("tr")]
    assert [cells[1][:3], cells[2][:3]] == [
        ["20151218160233.html", "2", "2"],
        ["moscow.warc", "14", "13"],
    ]


def test_wacz_validate_accepts_it(wacz: Path) -> None:
    printed = subprocess.run(
        [find_wacz(), "validate", "-f", wacz], capture_output=True, text=True, check=True
    )
    assert "Validation succeeded" in printed.stdout


@pytest.mark.parametrize("form", ["wacz", "warc"])
def test_pywb_replays_it(pywb: Callable[..., str], wacz: Path, home: Path, form: str) -> None:
    address = pywb(wacz if form == "wacz" else home / "warc" / "captures-00001.warc.gz")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for moment in ("20170101000000", "20170102000000"):  # the second is a revisit
        with opener.open(f"{address}/{moment}id_/{HOMEPAGE}") as response:
            assert response.read() == PAGE.read_bytes()
            assert response.headers["Memento-Datetime"]


def test_crawling_an_exported_wacz_makes_the_same_archive(
    pywb: Callable[..., str], wacz: Path, home: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    assert run(again, "crawl", "moscow", "--archive", pywb(wacz)).code == 0
    # A loose file has no digest but that of its bytes, and no header, which pywb makes up.
    source = OF_THE_SOURCE | {"digest", "charset_reason"}
    assert_same_archive(again, home, without=source)
    with (again / "warc" / "captures-00001.warc.gz").open("rb") as stream:
        requests = [
            (record.rec_headers["WARC-Concurrent-To"], record.http_headers["User-Agent"])
            for record in ArchiveIterator(stream)
            if record.rec_type == "request"
        ]
    assert [answered for answered, _ in requests] == [record.id for record in kept(again)]
    assert {agent.partition("/")[0] for _, agent in requests} == {"ilo-archive"}


@pytest.mark.parametrize("form", ["wacz", "warc"])
def test_ingesting_an_exported_wacz_makes_the_same_archive(
    wacz: Path, home: Path, tmp_path: Path, form: str
) -> None:
    again = tmp_path / "again"
    assert run(again, "ingest", wacz if form == "wacz" else home / "warc").code == 0
    assert_same_archive(again, home)


def test_records_of_a_run_in_progress_are_left_out(home: Path, tmp_path: Path) -> None:
    busy = tmp_path / "busy"
    shutil.copytree(home, busy)
    store = busy / "warc" / "captures-00001.warc.gz"
    whole = store.read_bytes()
    store.write_bytes(whole + whole[:500])
    assert run(busy, "export", tmp_path / "x.wacz").code == 0
    with ZipFile(tmp_path / "x.wacz") as package:
        assert package.read("archive/captures-00001.warc.gz") == whole


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_the_entries_are_exported_as_the_view_has_them(
    home: Path, tmp_path: Path, ending: str
) -> None:
    target = tmp_path / f"entries.{ending}"
    assert run(home, "export", target).code == 0
    with target.open(encoding="utf-8", newline="") as stream:
        rows = [*csv.DictReader(stream)] if ending == "csv" else [json.loads(x) for x in stream]
    view = query(home, "SELECT entry_id, title, first_seen FROM news")
    printed = [{name: row[name] for name in view[0]} for row in rows]
    assert sorted(printed, key=repr) == sorted(view, key=repr)


@pytest.mark.parametrize("name", ["x.xlsx", "x.WACZ.bak"])
def test_an_unknown_file_suffix_is_refused_in_one_line(
    home: Path, tmp_path: Path, name: str
) -> None:
    outcome = run(home, "export", tmp_path / name)
    assert (outcome.code, outcome.out) == (2, "")
    known = ".wacz, .csv, .jsonl, .parquet, .sqlite, or none for a data package"
    assert outcome.err == f"ilo-archive: {name}: unknown ending; use one of {known}\n"


def test_a_lost_record_is_reported_and_the_rest_exported(home: Path, tmp_path: Path) -> None:
    hurt = tmp_path / "hurt"
    shutil.copytree(home, hurt)
    store = hurt / "warc" / "captures-00001.warc.gz"
    row = query(home, "SELECT warc_offset, captured_at FROM captures ORDER BY warc_offset")[3]
    data = bytearray(store.read_bytes())
    data[row["warc_offset"] : row["warc_offset"] + 40] = bytes(40)
    store.write_bytes(data)
    outcome = run(hurt, "export", tmp_path / "x.wacz")
    assert outcome.code == 4
    assert row["captured_at"] in outcome.err
    assert outcome.out.startswith("15 captures")
