"""The tables of listings: resume keys, captures, ends of rate limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ilo_archive.archive.listings import Counts, ListingRequest, Listings
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Capture, Failure, NotFetched
from ilo_archive.offices import registry
from tests.support.build import NOW, a_snapshot
from tests.support.homes import column

QUESTION = ListingRequest("web.archive.org", "http://www.ilo.org/moscow/", "2015")
OTHER = replace(QUESTION, last="2016")


@pytest.fixture
def writer(home: Path) -> Iterator[ArchiveWriter]:
    writer = ArchiveWriter(home, registry())
    yield writer
    writer.close()


@pytest.fixture
def listings(writer: ArchiveWriter) -> Listings:
    return writer.listings


def captures(*moments: str) -> list[Capture]:
    return [replace(a_snapshot(each, None).capture, digest=f"D{each}") for each in moments]


def moments(listings: Listings, *questions: ListingRequest) -> list[str]:
    return [each.capture.timestamp[:8] for each in listings.listed(questions)]


def test_a_listing_resumes_with_the_key_of_its_last_page_until_it_is_done(
    listings: Listings,
) -> None:
    assert listings.start(QUESTION) is None
    listings.add(QUESTION, captures("20150414"), Counts(1), "second page")
    assert listings.start(QUESTION) == "second page"
    listings.add(QUESTION, captures("20150619"), Counts(1), None)
    assert moments(listings, QUESTION) == ["20150414", "20150619"]
    assert listings.start(QUESTION) is None
    # Begun anew: what it listed before stays listed, also if the archive now lists less.
    assert moments(listings, QUESTION) == ["20150414", "20150619"]


def test_a_listing_that_restarts_drops_its_key_and_keeps_its_captures(
    listings: Listings, home: Path
) -> None:
    listings.start(QUESTION)
    listings.add(QUESTION, captures("20150414"), Counts(1, 0, 1, 2), "old key")
    listings.restart(QUESTION)
    assert (listings.start(QUESTION), listings.counts([QUESTION])) == (None, Counts())
    assert column(home, "SELECT state FROM captures") == ["listed"]


def test_captures_of_several_listings_are_stored_once_and_repeats_are_counted(
    listings: Listings,
) -> None:
    twice = captures("20150414", "20150414", "20150619")
    for question in (QUESTION, OTHER):
        listings.start(question)
        listings.add(question, twice, Counts(3, 0, 1, 2), None)
    assert moments(listings, QUESTION, OTHER) == ["20150414", "20150619"]
    assert listings.counts([QUESTION]) == Counts(rows=3, repeats=1, repaired=1, odd=2)
    assert listings.counts([QUESTION, OTHER]) == Counts(rows=6, repeats=2, repaired=2, odd=4)


def test_a_page_of_a_listing_is_stored_whole_or_not_at_all(listings: Listings, home: Path) -> None:
    listings.start(QUESTION)
    broken = replace(captures("20150619")[0], url=None)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="NOT NULL"):
        listings.add(QUESTION, [*captures("20150414"), broken], Counts(2), "next")
    assert listings.start(QUESTION) is None
    assert column(home, "SELECT count(*) FROM captures") == [0]


def test_listing_a_capture_again_keeps_its_row(writer: ArchiveWriter, listings: Listings) -> None:
    [capture] = captures("20150414")
    failure = NotFetched(capture, Failure.BLOCKED, "excluded")
    writer.record_failure(failure, writer.start_run("test", NOW))
    listings.start(QUESTION)
    listings.add(QUESTION, [capture], Counts(1), None)
    [held] = listings.listed([QUESTION])
    assert (held.capture, held.state, held.is_done) == (capture, "skipped", True)


def test_the_reason_for_an_empty_listing_is_stored(listings: Listings, home: Path) -> None:
    listings.start(QUESTION)
    listings.refuse(QUESTION, Failure.ROBOTS)
    assert column(home, "SELECT failure FROM listing") == ["robots"]


def test_kept_bytes_are_found_by_page_and_digest(writer: ArchiveWriter, listings: Listings) -> None:
    snapshot = a_snapshot("20150414", None)
    capture = replace(snapshot.capture, digest="LISTED", status=200)
    kept = replace(snapshot, capture=capture, payload_digest="COMPUTED")
    run = writer.start_run("test", NOW)
    writer.record(kept, run)
    page = capture.place.page
    found = listings.kept_body(page, "LISTED")
    assert found == listings.kept_body(page, "COMPUTED")
    assert found is not None
    assert (found.position, found.original, found.status) == (kept.position, kept.position, 200)
    assert listings.kept_body(page, "OTHER") is None
    assert listings.kept_body("moscow/ru", "LISTED") is None


def test_the_end_of_a_rate_limit_is_stored_for_the_next_run(home: Path) -> None:
    for until in (1.5, 3.25):
        writer = ArchiveWriter(home, registry())
        writer.listings.put_rate_hold("web.archive.org listing", until)
        writer.close()
    writer = ArchiveWriter(home, registry())
    assert writer.listings.rate_holds() == {"web.archive.org listing": 3.25}
    writer.close()
