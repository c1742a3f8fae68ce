"""Responses of archives: archived ones, and their own with a reason for the failure."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from scrapy import Request
from scrapy.exceptions import CloseSpider, DownloadCancelledError, DownloadTimeoutError
from scrapy.http import Response

from ilo_archive.capture import Capture, Failure, Fetched, NotFetched
from ilo_archive.http import HttpMessage
from ilo_archive.offices import PageSeries
from ilo_archive.sources.archives import archive_at
from spiders.playback import (
    MAX_HOPS,
    playback_failure,
    played_back,
    same_capture,
    within_host,
)
from spiders.politeness import RequestRefused

PAGE = "http://www.ilo.org/moscow/lang--en/index.htm"
ARCHIVE = archive_at(None)
CAPTURE = Capture(
    PageSeries("moscow", "en", "moscow/en"),
    PAGE,
    datetime(2015, 4, 14, 10, 32, 17, tzinfo=UTC),
    "web.archive.org",
    status=200,
)
ADDRESS = f"https://web.archive.org/web/20150414103217id_/{PAGE}"
ARCHIVED = {"Memento-Datetime": "Tue, 14 Apr 2015 10:32:17 GMT"}


def answer(
    status: int = 200, headers: dict[str, str] | None = None, body: bytes = b"", hops: int = 0
) -> Response:
    request = Request(ADDRESS, meta={"hops": hops})
    return Response(ADDRESS, status=status, headers=headers, body=body, request=request)


def failure(response: Response, capture: Capture = CAPTURE) -> NotFetched:
    given = played_back(response, capture, ARCHIVE)
    assert isinstance(given, NotFetched)
    return given


# -- archived ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 204, 404, 403, 410, 429, 500, 503])
def test_an_archived_response_of_any_status_is_the_capture(status: int) -> None:
    given = played_back(
        answer(status, {**ARCHIVED, "Retry-After": "60"}, b"kept"), CAPTURE, ARCHIVE
    )
    assert isinstance(given, Fetched)
    assert (given.capture.status, given.message.status, given.message.body) == (
        status, status, b"kept",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "target"),
    [
        # As pywb passes it on.
        ({"Location": "http://www.ilo.org/moscow/"}, "http://www.ilo.org/moscow/"),
        # As the Wayback Machine rewrites it, with the original and without.
        (
            {
                "Location": "https://web.archive.org/web/20150414103217id_/http://ilo.org/new",
                "X-Archive-Orig-Location": "/new",
            },
            "/new",
        ),
        (
            {"Location": "https://web.archive.org/web/20150414103217id_/http://ilo.org/new?a=b"},
            "http://ilo.org/new?a=b",
        ),
        ({"Location": "/web/20150414103217/http://ilo.org/new"}, "http://ilo.org/new"),
        # To itself under https: what many sites did.
        (
            {"Location": "/web/20150414103217id_/https://www.ilo.org/moscow/lang--en/index.htm"},
            "https://www.ilo.org/moscow/lang--en/index.htm",
        ),
    ],
)
def test_an_archived_redirect_is_the_capture_with_its_target_as_it_was(
    headers: dict[str, str], target: str
) -> None:
    response = answer(302, {**ARCHIVED, **headers})
    given = played_back(response, CAPTURE, ARCHIVE)
    assert isinstance(given, Fetched)
    assert given.message.header("Location") == target
    assert same_capture(response, CAPTURE, ARCHIVE) is None


def test_a_timestamp_known_to_the_minute_is_any_capture_of_that_minute() -> None:
    other = answer(200, {"Memento-Datetime": "Tue, 14 Apr 2015 10:32:51 GMT"})
    rough = replace(CAPTURE, captured_at=CAPTURE.captured_at.replace(second=0), precision="minute")
    assert isinstance(played_back(other, rough, ARCHIVE), Fetched)
    assert failure(other).failure is Failure.OTHER_CAPTURE


BODY = b"<html>" * 100
DIGEST = HttpMessage(200, "OK", (), BODY).digest


def test_transport_compression_of_the_archive_is_removed() -> None:
    packed = answer(200, {**ARCHIVED, "Content-Encoding": "gzip"}, gzip.compress(BODY))
    given = played_back(packed, replace(CAPTURE, digest=DIGEST), ARCHIVE)
    assert isinstance(given, Fetched)
    assert (given.message.body, given.message.header("Content-Encoding")) == (BODY, None)


@pytest.mark.parametrize(
    ("body", "length", "stored"),
    [
        (gzip.compress(BODY, mtime=0), len(BODY), BODY),
        (gzip.compress(BODY, mtime=0), 99, gzip.compress(BODY, mtime=0)),
        (BODY, len(BODY), BODY),
    ],
)
def test_without_a_digest_the_original_length_decides_what_is_stored(
    body: bytes, length: int, stored: bytes
) -> None:
    # Of a capture that a TimeMap tells: by its digest another source knows it again.
    headers = {"Content-Encoding": "gzip", "X-Archive-Orig-Content-Length": str(length)}
    given = played_back(answer(200, {**ARCHIVED, **headers}, body), CAPTURE, ARCHIVE)
    assert isinstance(given, Fetched)
    assert given.message.body == stored
    assert (given.message.header("Content-Encoding") is None) is (stored != body)


@pytest.mark.parametrize("body", [gzip.compress(BODY, mtime=0), b"\x1f\x8bbroken"])
def test_a_body_archived_compressed_stays_compressed(body: bytes) -> None:
    packed = answer(200, {**ARCHIVED, "Content-Encoding": "gzip"}, body)
    for digest in (HttpMessage(200, "OK", (), body).digest, "", "OTHER"):
        given = played_back(packed, replace(CAPTURE, digest=digest), ARCHIVE)
        assert isinstance(given, Fetched)
        assert (given.message.body, given.message.header("Content-Encoding")) == (body, "gzip")


# -- of the archive's own ------------------------------------------------------------------

RUNTIME_ERROR = "X-Archive-Wayback-Runtime-Error"


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (
            answer(
                403, {RUNTIME_ERROR: "AdministrativeAccessControlException: Blocked Site Error"}
            ),
            Failure.BLOCKED,
        ),
        (answer(403, body=b"<p>This URL has been excluded from the Wayback Machine."), "blocked"),
        (answer(451), "blocked"),
        (
            answer(403, body=gzip.compress(b"This URL has been excluded from the ...", mtime=0)),
            "blocked",
        ),
        (
            answer(403, {RUNTIME_ERROR: "RobotAccessControlException: Blocked By Robots"}),
            Failure.ROBOTS,
        ),
        (answer(403, body=b"Page cannot be displayed due to robots.txt."), "robots"),
        (answer(404, body=b"has not archived that URL"), "never_archived"),
        (answer(503, {RUNTIME_ERROR: "ResourceNotAvailableException: lost"}), "not_playable"),
        (answer(400), "not_playable"),
        (answer(200, body=b"<html>of the archive, on robots.txt"), "not_playable"),
        (answer(500), "archive_error"),
        (answer(503), "archive_error"),
        (answer(302, {"Location": "/web/20150619074508id_/" + PAGE}), "other_capture"),
        # With the header, but to the same address at another time.
        (
            answer(302, {**ARCHIVED, "Location": "/web/20150619074508id_/" + PAGE}),
            Failure.OTHER_CAPTURE,
        ),
        (answer(200, {"Memento-Datetime": "Fri, 19 Jun 2015 07:45:08 GMT"}), "other_capture"),
        (answer(200, {"Memento-Datetime": "yesterday"}), "other_capture"),
    ],
)
def test_a_response_of_the_archive_itself_is_a_failure_with_its_reason(
    response: Response, reason: str
) -> None:
    assert failure(response).failure == reason


def test_only_what_an_archive_states_of_the_capture_itself_is_certain() -> None:
    certain = [each.value for each in Failure if not each.may_pass]
    assert certain == ["blocked", "robots", "other_capture", "too_large"]


def test_the_reason_contains_the_error_of_the_archive() -> None:
    printed = failure(answer(503, {RUNTIME_ERROR: "ResourceNotAvailableException: lost"})).reason
    assert printed == "the archive answers HTTP 503: ResourceNotAvailableException: lost"
    target = failure(answer(302, {"Location": "/web/20150619074508id_/" + PAGE})).reason
    assert target == f"the archive redirects to /web/20150619074508id_/{PAGE}"


def test_a_downloader_error_is_a_failure_with_its_reason() -> None:
    assert playback_failure(DownloadCancelledError("big"), CAPTURE).failure is Failure.TOO_LARGE
    given = playback_failure(DownloadTimeoutError("slow"), CAPTURE)
    assert (given.failure, given.retry) == (Failure.NO_ANSWER, True)
    with pytest.raises(CloseSpider) as ended:
        playback_failure(RequestRefused("rate_limited"), CAPTURE)
    assert ended.value.reason == "rate_limited"


# -- where redirects may lead --------------------------------------------------------------


@pytest.mark.parametrize(
    ("here", "target", "there"),
    [
        ("https://a.example/x", "/y", "https://a.example/y"),
        ("https://a.example/x", "https://a.example/y", "https://a.example/y"),
        ("http://a.example/x", "https://a.example/y", "https://a.example/y"),
        ("https://A.example/x", "https://a.EXAMPLE/y", "https://a.EXAMPLE/y"),
        ("https://a.example/x", "http://a.example/y", None),
        ("https://a.example/x", "https://b.example/y", None),
        ("https://a.example/x", "//127.0.0.1/y", None),
        ("https://a.example/x", "https://a.example:8443/y", None),
        ("http://a.example/x", "https://a.example:22/y", None),
        ("https://a.example/x", "http://169.254.169.254/latest", None),
        ("https://a.example/x", "http://[::1]/", None),
        ("https://a.example/x", "http://[", None),
        ("https://a.example/x", "https://me@a.example/", None),
        ("https://a.example/x", "file:///etc/passwd", None),
        ("https://a.example/x", "data:text/html,y", None),
    ],
)
def test_a_redirect_stays_on_its_host(here: str, target: str, there: str | None) -> None:
    assert within_host(here, target) == there


@pytest.mark.parametrize(
    "target",
    [
        "/web/20150414103217id_/http://www.ilo.org:80/moscow/lang--en/index.htm",
        "https://web.archive.org/web/20150414103217/http://ilo.org/moscow/lang--en/index.htm",
    ],
)
def test_a_redirect_of_the_archive_to_the_same_capture_is_followed(target: str) -> None:
    assert same_capture(answer(302, {"Location": target}), CAPTURE, ARCHIVE)
    assert same_capture(answer(302, {"Location": target}, hops=MAX_HOPS), CAPTURE, ARCHIVE) is None


@pytest.mark.parametrize(
    "target",
    [
        "/web/20150619074508id_/" + PAGE,
        "http://www.ilo.org/moscow/lang--en/index.htm",
        "https://evil.example/web/20150414103217id_/" + PAGE,
        "https://web.archive.org:8443/web/20150414103217id_/" + PAGE,
        "http://127.0.0.1/web/20150414103217id_/" + PAGE,
    ],
)
def test_no_other_redirect_is_followed(target: str) -> None:
    assert same_capture(answer(302, {"Location": target}), CAPTURE, ARCHIVE) is None
