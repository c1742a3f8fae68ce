"""Pings of a watcher such as healthchecks, and requests to save a page in the Wayback Machine."""

from __future__ import annotations

from http.client import HTTPException
from typing import Literal
from urllib.parse import quote
from urllib.request import Request, urlopen

from ilo_archive import __version__
from ilo_archive.notify import NotSent

Signal = Literal["start", "success", "failure", "unfinished"]

SAVE_PAGE_NOW = "https://web.archive.org/save/"
_ENDINGS: dict[Signal, str] = {
    "start": "/start", "success": "", "failure": "/fail", "unfinished": "/log",
}  # fmt: skip
"""What follows the address of a check: https://healthchecks.io/docs/http_api/"""
_PING_LIMIT, _SAVE_LIMIT = 10, 120  # seconds; a page is fetched before Save Page Now answers


def ping(address: str, signal: Signal) -> None:
    """Tell a watcher that a run started, succeeded, failed, or ended with work left (which it
    takes for neither). Raises NotSent.
    """
    target = address.rstrip("/") + _ENDINGS[signal]
    if problem := _get(target, _PING_LIMIT, f"ilo-archive/{__version__}"):
        raise NotSent(f"--ping: the {signal} could not be sent to the watcher: {problem}")


def save_page(url: str, contact: str | None) -> None:
    """Ask the Wayback Machine to capture a page now. Raises NotSent."""
    agent = f"ilo-archive/{__version__}" + (f" ({contact})" if contact else "")
    target = SAVE_PAGE_NOW + quote(url, safe=":/?&=%~+,;@!$'()*#")
    if problem := _get(target, _SAVE_LIMIT, agent):
        raise NotSent(f"--save: the Wayback Machine did not save {url}: {problem}")


def _get(target: str, limit: float, agent: str) -> str:
    """The reason why a request failed, empty if it did not."""
    try:
        request = Request(target, headers={"User-Agent": agent})
        with urlopen(request, timeout=limit) as answer:
            answer.read(1)
    except (OSError, HTTPException, ValueError) as error:
        return str(getattr(error, "reason", error)) or type(error).__name__
    return ""
