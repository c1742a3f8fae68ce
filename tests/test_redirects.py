"""Archived redirects: which are followed, and what is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from ilo_archive.capture import Fetched
from ilo_archive.http import HttpMessage
from ilo_archive.offices import registry
from spiders.redirects import redirect_target
from tests.support.build import a_snapshot
from tests.support.homes import column, query
from tests.support.paths import HOMEPAGE
from tests.support.run import Outcome, run
from tests.support.web_archive import Answer, Front, is_playback, timestamp_of

pytestmark = pytest.mark.slow

OLD = "http://www.example.org/"
NEW = "http://www.example.org/en/"
LISTED, NEAREST = "20140612100000", "20140620113000"
PAGE = (
    b"<html><body><h1>Office of Examples</h1><h2>News</h2><ul><li><a href='/n/1'>A story of"
    b" work</a><p>12 June 2014</p><p>Some people met and talked about work.</p></li></ul>"
)


def at(url: str, message: HttpMessage) -> Fetched:
    return Fetched(replace(a_snapshot("20150414", None).capture, url=url), message)


@pytest.mark.parametrize(
    ("url", "location", "target"),
    [
        (OLD, "/en/", NEW),
        (OLD, NEW, NEW),
        (OLD, "https://example.org/en/", "https://example.org/en/"),
        (OLD, HOMEPAGE, HOMEPAGE),  # that of an office that the registry knows
        (OLD, "http://www.example.net/", None),
        (OLD, "https://www.example.org/", None),  # the same page
        (OLD, "mailto:a@example.org", None),
        (OLD, "http://[", None),
        (OLD, "/en/" + "a" * 9000, None),
    ],
)
def test_a_redirect_within_the_site_has_a_target(
    url: str, location: str, target: str | None
) -> None:
    for status in (301, 302, 307):
        message = HttpMessage(status, "", (("Location", location),), b"")
        assert redirect_target(at(url, message), registry()) == target
    page = HttpMessage(200, "OK", (("Location", location),), b"")
    assert redirect_target(at(url, page), registry()) is None


@pytest.fixture
def scripted() -> Iterator[Front]:
    """A scripted archive: the test sets every answer."""
    with Front().serving() as front:
        yield front


def played(moment: str, *headers: tuple[str, str], status: int = 200) -> Answer:
    parsed = datetime.strptime(moment, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    memento = ("Memento-Datetime", format_datetime(parsed, usegmt=True))
    body = PAGE if status == 200 else b""
    return Answer(status, body, dict([memento, ("Content-Type", "text/html"), *headers]))


def redirecting(target: str) -> Answer:
    return played(LISTED, ("Location", f"/archive/{LISTED}id_/{target}"), status=302)


def archive(front: Front, target: Answer | None = None) -> None:
    """An archive that lists a redirect, and plays back its target as captured later."""
    row = f'{{"timestamp": "{LISTED}", "url": "{OLD}", "status": "302", "digest": "D"}}'

    def answer(path: str) -> Answer:
        if not is_playback(path):
            return Answer(200, row.encode())
        if path.endswith("org/"):
            return redirecting(NEW)
        if target:
            return target
        if timestamp_of(path) != NEAREST:
            return Answer(302, b"", {"Location": f"/archive/{NEAREST}id_/{NEW}"})
        return played(NEAREST, ("X-Archive-Src", "EXAMPLE-2014/06.warc.gz"))

    front.rule = answer


def crawl(home: Path, front: Front, *options: str) -> Outcome:
    return run(home, "crawl", OLD, "--archive", front.address, *options)


def test_a_redirect_is_followed_to_the_capture_of_its_target_nearest_in_time(
    home: Path, scripted: Front
) -> None:
    archive(scripted)
    assert crawl(home, scripted).code == 0
    sql = "SELECT url, captured_at, office, quality, crawl FROM captures ORDER BY captured_at"
    assert [tuple(row.values()) for row in query(home, sql)] == [
        (OLD, "2014-06-12T10:00:00Z", "example-org", "redirect", None),
        (NEW, "2014-06-20T11:30:00Z", "example-org", "good", "EXAMPLE-2014/06.warc.gz"),
    ]
    assert column(home, "SELECT redirected_from FROM captures ORDER BY captured_at") == [
        None, *column(home, "SELECT id FROM captures WHERE quality = 'redirect'"),
    ]  # fmt: skip
    scripted.asked.clear()
    assert crawl(home, scripted).code == 0
    assert scripted.playbacks == []
    shown = run(home, "captures", "--format", "csv").out
    assert "EXAMPLE-2014/06.warc.gz" in shown


def test_a_target_that_could_not_be_had_is_asked_for_again(home: Path, scripted: Front) -> None:
    archive(scripted, Answer(403, b"slow down"))
    outcome = crawl(home, scripted)
    assert outcome.code == 4
    assert f"a redirect to {NEW} was not followed: the archive answers HTTP 403" in outcome.err
    archive(scripted)
    assert crawl(home, scripted).code == 0
    assert column(home, "SELECT url FROM captures WHERE quality = 'good'") == [NEW]
    scripted.asked.clear()
    assert crawl(home, scripted).code == 0
    assert scripted.playbacks == []


def test_a_target_that_was_never_archived_is_no_failure(home: Path, scripted: Front) -> None:
    archive(scripted, Answer(404))
    outcome = crawl(home, scripted)
    assert outcome.code == 3
    assert f"redirect to {NEW}" in outcome.err


def test_redirects_in_a_circle_end(home: Path, scripted: Front) -> None:
    archive(scripted, redirecting(OLD))
    assert crawl(home, scripted).code == 3
    assert len(scripted.playbacks) == 2
