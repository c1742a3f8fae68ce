"""Similar texts in the archive: order, runs, chains, and the reasons that are stored."""

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.snapshot import Snapshot
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item, ymd
from tests.support.homes import bring_back, contents, entry_ids, rows

SCHOOL = "FNPR and ILO open an Arctic school for trade unions"
EDITED = "FNPR and ILO open an Arctic school for trade unions in Murmansk"
SAID = "Four days of lectures in Murmansk bring young members from nine regions together."


def seen(*entries: Entry, when: str = "2015") -> Snapshot:
    return a_snapshot(when, a_page(*entries))


# -- one entry -----------------------------------------------------------------------------


def test_an_edit_without_a_link_is_one_entry_in_two_wordings(home: Path) -> None:
    path = an_archive(
        home,
        seen(an_entry(SCHOOL, summary=SAID), when="2015"),
        seen(an_entry(EDITED, "2015-04-15", summary=SAID), when="2016"),
    )
    assert rows(path, "SELECT title, sightings, revisions FROM news") == [(EDITED, 2, 2)]


def test_an_edited_text_joins_the_item_that_it_is_near_to(home: Path) -> None:
    path = an_archive(
        home,
        seen(an_entry(EDITED, "2015-04-15", summary=SAID), when="2016"),
        seen(an_entry(SCHOOL, summary=SAID, link=item(7)), when="2015"),
    )
    assert entry_ids(path) == ["wcms-7-en"]
    assert rows(path, "SELECT rule FROM sightings") == [("number",), ("text",)]


def test_a_text_near_two_items_joins_neither(home: Path) -> None:
    path = an_archive(
        home,
        seen(an_entry(SCHOOL, summary=SAID, link=item(7)), when="2015"),
        seen(an_entry(SCHOOL, "2015-04-16", summary=SAID, link=item(8)), when="2016"),
        seen(an_entry(SCHOOL, "2015-04-15", summary=SAID), when="2017"),
    )
    assert len(entry_ids(path)) == 3


def test_two_near_entries_of_one_page_are_two(home: Path) -> None:
    both = (an_entry(SCHOOL, summary=SAID), an_entry(EDITED, summary=SAID, position=2))
    assert len(entry_ids(an_archive(home, seen(*both)))) == 2


def test_near_texts_stay_two_once_a_page_shows_both(home: Path) -> None:
    one, other = an_entry(SCHOOL, summary=SAID), an_entry(EDITED, summary=SAID, position=2)
    path = an_archive(home, seen(one, when="2015"), seen(other, when="2016"))
    assert len(entry_ids(path)) == 1
    an_archive(home, seen(one, other, when="2017"))
    assert len(entry_ids(path)) == 2


# -- no chains -----------------------------------------------------------------------------

DAY = ("2015-04-13", "2015-04-14", "2015-04-15", "2015-04-16", "2015-04-17", "2015-04-18")


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4, 5), (5, 4, 3, 2, 1, 0), (2, 5, 0, 3, 1, 4)])
def test_a_chain_of_dates_a_day_apart_never_joins_its_far_ends(
    home: Path, order: tuple[int, ...]
) -> None:
    path = an_archive(
        home, *(seen(an_entry(SCHOOL, DAY[at]), when=f"2015{at + 4:02}") for at in order)
    )
    spans = rows(path, "SELECT min(date), max(date) FROM revisions GROUP BY entry_id")
    assert spans == [
        ("2015-04-13", "2015-04-14"),
        ("2015-04-15", "2015-04-16"),
        ("2015-04-17", "2015-04-18"),
    ]


def test_every_order_of_a_chain_makes_the_same_entries(tmp_path: Path) -> None:
    chain = [
        seen(an_entry(SCHOOL, day, summary=SAID), when=f"2015{at + 4:02}")
        for at, day in enumerate(("2015-04-12", "2015-04-15", "2015-04-18"))
    ]
    several = [
        contents(an_archive(tmp_path / str(number), *order))
        for number, order in enumerate(permutations(chain))
    ]
    assert all(each == several[0] for each in several)
    assert len(several[0]["news"]) == 2


