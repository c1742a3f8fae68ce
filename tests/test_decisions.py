"""A researcher's decisions: recorded, explained, undone; they outlive readings and archives."""

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.identity.decisions import BadDecision, as_record, from_record, read_decisions
from ilo_archive.offices import registry
from ilo_archive.queries.archive import (
    Archive,
)
from tests.support.build import NOW, a_page, a_snapshot, an_archive, an_entry, item
from tests.support.homes import contents, copy_home, entry_ids, rows
from tests.support.paths import SAMPLE
from tests.support.run import run

pytestmark = pytest.mark.slow

CAPTURES = (
    a_snapshot("2015", a_page(an_entry("One", link=item(1)), an_entry("Two", position=2))),
    a_snapshot("2016", a_page(an_entry("One", link=item(1)), an_entry("Three", position=2))),
)


@contextmanager
def writing(home: Path) -> Iterator[ArchiveWriter]:
    with closing(ArchiveWriter(home, registry())) as writer:
        yield writer


@pytest.fixture
def path(home: Path) -> Path:
    return an_archive(home, *CAPTURES)


def entry(path: Path, title: str) -> str:
    found = rows(path, f"SELECT DISTINCT entry_id FROM revisions WHERE title = '{title}'")
    return str(found[0][0])


def sighting(path: Path, title: str, number: int = 0) -> str:
    """CAPTURE#ORDINAL of the sightings of a title."""
    with Archive(path) as archive:
        found = archive.reasons(entry(path, title))
    return [each.sighting for each in found if each.wording.title == title][number]


# -- merge ---------------------------------------------------------------------------------


def test_two_merged_entries_are_one_with_the_note_as_the_reason(home: Path, path: Path) -> None:
    with writing(home) as writer:
        writer.merge(entry(path, "Two"), "wcms-1-en", "the same seminar", NOW)
    assert rows(path, "SELECT entry_id, sightings, revisions FROM news WHERE title = 'One'") == [
        ("wcms-1-en", 3, 2)
    ]
    with Archive(path) as archive:
        reasons = {(each.rule, each.note) for each in archive.reasons("wcms-1-en")}
    assert reasons == {("number", None), ("merge", "the same seminar")}


def test_two_item_numbers_can_be_merged(home: Path) -> None:
    page = a_page(an_entry(link=item(7)), an_entry(link=item(8), position=2))
    path = an_archive(home, a_snapshot("2015", page))
    with writing(home) as writer:
        writer.merge("wcms-8-en", "wcms-7-en", None, NOW)
    assert entry_ids(path) == ["wcms-7-en"]
    with Archive(path) as archive:
        assert archive.story("wcms-8-en").item.entry_id == "wcms-7-en"


def test_an_undone_merge_leaves_no_trace(home: Path, path: Path) -> None:
    before, two = contents(path), entry(path, "Two")
    with writing(home) as writer:
        writer.merge("wcms-1-en", two, None, NOW)
        assert contents(path) != before
        writer.undo_merge(two, "wcms-1-en")
    assert contents(path) == before
    assert (home / "decisions.jsonl").read_text() == ""


def test_three_entries_are_merged_by_two_decisions(home: Path, path: Path) -> None:
    two, three = entry(path, "Two"), entry(path, "Three")
    with writing(home) as writer:
        writer.merge("wcms-1-en", two, None, NOW)
        writer.merge(two, three, None, NOW)
    assert entry_ids(path) == ["wcms-1-en"]


@pytest.mark.parametrize("undone", [0, 1])
def test_each_merge_of_three_entries_is_undone_by_the_names_it_was_made_with(
    home: Path, path: Path, undone: int
) -> None:
    two, three = entry(path, "Two"), entry(path, "Three")
    merges = [("wcms-1-en", two), (two, three)]
    with writing(home) as writer:
        for merge in merges:
            writer.merge(*merge, None, NOW)
        writer.undo_merge(*merges.pop(undone))
        one, other = merges[0]
    assert entry(path, "Two") == entry(path, "One" if one == "wcms-1-en" else "Three")
    assert other in (two, three)
    assert len(entry_ids(path)) == 2


