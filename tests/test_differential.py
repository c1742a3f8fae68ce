"""The EDGI `wayback` client and ours, pointed at one pywb with awkward captures."""

from __future__ import annotations

import gzip
import re
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email.message import Message
from io import BytesIO
from pathlib import Path
from urllib.parse import urljoin

import brotli
import pytest
import wayback
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ilo_archive.capture import Fetched
from ilo_archive.http import HttpMessage, decoded_body
from ilo_archive.offices import PageSeries
from ilo_archive.warc.captures import CaptureReader
from tests.support.homes import query
from tests.support.paths import PAGES
from tests.support.run import run
from tests.support.web_archive import Answer, Front, Rule, is_playback

pytestmark = pytest.mark.slow

PLAIN = "http://www.ilo.org/moscow/lang--en/index.htm"
PAGE = (PAGES / "20150414103217.html").read_bytes()
OTHER = (PAGES / "20210611090644.html").read_bytes()
GZIP = ("Content-Encoding", "gzip")


@dataclass(frozen=True, slots=True)
class Archived:
    """One awkward capture; without a status it is a revisit of the capture before it."""

    moment: str
    status: str | None = "200 OK"
    url: str = PLAIN
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = PAGE


AWKWARD = [
    Archived("20150101000000"),
    Archived("20150102000000", status=None),
    Archived("20150103000000"),  # the same bytes in a record of their own
    Archived("20150104000000", url="http://www.ilo.org:80/moscow/lang--en/index.htm"),
    Archived("20150105000000", url="https://ilo.org/moscow/lang--en/index.htm", body=OTHER),
    Archived("20150106000000", url=PLAIN.replace("http:", "https:"), body=PAGE + b" "),
    Archived("20150107000000", headers=(GZIP,), body=gzip.compress(OTHER, mtime=0)),
    Archived("20150108000000", body=gzip.compress(PAGE, mtime=1)),
    Archived("20150109000000", headers=(("Content-Encoding", ""),),
             body=gzip.compress(OTHER, mtime=2)),
    Archived("20150110000000", headers=(("Content-Encoding", "deflate"),),
             body=zlib.compress(PAGE)),
    Archived("20150111000000", headers=(("Content-Encoding", "br"),), body=brotli.compress(PAGE)),
    Archived("20150112000000", "301 Moved Permanently", headers=(
        ("Location", PLAIN.replace("http:", "https:")),), body=b""),
    Archived("20150113000000", "302 Found", headers=(("Location", "/elsewhere"),), body=b""),
    Archived("20150114000000", "302 Found", headers=(("Location", "/and/elsewhere"),), body=b""),
    Archived("20150115000000", "404 Not Found", body=b"<h1>gone</h1>"),
    Archived("20150116000000", "429 Too Many Requests", headers=(("Retry-After", "3600"),)),
    Archived("20150117000000", "503 Service Unavailable", body=b"<h1>later</h1>"),
    Archived("20150118000000", "451 Unavailable For Legal Reasons", body=b"<h1>no</h1>"),
    Archived("20150119000000", body=b""),
    Archived("20150120000000", headers=(("Content-Type", "text/html; charset=windows-1251"),),
             body="<h1>Бюро МОТ</h1>".encode("cp1251")),
    Archived("20150121000000", headers=(("Memento-Datetime", "Mon, 01 Jan 2001 00:00:00 GMT"),),
             body=b"<h1>a server that is an archive itself</h1>"),
]  # fmt: skip

TO_ITSELF = "20150112000000"


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory, pywb: Callable[..., str]) -> Iterator[Front]:
    path = tmp_path_factory.mktemp("awkward") / "awkward.warc.gz"
    write(path)
    with Front(pywb(path)).serving() as front:
        front.rule = as_the_wayback_machine(front)
        yield front


def as_the_wayback_machine(front: Front) -> Rule:
    """A rule: the answers of pywb, archived redirects rewritten as web.archive.org does it.
    Without that their client takes no redirect from pywb.
    """
    headers = Message()
    headers["Accept-Encoding"] = "gzip, deflate, br"

    def answer(path: str) -> Answer:
        given = front.fetch(path, headers)
        target = given.headers.get("Location")
        if target is None or not is_playback(path):
            return given
        before, _, url = path.partition("id_/")
        rewritten = f"{before}id_/{urljoin(url, target)}"
        more = {"Location": rewritten, "X-Archive-Orig-Location": target}
        return replace(given, headers={**given.headers, **more})

    return answer


