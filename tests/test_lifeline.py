"""Lifelines: when an entry appeared and left, as bounds that the captures give."""

import datetime
from datetime import UTC, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.queries.lifeline import Bounds, Delay, Observation, delay, trace_lifeline
from ilo_archive.report.lifelines import appearance, delay_in_words, disappearance, span_in_words
from ilo_archive.times import Precision, parse_timestamp
from tests.support.build import utc


def look(when: str, *, shows: bool) -> Observation:
    """A good capture whose time is known as precisely as `when` says."""
    at, precision = parse_timestamp(when)
    return Observation(f"{when}-{shows}", at, precision, shows)


def looks(printed: str) -> list[Observation]:
    """`2015-04-01 +20150414103217`: the captures, a plus before those that show the entry."""
    return [look(each.lstrip("+"), shows=each.startswith("+")) for each in printed.split()]


# -- bounds -------------------------------------------------------------------------------


def test_bounds_are_printed_in_words() -> None:
    life = trace_lifeline(looks("20150401080000 +20150414103217 20150610000000"))
    assert life.not_before == utc("2015-04-01T08:00:00Z")
    assert life.appeared == Bounds(utc("2015-04-01T08:00:00Z"), utc("2015-04-14T10:32:17Z"))
    assert life.gone == Bounds(utc("2015-04-14T10:32:17Z"), utc("2015-06-10T00:00:00Z"))
    assert life.absent_from == utc("2015-06-10T00:00:00Z")
    assert appearance(life.appeared) == "appeared between 1 and 14 April 2015"
    assert disappearance(life.gone) == "left between 14 April and 10 June 2015"


def test_without_a_bounding_capture_there_is_no_bound() -> None:
    life = trace_lifeline(looks("+20150414103217"))
    assert (life.not_before, life.absent_from) == (None, None)
    assert life.appeared == Bounds(None, utc("2015-04-14T10:32:17Z"))
    assert life.gone == Bounds(utc("2015-04-14T10:32:17Z"), None)
    assert (
        appearance(life.appeared)
        == "on the page by 14 April 2015 (no earlier capture to say since when)"
    )
    assert (
        disappearance(life.gone)
        == "on the page until at least 14 April 2015 (no later capture to say until when)"
    )


@pytest.mark.parametrize(
    ("printed", "earliest", "latest"),
    [
        # Some day of April is no later than its last.
        ("20150301000000 +2015-04", "2015-03-01T00:00:00Z", "2015-04-30T23:59:59Z"),
        # A capture of March proves absence from some moment on, at the earliest its first.
        ("2015-03 +20150414103217", "2015-03-01T00:00:00Z", "2015-04-14T10:32:17Z"),
        # That of April may be later than the 14th: March bounds it.
        ("2015-03 2015-04 +20150414103217", "2015-03-01T00:00:00Z", "2015-04-14T10:32:17Z"),
        ("2015-04 +20150414103217", None, "2015-04-14T10:32:17Z"),
        ("+2015-04 +20150414103217", None, "2015-04-14T10:32:17Z"),
        ("2014 +2015-02-03", "2014-01-01T00:00:00Z", "2015-02-03T23:59:59Z"),
    ],
)
def test_a_capture_of_a_month_bounds_by_all_its_days(
    printed: str, earliest: str | None, latest: str
) -> None:
    assert trace_lifeline(looks(printed)).appeared == Bounds(
        utc(earliest) if earliest else None, utc(latest) if latest else None
    )


@pytest.mark.parametrize(
    ("printed", "earliest", "latest"),
    [
        ("+2015-04 20150601000000", "2015-04-01T00:00:00Z", "2015-06-01T00:00:00Z"),
        ("+20150414103217 2015-06", "2015-04-14T10:32:17Z", "2015-06-30T23:59:59Z"),
        ("+2015-04 20150420000000 2015-06", "2015-04-01T00:00:00Z", "2015-06-30T23:59:59Z"),
        ("+2015-04 20150420000000", "2015-04-01T00:00:00Z", None),
    ],
)
def test_the_end_is_bounded_by_captures_that_are_sure_to_be_later(
    printed: str, earliest: str, latest: str | None
) -> None:
    assert trace_lifeline(looks(printed)).gone == Bounds(
        utc(earliest) if earliest else None, utc(latest) if latest else None
    )


def test_gaps_are_between_captures_that_show_the_entry() -> None:
    life = trace_lifeline(looks("2014 +201501 201502 201503 +201504 201505 +201506 201507 201508"))
    printed = [
        (
            f"{each.last_with.captured_at:%Y-%m}",
            [f"{one.captured_at:%Y-%m}" for one in each.without],
            each.next_with and f"{each.next_with.captured_at:%Y-%m}",
        )
        for each in life.absences
    ]
    assert printed == [
        ("2015-01", ["2015-02", "2015-03"], "2015-04"),
        ("2015-04", ["2015-05"], "2015-06"),
        ("2015-06", ["2015-07", "2015-08"], None),
    ]
    assert life.captures == 3


def test_a_capture_of_uncertain_time_is_not_a_gap() -> None:
    """That of April with the entry may be from before or after the 14th."""
    life = trace_lifeline(looks("+20150301000000 20150414000000 +2015-04 +2015-06"))
    assert life.absences == ()
    life = trace_lifeline(looks("+20150301000000 2015-04 +20150414000000"))
    assert life.absences == ()


