"""What came of a capture, in five kinds."""

from typing import Literal

CaptureKind = Literal["good", "blocked", "redirected", "failed", "missing"]

CAPTURE_KINDS: tuple[CaptureKind, ...] = ("good", "blocked", "redirected", "failed", "missing")

_KINDS: dict[str, CaptureKind] = {
    "good": "good",
    "captcha": "blocked",
    "denied": "blocked",
    "login": "blocked",
    "blocked": "blocked",
    "robots": "blocked",
    "redirect": "redirected",
    "other_capture": "redirected",
    "never_archived": "missing",
}
"""The kind of a quality, or of the reason why there is none; any other is a failure."""


def capture_kind(state: str, failure: str | None, quality: str | None) -> CaptureKind:
    """The kind of a capture; one that was listed and not fetched yet is missing."""
    if state == "listed":
        return "missing"
    return _KINDS.get(failure or quality or "", "failed")
