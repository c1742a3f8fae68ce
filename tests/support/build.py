"""Small builders: captures, pages and snapshots for tests of the archive."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Capture, Position
from ilo_archive.offices import PageSeries, registry
from ilo_archive.reader.charset import Charset
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.page import Page, Section
from ilo_archive.reader.snapshot import Snapshot
from ilo_archive.text.credits import parse_credit
from ilo_archive.times import Precision, parse_timestamp

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def an_entry(
    title: str | None = "Seminar opens",
    day: str | None = "2015-04-14",
    *,
    position: int = 1,
    summary: str | None = None,
    link: str | None = None,
    credit: str | None = None,
) -> Entry:
    return Entry(
        position=position,
        title=title,
        dateline=day,
        date=date.fromisoformat(day) if day else None,
        summary=summary,
        link=link,
        credit=parse_credit(credit) if credit else None,
    )


def item(number: int, language: str = "en") -> str:
    return f"http://www.ilo.org/moscow/news/WCMS_{number}/lang--{language}/index.htm"


def a_page(*entries: Entry, language: str = "en", office: str = "ILO Moscow") -> Page:
    """A page of one list; entries without a position of their own are numbered."""
    if all(each.position == 1 for each in entries):
        entries = tuple(replace(each, position=at) for at, each in enumerate(entries, start=1))
    sections = (Section("News", entries),)
    return Page(office, "It works.", language, "wcms", sections, (), Charset("utf-8", "meta"))


def a_snapshot(
    when: str, page: Page | None, *, office: str = "moscow", language: str = "en", offset: int = 0
) -> Snapshot:
    """`when` is 14 digits or fewer; a snapshot without a page is a failed capture."""
    moment, _ = parse_timestamp(when)
    url = f"http://www.ilo.org/{office}/lang--{language}/index.htm"
    capture = Capture(PageSeries(office, language, f"{office}/{language}"), url, moment, "test")
    position = Position("captures-00001.warc.gz", offset, 1)
    if page is None:
        return Snapshot(capture, "", position, "unreadable", "error", None, "archived HTTP 503")
    return Snapshot(capture, "", position, "read", "good", page)


def an_archive(home: Path, *snapshots: Snapshot) -> Path:
    """Record the snapshots in this order; the path of the file."""
    path = home / "archive.sqlite"
    if not path.exists():
        an_empty_archive(home)
    writer = ArchiveWriter(home, registry())
    run = writer.start_run("test", NOW)
    for snapshot in snapshots:
        writer.record(snapshot, run)
    writer.end_run(run, "finished", NOW)
    writer.close()
    return path


def an_empty_archive(home: Path) -> Path:
    """What a writer makes where there is no archive: copied, for the migrations take long."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "archive.sqlite"
    path.write_bytes(_bytes_of_an_empty_archive())
    return path


@cache
def _bytes_of_an_empty_archive() -> bytes:
    with TemporaryDirectory() as name:
        ArchiveWriter(Path(name), registry()).close()
        return (Path(name) / "archive.sqlite").read_bytes()


def utc(text: str) -> datetime:
    """`2015-04-14T10:32:17Z` as a moment."""
    return datetime.fromisoformat(text)


def ymd(text: str) -> date:
    """`2015-04-14` as a day."""
    return date.fromisoformat(text)


def news(number: int, title: str = "", day: str | None = "2015-01-01", **parts: Any) -> Entry:
    """An entry with an item number, which is its title too."""
    return an_entry(title or f"Item {number}", day, link=item(number), **parts)


def known_to(when: str, *entries: Entry, office: str = "moscow") -> Snapshot:
    """A good capture whose time is known as precisely as `when` says."""
    snapshot = a_snapshot(when, a_page(*entries), office=office)
    precision: Precision = parse_timestamp(when)[1]
    capture = replace(snapshot.capture, precision=precision, digest=f"DIGEST{when}")
    return replace(snapshot, capture=capture)


def capture_of(url: str, when: str, page: Page) -> Snapshot:
    """A good capture of any address, at its place in the registry."""
    snapshot = a_snapshot(when, page)
    capture = replace(snapshot.capture, url=url, place=registry().locate(url))
    return replace(snapshot, capture=capture)


def listing(*numbers: int) -> Page:
    """Items, the higher the number the newer."""
    return a_page(*(news(n, day=f"2015-01-{n:02}") for n in numbers))
