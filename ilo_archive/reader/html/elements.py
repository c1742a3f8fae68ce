"""What an element of HTML is: a block, an item, a heading, by its tag and its classes."""

import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

# What an element is. The kinds before `BLOCK` stand within a block.
INLINE, BREAK, IMAGE, ANCHOR, STRONG, BLOCK, ITEM, LIST, HEADING, SKIPPED = range(10)
_TAGS = {
    INLINE: (
        "abbr acronym bdi bdo cite code dfn del em i ins kbd label mark q s samp small span strike"
        " sub sup time tt u var wbr"
    ),
    SKIPPED: (
        "head script style noscript template nav select button iframe object svg map audio video"
        " textarea"
    ),
    HEADING: "h1 h2 h3 h4 h5 h6",
    LIST: "ol ul",
    ITEM: "li",
    STRONG: "b strong big font",
    ANCHOR: "a",
    BREAK: "br",
    IMAGE: "img",
}
KINDS = {tag: kind for kind, tags in _TAGS.items() for tag in tags.split()}
"""An element whose tag is not named here is a block."""


class _Template(NamedTuple):
    roles: dict[str, str]
    marks: dict[str, str]


@cache
def _template() -> _Template:
    eras = tomllib.loads(Path(__file__).with_name("templates.toml").read_text(encoding="utf-8"))
    marks = {name: era for era, table in eras.items() for name in table.pop("mark")}
    roles = {
        name: role for table in eras.values() for role, names in table.items() for name in names
    }
    return _Template(roles, marks)


class Hint(NamedTuple):
    """What an element is, the role that its classes hint at, and the eras they are of."""

    kind: int
    role: str | None = None
    eras: tuple[str, ...] = ()


@lru_cache(maxsize=4096)  # the pages of a template repeat its classes
def hinted(tag: str, classes: str | None) -> Hint:
    """The first class that has a role tells it; what has a role is no mere part of a block."""
    kind = KINDS.get(tag, BLOCK)
    if not classes:
        return Hint(kind)
    template, names = _template(), classes.split()
    role = next((template.roles[name] for name in names if name in template.roles), None)
    if role == "skip":
        kind = SKIPPED
    elif role == "item" and kind != SKIPPED:
        kind = ITEM
    elif role:
        kind = max(kind, BLOCK)
    return Hint(kind, role, tuple(template.marks[name] for name in names if name in template.marks))
