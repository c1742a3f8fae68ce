"""`crawl --notify`, `--ping` and `--save`, with servers on 127.0.0.1."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ilo_archive.cli.run_messages import RunMessages
from ilo_archive.notify import NotSent, web_requests
from ilo_archive.notify.digest import MOST_LINES, digest_of_alarms, digest_of_changes
from ilo_archive.offices import registry
from ilo_archive.queries.alarms import Alarm
from ilo_archive.queries.archive import Archive
from tests.support.answers import Ask, assert_one_line
from tests.support.build import a_page, a_snapshot, an_archive, an_empty_archive, news, utc
from tests.support.loopback import Asked, Loopback, loopback
from tests.support.paths import PAGES
from tests.support.run import Outcome, run
from tests.support.web_archive import Answer

PAGE = Answer(
    200, (PAGES / "20210611090644.html").read_bytes(), {"Content-Type": "text/html; charset=utf-8"}
)
ADDRESS = "http://www.ilo.org/moscow/lang--en/index.htm"


@pytest.fixture
def server() -> Iterator[Loopback]:
    """The site (as the proxy), the watcher at /check, who is notified at /notify."""

    def answer(asked: Asked) -> Answer:
        if asked.path.startswith(("/check", "/notify", "/save")):
            return Answer(200)
        return PAGE if asked.target == ADDRESS else Answer(404)

    with loopback(answer) as running:
        yield running


def asked_of(server: Loopback, path: str) -> list[Asked]:
    return [each for each in server.asked if each.path.startswith(path)]


def crawl(home: Path, server: Loopback) -> Outcome:
    options = ("--source", "live", "--language", "en", "--contact", "reader@example.org")
    receiver = server.address.replace("http:", "json:") + "/notify"
    word = ("--ping", f"{server.address}/check/id", "--notify", receiver)
    environment = {"http_proxy": server.address, "no_proxy": "127.0.0.1"}
    return run(home, "crawl", "moscow", *options, *word, **environment)


# -- a crawl ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_crawl_sends_one_digest_and_pings_start_and_success(home: Path, server: Loopback) -> None:
    assert crawl(home, server).code == 0
    assert [each.path for each in asked_of(server, "/check")] == ["/check/id/start", "/check/id"]
    (sent,) = asked_of(server, "/notify")
    message = json.loads(sent.body)
    assert message["title"].startswith("ilo-archive: 1 capture recorded since")
    assert "First capture: moscow/en" in message["message"]


@pytest.mark.slow
def test_a_receiver_that_refuses_does_not_fail_the_crawl(home: Path, server: Loopback) -> None:
    site = server.answer
    server.answer = lambda asked: site(asked) if "ilo.org" in asked.target else Answer(500)
    outcome = crawl(home, server)
    assert outcome.code == 0
    assert "ilo-archive: notification not sent: an address of --notify did not take it" in (
        outcome.err
    )
    assert outcome.err.count("could not be sent to the watcher") == 2


# -- the watcher ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "path"),
    [(0, "/check"), (3, "/check/fail"), (4, "/check/log"), (5, "/check/log"), (7, "/check/fail")],
)
def test_a_watcher_hears_how_a_run_ended(
    home: Path, server: Loopback, code: int, path: str
) -> None:
    with RunMessages(ping=f"{server.address}/check").around(home, registry()) as end:
        end(code)
    assert server.targets == ["/check/start", path]


def test_a_watcher_hears_of_an_error(home: Path, server: Loopback) -> None:
    word = RunMessages(ping=f"{server.address}/check/")
    with pytest.raises(KeyboardInterrupt), word.around(home, registry()):
        raise KeyboardInterrupt
    assert server.targets == ["/check/start", "/check/fail"]


def test_a_watcher_that_is_gone_is_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with RunMessages(ping="http://127.0.0.1:9/check").around(home, registry()) as end:
        end(0)
    assert len(capsys.readouterr().err.splitlines()) == 2


# -- what is sent -----------------------------------------------------------------------------


def test_nothing_is_sent_where_nothing_changed(home: Path, server: Loopback) -> None:
    an_empty_archive(home)
    receiver = server.address.replace("http:", "json:") + "/notify"
    with RunMessages(notify=(receiver,)).around(home, registry()) as end:
        end(0)
    assert server.asked == []


def test_alarms_are_one_message_once_one_lasts() -> None:
    passing = Alarm("run", "Last crawl failed: rate-limited", "run it again", lasts=False)
    assert digest_of_alarms([]) is None
    assert digest_of_alarms([passing]) is None
    message = digest_of_alarms([Alarm("disk", "The disk\x1b[31m is full", "free some"), passing])
    assert message is not None
    assert message.title == "ilo-archive: 1 alarm"
    assert message.body.splitlines()[1] == "- Last crawl failed: rate-limited: run it again"
    assert message.body.endswith("run it again")
    assert "\x1b" not in message.body


def test_a_digest_leaves_out_noise_and_is_cut(home: Path) -> None:
    many = [news(n) for n in range(1, MOST_LINES + 20)]
    first = a_snapshot("2015", a_page(news(900, credit="© M. Crozet 2015")))
    second = a_snapshot("2016", a_page(*many, news(900, credit="© M. Crozet 2016")))
    an_archive(home, first, second)
    with Archive(home / "archive.sqlite") as archive:
        message = digest_of_changes(archive.changes_since("last-run"))
    assert message is not None
    assert "Credited in another year" not in message.body
    assert len(message.body.splitlines()) == MOST_LINES + 1


# -- --save -----------------------------------------------------------------------------------


def test_a_page_that_changed_is_saved_once(
    home: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_requests, "SAVE_PAGE_NOW", f"{server.address}/save/")
    monkeypatch.setattr("tests.support.build.NOW", utc("2100-01-01T00:00:00Z"))
    word = RunMessages(save=True, contact="reader@example.org")
    with word.around(home, registry()) as end:
        an_archive(home, a_snapshot("2015", a_page(news(1))), a_snapshot("2016", a_page(news(2))))
        end(0)
    (saved,) = server.asked
    assert saved.target == f"/save/{ADDRESS}"
    assert "reader@example.org" in saved.headers["user-agent"]


def test_a_page_that_is_not_saved_is_named(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_requests, "SAVE_PAGE_NOW", f"{server.address}/save/")
    server.answer = lambda _: Answer(429)
    with pytest.raises(NotSent, match=r"did not save http://www\.ilo\.org/"):
        web_requests.save_page("http://www.ilo.org/", None)


# -- wrong use, before anything is fetched ----------------------------------------------------


def test_save_is_for_live_pages(in_process: Ask, home: Path) -> None:
    ask = ("--home", home, "crawl", "--contact", "a@example.org")
    assert_one_line(in_process(*ask, "--save"), 2)
    assert_one_line(in_process(*ask, "--ping", "hc-ping.com/x"), 2)
    assert_one_line(in_process(*ask, "--notify", "nonsense://"), 2)


def test_without_apprise_the_message_says_what_to_install(
    in_process: Ask, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    outcome = in_process(
        "--home", home, "crawl", "--contact", "a@example.org", "--notify", "json://x"
    )
    assert_one_line(outcome, 2)
    assert "pip install 'ilo-archive[notify]'" in outcome.err