# -- any order, any runs -------------------------------------------------------------------

TITLES = st.sampled_from(
    [SCHOOL, SCHOOL.upper(), EDITED, "FNPR and ILO open an Arctic school", "Seminar opens"]
)
DAYS = st.sampled_from([None, "2015-04-14", "2015-04-15", "2015-04-17", "2016-04-14"])
SUMMARIES = st.sampled_from([None, SAID, SAID + " It closes with a test.", "Read more."])
LINKS = st.sampled_from([None, None, None, item(1), item(2), "http://www.ilo.org/a"])


@st.composite
def captures(draw: st.DrawFn) -> list[Snapshot]:
    entries = st.lists(st.tuples(TITLES, DAYS, SUMMARIES, LINKS), min_size=1, max_size=3)
    return [
        a_snapshot(
            f"{year}{number + 1:02}",
            a_page(
                *(
                    an_entry(title, day, summary=summary, link=link, position=place)
                    for place, (title, day, summary, link) in enumerate(page, start=1)
                )
            ),
            office=draw(st.sampled_from(["moscow", "ankara"])),
            offset=number,
        )
        for number, page in enumerate(draw(st.lists(entries, min_size=2, max_size=5)))
        for year in [draw(st.sampled_from(["2015", "2021"]))]
    ]


@pytest.mark.slow
@given(captures(), st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_order_in_any_number_of_runs_makes_the_same_archive(
    tmp_path_factory: pytest.TempPathFactory, snapshots: list[Snapshot], data: st.DataObject
) -> None:
    straight = contents(an_archive(tmp_path_factory.mktemp("one"), *snapshots))
    shuffled = data.draw(st.permutations(snapshots))
    cut = data.draw(st.integers(0, len(shuffled)))
    home = tmp_path_factory.mktemp("other")
    an_archive(home, *shuffled[:cut])
    assert contents(an_archive(home, *shuffled[cut:])) == straight


def test_recording_late_captures_first_makes_the_same_archive(tmp_path: Path) -> None:
    live = seen(an_entry(EDITED, "2015-04-15", summary=SAID), when="2021")
    past = seen(an_entry(SCHOOL, summary=SAID, link=item(7)), when="2015")
    one = an_archive(tmp_path / "one", past, live)
    home = tmp_path / "other"
    an_archive(home, live)
    assert contents(an_archive(home, past)) == contents(one)


def test_an_archive_of_an_earlier_schema_is_regrouped(home: Path) -> None:
    path = an_archive(
        home,
        seen(an_entry(SCHOOL, summary=SAID), when="2015"),
        seen(an_entry(EDITED, summary=SAID, link=item(7)), when="2016"),
        seen(an_entry("Seminar opens"), when="2017"),
    )
    before = contents(path)
    bring_back(path, "0003")
    assert len(entry_ids(an_archive(home))) == 2
    assert contents(path) == before


# -- why -----------------------------------------------------------------------------------


def test_reasons_have_rule_score_and_the_compared_wording(home: Path) -> None:
    path = an_archive(
        home,
        seen(an_entry(SCHOOL, summary=SAID, link=item(7)), when="2015"),
        seen(an_entry(SCHOOL, summary=SAID), when="2016"),
        seen(an_entry(EDITED, "2015-04-15", summary=SAID), when="2017"),
    )
    with Archive(path) as archive:
        number, title, text = archive.reasons("wcms-7-en")
    assert (number.rule, number.score, number.link) == ("number", 100.0, item(7))
    assert (title.rule, title.score, title.wording.title) == ("title", 100.0, SCHOOL)
    assert (text.rule, text.wording.title) == ("text", EDITED)
    assert text.compared is not None
    assert (text.compared.title, text.compared.date) == (SCHOOL, ymd("2015-04-14"))
    assert text.likeness is not None
    assert (text.likeness.days, text.likeness.summary) == (1, 100.0)
    assert text.score == text.likeness.score
    assert 90 < text.score < 100
