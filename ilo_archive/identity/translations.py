"""Which entries are translations of one item, and why.

A translation is an entry of its own. It is linked to its twin by the item number that both
carry; else by date, picture and the pattern of the link, all three, where no other entry of
either language has the same. What is alike by chance is not linked.
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
    """An entry as some capture shows it: its days in ISO 8601, its picture and its link."""

    entry_id: str
    language: str
    date: str
    date_end: str | None
    image: str
    link: str


@dataclass(frozen=True, slots=True)
class Translation:
    """An entry in another language, by which rule it is the same item, and what both have."""

    entry_id: str
    language: str
    title: str | None
    rule: TranslationRule
    evidence: str


Key = tuple[str, str | None, str, str]
"""What twins without a common number share: days, picture, pattern of the link."""


def twin_key(shown: PrintedLink, registry: Registry) -> Key | None:
    """What a print is compared by, None where its link has no pattern."""
    pattern = link_pattern(shown.link, shown.language, registry)
    if pattern is None:
        return None
    return shown.date, shown.date_end, _picture(shown.image, registry), pattern


def link_pattern(link: str, language: str, registry: Registry) -> str | None:
    """A link without host alias, language, item number, or what names the item at its end:
    `ilo.org/moscow/news/WCMS_*`, `ilo.org/resource/news/*`; None for one of a single step,
    which would be that of any link.
    """
    host, *steps = registry.canonical(link, with_language=False).split("/")
    steps = [each for each in steps if each and each != language]
    if len(steps) < 2:
        return None
    last = _ITEM.search(steps[-1])
    steps[-1] = f"{last.group(1).upper()}*" if last else "*"
    return "/".join((host, *(_ITEM.sub(r"\1*", each) for each in steps)))


def _picture(image: str, registry: Registry) -> str:
    """The address of a picture, whatever the host alias; a script may take it from the query."""
    query = urlsplit(image).query
    return registry.canonical(image) + (f"?{query}" if query else "")


def find_translations(
    own: Iterable[PrintedLink], others: Iterable[PrintedLink], registry: Registry
) -> Mapping[str, tuple[str, Key]]:
    """Entries of `others` that are twins of the one that `own` shows: language -> id and key.

    `others` holds all other entries of that date, those in its own language too: where two of
    one language share the key, it tells nothing.
    """
    prints = list(own)
    keys = {twin_key(each, registry) for each in prints} - {None}
    languages = {each.language for each in prints}
    found: dict[str, dict[str, Key]] = defaultdict(dict)
    for each in others:
        key = twin_key(each, registry)
        if key is not None and key in keys:
            found[each.language][each.entry_id] = key
    if any(language in found for language in languages):
        return {}
    return {
        language: next(iter(entries.items()))
        for language, entries in found.items()
        if len(entries) == 1
    }
