"""What a Memento archive lists: each capture once, and no more than can be kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ilo_archive.offices import registry
from ilo_archive.sources.archives import memento_archives
from ilo_archive.sources.timemap import Memento
from spiders import memento_listing
from spiders.memento_listing import MementoListing
from tests.support.paths import HOMEPAGE

[ARCHIVE] = memento_archives("arquivo.pt")
FIRST = datetime(2015, 4, 14, 10, 32, 17, tzinfo=UTC)


def mementos(number: int, host: str = "arquivo.pt") -> list[Memento]:
    moments = [FIRST + timedelta(days=day) for day in range(number)]
    return [
        Memento(f"https://{host}/wayback/{moment:%Y%m%d%H%M%S}/{HOMEPAGE}", moment, HOMEPAGE)
        for moment in moments
    ]


def a_listing(period: tuple[str, str] = ("", "")) -> MementoListing:
    return MementoListing(ARCHIVE, registry().locate, period)


def test_the_captures_that_several_addresses_list_are_kept_once() -> None:
    listing = a_listing()
    for address in (HOMEPAGE, HOMEPAGE.replace("http:", "https:")):
        listing.add(mementos(5), address)
    assert (len(listing.captures), listing.foreign, listing.is_cut) == (5, 0, False)
    first = min(listing.captures.values(), key=lambda each: each.capture.captured_at)
    assert first.capture.uri_m == f"https://arquivo.pt/wayback/20150414103217/{HOMEPAGE}"
    assert first.address == f"https://arquivo.pt/wayback/20150414103217id_/{HOMEPAGE}"


def test_captures_on_other_hosts_and_out_of_the_period_are_left_out() -> None:
    listing = a_listing(("20150415", "20150416"))
    listing.add([*mementos(5), *mementos(5, "example.org")], HOMEPAGE)
    assert (len(listing.captures), listing.foreign) == (2, 2)


def test_a_listing_of_too_many_captures_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memento_listing, "MOST_CAPTURES", 3)
    listing = a_listing()
    listing.add(mementos(5), HOMEPAGE)
    assert (len(listing.captures), listing.is_cut) == (3, True)
