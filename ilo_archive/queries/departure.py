"""How an entry left a list."""

import datetime
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from ilo_archive.text.normalise import normalised


class Listed(Protocol):
    """An entry at its place on a capture."""

    @property
    def entry_id(self) -> str: ...
    @property
    def section(self) -> str | None: ...
    @property
    def date(self) -> datetime.date | None: ...


_L = TypeVar("_L", bound=Listed)


@dataclass(frozen=True, slots=True)
class Departure:
    """How an entry of one capture is missing from a list of a later one.

    `dropped`: entries that are older and stood below it, `older`, stand there still, so newer
    ones did not push it off. `pushed`: no such entry does, and `newer` ones fill the list down to
    its place at least: on a page that shows the newest it would be below the fold. `unclear`:
    neither, or the list is not on the page.
    """

    manner: Literal["dropped", "pushed", "unclear"]
    older: tuple[str, ...] = ()
    newer: tuple[str, ...] = ()


def departure(entry_id: str, before: Sequence[Listed], after: Sequence[Listed]) -> Departure:
    """How an entry that stands on `before` is missing from `after`, both in the order of the page.

    Entries are newer or older by their dates, of one day by their places; an old one pinned
    above it stays for reasons of its own, and tells nothing.
    """
    listed = unique_entries(before)
    gone = next(each for each in listed if each.entry_id == entry_id)
    was = [each for each in listed if each.section == gone.section]
    now = unique_entries(_same_list(was, gone, after))
    known = {each.entry_id for each in was}
    below = {each.entry_id for each in was[was.index(gone) + 1 :]}
    older = [each for each in now if each.entry_id in below and _older(each, gone)]
    if older:
        return Departure("dropped", older=_ids(older))
    newer = [each for each in now if _newer(each, gone, below)]
    place = sum(_newer(each, gone, below) for each in was if each is not gone)
    unsure = [each for each in now if each.entry_id not in known and each not in newer]
    if len(newer) > place and not unsure:
        return Departure("pushed", newer=_ids(newer))
    return Departure("unclear")


def _ids(entries: Sequence[Listed]) -> tuple[str, ...]:
    return tuple(each.entry_id for each in entries)


def _older(one: Listed, other: Listed) -> bool:
    """Whether the one, which stands below the other, is older: not if its date is later or only
    one of them has a date.
    """
    if one.date and other.date:
        return one.date <= other.date
    return not one.date and not other.date


def _newer(one: Listed, gone: Listed, below: Set[str]) -> bool:
    """Whether the one is newer than that which is gone; what stood below it must be dated later."""
    if one.date and gone.date and one.date != gone.date:
        return one.date > gone.date
    return bool(one.date) == bool(gone.date) and one.entry_id not in below


def unique_entries(entries: Sequence[_L]) -> list[_L]:
    """Each entry in its first place: a page may list one twice."""
    first: dict[str, _L] = {}
    for each in entries:
        first.setdefault(each.entry_id, each)
    return list(first.values())


def _same_list(was: Sequence[Listed], gone: Listed, after: Sequence[Listed]) -> list[Listed]:
    """The list of the later capture that goes on with the earlier one: of the same heading, else
    that which holds most of its entries, else the only one. Headings are sometimes lost.
    """
    headings = {each.section for each in after}
    heading = normalised(gone.section)
    found = {each for each in headings if gone.section and normalised(each) == heading}
    if not found:
        known = {each.entry_id for each in was}
        shared = Counter(each.section for each in after if each.entry_id in known)
        found = {section for section, _ in shared.most_common(1)}
    if not found and len(headings) == 1:
        found = headings
    return [each for each in after if each.section in found]
