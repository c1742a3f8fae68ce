"""Questions to the archive: a page as it stood, words in any form, one entry by any name."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ilo_archive import Archive, read_page
from ilo_archive.archive.database import ArchiveMismatch
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.identity.keys import entry_keys
from ilo_archive.offices import UnknownOffice, registry
from ilo_archive.queries import entries
from ilo_archive.queries.answers import (
    Credited,
    EntryAsOf,
    EntrySummary,
)
from ilo_archive.queries.connection import NoArchive
from ilo_archive.queries.departure import Departure
from ilo_archive.queries.entry_ids import UnknownEntry
from ilo_archive.queries.lifeline import Bounds, Delay
from ilo_archive.queries.pages import NoCapture, Which
from ilo_archive.reader.charset import Charset
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.page import READER_VERSION, Page
from ilo_archive.reader.snapshot import Quality, Snapshot
from ilo_archive.times import BadTimestamp, Precision, as_known, parse_timestamp
from tests.build import NOW, a_page, a_snapshot, an_archive, an_entry, item, utc, ymd

FIXTURES = Path(__file__).parent / "fixtures" / "moscow"


def news(number: int, title: str = "", day: str | None = "2015-01-01", **parts: Any) -> Entry:
    return an_entry(title or f"Item {number}", day, link=item(number), **parts)


def ids(found: list[EntrySummary]) -> list[str]:
    return [each.entry_id for each in found]


def known_to(when: str, *entries: Entry, office: str = "moscow") -> Snapshot:
    """A good capture of which as much is known as is said."""
    snapshot = a_snapshot(when, a_page(*entries), office=office)
    precision: Precision = parse_timestamp(when)[1]
    capture = replace(snapshot.capture, precision=precision, digest=f"DIGEST{when}")
    return replace(snapshot, capture=capture)


# -- a page as it stood --------------------------------------------------------------------


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Captures of April 2015, of a second of June, a failed one, and one of 2016."""
    path = an_archive(
        tmp_path_factory.mktemp("years"),
        known_to("20150414103217", news(1), news(2)),
        known_to("20150614120000", news(3), news(2)),
        a_snapshot("20150801", None),
        known_to("20160101000000", news(4)),
    )
    with Archive(path) as archive:
        yield archive


@pytest.mark.parametrize(
    ("as_of", "numbers"),
    [
        ("2014", []),
        ("2015-04-13", []),
        ("2015-04-14T10:32:16Z", []),
        ("20150414103217", [1, 2]),
        ("2015-04-14", [1, 2]),
        ("2015-04", [1, 2]),
        ("2015-05", [1, 2]),
        ("2015-06-13", [1, 2]),
        ("20150614115959", [1, 2]),
        ("2015-06-14", [3, 2]),
        ("2015-06", [3, 2]),
        ("2015-08-02", [3, 2]),  # the capture of August failed and says nothing
        ("2015", [3, 2]),
        ("2015-12-31", [3, 2]),
        ("2016-01-01", [4]),
        ("2016", [4]),
        ("2030", [4]),
    ],
)
def test_a_page_is_shown_as_the_last_good_capture_by_then_has_it(
    years: Archive, as_of: str, numbers: list[int]
) -> None:
    assert ids(years.entries("moscow", as_of=as_of)) == [f"wcms-{n}-en" for n in numbers]


@pytest.mark.parametrize("when", ["9999", "9999-12", "99991231", "99991231235959"])
def test_a_date_at_the_end_of_the_calendar_is_answered_or_refused(
    years: Archive, when: str
) -> None:
    for ask in (
        lambda: years.entries(as_of=when),
        lambda: years.entries(until=when),
        lambda: years.entries(since=when),
        lambda: years.homepage("moscow", when, "latest", None),
    ):
        try:
            ask()
        except BadTimestamp as refusal:
            assert "is not a date" in str(refusal)  # noqa: PT017 - an answer is as good


def test_the_wording_is_that_of_the_capture_and_not_the_latest(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("201501", a_page(news(1, "Old title", credit="© Jo Lee 2015"))),
        a_snapshot("201502", a_page(news(1, "New title", credit="© Ann Ray 2015"))),
    )
    with Archive(path) as archive:
        was, now = archive.entries(as_of="2015-01")[0], archive.entries()[0]
    assert (was.title, was.credit_holder) == ("Old title", "Jo Lee")
    assert (now.title, now.credit_holder) == ("New title", "Ann Ray")
    assert (was.first_seen, was.last_seen, was.revisions) == (now.first_seen, now.last_seen, 2)


def test_a_page_as_it_stood_is_printed_as_its_capture_prints_it(home: Path) -> None:
    """Capitals and the style of quotes make no wording, and stay what they were."""
    plain, loud = 'The "green" report is out', "THE “GREEN” REPORT IS OUT"
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry(plain, link=item(1)))),
        a_snapshot("2016", a_page(an_entry(loud, link=item(1)))),
    )
    with Archive(path) as archive:
        for year, title in (("2015", plain), ("2016", loud)):
            assert [each.title for each in archive.entries(as_of=year)] == [title]
            assert [each.title for each in archive.page("moscow", year).entries] == [title]
        assert archive.entries()[0].revisions == 1


def test_of_two_captures_of_one_second_every_question_takes_the_same(home: Path) -> None:
    captures = [a_snapshot("2015", a_page(an_entry("One", link=item(n)))) for n in (1, 2)]
    path = an_archive(
        home,
        *(
            replace(each, capture=replace(each.capture, digest=digest))
            for each, digest in zip(captures, ("A" * 32, "B" * 32), strict=True)
        ),
    )
    with Archive(path) as archive:
        shown = archive.page("moscow", "2015").entries
        stood = archive.entries("moscow", as_of="2015")
        latest = archive.homepage("moscow", "last", "latest", None).entries
    assert ids(stood) == [each.entry_id for each in shown] == [each.entry_id for each in latest]


@pytest.mark.parametrize(
    ("captured", "as_of", "answers"),
    [
        ("2015-04", "2015-04-01", False),
        ("2015-04", "2015-04-29", False),
        ("2015-04", "2015-04-30T23:59:58Z", False),
        ("2015-04", "2015-04-30", True),
        ("2015-04", "2015-04", True),
        ("2015-04", "2015-05-01", True),
        ("2015-04", "2015", True),
        ("2015-02", "2015-02-28", True),
        ("2015-12", "2015", True),
        ("2015-12", "2015-12-30", False),
        ("2015", "2015-11", False),
        ("2015", "2015-12-31", True),
        ("2015", "2015", True),
        ("2015", "2016-01-01", True),
        ("2015-04-14", "2015-04-14T12:00:00Z", False),
        ("2015-04-14", "2015-04-14", True),
        ("2015-04-14", "2015-04-15", True),
    ],
)
def test_a_capture_answers_only_when_it_is_sure_to_have_been_made_by_then(
    home: Path, captured: str, as_of: str, answers: bool
) -> None:
    path = an_archive(home, known_to(captured, news(1)))
    with Archive(path) as archive:
        assert ids(archive.entries("moscow", as_of=as_of)) == (["wcms-1-en"] if answers else [])


