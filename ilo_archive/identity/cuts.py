"""Wordings that were cut: the beginning of a longer wording, where a page ends too early."""

from collections.abc import Mapping
from typing import Any

from ilo_archive.text.normalise import normalised

_IN_ORDER = ("kicker", "title", "summary")  # as pages print them; the date may stand anywhere
_ELLIPSIS = "….[] "


def is_beginning(cut: Mapping[Any, Any], whole: Mapping[Any, Any]) -> bool:
    """True if a wording is a longer one without its end.

    Kicker, title and summary are equal up to one that stops early, and missing after it; date and
    place are equal, cut or missing. White space, case, and the style of quotes and dashes do not
    count.
    """
    dates_differ = (cut["date"], cut["date_end"]) != (whole["date"], whole["date_end"])
    loose = [*(["dateline"] if dates_differ else []), "place"]
    if not all(begins(cut[name], whole[name]) for name in loose):
        return False
    if dates_differ and _same(cut["dateline"], whole["dateline"]):
        return False
    differing = [name for name in _IN_ORDER if not _same(cut[name], whole[name])]
    if not differing:
        return any(not _same(cut[name], whole[name]) for name in loose)
    return begins(cut[differing[0]], whole[differing[0]]) and not any(
        cut[name] for name in _IN_ORDER[_IN_ORDER.index(differing[0]) + 1 :]
    )


def begins(short: str | None, full: str | None) -> bool:
    """True if a text, or no text, is the beginning of another one."""
    return normalised(full).startswith(normalised(short).rstrip(_ELLIPSIS))


def _same(one: str | None, other: str | None) -> bool:
    return normalised(one) == normalised(other)
