"""Crawling Common Crawl: a small one on loopback, and its own answers as they were recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from ilo_archive.sources.commoncrawl import parse_crawls
from tests.support.common_crawl import (
    SmallCrawl,
    recorded,
    serve_crawls,
    serve_recorded,
    small_crawl,
)
from tests.support.homes import column, kept, query
from tests.support.loopback import Asked, Loopback, loopback
from tests.support.paths import HOMEPAGE, SAMPLE
from tests.support.run import Outcome, run
from tests.support.web_archive import Answer, packed

pytestmark = pytest.mark.slow

OLD, NEW, EMPTY = "CC-MAIN-2015-18", "CC-MAIN-2021-25", "CC-MAIN-2013-20"


@pytest.fixture(scope="module")
def crawls() -> list[SmallCrawl]:
    return [
        small_crawl(NEW, 2021, 2021, SAMPLE),
        small_crawl(OLD, 2015, 2015, SAMPLE),
        small_crawl(EMPTY, 2013, 2013, SAMPLE),
    ]


@pytest.fixture
def server(crawls: list[SmallCrawl]) -> Iterator[Loopback]:
    with loopback(serve_crawls(crawls)) as running:
        yield running


def crawl(home: Path, server: Loopback, *options: str | Path, office: str = "moscow") -> Outcome:
    source = ("--source", "commoncrawl", "--archive", server.address)
    return run(home, "crawl", office, *source, *options)


def test_every_capture_of_every_index_is_recorded(home: Path, server: Loopback) -> None:
    outcome = crawl(home, server)
    assert (outcome.code, outcome.messages) == (0, [])
    # Of 2015 three English and one Russian homepage, of 2021 two: moscow.warc.
    assert column(home, "SELECT captured_at FROM captures WHERE state = 'read' ORDER BY 1") == [
        "2015-04-14T10:32:17Z",
        "2015-04-14T10:33:55Z",
        "2015-06-19T07:45:08Z",
        "2015-12-18T16:02:33Z",
        "2021-06-03T07:41:42Z",
        "2021-06-11T09:06:44Z",
    ]
    ranges = [each.headers["range"] for each in server.asked if "range" in each.headers]
    assert len(ranges) == len(set(ranges)) == 6
    assert len(kept(home)) == 6


def test_the_replies_of_an_index_may_be_gzipped(
    home: Path, server: Loopback, crawls: list[SmallCrawl]
) -> None:
    answer = serve_crawls(crawls)
    server.answer = lambda asked: (
        answer(asked) if "range" in asked.headers else packed(answer(asked))
    )
    assert crawl(home, server).code == 0
    assert len(kept(home)) == 6


def test_the_captures_around_each_change_are_recorded(home: Path, server: Loopback) -> None:
    outcome = crawl(home, server, "--every", "change", "--language", "en")
    assert outcome.code == 0
    # Each of the English homepages of 2015 and 2021 lists other news than the one before.
    assert "4 changes in 5 captures, found with 5 requests" in outcome.out
    assert len(kept(home)) == 5
    again = crawl(home, server, "--every", "change", "--language", "en")
    assert "4 changes in 5 captures, found with 0 requests" in again.out


def test_the_pages_of_an_index_are_requested_in_order(home: Path, server: Loopback) -> None:
    crawl(home, server, "--language", "en")
    pages = [
        (each.path, each.query.get("page"))
        for each in server.asked
        if each.query.get("url") == HOMEPAGE
    ]
    assert pages == [
        (f"/{NEW}-index", "0"),
        (f"/{NEW}-index", None),  # how many there are
        (f"/{OLD}-index", "0"),
        (f"/{OLD}-index", None),
        (f"/{OLD}-index", "1"),
        (f"/{EMPTY}-index", "0"),
    ]


def test_a_capture_names_the_bytes_that_it_came_from(
    home: Path, server: Loopback, crawls: list[SmallCrawl]
) -> None:
    crawl(home, server, "--from", "2021-06-11")
    [row] = query(home, "SELECT archive, uri_m FROM captures")
    address, _, span = row["uri_m"].partition("#bytes=")
    first, last = map(int, span.split("-"))
    assert address == f"{server.address}/{crawls[0].path}"
    assert crawls[0].file[first : last + 1].startswith(b"\x1f\x8b")
    assert row["archive"] == server.address.removeprefix("http://")


def test_a_second_crawl_asks_for_no_record(home: Path, server: Loopback) -> None:
    crawl(home, server)
    server.asked.clear()
    outcome = crawl(home, server)
    assert outcome.out == "0 captures recorded; 6 recorded before\n"
    assert not any("range" in each.headers for each in server.asked)


@pytest.mark.parametrize(
    ("options", "indexes", "captures"),
    [
        (["--from", "2021"], [NEW], 2),
        (["--to", "2015-04"], [OLD, EMPTY], 2),
        (["--every", "year"], [NEW, OLD, EMPTY], 3),
        (["--limit", "1", "--from", "2014"], [NEW, OLD], 1),
    ],
)
def test_only_the_crawls_of_the_period_are_queried(
    home: Path, server: Loopback, options: list[str], indexes: list[str], captures: int
) -> None:
    assert crawl(home, server, *options).code == 0
    paths = dict.fromkeys(each.path for each in server.asked if each.path.endswith("-index"))
    assert list(paths) == [f"/{each}-index" for each in indexes]
    assert len(kept(home)) == captures


@pytest.mark.parametrize("answer", [Answer(503), Answer(404, b"<html>"), Answer(200, b"<html>")])
def test_an_unreachable_index_is_reported_and_the_others_are_used(
    home: Path, server: Loopback, answer: Answer
) -> None:
    whole = server.answer
    server.answer = lambda asked: answer if OLD in asked.path else whole(asked)
    outcome = crawl(home, server)
    assert outcome.code == 0
    assert f"{OLD}: could not list captures" in outcome.err
    assert len(kept(home)) == 2


def test_temporary_faults_are_retried(home: Path, server: Loopback) -> None:
    whole = server.answer
    failed: set[str] = set()

    def faulty(asked: Asked) -> Answer:
        again = asked.target + asked.headers.get("range", "")
        if again in failed or asked.path == "/collinfo.json":
            return whole(asked)
        failed.add(again)
        return Answer(503, b"<html>Slow down</html>")

    server.answer = faulty
    outcome = crawl(home, server, "--language", "en", "--from", "2021")
    assert (outcome.code, outcome.messages) == (0, [])
    assert "could not list captures" not in outcome.err
    assert len(kept(home)) == 2


def test_an_interrupted_listing_resumes_with_the_index_it_was_at(
    home: Path, server: Loopback
) -> None:
    whole = server.answer
    refused = Answer(429, b"", {"Retry-After": "1"})
    server.answer = lambda asked: refused if OLD in asked.path else whole(asked)
    assert crawl(home, server, office=HOMEPAGE).code == 5
    server.asked.clear()
    server.answer = whole
    assert crawl(home, server, office=HOMEPAGE).code == 0
    indexes = dict.fromkeys(each.path for each in server.asked if each.path.endswith("-index"))
    assert list(indexes) == [f"/{OLD}-index", f"/{EMPTY}-index"]
    assert len(kept(home)) == 5


@pytest.mark.parametrize("path", ["/collinfo.json", "-index"])
def test_a_crawl_fails_with_4_if_no_index_answers(home: Path, server: Loopback, path: str) -> None:
    whole = server.answer
    server.answer = lambda asked: Answer(503) if asked.path.endswith(path) else whole(asked)
    outcome = crawl(home, server)
    assert outcome.code == 4
    [message] = outcome.messages
    assert message.startswith("ilo-archive: could not list captures (see above), state saved: ")


def _damaged(asked: Asked, printed: Answer) -> Answer:
    return Answer(206, b"\0" * len(printed.body)) if "range" in asked.headers else printed


def _short(asked: Asked, printed: Answer) -> Answer:
    return Answer(206, printed.body[:-9]) if "range" in asked.headers else printed


def _unparted(asked: Asked, printed: Answer) -> Answer:
    return Answer(200, printed.body) if "range" in asked.headers else printed


def _failing(asked: Asked, printed: Answer) -> Answer:
    return Answer(502) if "range" in asked.headers else printed


@pytest.mark.parametrize(
    ("change", "state", "reason"),
    [
        (_damaged, "failed", "not a gzip member"),
        (_short, "failed", "9 bytes of the record missing"),
        (_unparted, "failed", "the archive answers HTTP 200"),
        (_failing, "failed", "the archive answers HTTP 502"),
    ],
)
def test_an_incomplete_record_is_stored_as_a_row_with_its_reason(
    home: Path,
    server: Loopback,
    change: Callable[[Asked, Answer], Answer],
    state: str,
    reason: str,
) -> None:
    whole = server.answer
    server.answer = lambda asked: change(asked, whole(asked))
    assert crawl(home, server, "--from", "2021-06-11").code != 0
    [row] = query(home, "SELECT state, reason FROM captures")
    assert row["state"] == state
    assert reason in row["reason"]
    assert kept(home) == []


@pytest.mark.parametrize("form", ["cdxj", "parquet"])
def test_a_local_index_serves_instead_of_the_index_server(
    home: Path, tmp_path: Path, server: Loopback, crawls: list[SmallCrawl], form: str
) -> None:
    index = tmp_path / f"index.{form}"
    if form == "cdxj":
        index.write_text(crawls[0].cdxj() + crawls[1].cdxj())
    else:
        _write_table(index, [*crawls[0].rows, *crawls[1].rows])
    outcome = crawl(home, server, "--index", index, "--from", "2015-06")
    assert (outcome.code, outcome.messages) == (0, [])
    assert len(kept(home)) == 4
    assert not [each for each in server.targets if "index" in each or "collinfo" in each]


def _write_table(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """The rows as the columnar index of Common Crawl has them."""
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = [
        {
            "url": row["url"],
            "fetch_time": datetime.strptime(row["timestamp"] + "Z", "%Y%m%d%H%M%S%z"),
            "fetch_status": int(row["status"]),
            "content_mime_type": row["mime"],
            "content_digest": row["digest"],
            "warc_filename": row["filename"],
            "warc_record_offset": int(row["offset"]),
            "warc_record_length": int(row["length"]),
        }
        for row in rows
    ]
    parquet.write_table(pa.Table.from_pylist(table), path)


def test_a_file_that_is_not_an_index_is_wrong_use(
    home: Path, tmp_path: Path, server: Loopback
) -> None:
    index = tmp_path / "notes.txt"
    index.write_text("no index\n")
    outcome = crawl(home, server, "--index", index)
    assert outcome.code == 2
    assert outcome.messages == ["ilo-archive: notes.txt: neither CDXJ, CSV nor parquet"]


def test_a_plan_asks_the_indexes_only(home: Path, server: Loopback) -> None:
    outcome = crawl(home, server, "--plan", "--from", "2021")
    assert outcome.code == 0
    assert "captures to fetch: 2" in outcome.out
    assert not any("range" in each.headers for each in server.asked)


def test_crawling_common_crawl_itself_needs_a_contact(home: Path) -> None:
    outcome = run(home, "crawl", "--source", "commoncrawl")
    assert outcome.code == 2
    assert "--contact" in outcome.messages[0]


# -- as recorded ---------------------------------------------------------------------------


@pytest.fixture
def replies(reference_folder: Path) -> list[Path]:
    folder = reference_folder / "recorded" / "cdx_toolkit" / "tests" / "data" / "mock_responses"
    if not folder.is_dir():
        pytest.skip("no recorded replies of Common Crawl beside this checkout")
    return sorted(folder.glob("*/*.jsonl"))


def test_all_recorded_crawls_are_parsed_and_named_like_their_index(replies: list[Path]) -> None:
    [body] = [
        each["response_text"] for each in recorded(replies) if each["url"].endswith("collinfo.json")
    ]
    crawls = parse_crawls(body.encode())
    named = [each.id for each in crawls]
    assert (len(named), named[0], named[-1]) == (115, "CC-MAIN-2025-33", "CC-MAIN-2008-2009")
    assert crawls[-1].first == "20080509053712"
    for each in json.loads(body):  # what the spider takes for granted
        assert each["cdx-api"] == f"https://index.commoncrawl.org/{each['id']}-index"


@pytest.mark.parametrize(
    ("question", "office", "row"),
    [
        (
            "commoncrawl.org/*",
            "https://www.commoncrawl.org/",
            ("https://www.commoncrawl.org/", "2025-08-04T10:33:29Z", 200, "FAPYCDZSWJIQ2YPQ"),
        ),
        (
            "example.com",
            "http://www.example.com/",
            ("http://www.example.com/", "2025-08-02T23:24:28Z", 200, "JI6OR3QR4CI526JD"),
        ),
    ],
)
def test_recorded_answers_of_common_crawl_become_captures(
    home: Path, replies: list[Path], question: str, office: str, row: tuple[object, ...]
) -> None:
    with loopback(serve_recorded(recorded(replies), question)) as server:
        outcome = crawl(home, server, "--from", "2025-08", "--limit", "1", office=office)
    assert outcome.code in (0, 3)  # whether the reader takes such a page for an office's or not
    sql = "SELECT url, captured_at, status, digest FROM captures WHERE state <> 'listed'"
    [found] = query(home, sql)
    assert (*list(found.values())[:3], found["digest"][:16]) == row
    assert len(kept(home)) == 1
