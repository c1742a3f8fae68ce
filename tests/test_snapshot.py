"""Snapshots: what a capture is worth as evidence."""

from pathlib import Path

import pytest

from ilo_archive.capture import Capture, Kept, Position
from ilo_archive.http import HttpMessage
from ilo_archive.offices import PageSeries
from ilo_archive.reader.snapshot import Snapshot, take_snapshot
from ilo_archive.times import parse_timestamp

FIXTURES = Path(__file__).parent / "fixtures"
HOMEPAGE = "http://www.ilo.org/moscow/lang--en/index.htm"


def snapshot_of(body: bytes, status: int = 200, url: str = HOMEPAGE, **headers: str) -> Snapshot:
    capture = Capture(
        PageSeries("moscow", "en", "moscow/en"), url, parse_timestamp("2015")[0], "test"
    )
    named = {"Content-Type": "text/html", **headers}
    message = HttpMessage(status, "Said", tuple(named.items()), body)
    return take_snapshot(Kept(capture, message, Position("file", 0, 1)))


@pytest.mark.parametrize(
    "page", sorted((FIXTURES / "refused").iterdir()), ids=lambda page: page.name
)
def test_a_page_that_is_none_is_named_and_not_read(page: Path) -> None:
    taken = snapshot_of(page.read_bytes())
    assert taken.state == "unreadable"
    assert taken.page is None
    if not page.name.startswith("elsewhere"):  # these were asked for under other addresses
        assert taken.quality == page.name.partition("-")[0]
    assert taken.reason


@pytest.mark.parametrize("folder", ["moscow", "wcms", "cards", "plain", "old"])
def test_no_page_with_entries_is_refused(folder: str) -> None:
    for page in (FIXTURES / folder).glob("*.json"):
        assert snapshot_of(page.with_suffix(".html").read_bytes()).quality == "good", page.name


def test_a_date_more_than_a_year_ahead_is_kept_and_doubted() -> None:
    page = b"<ol><li><h5>A</h5><p>1 May 2019</p></li><li><h5>B</h5><p>1 May 2015</p></li></ol>"
    taken = snapshot_of(page).page
    assert taken
    assert [str(entry.date) for _, entry in taken.entries] == ["2019-05-01", "2015-05-01"]
    assert taken.warnings == ("dated more than a year after the capture: 1 May 2019",)


@pytest.mark.parametrize(
    ("status", "headers", "quality", "reason"),
    [
        (503, {}, "error", "archived HTTP 503 Said"),
        (404, {}, "error", "archived HTTP 404 Said"),
        (302, {"Location": "/new"}, "redirect", "archived redirect to /new"),
        (200, {}, "empty", "no entries found"),
    ],
)
def test_what_is_no_page_has_its_reason(
    status: int, headers: dict[str, str], quality: str, reason: str
) -> None:
    taken = snapshot_of(
        b"<h1>ILO Moscow</h1><p>The office works in ten countries of the region"
        b" and answers letters on weekdays, as it has since 1959.</p>",
        status,
        **headers,
    )
    assert (taken.quality, taken.reason) == (quality, reason)


def test_a_page_that_only_sends_its_reader_on_is_a_redirect() -> None:
    taken = snapshot_of(
        b'<html><meta http-equiv="refresh" content="0; url=/new/"><p>Go on</p></html>'
    )
    assert (taken.state, taken.quality) == ("unreadable", "redirect")
    assert taken.reason == "a page that only sends its reader on, to /new/"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.4\n1 0 obj", "a PDF file"),
        (b"\x89PNG\r\n\x1a\n\0\0", "an image (PNG)"),
        (b"GIF89a\1\0", "an image (GIF)"),
        (b"PK\x03\x04\x14\0", "a ZIP archive or an office document"),
        (b'{"entries": [1, 2]}', "JSON"),
        (b'[{"title": "x"}]', "JSON"),
        (b'<?xml version="1.0"?>\n<rss version="2.0">', "a feed or sitemap (<rss>)"),
        (
            b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">',
            "a feed or sitemap (<feed>)",
        ),
    ],
)
def test_a_file_that_is_no_page_is_named_by_its_kind(body: bytes, kind: str) -> None:
    taken = snapshot_of(body)
    assert (taken.state, taken.reason) == ("unreadable", f"not a page: {kind}")