def write(path: Path) -> None:
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for number, each in enumerate(AWKWARD):
            moment = time.strptime(each.moment, "%Y%m%d%H%M%S")
            date = {"WARC-Date": time.strftime("%Y-%m-%dT%H:%M:%SZ", moment)}
            fixed = [("Content-Type", "text/html"), ("Content-Length", str(len(each.body)))]
            named = {name for name, _ in each.headers}
            headers = [*(pair for pair in fixed if pair[0] not in named), *each.headers]
            http = StatusAndHeaders(each.status or "200 OK", headers, protocol="HTTP/1.1")
            if each.status:
                record = writer.create_warc_record(
                    each.url, "response", BytesIO(each.body), len(each.body),
                    http_headers=http, warc_headers_dict=date,
                )  # fmt: skip
            else:
                before = AWKWARD[number - 1]
                digest = f"sha1:{HttpMessage(200, '', (), before.body).digest}"
                referred = time.strptime(before.moment, "%Y%m%d%H%M%S")
                record = writer.create_revisit_record(
                    each.url, digest, before.url,
                    time.strftime("%Y-%m-%dT%H:%M:%SZ", referred),
                    http_headers=http, warc_headers_dict=date,
                )  # fmt: skip
            writer.write_record(record)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory, front: Front) -> Path:
    home = tmp_path_factory.mktemp("ours")
    assert run(home, "crawl", PLAIN, "--archive", front.address).code == 0
    return home


@pytest.fixture(scope="module")
def theirs(front: Front) -> Iterator[wayback.WaybackClient]:
    """Their client, which knows one archive only: its addresses are replaced by those of ours."""
    from wayback import _client, _utils

    columns = "fl=urlkey,timestamp,url,mime,status,digest,length"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_client, "CDX_SEARCH_URL", f"{front.address}/cdx?output=text&{columns}")
        patch.setattr(
            _utils, "MEMENTO_URL_TEMPLATE", f"{front.address}/{{timestamp}}{{mode}}/{{url}}"
        )
        # pywb names itself in its links, not the server before it.
        pattern = re.compile(r"^http://127\.0\.0\.1:\d+/archive\d+/(\d+)(\w\w_)?/(.+)$")
        patch.setattr(_utils, "MEMENTO_URL_PATTERN", pattern)
        session = wayback.WaybackSession(search_calls_per_second=0, memento_calls_per_second=0)
        with wayback.WaybackClient(session) as client:
            yield client


def without_port(url: str) -> str:
    return url.replace(":80/", "/")


def fetched(home: Path) -> dict[tuple[str, str], HttpMessage]:
    """The bodies of our store, by time and address."""
    [store] = (home / "warc").glob("*.warc.gz")
    found = CaptureReader(lambda url: PageSeries("moscow", "en", url)).read(store)
    return {
        (each.capture.timestamp, without_port(each.capture.url)): each.message
        for each in found
        if isinstance(each, Fetched)
    }


def unpacked(body: bytes) -> bytes:
    return decoded_body(HttpMessage(200, "OK", (), body))


def test_both_clients_list_the_same_captures(ours: Path, theirs: wayback.WaybackClient) -> None:
    rows = query(ours, "SELECT captured_at, url, digest FROM captures")
    listed = {
        ("".join(filter(str.isdigit, row["captured_at"])), without_port(row["url"]), row["digest"])
        for row in rows
    }
    found = {
        (f"{each.timestamp:%Y%m%d%H%M%S}", each.original, each.digest)
        for each in theirs.search(PLAIN)
    }
    assert listed == found
    assert len(listed) == len(AWKWARD)


def test_both_clients_fetch_the_same_bytes(ours: Path, theirs: wayback.WaybackClient) -> None:
    mine = fetched(ours)
    seen = set()
    for each in theirs.search(PLAIN):
        memento = theirs.get_memento(each, follow_redirects=False)
        key = (f"{each.timestamp:%Y%m%d%H%M%S}", each.original)
        if key[0] == TO_ITSELF:
            # pywb answers a redirect to the same page with another capture. Theirs takes it for
            # the one asked for; ours looks at its Memento-Datetime.
            assert memento.status_code == 200
            continue
        message = mine[key]
        assert message.status == memento.status_code, key
        if message.header("Content-Encoding") != "br":  # theirs does not ask for Brotli
            assert decoded_body(message) == unpacked(memento.content), key
        seen.add(key)
    assert seen == set(mine)


def test_both_clients_know_the_target_of_a_redirect(
    ours: Path, theirs: wayback.WaybackClient
) -> None:
    targets = {
        moment: message.header("Location")
        for (moment, _), message in fetched(ours).items()
        if 300 <= message.status < 400
    }
    assert targets == {
        "20150113000000": "/elsewhere",
        "20150114000000": "/and/elsewhere",
    }


def test_a_redirect_to_the_same_capture_is_not_another_capture(ours: Path) -> None:
    sql = "SELECT captured_at, failure FROM captures WHERE state = 'skipped'"
    assert [tuple(row.values()) for row in query(ours, sql)] == [
        ("2015-01-12T00:00:00Z", "other_capture")
    ]


def test_our_client_sends_fewer_requests(
    tmp_path: Path, theirs: wayback.WaybackClient, front: Front
) -> None:
    front.asked.clear()
    for each in theirs.search(PLAIN):
        theirs.get_memento(each, follow_redirects=False)
    edgi = len(front.asked)
    front.asked.clear()
    run(tmp_path, "crawl", PLAIN, "--archive", front.address)
    # A listing and a request a capture; ours none for a capture whose bytes it has: the revisit,
    # the same bytes again, and those under the address with the port.
    assert edgi == 1 + len(AWKWARD)
    # And the targets of two redirects within the site, which theirs was told not to follow.
    assert len(front.asked) == edgi - 3 + 2
