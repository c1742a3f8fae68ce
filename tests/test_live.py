"""Live pages: redirects, robots.txt, declared metadata. The site is a loopback
server that stands in as the proxy, so that its addresses are the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from ilo_archive.times import from_iso
from tests.support.homes import column, kept, query
from tests.support.loopback import Asked, Loopback, loopback
from tests.support.paths import PAGES
from tests.support.run import Outcome, run
from tests.support.web_archive import Answer, packed

pytestmark = pytest.mark.slow

START = "http://www.ilo.org/moscow/lang--en/index.htm"
SECURE = "http://www.ilo.org/moscow"
END = "http://www.ilo.org/ru/regions/moscow"
PAGE = (PAGES / "20210611090644.html").read_bytes()


def to(target: str) -> Answer:
    return Answer(301, b"", {"Location": target})


SITE = {
    START: to("/moscow"),
    SECURE: to(END),
    END: Answer(200, PAGE, {"Content-Type": "text/html; charset=utf-8", "Content-Language": "ru"}),
}


def site(pages: dict[str, Answer]) -> Callable[[Asked], Answer]:
    return lambda asked: pages.get(asked.target, Answer(404))


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback(site(SITE)) as running:
        yield running


def crawl(home: Path, server: Loopback, *options: str, office: str = "moscow") -> Outcome:
    arguments = ("crawl", office, "--source", "live", "--language", "en", *options)
    contact = {"ILO_ARCHIVE_CONTACT": "reader@example.org"}
    return run(home, *arguments, http_proxy=server.address, **contact)


def test_every_redirect_and_the_page_are_captures(home: Path, server: Loopback) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    outcome = crawl(home, server)
    assert (outcome.code, outcome.messages) == (0, [])
    rows = query(home, "SELECT url, status, quality, office, archive, uri_m FROM captures")
    assert {(row["url"], row["status"], row["quality"]) for row in rows} == {
        (START, 301, "redirect"),
        (SECURE, 301, "redirect"),
        (END, 200, "good"),
    }
    assert {(row["office"], row["archive"], row["uri_m"]) for row in rows} == {
        ("moscow", "live", None)
    }
    for moment in column(home, "SELECT captured_at FROM captures"):
        assert before <= from_iso(moment) <= datetime.now(UTC)
    assert [record.url for record in kept(home)] == [START, SECURE, END]
    assert records(home, "request").keys() == {START, SECURE, END}
    assert column(home, "SELECT count(*) FROM news") == [8]


def test_canonical_link_and_language_of_the_page_are_logged(home: Path, server: Loopback) -> None:
    said = b'<html lang="en-GB"><head><link rel="canonical" href="/moscow-office">'
    body = PAGE.replace(PAGE[: PAGE.index(b"<head>") + 6], said, 1)
    server.answer = site(SITE | {END: Answer(200, body, {"Content-Type": "text/html"})})
    outcome = crawl(home, server)
    printed = "{'canonical': 'http://www.ilo.org/moscow-office', 'rendered-language': 'en'}"
    assert f"{END} declares: {printed}" in outcome.err


def test_declared_metadata_is_stored_in_a_metadata_record(home: Path, server: Loopback) -> None:
    crawl(home, server)
    assert b"\r\nrendered-language: en\r\n" in records(home, "metadata")[END]
    assert b"rendered-language" not in records(home, "metadata")[START]


def records(home: Path, kind: str) -> dict[str, bytes]:
    """The records of a kind, by their address."""
    found = {}
    for path in (home / "warc").glob("*.warc.gz"):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == kind:
                    url = record.rec_headers.get_header("WARC-Target-URI")
                    found[url] = b"\r\n" + record.content_stream().read()
    return found


def test_a_page_of_few_words_gets_its_declared_language(home: Path, server: Loopback) -> None:
    body = b'<html lang="fr"><h1>OIT</h1><ol><li><h5>X</h5><p>14.04.2015</p></ol>'
    server.answer = site(SITE | {END: Answer(200, body, {"Content-Type": "text/html"})})
    crawl(home, server)
    assert column(home, "SELECT language FROM captures WHERE status = 200") == ["fr"]


def test_the_user_agent_has_the_contact_and_robots_txt_is_fetched_once(
    home: Path, server: Loopback
) -> None:
    crawl(home, server)
    assert server.targets == ["http://www.ilo.org/robots.txt", START, SECURE, END]
    agents = {each.headers["user-agent"] for each in server.asked}
    assert len(agents) == 1
    assert "reader@example.org" in agents.pop()


ROBOTS = "http://www.ilo.org/robots.txt"
BARRED = b"User-agent: *\nDisallow: /moscow\n"


@pytest.mark.parametrize(
    "robots",
    [
        {ROBOTS: Answer(200, BARRED)},
        {ROBOTS: packed(Answer(200, BARRED))},
        {ROBOTS: Answer(200, b"User-agent: ilo-archive\nDisallow: /\nUser-agent: *\nAllow: /\n")},
        {ROBOTS: to("/robots/all.txt"), "http://www.ilo.org/robots/all.txt": Answer(200, BARRED)},
    ],
)
def test_a_page_disallowed_by_robots_txt_is_not_requested(
    home: Path, server: Loopback, robots: dict[str, Answer]
) -> None:
    server.answer = site(SITE | robots)
    outcome = crawl(home, server)
    assert outcome.code == 3
    assert START not in server.targets
    [row] = query(home, "SELECT state, reason FROM captures")
    assert row == {"state": "skipped", "reason": "http://www.ilo.org/robots.txt disallows it"}


def test_a_redirect_disallowed_by_robots_txt_is_not_followed(home: Path, server: Loopback) -> None:
    server.answer = site(SITE | {ROBOTS: Answer(200, b"User-agent: *\nDisallow: /ru/\n")})
    crawl(home, server)
    assert END not in server.targets
    states = {row["url"]: row["state"] for row in query(home, "SELECT url, state FROM captures")}
    assert states == {START: "unreadable", SECURE: "unreadable", END: "skipped"}


@pytest.mark.parametrize("answer", [Answer(404), Answer(403), to("http://www.ilo.org/robots.txt")])
def test_a_site_without_robots_txt_allows_everything(
    home: Path, server: Loopback, answer: Answer
) -> None:
    server.answer = site(SITE | {ROBOTS: answer})
    assert crawl(home, server).code == 0


def test_a_site_whose_robots_txt_fails_is_not_crawled_this_time(
    home: Path, server: Loopback
) -> None:
    server.answer = site(SITE | {ROBOTS: Answer(500)})
    assert crawl(home, server).code == 4
    assert START not in server.targets
    assert column(home, "SELECT state FROM captures") == ["failed"]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (START, "a redirect back to http://www.ilo.org/moscow/lang--en/index.htm"),
        ("http://127.0.0.1:1/", "a redirect to the private address http://127.0.0.1:1/"),
        ("http://[::ffff:10.0.0.1]/", "a redirect to the private address"),
        ("http://localhost/", "a redirect to the private address http://localhost/"),
        ("http://localhost./", "a redirect to the private address http://localhost./"),
        ("http://[64:ff9b::7f00:1]/", "a redirect to the private address"),
    ],
)
def test_a_redirect_to_itself_or_a_private_address_is_not_followed(
    home: Path, server: Loopback, target: str, reason: str
) -> None:
    server.answer = site(SITE | {SECURE: to(target)})
    outcome = crawl(home, server)
    is_loop = target == START  # which the site may mend; the others are set aside
    assert outcome.code == (4 if is_loop else 3)
    state = "failed" if is_loop else "skipped"
    reasons = column(home, f"SELECT reason FROM captures WHERE state = '{state}'")
    assert len(reasons) == 1
    assert reasons[0].startswith(reason)
    assert len(kept(home)) == 2


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://[", "mailto:x@example.org"])
def test_a_redirect_to_another_scheme_is_not_followed(
    home: Path, server: Loopback, target: str
) -> None:
    server.answer = site(SITE | {SECURE: to(target)})
    assert crawl(home, server).code == 3
    assert column(home, "SELECT reason FROM captures ORDER BY url") == [
        f"archived redirect to {target}",
        "archived redirect to /moscow",
    ]


def test_a_second_capture_of_the_same_bytes_is_another_capture(
    home: Path, server: Loopback
) -> None:
    crawl(home, server)
    outcome = crawl(home, server)
    assert outcome.code == 0
    assert column(home, "SELECT count(*) FROM captures WHERE status = 200") == [2]
    assert [record.kind for record in kept(home)].count("revisit") >= 1
    assert column(home, "SELECT count(*) FROM news") == [8]


def test_a_plan_sends_no_request(home: Path, server: Loopback) -> None:
    outcome = crawl(home, server, "--plan")
    assert (outcome.code, server.asked) == (0, [])
    assert "captures to fetch: 1" in outcome.out


@pytest.mark.parametrize("option", ["--from", "--to", "--every", "--limit", "--archive"])
def test_options_about_a_period_are_refused_for_live_pages(
    home: Path, server: Loopback, option: str
) -> None:
    value = {"--every": "year", "--limit": "1"}.get(option, "2015")
    outcome = crawl(home, server, option, value)
    assert outcome.code == 2
    assert option in outcome.messages[0]
    assert server.asked == []
