"""Recorded answers of web archives, served again to our client.

    python -m tests.support.cassettes FILE_OR_FOLDER...    (or: make recordings RECORDINGS=FOLDER)

starts a proxy on 127.0.0.1 that answers from the recordings, crawls every address whose listing by
a Wayback-style index is among them, and compares what our client entered into its archive with
the rows that were recorded. It ends with 1 where they differ. Nothing leaves this machine.

A recording is a line of JSON as cdx_toolkit keeps them (`method`, `url`, `request_params`,
`response_status_code`, `response_headers`, `response_text`) or an interaction of a YAML cassette of
vcrpy, the form of the EDGI `wayback` client.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

import yaml

from tests.support.homes import query
from tests.support.run import Outcome, run

_PACKED = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
_OF_THE_WAY = frozenset({"transfer-encoding", "content-length", "connection", "date", "server"})


@dataclass(frozen=True, slots=True)
class Recording:
    """One request and its answer."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def is_listing(self) -> bool:
        """Whether it asks a Wayback-style index."""
        return urlsplit(self.url).path.endswith("/cdx/search/cdx")

    @property
    def asked(self) -> dict[str, str]:
        """The fields of its query."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}


# -- reading -------------------------------------------------------------------------------


def recordings(paths: Iterable[Path]) -> list[Recording]:
    """All recordings in files and folders."""
    found: list[Recording] = []
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.suffix in (".jsonl", ".json"):
                found += _lines(file)
            elif file.suffix in (".yaml", ".yml"):
                found += _cassette(file)
    return found


def _lines(path: Path) -> Iterator[Recording]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.get("method", "GET") == "GET" and "response_status_code" in row:
            printed = {k: v for k, v in (row.get("request_params") or {}).items() if v is not None}
            url = f"{row['url']}?{urlencode(printed)}" if printed else row["url"]
            body = (row.get("response_text") or "").encode()
            yield _recording(
                url, row["response_status_code"], row.get("response_headers") or {}, body
            )


def _cassette(path: Path) -> Iterator[Recording]:
    printed = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    for each in printed.get("interactions", ()):
        request, response = each["request"], each["response"]
        if request.get("method", "GET") == "GET":
            body = response["body"].get("string") or b""
            yield _recording(
                request["uri"],
                response["status"]["code"],
                response["headers"],
                body.encode() if isinstance(body, str) else body,
            )


def _recording(url: str, status: int, headers: Mapping[str, Any], body: bytes) -> Recording:
    pairs = []
    for name, values in headers.items():
        for value in values if isinstance(values, list) else [values]:
            # Recorders unpack a body and keep the header that says it is packed.
            packed = name.lower() == "content-encoding" and value in _PACKED
            if name.lower() not in _OF_THE_WAY and not (
                packed and not body.startswith(_PACKED[value])
            ):
                pairs.append((name, value))
    return Recording(url, status, tuple(pairs), body)


# -- serving -------------------------------------------------------------------------------


def _same(url: str) -> str:
    """An address as it is compared: without scheme, `www.`, default port and escapes."""
    parts = urlsplit(unquote(url))
    host = parts.netloc.lower().removeprefix("www.").removesuffix(":80").removesuffix(":443")
    return f"{host}{parts.path}?{parts.query}"


def _subject(url: str) -> str:
    """The address that a listing is about: a foreign one may end in `*`, or lack its scheme."""
    with_scheme = url if "://" in url else f"http://{url}"
    return _same(with_scheme.rstrip("*")).rstrip("?/")


@dataclass(slots=True)
class Cassette:
    """Recordings, and what was asked of them."""

    recorded: list[Recording]
    asked: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def answer(self, url: str) -> Recording:
        """The recorded answer to a request; 404 where there is none."""
        self.asked.append(url)
        for each in self.recorded:
            if _answers(each, url):
                return each
        self.missing.append(url)
        return Recording(url, 404, (("X-Not-Recorded", "1"),), b"not among the recordings")


def _answers(recording: Recording, url: str) -> bool:
    """Whether it is that request; of two questions to an index address and key decide."""
    if not recording.is_listing:
        return _same(recording.url) == _same(url)
    here, there = urlsplit(recording.url), urlsplit(url)
    if (here.netloc, here.path) != (there.netloc, there.path):
        return False
    asked = dict(parse_qsl(there.query))
    return _subject(recording.asked.get("url", "")) == _subject(
        asked.get("url", "")
    ) and recording.asked.get("resumeKey") == asked.get("resumeKey")


@contextmanager
def serving(cassette: Cassette) -> Iterator[str]:
    """Answer as a proxy; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = cassette.answer(self.path)
            self.send_response(given.status)
            for name, value in given.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(given.body)))
            self.end_headers()
            self.wfile.write(given.body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# -- comparing -----------------------------------------------------------------------------

Row = tuple[str, str, str]
"""14 digits, address and digest."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What was recorded of one address and what our client made of it."""

    address: str
    recorded: set[Row]
    entered: set[Row]
    read: int
    outcome: Outcome

    @property
    def differs(self) -> bool:
        """Whether a row is on one side only."""
        return self.recorded != self.entered


def compare(cassette: Cassette, home: Path) -> Iterator[Compared]:
    """Crawl every address whose listing was recorded, each into its own home."""
    listings: dict[tuple[str, str], set[Row]] = {}
    for each in cassette.recorded:
        if each.is_listing and each.status == 200 and "resumeKey" not in each.asked:
            key = (urlsplit(each.url).netloc, _subject(each.asked["url"]))
            # The first answers: a later one of the same question is never served.
            listings.setdefault(key, _all_rows(each, cassette.recorded))
    with serving(cassette) as proxy:
        for number, ((host, subject), rows) in enumerate(sorted(listings.items())):
            folder = home / str(number)
            address = f"http://{subject}" if "/" in subject else f"http://{subject}/"
            options = ["--archive", f"http://{host}", "--contact", "recordings@example.org"]
            outcome = run(folder, "crawl", address, *options, http_proxy=proxy)
            yield Compared(address, rows, _entered(folder), _read(folder), outcome)


def _all_rows(first: Recording, recorded: Iterable[Recording]) -> set[Row]:
    """The rows of a listing, all its pages together."""
    rows, key = _rows(first.body)
    subject = _subject(first.asked["url"])
    for each in recorded:
        if not (key and each.is_listing and each.asked.get("resumeKey") == key):
            continue
        if _subject(each.asked["url"]) == subject:
            more, key = _rows(each.body)
            rows |= more
    return rows


def _rows(body: bytes) -> tuple[set[Row], str | None]:
    """The rows and the key of a reply, read as plainly as can be."""
    text = body.decode("utf-8")
    if text.lstrip().startswith("["):
        lines = json.loads(text)[1:]
    else:
        lines = [line.split(" ") if line else [] for line in text.splitlines()]
    key = lines[-1][0] if len(lines) > 1 and not lines[-2] else None
    rows = {(row[1][:14], row[2], row[5].strip("-")) for row in lines if len(row) >= 6}
    return {row for row in rows if _is_sound(*row)}, key


def _is_sound(timestamp: str, url: str, _: str) -> bool:
    """True if our client neither repairs nor skips the row."""
    try:
        time.strptime(timestamp, "%Y%m%d%H%M%S")
    except ValueError:
        return False
    return url.startswith(("http://", "https://")) and "@" not in urlsplit(url).netloc


def _entered(home: Path) -> set[Row]:
    rows = query(home, "SELECT captured_at, url, digest FROM capture WHERE precision = 'second'")
    return {
        ("".join(filter(str.isdigit, row["captured_at"])), row["url"], row["digest"])
        for row in rows
    }


def _read(home: Path) -> int:
    sql = "SELECT count(*) AS number FROM captures WHERE warc_file IS NOT NULL"
    return int(query(home, sql)[0]["number"])


def main(arguments: list[str]) -> int:
    """Compare and print; 1 where anything differs, 2 where no listing is among the recordings."""
    cassette = Cassette(recordings(map(Path, arguments)))
    different = 0
    compared = 0
    with tempfile.TemporaryDirectory() as folder:
        for each in compare(cassette, Path(folder)):
            compared += 1
            different += each.differs
            sys.stdout.write(
                f"{'DIFFERS' if each.differs else 'same':8}{each.address}: {len(each.recorded)}"
                f" rows recorded, {len(each.entered)} entered, {each.read} played back\n"
            )
            sys.stdout.write("".join(f"        {line}\n" for line in each.outcome.messages))
            for row in sorted(each.recorded ^ each.entered):
                side = "only recorded" if row in each.recorded else "only entered"
                sys.stdout.write(f"        {side}: {' '.join(row)}\n")
    sys.stdout.write(
        f"{len(cassette.recorded)} recordings, {len(cassette.asked)} requests,"
        f" {len(cassette.missing)} of them not recorded\n"
    )
    return 1 if different else 0 if compared else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