def test_two_captures_of_one_second_prove_no_absence() -> None:
    """Observed: two digests for one second."""
    life = trace_lifeline(looks("+20150414103217 20150414103217 +20150601000000"))
    assert life.absences == ()
    assert (life.not_before, life.absent_from) == (None, None)
    life = trace_lifeline(looks("+20150414103217 20150414103217"))
    assert life.appeared == Bounds(None, utc("2015-04-14T10:32:17Z"))
    assert life.gone == Bounds(utc("2015-04-14T10:32:17Z"), None)


def test_an_offset_list_is_no_evidence_of_absence() -> None:
    life = trace_lifeline(looks("201501 +201502 201503 +201504 201505"), absence_counts=False)
    assert (life.not_before, life.absent_from, life.absences) == (None, None, ())
    assert life.appeared.earliest is None
    assert life.gone.latest is None
    assert (f"{life.first_seen:%Y-%m}", f"{life.last_seen:%Y-%m}") == ("2015-02", "2015-04")


FORMS: dict[Precision, str] = {
    "second": "%Y%m%d%H%M%S",
    "minute": "%Y%m%d%H%M",
    "day": "%Y%m%d",
    "month": "%Y%m",
    "year": "%Y",
}
MOMENTS = st.integers(0, 120 * 86400).map(
    lambda seconds: datetime.datetime(2015, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
KNOWN: st.SearchStrategy[Precision] = st.sampled_from(tuple(FORMS))


def known_to(moment: datetime.datetime, precision: Precision, *, shows: bool) -> Observation:
    """A capture of that moment of which only as much is known."""
    form = f"{FORMS[precision]}%z"
    start = datetime.datetime.strptime(moment.strftime(form), form).astimezone(UTC)
    return Observation(f"{moment}-{precision}-{shows}", start, precision, shows)


LOOKS = st.lists(st.builds(known_to, MOMENTS, KNOWN, shows=st.booleans()), max_size=9).filter(
    lambda found: any(each.shows for each in found)
)


@given(LOOKS, st.randoms(use_true_random=False))
def test_a_lifeline_does_not_depend_on_the_order_of_its_captures(
    found: list[Observation], random: Random
) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert trace_lifeline(shuffled) == trace_lifeline(found)


@given(st.lists(st.tuples(MOMENTS, KNOWN), max_size=9), MOMENTS, MOMENTS)
def test_the_true_times_are_within_the_bounds(
    captures: list[tuple[datetime.datetime, Precision]],
    one: datetime.datetime,
    other: datetime.datetime,
) -> None:
    """Captures of an entry that was on the page from one moment to another, each known to the
    second, minute, day, month or year only.
    """
    start, end = sorted((one, other))
    found = [known_to(moment, known, shows=start <= moment <= end) for moment, known in captures]
    if any(each.shows for each in found):
        life = trace_lifeline(found)
        assert [each for each in life.absences if each.next_with] == []
        for bounds, truth in ((life.appeared, start), (life.gone, end)):
            assert (bounds.earliest or truth) <= truth <= (bounds.latest or truth)


# -- delays -------------------------------------------------------------------------------


def day(number: int, hour: int = 0) -> datetime.datetime:
    return datetime.datetime(2015, 4, number, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "later", "least", "most", "words"),
    [
        ((1, 4), (7, 10), 3, 9, "between 3 and 9 days later"),
        ((None, 4), (7, 10), 3, None, "at least 3 days later"),
        ((1, 4), (None, 10), None, 9, "at most 9 days later"),
        ((None, 4), (None, 10), None, None, "no capture shows how much later"),
        ((1, 4), (2, 10), -2, 9, "between 2 days earlier and 9 days later"),
        ((None, 4), (3, 10), -1, None, "no more than 1 day earlier, or any time later"),
        ((3, 3), (4, 4), 1, 1, "1 day later"),
    ],
)
def test_a_delay_is_printed_as_bounds(
    first: tuple[int | None, int],
    later: tuple[int | None, int],
    least: int | None,
    most: int | None,
    words: str,
) -> None:
    bounds = [Bounds(day(start) if start else None, day(end)) for start, end in (first, later)]
    found = delay(*bounds)
    assert found == Delay(least, most)
    assert delay_in_words(found) == words


def test_the_days_of_a_delay_contain_its_hours() -> None:
    """From 4 April 12:00 to 7 April 06:00 are 2.75 days, from 1 April to 10 April 18:00 9.75."""
    found = delay(Bounds(day(1), day(4, 12)), Bounds(day(7, 6), day(10, 18)))
    assert found == Delay(2, 10)


@pytest.mark.parametrize(
    ("earliest", "latest", "words"),
    [
        ("2015-04-01T00:00:00Z", "2015-04-14T10:32:17Z", "between 1 and 14 April 2015"),
        ("2015-03-28T00:00:00Z", "2015-04-14T10:32:17Z", "between 28 March and 14 April 2015"),
        ("2014-12-18T00:00:00Z", "2015-04-14T00:00:00Z",
         "between 18 December 2014 and 14 April 2015"),
        ("2015-04-14T08:00:00Z", "2015-04-14T10:32:17Z",
         "on 14 April 2015, between 08:00 and 10:32 UTC"),
        ("2015-04-14T10:32:17Z", "2015-04-14T10:32:17Z", "on 14 April 2015, 10:32 UTC"),
    ],
)  # fmt: skip
def test_a_span_names_no_more_than_it_must(earliest: str, latest: str, words: str) -> None:
    assert span_in_words(utc(earliest), utc(latest)) == words
