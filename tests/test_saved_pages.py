"""What people have on their disks: pages saved by browsers and downloaders."""

from __future__ import annotations

import base64
import csv
from pathlib import Path

import pytest

from ilo_archive.offices import registry
from ilo_archive.sources.manifest import BadManifest, read_manifest
from ilo_archive.sources.saved_page import Evidence, NoPage, parse_mhtml, parse_saved_page
from ilo_archive.sources.saved_paths import evidence_of_path
from spiders.local import _files
from spiders.saved_pages import FileHints, SavedPages
from tests.support.homes import query
from tests.support.paths import HOMEPAGE, PAGES
from tests.support.run import Outcome, run

PAGE = (PAGES / "20150414103217.html").read_bytes()
LATER = (PAGES / "20150619074508.html").read_bytes()
AT = "20150414103217"
CAPTURED = "2015-04-14T10:32:17Z"
PLAYED = f"https://web.archive.org/web/{AT}/{HOMEPAGE}"

HTTRACK = (
    "<!-- Mirrored from www.ilo.org/moscow/ by HTTrack Website Copier/3.x [XR], "
    "Tue, 14 Apr 2015 10:32:17 GMT -->"
)
SINGLE_FILE = f"""<!DOCTYPE html> <html lang=en><!--
 Page saved with SingleFile
 url: {HOMEPAGE}
 saved date: Tue Apr 14 2015 13:32:17 GMT+0300 (Moscow Standard Time)
-->"""


@pytest.mark.parametrize(
    ("comment", "url", "at"),
    [
        (SINGLE_FILE, HOMEPAGE, "2015-04-14T13:32:17+03:00"),
        (SINGLE_FILE.replace(HOMEPAGE, PLAYED), HOMEPAGE, AT),
        (f"<!-- saved from url=(0047){HOMEPAGE} -->", HOMEPAGE, None),
        (f"<!-- saved from url=(0081){PLAYED} -->", HOMEPAGE, AT),
        ("<!-- saved from url=(0014)about:internet -->", None, None),
        (
            HTTRACK,
            "http://www.ilo.org/moscow/",
            "2015-04-14T10:32:17+00:00",
        ),
        (
            f'<html data-scrapbook-source="{HOMEPAGE}" data-scrapbook-create="{AT}000">',
            HOMEPAGE,
            AT,
        ),
        (
            "<!--\n     FILE ARCHIVED ON 10:32:17 Apr 14, 2015 AND RETRIEVED FROM THE\n -->",
            None,
            "2015-04-14T10:32:17+00:00",
        ),
        ("<!-- saved yesterday -->", None, None),
    ],
)
def test_comments_of_programs_that_save_pages_are_understood(
    comment: str, url: str | None, at: str | None
) -> None:
    found = parse_saved_page(comment.encode() + b"<p>Text</p>")
    assert (found.evidence.url, found.evidence.at) == (url, at)


def test_headers_of_the_transfer_before_a_page_are_no_part_of_it() -> None:
    head = b"HTTP/1.1 200 OK\r\nDate: Tue, 14 Apr 2015 10:32:17 GMT\r\nContent-Type: text/html\r\n"
    found = parse_saved_page(head + b"\r\n<p>Text</p>")
    assert (found.body, found.content_type) == (b"<p>Text</p>", "text/html")
    assert found.evidence.at == "2015-04-14T10:32:17+00:00"


MHTML = (
    "From: <Saved by Blink>\r\n"
    f"Snapshot-Content-Location: {HOMEPAGE}\r\n"
    "Subject: ILO Moscow\r\n"
    "Date: Tue, 14 Apr 2015 13:32:17 +0300\r\n"
    "MIME-Version: 1.0\r\n"
    'Content-Type: multipart/related; type="text/html"; boundary="x"\r\n\r\n'
    "--x\r\nContent-Type: text/html\r\nContent-Location: http://www.ilo.org/frame\r\n\r\n"
    "<p>A frame</p>\r\n"
    "--x\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
    f"Content-Location: {HOMEPAGE}\r\n\r\n{{}}\r\n--x--\r\n"
)


