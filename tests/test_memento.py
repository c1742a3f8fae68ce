"""Crawling Memento archives: pywb by its TimeMap, archives of other manners on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ilo_archive.sources.timegate import accept_datetime
from ilo_archive.sources.timemap import parse_moment
from tests.support.homes import (
    OF_THE_SOURCE,
    assert_same_archive,
    column,
    contents,
    damage,
    kept,
    query,
)
from tests.support.loopback import Asked, Loopback, loopback
from tests.support.paths import HOMEPAGE, PAGES, SAMPLE
from tests.support.run import Outcome, end, run, start_module
from tests.support.web_archive import Answer, packed

pytestmark = pytest.mark.slow

MOMENTS = ["20150414103217", "20150619074508", "20160115092847", "20210611090644"]
EN = ("--language", "en")


def crawl(home: Path, archive: str, *options: str) -> Outcome:
    return run(home, "crawl", "moscow", "--source", "memento", "--archive", archive, *options)


def read_at(home: Path) -> list[str]:
    """The 14 digits of the captures that were read."""
    rows = column(home, "SELECT captured_at FROM captures WHERE state = 'read' ORDER BY 1")
    return ["".join(filter(str.isdigit, each)) for each in rows]


# -- pywb ----------------------------------------------------------------------------------


def test_a_timemap_and_an_ingest_of_the_same_warc_make_the_same_archive(
    home: Path, sample_home: Path, pywb: Callable[..., str]
) -> None:
    outcome = crawl(home, pywb(SAMPLE))
    assert (outcome.code, outcome.messages) == (0, [])
    assert_same_archive(home, sample_home, without=OF_THE_SOURCE)
    assert damage(home) == []
    first = query(home, "SELECT uri_m FROM captures ORDER BY captured_at")[0]
    assert first["uri_m"] == f"{pywb(SAMPLE)}/20150414103217/{HOMEPAGE}"


def test_captures_from_another_source_are_not_fetched_again(
    home: Path, pywb: Callable[..., str]
) -> None:
    assert run(home, "crawl", "moscow", "--archive", pywb(SAMPLE)).code == 0
    before = contents(home), kept(home)
    outcome = crawl(home, pywb(SAMPLE))
    assert outcome.out == "0 captures recorded; 14 recorded before\n"
    assert (contents(home), kept(home)) == before
    assert run(home, "crawl", "moscow", "--archive", pywb(SAMPLE)).code == 0
    assert (contents(home), kept(home)) == before


def test_a_limited_crawl_leaves_the_rest_listed_and_the_next_one_fetches_it(
    home: Path, pywb: Callable[..., str]
) -> None:
    assert crawl(home, pywb(SAMPLE), "--limit", "3").code == 0
    states = column(home, "SELECT state FROM captures")
    assert (len(states), states.count("read"), states.count("listed")) == (14, 3, 11)
    assert crawl(home, pywb(SAMPLE)).code == 0
    assert len(column(home, "SELECT id FROM captures")) == 14
    assert len(kept(home)) == 14


# -- archives of other manners -------------------------------------------------------------


class SmallArchive:
    """An archive of one page at MOMENTS, its bytes below `id_`."""

    def __init__(self, tell: Callable[[SmallArchive, Asked], Answer | None]) -> None:
        self.tell = tell
        self.base = ""

    def uri(self, digits: str, modifier: str = "") -> str:
        return f"{self.base}/{digits}{modifier}/{HOMEPAGE}"

    def __call__(self, asked: Asked) -> Answer:
        printed = self.tell(self, asked)
        if printed:
            return printed
        for digits in MOMENTS:
            if asked.target == f"/{digits}id_/{HOMEPAGE}":
                moment = parse_moment(digits)
                assert moment
                return Answer(
                    200,
                    (PAGES / f"{digits}.html").read_bytes(),
                    {"Content-Type": "text/html", "Memento-Datetime": accept_datetime(moment)},
                )
        return Answer(404)


def links(archive: SmallArchive, moments: Sequence[str], *more: str) -> bytes:
    rows = [
        f'<{archive.uri(each)}>; rel="memento"; datetime="{accept_datetime(at(each))}"'
        for each in moments
    ]
    return ",\n".join([f'<{HOMEPAGE}>; rel="original"', *more, *rows]).encode()


def at(digits: str) -> datetime:
    return datetime.strptime(digits + "Z", "%Y%m%d%H%M%S%z").astimezone(UTC)


def in_links(archive: SmallArchive, asked: Asked) -> Answer | None:
    return Answer(200, links(archive, MOMENTS)) if "/timemap/" in asked.target else None


def in_packed_links(archive: SmallArchive, asked: Asked) -> Answer | None:
    printed = in_links(archive, asked)
    return packed(printed) if printed else None


def in_relative_links(archive: SmallArchive, asked: Asked) -> Answer | None:
    printed = in_links(archive, asked)
    up = b"/".join([b".."] * 9)
    return (
        replace(printed, body=printed.body.replace(archive.base.encode(), up)) if printed else None
    )


def in_pages(archive: SmallArchive, asked: Asked) -> Answer | None:
    """A TimeMap of two pages that name each other, and one on another host."""
    if "/timemap/" not in asked.target:
        return None
    kind = 'type="application/link-format"'
    first = f'<{archive.base}/timemap/link/{HOMEPAGE}>; rel="timemap"; {kind}'
    second = f'</timemap/link/2/{HOMEPAGE}>; rel="timemap"; {kind}'
    off = f'<http://127.0.0.2/timemap/{HOMEPAGE}>; rel="timemap"; {kind}'
    if "/2/" in asked.target:
        return Answer(200, links(archive, MOMENTS[2:], first, second))
    return Answer(200, links(archive, MOMENTS[:2], first, second, off))


def in_json(archive: SmallArchive, asked: Asked) -> Answer | None:
    listed = [{"datetime": accept_datetime(at(m)), "uri": archive.uri(m)} for m in MOMENTS]
    printed = json.dumps({"original_uri": HOMEPAGE, "mementos": {"list": listed}}).encode()
    return Answer(200, printed) if "/timemap/" in asked.target else None


def in_cdxj(archive: SmallArchive, asked: Asked) -> Answer | None:
    lines = [f"{each} {json.dumps({'uri': archive.uri(each)})}" for each in MOMENTS]
    printed = "\n".join(['!id {"uri": "x"}', *lines]).encode()
    return Answer(200, printed) if "/timemap/" in asked.target else None


def by_timegate(archive: SmallArchive, asked: Asked) -> Answer | None:
    """No TimeMap; a TimeGate that redirects to the last capture before the moment."""
    if "accept-datetime" not in asked.headers:
        return None
    if HOMEPAGE not in asked.target:
        return Answer(404)
    wanted = parse_moment(asked.headers["accept-datetime"])
    assert wanted
    before = [each for each in MOMENTS if at(each) <= wanted] or MOMENTS[:1]
    return Answer(302, b"", {"Location": archive.uri(before[-1]), "Vary": "accept-datetime"})


def by_timegate_to_timemap(archive: SmallArchive, asked: Asked) -> Answer | None:
    """No TimeMap at the usual address; the TimeGate links to it."""
    if asked.target.startswith("/all-of-it/"):
        return Answer(200, links(archive, MOMENTS))
    if HOMEPAGE not in asked.target or "accept-datetime" not in asked.headers:
        return None
    link = f'<{archive.base}/all-of-it/{HOMEPAGE}>; rel="timemap"; type="application/link-format"'
    return Answer(302, b"", {"Location": archive.uri(MOMENTS[0]), "Link": link})


def moved(archive: SmallArchive, asked: Asked) -> Answer | None:
    if asked.target.startswith("/timemap/"):
        return Answer(301, b"", {"Location": f"/new{asked.target}"})
    return in_links(archive, asked) if asked.target.startswith("/new") else None


@pytest.fixture
def serve_archive() -> Iterator[Callable[..., Loopback]]:
    with ExitStack() as servers:

        def serve(tell: Callable[[SmallArchive, Asked], Answer | None]) -> Loopback:
            archive = SmallArchive(tell)
            server = servers.enter_context(loopback(archive))
            archive.base = server.address
            return server

        yield serve


@pytest.mark.parametrize(
    "tell",
    [
        in_links,
        in_packed_links,
        in_relative_links,
        in_pages,
        in_json,
        in_cdxj,
        by_timegate,
        by_timegate_to_timemap,
        moved,
    ],
)
def test_captures_are_found_in_timemaps_timegates_and_every_format(
    home: Path,
    serve_archive: Callable[..., Loopback],
    tell: Callable[[SmallArchive, Asked], Answer | None],
) -> None:
    server = serve_archive(tell)
    outcome = crawl(home, server.address, *EN)
    assert (outcome.code, outcome.messages) == (0, [])
    assert read_at(home) == MOMENTS
    asked = sorted(each for each in server.targets if "id_/" in each)
    assert asked == [f"/{each}id_/{HOMEPAGE}" for each in MOMENTS]


def test_period_and_every_year_choose_captures_as_with_other_sources(
    home: Path, serve_archive: Callable[..., Loopback]
) -> None:
    crawl(home, serve_archive(in_links).address, *EN, "--to", "2016", "--every", "year")
    assert read_at(home) == [MOMENTS[0], MOMENTS[2]]


def test_captures_of_another_host_are_skipped_and_counted(
    home: Path, serve_archive: Callable[..., Loopback]
) -> None:
    def tell(archive: SmallArchive, asked: Asked) -> Answer | None:
        if asked.target != f"/timemap/link/{HOMEPAGE}":
            return None
        here, there = archive.uri(MOMENTS[0]), f"http://127.0.0.2/{MOMENTS[0]}/{HOMEPAGE}"
        return Answer(200, links(archive, MOMENTS).replace(here.encode(), there.encode()))

    outcome = crawl(home, serve_archive(tell).address, *EN)
    assert outcome.code == 0
    assert "captures of another host skipped: 1" in outcome.err
    assert read_at(home) == MOMENTS[1:]


@pytest.mark.parametrize(
    ("answer", "printed"),
    [
        (Answer(503), "HTTP 503"),
        (Answer(403, b"<html>"), "HTTP 403"),
        (Answer(200, b"<html><title>Just a moment...</title>"), "no TimeMap link in it"),
        (Answer(302, b"", {"Location": "https://127.0.0.2/"}), "it redirects to another host"),
        (Answer(302, b"", {"Location": "/timemap/loop"}), "more than 3 redirects"),
    ],
)
def test_an_unreachable_archive_is_reported_and_not_taken_for_an_empty_one(
    home: Path, serve_archive: Callable[..., Loopback], answer: Answer, printed: str
) -> None:
    server = serve_archive(lambda _, __: answer)
    outcome = crawl(home, server.address, *EN)
    assert outcome.code == 4
    assert f"{server.address.removeprefix('http://')}: could not list captures: " in outcome.err
    assert printed in outcome.err


def test_a_second_rate_limit_ends_the_run(
    home: Path, serve_archive: Callable[..., Loopback]
) -> None:
    server = serve_archive(lambda _, __: Answer(429, b"", {"Retry-After": "1"}))
    outcome = crawl(home, server.address, *EN)
    assert outcome.code == 5
    assert len(server.asked) == 2


# -- all archives of the list --------------------------------------------------------------


def crawl_all(home: Path, *addresses: str) -> Outcome:
    """A crawl of all archives, those of the list being these servers."""
    listed = {
        address.removeprefix("http://"): {
            "name": "Small",
            "timemap": address + "/timemap/link/{url}",
            "timegate": address + "/{url}",
            "raw": "id_",
        }
        for address in addresses
    }
    known = {"limits": {"default": {"pause": 1}, "loopback": {"pause": 1}}, "memento": listed}
    options = ("crawl", HOMEPAGE, "--source", "memento", "--contact", "reader@example.org")
    program = ("tests.support.listed_archives", json.dumps(known))
    return end(start_module(*program, "--home", home, *options))


def half(which: slice) -> Callable[[SmallArchive, Asked], Answer | None]:
    """An archive with some of the captures."""
    return lambda archive, asked: (
        Answer(200, links(archive, MOMENTS[which])) if "/timemap/" in asked.target else None
    )


def test_all_listed_archives_are_queried_and_unreachable_ones_reported(
    home: Path, serve_archive: Callable[..., Loopback]
) -> None:
    with loopback(lambda _: Answer(404)) as closed:
        pass
    broken = serve_archive(lambda _, __: Answer(200, b"<html><p>Under construction"))
    one, other = serve_archive(half(slice(0, 3))), serve_archive(half(slice(2, 4)))
    outcome = crawl_all(home, closed.address, broken.address, one.address, other.address)
    assert (outcome.code, outcome.messages) == (0, [])
    for dead in (closed, broken):
        assert f"{dead.address.removeprefix('http://')}: could not list captures: " in outcome.err
    assert outcome.out.splitlines()[-1] == "2 archives could not list captures (see above)"
    assert read_at(home) == MOMENTS
    played = [target for each in (one, other) for target in each.targets if "id_/" in target]
    assert len(played) == len(MOMENTS)  # what both hold is fetched once


def test_a_rate_limited_archive_is_skipped_and_the_others_are_queried(
    home: Path, serve_archive: Callable[..., Loopback]
) -> None:
    refusing = serve_archive(lambda _, __: Answer(429, b"", {"Retry-After": "1"}))
    good = serve_archive(in_links)
    outcome = crawl_all(home, refusing.address, good.address)
    assert outcome.code == 5
    assert len(refusing.asked) == 2
    assert read_at(home) == MOMENTS


def test_an_unknown_archive_is_wrong_use(home: Path) -> None:
    outcome = crawl(home, "atlantis")
    assert outcome.code == 2
    assert "arquivo.pt" in outcome.messages[0]
