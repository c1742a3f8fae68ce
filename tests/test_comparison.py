"""Comparing two snapshots: every change once, by its kind; typography is not a change."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.queries.answers import (
    Homepage,
    PrintedEntry,
)
from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.queries.comparison import (
    WEIGHTS,
    Change,
    ChangeKind,
    Comparison,
    compare,
    compare_captures,
)
from ilo_archive.queries.wording_changes import FieldChange
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item, utc

EMPTY = Homepage(
    capture_id="20150414103217-a",
    office="moscow",
    language="en",
    page="moscow/en",
    url="http://www.ilo.org/moscow/lang--en/index.htm",
    uri_m=None,
    archive="test",
    captured_at=utc("2015-04-14T10:32:17Z"),
    precision="second",
    name="ILO Moscow",
    description="It works.",
)


def shown(entry_id: str, revision: str = "1", /, **parts: Any) -> PrintedEntry:
    """An entry on a page; `revision` distinguishes the wordings of one entry."""
    usual: dict[str, Any] = dict.fromkeys(
        ("section", "kicker", "dateline", "date", "date_end", "place", "summary", "link", "credit")
    )
    usual |= dict.fromkeys(("credit_holder", "credit_agency", "credit_year"))
    usual |= {"entry_id": entry_id, "revision_id": f"{entry_id}@{revision}"}
    usual |= {"is_cut": False, "first_seen": utc("2015-01-01T00:00:00Z")}
    return PrintedEntry(**usual | {"position": 1, "title": f"Title of {entry_id}"} | parts)


def page(*entries: PrintedEntry | str, **parts: Any) -> Homepage:
    """A homepage with these entries in this order; a string is an entry of that id."""
    listed = [shown(each) if isinstance(each, str) else each for each in entries]
    placed = tuple(replace(each, position=at) for at, each in enumerate(listed, start=1))
    return replace(EMPTY, entries=placed, **parts)


def printed(comparison: Comparison) -> list[tuple[ChangeKind, str | None]]:
    """Kind and entry of each change."""
    return [(each.kind, each.entry.entry_id if each.entry else None) for each in comparison.changes]


# -- entries -------------------------------------------------------------------------------


def test_the_same_page_has_no_changes() -> None:
    found = compare(page("a", "b"), page("a", "b"))
    assert found.changes == ()
    assert found.unchanged == 2
    assert not found.differs


def test_two_empty_pages_do_not_differ() -> None:
    assert compare(page(), page()).changes == ()


def test_entries_on_one_page_only_are_reported_as_appeared_or_gone() -> None:
    before, after = page("a", "b"), page("c", "a")
    found = compare(before, after)
    assert printed(found) == [("appeared", "c"), ("gone", "b")]
    assert found.unchanged == 1
    assert found.differs
    appeared, gone = found.changes
    assert (appeared.before, appeared.after) == (None, after.entries[0])
    assert (gone.before, gone.after) == (before.entries[1], None)
    assert appeared.fields == gone.fields == ()


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("title", "Seminar opens", "Seminar opened"),
        ("title", "Seminar", None),
        ("kicker", None, "Event"),
        ("summary", "One.", "Two."),
        ("summary", "One.", None),
        ("place", "Astana", "Almaty"),
        ("dateline", "14 April 2015", "15 April 2015"),
    ],
)
def test_a_new_wording_is_an_edit_of_its_field(
    field: str, before: str | None, after: str | None
) -> None:
    one, other = shown("a", **{field: before}), shown("a", "2", **{field: after})
    found = compare(page(one), page(other))
    assert printed(found) == [("edited", "a")]
    assert found.changes[0].fields == (FieldChange(field, before, after),)
    assert found.unchanged == 0


def test_several_fields_are_one_edit() -> None:
    one = shown("a", title="One", summary="Was.", kicker="K")
    other = shown("a", "2", title="Two", summary="Is.", kicker="K")
    found = compare(page(one), page(other))
    assert [[each.field for each in change.fields] for change in found.changes] == [
        ["title", "summary"]
    ]


STYLES = [
    ("A “quoted” title", 'A "quoted" title'),
    ("«Вместе»", "„Вместе“"),
    ("Women’s Day", "Women's Day"),
    ("Seminar - opens", "Seminar – opens"),
    ("FNPR-ILO", "FNPR—ILO"),
    ("Seminar  opens\u00a0", "Seminar opens"),
    ("SEMINAR OPENS", "Seminar opens"),
    ("ﬁrst", "first"),
]


@pytest.mark.parametrize("field", ["title", "kicker", "summary", "dateline", "place"])
@pytest.mark.parametrize(("before", "after"), STYLES)
def test_typographic_differences_are_not_changes_of_an_entry(
    field: str, before: str, after: str
) -> None:
    one, other = shown("a", **{field: before}), shown("a", "2", **{field: after})
    found = compare(page(one), page(other))
    assert found.changes == ()
    assert found.unchanged == 1


@pytest.mark.parametrize("field", ["name", "description"])
@pytest.mark.parametrize(("before", "after"), STYLES)
def test_typographic_differences_are_not_changes_of_the_page(
    field: str, before: str, after: str
) -> None:
    assert compare(page(**{field: before}), page(**{field: after})).changes == ()


def test_another_link_or_picture_is_not_a_change() -> None:
    other = shown("a", link="https://ilo.ch/WCMS_7", section="Latest")
    assert compare(page(shown("a", link=item(7), section="News")), page(other)).changes == ()


# -- places --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ("abcd", "abcd", ""),
        ("abcd", "nabcd", ""),  # a new entry at the top moves nothing
        ("abcd", "bcd", ""),
        ("abcd", "anbxcd", ""),
        ("abcd", "acd", ""),
        ("abcd", "bcda", "a"),
        ("abcd", "dabc", "d"),
        ("abcd", "nadbc", "d"),
        ("ab", "ba", "?"),  # either one moved, the other stayed
        ("abcd", "acbd", "?"),
        ("abcd", "dcba", "???"),
        ("abcdef", "badcfe", "???"),
        ("abcde", "xyz", ""),
        ("", "abc", ""),
    ],
)
def test_the_fewest_entries_that_explain_the_order_moved(
    before: str, after: str, moved: str
) -> None:
    found = compare(page(*before), page(*after))
    ids = [each.entry.entry_id for each in found.of("moved") if each.entry]
    assert len(ids) == len(moved)
    assert "?" in moved or ids == list(moved)


@pytest.mark.parametrize("after", list(permutations("abcde"))[::7])
def test_entries_that_did_not_move_keep_their_order(after: tuple[str, ...]) -> None:
    found = compare(page(*"abcde"), page(*after))
    moved = {entry_id for kind, entry_id in printed(found) if kind == "moved"}
    stayed = [each for each in after if each not in moved]
    assert stayed == sorted(stayed)


def test_a_move_has_both_positions() -> None:
    found = compare(page(*"abcd"), page(*"bcda"))
    assert printed(found) == [("moved", "a")]
    assert found.changes[0].fields == (FieldChange("place in the list", "1", "4"),)
    assert found.unchanged == 3


def test_an_entry_listed_twice_counts_once_at_its_first_position() -> None:
    found = compare(page("a", "b", "a"), page("a", "b"))
    assert found.changes == ()
    assert found.unchanged == 2
    assert printed(compare(page("a"), page("b", "b", "a", "b"))) == [("appeared", "b")]
    assert printed(compare(page("b", "b"), page())) == [("gone", "b")]


def test_an_entry_that_moved_and_was_edited_is_reported_as_both_and_counted_once() -> None:
    found = compare(page(*"abc"), page("b", "c", shown("a", "2", title="New")))
    assert printed(found) == [("edited", "a"), ("moved", "a")]
    assert found.unchanged == 2


# -- credits -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("© Jo Lee 2015", "© Jo Lee 2016", "credit-year"),
        ("© Jo Lee / ILO 2015", "© Jo Lee / ILO 2016", "credit-year"),
        ("© Jo Lee", "© Jo Lee 2016", "credit-year"),
        ("© Jo Lee 2015", "© Ann Ray 2016", "credit"),
        ("© Jo Lee / ILO 2015", "© Jo Lee / AFP 2015", "credit"),
        ("© Jo Lee 2015", None, "credit"),
        (None, "© Jo Lee 2015", "credit"),
    ],
)
def test_a_credit_changes_by_its_words_or_by_its_year(
    before: str | None, after: str | None, kind: ChangeKind
) -> None:
    found = compare(page(shown("a", credit=before)), page(shown("a", credit=after)))
    assert printed(found) == [(kind, "a")]
    assert found.changes[0].fields == (FieldChange("credit", before, after),)
    assert found.differs == (kind == "credit")
    assert found.unchanged == (kind == "credit-year")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("© Jo Lee 2015", "©  Jo Lee 2015"),
        ("© Jo Lee 2015", "© JO LEE 2015"),
        ("© Jo O’Lee 2015", "© Jo O'Lee 2015"),
        ("© Jo Lee – ILO 2015", "© Jo Lee - ILO 2015"),
        ("© Jo Lee / ILO 2015", "© Jo Lee/ILO 2015"),
    ],
)
def test_typographic_differences_are_not_changes_of_a_credit(before: str, after: str) -> None:
    """Least of all a change of its year, which the report words as `the year alone differs`."""
    found = compare(page(shown("a", credit=before)), page(shown("a", credit=after)))
    assert found.changes == ()


# -- the page ------------------------------------------------------------------------------


def test_changes_of_name_and_description_come_first() -> None:
    before = page("a", name="Old", description="Ten.")
    found = compare(before, page("b", name="New", description=None))
    assert [each.kind for each in found.changes] == ["page", "page", "appeared", "gone"]
    assert [each.fields for each in found.of("page")] == [
        (FieldChange("office name", "Old", "New"),),
        (FieldChange("description", "Ten.", None),),
    ]
    assert [each.entry for each in found.of("page")] == [None, None]


NINE = (
    "Founded in 1959, the office serves nine countries: Armenia, Azerbaijan, Belarus, Georgia,"
    " Kazakhstan, Kyrgyzstan, the Russian Federation, Tajikistan and Turkmenistan."
)
TEN = (
    "Formerly the Subregional Office for the East, it got its present name in April 2010. It serves"
    " ten countries: Armenia, Azerbaijan, Belarus, Kazakhstan, the Kyrgyz Republic, Moldova,"
    " the Russian Federation, Tajikistan, Turkmenistan and Uzbekistan."
)


def facts(comparison: Comparison, kind: ChangeKind) -> list[tuple[str, str | None, str | None]]:
    return [
        (each.field, each.before, each.after)
        for change in comparison.of(kind)
        for each in change.fields
    ]


def test_countries_and_facts_named_in_one_description_only_are_reported() -> None:
    found = compare(page(description=NINE), page(description=TEN))
    assert facts(found, "named") == [
        ("country", None, "Moldova (MD)"),
        ("country", None, "Uzbekistan (UZ)"),
        ("former name", None, "Subregional Office for the East"),
        ("renamed", None, "2010-04"),
        ("number of countries", None, "10"),
    ]
    assert facts(found, "not-named") == [
        ("country", "Georgia (GE)", None),
        ("since", "1959", None),
        ("number of countries", "9", None),
    ]


def test_a_country_under_another_name_is_the_same() -> None:
    one, other = "It serves Kyrgyzstan and Turkey.", "It serves Türkiye and the Kyrgyz Republic."
    found = compare(page(description=one), page(description=other))
    assert [each.kind for each in found.changes] == ["page"]


def test_a_capture_without_a_description_has_no_named_or_dropped_facts() -> None:
    for one, other in ((NINE, None), (None, NINE), (NINE, " ")):
        found = compare(page(description=one), page(description=other))
        assert [each.kind for each in found.changes] == ["page"]


def test_a_former_name_equal_to_the_name_is_ignored() -> None:
    before = page(name="Subregional Office for the East", description="It works.")
    after = page(name="Office for the East", description=TEN)
    assert ("former name", None, before.name) in facts(compare(before, after), "named")
    still = page(name="Subregional Office for the East", description=TEN)
    assert "former name" not in [each[0] for each in facts(compare(before, still), "named")]


def test_changes_are_in_the_order_of_the_later_page_with_the_gone_at_the_end() -> None:
    after = page("n", shown("c", "2", title="New"), shown("a", credit="© ILO"), "m")
    found = compare(page("a", "x", "c", "y"), after)
    order = [entry_id for _, entry_id in printed(found)]
    assert order[-2:] == ["x", "y"]
    assert list(dict.fromkeys(order[:-2])) == ["n", "c", "a", "m"]


def test_every_kind_has_its_weight() -> None:
    assert WEIGHTS["credit-year"] == 0
    assert all(weight > 0 for kind, weight in WEIGHTS.items() if kind != "credit-year")
    assert Change("gone", shown("a")).weight == WEIGHTS["gone"]


# -- properties ----------------------------------------------------------------------------

WORDS = st.sampled_from(["One", "Two", "“Two”", None])
TEXTS = st.sampled_from([None, "One", "“Two”", '"Two"', NINE, TEN, TEN.upper()])
CREDITS = st.sampled_from([None, "© Jo Lee 2015", "© Jo Lee 2016", "© Ann Ray 2015"])


@st.composite
def pages(draw: st.DrawFn) -> Homepage:
    ids = draw(st.lists(st.sampled_from("abcdef"), max_size=7))
    entries = []
    for each in ids:
        title = draw(WORDS)
        revision = {"“Two”": "Two"}.get(str(title), str(title))  # style makes no revision
        entries.append(shown(each, revision, title=title, credit=draw(CREDITS)))
    return page(*entries, name=draw(WORDS), description=draw(TEXTS))


MIRRORED: dict[ChangeKind, ChangeKind] = {
    "appeared": "gone", "gone": "appeared", "named": "not-named", "not-named": "named",
}  # fmt: skip


def mirrored(comparison: Comparison) -> list[Any]:
    """The changes that go the other way when the pages are swapped; of moves, their number."""
    changes = [
        (
            MIRRORED.get(each.kind, each.kind),
            each.entry and each.entry.entry_id,
            tuple((one.field, one.after, one.before) for one in each.fields),
        )
        for each in comparison.changes
        if each.kind != "moved"
    ]
    return [*sorted(changes, key=repr), len(comparison.of("moved"))]


def straight(comparison: Comparison) -> list[Any]:
    changes = [
        (
            each.kind,
            each.entry and each.entry.entry_id,
            tuple((one.field, one.before, one.after) for one in each.fields),
        )
        for each in comparison.changes
        if each.kind != "moved"
    ]
    return [*sorted(changes, key=repr), len(comparison.of("moved"))]


@given(pages(), pages())
def test_the_other_way_round_every_change_is_mirrored(one: Homepage, other: Homepage) -> None:
    assert mirrored(compare(one, other)) == straight(compare(other, one))
    assert compare(one, other).differs == compare(other, one).differs


@given(pages())
def test_no_page_differs_from_itself(one: Homepage) -> None:
    found = compare(one, one)
    assert found.changes == ()
    assert found.unchanged == len({each.entry_id for each in one.entries})


@given(pages(), pages())
def test_every_entry_is_accounted_for_once(one: Homepage, other: Homepage) -> None:
    found = compare(one, other)
    ids = {each.entry_id for each in (*one.entries, *other.entries)}
    counted = found.unchanged + len(
        {each.entry.entry_id for each in found.changes if each.entry and each.weight}
    )
    assert counted == len(ids)


# -- captures of an archive ----------------------------------------------------------------


def test_a_comparison_counts_the_captures_and_entries_in_between(tmp_path: Any) -> None:
    stays = an_entry("Stays", link=item(1))
    path = an_archive(
        tmp_path / "home",
        a_snapshot("20150101", a_page(stays, an_entry("Leaves", link=item(2)))),
        a_snapshot("20150201", a_page(stays, an_entry("Passes", link=item(3)))),
        a_snapshot("20150301", None),
        a_snapshot("20150401", a_page(an_entry("Comes", link=item(4)), stays)),
    )
    with Archive(path) as archive:
        found = compare_captures(archive, "moscow", "first", "last", None)
        back = compare_captures(archive, "moscow", "last", "first", None)
        last_two = compare_captures(archive, "moscow", None, None, None)
        year = compare_captures(archive, "moscow", "2015", "2015", None)
    assert printed(found) == [("appeared", "wcms-4-en"), ("gone", "wcms-2-en")]
    assert (found.unchanged, found.captures_between, found.passed) == (1, 1, 1)
    assert printed(last_two) == [("appeared", "wcms-4-en"), ("gone", "wcms-3-en")]
    assert (last_two.captures_between, last_two.passed) == (0, 0)
    assert printed(year) == printed(found)
    assert printed(back) == [("appeared", "wcms-2-en"), ("gone", "wcms-4-en")]
    assert (back.captures_between, back.passed) == (1, 1)
