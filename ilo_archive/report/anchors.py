"""Names inside reports: ids of entries and captures on a page, files of offices."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from ilo_archive.text.normalise import digest

_ENTRY = re.compile(r"[a-z]+-[a-z0-9]+(?:-[a-z0-9]+)*")
_SLUG = re.compile(r"\w+(?:-\w+)*")
_LONGEST = 80
_TAKEN = frozenset({"index", "latest", "feed"})
_DIGITS = 14


def entry_anchor(entry_id: str) -> str:
    """The id of an entry on a page: its own where that is safe, else a digest of it."""
    return entry_id if _ENTRY.fullmatch(entry_id) else f"entry-{digest(entry_id)}"


def capture_anchors(captures: Iterable[str]) -> Mapping[str, str]:
    """The ids on a page of captures: `c` and the 14 digits, with more of the capture's own id
    where another one has the same second.
    """
    ids = list(dict.fromkeys(captures))
    of_second = Counter(each[:_DIGITS] for each in ids)
    short = _DIGITS
    return {each: f"c{each[: short if of_second[each[:short]] == 1 else 21]}" for each in ids}


def step_anchor(anchor: str) -> str:
    """The id of the step that leads to a capture, from the id of the capture."""
    return f"s{anchor[1:]}"


def office_file(slug: str) -> str:
    """The file of an office without its ending: the slug, where that is a name for a file that
    no other page of a report has.
    """
    if slug in _TAKEN:
        return f"{slug}-office"
    is_name = _SLUG.fullmatch(slug) and len(slug) <= _LONGEST
    return slug if is_name else f"office-{digest(slug)}"


def address_of(file: str) -> str:
    """The relative address of a file of the report."""
    return quote(file)
