"""Write ilo_archive/text/months.json: the names of months and weekdays as CLDR has them.

`python tools/make_months.py [FILE]` renews the data. Babel, which carries CLDR, is needed here
and not at run time.
"""

import json
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from babel import localedata

MONTHS = Path(__file__).parent.parent / "ilo_archive" / "text" / "months.json"

# Beside each language the regions whose names differ: "Sept" and "juill.", Peru's "setiembre",
# the months of the Levant and of the Maghreb.
LOCALES = {
    "en": ("en", "en_GB"),
    "fr": ("fr", "fr_CA"),
    "es": ("es", "es_MX", "es_PE"),
    "pt": ("pt", "pt_PT"),
    "it": ("it",),
    "de": ("de", "de_AT"),
    "ru": ("ru",),
    "ar": ("ar", "ar_LB", "ar_IQ", "ar_DZ", "ar_MA"),
    "zh": ("zh", "zh_Hant"),
    "ja": ("ja",),
    "th": ("th",),
}


def names(language: str, kind: str) -> list[list[str]]:
    """For each of the "months" or "days", in order, its names in all regions and widths."""
    tables = [table for locale in LOCALES[language] for table in _tables(locale, kind)]
    return [list(dict.fromkeys(table[key] for table in tables)) for key in sorted(tables[0])]


def _tables(locale: str, kind: str) -> Iterator[dict[int, str]]:
    # Babel 2.18 writes an alias it resolved into data that all locales share: Thai stand-alone
    # months come out Chinese when Chinese was asked before. Hence a copy of our own.
    own: Any = deepcopy(localedata.load(locale))
    data = localedata.LocaleDataDict(own)
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            yield data[kind][context][width]


def render() -> str:
    """The file: a line for each language."""
    rows = (
        json.dumps(language)
        + ": "
        + json.dumps(
            {"months": names(language, "months"), "weekdays": names(language, "days")},
            ensure_ascii=False,
        )
        for language in LOCALES
    )
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if sys.argv[1:] else MONTHS
    target.write_text(render(), encoding="utf-8")