def mhtml(page: bytes) -> bytes:
    return MHTML.replace("{}", base64.encodebytes(page).decode()).encode()


def test_the_page_of_an_mhtml_file_is_the_part_of_its_address() -> None:
    found = parse_mhtml(mhtml(PAGE))
    assert found.body == PAGE
    assert found.content_type == "text/html; charset=utf-8"
    assert found.evidence == Evidence(HOMEPAGE, "2015-04-14T13:32:17+03:00", "MHTML headers")


@pytest.mark.parametrize("body", [b"", b"Subject: x\n\nText", b"Content-Type: multipart/x\n\n"])
def test_mhtml_without_a_page_is_named(body: bytes) -> None:
    with pytest.raises(NoPage):
        parse_mhtml(body)


@pytest.mark.parametrize(
    ("path", "url", "at"),
    [
        (f"out/{AT}/www.ilo.org/moscow/lang--en/index.htm", HOMEPAGE, AT),  # waybackpack
        (f"waybackup_snapshots/www.ilo.org/{AT}/moscow/lang--en/index.htm", HOMEPAGE, AT),
        ("mirror/www.ilo.org/moscow/lang--en/index.htm", HOMEPAGE, None),  # wget
        (f"web.archive.org/web/{AT}id_/http:/www.ilo.org/moscow/lang--en/index.htm", HOMEPAGE, AT),
        (f"web.archive.org/web/{AT}/https:/ilo.org/a", "https://ilo.org/a", AT),
        ("home/old.backup/moscow.html", None, None),
        ("home/index.html/page.html", None, None),
        (f"{AT}/page.html", None, None),
    ],
)
def test_folders_of_downloaders_are_understood(path: str, url: str | None, at: str | None) -> None:
    found = evidence_of_path(Path("/home/me") / path)
    assert (found.url, found.at) == (url, at)


def captures(home: Path) -> list[tuple[object, ...]]:
    sql = "SELECT office, url, captured_at, state FROM captures ORDER BY captured_at"
    return [tuple(row.values()) for row in query(home, sql)]


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def ingest(home: Path, *arguments: Path) -> Outcome:
    return run(home, "ingest", *arguments)


