"""Reports: a comparison of two captures as text, Markdown, HTML, JSON or an Atom feed.

Each form loads what it needs when it is asked for, so the command line starts fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ilo_archive.queries.comparison import Comparison

__all__ = ["as_atom", "as_html", "as_json", "as_markdown", "as_text"]


def as_text(comparison: Comparison, *, color: bool = False, width: int = 88) -> str:
    """The report for a terminal of that many columns, one sentence where nothing differs.

    With `color` words that went are red and struck through, words that came green; without,
    they stand as [-gone-]{+new+}. Summaries of whole entries are left to the other forms.
    """
    from ilo_archive.report.terminal import render

    return render(comparison, color=color, width=width)


def as_markdown(comparison: Comparison) -> str:
    """The report as CommonMark; text of the pages is escaped and makes no markup or link."""
    from ilo_archive.report.markdown import render

    return render(comparison)


def as_html(comparison: Comparison) -> str:
    """The report as one self-contained page, without script and without a request."""
    from ilo_archive.report.webpage import render

    return render(comparison)


def as_json(comparison: Comparison) -> str:
    """The comparison for programs, schema 1; safe to print, nothing in it is altered."""
    from ilo_archive.report.json_document import render

    return render(comparison)


def as_atom(comparison: Comparison) -> str:
    """The changes as an Atom feed, one entry each; text of the pages stays text."""
    from ilo_archive.report.atom import render

    return render(comparison)
