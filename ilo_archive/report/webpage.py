"""A comparison as a self-contained HTML page."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from ilo_archive.report import sentences
from ilo_archive.report.position_chart import position_chart
from ilo_archive.report.safe_links import web_address
from ilo_archive.report.word_diff import word_changes

if TYPE_CHECKING:
    from ilo_archive.queries.comparison import Comparison

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")


def render(comparison: Comparison) -> str:
    """Format the report as one page; the template escapes all text from the archived pages."""
    cleaned = sentences.safe(comparison)
    language = cleaned.after.language or cleaned.before.language or ""
    return _template().render(
        comparison=cleaned,
        chart=position_chart(cleaned),
        language=language if _LANGUAGE.fullmatch(language) else "",
        direction="rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "auto",
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("ilo_archive.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["web_address"] = web_address
    environment.globals |= {"sentences": sentences, "word_changes": word_changes}
    return environment.get_template("comparison.html.jinja")
