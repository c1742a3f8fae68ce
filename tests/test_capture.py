"""Captures: keys that stay the same wherever the capture was found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ilo_archive.capture import Capture
from ilo_archive.offices import PageSeries

CAPTURE = Capture(
    PageSeries("moscow", "en", "moscow/en"),
    "http://www.ilo.org:80/moscow/lang--en/index.htm",
    datetime(2015, 4, 14, 10, 32, 17, tzinfo=UTC),
    "web.archive.org",
    digest="AAAA",
)


def test_the_key_is_time_and_a_hash_of_address_and_digest() -> None:
    """A key is an id that others have cited: `printf 'URL\\nAAAA' | sha256sum`."""
    assert CAPTURE.timestamp == "20150414103217"
    assert CAPTURE.key == "20150414103217-6642934bf36b"


def test_the_key_does_not_depend_on_where_the_capture_was_found() -> None:
    elsewhere = replace(
        CAPTURE,
        place=PageSeries("x", None, "x"),
        archive="moscow.warc",
        uri_m="http://127.0.0.1/x",
        status=200,
        precision="day",
    )
    assert elsewhere.key == CAPTURE.key


def test_two_payloads_two_addresses_and_two_seconds_have_keys_of_their_own() -> None:
    others = (
        replace(CAPTURE, digest="BBBB"),
        replace(CAPTURE, url="https://www.ilo.org/moscow/lang--en/index.htm"),
        replace(CAPTURE, captured_at=CAPTURE.captured_at + timedelta(seconds=1)),
    )
    assert len({CAPTURE.key, *(each.key for each in others)}) == 4