def test_a_folder_of_everything_is_recorded_with_its_addresses_and_times(
    home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "disk"
    single = SINGLE_FILE.replace("13:32:17", "13:32:18").encode() + PAGE
    put(folder / "single.html", single)
    put(folder / "saved.mhtml", mhtml(PAGE))
    put(folder / "20150619074508" / "www.ilo.org" / "moscow" / "lang--en" / "index.htm", LATER)
    put(folder / "www.ilo.org" / "20150619074509" / "moscow" / "index.html", LATER)
    put(folder / "www.ilo.org" / "20150619074510" / "moscow" / "lang--en" / "index.htm?x", LATER)
    put(folder / "www.ilo.org" / "20150619074510" / "moscow" / "logo.png", b"\x89PNG")
    assert ingest(home, folder).code == 0
    assert captures(home) == [
        ("moscow", HOMEPAGE, "2015-04-14T10:32:17Z", "read"),
        ("moscow", HOMEPAGE, "2015-04-14T10:32:18Z", "read"),
        ("moscow", HOMEPAGE, "2015-06-19T07:45:08Z", "read"),
        ("moscow", "http://www.ilo.org/moscow/index.html", "2015-06-19T07:45:09Z", "read"),
        ("moscow", f"{HOMEPAGE}?x", "2015-06-19T07:45:10Z", "read"),
    ]


# -- manifests -----------------------------------------------------------------------------


def test_a_manifest_says_address_and_time_of_the_files_of_its_folder(
    home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pages"
    put(folder / "a.html", PAGE)
    put(folder / "sub" / "b.htm", LATER)
    manifest = put(
        folder / "manifest.csv",
        f"file,url,captured_at\na.html,{HOMEPAGE},{AT}\nsub/b.htm,{HOMEPAGE},2015-06-19\n"
        f"gone.html,{HOMEPAGE},2015\n".encode(),
    )
    wanted = [
        ("moscow", HOMEPAGE, CAPTURED, "read"),
        ("moscow", HOMEPAGE, "2015-06-19T00:00:00Z", "read"),
    ]
    assert ingest(home, folder).code == 0
    assert captures(home) == wanted
    other = home.with_name("other")
    assert ingest(other, manifest).code == 0
    assert captures(other) == wanted


def test_a_manifest_may_be_of_excel_or_of_pywaybackup(tmp_path: Path) -> None:
    page = put(tmp_path / "x" / "www.ilo.org" / AT / "index.html", PAGE)
    excel = put(
        tmp_path / "x" / "manifest.csv",
        b"\xef\xbb\xbfFile;URL;captured_at\r\n"
        b"www.ilo.org/20150414103217/index.html;http://a/;2015\r\n",
    )
    assert read_manifest(excel) == {page: Evidence("http://a/", "2015", "manifest.csv")}
    theirs = put(
        tmp_path / "x" / "waybackup_http.www.ilo.org.csv",
        b"timestamp,url_archive,url_origin,redirect_url,redirect_timestamp,response,file\n"
        b"20150414103217,y,http://www.ilo.org/moscow/,,,200,"
        b"/home/me/x/www.ilo.org/20150414103217/index.html\n",
    )
    [evidence] = read_manifest(theirs).values()
    assert (evidence.url, evidence.at) == ("http://www.ilo.org/moscow/", AT)


@pytest.mark.parametrize("text", ["", "name,url\nx,y\n", "\0", "url\n" + "x" * 200_000])
def test_a_manifest_without_files_is_named_in_one_line(
    home: Path, tmp_path: Path, text: str
) -> None:
    manifest = put(tmp_path / "manifest.csv", text.encode())
    with pytest.raises(BadManifest):
        read_manifest(manifest)
    outcome = ingest(home, manifest)
    assert outcome.code == 3
    assert outcome.err.startswith("manifest.csv: ")
    assert len(outcome.err.splitlines()) == 2


def test_many_files_without_a_time_give_one_line_and_a_manifest_with_proposals(
    home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pages"
    put(folder / "2018-05-17 moscow.html", PAGE)
    put(folder / "b.html", f"<!-- saved from url=(0047){HOMEPAGE} -->".encode() + PAGE)
    for number in range(28):
        put(folder / f"page{number}.html", PAGE)
    outcome = ingest(home, folder)
    assert outcome.code == 3
    assert outcome.err.startswith("30 files without a capture time or an address")
    assert len(outcome.err.splitlines()) == 2
    manifest = home / "manifest.csv"
    assert str(manifest) in outcome.err
    with manifest.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 30
    first, second = rows[:2]
    assert (first["captured_at"], first["proposed"]) == ("", "2018-05-17")
    assert first["proposed_by"] == "file name"
    assert second["url"] == HOMEPAGE
    newest = max(row["not_before"] for row in rows)
    assert newest.startswith("2015-0")
    filled = manifest.read_text().replace(f"{HOMEPAGE},,", f"{HOMEPAGE},2015-06-01,")
    manifest.write_text(filled)
    assert ingest(home, manifest).code == 0
    assert captures(home) == [("moscow", HOMEPAGE, "2015-06-01T00:00:00Z", "read")]
    assert (home / "2-manifest.csv").exists()  # of the 29 others


def test_files_that_are_no_pages_are_left_out_of_the_folders_of_downloaders(
    tmp_path: Path,
) -> None:
    put(tmp_path / "www.ilo.org" / "style.css", b"body {}")
    page = put(tmp_path / "www.ilo.org" / "a.php", b"<!DOCTYPE html><p>Text</p>")
    assert list(_files(tmp_path, SavedPages(FileHints(), registry()))) == [page]
