"""What the search box of a page looks in: words of entries that are not printed in their rows.

The data are JSON inside a script element of a type that no browser runs, and the policy of the
page allows the one script by its hash: text of strangers is never code.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
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

_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def search_data(pages: Sequence[PageDrawing]) -> Markup:
    """For each entry, by its id on the page, every text of it but its latest title."""
    found: dict[str, str] = {}
    for page in pages:
        texts: dict[str, dict[str, None]] = {}
        for capture in page.history.good:
            for entry in capture.entries:
                texts.setdefault(entry.entry_id, {}).update(_texts(entry))
        for life in page.lives:
            anchor = entry_anchor(life.entry.entry_id)
            words = texts[life.entry.entry_id]
            words.pop(life.entry.title or "", None)
            found[anchor] = " · ".join(filter(None, (found.get(anchor), *words)))
    return embedded_json({anchor: words for anchor, words in found.items() if words})


def _texts(entry: PrintedEntry) -> Mapping[str, None]:
    texts = (entry.kicker, entry.title, entry.summary, entry.credit, entry.place)
    return dict.fromkeys(each for each in texts if each)


def embedded_json(value: Any) -> Markup:
    """A value as JSON that cannot end the script element which it stands in."""
    text = safe_json(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    for sign, escape in _ESCAPED.items():
        text = text.replace(sign, escape)
    return Markup(text)
