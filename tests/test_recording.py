"""Recording in batches: the archive is that of recording captures one by one, in any order."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ilo_archive.archive import crowds
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.offices import registry
from ilo_archive.reader.snapshot import Snapshot
from tests.support.build import NOW, a_page, a_snapshot, an_empty_archive, an_entry, item

# Every table whose rows follow from the captures; ids are compared by what they stand for.
CONTENTS = {
    "captures": "SELECT * FROM captures",
    "sightings": "SELECT * FROM sightings",
    "revisions": "SELECT * FROM revisions",
    "news": "SELECT * FROM news",
    "lifelines": "SELECT * FROM lifelines",
    "credits": "SELECT * FROM credits",
    "descriptions": "SELECT * FROM descriptions",
    "entry": "SELECT id, first_seen, last_seen, date, office, revisions FROM entry",
    "reading": """SELECT strong, weak, wording.digest, entry_id, rule, score, compared
                  FROM reading JOIN wording ON wording.id = reading.wording_id""",
    "wording": "SELECT digest, title, summary, printed_at FROM wording",
    "clue": """SELECT number, wording.digest FROM clue
               JOIN wording ON wording.id = clue.wording_id""",
    "likeness": """SELECT one.digest, other.digest, score FROM likeness
                   JOIN wording AS one ON one.id = wording_id
                   JOIN wording AS other ON other.id = other_id""",
    "crowd": """SELECT wording.digest, capture.key FROM crowd
                JOIN wording ON wording.id = wording_id JOIN capture ON capture.id = capture_id""",
    "holder": "SELECT * FROM holder",
    "words": "SELECT rowid IS NULL, title FROM wording_fts WHERE wording_fts MATCH 'school'",
}

TITLES = st.sampled_from(
    [
        "FNPR-ILO Arctic trade union school",
        "FNPR-ILO ARCTIC trade union school",
        "FNPR-ILO Arctic trade union schools",
        "Arctic school of trade unions",
        "Seminar opens",
        None,
    ]
)
SUMMARIES = st.sampled_from(
    [None, "Forty trade union members met in Murmansk.", "Forty trade union members meet there."]
)
DAYS = st.sampled_from([None, "2015-04-14", "2015-04-15", "2016-04-14"])
LINKS = st.sampled_from([None, None, item(1), item(2), "http://www.ilo.org/a"])
CREDITS = st.sampled_from([None, "© R. Aho", "© Rita Aho", "© Rosa Aho / ILO"])


@st.composite
def snapshots(draw: st.DrawFn) -> list[Snapshot]:
    entries = st.lists(st.tuples(TITLES, DAYS, SUMMARIES, LINKS, CREDITS), max_size=5)
    pages = draw(st.lists(entries, min_size=1, max_size=6))
    return [
        a_snapshot(
            f"2015{month:02}",
            a_page(
                *(
                    an_entry(title, day, summary=text, link=link, credit=credit, position=position)
                    for position, (title, day, text, link, credit) in enumerate(page, start=1)
                    if title or day
                )
            ),
            office=draw(st.sampled_from(["moscow", "ankara"])),
            offset=month,
        )
        for month, page in enumerate(pages, start=1)
    ]


def recorded(home: Path, batches: Iterable[Sequence[Snapshot]]) -> dict[str, list[Any]]:
    """The contents of an archive after these batches."""
    an_empty_archive(home)
    writer = ArchiveWriter(home, registry())
    run = writer.start_run("test", NOW)
    for batch in batches:
        writer.record_many(batch, run)
    writer.close()
    with closing(sqlite3.connect(home / "archive.sqlite")) as database:
        return {
            name: sorted(database.execute(sql).fetchall(), key=repr)
            for name, sql in CONTENTS.items()
        }


@pytest.mark.slow
@given(snapshots(), st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_batches_of_any_size_and_order_make_the_same_archive(
    tmp_path_factory: pytest.TempPathFactory, found: list[Snapshot], data: st.DataObject
) -> None:
    one_by_one = recorded(tmp_path_factory.mktemp("one"), [[each] for each in found])
    shuffled = data.draw(st.permutations([*found, *found[:1]]))
    cut = data.draw(st.integers(0, len(shuffled)))
    batches = [each for each in (shuffled[:cut], shuffled[cut:]) if each]
    assert recorded(tmp_path_factory.mktemp("batches"), batches) == one_by_one


@pytest.mark.slow
@given(snapshots(), st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_crowds_do_not_depend_on_the_order(
    tmp_path_factory: pytest.TempPathFactory, found: list[Snapshot], data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(crowds, "CROWD", 1)
        one_by_one = recorded(tmp_path_factory.mktemp("one"), [[each] for each in found])
        shuffled = data.draw(st.permutations([*found, *found[:2]]))
        assert recorded(tmp_path_factory.mktemp("batches"), [shuffled]) == one_by_one


def test_a_batch_is_recorded_whole_or_not_at_all(tmp_path: Path) -> None:
    writer = ArchiveWriter(tmp_path, registry())
    run = writer.start_run("test", NOW)
    good = a_snapshot("201501", a_page(an_entry()))
    broken = a_snapshot("201502", a_page(an_entry(link=object())))  # type: ignore[arg-type]
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the driver says of such a value
        writer.record_many([good, broken], run)
    writer.close()
    with closing(sqlite3.connect(tmp_path / "archive.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM capture").fetchone() == (0,)


def test_the_counts_of_a_batch_are_those_of_its_captures_in_order(tmp_path: Path) -> None:
    seminar, school = (
        an_entry("Seminar", link=item(1)),
        an_entry("School", link=item(2), position=2),
    )
    edited = an_entry("Seminar opened", link=item(1))
    batch = [
        a_snapshot("201501", a_page(seminar)),
        a_snapshot("201502", a_page(seminar, school)),
        a_snapshot("201503", a_page(edited)),
    ]
    writer = ArchiveWriter(tmp_path, registry())
    found = writer.record_many(batch, writer.start_run("test", NOW))
    writer.close()
    assert [(each.new, each.revised, each.again) for each in found] == [
        (1, 0, 0),
        (1, 0, 1),
        (0, 1, 0),
    ]


@pytest.mark.slow
def test_thousands_of_alike_entries_are_not_compared_with_each_other(tmp_path: Path) -> None:
    entries = [
        an_entry(
            f"Vacancy notice number {number} at the office", link=item(number), position=number
        )
        for number in range(1, 1001)
    ]
    writer = ArchiveWriter(tmp_path, registry())
    writer.record(a_snapshot("2015", a_page(*entries)), writer.start_run("test", NOW))
    writer.close()
    with closing(sqlite3.connect(tmp_path / "archive.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM crowd").fetchone() == (1000,)
        assert database.execute("SELECT count(*) FROM likeness").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM entry").fetchone() == (1000,)
