"""Find the translations of an entry.

A translation is an entry of its own. Two are linked by a common item number, or else by equal date,
picture and link pattern, if no other entry of either language has the same three.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from ilo_archive.offices import Registry

TranslationRule = Literal["item number", "date, picture and link"]

_ITEM = re.compile(r"(WCMS_)[0-9]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PrintedLink:
    """An entry as captures show it: its days (ISO 8601), its picture and its link."""

    entry_id: str
    language: str
    date: str
    date_end: str | None
    image: str
    link: str


@dataclass(frozen=True, slots=True)
class Translation:
    """An entry in another language that is the same item, with the rule and the evidence."""

    entry_id: str
    language: str
    title: str | None
    rule: TranslationRule
    evidence: str


Key = tuple[str, str | None, str, str]
"""What translations without a common number share: first and last day, picture, link pattern."""


def twin_key(shown: PrintedLink, registry: Registry) -> Key | None:
    """The key by which translations are compared; None if the link has no pattern."""
    pattern = link_pattern(shown.link, shown.language, registry)
    if pattern is None:
        return None
    return shown.date, shown.date_end, _picture(shown.image, registry), pattern


def link_pattern(link: str, language: str, registry: Registry) -> str | None:
    """A link without what differs between translations: host alias, language, item number or last
    part.

    Examples: `ilo.org/moscow/news/WCMS_*`, `ilo.org/resource/news/*`. None for a path of a single
    part, whose pattern would match any link.
    """
    host, *steps = registry.canonical(link, with_language=False).split("/")
    steps = [each for each in steps if each and each != language]
    if len(steps) < 2:
        return None
    last = _ITEM.search(steps[-1])
    steps[-1] = f"{last.group(1).upper()}*" if last else "*"
    return "/".join((host, *(_ITEM.sub(r"\1*", each) for each in steps)))


def _picture(image: str, registry: Registry) -> str:
    """The address of a picture without host alias.

    The query stays: a script may select the picture by it.
    """
    query = urlsplit(image).query
    return registry.canonical(image) + (f"?{query}" if query else "")


def find_translations(
    own: Iterable[PrintedLink], others: Iterable[PrintedLink], registry: Registry
) -> Mapping[str, tuple[str, Key]]:
    """Find the entries of `others` that are translations of `own`: language -> id and key.

    `others` must contain all other entries of that date, also those in its own language: a key that
    two entries of one language share proves nothing.
    """
    prints = list(own)
    keys = {twin_key(each, registry) for each in prints} - {None}
    languages = {each.language for each in prints}
    found: dict[str, dict[str, Key]] = defaultdict(dict)
    for printed in others:
        key = twin_key(printed, registry)
        if key is not None and key in keys:
            found[printed.language][printed.entry_id] = key
    if any(language in found for language in languages):
        return {}
    return {
        language: next(iter(entries.items()))
        for language, entries in found.items()
        if len(entries) == 1
    }
