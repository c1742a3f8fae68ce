"""How an entry left a list: dropped from it, or pushed off by newer entries."""

import datetime
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
    def position(self) -> int: ...
    @property
    def first_seen(self) -> datetime.datetime: ...
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

    Entries are newer or older by their dates, else by their order in the list before, else by their
    first sightings. An old entry pinned above it proves nothing, since it stays for other reasons.
    """
    old_lists, new_lists = _lists(before), _lists(after)
    number = next(at for at, each in enumerate(old_lists) if entry_id in _ids(each))
    old_list = old_lists[number]
    gone = next(each for each in old_list if each.entry_id == entry_id)
    new_list = _continued(old_lists, number, new_lists)
    old_ids = set(_ids(old_list))
    below = set(_ids(old_list[old_list.index(gone) + 1 :]))
    older = [each for each in new_list if each.entry_id in below and _older(each, gone)]
    if older:
        return Departure("dropped", older=_ids(older))
    above = old_ids - below
    newer = [each for each in new_list if _newer(each, gone, above, below)]
    newer_above = sum(_newer(each, gone, above, below) for each in old_list if each is not gone)
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


def _newer(entry: Listed, gone: Listed, above: Set[str], below: Set[str]) -> bool:
    """True if an entry is newer than the one that is gone, whose list had it `above` or `below`.

    An entry that was not in the list is newer by its date, or if all its sightings are later.
    """
    if entry.date and gone.date and entry.date != gone.date:
        return entry.date > gone.date
    if bool(entry.date) != bool(gone.date) or entry.entry_id in below:
        return False
    return entry.entry_id in above or entry.first_seen > gone.first_seen


def unique_entries(entries: Sequence[_L]) -> list[_L]:
    """The entries without repetitions: a page may list one twice, the first position counts."""
    first: dict[str, _L] = {}
    for each in entries:
        first.setdefault(each.entry_id, each)
    return list(first.values())


def _lists(entries: Sequence[Listed]) -> list[list[Listed]]:
    """The lists of a page, each without repetitions: a new heading or a first place begins one.

    Two lists may have the same heading, or none.
    """
    lists: list[list[Listed]] = []
    for each in unique_entries(entries):
        last = lists[-1][-1] if lists else None
        if last is None or each.section != last.section or each.position <= last.position:
            lists.append([])
        lists[-1].append(each)
    return lists


def _continued(
    old_lists: Sequence[Sequence[Listed]], number: int, new_lists: Sequence[Sequence[Listed]]
) -> Sequence[Listed]:
    """The list of the later capture that continues a list of the earlier one; empty if none does.

    That is the list with the same heading, if it is the only one on both pages; else the one that
    has most of its entries; else, headings sometimes get lost, the one at its place among as many
    lists.
    """
    old_list = old_lists[number]
    heading = normalised(old_list[0].section)
    named = [each for each in new_lists if heading and normalised(each[0].section) == heading]
    namesakes = [each for each in old_lists if normalised(each[0].section) == heading]
    if len(named) == 1 and len(namesakes) == 1:
        return named[0]
    ids = set(_ids(old_list))
    shared = [sum(each.entry_id in ids for each in new_list) for new_list in named or new_lists]
    if any(shared):
        return (named or new_lists)[shared.index(max(shared))]
    same_place = len(new_lists) == len(old_lists)
    return new_lists[number] if same_place else []
