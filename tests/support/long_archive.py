"""A long history of one office: as many captures as wanted, the same for the same number."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Capture, Position
from ilo_archive.offices import PageSeries, registry
from ilo_archive.reader.charset import Charset
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.page import Page, Section
from ilo_archive.reader.snapshot import Quality, Snapshot
from ilo_archive.text.credits import parse_credit

PLACE = PageSeries("moscow", "en", "moscow/en")
URL = "http://www.ilo.org/moscow/lang--en/index.htm"
BEGIN, YEARS = datetime(2003, 3, 1, tzinfo=UTC), 20
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TEMPLATES = ("old", "plain", "wcms", "cards")
COUNTRIES = (
    "Armenia",
    "Azerbaijan",
    "Belarus",
    "Georgia",
    "Kazakhstan",
    "Kyrgyzstan",
    "Uzbekistan",
)
PEOPLE = ("M. Crozet", "Olga Sedova", "Timur Alimov", "Aigerim Bekova", "L. Hasanli")
BAD: tuple[tuple[Quality, str], ...] = (
    ("error", "archived HTTP 503 Service Unavailable"),
    ("denied", "access denied"),
    ("redirect", "redirects to https://www.ilo.org/"),
)
_VOCABULARY = (
    "labour inspectors employers ministers unions training seminar safety health young women"
    " employment policy dialogue rights standards pension reform migration skills survey report"
    " conference centenary project region partners launch course guide decent work future"
)
WORDS = _VOCABULARY.split()


class LongHistory:
    """The captures of a homepage over twenty years. Lists of news, of the five newest entries,
    and of two in focus; some words are edited, some entries come back, some captures are bad.
    """

    def __init__(self, captures: int, seed: int = 7) -> None:
        """`captures` is their number, bad ones included."""
        self._dice = random.Random(seed)
        self._captures = captures
        self._number = 300_000
        self._news: deque[Entry] = deque(maxlen=5)
        self._focus: deque[Entry] = deque(maxlen=2)

    def snapshots(self) -> Iterator[Snapshot]:
        """Captures by time."""
        step = timedelta(days=365.25 * YEARS) / self._captures
        for number in range(self._captures):
            moment = (BEGIN + step * (number + self._dice.random())).replace(microsecond=0)
            self._renew(moment)
            yield self._snapshot(number, moment)

    def _renew(self, moment: datetime) -> None:
        for back in sorted((self._dice.randint(0, 20) for _ in range(self._new())), reverse=True):
            self._news.appendleft(self._entry(moment - timedelta(days=back)))
        if not self._focus or self._dice.random() < 0.1:
            self._focus.appendleft(self._entry(moment - timedelta(days=30)))
        if self._dice.random() < 0.12:
            edited = self._news[1] if len(self._news) > 1 else self._news[0]
            at = self._news.index(edited)
            self._news[at] = replace(edited, title=f"{edited.title} in {self._word().title()}")
        if self._dice.random() < 0.05:
            self._news.reverse()

    def _new(self) -> int:
        return self._dice.choice((1, 2, 3)) if self._news else 5

    def _entry(self, moment: datetime) -> Entry:
        self._number += self._dice.randint(1, 40)
        day = moment.date()
        credit = f"© {self._dice.choice(PEOPLE)} / ILO {day.year}"
        return Entry(
            position=1,
            title=self._text(6, 11),
            dateline=f"{day:%d %B %Y}",
            date=day,
            summary=f"{self._text(18, 30)}.",
            link=f"http://www.ilo.org/moscow/news/WCMS_{self._number}/lang--en/index.htm",
            credit=parse_credit(credit) if self._dice.random() < 0.4 else None,
        )

    def _text(self, least: int, most: int) -> str:
        number = self._dice.randint(least, most)
        return " ".join(self._word() for _ in range(number)).capitalize()

    def _word(self) -> str:
        return self._dice.choice(WORDS)

    def _snapshot(self, number: int, moment: datetime) -> Snapshot:
        capture = Capture(
            PLACE, URL, moment, "web.archive.org",
            f"https://web.archive.org/web/{moment:%Y%m%d%H%M%S}/{URL}",
        )  # fmt: skip
        position = Position("captures-00001.warc.gz", number, 1)
        if self._dice.random() < 0.06:
            quality, reason = self._dice.choice(BAD)
            return Snapshot(capture, "", position, "unreadable", quality, None, reason)
        return Snapshot(capture, "", position, "read", "good", self._page(number))

    def _page(self, number: int) -> Page:
        era = number * len(TEMPLATES) // self._captures
        served = ", ".join(COUNTRIES[: len(COUNTRIES) - 3 + era])
        description = f"At work in Moscow since 1959. The office serves {served}."
        sections = (
            Section("News", _placed(self._news)),
            Section("In focus", _placed(self._focus)),
        )
        charset = Charset("utf-8", "meta")
        return Page("ILO Moscow", description, "en", TEMPLATES[era], sections, (), charset)


def _placed(entries: deque[Entry]) -> tuple[Entry, ...]:
    return tuple(replace(each, position=place) for place, each in enumerate(entries, 1))


def make_long_archive(home: Path, captures: int) -> Path:
    """Record a long history; the path of the archive."""
    writer = ArchiveWriter(home, registry())
    run = writer.start_run("ingest", NOW)
    for snapshot in LongHistory(captures).snapshots():
        writer.record(snapshot, run)
    writer.end_run(run, "finished", NOW)
    writer.close()
    return home / "archive.sqlite"
