"""What the classes of an element hint at: never alone, so a page without any is read too."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple


class Hint(NamedTuple):
    """`role` is one of templates.toml; `meta` says author, category, tags or buttons, `title` a
    title, `above` the line above a title, `hidden` text for screen readers.
    """

    role: str | None = None
    meta: bool = False
    title: bool = False
    above: bool = False
    hidden: bool = False


_NO_HINT = Hint()

_META = re.compile(
    r"(?:^|[\s_-])(?:author|by-?line|vcard|cat(?:egory|egories)?-?links?|tags?|tag-?links|share|sharing"
    r"|social|comments?|comments?-?(?:link|count|number)s?|addtoany|sharedaddy|reply|pager"
    r"|pagination|permalink|read-?more|more-?link|edit-?link)(?=$|\s)"
)
_TITLE = re.compile(r"(?:^|[\s_-])(?:title|headline|heading|titulo|titre|titel)(?=$|\s)")
_ABOVE = re.compile(
    r"(?:^|[\s_-])(?:sub-?title|sub-?heading|kicker|topline|eyebrow|overline|category|rubrik"
    r"|prehead|pretitle)(?=$|\s)"
)
_HIDDEN = re.compile(
    r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader-text|element-invisible|assistive-text)(?=$|\s)"
)
_READERS = re.compile(
    r"(?:^|[\s_-])(?:comments?(?:[-_]?(?:list|content|body|area|meta|section|wrapper|wrap|form|text"
    r"|author|\d+))?|comment-?list|disqus\w*|respond|datepicker|copyright|cookies?(?:[-_]\w+)?"
    r"|breadcrumbs?|kommentare?|comentarios|commentaires|reacties)(?=$|\s)"
)


@lru_cache(maxsize=4096)  # the pages of a template repeat its classes
def hint_of(classes: str) -> Hint:
    """The hint of a class attribute, in any case."""
    if not classes:
        return _NO_HINT
    template, names, lowered = _template(), classes.split(), classes.lower()
    return Hint(
        role=next((template.roles[name] for name in names if name in template.roles), None),
        meta=bool(_META.search(lowered)),
        title=bool(_TITLE.search(lowered)),
        above=bool(_ABOVE.search(lowered)),
        hidden=bool(_HIDDEN.search(lowered)),
    )


@lru_cache(maxsize=4096)
def is_of_readers(name: str) -> bool:
    """Whether a class or id names the comments of readers, a date picker or a notice of rights."""
    return len(name) < 120 and bool(_READERS.search(name.lower()))


_MARKS_OF_TEMPLATE = 2  # classes of a template that make a page one of it


def template_of(classes: Iterable[str]) -> str | None:
    """The name of the template whose marks stand in the class attributes of a page, None without
    enough of them.
    """
    names = set(" ".join(set(classes)).split())
    found = [era for mark, era in _template().marks.items() if mark in names]
    most = max(set(found), key=found.count, default=None)
    return most if most and found.count(most) >= _MARKS_OF_TEMPLATE else None


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
