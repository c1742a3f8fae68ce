"""Web archives: where each lists its captures and plays them back, and how often it may be asked.

What is known of them is data, `archives.toml`.
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
"""What an archive counts apart: questions to its index, and captures."""

INTERNET_ARCHIVE = "https://web.archive.org"


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a minute, None for no limit; `pause` is how many seconds to leave an archive
    alone that refuses without a `Retry-After`.
    """

    pause: float
    listing: float | None = None
    playback: float | None = None

    def interval(self, lane: Lane) -> float:
        """Seconds from one request to the next."""
        a_minute = self.listing if lane == "listing" else self.playback
        return 60 / a_minute if a_minute else 0.0


@dataclass(frozen=True, slots=True)
class WebArchive:
    """One archive as its captures name it; `listing` and `playback` are addresses."""

    name: str
    listing: str
    playback: str
    is_local: bool
    limits: Limits

    def address(self, timestamp: str, url: str, modifier: str = "") -> str:
        """The URI-M of a capture; with `id_` that of its bytes as they were captured."""
        return f"{self.playback}/{timestamp}{modifier}/{url}"


def archive_at(url: str | None) -> WebArchive:
    """The Wayback-style archive at an address, the Internet Archive by default."""
    base = (url or INTERNET_ARCHIVE).rstrip("/")
    parts = urlsplit(base)
    host = parts.hostname or ""
    paths = _known()["wayback"].get(host)
    if paths:  # whatever part of it the address names
        base = f"{parts.scheme}://{parts.netloc}"
        listing, playback = f"{base}/{paths['listing']}", f"{base}/{paths['playback']}"
    else:
        listing, playback = f"{base}/cdx", base
    return WebArchive(parts.netloc, listing, playback, is_loopback(host), limits_of(host))


def commoncrawl_at(url: str | None) -> WebArchive:
    """Common Crawl, or a server that has its indexes and its files below one address."""
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
    """An archive that tells its captures by TimeMap or TimeGate (RFC 7089).

    `timemap` and `timegate` are addresses in which `{url}` stands for that of a page. `raw` is
    what stands behind the digits of a URI-M that gives the bytes as they were captured, None where
    the archive gives none. `hosts` are the names that its URI-Ms may have. Where the addresses
    are `guessed`, the lack of a TimeMap does not mean that the archive has no captures.
    """

    title: str
    server: WebArchive
    timemap: str | None
    timegate: str | None
    raw: str | None
    hosts: frozenset[str]
    guessed: bool = False

    def at_home(self, uri: str) -> str | None:
        """An address of the archive as it is to be asked for; None for one of another host.

        Observed: archives name their captures with http and under other names of their own.
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
    """The Memento archives of the list; or the one that is meant, by its host or an address of
    it, or by the address of a collection that the list lacks. Raises UnknownArchive.
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
            f"no archive {which!r}: give its address, or one of {', '.join(known)}"
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
    """How often a host may be asked."""
    known = _known()["limits"]
    usual = known["loopback" if is_loopback(host) else "default"]
    return Limits(**known.get(host, usual))


def is_loopback(host: str) -> bool:
    """Whether it is this machine, told by the name alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@cache
def _known() -> dict[str, Any]:
    path = Path(__file__).with_name("archives.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
