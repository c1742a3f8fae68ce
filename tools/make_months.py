"""Write ilo_archive/text/months.json: the names of months and weekdays as CLDR has them.

`python tools/make_months.py [FILE]` renews the data, and months_elsewhere.json beside it. Babel,
which carries CLDR, is needed here and not at run time.
"""

import json
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from babel import localedata

MONTHS = Path(__file__).parent.parent / "ilo_archive" / "text" / "months.json"
ELSEWHERE = "months_elsewhere.json"

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

# Languages that no office writes in: of their months only, and of no use to a line that is a
# date as a whole, where short words would be taken for months. Of two meanings of a name the
# first counts: "listopad" is November but in Croatian.
OTHER_LANGUAGES = (
    *("nl", "pl", "cs", "sk", "sv", "da", "nb", "fi", "hu", "tr", "el", "uk", "bg", "ro", "id"),
    *("ms", "ca", "et", "lv", "lt", "sl", "sr", "hr", "he", "fa", "hi", "bn", "ko", "vi", "gl"),
    *("eu", "sw", "az", "kk", "ka", "hy", "mk", "sq"),
)


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


def render_elsewhere() -> str:
    """The names of three letters or more of the other languages, a line for each."""
    rows = (
        f"{json.dumps(language)}: {json.dumps(_long_names(language), ensure_ascii=False)}"
        for language in OTHER_LANGUAGES
    )
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _long_names(language: str) -> list[list[str]]:
    months: dict[int, dict[str, None]] = {}
    for table in _tables(language, "months"):
        for number, name in table.items():
            short = name.rstrip(".")
            if len(short) > 2 and not any(map(str.isdigit, short)):
                months.setdefault(number, {})[short] = None
    return [list(months.get(number, ())) for number in range(1, 13)]


if __name__ == "__main__":
    target = Path(sys.argv[1]) if sys.argv[1:] else MONTHS
    target.write_text(render(), encoding="utf-8")
    target.with_name(ELSEWHERE).write_text(render_elsewhere(), encoding="utf-8")
