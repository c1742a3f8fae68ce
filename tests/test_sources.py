"""Sources: the same bytes make the same snapshots and entries from every source.

A source that is added gets a line in SOURCES.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import brotli
import pytest

from tests.support.common_crawl import serve_crawls, small_crawl
from tests.support.homes import OF_THE_SOURCE, contents, damage, query
from tests.support.loopback import Asked, loopback
from tests.support.paths import RUSSIAN_HOMEPAGE
from tests.support.run import Outcome, run
from tests.support.warcs import HTML, Response, saved_page, write_warc
from tests.support.web_archive import Answer

pytestmark = pytest.mark.slow

PLAIN = [
    Response(each, saved_page(each))
    for each in ("20150414103217", "20150619074508", "20210611090644")
]
"""What every source can bring, a saved page too."""

AWKWARD = [
    Response(
        "20150414103355",
        saved_page("20150414103355"),
        RUSSIAN_HOMEPAGE,
        headers=[("Content-Type", "text/html")],  # windows-1251, said by the page alone
    ),
    Response(
        "20151218160233",
        gzip.compress(saved_page("20151218160233"), mtime=0),
        headers=[HTML, ("Content-Encoding", "gzip")],
    ),
    Response(
        "20160115092847",
        brotli.compress(saved_page("20160115092847")),
        headers=[HTML, ("Content-Encoding", "br")],
    ),
    Response(
        "20161109213004",
        b"",
        status="301 Moved Permanently",
        headers=[("Location", RUSSIAN_HOMEPAGE)],
    ),
    Response("20170823140912", saved_page("20170823140912"), status="503 Service Unavailable"),
    Response("20170921113006", b"<html><h1>Not found</h1></html>", status="404 Not Found"),
]
"""What takes an HTTP message to bring."""


# -- sources -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given:
    """What a source starts from: the same captures as a WARC file and one by one."""

    warc: Path
    responses: Sequence[Response]
    pywb: Callable[..., str]


def by_warc(home: Path, given: Given) -> Outcome:
    return run(home, "ingest", given.warc)


def by_wacz(home: Path, given: Given) -> Outcome:
    packed = given.warc.read_bytes()
    resource = {
        "name": "data.warc.gz",
        "path": "archive/data.warc.gz",
        "hash": f"sha256:{hashlib.sha256(packed).hexdigest()}",
        "bytes": len(packed),
    }
    package = {"profile": "data-package", "wacz_version": "1.1.1", "resources": [resource]}
    wacz = home.with_suffix(".wacz")
    with ZipFile(wacz, "w", ZIP_STORED) as file:
        file.writestr("archive/data.warc.gz", packed)
        file.writestr("pages/pages.jsonl", json.dumps({"format": "json-pages-1.0"}) + "\n")
        file.writestr("datapackage.json", json.dumps(package))
    return run(home, "ingest", wacz)


def by_files(home: Path, given: Given) -> Outcome:
    folder = home.with_suffix(".files")
    folder.mkdir()
    for each in given.responses:
        (folder / f"{each.time}.html").write_bytes(each.body)
        printed = {"url": each.url, "captured_at": each.time}
        (folder / f"{each.time}.meta.json").write_text(json.dumps(printed))
    return run(home, "ingest", folder)


def by_wayback(home: Path, given: Given, *more: str) -> Outcome:
    return run(home, "crawl", "moscow", "--archive", given.pywb(given.warc), *more)


def by_memento(home: Path, given: Given, *more: str) -> Outcome:
    options = ("--source", "memento", "--archive", given.pywb(given.warc))
    return run(home, "crawl", "moscow", *options, *more)


def by_commoncrawl(home: Path, given: Given, *more: str) -> Outcome:
    crawls = [
        small_crawl("CC-MAIN-2015-18", 2015, 2015, given.warc),
        small_crawl("CC-MAIN-2021-25", 2016, 2021, given.warc),
    ]
    with loopback(serve_crawls(crawls)) as server:
        options = ("--source", "commoncrawl", "--archive", server.address)
        return run(home, "crawl", "moscow", *options, *more)


Source = Callable[..., Outcome]
CRAWLED: dict[str, Source] = {
    "wayback": by_wayback,
    "memento": by_memento,
    "commoncrawl": by_commoncrawl,
}
"""Those that `crawl` asks; each takes more options of it."""

SOURCES: dict[str, Source] = {"wacz": by_wacz, **CRAWLED}
"""Those that carry whole HTTP messages, each to be compared with a WARC file that is ingested."""


@pytest.fixture(scope="module")
def plain_captures(tmp_path_factory: pytest.TempPathFactory, pywb: Callable[..., str]) -> Given:
    return Given(write_warc(tmp_path_factory.mktemp("plain") / "a.warc.gz", *PLAIN), PLAIN, pywb)


@pytest.fixture(scope="module")
def awkward_captures(tmp_path_factory: pytest.TempPathFactory, pywb: Callable[..., str]) -> Given:
    responses = [*PLAIN, *AWKWARD]
    warc = write_warc(tmp_path_factory.mktemp("awkward") / "b.warc.gz", *responses)
    return Given(warc, responses, pywb)


Views = dict[str, list[dict[str, Any]]]


def printed(home: Path, *less: str) -> Views:
    """All views, without the columns that name the source and these."""
    return contents(home, without=OF_THE_SOURCE | {*less})


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory, plain_captures: Given) -> Path:
    """The home that the WARC file of plain captures makes."""
    home = tmp_path_factory.mktemp("plain") / "home"
    assert by_warc(home, plain_captures).code == 0
    return home


@pytest.fixture(scope="module")
def of_plain(ingested: Path) -> Views:
    return printed(ingested)


@pytest.fixture(scope="module")
def of_awkward(tmp_path_factory: pytest.TempPathFactory, awkward_captures: Given) -> Views:
    home = tmp_path_factory.mktemp("awkward") / "home"
    assert by_warc(home, awkward_captures).code == 0
    return printed(home)


@pytest.mark.parametrize("bring", SOURCES.values(), ids=SOURCES)
def test_every_source_makes_the_archive_that_a_warc_file_makes(
    home: Path, plain_captures: Given, of_plain: Views, bring: Source
) -> None:
    assert bring(home, plain_captures).code == 0
    assert [row["quality"] for row in of_plain["captures"]] == ["good"] * 3
    assert len(of_plain["news"]) == 16  # 7 on the first page, 2 and 7 that the next two bring
    assert printed(home) == of_plain
    assert damage(home) == []


def test_saved_pages_make_the_same_archive_except_for_charset_reasons(
    home: Path, plain_captures: Given, ingested: Path
) -> None:
    assert by_files(home, plain_captures).code == 0
    assert printed(home, "charset_reason") == printed(ingested, "charset_reason")


@pytest.mark.parametrize("bring", SOURCES.values(), ids=SOURCES)
def test_encodings_errors_and_redirects_are_the_same_from_every_source(
    home: Path, awkward_captures: Given, of_awkward: Views, bring: Source
) -> None:
    assert bring(home, awkward_captures).code == 0
    qualities = {row["captured_at"][:7]: row["quality"] for row in of_awkward["captures"]}
    assert qualities == {
        "2015-04": "good",
        "2015-06": "good",
        "2015-12": "good",
        "2016-01": "good",
        "2016-11": "redirect",
        "2017-08": "error",
        "2017-09": "error",
        "2021-06": "good",
    }
    assert printed(home) == of_awkward


@pytest.mark.parametrize(
    ("period", "years"), [(("--from", "2021"), {"2021"}), (("--to", "2015"), {"2015"})]
)
@pytest.mark.parametrize("bring", CRAWLED.values(), ids=CRAWLED)
def test_a_crawl_fetches_only_the_period_asked_for(
    home: Path, bring: Source, period: tuple[str, str], years: set[str], plain_captures: Given
) -> None:
    assert bring(home, plain_captures, *period).code == 0
    rows = query(home, "SELECT captured_at FROM captures WHERE state = 'read'")
    assert {row["captured_at"][:4] for row in rows} == years


@pytest.mark.parametrize("first", SOURCES.values(), ids=SOURCES)
def test_a_second_source_adds_nothing_to_the_first(
    home: Path, plain_captures: Given, of_plain: Views, first: Source
) -> None:
    assert first(home, plain_captures).code == 0
    for bring in (by_warc, by_wayback, by_memento, by_commoncrawl):
        outcome = bring(home, plain_captures)
        assert outcome.code == 0
        assert outcome.out == "0 captures recorded; 3 recorded before\n"
    assert printed(home) == of_plain


def test_a_live_page_has_the_entries_of_the_same_bytes_in_a_warc(
    home: Path, plain_captures: Given, of_plain: Views
) -> None:
    shot = plain_captures.responses[-1]

    def answer(asked: Asked) -> Answer:
        if asked.target != shot.url:
            return Answer(404)
        return Answer(200, shot.body, dict(shot.headers))

    with loopback(answer) as proxy:
        options = ("--source", "live", "--language", "en", "--contact", "reader@example.org")
        assert run(home, "crawl", "moscow", *options, http_proxy=proxy.address).code == 0
    [capture] = query(home, "SELECT * FROM captures")
    [same] = [row for row in of_plain["captures"] if row["captured_at"].startswith("2021")]
    for column in ("office", "language", "url", "status", "quality", "digest", "page", "template"):
        assert capture[column] == same[column], column
    of_then = [row for row in of_plain["sightings"] if row["capture_id"] == same["id"]]
    of_now = query(home, "SELECT * FROM sightings")
    differing = {"capture_id", "captured_at", *OF_THE_SOURCE}
    assert _without(of_now, differing) == _without(of_then, differing)
    wordings = {row["revision_id"]: row for row in of_plain["revisions"]}
    for row in query(home, "SELECT * FROM revisions"):
        for column in ("kicker", "title", "date", "summary", "link"):
            assert row[column] == wordings[row["revision_id"]][column]


def _without(rows: Sequence[dict[str, Any]], names: set[str]) -> list[dict[str, Any]]:
    kept = [{name: row[name] for name in row if name not in names} for row in rows]
    return sorted(kept, key=repr)
