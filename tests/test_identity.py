"""Identity: what a reading is called, and which readings are one entry."""

from collections.abc import Callable, Collection, Iterable
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.identity.groups import group
from ilo_archive.identity.keys import EntryKeys, entry_keys, wording_digest
from ilo_archive.offices import registry
from ilo_archive.reader.entry import Entry
from ilo_archive.text.normalise import digest, normalised
from tests.build import an_entry, item

# -- wordings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "plain"),
    [
        (None, ""),
        ("", ""),
        ("  \n\t ", ""),
        ("Seminar  opens\n", "seminar opens"),
        ("Seminar\u00a0opens", "seminar opens"),
        ("“Seminar”", '"seminar"'),
        ("„Seminar“", '"seminar"'),
        ("«Семинар»", '"семинар"'),
        ("Women’s Day", "women's day"),
        ("Women`s Day", "women's day"),
        ("FNPR-ILO", "fnpr - ilo"),
        ("FNPR – ILO", "fnpr - ilo"),
        ("FNPR—ILO", "fnpr - ilo"),
        ("FNPR ‑ ILO", "fnpr - ilo"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ＩＬＯ", "ilo"),
        ("ﬁrst", "first"),
        ("No. 60", "no. 60"),
        ("Йод", "йод"),
        ("employ\u00adment\u200b", "employment"),
        ("\u200fمؤتمر\ufeff", "مؤتمر"),
    ],
)
def test_a_wording_without_what_is_not_wording(printed: str | None, plain: str) -> None:
    assert normalised(printed) == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [("60", "61"), ("opens", "opened"), ("the PES", "PES"), ("C++", "C"), ("co-op", "coop")],
)
def test_words_and_numbers_are_wording(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.text())
def test_a_plain_wording_is_its_own_plain_wording(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(st.text(), st.text(alphabet=" \t\n\u00a0", max_size=3))
def test_white_space_around_a_wording_is_none(text: str, space: str) -> None:
    assert normalised(space + text + space) == normalised(text)


def test_parts_that_join_alike_are_told_apart() -> None:
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("ab", None, "c")}) == 4
    assert digest("a", None) == digest("a", "")
    assert len(digest("a")) == 16


# -- names ---------------------------------------------------------------------------------


def called(entry: Entry, language: str | None = "en", office: str = "moscow") -> EntryKeys:
    return entry_keys(entry, language, office, registry())


def test_an_item_is_called_by_number_and_language() -> None:
    assert called(an_entry(link=item(7))).item_key == "wcms-7-en"
    assert called(an_entry(link=item(7)), "ru").item_key == "wcms-7-ru"
    assert called(an_entry(link=item(7)), None).item_key == "wcms-7-xx"
    assert called(an_entry(link=item(7))).numbered


def test_a_number_is_one_name_under_every_host_and_office() -> None:
    links = (
        item(7),
        "https://ilo.ch/WCMS_7",
        "http://www.ilo.org/rome/WCMS_7/lang--en?x=1",
        "/moscow/news/WCMS_7/lang--en/index.htm",
    )
    assert {called(an_entry(link=link), office="rome").item_key for link in links} == {"wcms-7-en"}


def test_a_link_without_a_number_is_one_name_whatever_varies_of_it() -> None:
    links = (
        "http://www.ilo.org/resource/news/a",
        "https://ilo.org/resource/news/a/",
        "http://oit.org:80/resource/news/a?utm_source=x#y",
    )
    assert len({called(an_entry(link=link)).item_key for link in links}) == 1
    strong = called(an_entry(link=links[0])).item_key
    assert strong is not None
    assert strong.startswith("link-")
    assert not called(an_entry(link=links[0])).numbered
    assert called(an_entry(link="http://www.ilo.org/resource/news/b")).item_key != strong


@pytest.mark.parametrize("link", [None, "", "/a", "file:///a", "#top"])
def test_a_link_that_leads_nowhere_is_no_name(link: str | None) -> None:
    assert called(an_entry(link=link)).item_key is None


def test_a_dated_title_is_one_name_at_every_office_and_in_every_style() -> None:
    one = called(an_entry("“Seminar”  Opens"))
    assert one == called(an_entry('"seminar" opens'), office="rome")
    assert one.title_key.startswith("entry-")


def test_day_title_and_language_are_each_part_of_a_name() -> None:
    several = {
        called(an_entry()).title_key,
        called(an_entry("Seminar closes")).title_key,
        called(an_entry(day="2015-04-15")).title_key,
        called(an_entry(), "ru").title_key,
    }
    assert len(several) == 4