def test_where_a_capture_of_the_month_may_be_later_an_earlier_one_answers(home: Path) -> None:
    path = an_archive(
        home, known_to("20150320101010", news(1)), known_to("2015-04", news(2))
    )  # fmt: skip
    with Archive(path) as archive:
        assert ids(archive.entries(as_of="2015-04-14")) == ["wcms-1-en"]
        assert ids(archive.entries(as_of="2015-04-30")) == ["wcms-2-en"]


def test_a_capture_of_the_month_does_not_ride_on_one_of_its_first_second(home: Path) -> None:
    path = an_archive(
        home, known_to("20150401000000", news(1)), known_to("2015-04", news(2))
    )  # fmt: skip
    with Archive(path) as archive:
        assert ids(archive.entries(as_of="2015-04-02")) == ["wcms-1-en"]


def test_two_captures_of_one_second_show_no_entry_twice(home: Path) -> None:
    """Observed: two digests for one second."""
    one = a_snapshot("20150414103217", a_page(news(1), news(2)))
    other = replace(one, capture=replace(one.capture, digest="OTHER"))
    with Archive(an_archive(home, one, other)) as archive:
        assert ids(archive.entries(as_of="2015")) == ["wcms-1-en", "wcms-2-en"]


def test_each_page_of_an_office_is_shown_by_its_own_last_capture(home: Path) -> None:
    russian = an_entry("Семинар", link=item(9, "ru"))
    path = an_archive(
        home,
        a_snapshot("201501", a_page(russian, language="ru"), language="ru"),
        a_snapshot("201502", a_page(news(1))),
    )
    with Archive(path) as archive:
        assert ids(archive.entries("moscow", as_of="2015-02")) == ["wcms-1-en", "wcms-9-ru"]
        assert ids(archive.entries("moscow", as_of="2015-02", language="ru")) == ["wcms-9-ru"]
        assert ids(archive.entries("moscow", as_of="2015-02", limit=1)) == ["wcms-1-en"]


def test_the_page_of_one_office_is_not_mixed_with_that_of_another(home: Path) -> None:
    """Item 1 stood on Moscow's page in January and stands on both offices' lists."""
    path = an_archive(
        home,
        a_snapshot("201501", a_page(news(1), news(2))),
        a_snapshot("201502", a_page(news(2))),
        a_snapshot("201502", a_page(news(1), news(2), news(3)), office="rome"),
    )
    with Archive(path) as archive:
        there = [
            (each.office, each.entry_id) for each in archive.entries("moscow", as_of="2015-03")
        ]
        assert there == [("moscow", "wcms-2-en")]
        assert len(archive.entries("rome", as_of="2015-03")) == 3


def test_an_entry_listed_by_two_offices_is_found_under_both(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("201501", a_page(news(1, "Shared seminar"), news(2))),
        a_snapshot("201502", a_page(news(1, "Shared seminar"), news(3)), office="rome"),
    )
    with Archive(path) as archive:
        assert ids(archive.entries("moscow")) == ["wcms-1-en", "wcms-2-en"]
        assert ids(archive.entries("rome")) == ["wcms-1-en", "wcms-3-en"]
        assert ids(archive.search("shared", office="moscow")) == ["wcms-1-en"]
        assert ids(archive.search("shared", office="rome")) == ["wcms-1-en"]
        assert archive.entries("budapest") == []


# -- filters -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    russian = an_entry("Семинар", "2015-04-14", link=item(9, "ru"), credit="© Ольга Седова 2015")
    path = an_archive(
        tmp_path_factory.mktemp("mixed"),
        a_snapshot(
            "201505",
            a_page(
                news(1, day="2015-04-14", credit="© Jo Lee / AFP 2015"),
                news(2, day="2015-04-30", credit="© ILO 2015"),
                news(3, day="2014-12-31", credit="© Pat 100% Ray 2015"),
                news(4, day=None),
                replace(news(5, day="2015-01-30"), date_end=parse_timestamp("20150202")[0].date()),
            ),
        ),
        a_snapshot("201505", a_page(russian, language="ru"), language="ru"),
    )
    with Archive(path) as archive:
        yield archive


def test_the_newest_comes_first_and_the_undated_last(mixed: Archive) -> None:
    assert ids(mixed.entries(language="en")) == [f"wcms-{n}-en" for n in (2, 1, 5, 3, 4)]


@pytest.mark.parametrize(
    ("since", "until", "numbers"),
    [
        ("2015", None, {1, 2, 5}),
        (None, "2014", {3}),
        ("2015-04", "2015-04", {1, 2}),
        ("2015-04-14", "2015-04-14", {1}),
        ("20150415", "2015", {2}),
        ("2015", "2015-01", set()),  # the range of item 5 ends in February
        ("2015", "2015-02", {5}),
        ("2016", "2014", set()),
    ],
)
def test_dates_bound_the_entries_both_days_included(
    mixed: Archive, since: str | None, until: str | None, numbers: set[int]
) -> None:
    found = mixed.entries(language="en", since=since, until=until)
    assert set(ids(found)) == {f"wcms-{n}-en" for n in numbers}


@pytest.mark.parametrize(
    ("credit", "found"),
    [
        ("Jo Lee", ["wcms-1-en"]),
        ("jo l", ["wcms-1-en"]),
        ("AFP", ["wcms-1-en"]),
        ("ILO", ["wcms-2-en"]),
        ("Седова", ["wcms-9-ru"]),
        ("седова", ["wcms-9-ru"]),  # LIKE folds the case of a-z only
        ("100%", ["wcms-3-en"]),
        ("%", ["wcms-3-en"]),
        ("_", []),
        ("Nobody", []),
        ("'; DROP TABLE entry; --", []),
    ],
)
def test_a_credit_is_found_by_a_part_of_a_name_in_any_case(
    mixed: Archive, credit: str, found: list[str]
) -> None:
    assert ids(mixed.entries(credit=credit)) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Rod Waddington", {"wcms-1-en", "wcms-2-en", "wcms-3-en"}),
        ("r.  waddington", {"wcms-1-en", "wcms-2-en", "wcms-3-en"}),
        ("WADDINGTON Rod", {"wcms-1-en", "wcms-2-en", "wcms-3-en"}),
        ("waddington", {"wcms-1-en", "wcms-2-en", "wcms-3-en", "wcms-4-en"}),
        ("Al Waddington", {"wcms-4-en"}),
        ("lee", {"wcms-3-en"}),
    ],
)
def test_a_holder_is_found_under_every_form_seen(home: Path, asked: str, found: set[str]) -> None:
    prints = (
        *("© Rod Waddington 2021", "© R. Waddington / AFP", "© WADDINGTON Rod & Jo Lee"),
        *("© Al Waddington", "© ILO"),
    )
    page = a_page(*(news(n, credit=each) for n, each in enumerate(prints, start=1)))
    with Archive(an_archive(home, a_snapshot("2021", page))) as archive:
        assert set(ids(archive.entries(credit=asked))) == found


