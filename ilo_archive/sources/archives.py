"""Web archives: the addresses of their listings and playback, and their rate limits.

The data is in `archives.toml`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from ilo_archive.errors import IloArchiveError

Lane = Literal["listing", "playback"]
"""The two kinds of requests that a web archive limits separately."""

INTERNET_ARCHIVE = "https://web.archive.org"


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a minute for each lane, None for no limit.

    `pause` is how many seconds to wait after a refusal that has no `Retry-After`.
    """

    pause: float
    listing: float | None = None
    playback: float | None = None

    def interval(self, lane: Lane) -> float:
        """Seconds between the starts of two requests."""
        a_minute = self.listing if lane == "listing" else self.playback
        return 60 / a_minute if a_minute else 0.0


@dataclass(frozen=True, slots=True)
class WebArchive:
    """A web archive.

    `name` is what its captures are listed under; `listing` and `playback` are the addresses where
    it lists captures and plays them back.
    """

    name: str
    listing: str
    playback: str
    is_local: bool
    limits: Limits

    def address(self, timestamp: str, url: str, modifier: str = "") -> str:
        """The URI-M of a capture; with modifier `id_` it returns the bytes as captured."""
        return f"{self.playback}/{timestamp}{modifier}/{url}"


def archive_at(url: str | None) -> WebArchive:
    """The Wayback-style archive at an address (default: the Internet Archive)."""
    base = (url or INTERNET_ARCHIVE).rstrip("/")
    parts = urlsplit(base)
    host = parts.hostname or ""
    paths = _known()["wayback"].get(host)
    if paths:  # the path of the given address does not matter
        base = f"{parts.scheme}://{parts.netloc}"
        listing, playback = f"{base}/{paths['listing']}", f"{base}/{paths['playback']}"
    else:
        listing, playback = f"{base}/cdx", base
    return WebArchive(parts.netloc, listing, playback, is_loopback(host), limits_of(host))


def commoncrawl_at(url: str | None) -> WebArchive:
    """Common Crawl, or a server that has its indexes and files below one address."""
    if url is None:
        known = _known()["commoncrawl"]
        host = known["host"]
        return WebArchive(host, known["index"], known["data"], False, limits_of(host))
    base = url.rstrip("/")
    parts = urlsplit(base)
    host = parts.hostname or ""
    return WebArchive(parts.netloc, base, base, is_loopback(host), limits_of(host))


@dataclass(frozen=True, slots=True)
class MementoArchive:
    """A web archive that lists its captures by TimeMap or TimeGate (RFC 7089).

    `timemap` and `timegate` are addresses with `{url}` for the address of a page, None if the
    archive has none. `raw` is the modifier after the 14 digits of a URI-M that returns the bytes as
    captured, None if the archive only returns its own rendering. `hosts` are the hosts that its
    URI-Ms may have. `guessed`: the addresses are assumed, so that a missing TimeMap does not mean
    that it has no captures.
    """

    title: str
    server: WebArchive
    timemap: str | None
    timegate: str | None
    raw: str | None
    hosts: frozenset[str]
    guessed: bool = False

    def request_address(self, uri: str) -> str | None:
        """The address to request a URI of this archive at; None if its host is another one.

        Archives list their captures with `http:` and under former host names (`hosts` in
        `archives.toml`); the request goes to the address that the archive is known under.
        """
        try:
            parts = urlsplit(uri)
            is_usual = parts.port in (None, 80, 443)
        except ValueError:
            return None
        own = urlsplit(self.server.playback)
        if parts.netloc == own.netloc:
            return parts._replace(scheme=own.scheme).geturl()
        if parts.hostname in self.hosts and is_usual and not parts.username:
            return parts._replace(scheme=own.scheme, netloc=own.netloc).geturl()
        return None


class UnknownArchive(IloArchiveError, LookupError):
    """Neither an address nor a host of `archives.toml`."""


def memento_archives(which: str | None) -> list[MementoArchive]:
    """All Memento archives of `archives.toml`, or the one meant by its host or address.

    The address of a collection that is not listed there is accepted too. Raises UnknownArchive.
    """
    known = _known()["memento"]
    if which is None:
        return [_memento_archive(host, row) for host, row in known.items()]
    parts = urlsplit(which)
    host = parts.hostname or which
    if host in known:
        return [_memento_archive(host, known[host])]
    if not parts.scheme:
        raise UnknownArchive(
            f"unknown archive {which!r}: use its address, or one of {', '.join(known)}"
        )
    base = which.rstrip("/")
    server = WebArchive(parts.netloc, base, base, is_loopback(host), limits_of(host))
    addresses = f"{base}/timemap/link/{{url}}", f"{base}/{{url}}"
    return [MementoArchive(host, server, *addresses, "id_", frozenset({host}), guessed=True)]


def _memento_archive(host: str, row: Mapping[str, Any]) -> MementoArchive:
    timemap, timegate = row.get("timemap"), row.get("timegate")
    base: str = timegate or row["timemap"]
    playback = base.partition("{url}")[0].rstrip("/")
    server = WebArchive(host, playback, playback, False, limits_of(host))
    hosts = frozenset({host, *row.get("hosts", ())})
    return MementoArchive(row["name"], server, timemap, timegate, row.get("raw"), hosts)


def limits_of(host: str) -> Limits:
    """The rate limits of a host."""
    known = _known()["limits"]
    default = known["loopback" if is_loopback(host) else "default"]
    return Limits(**known.get(host, default))


def is_loopback(host: str) -> bool:
    """True if the host name or address means this machine. No name is resolved."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@cache
def _known() -> dict[str, Any]:
    path = Path(__file__).with_name("archives.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
