"""Measure a growing archive: `python benchmarks/growth.py [CAPTURES]`.

It records invented snapshots of 80 pages with the program's own writer, one transaction a capture:
50 entries a page, 10 of them new since the page's last capture, some edited, some on several
offices' pages. The default of 20,000 captures makes a million sightings of 200,000 entries. The
results are the CPU time of a capture as the archive grows, its size, the cost of inserting the same
rows without anything else, and the time of questions at the end.
"""

import argparse
import gc
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

from ilo_archive import Archive
from ilo_archive.archive.database import migrate, open_engine
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Capture, Position
from ilo_archive.offices import PageSeries, registry
from ilo_archive.queries.comparison import compare_captures
from ilo_archive.reader.charset import Charset
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.page import Page, Section
from ilo_archive.reader.snapshot import Snapshot
from ilo_archive.text.credits import Credit

OFFICES, LANGUAGES = 40, ("en", "fr")
SHOWN, NEW = 50, 10  # entries on a page; those that its last capture did not show
EDITED = 0.05  # share of the entries that change their wording at some capture
SHARED = 0.02  # share of the entries that another office's page shows too
BEGIN, YEARS = datetime(2010, 1, 1, tzinfo=UTC), 14
NOW = datetime(2026, 1, 1, tzinfo=UTC)
BINS = 20


# -- pages ---------------------------------------------------------------------------------


class Words:
    """Texts of 20,000 invented words, a few of them frequent and most of them rare."""

    def __init__(self, dice: random.Random) -> None:
        syllables = [a + b for a in "bcdfglmnprst" for b in ("a", "e", "i", "o", "ou", "an", "er")]
        self._dice = dice
        self._words = ["".join(dice.choices(syllables, k=dice.randint(2, 4))) for _ in range(20000)]
        self._weights = list(_running_sum(1 / (rank + 5) for rank in range(20000)))

    def text(self, least: int, most: int) -> str:
        """A sentence of `least` to `most` words."""
        number = self._dice.randint(least, most)
        words = self._dice.choices(self._words, cum_weights=self._weights, k=number)
        return " ".join(words).capitalize()


def _running_sum(weights: Iterator[float]) -> Iterator[float]:
    total = 0.0
    for weight in weights:
        total += weight
        yield total


@dataclass(slots=True)
class Series:
    """A page over time, with what it shows at present."""

    place: PageSeries
    url: str
    shown: deque[Entry] = field(default_factory=lambda: deque(maxlen=SHOWN))


class World:
    """What 80 pages show, capture by capture; the same for the same seed."""

    def __init__(self, captures: int, seed: int) -> None:
        self._dice = random.Random(seed)
        self._words = Words(self._dice)
        self._captures = captures
        self._number = 100_000
        self._offset = 0
        self._people = [self._words.text(2, 2).title() for _ in range(800)]
        self._series = [
            Series(
                PageSeries(f"office-{number}", language, f"office-{number}/{language}"),
                f"http://www.ilo.org/office-{number}/lang--{language}/index.htm",
            )
            for number in range(OFFICES)
            for language in LANGUAGES
        ]

    def snapshots(self) -> Iterator[Snapshot]:
        """Yield captures by time, each page in turn."""
        step = timedelta(days=365.25 * YEARS) / self._captures
        for number in range(self._captures):
            series = self._series[number % len(self._series)]
            moment = BEGIN + step * number
            self._renew(series, moment.date())
            yield self._snapshot(series, moment.replace(microsecond=0))

    def _renew(self, series: Series, today: date) -> None:
        for _ in range(NEW if series.shown else SHOWN):
            entry = self._entry(series, today)
            series.shown.appendleft(entry)
            if self._dice.random() < SHARED:
                other = self._dice.choice(self._series)
                if other is not series and other.place.language == series.place.language:
                    other.shown.appendleft(entry)
        for number, entry in enumerate(series.shown):
            if self._dice.random() < EDITED * NEW / SHOWN:
                series.shown[number] = replace(entry, summary=self._words.text(15, 45))

    def _entry(self, series: Series, today: date) -> Entry:
        dice = self._dice
        self._number += 1
        day = today - timedelta(days=dice.randint(0, 25))
        link = f"news/WCMS_{self._number}/lang--{series.place.language}/index.htm"
        if dice.random() < 0.1:
            link = f"projects/{self._number}.htm"
        base = series.url.partition("lang--")[0]
        return Entry(
            position=1,
            kicker=self._words.text(1, 2) if dice.random() < 0.3 else None,
            title=self._words.text(5, 14),
            dateline=f"{day:%d %B %Y}",
            date=day,
            summary=self._words.text(15, 45),
            link=None if dice.random() < 0.05 else base + link,
            credit=self._credit(day.year) if dice.random() < 0.4 else None,
        )

    def _credit(self, year: int) -> Credit:
        person = self._dice.choice(self._people)
        return Credit(f"© {person}/ILO {year}", person, "ILO", year)

    def _snapshot(self, series: Series, moment: datetime) -> Snapshot:
        entries = tuple(replace(each, position=n) for n, each in enumerate(series.shown, 1))
        language = series.place.language
        page = Page(
            f"ILO {series.place.office}", "It works for decent work.", language, "wcms",
            (Section("News", entries),), (), Charset("utf-8", "meta"),
        )  # fmt: skip
        digest = f"{self._offset:032d}"
        capture = Capture(series.place, series.url, moment, "made up", status=200, digest=digest)
        position = Position("captures-00001.warc.gz", self._offset, 9000)
        self._offset += 9000
        return Snapshot(capture, digest, position, "read", "good", page)