@pytest.mark.parametrize(
    ("one", "other", "printed"),
    [
        ("wcms-1-en", "wcms-1-en", "already one entry"),
        ("wcms-1-en", "nosuch", "no entry 'nosuch'"),
    ],
)
def test_an_impossible_merge_is_refused_with_its_reason(
    home: Path, path: Path, one: str, other: str, printed: str
) -> None:
    with writing(home) as writer, pytest.raises(BadDecision, match=printed):
        writer.merge(one, other, None, NOW)


# -- split ---------------------------------------------------------------------------------


def test_a_split_sighting_becomes_an_entry_with_its_reason(home: Path, path: Path) -> None:
    with writing(home) as writer:
        made = writer.split(sighting(path, "One"), "another seminar", NOW)
    assert rows(path, "SELECT entry_id, sightings FROM news WHERE title = 'One'") == [
        (made.id, 1),
        ("wcms-1-en", 1),
    ]
    with Archive(path) as archive:
        reason = archive.reasons(made.id)[0]
    assert (reason.rule, reason.note) == ("split", "another seminar")


def test_all_sightings_in_the_same_words_can_be_split_at_once(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry("One", link=item(1)))),
        a_snapshot("2016", a_page(an_entry("One", link=item(1)))),
        a_snapshot("2017", a_page(an_entry("Other", link=item(1)))),
    )
    with writing(home) as writer:
        made = writer.split(sighting(path, "One"), None, NOW, wording=True)
    assert rows(path, "SELECT entry_id, sightings FROM news") == [(made.id, 2), ("wcms-1-en", 1)]


def test_a_split_sighting_can_be_merged_elsewhere(home: Path, path: Path) -> None:
    two = entry(path, "Two")
    with writing(home) as writer:
        made = writer.split(sighting(path, "One"), None, NOW)
        writer.merge(made.id, two, None, NOW)
    assert rows(path, f"SELECT sightings FROM news WHERE entry_id = '{two}'") == [(2,)]


def test_a_split_leaves_the_other_sightings_of_the_entry_merged(home: Path, path: Path) -> None:
    """The merge refers to the very sighting that leaves."""
    two = entry(path, "Two")
    with writing(home) as writer:
        writer.merge("wcms-1-en", two, None, NOW)
        made = writer.split(sighting(path, "One"), None, NOW)
    assert {*rows(path, "SELECT entry_id, sightings FROM news")} == {
        (made.id, 1),
        ("wcms-1-en", 2),
        (entry(path, "Three"), 1),
    }
    assert entry(path, "Two") == "wcms-1-en"


def test_a_split_lets_the_other_entry_of_the_page_join_by_similar_text(home: Path) -> None:
    """Two of one page are never one by near text; split off, the one is not in the way."""
    opens, opened = "Seminar on safety opens in Baku", "Seminar on safety opened in Baku"
    printed = "Officials met employers and workers to agree on the next steps."
    both = a_page(
        an_entry(opens, link="http://www.ilo.org/x/1", summary=printed),
        an_entry(opened, link="http://www.ilo.org/x/2", summary=printed, position=2),
    )
    alone = a_page(an_entry(opened, link=item(4), summary=printed))
    path = an_archive(home, a_snapshot("2015", alone), a_snapshot("2016", both))
    assert entry(path, opens) != "wcms-4-en"
    with writing(home) as writer:
        writer.split(sighting(path, opened, 1), None, NOW)
    assert entry(path, opens) == "wcms-4-en"


def test_an_undone_split_leaves_no_trace(home: Path, path: Path) -> None:
    before, split = contents(path), sighting(path, "One")
    with writing(home) as writer:
        writer.split(split, None, NOW)
        writer.undo_split(split)
    assert contents(path) == before