def test_credits_tell_who_where_and_when(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(news(1, credit="© R. Aho / AFP"))),
        a_snapshot("2016", a_page(news(2, credit="© Rita Aho / AFP 2016")), office="rome"),
        a_snapshot("2017", a_page(news(3, credit="© ILO"))),
    )
    first, last = utc("2015-01-01T00:00:00Z"), utc("2016-01-01T00:00:00Z")
    rita = Credited(
        "Rita Aho", "AFP", 2, 2, first, last, ("R. Aho", "Rita Aho"), ("moscow", "rome")
    )
    with Archive(path) as archive:
        assert archive.credits("r. aho") == archive.credits("afp") == [rita]
        assert archive.credits("Rosa") == []
        assert [(each.holder, each.agency) for each in archive.credits()] == [
            ("Rita Aho", "AFP"),
            (None, "ILO"),
        ]


def test_a_story_tells_how_each_sighting_was_read(home: Path) -> None:
    page = replace(a_page(news(1)), charset=Charset("cp1251", "http"))
    with Archive(an_archive(home, a_snapshot("2015", page))) as archive:
        (seen,) = archive.story("wcms-1-en").sightings
    assert (seen.reader, seen.charset, seen.charset_reason) == (READER_VERSION, "cp1251", "http")


def test_a_section_is_found_by_its_heading_and_not_by_a_pattern(mixed: Archive) -> None:
    assert len(mixed.entries(section="News")) == len(mixed.entries(section="news")) == 6
    assert mixed.entries(section="New") == []
    assert mixed.entries(section="N%") == []
    assert mixed.entries(section="____") == []


def test_filters_narrow_a_search_too(mixed: Archive) -> None:
    assert ids(mixed.search("item", since="2015-04", until="2015-04-20")) == ["wcms-1-en"]
    assert ids(mixed.search("item", credit="AFP", language="en", section="News")) == ["wcms-1-en"]
    assert len(mixed.search("item", limit=2)) == 2


def test_words_of_thousands_of_entries_find_the_newest_first(
    mixed: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranked = {limit: ids(mixed.search("item", limit=limit)) for limit in (None, 2)}
    narrow = ids(mixed.search("item", office="moscow", since="2015-04", until="2015-04-20"))
    monkeypatch.setattr(entries, "_MOST_RANKED", 1)
    newest = [each for each in ids(mixed.entries()) if each in ranked[None]]
    assert ids(mixed.search("item")) == newest
    assert sorted(newest) == sorted(ranked[None])
    assert ids(mixed.search("item", limit=2)) == newest[:2]
    assert ids(mixed.search("item", office="moscow", since="2015-04", until="2015-04-20")) == narrow


@pytest.mark.parametrize("when", ["banana", "2015-13", "", "2015-1-1"])
def test_a_bad_date_is_refused(mixed: Archive, when: str) -> None:
    asks: list[Callable[[], object]] = [lambda: mixed.entries(as_of=when)]
    if when:  # an empty bound is none
        asks += [lambda: mixed.entries(since=when), lambda: mixed.search("x", until=when)]
    for ask in asks:
        with pytest.raises(BadTimestamp):
            ask()


# -- words ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    path = an_archive(
        tmp_path_factory.mktemp("words"),
        a_snapshot(
            "201501",
            a_page(
                news(1, "Women’s Day: a “motherhood pay gap”", summary="Trade unions met."),
                news(2, "FNPR-ILO Arctic trade union school", summary="Employment policy."),
                news(3, "COVID-19: employers and workers (ten countries)"),
                news(4, "Économie sociale à Genève", summary="Union of the trade."),
            ),
        ),
        a_snapshot("201502", a_page(news(1, "Women’s Day revised"))),
        a_snapshot(
            "201501",
            a_page(an_entry("Вышел новый бюллетень «МОТ»", link=item(9, "ru")), language="ru"),
            language="ru",
        ),
    )
    with Archive(path) as archive:
        yield archive


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("school", {"2-en"}),
        ("SCHOOL", {"2-en"}),
        ("trade union", {"2-en", "4-en"}),
        ('"trade union"', {"2-en"}),
        ("trade union*", {"1-en", "2-en", "4-en"}),
        ("employ*", {"2-en", "3-en"}),
        ("employ", set()),
        ("FNPR-ILO", {"2-en"}),
        ("covid-19", {"3-en"}),
        ("women's", {"1-en"}),
        ("women’s", {"1-en"}),
        ("economie geneve", {"4-en"}),
        ("ÉCONOMIE", {"4-en"}),
        ("бюллетень", {"9-ru"}),
        ("Бюллетень «МОТ»", {"9-ru"}),
        ("бюлл*", {"9-ru"}),
        ("motherhood", {"1-en"}),  # in an earlier wording only
        ("motherhood revised", set()),  # in no wording both
        ("ten AND countries", {"3-en"}),  # "and" is a word of the entry
        ("school NOT arctic", set()),  # and these are words that no entry has
        ("school OR covid", set()),
        ('"arctic trade" school', {"2-en"}),
        ('"trade arctic"', set()),
        ("title:school", set()),
    ],
)
def test_entries_are_found_by_their_words(words: Archive, query: str, numbers: set[str]) -> None:
    assert set(ids(words.search(query))) == {f"wcms-{n}" for n in numbers}


EVERYDAY = r'''
'|"|""|"""|'quoted|"quoted|quoted"|"a" "b|«кавычки»|don't|Côte d'Ivoire|o’clock|FNPR-ILO
-school|--school|- school|school -arctic|(school)|(|)|()|(school|school)|((a) OR (b))|AND|OR|NOT
NEAR|AND OR|NOT school|NEAR(a b)|NEAR/5|a NEAR b|school AND|OR school|*|**|*school|sch*ool|school*
school **|^school|^|a^b|:|title:school|title : school|a:b:c|{a b}|{title}: a|+school|a + b|school;
a;b|a,b|.|...|No. 60|24/7|50%|%|_|a_b|\\|a\\b|\\"|/|//|http://www.ilo.org/moscow?a=b&c=d|#hashtag
me@example.org|$100|€5|§ 7|№ 60|C++|~|`|!|?|what?
<script>|[a]|=|1=1|'; DROP TABLE entry; --|😀|😀 school|👩‍🔬|日本語|العربية|ไทย|Юникод|ё|İ|ß|ﬁ|½|²|①
'''
STRINGS = [each for line in EVERYDAY.strip().splitlines() for each in line.split("|")]
STRINGS += ["", " ", "\t\n", "\u00a0", "a\nb", "\u200b", "|", "x" * 10_000, "a " * 2_000, "\ufeff"]


