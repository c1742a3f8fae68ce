"""The main list of a page: that of its news."""

import datetime
from collections import Counter
from collections.abc import Sequence
from typing import Protocol, TypeVar


class Dated(Protocol):
    """An entry on a capture, as far as the main list depends on it."""

    @property
    def entry_id(self) -> str: ...
    @property
    def section(self) -> str | None: ...
    @property
    def date(self) -> datetime.date | None: ...


_L = TypeVar("_L", bound=Dated)


def main_list(entries: Sequence[_L]) -> list[_L]:
    """The entries under the heading with the most dated entries, of several the first on the
    page; empty where no entry has a date. Of an entry listed twice the first position counts.
    """
    dated = Counter(each.section for each in entries if each.date)
    if not dated:
        return []
    section = dated.most_common(1)[0][0]
    found: dict[str, _L] = {}
    for each in entries:
        if each.section == section:
            found.setdefault(each.entry_id, each)
    return list(found.values())
