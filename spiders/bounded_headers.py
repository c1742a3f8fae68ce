"""Refuse answers whose headers do not end: Scrapy bounds bodies only."""

from collections.abc import Callable
from typing import Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

MAX_HEADERS = 2**18
"""Bytes of the headers of an answer that are accepted; browsers accept as many."""


class HeadersTooLong(Exception):
    """An answer with more than MAX_HEADERS bytes of headers."""

    def __init__(self) -> None:
        """State the bound."""
        super().__init__(f"more than {MAX_HEADERS >> 10} KB of headers")


class BoundedHandler(HTTP11DownloadHandler):
    """Scrapy's download handler, with a bound on headers."""

    def __init__(self, crawler: Crawler) -> None:
        """Bound the headers on every connection of the pool."""
        super().__init__(crawler)
        factory: Any = self._pool._factory

        class BoundedFactory(factory):  # type: ignore[misc]
            def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
                connection = super().buildProtocol(addr)
                connection.dataReceived = _bounded(connection)
                return connection

        self._pool._factory = BoundedFactory


def _bounded(connection: Any) -> Callable[[bytes], None]:
    """The method of a connection that takes data, with a count of those before the body."""
    receive = connection.dataReceived
    received = 0

    def data_received(data: bytes) -> None:
        nonlocal received
        receive(data)
        parser = connection._parser
        is_before_body = parser is not None and parser.state in (STATUS, HEADER)
        received = received + len(data) if is_before_body else 0
        if received > MAX_HEADERS:
            connection._giveUp(Failure(HeadersTooLong()))  # type: ignore[no-untyped-call]

    return data_received
