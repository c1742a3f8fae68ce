"""Report a comparison of two captures as text, Markdown, HTML, JSON or an Atom feed.

Each format imports what it needs on first use, so that the command line starts fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ilo_archive.queries.comparison import Comparison

__all__ = ["as_atom", "as_html", "as_json", "as_markdown", "as_text"]


def as_text(comparison: Comparison, *, color: bool = False, width: int = 88) -> str:
    """Format a report for a terminal of `width` columns; a single sentence if nothing differs.

    With `color`, removed words are red and struck through, added words green; without, they are
    marked as [-removed-]{+added+}. Summaries of entries that appeared or left are omitted.
    """
    from ilo_archive.report.terminal import render

    return render(comparison, color=color, width=width)


def as_markdown(comparison: Comparison) -> str:
    """Format a report as CommonMark; text from the pages is escaped, so that it makes no markup or
    links.
    """
    from ilo_archive.report.markdown import render

    return render(comparison)


def as_html(comparison: Comparison) -> str:
    """Format a report as one self-contained page without scripts or requests."""
    from ilo_archive.report.webpage import render

    return render(comparison)


def as_json(comparison: Comparison) -> str:
    """Format a comparison for programs, schema 1; safe to print, with unaltered values."""
    from ilo_archive.report.json_document import render

    return render(comparison)


def as_atom(comparison: Comparison) -> str:
    """Format the changes as an Atom feed, one entry each; text from the pages stays text."""
    from ilo_archive.report.atom import render

    return render(comparison)
