"""The main list of a page: that of its news."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from ilo_archive.queries.departure import Listed, unique_entries

_L = TypeVar("_L", bound=Listed)


def main_list(entries: Sequence[_L]) -> list[_L]:
    """The entries under the heading with the most dated entries, of several the first on the
    page; empty where no entry has a date.
    """
    dated = Counter(each.section for each in entries if each.date)
    if not dated:
        return []
    section = dated.most_common(1)[0][0]
    return unique_entries([each for each in entries if each.section == section])
