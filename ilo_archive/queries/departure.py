"""How an entry left a list: dropped from it, or pushed off by newer entries."""

import datetime
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from ilo_archive.text.normalise import normalised


class Listed(Protocol):
    """An entry on a capture; a sequence of them is in page order."""

    @property
    def entry_id(self) -> str: ...
    @property
    def section(self) -> str | None: ...
    @property
    def date(self) -> datetime.date | None: ...


_L = TypeVar("_L", bound=Listed)


@dataclass(frozen=True, slots=True)
class Departure:
    """The manner in which an entry of one capture is missing from its list on a later one.

    "dropped": entries that are older and were below it (`older`) are still there, so newer ones did
    not push it off. "pushed": no such entry is there, and the `newer` ones fill the list down to
    its old position at least. "unclear": neither is the case, or the page does not have the list.
    """

    manner: Literal["dropped", "pushed", "unclear"]
    older: tuple[str, ...] = ()
    newer: tuple[str, ...] = ()


def departure(entry_id: str, before: Sequence[Listed], after: Sequence[Listed]) -> Departure:
    """Determine how an entry of `before` is missing from `after`, both in page order.

    Entries are newer or older by their dates, and by their order within a day. An old entry pinned
    above it proves nothing, since it stays for other reasons.
    """
    listed = unique_entries(before)
    gone = next(each for each in listed if each.entry_id == entry_id)
    old_list = [each for each in listed if each.section == gone.section]
    new_list = unique_entries(_same_list(old_list, gone, after))
    old_ids = {each.entry_id for each in old_list}
    below = {each.entry_id for each in old_list[old_list.index(gone) + 1 :]}
    older = [each for each in new_list if each.entry_id in below and _older(each, gone)]
    if older:
        return Departure("dropped", older=_ids(older))
    newer = [each for each in new_list if _newer(each, gone, below)]
    newer_above = sum(_newer(each, gone, below) for each in old_list if each is not gone)
    others = [each for each in new_list if each.entry_id not in old_ids and each not in newer]
    if len(newer) > newer_above and not others:
        return Departure("pushed", newer=_ids(newer))
    return Departure("unclear")


def _ids(entries: Sequence[Listed]) -> tuple[str, ...]:
    return tuple(each.entry_id for each in entries)


def _older(entry: Listed, other: Listed) -> bool:
    """True if an entry below another is older: not if its date is later or only one has a date."""
    if entry.date and other.date:
        return entry.date <= other.date
    return not entry.date and not other.date


def _newer(entry: Listed, gone: Listed, below: Set[str]) -> bool:
    """True if an entry is newer than the one that is gone; one from below it must have a later
    date.
    """
    if entry.date and gone.date and entry.date != gone.date:
        return entry.date > gone.date
    return bool(entry.date) == bool(gone.date) and entry.entry_id not in below


def unique_entries(entries: Sequence[_L]) -> list[_L]:
    """The entries without repetitions: a page may list one twice, the first position counts."""
    first: dict[str, _L] = {}
    for each in entries:
        first.setdefault(each.entry_id, each)
    return list(first.values())


def _same_list(old_list: Sequence[Listed], gone: Listed, after: Sequence[Listed]) -> list[Listed]:
    """The entries of the later capture in the list that continues the earlier one.

    That is the list with the same heading, else the one that has most of its entries, else the only
    one: headings sometimes get lost.
    """
    headings = {each.section for each in after}
    heading = normalised(gone.section)
    found = {each for each in headings if gone.section and normalised(each) == heading}
    if not found:
        old_ids = {each.entry_id for each in old_list}
        shared = Counter(each.section for each in after if each.entry_id in old_ids)
        found = {section for section, _ in shared.most_common(1)}
    if not found and len(headings) == 1:
        found = headings
    return [each for each in after if each.section in found]
