"""What people have on their disks: pages saved by browsers and downloaders."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ilo_archive.capture import Fetched
from ilo_archive.offices import registry
from ilo_archive.sources.manifest import BadManifest, ManifestRow, parse_manifest
from ilo_archive.sources.saved_page import Evidence
from ilo_archive.times import iso
from ilo_archive.warc.captures import Damage
from spiders.local import _files
from spiders.saved_pages import FileHints, SavedPages, Unplaced
from tests.support.homes import query
from tests.support.paths import HOMEPAGE, PAGES
from tests.support.run import Outcome, run
from tests.support.saved import AT, SINGLE_FILE, mhtml

pytestmark = pytest.mark.slow

PAGE = (PAGES / "20150414103217.html").read_bytes()
LATER = (PAGES / "20150619074508.html").read_bytes()
CAPTURED = "2015-04-14T10:32:17Z"


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
    stated = Evidence("http://a/", "2015", "manifest.csv")
    assert list(heeded(excel)) == [page]
    assert parse_manifest(excel.read_bytes(), excel.name) == [
        ManifestRow("www.ilo.org/20150414103217/index.html", stated)
    ]
    theirs = put(
        tmp_path / "x" / "waybackup_http.www.ilo.org.csv",
        b"timestamp,url_archive,url_origin,redirect_url,redirect_timestamp,response,file\n"
        b"20150414103217,y,http://www.ilo.org/moscow/,,,200,"
        b"/home/me/x/www.ilo.org/20150414103217/index.html\n",
    )
    assert heeded(theirs) == [page]
    [row] = parse_manifest(theirs.read_bytes(), theirs.name)
    assert (row.evidence.url, row.evidence.at) == ("http://www.ilo.org/moscow/", AT)


def heeded(manifest: Path) -> list[Path | Damage]:
    return list(SavedPages(FileHints(), registry()).add_manifest(manifest))


def test_what_a_manifest_says_of_a_missing_file_is_not_said_of_another(tmp_path: Path) -> None:
    put(tmp_path / "index.html", PAGE)
    row = f"{{}},{HOMEPAGE},2015\n"
    for name in ("sub/index.html", "/home/me/index.html", f"/x/ilo.org/{AT}/index.html"):
        manifest = put(
            tmp_path / "manifest.csv", f"file,url,captured_at\n{row.format(name)}".encode()
        )
        assert heeded(manifest) == [Damage(manifest, f"1 file in it not found: {name}")]


def test_a_copied_folder_of_pywaybackup_is_that_of_its_own_files(tmp_path: Path) -> None:
    name = Path("ilo.org") / AT / "index.html"
    original = put(tmp_path / "before" / name, PAGE)
    copy = put(tmp_path / "after" / name, PAGE)
    manifest = put(
        tmp_path / "after" / "waybackup_ilo.csv",
        f"timestamp,url_origin,file\n{AT},{HOMEPAGE},{original}\n".encode(),
    )
    assert heeded(manifest) == [copy]


def test_rows_of_a_manifest_that_disagree_are_reported_and_none_counts(tmp_path: Path) -> None:
    put(tmp_path / "a.html", PAGE)
    page = put(tmp_path / "b.html", PAGE)
    rows = "file,captured_at\na.html,2015\na.html,2016\nb.html,2015\nb.html,2015\n"
    manifest = put(tmp_path / "manifest.csv", rows.encode())
    assert heeded(manifest) == [
        Damage(manifest, "two rows disagree on a.html: leave one of them"),
        page,
    ]


@pytest.mark.parametrize("text", ["", "name,url\nx,y\n", "\0", "url\n" + "x" * 200_000])
def test_a_manifest_without_files_is_named_in_one_line(
    home: Path, tmp_path: Path, text: str
) -> None:
    manifest = put(tmp_path / "manifest.csv", text.encode())
    with pytest.raises(BadManifest):
        parse_manifest(text.encode(), "manifest.csv")
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
    assert "30 saved pages without a time or an address skipped (see above)" in outcome.out
    assert len(outcome.err.splitlines()) == 2
    manifest = home / "manifest.csv"
    assert str(manifest) in outcome.err
    with manifest.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 30
    first, second = rows[:2]
    assert (first["captured_at"], first["proposed_time"]) == ("", "2018-05-17")
    assert (first["url"], first["proposed_url"]) == ("", HOMEPAGE)
    assert first["proposed_by"] == "file name; office in the file name"
    assert second["url"] == HOMEPAGE
    newest = max(row["not_before"] for row in rows)
    assert newest.startswith("2015-0")
    assert ingest(home, folder).code == 3
    assert not (home / "2-manifest.csv").exists()  # the same question needs no other file
    assert captures(home) == []  # a proposal is no fact
    filled = manifest.read_text().replace(f"{HOMEPAGE},,", f"{HOMEPAGE},2015-06-01,")
    manifest.write_text(filled)
    assert ingest(home, manifest).code == 0
    assert captures(home) == [("moscow", HOMEPAGE, "2015-06-01T00:00:00Z", "read")]
    assert (home / "2-manifest.csv").exists()  # of the 29 others


def test_a_date_in_a_manifest_that_cannot_be_read_is_named_and_proposed(
    home: Path, tmp_path: Path
) -> None:
    # Excel rewrites 2018-05-17 as the region of its user has it.
    rows = [f"{n}.html,{HOMEPAGE},{n}/05/2018" for n in range(10, 18)]
    for number in range(10, 18):
        put(tmp_path / "pages" / f"{number}.html", PAGE)
    text = "\n".join(["file,url,captured_at", *rows])
    manifest = put(tmp_path / "pages" / "manifest.csv", text.encode())
    assert ingest(home, manifest).code == 3
    with (home / "manifest.csv").open(newline="") as stream:
        asked = list(csv.DictReader(stream))
    assert (asked[0]["captured_at"], asked[0]["proposed_time"]) == ("", "")
    assert (asked[7]["captured_at"], asked[7]["proposed_time"]) == ("", "2018-05-17")
    assert asked[7]["proposed_by"] == "'17/05/2018' is stated"
    found = pages_of(manifest).read(tmp_path / "pages" / "17.html")
    assert isinstance(found, Unplaced)
    assert found.reason.startswith("cannot read '17/05/2018' as a date: use YYYY")


def pages_of(manifest: Path) -> SavedPages:
    pages = SavedPages(FileHints(), registry())
    assert list(pages.add_manifest(manifest))
    return pages


# -- what counts first ---------------------------------------------------------------------


def stated(path: Path, **hints: str) -> tuple[str | None, str | None, int | None]:
    """Address, time and status of the capture in a file; None if nothing states it."""
    found = SavedPages(FileHints(**hints), registry()).read(path)
    if isinstance(found, Unplaced):
        return found.known.url, found.known.at, None
    assert isinstance(found, Fetched)
    return found.capture.url, iso(found.capture.captured_at), found.message.status


def test_the_folder_of_a_capture_counts_before_the_date_of_its_transfer(tmp_path: Path) -> None:
    # wget --save-headers of a playback: the Date is that of the copy.
    head = b"HTTP/1.1 200 OK\r\nDate: Sat, 28 Nov 2026 06:57:45 GMT\r\n\r\n"
    web = tmp_path / "web.archive.org" / "web" / f"{AT}id_" / "http:" / "www.ilo.org"
    page = put(web / "moscow" / "lang--en" / "index.htm", head + PAGE)
    assert stated(page) == (HOMEPAGE, CAPTURED, 200)


def test_a_page_named_by_people_has_no_address_from_the_folder_of_a_site(tmp_path: Path) -> None:
    site = tmp_path / "www.ilo.org"
    assert stated(put(site / "moscow-2015-04-14.html", PAGE))[:2] == (
        HOMEPAGE,
        "2015-04-14T00:00:00Z",
    )
    assert stated(put(site / f"{AT}.html", PAGE)) == (None, AT, None)
    assert stated(put(site / "moscow" / "lang--en" / "index.htm", PAGE)) == (HOMEPAGE, None, None)


def test_a_saved_error_is_no_page_with_status_200(tmp_path: Path) -> None:
    head = b"HTTP/1.1 404 Not Found\r\nDate: Tue, 14 Apr 2015 10:32:17 GMT\r\n\r\n"
    page = put(tmp_path / "www.ilo.org" / "moscow" / "x.htm", head + b"<p>Not found</p>")
    assert stated(page) == ("http://www.ilo.org/moscow/x.htm", CAPTURED, 404)


# -- folders -------------------------------------------------------------------------------


def test_files_that_are_no_pages_are_left_out_of_the_folders_of_downloaders(
    tmp_path: Path,
) -> None:
    put(tmp_path / "www.ilo.org" / "style.css", b"body {}")
    page = put(tmp_path / "www.ilo.org" / "a.php", b"<!DOCTYPE html><p>Text</p>")
    assert list(_files(tmp_path, SavedPages(FileHints(), registry()))) == [page]


def test_what_browsers_and_wget_put_beside_a_page_is_left_out(tmp_path: Path) -> None:
    page = put(tmp_path / "News.html", PAGE)
    put(tmp_path / "News_files" / "saved_resource.html", b"<html>A frame</html>")
    site = tmp_path / "www.ilo.org"
    put(site / "robots.txt", b"User-agent: *")
    put(site / "moscow" / "index.html", PAGE)
    original = put(site / "moscow" / "index.html.orig", b"<html>" + PAGE)
    other = put(tmp_path / "texts_files" / "moscow-2015.txt", b"Text")
    found = list(_files(tmp_path, SavedPages(FileHints(), registry())))
    assert found == [page, other, original]
