"""Answers whose headers do not end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import HOMEPAGE
from tests.support.run import run

pytestmark = pytest.mark.slow

HEADER = b"X-A: " + b"a" * 8000 + b"\r\n"
MOST_SENT = 64 * 2**20


class Endless:
    """A server that sends headers until the client closes the connection."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}/archive"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        sent = 0
        with connection:
            try:
                connection.recv(2**16)
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while sent < MOST_SENT:
                    connection.sendall(HEADER)
                    sent += len(HEADER)
            except OSError:
                pass
        self.sent.append(sent)


@pytest.fixture
def endless() -> Iterator[Endless]:
    server = Endless()
    threading.Thread(target=server.serve, daemon=True).start()
    yield server
    server.socket.close()


def test_headers_without_an_end_are_refused_and_named(home: Path, endless: Endless) -> None:
    outcome = run(home, "crawl", HOMEPAGE, "--archive", endless.address)
    assert outcome.code == 4
    assert "could not list captures: more than 256 KB of headers" in outcome.err
    assert max(endless.sent) < 16 * 2**20  # what the kernels between buffer
