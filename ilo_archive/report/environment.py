"""The templates of the web pages: one environment, in which text of strangers stays text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from ilo_archive.report import capture_dates, sentences
from ilo_archive.report.aligned_lists import side_by_side
from ilo_archive.report.anchors import entry_anchor, step_anchor
from ilo_archive.report.safe_links import web_address
from ilo_archive.report.step_strip import in_short
from ilo_archive.report.word_diff import word_changes
from ilo_archive.text.counted import counted
from ilo_archive.text.printable import printable
from ilo_archive.text.prose_dates import MONTHS

if TYPE_CHECKING:
    from ilo_archive.queries.history import HeldCapture

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")
_NAMES = {
    "ar": "Arabic", "de": "German", "en": "English", "es": "Spanish", "fr": "French",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "pt": "Portuguese",
    "ru": "Russian", "th": "Thai", "tr": "Turkish", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


@cache
def template(name: str) -> Template:
    """A template of the package, by its name without `.html.jinja`."""
    return _environment().get_template(f"{name}.html.jinja")


def language_code(language: str | None) -> str:
    """The language as an attribute `lang` may have it, empty for what is not a language tag."""
    return language if language and _LANGUAGE.fullmatch(language) else ""


def direction(language: str | None) -> str:
    """The direction of text in a language: `rtl`, or `auto`, by its letters."""
    return "rtl" if (language or "").partition("-")[0] in _RIGHT_TO_LEFT else "auto"


def language_name(language: str | None) -> str:
    """The English name of a language, its code where none is known here."""
    return _NAMES.get(language or "", language or "")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ilo_archive.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_printable,
    )
    environment.filters |= {
        "web_address": web_address,
        "language_code": language_code,
        "language_name": language_name,
        "direction": direction,
        "entry_anchor": entry_anchor,
        "long_date": capture_dates.long_date,
        "short_date": capture_dates.short_date,
        "date_and_time": capture_dates.date_and_time,
    }
    environment.globals |= {
        "sentences": sentences,
        "word_changes": word_changes,
        "counted": counted,
        "length": capture_dates.length_of_time,
        "stylesheet": stylesheet,
        "months_of_year": MONTHS,
        "pairs": _pairs,
        "side_by_side": side_by_side,
        "sources": _sources,
        "in_short": in_short,
        "step_anchor": step_anchor,
    }
    return environment


@cache
def stylesheet(*names: str) -> Markup:
    """Files of the package as one style sheet, without the white space that is for readers."""
    folder = files("ilo_archive.report").joinpath("templates")
    text = "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
    plain = re.sub(r"\s+", " ", text)
    return Markup(re.sub(r" ?([{};,]) ?|(?<=[a-z]): (?=[^\"])", _closer, plain))


def _closer(found: re.Match[str]) -> str:
    return found[1] or ":"


def _pairs(values: Sequence[Any]) -> list[tuple[Any, Any]]:
    return list(pairwise(values))


def _sources(captures: Iterable[HeldCapture]) -> list[tuple[str, int]]:
    """The archives and files that captures came from, that of the most captures first."""
    counts = Counter(each.archive for each in captures)
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def _printable(value: Any) -> Any:
    """Text without what acts on a terminal or turns the order of letters; markup of the
    templates' own is not text.
    """
    return printable(value) if type(value) is str else value
