"""Grouping: which readings are one entry."""

from collections.abc import Callable, Collection, Iterable
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.identity.groups import group
from ilo_archive.identity.keys import EntryKeys

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
    """True if item keys of the two are among the pairs on one capture."""
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
def test_every_reading_has_an_id_that_is_a_key_of_its_entry(
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


def test_no_readings_make_no_entries() -> None:
    assert group([], together(set())) == {}
