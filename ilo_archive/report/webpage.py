"""A comparison as a self-contained HTML page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilo_archive.queries.steps import steps
from ilo_archive.report import sentences
from ilo_archive.report.environment import direction, language_code, template
from ilo_archive.report.position_chart import position_chart

if TYPE_CHECKING:
    from ilo_archive.queries.answers import Homepage, PrintedEntry
    from ilo_archive.queries.comparison import Comparison


@dataclass(frozen=True, slots=True)
class Passing:
    """An entry that is on neither of two captures, and the captures between them that show it."""

    entry: PrintedEntry
    shown: tuple[Homepage, ...]


def render(comparison: Comparison) -> str:
    """Format the report as one page; the template escapes all text from the archived pages."""
    cleaned = sentences.safe(comparison)
    language = cleaned.after.language or cleaned.before.language or ""
    return template("comparison").render(
        comparison=cleaned,
        chart=position_chart(cleaned),
        passing=passing_entries(cleaned),
        steps=list(steps(_by_time(cleaned))) if cleaned.pages_between else [],
        language=language_code(language),
        direction=direction(language),
    )


def passing_entries(comparison: Comparison) -> list[Passing]:
    """The entries that only captures between the two show, in the order of appearance."""
    ends = (*comparison.before.entries, *comparison.after.entries)
    known = {each.entry_id for each in ends}
    latest: dict[str, PrintedEntry] = {}
    shown: dict[str, list[Homepage]] = {}
    for page in comparison.pages_between:
        for entry in {each.entry_id: each for each in page.entries}.values():
            if entry.entry_id not in known:
                latest[entry.entry_id] = entry
                shown.setdefault(entry.entry_id, []).append(page)
    return [Passing(latest[each], tuple(pages)) for each, pages in shown.items()]


def _by_time(comparison: Comparison) -> list[Homepage]:
    """All captures from the earlier of the two to the later."""
    pages = (comparison.before, comparison.after, *comparison.pages_between)
    return sorted(pages, key=lambda page: (page.captured_at, page.capture_id))
