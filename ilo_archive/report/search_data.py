"""What the search box of a page looks in: words of entries that are not printed in their rows.

The data are JSON inside a script element of a type that no browser runs, and the policy of the
page allows the one script by its hash: text of strangers is never code.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from ilo_archive.queries.answers import PrintedEntry
from ilo_archive.report.anchors import entry_anchor
from ilo_archive.report.page_drawing import PageDrawing
from ilo_archive.text.printable import safe_json

SCRIPT = Markup(
    files("ilo_archive.report").joinpath("templates/search.js").read_text(encoding="utf-8").strip()
)
SCRIPT_HASH = "sha256-" + base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()

ROOM = 60_000
"""Characters that the summaries of a page may have together."""

ROOM_ALONE = 30_000
"""The same for a file that has the steps too."""

_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


@dataclass(frozen=True, slots=True)
class SearchData:
    """For each entry, by its id on the page, every text of it but its latest title; summaries only
    where all of them have room.
    """

    json: Markup
    with_summaries: bool


def search_data(pages: Sequence[PageDrawing], room: int = ROOM) -> SearchData:
    """What the search box of some pages needs."""
    summaries = {entry.summary for entry in _entries(pages) if entry.summary}
    has_room = sum(map(len, summaries)) <= room
    texts: dict[str, dict[str, None]] = {}
    for entry in _entries(pages):
        texts.setdefault(entry.entry_id, {}).update(_texts(entry, summary=has_room))
    for page in pages:
        for life in page.lives:
            texts[life.entry.entry_id].pop(life.entry.title or "", None)
    words = {entry_anchor(each): " · ".join(texts[each]) for each in texts if texts[each]}
    return SearchData(embedded_json(words), has_room)


def _entries(pages: Sequence[PageDrawing]) -> Iterator[PrintedEntry]:
    for page in pages:
        for capture in page.history.good:
            yield from capture.entries


def _texts(entry: PrintedEntry, *, summary: bool) -> Mapping[str, None]:
    texts = (entry.kicker, entry.title, entry.summary if summary else None, entry.credit)
    return dict.fromkeys(each for each in texts if each)


def embedded_json(value: Any) -> Markup:
    """A value as JSON that cannot end the script element which it stands in."""
    text = safe_json(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    for sign, escape in _ESCAPED.items():
        text = text.replace(sign, escape)
    return Markup(text)