@pytest.mark.parametrize("query", STRINGS)
def test_everyday_strings_are_searched_for_and_not_parsed(words: Archive, query: str) -> None:
    assert all(isinstance(each, EntrySummary) for each in words.search(query))


def test_there_are_enough_everyday_strings() -> None:
    assert len(set(STRINGS)) > 100


@pytest.mark.parametrize("query", ["", " ", '"', "...", "- -", "😀", "*", '""', "()"])
def test_a_query_without_a_word_finds_nothing(words: Archive, query: str) -> None:
    assert words.search(query) == []


@given(st.text() | st.text(alphabet="ab \"'*-^:()\x00\x1b{}+\\NOTAND", max_size=25))
def test_any_text_is_a_query(words: Archive, query: str) -> None:
    words.search(query)


@pytest.mark.parametrize("query", ["a\x00b", "\x00", '"a\x00"', "caf\udce9", "\ud800", "a\udcffb*"])
def test_half_a_character_or_a_nul_is_a_query(words: Archive, query: str) -> None:
    """The shell hands over bytes that are no UTF-8 as surrogates."""
    assert isinstance(words.search(query), list)


def test_a_match_in_the_title_is_not_lost_among_many(words: Archive) -> None:
    assert ids(words.search("school", limit=1)) == ["wcms-2-en"]


# -- one entry -----------------------------------------------------------------------------


def test_an_entry_is_found_by_any_name_it_ever_went_by(home: Path) -> None:
    plain, linked = an_entry(), an_entry(link="http://www.ilo.org/resource/news/a")
    path = an_archive(
        home,
        a_snapshot("201501", a_page(plain)),
        a_snapshot("201502", a_page(linked)),
        a_snapshot("201503", a_page(an_entry(link=item(7)))),
    )
    by_title = entry_keys(plain, "en", "moscow", registry()).title_key
    by_link = entry_keys(linked, "en", "moscow", registry()).item_key
    assert by_link is not None
    with Archive(path) as archive:
        stories = [archive.story(name) for name in ("wcms-7-en", by_link, by_title)]
    assert [each.item.entry_id for each in stories] == ["wcms-7-en"] * 3
    assert stories[0] == stories[1] == stories[2]
    assert [f"{each.captured_at:%Y-%m}" for each in stories[0].sightings] == [
        "2015-01",
        "2015-02",
        "2015-03",
    ]


def test_an_entry_is_found_by_the_id_of_its_revision(home: Path) -> None:
    """`show` prints these ids, so somebody will hand one in."""
    with Archive(an_archive(home, a_snapshot("2015", a_page(news(7))))) as archive:
        story = archive.story("wcms-7-en")
        assert archive.story(story.wordings[0].revision_id) == story


@pytest.mark.parametrize(
    "name", ["", "nosuch", "wcms-99-en", "%", "wcms-7-e_", "'", "\x00", "\udcff"]
)
def test_an_entry_that_nobody_knows_is_refused(home: Path, name: str) -> None:
    path = an_archive(home, a_snapshot("2015", a_page(news(7))))
    with Archive(path) as archive, pytest.raises(UnknownEntry, match="ilo-archive entries"):
        archive.story(name)


def test_a_story_has_its_wordings_in_the_order_of_their_use(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("201503", a_page(news(7, "Third"))),
        a_snapshot("201501", a_page(news(7, "First"))),
        a_snapshot("201502", a_page(news(7, "Second"))),
        a_snapshot("201504", a_page(news(7, "Third"))),
    )
    with Archive(path) as archive:
        story = archive.story("wcms-7-en")
    assert [each.title for each in story.wordings] == ["First", "Second", "Third"]
    used = [
        (f"{each.first_seen:%Y-%m}", f"{each.last_seen:%Y-%m}", each.sightings)
        for each in story.wordings
    ]
    assert used == [
        ("2015-01", "2015-01", 1),
        ("2015-02", "2015-02", 1),
        ("2015-03", "2015-04", 2),
    ]  # fmt: skip
    assert (story.item.title, story.item.revisions, story.item.sightings) == ("Third", 3, 4)


def test_a_number_is_one_entry_where_the_language_of_a_short_page_is_not_told(home: Path) -> None:
    """A page of a few names tells no language; its address does."""
    told = a_snapshot("201501", a_page(news(7)))
    short = a_snapshot("201502", replace(a_page(news(7)), language=None))
    with Archive(an_archive(home, told, short)) as archive:
        assert ids(archive.entries()) == ["wcms-7-en"]


# -- pages ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    russian = a_page(an_entry("Семинар", link=item(9, "ru")), language="ru")
    days = ["20150110", "20150120", "20150310", "20160505101010", "20160505202020", "20180101"]
    path = an_archive(
        tmp_path_factory.mktemp("captures"),
        *(a_snapshot(day, a_page(news(n))) for n, day in enumerate(days, start=1)),
        a_snapshot("20150201", None),
        a_snapshot("20200101", None),
        a_snapshot("20190101", russian, language="ru"),
        a_snapshot("2015", a_page(news(20)), office="rome", language="it"),
        a_snapshot("2016", None, office="lima", language="es"),
        a_snapshot("2015", a_page(news(30)), office="rivers"),
        a_snapshot("2016", a_page(news(31)), office="rivers"),
    )  # fmt: skip
    with Archive(path) as archive:
        yield archive


@pytest.mark.parametrize(
    ("when", "earliest", "latest"),
    [
        ("first", 1, 1),
        ("last", 6, 6),
        ("2015", 1, 3),
        ("2015-01", 1, 2),
        ("2015-01-20", 2, 2),
        ("2016-05-05", 4, 5),
        ("20160505101010", 4, 4),
        ("2016-05-05T20:20:20Z", 5, 5),
        ("2014", 1, 1),  # there is none: the nearest
        ("2030", 6, 6),
        ("2015-02", 3, 3),  # 20 January is 12 days before the month, 10 March 10 days after it
        ("2015-01-14", 1, 1),
        ("2015-01-16", 2, 2),
        ("2017", 6, 6),
        ("20160505151514", 4, 4),
        ("20160505151516", 5, 5),
    ],
)
def test_a_time_means_its_first_or_last_good_capture_else_the_nearest(
    captures: Archive, when: str, earliest: int, latest: int
) -> None:
    numbers: dict[Which, int] = {"earliest": earliest, "latest": latest}
    for which, number in numbers.items():
        found = captures.homepage("moscow", when, which, None)
        assert [each.entry_id for each in found.entries] == [f"wcms-{number}-en"]


def test_a_page_is_in_the_language_asked_for_else_in_the_first_of_the_office(
    captures: Archive,
) -> None:
    assert captures.homepage("moscow", "last", "latest", None).language == "en"
    assert captures.homepage("moscow", "last", "latest", "ru").language == "ru"
    assert captures.homepage("rivers", "last", "latest", None).office == "rivers"
    with pytest.raises(NoCapture, match="'fr'"):
        captures.homepage("moscow", "last", "latest", "fr")


