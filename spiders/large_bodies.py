"""Receive one large body at a time: eight of 60 MB side by side take half a gigabyte."""

import asyncio
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, StopDownload
from scrapy.http import Response

LARGE = 4 * 2**20
"""Bytes; hardly a page is larger."""

_STEP = 0.2  # seconds between two checks whether a large body is there
_IS_LARGE, _RECEIVED = "is_large_body", "received_bytes"  # in the meta of a request


class LargeBodies:
    """A downloader middleware. A body that grows large while another large one arrives is given up,
    and requested again when that one is there.
    """

    def __init__(self) -> None:
        """No large body arrives."""
        self._owner: Request | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Follow the bytes that a run receives."""
        middleware = cls()
        crawler.signals.connect(middleware.receive, signal=signals.bytes_received)
        return middleware

    async def process_request(self, request: Request) -> None:
        """Let a request for a large body wait for its turn."""
        request.meta[_RECEIVED] = 0
        if request.meta.get(_IS_LARGE):
            while self._owner is not None:
                await asyncio.sleep(_STEP)
            self._owner = request

    def receive(self, data: bytes, request: Request) -> None:
        """Count what arrived. Raises StopDownload for the second large body."""
        request.meta[_RECEIVED] = request.meta.get(_RECEIVED, 0) + len(data)
        if request.meta[_RECEIVED] <= LARGE or self._owner is request:
            return
        if self._owner is not None:
            request.meta[_IS_LARGE] = True
            raise StopDownload(fail=True)
        self._owner = request

    def process_response(self, request: Request, response: Response) -> Response:
        """Give the turn to the next one."""
        if self._owner is request:
            self._owner = None
        return response

    def process_exception(self, request: Request, exception: Exception) -> Any:
        """Request a body again that was given up for another one."""
        if self._owner is request:
            self._owner = None
            return None
        was_given_up = isinstance(exception, StopDownload | DownloadCancelledError)
        is_large = was_given_up and request.meta.get(_IS_LARGE)
        return request.replace(dont_filter=True) if is_large else None
