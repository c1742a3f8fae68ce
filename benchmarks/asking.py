"""Measure questions to a large archive: `python benchmarks/asking.py [CAPTURES] [--home HOME]`.

The archive is that of `growth.py`, 50 entries a capture, recorded in batches: 20,000 captures make
a million sightings of 200,000 entries. CPU time in one process of the first 20 rows of each
question, median and 95th percentile.
"""

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path
from statistics import median, quantiles

from growth import NOW, World

from ilo_archive import Archive
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.offices import registry

BATCH = 100  # captures
FIRST = 20  # rows
OFFICE = "office-7"

Question = Callable[[Archive, int], object]
"""Asks for the nth time."""


def record(home: Path, captures: int) -> None:
    """Record an archive in batches."""
    writer = ArchiveWriter(home, registry())
    run = writer.start_run("benchmark", NOW)
    snapshots = World(captures, 1).snapshots()
    while batch := [*islice(snapshots, BATCH)]:
        writer.record_many(batch, run)
    writer.end_run(run, "finished", NOW)
    writer.close()


def questions(path: Path) -> dict[str, Question]:
    """The questions by name, with ids and words of the archive."""
    with closing(sqlite3.connect(path)) as database:
        ids = [row[0] for row in database.execute(_SOME_IDS)]
        titles = [row[0] for row in database.execute(_SOME_TITLES)]
    words = [title.split()[0] for title in titles]
    phrases = ['"{}"'.format(" ".join(title.split()[:2])) for title in titles]
    year = lambda n: str(2012 + n % 10)  # noqa: E731
    return {
        "entries": lambda a, _: a.entries(limit=FIRST),
        "entries of an office": lambda a, _: a.entries(OFFICE, limit=FIRST),
        "entries --as-of, one office": lambda a, n: a.entries(OFFICE, as_of=year(n), limit=FIRST),
        "entries --edited": lambda a, _: a.edits(limit=FIRST),
        "entries --gone": lambda a, _: a.gone(limit=FIRST),
        "entries --gone, one office": lambda a, _: a.gone(OFFICE, limit=FIRST),
        "search, a word": lambda a, n: a.search(words[n], limit=FIRST),
        "search, a phrase": lambda a, n: a.search(phrases[n], limit=FIRST),
        "search, two letters": lambda a, n: a.search(words[n][:2] + "*", limit=FIRST),
        "search --removed": lambda a, n: a.word_changes(words[n], "removed", limit=FIRST),
        "counts --by month": lambda a, _: a.counts("month"),
        "counts --by section": lambda a, _: a.counts("section"),
        "credits": lambda a, _: a.credits(),
        "credits of an office": lambda a, _: a.credits(office=OFFICE),
        "captures": lambda a, _: a.captures(limit=FIRST),
        "profile": lambda a, _: a.profile(OFFICE),
        "coverage": lambda a, _: a.coverage(OFFICE),
        "offices": lambda a, _: a.offices(),
        "status": lambda a, _: a.status(),
        "show": lambda a, n: a.story(ids[n]),
        "cite": lambda a, n: a.cited(ids[n]),
    }


_SOME_IDS = "SELECT entry_id FROM reading ORDER BY id * 7919 % 100003 LIMIT 20"
_SOME_TITLES = "SELECT title FROM wording ORDER BY id * 7919 % 100003 LIMIT 20"


def timed(archive: Archive, ask: Question, rounds: int) -> list[float]:
    """Milliseconds of CPU of each of some rounds."""
    found = []
    for number in range(rounds):
        begin = time.process_time()
        ask(archive, number)
        found.append(1e3 * (time.process_time() - begin))
    return found


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("captures", type=int, nargs="?", default=20_000)
    parser.add_argument("--home", type=Path, help="an archive that was recorded before")
    parser.add_argument("--rounds", type=int, default=8, help="times each question is asked")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = asked.home or Path(folder)
        if asked.home is None:
            record(home, asked.captures)
        path = home / "archive.sqlite"
        print("| question | median ms | p95 ms |\n| --- | --- | --- |")
        with Archive(path) as archive:
            for name, ask in questions(path).items():
                took = timed(archive, ask, asked.rounds)
                p95 = quantiles(took, n=20)[-1]
                print(f"| {name} | {median(took):.1f} | {p95:.1f} |", flush=True)


if __name__ == "__main__":
    main()
