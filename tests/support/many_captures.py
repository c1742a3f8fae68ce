"""A WARC file of more captures than one process is handed at a time, with what makes them differ.

Homepages of three offices over the months, with news that move on, wordings that are edited, bodies
that come again, an answer that is an error and records about other things.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

OFFICES = ("moscow", "ankara", "rome")
MONTHS = 40
CAPTURES = len(OFFICES) * MONTHS
BEGIN = datetime(2010, 1, 5, 8, 0, tzinfo=UTC)
_SUBJECTS = ("Seminar on safety", "Training of inspectors", "Report on wages", "Youth forum")


def _entry(office: str, number: int, *, is_edited: bool) -> str:
    title = f"{_SUBJECTS[number % 4]} in {office.title()}, part {number}"
    title += " and its results" * is_edited
    day = BEGIN + timedelta(days=30 * number)
    credit = f'<p class="credit">&copy; R. Aho / ILO {day.year}</p>' * (number % 3 == 0)
    link = f"/{office}/news/WCMS_{100_000 + 1000 * OFFICES.index(office) + number}/index.htm"
    return (
        f'<li class="item">{credit}<h5 class="item-title"><a href="{link}">{title}</a></h5>'
        f'<p class="date">{day.day} {day:%B} {day.year}</p>'
        f"<p>Partners of {office.title()} met for the {number}th time.</p></li>"
    )


def page(office: str, month: int) -> bytes:
    """The homepage of an office in a month; every fifth is that of the month before."""
    shown = month - 1 if month % 5 == 4 else month
    items = [_entry(office, each, is_edited=shown % 7 == 0) for each in range(shown, shown + 4)]
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>ILO {office}</title></head><body>'
        f"<h1>ILO Office {office.title()}</h1><p>The office works for all of the region.</p>"
        f'<div class="news"><h2>News</h2><ol class="items-list">{"".join(items)}</ol></div>'
        "</body></html>"
    ).encode()


def records() -> Iterator[bytes]:
    """Yield the records, each a gzip member."""
    for month in range(MONTHS):
        for office in OFFICES:
            yield _record(office, month)
        if month % 9 == 0:
            yield _member("http://www.ilo.org/logo.png", month, b"\x89PNG", "image/png", "200 OK")


def _record(office: str, month: int) -> bytes:
    url = f"http://www.ilo.org/{office}/lang--en/index.htm"
    is_failure = month % 17 == 16
    status = "503 Service Unavailable" if is_failure else "200 OK"
    return _member(url, month, page(office, month), "text/html; charset=utf-8", status)


def _member(url: str, month: int, body: bytes, content_type: str, status: str) -> bytes:
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")
    date = (BEGIN + timedelta(days=30 * month)).strftime("%Y-%m-%dT%H:%M:%SZ")
    http_headers = StatusAndHeaders(status, [("Content-Type", content_type)], protocol="HTTP/1.1")
    record = writer.create_warc_record(
        url, "response", payload=io.BytesIO(body), http_headers=http_headers,
        warc_headers_dict={"WARC-Date": date},
    )  # fmt: skip
    writer.write_record(record)
    return buffer.getvalue()


def write_many(path: Path) -> Path:
    """Write the file."""
    path.write_bytes(b"".join(records()))
    return path
