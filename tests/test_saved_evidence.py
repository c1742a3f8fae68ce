"""What saved files and the folders around them state of address and time; never a guess."""

from __future__ import annotations

import string
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.sources.saved_names import date_in_name
from ilo_archive.sources.saved_page import Evidence, NoPage, parse_mhtml, parse_saved_page
from ilo_archive.sources.saved_paths import (
    evidence_of_path,
    is_companion,
    is_no_page,
    is_replaced,
)
from ilo_archive.times import parse_timestamp
from tests.support.paths import HOMEPAGE, PAGES
from tests.support.saved import AT, PLAYED, SINGLE_FILE, mhtml

PAGE = (PAGES / f"{AT}.html").read_bytes()
ISO = "2015-04-14T10:32:17+00:00"

MOSCOW_TIME = "2015-04-14T13:32:17+03:00"
HTTRACK = (
    "<!-- Mirrored from www.ilo.org/moscow/ by HTTrack Website Copier/3.x [XR], "
    "Tue, 14 Apr 2015 10:32:17 GMT -->"
)


@pytest.mark.parametrize(
    ("comment", "url", "at"),
    [
        (SINGLE_FILE, HOMEPAGE, MOSCOW_TIME),
        (SINGLE_FILE.replace(HOMEPAGE, PLAYED), HOMEPAGE, AT),
        (SINGLE_FILE.replace("Page saved with", "Archive processed by"), HOMEPAGE, MOSCOW_TIME),
        (f"<html><!--\n Page saved with SingleFile \n url: {HOMEPAGE} \n-->", HOMEPAGE, None),
        (SINGLE_FILE.replace(HOMEPAGE, "file:///C:/copy.html"), None, None),
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


def test_a_comment_in_utf_16_is_understood() -> None:
    page = f"<!-- saved from url=(0047){HOMEPAGE} -->\r\n<html><p>Дом</p></html>"
    assert parse_saved_page(page.encode("utf-16")).evidence.url == HOMEPAGE


def test_headers_of_the_transfer_before_a_page_are_no_part_of_it() -> None:
    head = b"HTTP/1.1 200 OK\r\nDate: Tue, 14 Apr 2015 10:32:17 GMT\r\nContent-Type: text/html\r\n"
    found = parse_saved_page(head + b"\r\n<p>Text</p>")
    assert (found.body, found.content_type) == (b"<p>Text</p>", "text/html")
    assert found.evidence.at == "2015-04-14T10:32:17+00:00"


@pytest.mark.parametrize(
    ("head", "status", "at"),
    [
        ("HTTP/1.1 404 Not Found\r\nDate: Tue, 14 Apr 2015 10:32:17 GMT\r\n\r\n", 404, ISO),
        ("HTTP/2 200 \r\ndate: Tue, 14 Apr 2015 10:32:17 GMT\r\n\r\n", 200, ISO),
        (
            "HTTP/1.1 301 Moved\r\nLocation: /b\r\n\r\nHTTP/1.1 200 OK\r\nServer: x\r\n\r\n",
            200,
            None,
        ),
        (
            "HTTP/1.1 200 OK\nMemento-Datetime: Tue, 14 Apr 2015 10:32:17 GMT\nDate: x\n\n",
            200,
            ISO,
        ),
        ("HTTP/1.1 200 OK\r\nDate: yesterday\r\n\r\n", 200, None),
    ],
)
def test_status_and_time_of_a_page_are_those_of_its_last_headers(
    head: str, status: int, at: str | None
) -> None:
    found = parse_saved_page(head.encode() + b"<p>Text</p>")
    assert (found.body, found.status, found.evidence.at) == (b"<p>Text</p>", status, at)


def test_the_comment_of_an_archive_counts_before_the_date_of_the_transfer() -> None:
    head = b"HTTP/1.1 200 OK\r\nDate: Sat, 28 Nov 2026 06:57:45 GMT\r\n\r\n<p>Text</p>"
    behind = b"<!--\n FILE ARCHIVED ON 10:32:17 Apr 14, 2015 AND RETRIEVED FROM THE\n-->"
    assert parse_saved_page(head + behind).evidence.at == ISO


def test_the_page_of_an_mhtml_file_is_the_part_of_its_address() -> None:
    found = parse_mhtml(mhtml(PAGE))
    assert found.body == PAGE
    assert found.content_type == "text/html; charset=utf-8"
    assert found.evidence == Evidence(HOMEPAGE, "2015-04-14T13:32:17+03:00", "MHTML headers")


@pytest.mark.parametrize(
    "written",
    [
        f"\r\n\t{HOMEPAGE}",
        f"{HOMEPAGE[:20]}\r\n {HOMEPAGE[20:]}",
        f"=?utf-8?Q?{HOMEPAGE[:20]}?=\r\n =?utf-8?Q?{HOMEPAGE[20:]}?=",
    ],
    ids=["on the next line", "on two lines", "encoded"],
)
def test_a_long_address_in_mhtml_is_unfolded(written: str) -> None:
    body = mhtml(PAGE).decode().replace(f"Location: {HOMEPAGE}", f"Location: {written}")
    found = parse_mhtml(body.encode())
    assert (found.body, found.evidence.url) == (PAGE, HOMEPAGE)


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
        # pywaybackup leaves out `www.`, encodes what Windows forbids, and adds an ending.
        (
            f"ilo.org/{AT}/moscow/index.htm%3fid%3d7.html",
            "http://ilo.org/moscow/index.htm?id=7",
            AT,
        ),
        (f"ilo.org/{AT}/%7euser/a b.htm", "http://ilo.org/~user/a%20b.htm", AT),
        # wget -E, -K, --restrict-file-names=windows, and the second download
        ("www.ilo.org/a/page.php?id=7&x=1.html", "http://www.ilo.org/a/page.php?id=7&x=1", None),
        ("www.ilo.org/a/page.php@id=7&x=1", "http://www.ilo.org/a/page.php?id=7&x=1", None),
        ("www.ilo.org/a/page.aspx.html", "http://www.ilo.org/a/page.aspx", None),
        ("www.ilo.org/a/index.htm.orig", "http://www.ilo.org/a/index.htm", None),
        ("www.ilo.org/a/index.htm.1", "http://www.ilo.org/a/index.htm", None),
        ("www.ilo.org/a/\udce9.htm", "http://www.ilo.org/a/%E9.htm", None),
        ("home/notes.md/page.html", None, None),
        ("home/old.backup/moscow.html", None, None),
        ("home/index.html/page.html", None, None),
        (f"{AT}/page.html", None, None),
    ],
)
def test_folders_of_downloaders_are_understood(path: str, url: str | None, at: str | None) -> None:
    found = evidence_of_path(Path("/home/me") / path)
    assert (found.url, found.at) == (url, at)


