"""Suggestions for names that are not known."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean moscow, or madrid?`, empty where nothing known is alike."""
    by_folded = {each.casefold(): each for each in known}
    close = [by_folded[each] for each in get_close_matches(name.casefold(), by_folded, 3, 0.6)]
    return f"; did you mean {', or '.join(close)}?" if close else ""
