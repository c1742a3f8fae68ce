"""Crawling a real web archive, pywb on loopback, and one that misbehaves."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import brotli
import pytest
from backports import zstd

from tests.support.disks import mounted, resize
from tests.support.faults import Fault, fail
from tests.support.homes import (
    OF_THE_SOURCE,
    assert_same_archive,
    column,
    contents,
    damage,
    kept,
    query,
)
from tests.support.paths import HOMEPAGE, PAGES, SAMPLE
from tests.support.run import Outcome, end, interrupt, run, start, start_program, wait_until
from tests.support.warcs import Response, saved_page, write_warc
from tests.support.web_archive import Answer, Front, always, is_playback, only, timestamp_of

pytestmark = pytest.mark.slow

RUSSIAN_HOMEPAGE = "http://www.ilo.org/moscow/lang--ru/index.htm"
RUSSIAN = "20150414103355"
ERROR = "20170823140912"
UNCHANGED = "20160212051920"
"""Listed with the digest of 20160115092847, so never asked for."""
CAPTURES = [
    "20150414103217",
    RUSSIAN,
    "20150619074508",
    "20151218160233",
    "20160115092847",
    "20160212051920",
    "20161109213004",
    ERROR,
    "20170921113006",
    "20180517064451",
    "20190613185730",
    "20200428120319",
    "20210603074142",
    "20210611090644",
]
ASKED_FOR = [each for each in CAPTURES if each != UNCHANGED]


@pytest.fixture(scope="module")
def before_pywb(pywb: Callable[..., str]) -> Iterator[Front]:
    with Front(pywb(SAMPLE)).serving() as front:
        yield front


@pytest.fixture
def front(before_pywb: Front) -> Front:
    """The sample as a real archive serves it, with nothing asked and nothing wrong yet."""
    before_pywb.forget()
    return before_pywb


@pytest.fixture
def scripted() -> Iterator[Front]:
    """A scripted archive: the test sets every answer."""
    with Front().serving() as front:
        yield front


@dataclass(frozen=True, slots=True)
class Crawled:
    """A crawl of the whole sample that nothing disturbed."""

    home: Path
    outcome: Outcome
    playbacks: list[str]
    address: str


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory, before_pywb: Front) -> Crawled:
    home = tmp_path_factory.mktemp("crawled")
    before_pywb.forget()
    outcome = crawl(home, before_pywb)
    return Crawled(home, outcome, before_pywb.playbacks, before_pywb.address)


def crawl(home: Path, front: Front, *options: str, office: str = "moscow") -> Outcome:
    return run(home, "crawl", office, "--archive", front.address, *options)


def assert_same_captures(one: Path, other: Path) -> None:
    assert_same_archive(one, other, without=OF_THE_SOURCE)


# -- the same as ingest --------------------------------------------------------------------


def test_crawl_and_ingest_of_the_same_warc_make_the_same_archive(
    crawled: Crawled, sample_home: Path
) -> None:
    assert (crawled.outcome.code, crawled.outcome.messages) == (0, [])
    assert crawled.outcome.out.startswith("14 captures recorded: 13 read, 1 unreadable\n48 new")
    assert crawled.playbacks == ASKED_FOR
    assert_same_captures(crawled.home, sample_home)
    assert damage(crawled.home) == []
    addresses = column(crawled.home, "SELECT uri_m FROM captures ORDER BY captured_at")
    assert addresses[0] == f"{crawled.address}/20150414103217/{HOMEPAGE}"


def test_the_store_of_a_crawl_has_each_capture_once(crawled: Crawled) -> None:
    records = kept(crawled.home)
    dates = column(crawled.home, "SELECT captured_at FROM captures ORDER BY 1")
    assert sorted(record.date for record in records) == dates
    assert [record.kind for record in records].count("revisit") == 1
    offsets = column(crawled.home, "SELECT warc_offset FROM captures ORDER BY 1")
    assert offsets == [record.offset for record in records]


def test_a_crawl_prints_one_line_per_capture_and_no_library_warnings(crawled: Crawled) -> None:
    lines = crawled.outcome.err.splitlines()
    assert [line for line in lines if not line.startswith("20")] == []
    assert len(lines) == len(CAPTURES)


def test_a_second_crawl_fetches_and_records_nothing(
    crawled: Crawled, home: Path, front: Front
) -> None:
    shutil.copytree(crawled.home, home, dirs_exist_ok=True)
    outcome = crawl(home, front)
    assert (outcome.code, front.playbacks) == (0, [])
    assert outcome.out == "0 captures recorded; 14 recorded before\n"
    assert (contents(home), kept(home)) == (contents(crawled.home), kept(crawled.home))


def test_a_crawl_after_an_ingest_fetches_nothing_and_adds_the_uri_ms(
    crawled: Crawled, sample_home: Path, home: Path, front: Front
) -> None:
    shutil.copytree(sample_home, home, dirs_exist_ok=True)
    assert crawl(home, front).code == 0
    assert front.playbacks == []
    assert_same_archive(home, crawled.home)


def test_scrapy_crawl_makes_the_same_archive(home: Path, front: Front, sample_home: Path) -> None:
    program = [sys.executable, "-m", "scrapy", "crawl", "wayback"]
    arguments = ["-a", "office=moscow", "-a", f"archive={front.address}"]
    outcome = end(start_program([*program, *arguments], ILO_ARCHIVE_HOME=str(home)))
    assert outcome.code == 0
    assert_same_captures(home, sample_home)


# -- options -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--from", "2016-11", "--to", "2017"], ["20161109213004", ERROR, "20170921113006"]),
        (["--from", "20160212051920", "--to", "2016-02-12"], ["20160212051920"]),
        (["--from", "2020", "--limit", "2"], ["20200428120319", "20210603074142"]),
        (["--language", "ru", "--to", "2015-04-14"], [RUSSIAN]),
        (["--every", "month", "--from", "2021"], ["20210603074142"]),
        (["--every", "week", "--from", "2021", "--to", "2021-06-11"], CAPTURES[-2:]),
    ],
)
def test_a_crawl_fetches_what_its_options_name(
    home: Path, front: Front, options: list[str], wanted: list[str]
) -> None:
    outcome = crawl(home, front, *options)
    assert (outcome.code, front.playbacks) == (0, wanted)
    states = column(home, "SELECT state FROM captures")
    assert len(wanted) == sum(state in ("read", "unreadable") for state in states)


def test_every_year_fetches_the_first_good_capture_of_a_page_once(home: Path, front: Front) -> None:
    wanted = [
        "20150414103217",
        RUSSIAN,
        "20160115092847",
        "20170921113006",
        "20180517064451",
        "20190613185730",
        "20200428120319",
        "20210603074142",
    ]
    assert crawl(home, front, "--every", "year").code == 0
    assert front.playbacks == wanted
    front.forget()
    assert crawl(home, front, "--every", "year").code == 0
    assert front.playbacks == []


def test_a_limited_crawl_resumes_where_the_last_one_stopped(
    home: Path, front: Front, sample_home: Path
) -> None:
    crawl(home, front, "--limit", "9")
    assert column(home, "SELECT count(*) FROM captures WHERE state <> 'listed'") == [9]
    crawl(home, front, "--limit", "9")
    assert front.playbacks == ASKED_FOR
    assert_same_captures(home, sample_home)


def test_a_plan_lists_and_fetches_nothing(home: Path, front: Front) -> None:
    outcome = crawl(home, front, "--plan", "--from", "2021")
    assert (outcome.code, front.playbacks) == (0, [])
    listings = len(front.listings)
    assert outcome.out.splitlines() == [
        "captures to fetch: 2",
        f"requests: {listings} for the list (done), 2 to come",
        "minutes: 0.0 at least",
    ]
    assert set(column(home, "SELECT state FROM captures")) == {"listed"}
    assert kept(home) == []


@pytest.mark.parametrize(
    ("options", "office"), [([], "rivers-lakes"), (["--office", "water"], "water")]
)
def test_an_address_not_in_the_registry_becomes_an_office(
    home: Path, scripted: Front, options: list[str], office: str
) -> None:
    address = "http://ilo.org/rivers,lakes/"
    scripted.rule = an_archive({"20150414103217": saved_page("20150414103217")}, address)
    assert crawl(home, scripted, *options, office=address).code == 0
    assert column(home, "SELECT office FROM captures") == [office]
    assert set(column(home, "SELECT office FROM news")) == {office}


@pytest.mark.parametrize(
    "options",
    [
        ["atlantis"],
        ["http://"],
        ["mailto:x://y"],
        ["--from", "soon"],
        ["--to", "2015-02-30"],
        ["--contact", "a@b\nHost: x"],
        ["--archive", "127.0.0.1:8080", "--contact", "a@b"],
        ["--archive", "ftp://archive.example", "--contact", "a@b"],
        ["--archive", "http://["],
        ["--archive", "http://127.0.0.1:99999"],
        ["--archive", "http://127.0.0.1:99999", "--source", "memento"],
    ],
)
def test_wrong_use_prints_one_line_and_sends_no_request(
    home: Path, front: Front, options: list[str]
) -> None:
    outcome = run(home, "crawl", "--archive", front.address, *options)
    assert (outcome.code, len(outcome.err.splitlines())) == (2, 1)
    assert front.asked == []


# -- faults of the archive -----------------------------------------------------------------


def test_an_error_of_the_archive_itself_is_a_failure_that_the_next_run_retries(
    home: Path, front: Front, sample_home: Path
) -> None:
    faults = {"20151218160233": 503, "20190613185730": 502}
    front.rule = lambda path: own(faults.get(timestamp_of(path)))
    outcome = crawl(home, front)
    assert outcome.code == 4
    assert len(outcome.messages) == 1
    failed = "SELECT reason FROM captures WHERE state = 'failed' ORDER BY captured_at"
    assert column(home, failed) == ["the archive answers HTTP 503", "the archive answers HTTP 502"]
    assert len(kept(home)) == len(CAPTURES) - 2
    assert column(home, "SELECT failed FROM runs") == [3]  # and the archived 503
    front.forget()
    assert crawl(home, front).code == 0
    assert front.playbacks == sorted(faults)
    assert_same_captures(home, sample_home)


def test_a_connection_reset_within_a_body_is_retried_and_then_a_failure(
    home: Path, front: Front, sample_home: Path
) -> None:
    cut = Answer(200, b"<html>" * 5000, {"Memento-Datetime": "Fri, 18 Dec 2015 16:02:33 GMT"}, 999)
    front.rule = only({"20151218160233"}, cut)
    outcome = crawl(home, front)
    assert outcome.code == 4
    [reason] = column(home, "SELECT reason FROM captures WHERE state = 'failed'")
    assert re.fullmatch(r"no answer: [\w ]{9,}", reason)
    assert front.playbacks.count("20151218160233") > 1
    front.forget()
    assert crawl(home, front).code == 0
    assert_same_captures(home, sample_home)


def test_a_rate_limit_during_playback_ends_the_run_and_loses_nothing(
    home: Path, front: Front, sample_home: Path
) -> None:
    front.answered = lambda number: setattr(front, "rule", slow_down) if number == 5 else None
    outcome = crawl(home, front)
    assert outcome.code == 5
    assert len(outcome.messages) == 1
    states = column(home, "SELECT state FROM captures WHERE state <> 'listed'")
    assert 5 <= len(states) < len(CAPTURES)
    assert "failed" not in states
    front.forget()
    assert crawl(home, front).code == 0
    assert_same_captures(home, sample_home)


def test_a_rate_limit_of_the_listing_ends_the_run(home: Path, front: Front) -> None:
    front.rule = lambda path: None if is_playback(path) else slow_down(path)
    assert crawl(home, front).code == 5
    assert (len(front.asked), front.playbacks) == (2, [])  # once more after the pause


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(500), 4),
        (Answer(200, b"[]" * 9999, cut=100), 4),
        (Answer(404, b"no captures"), 3),
        (Answer(200, b"[]"), 3),
    ],
)
def test_without_a_listing_nothing_is_fetched(
    home: Path, scripted: Front, answer: Answer, code: int
) -> None:
    scripted.rule = always(answer)
    outcome = crawl(home, scripted, "--language", "ru")
    assert (outcome.code, len(outcome.messages), scripted.playbacks) == (code, 1, [])
    if code == 3:
        assert "has no captures of moscow" in outcome.messages[0]


def test_an_html_page_instead_of_a_listing_is_reported(home: Path, scripted: Front) -> None:
    # Another page than a listing does not say that the archive holds nothing.
    scripted.rule = always(Answer(200, b"<html>\nAccess denied\n</html>"))
    outcome = crawl(home, scripted)
    assert outcome.code == 4
    assert "not a CDX reply" in outcome.err


def test_a_capture_answered_with_another_capture_is_skipped_with_its_reason(
    home: Path, front: Front
) -> None:
    # Observed: pywb and others answer a capture that they lack with the nearest one, as 200.
    other = Answer(200, b"<html>", {"Memento-Datetime": "Thu, 04 Jun 2015 07:41:42 GMT"})
    front.rule = only({"20150619074508"}, other)
    assert crawl(home, front, "--to", "2015").code == 0
    sql = "SELECT captured_at, reason FROM captures WHERE state = 'skipped'"
    assert query(home, sql) == [
        {
            "captured_at": "2015-06-19T07:45:08Z",
            "reason": "the archive answers with the capture of Thu, 04 Jun 2015 07:41:42 GMT",
        }
    ]
    front.forget()
    crawl(home, front, "--to", "2015")
    assert front.playbacks == []


def test_an_odd_memento_datetime_is_not_that_of_the_capture(home: Path, scripted: Front) -> None:
    odd = ["", "yesterday", "Thu, 04 Jun 2015 99:99:99 GMT", "\x96", "0", "Tue, 14 Apr 2015"]
    scripted.rule = an_archive(
        {
            f"2015041410321{number}": Answer(200, b"<html>", {"Memento-Datetime": text})
            for number, text in enumerate(odd)
        }
    )
    assert crawl(home, scripted, office=HOMEPAGE).code == 4
    states = column(home, "SELECT state FROM captures ORDER BY captured_at")
    assert states == ["failed"] + ["skipped"] * (len(odd) - 1)  # without any it may be an outage


def test_odd_addresses_are_requested_as_listed(home: Path, scripted: Front) -> None:
    odd = [
        "http://www.ilo.org:80/moscow/lang--en/index.htm",
        "http://www.ilo.org/moscow/lang--en/index.htm?a=b&c=%D1%8F,d",
        "https://WWW.ILO.ORG//moscow//lang--en/index.htm",
        "http://www.ilo.org/moscow/lang--en/index.htm?url=http://www.ilo.org/",
    ]
    rows = [a_row("20150414103217", url=url) for url in odd]
    scripted.rule = an_archive({"20150414103217": saved_page("20150414103217")}, rows=rows)
    assert crawl(home, scripted, office=HOMEPAGE).code == 0
    asked = {path.partition("id_/")[2] for path in scripted.asked if is_playback(path)}
    assert asked == set(odd)
    assert set(column(home, "SELECT url FROM captures WHERE state = 'read'")) == set(odd)


def test_a_redirect_of_the_archive_itself_is_skipped_not_followed(
    home: Path, scripted: Front
) -> None:
    target = f"{scripted.address}/19990101000000id_/{HOMEPAGE}"
    elsewhere = Answer(302, b"", {"Location": target + "\x1b[31mred"})
    scripted.rule = an_archive({"20150414103217": elsewhere})
    outcome = crawl(home, scripted, office=HOMEPAGE)
    assert outcome.code == 3
    assert scripted.playbacks == ["20150414103217"]
    [reason] = column(home, "SELECT reason FROM captures WHERE state = 'skipped'")
    assert "redirects to" in reason
    assert "\x1b" not in outcome.err


def test_a_body_beyond_the_limit_is_a_row_with_its_reason(home: Path, scripted: Front) -> None:
    huge = {"Memento-Datetime": "Tue, 14 Apr 2015 10:32:17 GMT"}
    scripted.rule = an_archive({"20150414103217": Answer(200, b" " * (65 * 2**20), huge)})
    outcome = crawl(home, scripted, office=HOMEPAGE)
    assert outcome.code == 3  # to ask again does not help
    assert query(home, "SELECT state, reason FROM captures") == [
        {"state": "skipped", "reason": "more than 64 MB"}
    ]


# -- what archives hold --------------------------------------------------------------------


PAGE = (PAGES / "20150414103217.html").read_bytes()
_RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
ENCODED = {
    "20160101000001": ("gzip", gzip.compress(PAGE, mtime=0)),
    "20160101000002": (None, gzip.compress(PAGE, mtime=0)),
    "20160101000003": ("deflate", gzip.compress(PAGE, mtime=0)),
    "20160101000004": ("gzip", PAGE),
    "20160101000005": ("deflate", zlib.compress(PAGE)),
    "20160101000006": ("deflate", _RAW.compress(PAGE) + _RAW.flush()),
    "20160101000007": ("br", brotli.compress(PAGE)),
    "20160101000008": ("zstd", zstd.compress(PAGE)),
    "20160101000009": ("br", PAGE),
    "20160101000010": ("deflate", PAGE),
}


def archived(
    moment: str, body: bytes, *headers: tuple[str, str], status: str = "200 OK"
) -> Response:
    """A response with a length and a type without a charset."""
    fixed = (("Content-Type", "text/html"), ("Content-Length", str(len(body))))
    return Response(moment, body, HOMEPAGE, status, (*fixed, *headers))


@dataclass(frozen=True, slots=True)
class Odd:
    """Two WARC files of ours and the pywb that serves both."""

    encoded: Path
    refused: Path
    archive: str
    followed: Front


@pytest.fixture(scope="module")
def odd_captures(
    tmp_path_factory: pytest.TempPathFactory, pywb: Callable[..., str]
) -> Iterator[Odd]:
    folder = tmp_path_factory.mktemp("odd")
    encoded, refused = folder / "encoded.warc.gz", folder / "refused.warc.gz"
    write_warc(
        encoded,
        *(
            archived(moment, body, *([("Content-Encoding", name)] if name else ()))
            for moment, (name, body) in ENCODED.items()
        ),
    )
    with Front().serving() as followed:
        location = ("Location", f"{followed.address}/moved")
        responses = (
            archived("20160101000001", b"", location, status="302 Found"),
            archived(
                "20160101000002", b"slow", ("Retry-After", "3600"), status="429 Too Many Requests"
            ),
            archived("20160101000003", b"later", status="503 Service Unavailable"),
            archived("20160101000004", PAGE),
            archived("20160101000005", b"gone", ("X-Strange", "caf\xe9"), status="404 Not Found"),
        )
        write_warc(refused, *(replace(each, url=RUSSIAN_HOMEPAGE) for each in responses))
        yield Odd(encoded, refused, pywb(encoded, refused), followed)


def test_bodies_under_any_encoding_read_the_same_from_pywb_and_from_the_file(
    tmp_path: Path, odd_captures: Odd
) -> None:
    crawled, ingested = tmp_path / "crawled", tmp_path / "ingested"
    assert run(ingested, "ingest", odd_captures.encoded).code == 0
    sql = "SELECT captured_at, state, reason, quality FROM captures ORDER BY 1"
    assert [row for row in query(ingested, sql) if row["quality"] != "good"] == []
    assert column(ingested, "SELECT DISTINCT sightings FROM news") == [len(ENCODED)]
    assert run(crawled, "crawl", HOMEPAGE, "--archive", odd_captures.archive).code == 0
    assert_same_captures(crawled, ingested)


def test_archived_redirects_and_errors_are_recorded_and_not_followed(
    tmp_path: Path, odd_captures: Odd
) -> None:
    crawled, ingested = tmp_path / "crawled", tmp_path / "ingested"
    assert run(crawled, "crawl", RUSSIAN_HOMEPAGE, "--archive", odd_captures.archive).code == 0
    sql = "SELECT status, state, quality, reason FROM captures ORDER BY captured_at"
    assert [tuple(row.values()) for row in query(crawled, sql)] == [
        (
            302,
            "unreadable",
            "redirect",
            f"archived redirect to {odd_captures.followed.address}/moved",
        ),
        (429, "unreadable", "error", "archived HTTP 429 Too Many Requests"),
        (503, "unreadable", "error", "archived HTTP 503 Service Unavailable"),
        (200, "read", "good", None),
        (404, "unreadable", "error", "archived HTTP 404 Not Found"),
    ]
    assert odd_captures.followed.asked == []
    assert run(ingested, "ingest", odd_captures.refused).code == 0
    assert_same_captures(crawled, ingested)


def test_a_listing_in_the_form_of_the_internet_archive_is_parsed(
    home: Path, scripted: Front
) -> None:
    moments = ["20150414103217", "20150619074508", "20151218160233"]
    scripted.rule = an_archive({moment: saved_page(moment) for moment in moments}, rows=ODD_ROWS)
    outcome = crawl(home, scripted, office=HOMEPAGE)
    assert outcome.code == 4  # the server repeats its first page under the key of the next
    assert scripted.playbacks == moments  # each once, though rows repeat
    assert column(home, "SELECT captured_at FROM captures ORDER BY 1") == [
        "2015-04-14T10:32:17Z",
        "2015-06-19T07:45:08Z",
        "2015-12-18T16:02:33Z",
    ]
    assert set(column(home, "SELECT state FROM captures")) == {"read"}
    assert [record.kind for record in kept(home)] == ["response"] * 3


def test_two_digests_for_one_second_are_two_captures(home: Path, scripted: Front) -> None:
    first, second = a_row("20150414103217", digest="A" * 32), a_row("20150414103217", digest="-")
    scripted.rule = an_archive(
        {"20150414103217": saved_page("20150414103217")}, rows=[first, second]
    )
    assert crawl(home, scripted, office=HOMEPAGE).code == 0
    assert len(set(column(home, "SELECT id FROM captures"))) == 2


# -- who may ask ---------------------------------------------------------------------------


def test_no_request_to_a_remote_archive_without_a_contact(home: Path, scripted: Front) -> None:
    # A proxy would see every request to any host.
    proxy = scripted.address.removesuffix("/archive")
    remote = ["crawl", HOMEPAGE, "--archive", "http://archive.example/collection"]
    outcome = run(home, *remote, http_proxy=proxy)
    assert (outcome.code, len(outcome.messages), scripted.asked) == (2, 1, [])
    assert "--contact" in outcome.err
    outcome = run(home, "crawl", HOMEPAGE, http_proxy=proxy, https_proxy=proxy)
    assert (outcome.code, scripted.asked) == (2, [])
    outcome = run(home, *remote, "--contact", "me@example.org", http_proxy=proxy)
    assert len(scripted.asked) == 1
    assert "me@example.org" in scripted.agents[0]


def test_consecutive_runs_share_the_rate_limit_of_a_remote_archive(
    home: Path, scripted: Front
) -> None:
    asked: list[float] = []

    def note(_: str) -> Answer:
        asked.append(time.monotonic())
        return Answer(200, b"[]")

    scripted.rule = note
    remote = ["--archive", "http://archive.example/collection", "--contact", "me@example.org"]
    for _ in range(2):
        address = "http://rivers.example/"
        run(home, "crawl", address, *remote, http_proxy=scripted.address.removesuffix("/archive"))
    assert len(asked) == 2
    # 24 a minute; of two arrivals the first may be noted some milliseconds late.
    assert asked[1] - asked[0] > 2.4


def test_a_crawl_stops_if_a_remote_archive_refuses_connections(home: Path, scripted: Front) -> None:
    # Observed: the Internet Archive refuses connections of those who asked too much.
    moments = sorted(set(CAPTURES) - {RUSSIAN, ERROR, "20160212051920"})
    scripted.rule = an_archive({moment: saved_page(moment) for moment in moments})
    scripted.answered = lambda number: scripted.close() if number == 3 else None
    remote = ["--archive", "http://archive.example/collection", "--contact", "me@example.org"]
    proxy = scripted.address.removesuffix("/archive")
    outcome = run(home, "crawl", HOMEPAGE, *remote, http_proxy=proxy)
    assert (outcome.code, len(outcome.messages)) == (5, 1)
    assert column(home, "SELECT count(*) FROM captures WHERE state = 'read'") == [3]
    assert column(home, "SELECT count(*) FROM captures WHERE state = 'listed'") == [8]


# -- one writer, interrupted ---------------------------------------------------------------


def test_the_second_of_two_concurrent_crawls_exits_with_6(
    home: Path, front: Front, sample_home: Path
) -> None:
    with front.turn:  # no answer before the second has run
        first = start(home, "crawl", "moscow", "--archive", front.address)
        wait_until(lambda: bool(front.asked))
        second = crawl(home, front)
        third = run(home, "ingest", SAMPLE)
    assert (second.code, third.code, end(first).code) == (6, 6, 0)
    assert len(second.err.splitlines()) == 1
    assert_same_captures(home, sample_home)


def test_an_interrupted_crawl_keeps_its_captures_and_the_next_one_completes_it(
    home: Path, front: Front, sample_home: Path
) -> None:
    process = start(home, "crawl", "moscow", "--archive", front.address)

    def stop(number: int) -> None:
        if number == 4:
            interrupt(process)
            time.sleep(0.3)  # its answers come after the signal

    front.answered = stop
    outcome = end(process)
    assert outcome.code == 130
    assert outcome.messages == ["ilo-archive: interrupted, state saved: run again to continue"]
    assert column(home, "SELECT outcome FROM runs") == ["shutdown"]
    done = column(home, "SELECT captured_at FROM captures WHERE warc_file IS NOT NULL")
    assert len(done) >= 4
    front.forget()
    assert crawl(home, front).code == 0
    assert set(front.playbacks) <= set(CAPTURES) - {
        "".join(filter(str.isdigit, each)) for each in done
    }
    assert_same_captures(home, sample_home)


def test_a_second_interrupt_ends_a_crawl_that_waits_for_an_answer(
    home: Path, front: Front, sample_home: Path
) -> None:
    over = threading.Event()

    def wait(_: str) -> None:
        if len(front.playbacks) >= 4:
            over.wait(30)

    front.rule = wait
    process = start(home, "crawl", "moscow", "--archive", front.address)
    wait_until(lambda: len(front.playbacks) >= 4)
    interrupt(process)
    time.sleep(0.5)
    interrupt(process)
    outcome = end(process, limit=10)
    over.set()
    assert (outcome.code, len(outcome.messages)) == (130, 1)
    front.forget()
    assert crawl(home, front).code == 0
    assert_same_captures(home, sample_home)


def test_an_interrupted_ingest_stops_and_the_next_one_completes_it(
    home: Path, tmp_path: Path
) -> None:
    pages = 600  # twelve batches
    for number in range(pages):
        day, hour = number % 300, number // 300
        moment = f"2015{day // 25 + 1:02}{day % 25 + 1:02}{hour:02}0000"
        (tmp_path / f"{moment}.html").write_bytes(saved_page("20210611090644"))
    loose = ["--office", "rivers", "--url", "http://www.ilo.org/rivers/", str(tmp_path)]
    process = start(home, "ingest", *loose)
    wait_until((home / "warc" / "captures-00001.warc.gz").exists)
    interrupt(process)
    assert end(process, limit=20).code == 130
    done = column(home, "SELECT count(*) FROM captures")[0]
    assert 0 < done < pages
    assert run(home, "ingest", *loose).code == 0
    assert column(home, "SELECT count(*) FROM captures") == [pages]
    assert len(kept(home)) == pages


# -- faults of our own ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault("response", 3, action="error", matching="*id_/*"),
        Fault("statement", 3, action="error", matching="INSERT INTO entry *"),
    ],
    ids=str,
)
def test_an_internal_error_on_a_capture_is_reported_and_the_next_run_retries_it(
    home: Path, front: Front, sample_home: Path, fault: Fault
) -> None:
    outcome = fail(home, fault, "crawl", "moscow", "--archive", front.address)
    assert outcome.code == 4
    assert outcome.err.count("a fault of a test") == 1
    # One, or the two of the same bytes, which are asked for once: answers come in any order.
    left = column(home, "SELECT digest FROM capture WHERE state = 'listed'")
    assert len(set(left)) == 1
    assert crawl(home, front).code == 0
    assert_same_captures(home, sample_home)


def test_a_crawl_on_a_full_disk_exits_with_7_and_resumes_when_there_is_room(
    tmp_path: Path, front: Front, sample_home: Path
) -> None:
    home = tmp_path / "disk" / "home"
    with mounted(tmp_path / "disk", "320k"):
        outcome = crawl(home, front)
        assert (outcome.code, len(outcome.messages)) == (7, 1)
        resize(tmp_path / "disk", "size=4m")
        assert crawl(home, front).code == 0
        assert_same_captures(home, sample_home)


# -- builders ------------------------------------------------------------------------------

IA_FIELDS = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]


def a_row(
    timestamp: str, *, digest: str = "-", status: str = "200", url: str = HOMEPAGE
) -> list[str]:
    return ["org,ilo)/moscow", timestamp, url, "text/html", status, digest, "-"]


ODD_ROWS: list[Any] = [
    a_row("20150414103217", digest="A" * 32),
    a_row("20150414103217", digest="A" * 32),  # observed: rows repeat
    a_row("20150014103217"),  # observed: month 00
    a_row("20150400103217"),
    a_row("2015061907450800", digest="B" * 32),  # observed: 16 digits
    a_row("20151218160233", status="-", digest="C" * 32),  # observed: revisits without a status
    a_row("20150414103217", url="mailto:moscow@ilo.org"),
    a_row("20150414103217", url="data:text/html,x"),
    a_row("20150414103217", url="http://[www.ilo.org/moscow/"),
    ["org,ilo)/moscow", "20150414103217"],
    "no row at all",
    None,
    [],
    ["org%2Cilo%29%2Fmoscow+20150414103217"],  # a resume key
]


def own(status: int | None) -> Answer | None:
    """An answer of the archive's own: without Memento-Datetime."""
    return Answer(status, b"try later") if status else None


def slow_down(path: str) -> Answer:
    return Answer(429, b"slow down", {"Retry-After": "1"})


def an_archive(
    pages: dict[str, bytes | Answer], url: str = HOMEPAGE, *, rows: list[Any] | None = None
) -> Callable[[str], Answer]:
    """A rule: list these captures in the Internet Archive's form and play them back."""
    listed = rows if rows is not None else [a_row(each, url=url) for each in pages]

    def answer(path: str) -> Answer:
        if not is_playback(path):
            return Answer(200, json.dumps([IA_FIELDS, *listed]).encode())
        page = pages[timestamp_of(path)]
        if isinstance(page, Answer):
            return page
        moment = time.strptime(timestamp_of(path), "%Y%m%d%H%M%S")
        printed = time.strftime("%a, %d %b %Y %H:%M:%S GMT", moment)
        return Answer(200, page, {"Memento-Datetime": printed, "Content-Type": "text/html"})

    return answer