@pytest.mark.parametrize("printed", ["nosuch", "nosuch#1", "20150101000000-aaaaaaaaaaaa#x"])
def test_an_unknown_sighting_is_refused(home: Path, path: Path, printed: str) -> None:
    with writing(home) as writer, pytest.raises(BadDecision, match="sighting"):
        writer.split(printed, None, NOW)


# -- what decisions outlive ----------------------------------------------------------------


def decided(home: Path) -> Path:
    path = an_archive(home, *CAPTURES)
    with writing(home) as writer:
        made = writer.split(sighting(path, "One", 1), "apart", NOW)
        writer.merge(made.id, entry(path, "Three"), "together", NOW)
    return path


def test_recording_the_captures_again_keeps_decisions(home: Path) -> None:
    before = contents(decided(home))
    assert contents(an_archive(home, *reversed(CAPTURES))) == before


@pytest.mark.parametrize("order", [1, -1])
def test_a_new_archive_loads_the_decisions_of_its_home(home: Path, order: int) -> None:
    before = contents(decided(home))
    for file in home.glob("archive.sqlite*"):
        file.unlink()
    assert contents(an_archive(home, *CAPTURES[::order])) == before


@pytest.mark.parametrize("order", [1, -1])
def test_a_chain_of_merges_is_one_entry_whatever_is_recorded_last(home: Path, order: int) -> None:
    numbers = (3, 1, 2, 4)
    captures = [
        a_snapshot(str(2010 + number), a_page(an_entry(f"Item {number}", link=item(number))))
        for number in numbers
    ]
    path = an_archive(home, *captures)
    with writing(home) as writer:
        for one, other in pairwise(numbers):
            writer.merge(f"wcms-{one}-en", f"wcms-{other}-en", None, NOW)
    before = contents(path)
    assert entry_ids(path) == ["wcms-1-en"]
    for file in home.glob("archive.sqlite*"):
        file.unlink()
    assert contents(an_archive(home, *captures[::order])) == before


def test_decisions_of_a_file_can_be_loaded_before_or_after_the_captures(tmp_path: Path) -> None:
    before = contents(decided(tmp_path / "one"))
    taken = read_decisions(tmp_path / "one" / "decisions.jsonl")
    for name, orders in (("first", (True, False)), ("last", (False, True))):
        home = tmp_path / name
        for is_turn in orders:
            if is_turn:
                with writing(home) as writer:
                    writer.import_decisions(taken)
            else:
                an_archive(home, *CAPTURES)
        assert contents(home / "archive.sqlite") == before


def test_a_better_reading_that_moves_a_sighting_keeps_the_decision(home: Path) -> None:
    path = an_archive(home, *CAPTURES)
    with writing(home) as writer:
        made = writer.split(sighting(path, "Two"), None, NOW)
    found = a_page(
        an_entry("Found"),
        an_entry("One", link=item(1), position=2),
        an_entry("Two", position=3, summary="It was missed."),
    )
    an_archive(home, replace(CAPTURES[0], page=found))
    assert rows(path, f"SELECT title FROM news WHERE entry_id = '{made.id}'") == [("Two",)]


# -- lines ---------------------------------------------------------------------------------


def test_a_decision_survives_being_written_and_read(home: Path) -> None:
    decided(home)
    written = read_decisions(home / "decisions.jsonl")
    assert sorted(each.kind for each in written) == ["merge", "split"]
    for each in written:
        assert from_record(json.loads(json.dumps(as_record(each)))) == each


