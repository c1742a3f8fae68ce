"""Web archives: where each lists its captures and plays them back, and how often it may be asked.

What is known of them is data, `archives.toml`.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

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
class Archive:
    """One archive as its captures name it; `listing` and `playback` are addresses."""

    name: str
    listing: str
    playback: str
    is_local: bool
    limits: Limits

    def address(self, timestamp: str, url: str, modifier: str = "") -> str:
        """The URI-M of a capture; with `id_` that of its bytes as they were captured."""
        return f"{self.playback}/{timestamp}{modifier}/{url}"


def archive_at(url: str | None) -> Archive:
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
    return Archive(parts.netloc, listing, playback, is_loopback(host), limits_of(host))


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