# -- recording -----------------------------------------------------------------------------


def record_all(home: Path, captures: int, seed: int) -> list[float]:
    """CPU seconds of each capture, recorded one by one as in a crawl."""
    writer = ArchiveWriter(home, registry())
    run = writer.start_run("benchmark", NOW)
    costs = []
    for snapshot in World(captures, seed).snapshots():
        begin = time.process_time()
        writer.record(snapshot, run)
        costs.append(time.process_time() - begin)
        if len(costs) % (captures // BINS) == 0:
            print(
                f"  {len(costs):6} {1e3 * median(costs[-captures // BINS :]):6.2f} ms", flush=True
            )
    writer.end_run(run, "finished", NOW)
    writer.close()
    return costs


def insert_all(home: Path, source: Path, captures: int) -> float:
    """CPU seconds a capture for inserting the same rows without any logic.

    Tables, indexes and full-text index are the same, with one transaction a capture.
    """
    path = home / "archive.sqlite"
    engine = open_engine(path)
    migrate(engine)
    engine.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("ATTACH ? AS source", (str(source),))
        database.execute("CREATE TEMP TABLE since AS" + _SINCE)
        database.execute("CREATE INDEX temp.since_capture ON since (capture_id, kind)")
        cost = 0.0
        for number in range(1, captures + 1):
            rows = {into: _rows(database, sql, number) for into, sql in _INSERTS.items()}
            begin = time.process_time()
            database.execute("BEGIN IMMEDIATE")
            for into, found in rows.items():
                if found:
                    database.executemany(_insert(into, len(found[0])), found)
            database.execute("COMMIT")
            cost += time.process_time() - begin
    return cost / captures


def _rows(database: sqlite3.Connection, sql: str, number: int) -> list[tuple[object, ...]]:
    return database.execute(sql, {"capture": number}).fetchall()


def _insert(into: str, width: int) -> str:
    return f"INSERT INTO main.{into} VALUES ({', '.join('?' * width)})"


# The first capture for which a row was needed.
_SINCE = """
SELECT 'reading' AS kind, reading_id AS id, min(capture_id) AS capture_id
FROM source.sighting GROUP BY reading_id
UNION ALL
SELECT 'wording', wording_id, min(capture_id)
FROM source.sighting JOIN source.reading ON reading.id = reading_id GROUP BY wording_id
UNION ALL
SELECT 'entry', entry.rowid, min(capture_id)
FROM source.entry JOIN source.reading ON reading.entry_id = entry.id
JOIN source.sighting ON reading_id = reading.id GROUP BY entry.id
"""
_OF = "WHERE rowid IN (SELECT id FROM since WHERE capture_id = :capture AND kind = '{}')"
_INSERTS = {
    "capture": "SELECT * FROM source.capture WHERE id = :capture",
    "snapshot": "SELECT * FROM source.snapshot WHERE capture_id = :capture",
    "wording": "SELECT * FROM source.wording " + _OF.format("wording"),
    "wording_fts (rowid, kicker, title, summary)": (
        "SELECT id, kicker, title, summary FROM source.wording " + _OF.format("wording")
    ),
    "reading": "SELECT * FROM source.reading " + _OF.format("reading"),
    "sighting": "SELECT * FROM source.sighting WHERE capture_id = :capture",
    "entry": "SELECT * FROM source.entry " + _OF.format("entry"),
}


# -- asking --------------------------------------------------------------------------------


def time_questions(path: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds that questions take inside one process, `rounds` times each."""
    dice = random.Random(7)
    with closing(sqlite3.connect(path)) as database:
        ids = [row[0] for row in database.execute(_SOME, {"number": rounds})]
        texts = [row[0] for row in database.execute(_SOME_TEXTS, {"number": rounds})]
    words = [dice.choice(each.split()) for each in texts]
    phrases = ['"{}"'.format(" ".join(each.split()[2:4])) for each in texts]
    frequent = _frequent(texts)
    offices = [f"office-{dice.randrange(OFFICES)}" for _ in range(rounds)]
    questions: dict[str, Callable[[Archive, int], object]] = {
        "entries --limit 20": lambda a, _: a.entries(limit=20),
        "entries --office --limit 20": lambda a, n: a.entries(offices[n], limit=20),
        "entries --as-of": lambda a, n: a.entries(offices[n], as_of=str(2012 + n % 10)),
        "search, a word": lambda a, n: a.search(words[n], limit=20),
        "search, a phrase": lambda a, n: a.search(phrases[n], limit=20),
        "search, a beginning": lambda a, n: a.search(words[n][:4] + "*", limit=20),
        "search, a frequent word": lambda a, n: a.search(frequent[n % len(frequent)], limit=20),
        "show": lambda a, n: a.story(ids[n]),
        "diff 2012 2020": lambda a, n: _compared(a, offices[n]),
        "status": lambda a, _: a.status(),
    }
    with Archive(path) as archive:
        return {
            name: [_timed(lambda n=n, ask=ask: ask(archive, n)) for n in range(rounds)]
            for name, ask in questions.items()
        }


_SOME = "SELECT entry_id FROM reading ORDER BY id * 7919 % 100003 LIMIT :number"
_SOME_TEXTS = "SELECT title FROM wording ORDER BY id * 7919 % 100003 LIMIT :number"


def _frequent(texts: Sequence[str]) -> list[str]:
    words = [word.lower() for each in texts for word in each.split()]
    return sorted(set(words), key=words.count)[-5:]


def _compared(archive: Archive, office: str) -> object:
    return compare_captures(archive, office, "2012", "2020", "en")


def _timed(ask: Callable[[], object]) -> float:
    begin = time.perf_counter()
    ask()
    return time.perf_counter() - begin


def time_commands(home: Path) -> dict[str, float]:
    """CPU seconds of whole commands with the start of the interpreter; the best of three."""
    commands = ("entries --limit 20", "status", "search decent --limit 20", "offices")
    return {each: min(_ran(home, each) for _ in range(3)) for each in commands}


def _ran(home: Path, command: str) -> float:
    arguments = [sys.executable, "-m", "ilo_archive", "--home", str(home), *command.split()]
    begin = _children()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _children() - begin


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system


# -- output --------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("captures", type=int, nargs="?", default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path, help="keep the archive in this new folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, floor = options.home or Path(folder, "home"), Path(folder, "floor")
        floor.mkdir()
        print("captures, CPU of one:")
        costs = record_all(home, options.captures, options.seed)
        path = home / "archive.sqlite"
        _print_growth(costs, path)
        bare = insert_all(floor, path, options.captures)
        mean = sum(costs) / len(costs)
        print(f"bare inserts {1e3 * bare:.2f} ms a capture, recording {mean / bare:.2f} x that")
        _print_questions(home)


def _print_growth(costs: Sequence[float], path: Path) -> None:
    tenth = len(costs) // 10
    pages = OFFICES * len(LANGUAGES)  # the first capture of each page has only new entries
    start, end = median(costs[pages : pages + tenth]), median(costs[-tenth:])
    print(f"start {1e3 * start:.2f} ms, end {1e3 * end:.2f} ms: {end / start:.2f} x")
    with closing(sqlite3.connect(path)) as database:
        for table in ("capture", "sighting", "wording", "reading", "entry"):
            number = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            print(f"{table:>10} {number:10,}")
    print(f"{path.stat().st_size / 1e6:,.0f} MB")


def _print_questions(home: Path) -> None:
    print(f"{'question':28} {'median':>8} {'p95':>8} ms")
    for name, seconds in time_questions(home / "archive.sqlite", 100).items():
        p95 = quantiles(seconds, n=20)[-1]
        print(f"{name:28} {1e3 * median(seconds):8.1f} {1e3 * p95:8.1f}")
    for name, cost in time_commands(home).items():
        print(f"ilo-archive {name:28} {cost:.2f} s CPU")


if __name__ == "__main__":
    gc.freeze()
    main()
