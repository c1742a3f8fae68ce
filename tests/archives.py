"""Archives of the tests: runs of the program, its homes compared, a web archive that misbehaves."""

from __future__ import annotations

import gzip
import http.client
import os
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from alembic.command import upgrade
from alembic.config import Config
from warcio.archiveiterator import ArchiveIterator

from ilo_archive.archive.database import open_engine
from ilo_archive.archive.tables import metadata
from tests.pywb_server import ROOT

SAMPLE = ROOT / "data" / "sample" / "moscow.warc"
PAGES = ROOT / "tests" / "fixtures" / "moscow"
HOMEPAGE = "http://www.ilo.org/moscow/lang--en/index.htm"

VIEWS = ("captures", "news", "sightings", "revisions", "lifelines", "descriptions", "credits")
"""The views of the contract but `runs`: a run that was killed is a run more."""

NOT_COMPARED = frozenset({"warc_file", "warc_offset"})
"""Where a record lies depends on the order of arrival."""

OF_THE_SOURCE = frozenset({"archive", "uri_m"})
"""Columns that name where a capture came from."""

TIME_LIMIT = 60.0
"""Seconds that any run may take; observed: 2 on an idle machine."""


# -- homes compared ------------------------------------------------------------------------


def contents(
    home: Path, *, without: frozenset[str] = frozenset()
) -> dict[str, list[dict[str, Any]]]:
    """Every view but the runs as sorted rows, all columns but those that are not compared."""
    left_out = NOT_COMPARED | without
    found = {}
    for view in VIEWS:
        rows = query(home, f"SELECT * FROM {view}")
        kept = [{name: row[name] for name in row if name not in left_out} for row in rows]
        found[view] = sorted(kept, key=repr)
    return found


def query(home: Path, sql: str, *values: object) -> list[dict[str, Any]]:
    """The rows of a question to the archive of a home, column name -> value."""
    with closing(sqlite3.connect(home / "archive.sqlite")) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(sql, values)]


def column(home: Path, sql: str, *values: object) -> list[Any]:
    """The first column of the rows of a question."""
    return [next(iter(row.values())) for row in query(home, sql, *values)]