def test_a_page_comes_with_what_is_needed_to_cite_it(captures: Archive) -> None:
    found = captures.homepage("moscow", "first", "earliest", None)
    assert found.captured_at == utc("2015-01-10T00:00:00Z")
    assert found.url == "http://www.ilo.org/moscow/lang--en/index.htm"
    assert (found.archive, found.name, found.description) == ("test", "ILO Moscow", "It works.")
    assert found.capture_id.startswith("20150110000000-")


def test_the_last_two_are_good_captures_of_one_page(captures: Archive) -> None:
    first, last = captures.last_two("moscow", None)
    assert (first.captured_at, last.captured_at) == (
        utc("2016-05-05T20:20:20Z"),
        utc("2018-01-01T00:00:00Z"),
    )
    with pytest.raises(NoCapture, match="only one"):
        captures.last_two("rome", None)


def test_an_office_without_a_good_capture_and_one_that_nobody_knows(captures: Archive) -> None:
    for office in ("lima", "budapest"):
        with pytest.raises(NoCapture, match=office):
            captures.homepage(office, "last", "latest", None)
    for name in ("nosuch", "", "Moscow", "\udcff"):
        with pytest.raises(UnknownOffice):
            captures.last_two(name, None)


def test_what_lies_between_two_captures_is_counted(captures: Archive) -> None:
    first = captures.homepage("moscow", "first", "earliest", None)
    last = captures.homepage("moscow", "last", "latest", None)
    assert captures.between(first, last) == (4, 4)
    assert captures.between(last, first) == (4, 4)
    assert captures.between(first, first) == (0, 0)


# -- the archive itself --------------------------------------------------------------------


def test_the_offices_are_those_of_the_registry_and_of_the_archive(captures: Archive) -> None:
    held = {each.slug: each for each in captures.offices()}
    assert set(held) == {*registry().offices, "rivers"}
    assert list(held) == sorted(held)
    moscow, lima, rivers = held["moscow"], held["lima"], held["rivers"]
    assert (moscow.captures, moscow.good) == (9, 7)
    assert (moscow.first, moscow.last) == (
        utc("2015-01-10T00:00:00Z"),
        utc("2020-01-01T00:00:00Z"),
    )
    assert (lima.captures, lima.good, lima.languages) == (1, 0, ("es", "en"))
    assert (rivers.name, rivers.languages, rivers.addresses) == ("rivers", (), ())
    assert (held["suva"].captures, held["suva"].first) == (0, None)


def test_the_status_tells_runs_freshness_and_failures(captures: Archive) -> None:
    status = captures.status()
    assert [
        (run.id, run.command, run.outcome, run.captures, run.failed) for run in status.runs
    ] == [(1, "test", "finished", 13, 3)]
    assert [each.slug for each in status.offices] == ["lima", "moscow", "rivers", "rome"]
    assert status.states == {"read": 10, "unreadable": 3}
    assert status.reasons == {"unreadable: archived HTTP 503": 3}  # fmt: skip


def test_the_last_runs_come_first(home: Path) -> None:
    writer = ArchiveWriter(home, registry())
    for number in range(4):
        writer.end_run(writer.start_run(f"run {number}", NOW), "finished", NOW)
    writer.close()
    with Archive(home / "archive.sqlite") as archive:
        assert [run.command for run in archive.status(runs=2).runs] == ["run 3", "run 2"]


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM entry", "CREATE TABLE cats (name)", "UPDATE capture SET state = 'x'", "VACUUM"],
)
def test_an_archive_is_open_for_reading_only(home: Path, statement: str) -> None:
    path = an_archive(home, a_snapshot("2015", a_page(news(1))))
    with Archive(path) as archive:
        with pytest.raises(OperationalError, match=r"read.?only|locked"):
            archive._file.rows(statement)
        archive._file.connection.rollback()
        assert ids(archive.entries()) == ["wcms-1-en"]