def test_an_undated_title_is_a_name_at_its_office_only() -> None:
    assert called(an_entry(day=None)) == called(an_entry(day=None))
    assert called(an_entry(day=None)) != called(an_entry(day=None), office="rome")


def test_without_a_title_the_summary_takes_its_place() -> None:
    one = an_entry(None, summary="It opened.")
    assert called(one) == called(an_entry(None, summary="It  opened."))
    assert called(one) != called(an_entry(None, summary="It closed."))


def test_picture_credit_and_place_in_the_list_are_no_wording() -> None:
    one = an_entry(link=item(7), credit="© Jo Lee 2015")
    other = an_entry(link=item(8), position=9, credit="© Someone Else / ILO 2016")
    assert wording_digest(one, "en") == wording_digest(other, "en")
    assert wording_digest(one, "en") != wording_digest(one, "ru")


# -- groups --------------------------------------------------------------------------------

STRONG = st.sampled_from(["wcms-1-en", "wcms-2-en", "link-a", "link-b"])
READINGS = st.frozensets(
    st.builds(EntryKeys, st.none() | STRONG, st.sampled_from(["entry-1", "entry-2", "entry-3"])),
    min_size=1,
    max_size=8,
)
PAIRS = st.sets(st.sets(STRONG, min_size=2, max_size=2).map(frozenset), max_size=3)


def together(
    pairs: set[frozenset[str]],
) -> Callable[[Collection[EntryKeys], Collection[EntryKeys]], bool]:
    """Whether strong names of the two are among the pairs that stand on one capture."""
    return lambda one, other: any(
        frozenset((a.item_key, b.item_key)) in pairs for a in one for b in other
    )


def grouped(readings: Iterable[EntryKeys], pairs: set[frozenset[str]]) -> dict[EntryKeys, str]:
    """The ids of the entries, without near text and decisions."""
    return {each: placed.entry_id for each, placed in group(readings, together(pairs)).items()}


@given(
    READINGS.flatmap(
        lambda each: st.tuples(st.permutations(sorted(each, key=repr)), st.just(each))
    ),
    PAIRS,
)
def test_the_order_of_readings_does_not_matter(
    given_: tuple[list[EntryKeys], frozenset[EntryKeys]], pairs: set[frozenset[str]]
) -> None:  # fmt: skip
    ordered, readings = given_
    assert grouped([*ordered, *ordered], pairs) == grouped(readings, pairs)


@given(READINGS, PAIRS)
def test_every_reading_has_an_id_that_is_a_name_of_its_entry(
    readings: frozenset[EntryKeys], pairs: set[frozenset[str]]
) -> None:
    ids = grouped(readings, pairs)
    assert set(ids) == set(readings)
    for entry_id in set(ids.values()):
        mine = [each for each in readings if ids[each] == entry_id]
        assert entry_id in {name for each in mine for name in (each.item_key, each.title_key)}


@given(READINGS, PAIRS)
def test_two_numbers_are_never_one_entry_and_one_number_never_two(
    readings: frozenset[EntryKeys], pairs: set[frozenset[str]]
) -> None:
    ids = grouped(readings, pairs)
    numbered = [each for each in readings if each.numbered]
    for one, other in combinations(numbered, 2):
        assert (ids[one] == ids[other]) == (one.item_key == other.item_key)
    assert all(ids[each] == each.item_key for each in numbered)


@given(READINGS, PAIRS)
def test_two_links_seen_on_one_page_are_never_one_entry(
    readings: frozenset[EntryKeys], pairs: set[frozenset[str]]
) -> None:
    ids = grouped(readings, pairs)
    for one, other in combinations(readings, 2):
        if frozenset((one.item_key, other.item_key)) in pairs:
            assert ids[one] != ids[other]


@given(READINGS, PAIRS)
def test_a_reading_without_a_link_joins_where_that_leaves_no_choice(
    readings: frozenset[EntryKeys], pairs: set[frozenset[str]]
) -> None:
    ids = grouped(readings, pairs)
    for each in readings:
        owners = {
            other for other in readings if other.item_key and other.title_key == each.title_key
        }
        if each.item_key is None and len({other.item_key for other in owners}) == 1:
            assert {ids[each]} == {ids[other] for other in owners}


def test_a_number_is_a_better_id_than_a_link_and_a_link_than_a_title() -> None:
    number, link, title = (EntryKeys(name, "entry-1") for name in ("wcms-9-en", "link-a", None))
    never: set[frozenset[str]] = set()
    assert set(grouped([number, link, title], never).values()) == {"wcms-9-en"}
    assert set(grouped([link, title], never).values()) == {"link-a"}
    assert set(grouped([title], never).values()) == {"entry-1"}


def test_no_readings_are_no_entries() -> None:
    assert group([], together(set())) == {}
