"""Add to each fetched capture the request that was sent for it, before it reaches the pipelines."""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from typing import Any

from scrapy.http import Response

from ilo_archive.capture import Fetched
from ilo_archive.http import HttpRequest


class SentMiddleware:
    """`Fetched` -> `Fetched` with its request, for all remote sources."""

    def process_spider_output(self, response: Response, result: Iterable[Any]) -> Iterator[Any]:
        """Add the request that the response answers."""
        for each in result:
            yield _with_request(each, response)

    async def process_spider_output_async(
        self, response: Response, result: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        """Add the request that the response answers."""
        async for each in result:
            yield _with_request(each, response)


def _with_request(item: Any, response: Response) -> Any:
    sent = response.request
    needs_request = isinstance(item, Fetched) and item.request is None
    if not needs_request or sent is None or not sent.url.startswith(("http://", "https://")):
        return item
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in sent.headers.items()
        for value in values
    )
    return replace(item, request=HttpRequest(sent.method, sent.url, headers))