def test_questions_are_answered_while_a_writer_holds_the_file(home: Path) -> None:
    writer = ArchiveWriter(home, registry())
    writer.record(a_snapshot("201501", a_page(news(1))), writer.start_run("test", NOW))
    try:
        with Archive(home / "archive.sqlite") as archive:
            assert ids(archive.entries()) == ["wcms-1-en"]
            writer.record(a_snapshot("201502", a_page(news(2))), 1)
            assert ids(archive.entries()) == ["wcms-1-en", "wcms-2-en"]
            with closing(sqlite3.connect(home / "archive.sqlite", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                other.execute("DELETE FROM entry")
                assert len(archive.entries()) == 2
                assert len(archive.search("item")) == 2
                other.execute("ROLLBACK")
    finally:
        writer.close()


@pytest.mark.parametrize("name", ["a b", "a?b", "a#b", "a%41b", "a'b", "москва", "a&mode=rwc", ";"])
def test_a_home_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = an_archive(tmp_path / name, a_snapshot("2015", a_page(news(1))))
    assert path.is_file()
    with Archive(path) as archive:
        assert ids(archive.entries()) == ["wcms-1-en"]
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_where_there_is_no_archive_the_error_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NoArchive, match="ingest"):
        Archive(tmp_path / "archive.sqlite")
    with pytest.raises(NoArchive):
        Archive(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    path.write_text("no database at all, but long enough to look like one" * 100)
    with pytest.raises(ArchiveMismatch):
        Archive(path)
    path.write_bytes(b"")
    with pytest.raises(ArchiveMismatch):
        Archive(path)
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE cats (name)")
    with pytest.raises(ArchiveMismatch, match="something else"):
        Archive(path)


def test_the_example_of_the_contract_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    an_archive(tmp_path / "data", a_snapshot("201504", a_page(news(1, "Seminar opens"))))
    monkeypatch.chdir(tmp_path)
    titles = []
    with Archive("data/archive.sqlite") as archive:
        for entry in archive.entries(office="moscow", as_of="2015-05-01"):
            titles.append((entry.date, entry.title))  # noqa: PERF401 - the example
    assert titles == [(ymd("2015-01-01"), "Seminar opens")]
    html_bytes = (FIXTURES / "20150414103217.html").read_bytes()
    page = read_page(html_bytes, url="http://www.ilo.org/moscow/lang--en/index.htm")
    assert page.office == "ILO DWT and Country Office for Eastern Europe and Central Asia"
    assert [entry.link for _, entry in page.entries][:1] != [None]


# -- profile -------------------------------------------------------------------------------


def test_what_an_offset_list_says_of_itself_is_no_description_of_the_office(home: Path) -> None:
    home_, list_ = (a_snapshot(when, a_page(an_entry(link=item(1)))) for when in ("2015", "2016"))
    offset = replace(list_.capture.place, page="moscow/en/nextRow--40")
    listed = replace(
        list_,
        capture=replace(list_.capture, place=offset),
        page=replace(a_page(an_entry()), office=None, description="All news of the office."),
    )
    with Archive(an_archive(home, home_, listed)) as archive:
        told = [(each.field, each.text, each.absent_from) for each in archive.profile("moscow")]
        sql = text("SELECT field, text, absent_from FROM descriptions ORDER BY field DESC")
        rows = [tuple(row) for row in archive._file.connection.execute(sql)]
    assert told == rows == [("name", "ILO Moscow", None), ("description", "It works.", None)]


def test_a_profile_tells_each_wording_with_its_bounds_and_what_it_says(home: Path) -> None:
    first = a_page(news(1))
    one = replace(first, description="The office has served Armenia and Georgia since 1959.")
    two = replace(first, description="The office has served Armenia and Belarus since 1959.")
    path = an_archive(
        home, a_snapshot("2015", one), a_snapshot("2016", one), a_snapshot("2017", two)
    )
    with Archive(path) as archive:
        name, *descriptions = archive.profile("moscow")
    assert (name.field, name.text, name.captures) == ("name", "ILO Moscow", 3)
    told = [
        ([country.code for country in each.countries], each.since, each.first_seen, each.captures)
        for each in descriptions
    ]
    assert told == [
        (["AM", "GE"], (1959,), utc("2015-01-01T00:00:00Z"), 2),
        (["AM", "BY"], (1959,), utc("2017-01-01T00:00:00Z"), 1),
    ]


def test_a_wording_that_came_back_is_told_with_its_own_bounds(home: Path) -> None:
    """Georgia is named, not named, and named again; a capture without a description says nothing,
    and other quotes are no other wording.
    """
    page = a_page(news(1))
    georgia = replace(page, description='The "office" serves Armenia and Georgia.')
    quoted = replace(page, description="The “office” serves Armenia  and Georgia.")
    alone = replace(page, description="The office serves Armenia.")
    path = an_archive(
        home,
        a_snapshot("201501", georgia),
        a_snapshot("201502", quoted),
        a_snapshot("201503", replace(page, description=None)),
        a_snapshot("201504", alone),
        a_snapshot("201505", georgia),
    )
    with Archive(path) as archive:
        _, first, second, third = archive.profile("moscow")
    assert [each.captures for each in (first, second, third)] == [2, 1, 1]
    assert (f"{first.first_seen:%Y-%m}", f"{first.last_seen:%Y-%m}") == ("2015-01", "2015-02")
    assert (first.not_before, f"{first.absent_from:%Y-%m}") == (None, "2015-04")
    assert second.began == Bounds(utc("2015-02-01T00:00:00Z"), utc("2015-04-01T00:00:00Z"))
    assert second.ended == Bounds(utc("2015-04-01T00:00:00Z"), utc("2015-05-01T00:00:00Z"))
    assert third.began.earliest == utc("2015-04-01T00:00:00Z")
    assert [each.code for each in second.left] == ["GE"]
    assert [each.code for each in third.joined] == ["GE"]
    assert first.joined == first.left == second.joined == third.left == ()


def test_an_office_that_was_renamed_and_moved_is_one_office(home: Path) -> None:
    """Moscow's page in Russian at www.ilo.ru and then at www.ilo.org, under two names."""
    old = capture_of("http://www.ilo.ru/", "20090101", a_page(news(1), office="Старое бюро"))
    new = capture_of(
        "http://www.ilo.org/moscow/lang--ru/index.htm", "20110101", a_page(news(1), office="Бюро")
    )
    with Archive(an_archive(home, new, old)) as archive:
        names_ = [each for each in archive.profile("moscow") if each.field == "name"]
        held = [each.slug for each in archive.offices() if each.captures]
    assert held == ["moscow"]
    assert [each.text for each in names_] == ["Старое бюро", "Бюро"]
    assert names_[1].began == Bounds(utc("2009-01-01T00:00:00Z"), utc("2011-01-01T00:00:00Z"))


# -- lives ---------------------------------------------------------------------------------


def capture_of(url: str, when: str, page: Page) -> Snapshot:
    """A good capture of any address, at its place in the registry."""
    snapshot = a_snapshot(when, page)
    capture = replace(snapshot.capture, url=url, place=registry().locate(url))
    return replace(snapshot, capture=capture)


def listing(*numbers: int) -> Page:
    """Items, the higher the number the newer."""
    return a_page(*(news(n, day=f"2015-01-{n:02}") for n in numbers))


def test_a_stay_tells_bounds_gaps_and_how_the_entry_left(home: Path) -> None:
    """Item 5 of a page that shows four: not yet there, there, dropped, back, below the fold. The
    failed capture of July proves nothing.
    """
    path = an_archive(
        home,
        a_snapshot("20150401", listing(4, 3, 2, 1)),
        a_snapshot("20150414", listing(5, 4, 3, 2)),
        a_snapshot("20150501", listing(6, 4, 3, 2)),
        a_snapshot("20150601", listing(6, 5, 4, 3)),
        a_snapshot("20150701", None),
        a_snapshot("20150801", listing(10, 9, 8, 7)),
        a_snapshot("20150901", listing(10, 9, 8, 7)),
    )
    with Archive(path) as archive:
        story = archive.story("wcms-5-en")
    (stay,) = story.stays
    assert (stay.office, stay.page, stay.captures, stay.good_captures) == (
        "moscow",
        "moscow/en",
        2,
        6,
    )
    assert stay.appeared == Bounds(utc("2015-04-01T00:00:00Z"), utc("2015-04-14T00:00:00Z"))
    assert stay.gone == Bounds(utc("2015-06-01T00:00:00Z"), utc("2015-08-01T00:00:00Z"))
    assert stay.departure == Departure("pushed", newer=tuple(f"wcms-{n}-en" for n in (10, 9, 8, 7)))
    (gap,) = stay.gaps
    assert gap.not_on == story.gaps == (utc("2015-05-01T00:00:00Z"),)
    assert gap.departure == Departure("dropped", older=("wcms-4-en", "wcms-3-en", "wcms-2-en"))
    assert (story.not_before, story.item.absent_from) == (
        utc("2015-04-01T00:00:00Z"),
        utc("2015-08-01T00:00:00Z"),
    )


def test_what_an_offset_list_does_not_show_is_no_absence(home: Path) -> None:
    """The list of older items shows others on every capture."""
    offset = "http://www.ilo.org/moscow/lang--en/nextRow--40/index.htm"
    path = an_archive(
        home,
        a_snapshot("20150101", listing(3, 2)),
        capture_of(offset, "20150201", listing(1)),
        capture_of(offset, "20150301", listing(4)),
        capture_of(offset, "20150401", listing(1)),
        a_snapshot("20150501", listing(3, 2)),
    )
    with Archive(path) as archive:
        story = archive.story("wcms-1-en")
        assert story.item.absent_from is None
        assert archive.story("wcms-4-en").item.absent_from is None
        assert ids(archive.entries("moscow", as_of="2015-03")) == ["wcms-3-en", "wcms-2-en"]
    (stay,) = story.stays
    assert (stay.not_before, stay.absent_from, stay.gaps, stay.departure) == (None, None, (), None)
    assert stay.appeared == Bounds(None, utc("2015-02-01T00:00:00Z"))
    assert stay.gone == Bounds(utc("2015-04-01T00:00:00Z"), None)


def test_an_entry_on_other_pages_is_told_with_its_delay(home: Path) -> None:
    """Moscow between 1 and 4 April, Rome between 7 and 10 April: 3 to 9 days later. That Rome's
    page lacked it in March is no absence from Moscow's.
    """
    path = an_archive(
        home,
        a_snapshot("20150301", listing(2), office="rome"),
        a_snapshot("20150401", listing(2)),
        a_snapshot("20150404", listing(3, 2)),
        a_snapshot("20150407", listing(2), office="rome"),
        a_snapshot("20150410", listing(3, 2), office="rome"),
        a_snapshot("20150501", listing(3, 2)),
    )
    with Archive(path) as archive:
        story = archive.story("wcms-3-en")
    assert [(each.office, each.delay) for each in story.stays] == [
        ("moscow", None),
        ("rome", Delay(3, 9)),
    ]
    assert story.not_before == utc("2015-04-01T00:00:00Z")
    assert story.gaps == ()


def test_the_hosts_of_one_page_are_told_with_their_delay(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("20150401", listing(1)),
        a_snapshot("20150404", listing(2, 1)),
        capture_of("https://ilo.ch/moscow/lang--en/index.htm", "20150403", listing(1)),
        capture_of("https://ilo.ch/moscow/lang--en/index.htm", "20150406", listing(2, 1)),
    )
    with Archive(path) as archive:
        (stay,) = archive.story("wcms-2-en").stays
    assert [(each.name, each.captures, each.delay) for each in stay.hosts] == [
        ("www.ilo.org", 1, None),
        ("ilo.ch", 1, Delay(-1, 5)),
    ]
    assert stay.appeared == Bounds(utc("2015-04-03T00:00:00Z"), utc("2015-04-04T00:00:00Z"))


@given(st.permutations(range(7)))
@settings(max_examples=10, deadline=None)
def test_a_life_does_not_depend_on_the_order_of_recording(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    snapshots = [
        a_snapshot("20150401", listing(4, 3)),
        known_to("2015-05", news(5, "Old words"), news(4)),
        a_snapshot("20150601", listing(6, 4)),
        a_snapshot("20150615", None),
        a_snapshot("20150701", listing(6, 5)),
        a_snapshot("20150701", listing(5), office="rome"),
        a_snapshot("20150801", a_page(news(5, "New words"), news(6))),
    ]

    def told(home: Path, *chosen: Snapshot) -> object:
        with Archive(an_archive(home, *chosen)) as archive:
            return [archive.story(f"wcms-{n}-en") for n in (3, 4, 5, 6)], archive.edits()

    shuffled = [snapshots[number] for number in order]
    assert told(tmp_path_factory.mktemp("one"), *shuffled) == told(
        tmp_path_factory.mktemp("two"), *snapshots
    )


# -- edits ---------------------------------------------------------------------------------


def told_edits(archive: Archive, *office: str, **options: Any) -> list[tuple[Any, ...]]:
    return [
        (
            each.entry_id,
            each.field,
            each.before,
            each.after,
            f"{each.before_at:%Y-%m-%d}",
            f"{each.after_at:%Y-%m-%d}",
        )
        for each in archive.edits(*office, **options)
    ]


def test_an_edit_without_notice_is_listed_with_before_and_after(home: Path) -> None:
    """The title of item 1 has changed by May, its date and summary by June; item 2 only in its
    quotes and the year of its credit, item 3 not at all.
    """
    still = news(3)
    path = an_archive(
        home,
        a_snapshot(
            "20150401",
            a_page(news(1, "Old title"), news(2, 'A "quote"', credit="© Jo Lee 2015"), still),
        ),
        a_snapshot(
            "20150501",
            a_page(news(1, "New title"), news(2, "A  “quote”", credit="© Jo Lee 2016"), still),
        ),
        a_snapshot("20150520", a_page(still)),
        a_snapshot(
            "20150601", a_page(news(1, "New title", "2015-01-02", summary="It met."), still)
        ),
    )
    with Archive(path) as archive:
        assert told_edits(archive) == [
            ("wcms-1-en", "date", "2015-01-01", "2015-01-02", "2015-05-01", "2015-06-01"),
            ("wcms-1-en", "summary", None, "It met.", "2015-05-01", "2015-06-01"),
            ("wcms-1-en", "title", "Old title", "New title", "2015-04-01", "2015-05-01"),
        ]
        last = archive.edits(limit=1)[0]
        assert (last.title, last.page) == ("New title", "moscow/en")
        story = archive.story("wcms-1-en")
    changes = [[change.field for change in each.changes] for each in story.wordings]
    assert changes == [[], ["title"], ["date", "summary"]]
    assert last.after_revision == story.wordings[-1].revision_id
    assert last.after_capture == story.sightings[-1].capture_id


def test_an_edit_that_was_taken_back_is_two(home: Path) -> None:
    path = an_archive(
        home, *(a_snapshot(f"2015{n:02}", a_page(news(1, f"Title {n % 2}"))) for n in (1, 2, 3))
    )
    with Archive(path) as archive:
        assert told_edits(archive) == [
            ("wcms-1-en", "title", "Title 0", "Title 1", "2015-02-01", "2015-03-01"),
            ("wcms-1-en", "title", "Title 1", "Title 0", "2015-01-01", "2015-02-01"),
        ]


def test_pages_that_word_an_entry_each_in_its_way_edit_nothing(home: Path) -> None:
    """Nor does a page that lists it twice, in two wordings."""
    long, short = news(1, summary="It met in May."), news(1, summary="It met.")
    path = an_archive(
        home,
        a_snapshot("201501", a_page(long, short)),
        a_snapshot("201502", a_page(short), office="rome"),
        a_snapshot("201503", a_page(long)),
        a_snapshot("201504", a_page(short), office="rome"),
        a_snapshot("201505", a_page(short, long)),
    )
    with Archive(path) as archive:
        assert archive.edits() == []


def test_an_edit_has_no_capture_that_may_be_from_before_or_after_it(home: Path) -> None:
    """The capture of April may be later than that of the 14th; that of March is earlier."""
    path = an_archive(
        home,
        known_to("2015-03", news(1, "Old")),
        known_to("2015-04", news(1, "Old")),
        known_to("20150414103217", news(1, "New")),
        known_to("2015-06", news(1, "Newer")),
        known_to("20150614103217", news(1, "New")),
    )
    with Archive(path) as archive:
        assert told_edits(archive) == [
            ("wcms-1-en", "title", "Old", "New", "2015-03-01", "2015-04-14"),
        ]


@pytest.mark.parametrize("quality", ["captcha", "empty", "redirect", "error", "parked"])
def test_a_capture_that_is_no_page_proves_no_absence(home: Path, quality: Quality) -> None:
    bad = replace(a_snapshot("20150415", None), quality=quality)
    path = an_archive(home, a_snapshot("201504", listing(1)), bad, a_snapshot("201505", listing(1)))
    with Archive(path) as archive:
        story = archive.story("wcms-1-en")
    assert (story.gaps, story.item.absent_from) == ((), None)
    assert story.stays[0].good_captures == 2


def test_edits_are_narrowed_as_entries_are(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("201501", a_page(news(1, "A"), news(2, "B", day="2016-01-01"))),
        a_snapshot("201502", a_page(news(1, "A2"), news(2, "B2", day="2016-01-01"))),
        a_snapshot("201501", a_page(news(1, "A")), office="rome"),
        a_snapshot("201503", a_page(news(1, "A3")), office="rome"),
    )
    with Archive(path) as archive:
        assert [each.after for each in archive.edits("rome")] == ["A3"]
        assert [each.after for each in archive.edits("moscow")] == ["A2", "B2"]
        assert [each.after for each in archive.edits(since="2016")] == ["B2"]
        assert archive.edits("lima") == []
        with pytest.raises(UnknownOffice):
            archive.edits("nosuch")


# -- translations --------------------------------------------------------------------------


def in_russian(*entries: Entry) -> Snapshot:
    return a_snapshot("201501", a_page(*entries, language="ru"), language="ru")


def pictured(link: str, picture: str | None = "a", day: str = "2015-01-01") -> Entry:
    image = picture and f"http://www.ilo.org/images/{picture}.jpg"
    return replace(an_entry(f"Of {link}", day, link=link), image=image)


def twins(archive: Archive, entry_id: str) -> list[tuple[str, str, str]]:
    found = archive.story(entry_id).twins
    return [(each.entry_id, each.language, each.rule) for each in found]


def test_one_item_number_in_two_languages_is_one_item(home: Path) -> None:
    """12 and 123 are not, though one number begins with the other."""
    russian = in_russian(an_entry("Семинар", link=item(12, "ru")), news(1234))
    path = an_archive(home, a_snapshot("2015", a_page(news(12), news(123))), russian)
    with Archive(path) as archive:
        assert twins(archive, "wcms-12-en") == [("wcms-12-ru", "ru", "item number")]
        assert twins(archive, "wcms-12-ru") == [("wcms-12-en", "en", "item number")]
        assert twins(archive, "wcms-123-en") == []
        assert archive.story("wcms-12-en").twins[0].title == "Семинар"
        assert archive.story("wcms-12-en").twins[0].evidence == "wcms-12"


def test_date_picture_and_pattern_of_the_link_make_a_twin_together(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(pictured(item(1)))),
        in_russian(pictured(item(2, "ru"))),
    )
    with Archive(path) as archive:
        assert twins(archive, "wcms-1-en") == [("wcms-2-ru", "ru", "date, picture and link")]
        assert twins(archive, "wcms-2-ru") == [("wcms-1-en", "en", "date, picture and link")]


@pytest.mark.parametrize(
    "other",
    [
        pictured(item(2, "ru"), day="2015-01-02"),
        pictured(item(2, "ru"), picture="b"),
        pictured(item(2, "ru"), picture=None),
        pictured("http://www.ilo.org/moscow/events/WCMS_2/lang--ru/index.htm"),
        pictured("http://www.ilo.org/2"),
    ],
)
def test_two_of_the_three_make_no_twin(home: Path, other: Entry) -> None:
    path = an_archive(home, a_snapshot("2015", a_page(pictured(item(1)))), in_russian(other))
    with Archive(path) as archive:
        assert twins(archive, "wcms-1-en") == []


def test_a_picture_that_several_entries_of_the_day_share_makes_no_twin(home: Path) -> None:
    """Two of the one language and one of the other: which two belong together is a guess."""
    path = an_archive(
        home,
        a_snapshot("2015", a_page(pictured(item(1)), pictured(item(3)))),
        in_russian(pictured(item(2, "ru"))),
    )
    with Archive(path) as archive:
        assert [twins(archive, each) for each in ("wcms-1-en", "wcms-3-en", "wcms-2-ru")] == [
            [],
            [],
            [],
        ]


def test_a_number_goes_before_a_picture(home: Path) -> None:
    """Item 1 has its translation, so the picture of item 2 is that of another one."""
    path = an_archive(
        home,
        a_snapshot("2015", a_page(pictured(item(1)))),
        in_russian(an_entry("Один", link=item(1, "ru")), pictured(item(2, "ru"))),
    )
    with Archive(path) as archive:
        assert twins(archive, "wcms-1-en") == [("wcms-1-ru", "ru", "item number")]
        assert twins(archive, "wcms-2-ru") == []


# -- a page as it stood, to cite -----------------------------------------------------------


def test_an_entry_of_a_page_as_it_stood_comes_with_the_capture_to_cite(years: Archive) -> None:
    found = years.entries("moscow", as_of="2015-05")
    assert all(isinstance(each, EntryAsOf) for each in found)
    cited = [
        (each.position, each.captured_at, each.page)
        for each in found
        if isinstance(each, EntryAsOf)
    ]
    assert cited == [(1, utc("2015-04-14T10:32:17Z"), "moscow/en")] * 2


def test_a_capture_of_the_month_is_cited_as_one(home: Path) -> None:
    with Archive(an_archive(home, known_to("2015-04", news(1)))) as archive:
        (found,) = archive.entries(as_of="2015")
        (seen,) = archive.story("wcms-1-en").sightings
    assert isinstance(found, EntryAsOf)
    assert (found.captured_at, found.precision) == (utc("2015-04-01T00:00:00Z"), "month")
    assert as_known(found.captured_at, found.precision) == "2015-04"
    assert seen.precision == "month"


@pytest.mark.parametrize(
    ("as_of", "captured_at"),
    [
        ("2015-04-14", "2015-04-14T10:32:17Z"),
        ("20150414103217", "2015-04-14T10:32:17Z"),
        ("2015-06-14T11:59:59Z", "2015-04-14T10:32:17Z"),
        ("2015-08-02", "2015-06-14T12:00:00Z"),
        ("2030", "2016-01-01T00:00:00Z"),
    ],
)
def test_a_page_is_that_of_the_last_good_capture_by_then(
    years: Archive, as_of: str, captured_at: str
) -> None:
    page = years.page("moscow", as_of)
    assert page.captured_at == utc(captured_at)
    found = ids(years.entries("moscow", as_of=as_of))
    assert [each.entry_id for each in page.entries] == found


def test_a_page_from_before_its_first_capture_is_refused(years: Archive) -> None:
    with pytest.raises(NoCapture, match="2015-04-14T10:32:17Z"):
        years.page("moscow", "2015-04-13")
    with pytest.raises(UnknownOffice):
        years.page("nosuch", "2015")