@pytest.mark.parametrize(
    ("folder", "siblings", "expected"),
    [
        ("News_files", {"News.html"}, True),
        ("News_files", {"News.htm", "other.txt"}, True),
        ("News-Dateien", {"News.htm"}, True),
        ("News_fichiers", {"News.html"}, True),
        ("News.files", {"News.mht"}, True),
        ("News_files", {"Other.html"}, False),
        ("News_2015", {"News.html"}, False),
        ("files", {"files.html"}, False),
    ],
)
def test_the_folder_of_a_saved_page_is_told_by_the_page_beside_it(
    folder: str, siblings: set[str], expected: bool
) -> None:
    assert is_companion(folder, siblings) is expected


def test_a_page_that_wget_rewrote_is_told_by_the_original_beside_it() -> None:
    siblings = {
        "index.html",
        "index.html.orig",
        "page.php?id=7.html",
        "page.php?id=7.orig",
        "a.html",
    }
    replaced = {name for name in siblings if is_replaced(name, siblings)}
    assert replaced == {"index.html", "page.php?id=7.html"}


def test_the_robots_txt_of_a_site_is_no_page() -> None:
    assert is_no_page(Path("/x/www.ilo.org/robots.txt"))
    assert not is_no_page(Path("/x/texts/robots.txt"))
    assert not is_no_page(Path("/x/www.ilo.org/moscow.txt"))


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("2018-05-17 moscow", "2018-05-17"),
        ("moscow_20180517_v2", "2018-05-17"),
        ("ILO Moscow (17.5.2018 10-32-17)", "2018-05-17"),  # SingleFile
        ("ILO Moscow (5_17_2018 10_32_17 AM)", "2018-05-17"),
        ("17/05/2018", "2018-05-17"),  # Excel, in a manifest
        ("homepage 17 May 2018", "2018-05-17"),
        ("homepage May 17, 2018", "2018-05-17"),
        ("moscow_2018_05", "2018-05"),
        ("moscow 2018-05 copy", "2018-05"),
        ("5-6-2018", None),  # May or June
        ("20181799", None),
        ("WCMS_356122", None),
        ("page7", None),
    ],
)
def test_dates_in_names_are_found_unless_two_readings_are_possible(
    name: str, date: str | None
) -> None:
    assert date_in_name(name) == date


