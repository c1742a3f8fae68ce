"""Bisection: every change between captures that are looked at, with few of them looked at."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.sources.bisection import Change, Contents, find_changes

Shown = Sequence[int | None]
"""What each capture shows; None for one that shows no page."""


def searched(
    shown: Shown, digests: Sequence[str] | None = None, known: Contents | None = None
) -> tuple[list[Change], list[int]]:
    """The changes found, and the captures fetched for them in their order."""
    fetched: list[int] = []
    search = find_changes(digests or [""] * len(shown), known)
    try:
        wanted = next(search)
        while True:
            fetched += wanted
            wanted = search.send({number: shown[number] for number in wanted})
    except StopIteration as end:
        return end.value, fetched


def changes(shown: Shown) -> list[Change]:
    """Every change that there is, found by looking at every capture."""
    pages = [number for number, each in enumerate(shown) if each is not None]
    return [Change(a, b) for a, b in pairwise(pages) if shown[a] != shown[b]]


def most(shown: Shown, found: list[Change]) -> int:
    """The number of fetches that is promised."""
    return 2 + len(found) * ceil(log2(max(len(shown), 2))) + list(shown).count(None)


# -- examples ------------------------------------------------------------------------------


def test_a_thousand_captures_with_five_changes_cost_about_log2_of_n_a_change() -> None:
    starts = (90, 300, 301, 640, 998)
    shown = [sum(number >= start for start in starts) for number in range(1000)]
    found, fetched = searched(shown)
    assert found == [Change(start - 1, start) for start in starts]
    assert len(fetched) <= 2 + 5 * 10
    assert len(set(fetched)) == len(fetched)


def test_a_series_that_is_alike_at_both_ends_costs_two_fetches() -> None:
    assert searched([7] * 1000) == ([], [0, 999])


def test_a_change_undone_between_two_equal_captures_is_not_found() -> None:
    shown = [1] * 10 + [2] * 5 + [1] * 10
    assert changes(shown) == [Change(9, 10), Change(14, 15)]
    assert searched(shown) == ([], [0, 24])


def test_an_undone_change_is_found_if_a_capture_of_it_was_fetched_before() -> None:
    shown = [1] * 10 + [2] * 5 + [1] * 10
    found, _ = searched(shown, known={12: 2})
    assert found == changes(shown)


@pytest.mark.parametrize(
    ("shown", "fetched"),
    [([], []), ([None], [0]), ([1], [0]), ([1, 1], [0, 1]), ([1, 2], [0, 1]), ([None] * 2, [0, 1])],
)
def test_short_series_are_searched_to_the_end(shown: Shown, fetched: list[int]) -> None:
    assert searched(shown) == (changes(shown), fetched)


def test_of_captures_of_one_digest_one_is_fetched() -> None:
    shown = [1] * 300 + [2] * 300 + [3] * 400
    found, fetched = searched(shown, [str(page) for page in shown])
    assert found == [Change(299, 300), Change(599, 600)]
    assert sorted(shown[number] for number in fetched if shown[number]) == [1, 2, 3]


def test_a_digest_that_recurs_is_fetched_once() -> None:
    assert searched([1, 2, 1, 3], [*"ABAC"]) == ([Change(2, 3)], [0, 3])


def test_a_digest_that_is_new_need_not_be_a_change() -> None:
    found, fetched = searched([1, 1, 1, 1], [*"ABCD"])
    assert (found, fetched) == ([], [0, 3])


def test_a_failed_capture_does_not_rule_out_others_of_its_digest() -> None:
    shown = [None, 1, 2]
    found, fetched = searched(shown, [*"AAB"])
    assert found == [Change(1, 2)]
    assert sorted(fetched) == [0, 1, 2]


def test_captures_without_a_page_are_skipped() -> None:
    shown = [None, 1, 1, None, None, None, 2, 2, None, None]
    found, _ = searched(shown)
    assert found == [Change(2, 6)]


def test_captures_not_sent_count_as_missing_and_end_the_search() -> None:
    search = find_changes([""] * 3)
    asked = next(search)
    assert asked == [0, 2]
    assert search.send({}) == [1]
    with pytest.raises(StopIteration) as end:
        search.send({})
    assert end.value.value == []


def test_an_interrupted_search_resumes_with_what_was_fetched() -> None:
    shown = [int(number >= 40) + int(number >= 70) for number in range(100)]
    found, fetched = searched(shown)
    half = fetched[: len(fetched) // 2]
    again, rest = searched(shown, known={number: shown[number] for number in half})
    assert again == found
    assert sorted(half + rest) == sorted(fetched)


# -- properties ----------------------------------------------------------------------------

SERIES = st.lists(st.integers(0, 3) | st.none(), max_size=60)


@st.composite
def digested(draw: st.DrawFn) -> tuple[Shown, list[str]]:
    """A series with digests: equal ones show the same, and bytes may change where the page does
    not. Some captures are listed without one, some pages cannot be had.
    """
    pages = draw(st.lists(st.integers(0, 3), max_size=60))
    noise = draw(st.lists(st.integers(0, 2), min_size=len(pages), max_size=len(pages)))
    digests = [f"{page}{more}" if more else "" for page, more in zip(pages, noise, strict=True)]
    gone = draw(st.sets(st.integers(0, 59), max_size=10))
    return [None if number in gone else page for number, page in enumerate(pages)], digests


@given(digested())
def test_every_change_found_is_real_and_within_the_promised_number_of_fetches(
    series: tuple[Shown, list[str]],
) -> None:
    shown, digests = series
    found, fetched = searched(shown, digests)
    pages = [number for number, page in enumerate(shown) if page is not None]
    for each in found:
        # Content is known of a capture that cannot be had, if another has its digest.
        before, after = (
            next(shown[n] for n in pages if n == number or digests[n] == digests[number] != "")
            for number in (each.before, each.after)
        )
        assert before != after
        assert not [n for n in pages if each.before < n < each.after]
    assert len(fetched) == len(set(fetched)) <= most(shown, found)


@given(SERIES)
def test_without_digests_every_change_found_is_between_neighbours_with_a_page(
    shown: Shown,
) -> None:
    found, fetched = searched(shown)
    assert set(found) <= set(changes(shown))
    assert len(fetched) <= most(shown, found)


@given(SERIES)
def test_no_change_is_missed_if_no_page_ever_recurs(shown: Shown) -> None:
    """All that bisection can find: where no content returns, it finds every change."""
    pages = (page for page in shown if page is not None)
    lasting = {page: number for number, (page, _) in enumerate(groupby(pages))}
    once = sorted((page for page in shown if page is not None), key=lambda page: lasting[page])
    ordered = iter(once)
    series = [None if page is None else next(ordered) for page in shown]
    assert searched(series)[0] == changes(series)


@given(SERIES)
def test_ends_that_differ_have_a_change_between_them(shown: Shown) -> None:
    pages = [page for page in shown if page is not None]
    found, _ = searched(shown)
    if pages and pages[0] != pages[-1]:
        assert found


@given(digested(), st.sets(st.integers(0, 59)))
def test_captures_fetched_before_are_not_fetched_again(
    series: tuple[Shown, list[str]], before: set[int]
) -> None:
    shown, digests = series
    known = {number: shown[number] for number in before if number < len(shown)}
    found, fetched = searched(shown, digests, known)
    assert not set(fetched) & set(known)
    if 0 in known and known[0] is not None:
        assert len(fetched) <= most(shown, found) - 1
