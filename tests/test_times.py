"""Times as archives write them: parsed with what is known of them, and printed."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.times import BadTimestamp, Precision, from_iso, iso, parse_timestamp


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("2015", (2015, 1, 1), "year"),
        ("201504", (2015, 4, 1), "month"),
        ("2015-04", (2015, 4, 1), "month"),
        ("20150414", (2015, 4, 14), "day"),
        ("2015-04-14", (2015, 4, 14), "day"),
        (" 2015-04-14\n", (2015, 4, 14), "day"),
        ("2016-02-29", (2016, 2, 29), "day"),
        ("20150414103217", (2015, 4, 14, 10, 32, 17), "second"),
        ("2015-04-14T10:32:17", (2015, 4, 14, 10, 32, 17), "second"),
        ("2015-04-14T10:32:17Z", (2015, 4, 14, 10, 32, 17), "second"),
        ("2015-04-14 10:32:17", (2015, 4, 14, 10, 32, 17), "second"),
        ("2015-04-14T10:32:17+00:00", (2015, 4, 14, 10, 32, 17), "second"),
        # ISO 8601 and WARC/1.1 let the seconds be left out.
        ("2015-04-14T10:32", (2015, 4, 14, 10, 32), "minute"),
        ("2015-04-14T13:32+03:00", (2015, 4, 14, 10, 32), "minute"),
        # As JavaScript's toISOString and WARC/1.1 print them.
        ("2015-04-14T10:32:17.000Z", (2015, 4, 14, 10, 32, 17), "second"),
        ("2015-04-14T10:32:17.987654Z", (2015, 4, 14, 10, 32, 17), "second"),
        # As Python's isoformat() prints a time of Moscow.
        ("2015-04-14T13:32:17+03:00", (2015, 4, 14, 10, 32, 17), "second"),
        ("2015-04-13T23:32:17-11:00", (2015, 4, 14, 10, 32, 17), "second"),
    ],
)
def test_a_time_is_parsed_as_its_first_instant_and_precision(
    text: str, moment: tuple[int, ...], precision: Precision
) -> None:
    year, month, day, hour, minute, second = (*moment, 0, 0, 0)[:6]
    expected = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    assert parse_timestamp(text) == (expected, precision)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "banana",
        "20",
        "201",
        "20150",  # a month of one digit
        "2015041",
        "2015-1-1",  # would read as November
        "2015-1-12",
        "2015-4",
        "20-15",
        "2015-041-4",
        "2015-00",  # observed in CDX rows
        "2015-13",
        "2015-04-00",
        "2015-04-31",
        "2015-02-29",
        "20150414240000",
        "20150414106000",
        "20150414103260",
        "2015041410321700",  # observed in CDX rows, where the listing cuts it
        "20150414T",
        "Z2015",
        "2015T",
        "0000",
        "٢٠١٥",
        "²⁰¹⁵",
        "2015\x00",
        "\ud800",
        "-2015",
        "1e10",
        "0x7df",
    ],
)
def test_text_that_is_not_a_time_is_refused_with_what_to_give(text: str) -> None:
    with pytest.raises(BadTimestamp, match=r"cannot read|is not a date"):
        parse_timestamp(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("14/04/2015", "use YYYY, YYYY-MM, YYYY-MM-DD or YYYYMMDDhhmmss"),
        ("9999", "'9999' is not a date: years run from 1000 to 2999"),
        ("2015-13", "'2015-13' is not a date: there is no month 13"),
        ("2015-02-30", "'2015-02-30' is not a date: February 2015 has no day 30"),
        ("2015-04-14T25:00", "there is no such time of day"),
    ],
)
def test_the_refusal_of_a_date_names_the_form_or_the_impossible_part(
    text: str, message: str
) -> None:
    with pytest.raises(BadTimestamp, match=re.escape(message)):
        parse_timestamp(text)


@pytest.mark.parametrize("text", ["0001", "0015-04", "09991231"])
def test_a_year_before_1000_is_refused(text: str) -> None:
    """`strftime` prints the year 15 with two digits, which sorts after 2015."""
    with pytest.raises(BadTimestamp):
        parse_timestamp(text)


@given(st.text(max_size=20) | st.from_regex(r"[0-9TZ:. +-]{0,24}", fullmatch=True))
def test_any_text_is_a_time_that_prints_again_or_refused(text: str) -> None:
    try:
        moment, _ = parse_timestamp(text)
    except BadTimestamp:
        return
    assert from_iso(iso(moment)) == moment


MOMENTS = st.integers(-(2**31), 2**32).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(MOMENTS)
def test_a_time_survives_being_printed_and_read(moment: datetime) -> None:
    assert from_iso(iso(moment)) == moment
    assert parse_timestamp(iso(moment)) == (moment, "second")
    assert parse_timestamp(f"{moment:%Y%m%d%H%M%S}") == (moment, "second")


def test_a_time_of_another_zone_is_printed_as_utc() -> None:
    from datetime import timezone

    moscow = timezone(timedelta(hours=3))
    assert iso(datetime(2015, 4, 14, 13, 32, 17, tzinfo=moscow)) == "2015-04-14T10:32:17Z"
