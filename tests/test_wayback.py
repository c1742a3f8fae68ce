"""Listings of a Wayback-style archive, and what of them is asked for."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from spiders.wayback import PAGE_SIZE
from tests.support.homes import assert_same_archive, column, damage, kept, query
from tests.support.paths import HOMEPAGE, PAGES
from tests.support.run import Outcome, end, run, start
from tests.support.web_archive import Answer, Front, is_playback, packed, timestamp_of

pytestmark = pytest.mark.slow

FIELDS = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
MOMENTS = ["20150414103217", "20150619074508", "20151218160233", "20160115092847"]
ONE, OTHER = (PAGES / f"{each}.html" for each in ("20150414103217", "20210611090644"))


@pytest.fixture
def scripted() -> Iterator[Front]:
    """A scripted archive: the test sets every answer."""
    with Front().serving() as front:
        yield front


def crawl(home: Path, front: Front, *options: str, office: str = HOMEPAGE) -> Outcome:
    return run(home, "crawl", office, "--archive", front.address, *options)


def a_row(
    timestamp: str, digest: str = "-", status: str = "200", url: str = HOMEPAGE, **more: str
) -> list[str]:
    return ["org,ilo)/moscow", timestamp, url, more.get("mime", "text/html"), status, digest, "-"]


def asked(path: str) -> dict[str, str]:
    """The fields of a question to the index."""
    return {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}


def table(rows: Sequence[Any]) -> Answer:
    return Answer(200, json.dumps([FIELDS, *rows]).encode())


def an_archive(
    *pages: Sequence[Any],
    playback: Callable[[str], Answer | None] = lambda _: None,
    body: bytes = ONE.read_bytes(),
) -> Callable[[str], Answer]:
    """A rule: list these pages of rows, each but the last with a key to the next, and play the
    same body back for each capture.
    """

    def answer(path: str) -> Answer:
        if is_playback(path):
            return playback(path) or archived(timestamp_of(path), body)
        number = int(asked(path).get("resumeKey", "key 0").removeprefix("key "))
        more = [[], [f"key {number + 1}"]] if number + 1 < len(pages) else []
        return table([*pages[number], *more])

    return answer


def archived(timestamp: str, body: bytes, status: int = 200, **headers: str) -> Answer:
    printed = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.strptime(timestamp, "%Y%m%d%H%M%S"))
    fixed = {"Memento-Datetime": printed, "Content-Type": "text/html"}
    return Answer(status, body, {**fixed, **headers})


def keys(front: Front) -> list[str | None]:
    return [asked(path).get("resumeKey") for path in front.listings]


# -- page by page --------------------------------------------------------------------------

THREE = [[a_row(MOMENTS[0]), a_row(MOMENTS[1])], [a_row(MOMENTS[2])], [a_row(MOMENTS[3])]]


def test_a_listing_is_followed_by_its_resume_keys_to_the_end(home: Path, scripted: Front) -> None:
    scripted.rule = an_archive(*THREE)
    assert crawl(home, scripted).code == 0
    assert keys(scripted) == [None, "key 1", "key 2"]
    assert scripted.playbacks == MOMENTS
    assert {asked(path)["showResumeKey"] for path in scripted.listings} == {"true"}


def test_a_listing_may_be_gzipped(home: Path, scripted: Front) -> None:
    # As the Wayback Machine sends it to whoever takes gzip.
    rule = an_archive(*THREE)
    scripted.rule = lambda path: rule(path) if is_playback(path) else packed(rule(path))
    assert (crawl(home, scripted).code, scripted.playbacks) == (0, MOMENTS)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_killed_listing_resumes_with_its_last_key(
    home: Path, tmp_path: Path, scripted: Front, at: int
) -> None:
    rule = an_archive(*THREE)
    scripted.rule = rule
    assert crawl(tmp_path / "undisturbed", scripted).code == 0
    scripted.forget()
    process = start(home, "crawl", HOMEPAGE, "--archive", scripted.address)

    def kill(path: str) -> Answer:
        if len(scripted.asked) == at:
            process.kill()
            process.wait()
        return rule(path)

    scripted.rule = kill
    process.communicate(timeout=60)
    scripted.forget()
    scripted.rule = rule
    assert crawl(home, scripted).code == 0
    assert keys(scripted) == [None, "key 1", "key 2"][at - 1 :]
    assert scripted.playbacks == MOMENTS
    assert_same_archive(home, tmp_path / "undisturbed")
    assert damage(home) == []


def test_a_finished_listing_starts_from_the_beginning(home: Path, scripted: Front) -> None:
    scripted.rule = an_archive(*THREE)
    crawl(home, scripted)
    scripted.forget()
    scripted.rule = an_archive(*THREE[:2], [a_row(MOMENTS[3]), a_row("20210611090644")])
    assert crawl(home, scripted).code == 0
    assert (keys(scripted), scripted.playbacks) == ([None, "key 1", "key 2"], ["20210611090644"])


@pytest.mark.parametrize(
    "body",
    [
        b"<html>\nDown for maintenance\n\n</html>",
        json.dumps([FIELDS, a_row(MOMENTS[2])]).encode()[:-9],
    ],
    ids=["a page for people", "a table that was cut"],
)
def test_a_broken_page_of_a_listing_is_requested_again_by_the_next_run(
    home: Path, scripted: Front, body: bytes
) -> None:
    rule = an_archive(*THREE)
    scripted.rule = lambda path: (
        Answer(200, body) if asked(path).get("resumeKey") == "key 1" else rule(path)
    )
    assert (crawl(home, scripted).code, keys(scripted)) == (4, [None, "key 1"])
    scripted.rule = rule
    assert (crawl(home, scripted).code, keys(scripted)[2:]) == (0, ["key 1", "key 2"])
    assert scripted.playbacks == MOMENTS


def test_a_resume_key_that_the_archive_rejects_is_dropped(home: Path, scripted: Front) -> None:
    rule = an_archive(*THREE)
    scripted.rule = lambda path: Answer(500) if "key+1" in path else rule(path)
    assert crawl(home, scripted).code == 4
    scripted.forget()
    scripted.rule = lambda path: Answer(400) if keys(scripted) == ["key 1"] else rule(path)
    assert crawl(home, scripted).code == 0
    assert keys(scripted) == ["key 1", None, "key 1", "key 2"]
    assert scripted.playbacks == MOMENTS


def test_a_listing_with_circular_keys_ends_and_keeps_what_was_listed(
    home: Path, scripted: Front
) -> None:
    scripted.rule = an_archive(THREE[0], [*THREE[1], [], ["key 1"]])
    outcome = crawl(home, scripted)
    assert (outcome.code, scripted.playbacks) == (4, MOMENTS[:3])
    assert "ended early: its pages repeat" in outcome.err
    assert column(home, "SELECT DISTINCT failure FROM listing WHERE rows") == ["repeated"]


def test_a_listing_whose_keys_always_change_ends(home: Path, scripted: Front) -> None:
    keys = itertools.count()

    def answer(_: str) -> Answer:
        return table([[], [f"key {next(keys)}"]])

    scripted.rule = answer
    assert crawl(home, scripted).code == 4
    assert len(scripted.listings) <= 4 * len({asked(each)["url"] for each in scripted.listings})


@pytest.mark.parametrize("status", [400, 404])
def test_a_key_that_is_refused_twice_ends_the_listing(
    home: Path, scripted: Front, status: int
) -> None:
    def answer(path: str) -> Answer | None:
        if is_playback(path):
            return None
        refused = "resumeKey" in asked(path)
        return Answer(status) if refused else table([a_row(MOMENTS[0]), [], ["a key"]])

    whole = an_archive([a_row(MOMENTS[0])])
    scripted.rule = lambda path: answer(path) or whole(path)
    outcome = crawl(home, scripted)
    assert (outcome.code, scripted.playbacks) == (4, [MOMENTS[0]])
    assert column(home, "SELECT DISTINCT failure FROM listing") == ["key_refused"]
    assert column(home, "SELECT state FROM captures") == ["read"]


def test_without_resume_keys_a_truncated_listing_continues_from_its_last_second(
    home: Path, scripted: Front
) -> None:
    # Observed: pywb heeds `limit` and knows no resume key.
    rows = [a_row(f"2015{n // 1000 % 12 + 1:02}01{n // 3600 % 24:02}{n // 60 % 60:02}{n % 60:02}")
            for n in range(PAGE_SIZE + 500)]  # fmt: skip
    rows.sort(key=lambda row: str(row[1]))

    def answer(path: str) -> Answer:
        first, limit = asked(path).get("from", ""), int(asked(path)["limit"])
        return table([row for row in rows if row[1] >= first][:limit])

    scripted.rule = answer
    outcome = crawl(home, scripted, "--plan")
    assert outcome.out.startswith(f"captures to fetch: {len({row[1] for row in rows})}\n")
    assert len(scripted.listings) == 2


def test_a_blocked_listing_is_reported_and_its_reason_stored(home: Path, scripted: Front) -> None:
    output = b"org.archive.util.io.RuntimeIOException: AdministrativeAccessControlException"
    scripted.rule = lambda _: Answer(403, output)
    outcome = crawl(home, scripted)
    assert (outcome.code, len(outcome.messages)) == (3, 1)
    assert "blocked" in outcome.err
    assert column(home, "SELECT failure FROM listing") == ["blocked"]


def test_an_error_of_the_index_is_retried(home: Path, scripted: Front) -> None:
    rule = an_archive(*THREE)
    scripted.rule = lambda path: Answer(503) if len(scripted.asked) == 2 else rule(path)
    assert crawl(home, scripted).code == 0
    assert keys(scripted) == [None, "key 1", "key 1", "key 2"]


@pytest.mark.parametrize("target", ["http://127.0.0.1:9/x", "http://localhost/", "//10.0.0.1/"])
def test_an_index_that_redirects_to_another_host_is_not_followed(
    home: Path, scripted: Front, target: str
) -> None:
    scripted.rule = lambda _: Answer(302, b"", {"Location": target})
    outcome = crawl(home, scripted)
    assert (outcome.code, len(scripted.asked)) == (4, 1)


def test_an_index_that_moved_on_its_host_is_found(home: Path, scripted: Front) -> None:
    rule = an_archive(*THREE[2:])

    def answer(path: str) -> Answer:
        if is_playback(path) or path.startswith("/moved"):
            return rule(path)
        return Answer(301, b"", {"Location": f"/moved?{urlsplit(path).query}"})

    scripted.rule = answer
    assert (crawl(home, scripted).code, scripted.playbacks) == (0, MOMENTS[3:])


# -- odd rows ------------------------------------------------------------------------------


def test_odd_rows_are_repaired_or_skipped_and_counted(home: Path, scripted: Front) -> None:
    exact = "20000824173151"
    rows = [
        a_row(MOMENTS[0], "A" * 32),
        a_row(MOMENTS[0], "A" * 32),  # a repeat
        a_row("20000008241731", "B" * 32),  # month 00: 24 August 2000, 17:31, cut off
        a_row("2015061907450800", "C" * 32),  # 16 digits
        a_row("20150014103217"),  # month 00 and no repair: the 14th month
        a_row(MOMENTS[2], url="mailto:moscow@ilo.org"),
        a_row(MOMENTS[2], url="http://mailto:moscow@ilo.org/"),
        "no row",
    ]
    playback = {"20000824173100": archived(exact, OTHER.read_bytes())}
    scripted.rule = an_archive(rows, playback=lambda path: playback.get(timestamp_of(path)))
    outcome = crawl(home, scripted)
    assert outcome.code == 0
    assert "4 rows listed: 1 repeated, 2 repaired; 4 lines skipped as unreadable" in outcome.out
    sql = "SELECT captured_at, precision, state FROM captures ORDER BY 1"
    assert [tuple(row.values()) for row in query(home, sql)] == [
        ("2000-08-24T17:31:00Z", "minute", "read"),
        ("2015-04-14T10:32:17Z", "second", "read"),
        ("2015-06-19T07:45:08Z", "second", "read"),
    ]
    assert column(home, "SELECT sum(rows) || ' ' || sum(repeats) FROM listing") == ["4 1"]


# -- the same bytes ------------------------------------------------------------------------

A, B = "A" * 32, "B" * 32


def test_unchanged_captures_and_revisits_are_sightings_without_a_request(
    home: Path, tmp_path: Path, scripted: Front
) -> None:
    rows = [
        a_row(MOMENTS[0], A),
        a_row(MOMENTS[1], A),
        a_row(MOMENTS[2], A, "-", mime="warc/revisit"),
        a_row(MOMENTS[3], A, "-", mime="warc/revisit", url=HOMEPAGE.replace("http:", "https:")),
    ]
    scripted.rule = an_archive(rows)
    outcome = crawl(home, scripted)
    assert (outcome.code, scripted.playbacks) == (0, MOMENTS[:1])
    assert "3 captures not fetched: their bytes are in the archive already" in outcome.out
    assert set(column(home, "SELECT sightings FROM news")) == {4}
    assert [each.kind for each in kept(home)] == ["response", *["revisit"] * 3]
    first, *others = kept(home)
    assert {each.refers_to for each in others} == {(first.id, "2015-04-14T10:32:17Z")}
    # Fetched one by one they are the same archive, but for what was listed of them.
    scripted.rule = an_archive([a_row(row[1], "-", url=row[2]) for row in rows])
    crawl(tmp_path, scripted)
    output = "SELECT date, title, first_seen, last_seen, absent_from, sightings FROM news"
    assert query(home, output) == query(tmp_path, output)
    assert run(home, "reread").out == ""


def test_bytes_of_a_digest_stored_by_an_earlier_run_are_not_fetched_again(
    home: Path, scripted: Front
) -> None:
    scripted.rule = an_archive([a_row(MOMENTS[0], A)])
    crawl(home, scripted)
    scripted.forget()
    scripted.rule = an_archive([a_row(MOMENTS[0], A), a_row(MOMENTS[3], A)])
    outcome = crawl(home, scripted, "--plan")
    assert outcome.out.splitlines()[:2] == [
        "captures to fetch: 0",
        "captures with the same bytes, not fetched: 1",
    ]
    outcome = crawl(home, scripted)
    assert (outcome.code, scripted.playbacks) == (0, [])
    assert set(column(home, "SELECT sightings FROM news")) == {2}


def test_the_same_digest_with_another_status_is_fetched(home: Path, scripted: Front) -> None:
    scripted.rule = an_archive([a_row(MOMENTS[0], A)])
    crawl(home, scripted)
    scripted.forget()
    gone = {MOMENTS[1]: archived(MOMENTS[1], ONE.read_bytes(), 404)}
    rows = [a_row(MOMENTS[0], A), a_row(MOMENTS[1], A, "404"), a_row(MOMENTS[2], A)]
    scripted.rule = an_archive(rows, playback=lambda path: gone.get(timestamp_of(path)))
    crawl(home, scripted)
    assert scripted.playbacks == [MOMENTS[1]]
    sql = "SELECT status, quality FROM captures ORDER BY captured_at"
    assert [tuple(row.values()) for row in query(home, sql)] == [
        (200, "good"),
        (404, "error"),
        (200, "good"),
    ]


def test_bytes_lost_from_the_store_are_fetched_again(home: Path, scripted: Front) -> None:
    scripted.rule = an_archive([a_row(MOMENTS[0], A)])
    crawl(home, scripted)
    store = home / "warc" / "captures-00001.warc.gz"
    store.write_bytes(bytes(store.stat().st_size))
    scripted.forget()
    scripted.rule = an_archive([a_row(MOMENTS[0], A), a_row(MOMENTS[3], A)])
    outcome = crawl(home, scripted)
    assert (outcome.code, scripted.playbacks) == (0, [MOMENTS[3]])
    assert "fetching them again" in outcome.err


def test_redirects_with_the_same_empty_body_are_all_fetched(home: Path, scripted: Front) -> None:
    rows = [a_row(each, A, "301") for each in MOMENTS]
    scripted.rule = an_archive(
        rows,
        playback=lambda path: archived(
            timestamp_of(path), b"", 301, Location=f"http://www.ilo.org/{timestamp_of(path)}"
        ),
    )
    crawl(home, scripted)
    listed = [each for each in scripted.asked if each.endswith("index.htm") and is_playback(each)]
    assert sorted(map(timestamp_of, listed)) == MOMENTS
    reasons = column(home, f"SELECT reason FROM captures WHERE url = '{HOMEPAGE}' ORDER BY id")
    assert reasons == [f"archived redirect to http://www.ilo.org/{each}" for each in MOMENTS]


def test_a_revisit_of_a_redirect_is_fetched(home: Path, scripted: Front) -> None:
    rows = [a_row(each, A, "-", mime="warc/revisit") for each in MOMENTS]
    scripted.rule = an_archive(
        rows,
        playback=lambda path: archived(timestamp_of(path), b"", 302, Location="http://ilo.org/x"),
    )
    crawl(home, scripted)
    listed = [each for each in scripted.asked if each.endswith("index.htm") and is_playback(each)]
    assert sorted(map(timestamp_of, listed)) == MOMENTS


def test_another_page_with_the_same_bytes_is_another_page(home: Path, scripted: Front) -> None:
    other = HOMEPAGE.replace("--en", "--ru")
    scripted.rule = an_archive([a_row(MOMENTS[0], A), a_row(MOMENTS[1], A, url=other)])
    crawl(home, scripted)
    assert scripted.playbacks == MOMENTS[:2]


def test_if_the_first_of_the_same_bytes_cannot_be_fetched_the_next_is(
    home: Path, scripted: Front
) -> None:
    gone = {MOMENTS[0]: Answer(404), MOMENTS[1]: Answer(200, b"x" * 99, {}, cut=5)}
    rows = [a_row(each, A) for each in MOMENTS]
    scripted.rule = an_archive(rows, playback=lambda path: gone.get(timestamp_of(path)))
    assert crawl(home, scripted).code == 4
    assert set(scripted.playbacks) == set(MOMENTS[:3])
    sql = "SELECT state, failure FROM captures ORDER BY captured_at"
    assert [tuple(row.values()) for row in query(home, sql)] == [
        ("failed", "never_archived"),
        ("failed", "no_answer"),
        ("read", None),
        ("read", None),
    ]
    scripted.forget()
    scripted.rule = an_archive(rows)
    assert crawl(home, scripted).code == 0
    assert scripted.playbacks == []  # its bytes are known now
    assert column(home, "SELECT count(*) FROM captures WHERE failure IS NULL") == [4]


# -- which of them -------------------------------------------------------------------------


def test_the_addresses_of_an_office_are_listed_under_every_host_and_merged(
    home: Path, scripted: Front
) -> None:
    under = {
        "http://www.ilo.org/moscow/lang--en/index.htm": MOMENTS[0],
        "https://ilo.org:443/moscow/lang--en/index.htm?x=y": MOMENTS[1],
        "http://www.ilo.ch/moscow/lang--en/index.htm": MOMENTS[2],
        "http://www.oit.org/moscow/lang--en/index.htm": MOMENTS[3],
    }

    def answer(path: str) -> Answer:
        if is_playback(path):
            return archived(timestamp_of(path), ONE.read_bytes())
        host = str(urlsplit(asked(path)["url"]).hostname).removeprefix("www.")
        if "lang--en" not in path:
            return table([])
        return table([a_row(at, url=url) for url, at in under.items() if f"{host}/" in
                      url.replace(":443", "")])  # fmt: skip

    scripted.rule = answer
    assert crawl(home, scripted, office="moscow").code == 0
    rows = query(home, "SELECT url, page, office FROM captures ORDER BY captured_at")
    assert [row["url"] for row in rows] == list(under)  # as it was captured
    assert {(row["page"], row["office"]) for row in rows} == {("moscow/en", "moscow")}
    asked_for = [asked(path)["url"] for path in scripted.listings]
    assert len(set(asked_for)) == len(asked_for)
    scripted.forget()
    scripted.rule = answer
    crawl(home, scripted, "--every", "year", "--plan", office="moscow")
    assert scripted.playbacks == []


def test_a_good_capture_of_a_period_is_preferred_to_an_error(home: Path, scripted: Front) -> None:
    rows = [
        a_row("20150401000000", A, "503"),
        a_row("20150402000000", A, "302"),
        a_row("20150403000000", B, "-", mime="warc/revisit"),
        a_row("20150404000000", B),
        a_row("20150501000000", A, "404"),
        a_row("20150502000000", "C" * 32, "-", mime="warc/revisit"),
        a_row("20150601000000", A, "404"),
    ]
    scripted.rule = an_archive(rows)
    assert crawl(home, scripted, "--every", "month").code == 0
    # The revisit of B repeats a good one and is the earlier; it is not asked for, its bytes are.
    assert scripted.playbacks == ["20150403000000", "20150502000000", "20150601000000"]


def test_another_capture_of_the_period_takes_the_place_of_one_that_failed(
    home: Path, scripted: Front
) -> None:
    bad = {"20150401000000": Answer(404)}
    rows = [a_row("20150401000000"), a_row("20150404000000")]
    scripted.rule = an_archive(rows, playback=lambda path: bad.get(timestamp_of(path)))
    assert crawl(home, scripted, "--every", "month").code == 4
    assert crawl(home, scripted, "--every", "month").code == 0
    assert scripted.playbacks == ["20150401000000", "20150404000000"]
    crawl(home, scripted, "--every", "month")
    assert len(scripted.playbacks) == 2


def test_a_capture_that_failed_twice_is_left_alone_for_a_day_unless_retry_says_so(
    home: Path, scripted: Front
) -> None:
    scripted.rule = an_archive([a_row(MOMENTS[0])], playback=lambda _: Answer(404))
    said = [crawl(home, scripted).messages[0] for _ in range(3)]
    assert scripted.playbacks == [MOMENTS[0]] * 2
    assert said[0].endswith("1 capture could not be fetched: run again to retry")
    assert "1 capture could not be fetched: the next attempt is due on" in said[1]
    assert "1 capture could not be fetched in up to 2 attempts: the next" in said[2]
    assert column(home, "SELECT attempts FROM captures") == [2]
    assert crawl(home, scripted, "--retry", "failed").code == 4
    assert scripted.playbacks == [MOMENTS[0]] * 3
    scripted.rule = an_archive([a_row(MOMENTS[0])])
    assert crawl(home, scripted).code == 4
    assert crawl(home, scripted, "--retry", "all").code == 0
    assert column(home, "SELECT attempts FROM captures") == [None]
    assert crawl(home, scripted).code == 0


def test_an_archive_that_asks_for_years_is_left_alone_for_a_day(
    home: Path, scripted: Front
) -> None:
    refusing = Answer(429, b"", {"Retry-After": "9999999999"})
    scripted.rule = lambda _: refusing
    outcome = crawl(home, scripted)
    assert outcome.code == 5
    assert "rate-limited by the archive until 20" in outcome.messages[-1]
    scripted.forget()
    scripted.rule = an_archive([a_row(MOMENTS[0])])
    assert (crawl(home, scripted).code, scripted.asked) == (5, [])
    assert crawl(home, scripted, "--retry", "failed").code == 0
    assert scripted.playbacks == [MOMENTS[0]]


# -- faults of playback --------------------------------------------------------------------


def test_an_error_of_the_archive_itself_is_retried(home: Path, scripted: Front) -> None:
    faults = iter([Answer(503), Answer(502)])
    scripted.rule = an_archive([a_row(MOMENTS[0])], playback=lambda _: next(faults, None))
    outcome = crawl(home, scripted)
    assert (outcome.code, len(outcome.err.splitlines())) == (0, 1)  # the line of the capture
    assert scripted.playbacks == [MOMENTS[0]] * 3


def test_the_failure_of_a_capture_is_stored_in_one_word(home: Path, scripted: Front) -> None:
    runtime = "X-Archive-Wayback-Runtime-Error"
    answers = [
        Answer(403, b"", {runtime: "AdministrativeAccessControlException: Blocked Site Error"}),
        Answer(403, b"", {runtime: "RobotAccessControlException: Blocked By Robots"}),
        Answer(404),
        Answer(503, b"", {runtime: "ResourceNotAvailableException"}),
    ]
    given = dict(zip(MOMENTS, answers, strict=True))
    rule = an_archive(
        [a_row(each) for each in MOMENTS], playback=lambda path: given[timestamp_of(path)]
    )
    scripted.rule = rule
    assert crawl(home, scripted).code == 4
    failures = column(home, "SELECT failure FROM captures ORDER BY captured_at")
    assert failures == ["blocked", "robots", "never_archived", "not_playable"]
    states = column(home, "SELECT state FROM captures ORDER BY captured_at")
    assert states == ["skipped", "skipped", "failed", "failed"]


def test_a_redirect_to_the_same_capture_on_the_same_host_is_followed(
    home: Path, scripted: Front
) -> None:
    target = f"/archive/{MOMENTS[0]}id_/http://www.ilo.org:80/moscow/lang--en/index.htm"
    scripted.rule = an_archive(
        [a_row(MOMENTS[0])],
        playback=lambda path: None if ":80" in path else Answer(302, b"", {"Location": target}),
    )
    assert crawl(home, scripted).code == 0
    assert scripted.playbacks == [MOMENTS[0]] * 2


def test_a_crawl_waits_for_retry_after_and_then_continues(home: Path, scripted: Front) -> None:
    sent: list[float] = []
    slow = [Answer(429, b"", {"Retry-After": "2"})]

    def playback(_: str) -> Answer | None:
        sent.append(time.monotonic())
        return slow.pop() if len(sent) == 3 else None

    rows = [a_row(f"201504{day:02}000000") for day in range(1, 29)]
    scripted.rule = an_archive(rows, playback=playback)
    outcome = crawl(home, scripted)
    assert (outcome.code, len(set(scripted.playbacks))) == (0, 28)
    gaps = [later - earlier for earlier, later in pairwise(sent)]
    last = gaps.index(max(gaps))  # before the pause, which begins with the refusal
    assert sent[last + 1] - sent[2] >= 1.9
    assert last <= 3 + 8  # those under way
    assert re.search("asks to slow down: waiting 2 s", outcome.err)


def test_an_interrupted_crawl_does_not_wait_for_the_end_of_a_pause(
    home: Path, scripted: Front
) -> None:
    scripted.rule = an_archive(
        [a_row(MOMENTS[0])], playback=lambda _: Answer(429, b"", {"Retry-After": "300"})
    )
    process = start(home, "crawl", HOMEPAGE, "--archive", scripted.address)
    while not scripted.playbacks:
        time.sleep(0.05)
    time.sleep(0.5)
    process.terminate()
    assert end(process, limit=15).code == 130