def damage(home: Path) -> list[str]:
    """What SQLite finds wrong with the file, in its structure, references and search index."""
    with closing(sqlite3.connect(home / "archive.sqlite")) as database:
        found = [row[0] for row in database.execute("PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"reference {row}" for row in database.execute("PRAGMA foreign_key_check")]
        try:
            database.execute("INSERT INTO wording_fts (wording_fts) VALUES ('integrity-check')")
        except sqlite3.DatabaseError as error:
            found.append(f"search index: {error}")
    return found


def bring_back(path: Path, revision: str) -> None:
    """Make an archive one of an earlier schema: its rows, in tables that the migrations up to
    that revision make.
    """
    present = path.rename(path.with_suffix(".present"))
    config = Config()
    config.set_main_option("script_location", "ilo_archive.archive:migrations")
    engine = open_engine(path)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        upgrade(config, revision)
    engine.dispose()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("ATTACH ? AS present", (str(present),))
        for table in metadata.sorted_tables:
            found = database.execute(f"PRAGMA main.table_info({table.name})")
            if names := ", ".join(row[1] for row in found):
                into = f"INSERT INTO main.{table.name} ({names})"
                database.execute(f"{into} SELECT {names} FROM present.{table.name}")
        database.execute("INSERT INTO wording_fts (wording_fts) VALUES ('rebuild')")
    present.unlink()


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a WARC file, read to its end with its digests checked."""

    kind: str
    id: str
    url: str
    date: str
    offset: int
    refers_to: tuple[str, str] | None


def kept(home: Path) -> list[Record]:
    """The responses and revisits of the store in their order. Raises when one is not whole."""
    records: list[Record] = []
    for path in sorted((home / "warc").glob("*.warc.gz")):
        records += records_of(path)
    return records


def records_of(path: Path) -> list[Record]:
    """The responses and revisits of one file, all of whose records are looked at.

    Raises when a digest or the length of the file does not fit.
    """
    records = []
    with path.open("rb") as stream:
        iterator = ArchiveIterator(stream, check_digests="raise", verify_http=True)
        for record in iterator:
            offset = iterator.get_record_offset()
            record.content_stream().read()
            header = record.rec_headers.get_header
            original = header("WARC-Refers-To"), header("WARC-Refers-To-Date")
            if record.rec_type in ("response", "revisit"):
                records.append(
                    Record(
                        record.rec_type,
                        header("WARC-Record-ID"),
                        header("WARC-Target-URI"),
                        header("WARC-Date"),
                        offset,
                        original if record.rec_type == "revisit" else None,
                    )
                )
            end = offset + iterator.get_record_length()
    assert not records or end == path.stat().st_size, "bytes after the last record"
    return records


# -- runs ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of the program ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> list[str]:
        """The lines to the user, without those of progress."""
        return [line for line in self.err.splitlines() if line.startswith("ilo-archive: ")]


def environment(**more: str) -> dict[str, str]:
    """The environment of the tests without what would steer the program or its requests."""
    own = (
        *("ILO_ARCHIVE_HOME", "ILO_ARCHIVE_CONTACT", "ILO_ARCHIVE_OFFICES"),
        "SCRAPY_SETTINGS_MODULE",
    )
    passed = {
        name: value
        for name, value in os.environ.items()
        if name not in own and not name.lower().endswith("_proxy")
    }
    return passed | more


def start(home: Path, *arguments: str | Path, **variables: str) -> subprocess.Popen[str]:
    """Start `ilo-archive --home HOME ARGUMENTS` in its own process."""
    program = [sys.executable, "-m", "ilo_archive", "--home", home, *arguments]
    return start_program(program, **variables)


def start_program(program: list[str | Path], **variables: str) -> subprocess.Popen[str]:
    """Start a program in the root of the repository."""
    return subprocess.Popen(
        program,
        cwd=ROOT,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def end(process: subprocess.Popen[str], limit: float = TIME_LIMIT) -> Outcome:
    """Wait for the end of a run. No run ever prints a traceback or takes for ever."""
    with process:
        try:
            out, err = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"no end after {limit} s:\n{err[-2000:]}") from None
    assert "Traceback" not in err, err
    return Outcome(process.returncode, out, err)


def run(home: Path, *arguments: str | Path, **variables: str) -> Outcome:
    """Run `ilo-archive --home HOME ARGUMENTS` to its end."""
    return end(start(home, *arguments, **variables))


def interrupt(process: subprocess.Popen[str]) -> None:
    """What Ctrl-C does."""
    process.send_signal(signal.SIGINT)


# -- disks that refuse ---------------------------------------------------------------------


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    """A small disk of its own at the folder; skips where nobody may mount one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    allowed = shutil.which("mount") and not subprocess.call(command, stderr=subprocess.DEVNULL)
    if not allowed:
        pytest.skip("no right to mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def resize(folder: Path, options: str) -> None:
    """Mount it again with other options, as `size=4m` or `ro`."""
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


# -- a web archive that misbehaves ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. With `cut` the connection is reset after so many bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


def packed(answer: Answer) -> Answer:
    """As a server sends it to whoever takes gzip."""
    headers = {**answer.headers, "Content-Encoding": "gzip"}
    return replace(answer, body=gzip.compress(answer.body), headers=headers)


Rule = Callable[[str], Answer | None]


def always(answer: Answer | None) -> Rule:
    """A rule: this answer to every request, the archive's where it is None."""
    return lambda _: answer


def only(timestamps: set[str], answer: Answer) -> Rule:
    """A rule: this answer for the captures of these times, the archive's for all else."""
    return lambda path: answer if timestamp_of(path) in timestamps else None


def _nothing(_: int) -> None:
    pass


class Front:
    """A server before a web archive: notes every request and passes it on, unless the rule
    has an answer of its own. It sends one answer at a time.

    `rule` gets the path with its query. `answered` is called after each answer to a playback,
    with the number of those so far, before the next one is sent.
    """

    def __init__(self, behind: str | None = None) -> None:
        """`behind` is the address of a collection; without one the rule answers everything."""
        self._behind = urlsplit(behind or "http://127.0.0.1:9/archive")
        self.asked: list[str] = []
        self.agents: list[str] = []
        self.errors: list[BaseException | None] = []
        self.rule: Rule = always(None if behind else Answer(404))
        self.answered: Callable[[int], None] = _nothing
        self.turn = threading.Lock()
        self._played_back = 0
        self._server = _server(self)

    @property
    def address(self) -> str:
        """The address of the collection as seen through this server."""
        return f"http://127.0.0.1:{self._server.server_port}{self._behind.path}"

    @property
    def playbacks(self) -> list[str]:
        """The timestamps of the captures asked for, sorted."""
        return sorted(timestamp_of(path) for path in self.asked if is_playback(path))

    @property
    def listings(self) -> list[str]:
        """The listings asked for."""
        return [path for path in self.asked if not is_playback(path)]

    def forget(self) -> None:
        """Start the notes anew and pass everything on."""
        self.asked.clear()
        self.agents.clear()
        self._played_back = 0
        self.rule = always(None)
        self.answered = _nothing

    def fetch(self, path: str, headers: Message) -> Answer:
        """The answer of the archive behind."""
        connection = http.client.HTTPConnection(self._behind.netloc, timeout=30)
        with closing(connection):
            connection.putrequest("GET", path, skip_accept_encoding=True)
            for name in ("Accept-Encoding", "User-Agent"):
                connection.putheader(name, headers.get(name, ""))
            connection.endheaders()
            response = connection.getresponse()
            passed = {n: v for n, v in response.getheaders() if n.lower() not in _BETWEEN_TWO}
            return Answer(response.status, response.read(), passed)

    def sent(self, path: str) -> None:
        """An answer went out."""
        if is_playback(path):
            self._played_back += 1
            self.answered(self._played_back)

    @contextmanager
    def serving(self) -> Iterator[Front]:
        """Answer until the end."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.close()
            thread.join()
        assert self.errors == []

    def close(self) -> None:
        """Refuse connections from now on."""
        self._server.shutdown()
        self._server.server_close()


_BETWEEN_TWO = frozenset({"connection", "content-length", "transfer-encoding", "date", "server"})


def is_playback(path: str) -> bool:
    """Whether the path is that of a capture, not of a listing."""
    return "id_/" in path


def timestamp_of(path: str) -> str:
    """The 14 digits of a capture's path."""
    return path.partition("id_/")[0].rpartition("/")[2]


def wait_until(fact: Callable[[], bool], limit: float = 30.0) -> None:
    """Wait for a fact that another process or thread brings about."""
    deadline = time.monotonic() + limit
    while not fact():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.005)


def _server(front: Front) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_GET(self) -> None:
            front.asked.append(self.path)
            front.agents.append(self.headers.get("User-Agent", ""))
            with front.turn:
                answer = front.rule(self.path) or front.fetch(self.path, self.headers)
                self._send(answer)
                front.sent(self.path)

        def _send(self, answer: Answer) -> None:
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body[: answer.cut])
                if answer.cut is not None:
                    self._reset()
            except OSError:  # the client is gone: killed
                self.close_connection = True

        def _reset(self) -> None:
            self.wfile.flush()
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            os.close(self.connection.detach())

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_: Any) -> None:
            if not isinstance(sys.exception(), OSError):
                front.errors.append(sys.exception())

    return Server(("127.0.0.1", 0), Handler)
