"""The names of months and weekdays in every language, and years of other eras.

`months.json`, written by `tests/make_months.py`, has the names as CLDR has them.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path


@cache
def calendar_words() -> Mapping[str, Mapping[str, list[list[str]]]]:
    """By language, the forms of each of the twelve `months` and of each of the `weekdays`."""
    table: dict[str, dict[str, list[list[str]]]] = json.loads(
        Path(__file__).with_name("months.json").read_text("utf-8")
    )
    return table


def gregorian_year(year: int) -> int:
    """A year of the Buddhist era (in Thailand 2558 is 2015) as one of the common era."""
    return year - 543 if 2400 <= year <= 2600 else year
