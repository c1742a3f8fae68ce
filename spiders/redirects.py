"""Follow archived redirects within a site to the capture of their target nearest in time."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import scrapy
from scrapy.crawler import Crawler
from scrapy.http import Response

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Capture, Failure, Fetched, NotFetched
from ilo_archive.offices import Registry, absolute
from ilo_archive.sources.archives import WebArchive
from ilo_archive.sources.cdx import is_page_address

from .playback import (
    MAX_HOPS,
    header,
    memento_datetime,
    playback_failure,
    playback_request,
    played_back,
    replayed,
    within_host,
)
from .selection import series_on_the_way

_MOST_REDIRECTS = 5
"""Redirects in a row that are followed."""

_Yielded = Fetched | scrapy.Request

logger = logging.getLogger("ilo_archive.record.redirect")


class Follows(Protocol):
    """A spider whose captures may be redirects."""

    archive: ArchiveWriter
    crawler: Crawler
    contact: str | None
    covered: frozenset[str]
    """The pages that the run lists: a redirect to one of them is not followed."""

    def end_if_refused(self, error: BaseException) -> bool:
        """True if a request was given up because the archive refuses. Raises CloseSpider."""
        ...


@dataclass(frozen=True, slots=True)
class _Step:
    """A redirect that is followed: its archive, the modifier of addresses that return bytes as
    captured, and how many redirects came before.
    """

    archive: WebArchive
    modifier: str
    before: int = 0


class RedirectFollower:
    """Requests the targets of archived redirects.

    What is found is recorded as the capture that it is, with the redirect that led to it. A target
    that could not be had is asked for again by a later run: that is kept with the redirect.
    """

    def __init__(self, spider: Follows) -> None:
        """Follow the redirects of a run."""
        self._spider = spider
        self._asked: set[str] = set()  # addresses

    def follow(
        self, fetched: Fetched, archive: WebArchive, modifier: str = "id_"
    ) -> Iterator[scrapy.Request]:
        """Yield the request for the target of a redirect; nothing for any other capture."""
        yield from self._follow(fetched, _Step(archive, modifier))

    def again(
        self, redirect: Capture, archive: WebArchive, address: str, modifier: str = "id_"
    ) -> scrapy.Request:
        """The request for a redirect whose target an earlier run could not have."""
        arguments = {"capture": redirect, "step": _Step(archive, modifier)}
        return playback_request(
            archive, redirect, self._spider.contact, address,
            callback=self.replay, errback=self.give_up, cb_kwargs=arguments,
        )  # fmt: skip

    def replay(self, response: Response, capture: Capture, step: _Step) -> Iterator[scrapy.Request]:
        """Yield the request for the target of a redirect that is recorded already."""
        outcome = played_back(response, capture, step.archive)
        if isinstance(outcome, NotFetched):
            self._report(outcome)
        else:
            yield from self._follow(outcome, step)

    def _follow(self, fetched: Fetched, step: _Step) -> Iterator[scrapy.Request]:
        known = self._spider.archive.registry
        target = redirect_target(fetched, known)
        if target is None or known.locate(target).page in self._spider.covered:
            return
        redirect = fetched.capture
        address = step.archive.address(redirect.timestamp, target, step.modifier)
        if address in self._asked or step.before >= _MOST_REDIRECTS:
            return
        self._asked.add(address)
        series = series_on_the_way(target, redirect.place.office, known)
        capture = Capture(
            series, target, redirect.captured_at, step.archive.name, redirected_from=redirect.key
        )
        yield self._request(capture, step, address)

    def _request(
        self, capture: Capture, step: _Step, address: str, hops: int = 0
    ) -> scrapy.Request:
        return playback_request(
            step.archive, capture, self._spider.contact, address,
            callback=self.play_back, errback=self.give_up, meta={"hops": hops},
            cb_kwargs={"capture": capture, "step": step},
        )  # fmt: skip

    def play_back(self, response: Response, capture: Capture, step: _Step) -> Iterator[_Yielded]:
        """Yield the capture nearest in time, or the request that leads to it."""
        onward = self._onward(response, capture)
        if onward:
            yield self._request(capture, step, onward, response.meta["hops"] + 1)
            return
        moment = memento_datetime(header(response, "Memento-Datetime") or "")
        if moment:
            capture = replace(capture, captured_at=moment)
            capture = replace(capture, uri_m=step.archive.address(capture.timestamp, capture.url))
        outcome = played_back(response, capture, step.archive)
        if isinstance(outcome, NotFetched):
            self._report(outcome)
            return
        # Not listed: with the digest of its bytes it equals what a listing has.
        digest = outcome.message.digest
        outcome = replace(outcome, capture=replace(outcome.capture, digest=digest))
        self._spider.archive.end_attempts(capture.redirected_from or "")
        if self._spider.archive.is_finished(outcome.capture):
            self._spider.crawler.stats.inc_value("captures/known")
        else:
            yield outcome
        yield from self._follow(outcome, replace(step, before=step.before + 1))

    def give_up(self, failure: Any) -> None:
        """Report a target that could not be had after all retries."""
        if not self._spider.end_if_refused(failure.value):
            self._report(playback_failure(failure.value, failure.request.cb_kwargs["capture"]))

    def _onward(self, response: Response, capture: Capture) -> str | None:
        """The address of the capture that an archive redirects to; None if it does not.

        It must be one of the same page.
        """
        target = header(response, "Location")
        is_own = header(response, "Memento-Datetime") is None
        if not (target and is_own and response.status < 400) or response.meta["hops"] >= MAX_HOPS:
            return None
        address = within_host(response.url, target)
        found = replayed(address) if address else None
        known = self._spider.archive.registry
        is_same = found and known.canonical(found) == known.canonical(capture.url)
        return address if is_same else None

    def _report(self, missed: NotFetched) -> None:
        """Keep with the redirect that its target is to be asked for again, or say why not."""
        logger.info("a redirect to %s was not followed: %s", missed.capture.url, missed.reason)
        # That it never captured the target is what an archive says of an address that it does not
        # list; of one that it lists that may be a fault.
        if missed.retry and missed.failure is not Failure.NEVER_ARCHIVED:
            redirect = missed.capture.redirected_from or missed.capture.key
            self._spider.archive.add_attempt(redirect)
            self._spider.crawler.stats.inc_value("captures/failed")


def redirect_target(fetched: Fetched, offices: Registry) -> str | None:
    """The target of an archived redirect within the site; None without one.

    A redirect to the same page under another form of its address leads nowhere: archives list both
    together.
    """
    message, url = fetched.message, fetched.capture.url
    location = message.header("Location")
    if not (300 <= message.status < 400 and location):
        return None
    target = absolute(location, url)
    if target is None or not is_page_address(target):
        return None
    here, there = offices.canonical(url), offices.canonical(target)
    is_office = offices.locate(target).office in offices.offices
    is_same_site = here.partition("/")[0] == there.partition("/")[0]
    return target if here != there and (is_office or is_same_site) else None
