"""A web archive that misbehaves: a server before a real one, or in place of one."""

from __future__ import annotations

import gzip
import http.client
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


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
        """Drop the notes and pass everything on."""
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
