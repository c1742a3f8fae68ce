"""Names of months and weekdays in every language, and years of the Buddhist era.

`months.json`, written by `make_months.py`, has the names of CLDR.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path


@cache
def calendar_words() -> Mapping[str, Mapping[str, list[list[str]]]]:
    """The forms of the names of the twelve `months` and the `weekdays`, by language."""
    table: dict[str, dict[str, list[list[str]]]] = json.loads(
        Path(__file__).with_name("months.json").read_text("utf-8")
    )
    return table


def gregorian_year(year: int) -> int:
    """Convert a year of the Buddhist era (2558 in Thailand is 2015); other years stay
    as they are.
    """
    return year - 543 if 2400 <= year <= 2600 else year
