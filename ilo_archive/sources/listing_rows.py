"""Split listings into lines and JSON values one at a time.

A table of 60 MB, parsed as a whole, takes gigabytes of memory.
"""

import json
import re
from collections.abc import Generator, Iterable, Iterator
from typing import Any

_LINE = re.compile(r"[^\r\n]*[^\s][^\r\n]*")
_BETWEEN = re.compile(r"[\s,]*+")
# The plain form of the Internet Archive ends with an empty line and the key of the next page. Blank
# lines may also separate rows.
_LAST_LINE = re.compile(r"\n[ \t]*\r?\n([^\r\n]+)\s*\Z")
_LONGEST_LINE = 20_000  # characters of a last line that may be such a key
_decode = json.JSONDecoder().raw_decode


class Malformed(ValueError):
    """A JSON text that is broken or cut short."""


def lines_of(text: str, end: int) -> Iterator[str]:
    """Yield the lines before `end` that are not blank."""
    for found in _LINE.finditer(text, 0, end):
        yield found[0]


def last_line(text: str) -> tuple[str, int] | None:
    """The last line and its offset if an empty line is before it; else None."""
    found = _LAST_LINE.search(text, max(0, len(text) - _LONGEST_LINE))
    return (found[1].strip(), found.start(1)) if found else None


def values_of(text: str) -> Iterator[Any]:
    """Yield the values of a JSON array, or of a text with one JSON value on each line.

    Raises Malformed.
    """
    start = text.index("[") + 1
    first = _BETWEEN.match(text, start)
    is_table = first is not None and text[first.end() : first.end() + 1] in ("[", "{", "]")
    position = start if is_table else start - 1
    while (position := _after_blanks(text, position)) < len(text):
        if is_table and text[position] == "]":
            return
        try:
            value, position = _decode(text, position)
        except (ValueError, RecursionError) as error:
            raise Malformed("broken JSON") from error
        yield value
    if is_table:
        raise Malformed("JSON cut short")


def _after_blanks(text: str, position: int) -> int:
    found = _BETWEEN.match(text, position)
    return found.end() if found else position


def split_last_key(rows: Iterable[Any]) -> Generator[Any, None, object]:
    """Yield the rows of a table without the resume key behind an empty row, and return that.

    Returns None without one.
    """
    held: list[Any] = []
    for row in rows:
        held.append(row)
        if len(held) > 2:
            yield held.pop(0)
    if len(held) == 2 and held[0] == [] and isinstance(held[1], list) and len(held[1]) == 1:
        return held[1][0]
    yield from held
    return None
