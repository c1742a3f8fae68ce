"""Large bodies arrive one at a time."""

from __future__ import annotations

import asyncio

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadCancelledError, StopDownload
from scrapy.http import Response

from spiders import large_bodies
from spiders.large_bodies import LARGE, LargeBodies

PIECE = bytes(LARGE)


@pytest.fixture
def middleware(monkeypatch: pytest.MonkeyPatch) -> LargeBodies:
    monkeypatch.setattr(large_bodies, "_STEP", 0)
    return LargeBodies()


def asked(middleware: LargeBodies) -> Request:
    request = Request("http://127.0.0.1/x")
    asyncio.run(middleware.process_request(request))
    return request


def test_small_bodies_arrive_side_by_side(middleware: LargeBodies) -> None:
    for request in [asked(middleware) for _ in range(8)]:
        middleware.receive(PIECE, request)


def test_a_second_large_body_is_given_up_and_requested_again(middleware: LargeBodies) -> None:
    first, second = asked(middleware), asked(middleware)
    for each in (first, second):
        middleware.receive(PIECE, each)
    middleware.receive(b"x", first)
    with pytest.raises(StopDownload) as stop:
        middleware.receive(b"x", second)
    assert stop.value.fail
    again = middleware.process_exception(second, DownloadCancelledError())
    assert (again.url, again.dont_filter) == (second.url, True)

    async def both() -> list[str]:
        order: list[str] = []

        async def wait() -> None:
            await middleware.process_request(again)
            order.append("second asked")

        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0.01)
        order.append("first there")
        middleware.process_response(first, Response(first.url))
        await waiting
        return order

    assert asyncio.run(both()) == ["first there", "second asked"]
    middleware.receive(PIECE * 2, again)


def test_a_body_beyond_the_limit_is_not_requested_again(middleware: LargeBodies) -> None:
    request = asked(middleware)
    middleware.receive(PIECE * 2, request)
    assert middleware.process_exception(request, DownloadCancelledError()) is None
    middleware.receive(PIECE * 2, asked(middleware))  # the turn of the next one