# -- properties ----------------------------------------------------------------------------

PARTS = st.text(string.ascii_letters + string.digits + "-._~%", min_size=1, max_size=20)
ADDRESSES = st.lists(PARTS, max_size=5).map(lambda parts: "http://www.ilo.org/" + "/".join(parts))
MOMENTS = st.integers(820_454_400, 2_145_916_800).map(  # of 1996 to 2037
    lambda second: datetime.fromtimestamp(second, UTC)
)
BODIES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=300)


@given(ADDRESSES, MOMENTS, BODIES)
def test_what_single_file_writes_is_read_back(url: str, moment: datetime, text: str) -> None:
    date = f"{moment:%a %b %d %Y %H:%M:%S} GMT+0000 (Coordinated Universal Time)"
    page = f"<html><!--\n Page saved with SingleFile \n url: {url} \n saved date: {date}\n-->{text}"
    found = parse_saved_page(page.encode())
    assert found.body == page.encode()
    assert found.evidence.url == url
    assert parse_timestamp(found.evidence.at or "")[0] == moment


@given(ADDRESSES, BODIES)
def test_what_a_browser_writes_before_a_page_is_read_back(url: str, text: str) -> None:
    page = f"<!DOCTYPE html>\n<!-- saved from url=({len(url):04d}){url} -->\n<html>{text}"
    assert parse_saved_page(page.encode()).evidence.url == url


@given(ADDRESSES, MOMENTS, BODIES, st.sampled_from(["base64", "quoted-printable", "8bit"]))
def test_the_page_in_an_mhtml_file_is_read_back(
    url: str, moment: datetime, text: str, coding: str
) -> None:
    message = EmailMessage()
    message["Date"], message["Snapshot-Content-Location"] = format_datetime(moment), url
    message.set_content("a frame", subtype="html", headers=["Content-Location: cid:frame"])
    message.make_related()
    message.add_related(
        f"{text}\n", subtype="html", cte=coding, headers=[f"Content-Location: {url}"]
    )
    found = parse_mhtml(message.as_bytes())
    assert found.body.decode().splitlines() == f"{text}\n".splitlines()
    assert found.evidence.url == url
    assert parse_timestamp(found.evidence.at or "")[0] == moment


FRAGMENTS = st.sampled_from(
    [
        *("<!-- saved from url=(0042)", "http://", HOMEPAGE, PLAYED, " -->", "<!--", "\r\n", "\n"),
        *(
            "Page saved with SingleFile\n url: ",
            "saved date: ",
            "Tue Apr 14 2015 13:32:17 GMT+0300",
        ),
        *("Mirrored from ", " by HTTrack", "HTTP/1.1 200 OK\r\n", "Date: ", "Content-Type: "),
        *("multipart/related; boundary=x", "--x", "text/html", "Content-Transfer-Encoding: base64"),
        *("Content-Location: ", "FILE ARCHIVED ON ", "data-scrapbook-source=", "\0", "99999999999"),
    ]
)
MIXTURES = st.lists(st.one_of(FRAGMENTS.map(str.encode), st.binary(max_size=20)), max_size=25).map(
    b"".join
)


@given(MIXTURES)
def test_no_bytes_stop_the_parsers_and_an_address_is_an_address(body: bytes) -> None:
    found = [parse_saved_page(body)]
    with suppress(NoPage):
        found.append(parse_mhtml(body))
    for each in found:
        assert each.evidence.url is None or each.evidence.url.startswith(("http://", "https://"))


@given(st.lists(st.text(max_size=20), min_size=1, max_size=6))
def test_no_path_stops_the_parser(parts: list[str]) -> None:
    evidence = evidence_of_path(Path("/", *(each.replace("\0", "") for each in parts), "x.html"))
    assert evidence.url is None or evidence.url.startswith(("http://", "https://"))