ONE = '{"entry_id": "a", "capture_id": "b", "ordinal": %s, "wording": "c"}'
SPLIT = '{"decision": "split", "sightings": [' + ONE + '], "decided_at": "x", "note": %s}'


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "[]",
        "no json",
        '{"decision": "merge", "sightings": [], "decided_at": "x"}',
        SPLIT % (10**20, "null"),
        SPLIT % (-1, "null"),
        SPLIT % (1, "[]"),
        "[" * 100_000,
        '{"a": ' * 50_000,
    ],
    ids=lambda line: line[:20],
)
def test_an_invalid_line_of_decisions_is_reported_with_its_number(
    tmp_path: Path, line: str
) -> None:
    file = tmp_path / "decisions.jsonl"
    file.write_text(f"\n{line}\n")
    with pytest.raises(BadDecision, match=r"decisions.jsonl, line 2"):
        read_decisions(file)


# -- commands ------------------------------------------------------------------------------


@pytest.mark.slow
def test_commands_decide_explain_and_undo(sample_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    copy_home(sample_home, home)
    merged = ("merge", "wcms-356122-en", "wcms-436207-en")
    assert run(home, *merged, "--note", "one event").code == 0
    printed = run(home, "show", "wcms-436207-en", "--why").out
    assert "merged by a researcher" in printed
    assert "note     one event" in printed
    assert run(home, "reread", "--apply").code == 0
    assert run(home, "show", "wcms-436207-en", "--why").out == printed
    assert run(home, *merged, "--undo").code == 0
    split = json.loads(run(home, "show", "wcms-436207-en", "--why", "--format", "json").out)
    spot = split["sightings"][0]["sighting"]
    assert run(home, "split", spot, "--note", "not this one").code == 0
    (home / "archive.sqlite").unlink()
    assert run(home, "ingest", SAMPLE).code == 0
    kept = read_decisions(home / "decisions.jsonl")
    assert [each.note for each in kept] == ["not this one"]
    assert "split off by a researcher" in run(home, "show", kept[0].id, "--why").out
    assert run(home, "split", spot, "--undo").code == 0


@pytest.mark.slow
def test_decisions_of_another_home_are_merged_from_its_file(
    sample_home: Path, tmp_path: Path
) -> None:
    homes = tmp_path / "one", tmp_path / "other"
    for home in homes:
        copy_home(sample_home, home)
    run(homes[0], "merge", "wcms-356122-en", "wcms-436207-en")
    assert run(homes[1], "merge", "--from", homes[0] / "decisions.jsonl").code == 0
    stories = [run(home, "show", "wcms-436207-en").out for home in homes]
    assert stories[0] == stories[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["out.wacz", "out.csv", "out.parquet"])
def test_an_export_contains_the_decisions(sample_home: Path, tmp_path: Path, name: str) -> None:
    homes = tmp_path / "one", tmp_path / "other"
    for home in homes:
        copy_home(sample_home, home)
    run(homes[0], "merge", "wcms-356122-en", "wcms-436207-en", "--note", "one event")
    assert run(homes[0], "export", tmp_path / name).code == 0
    held = tmp_path / re.sub(r"[.](csv|parquet)$", ".decisions.jsonl", name)
    assert run(homes[1], "merge", "--from", held).code == 0
    taken = [read_decisions(each / "decisions.jsonl") for each in homes]
    assert taken[0] == taken[1]
    assert taken[0][0].note == "one event"


@pytest.mark.parametrize(
    "arguments",
    [
        ("merge",),
        ("merge", "wcms-1-en"),
        ("merge", "nosuch", "wcms-356122-en"),
        ("merge", "wcms-356122-en", "wcms-436207-en", "--undo"),
        ("split", "nosuch"),
        ("split", "nosuch#1", "--undo"),
        ("merge", "--from", "nosuch"),
    ],
)
def test_wrong_use_is_one_line(sample_home: Path, arguments: tuple[str, ...]) -> None:
    ran = run(sample_home, *arguments)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)


def test_merge_without_an_archive_makes_none(home: Path) -> None:
    assert run(home, "merge", "a", "b").code == 2
    assert not (home / "archive.sqlite").exists()
