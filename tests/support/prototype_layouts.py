"""Ways in which lists are laid out, as `../shared/prototypes/structures.py` invents them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from babel.dates import format_date

from tests.support.paths import ROOT

SOURCE = ROOT.parent / "shared" / "prototypes" / "structures.py"
_READER = "import reader_repeated_structure as R"  # the prototype that the script runs
_RUN = "bad=0"  # where the script begins to read its pages
_ITEM = re.compile(r"<(li|tr|article|dt|h3|small)>")


def _script() -> dict[str, Any]:
    names: dict[str, Any] = {}
    if SOURCE.is_file():
        source = SOURCE.read_text(encoding="utf-8")
        exec(source.partition(_RUN)[0].replace(_READER, ""), names)
    return names


_NAMES = _script()
LAYOUTS: dict[str, str] = {name: page for name, (page, _) in _NAMES.get("P", {}).items()}
EXPECTED: list[tuple[str, date, str]] = [
    (title, date.fromisoformat(day), str(number))
    for number, (title, day) in enumerate(
        zip(_NAMES.get("T", ()), _NAMES.get("I", ()), strict=True)
    )
]
"""The title and date of each entry, and what its link ends with."""


def page(name: str, language: str, around: tuple[str, str], classes: Sequence[str]) -> bytes:
    """A page of a layout, its dates in a language, with elements around and striped classes."""
    body = LAYOUTS[name]
    for printed, (_, day, _) in zip(_NAMES["D"], EXPECTED, strict=True):
        body = body.replace(printed, format_date(day, "long", language))
    body = body.replace("<body>", f'<head><meta charset="utf-8"></head><body>{around[0]}')
    counted = iter(range(body.count("<")))
    striped = _ITEM.sub(lambda tag: _named(tag[1], classes[next(counted) % len(classes)]), body)
    return striped.replace("</body>", f"{around[1]}</body>").encode()


def _named(tag: str, name: str) -> str:
    return f'<{tag} class="{name}">' if name else f"<{tag}>"
