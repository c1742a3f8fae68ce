"""The page of what the last run brought, or the captures since a day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ilo_archive import __version__
from ilo_archive.report import sentences, updates
from ilo_archive.report.environment import template
from ilo_archive.report.making import Making

if TYPE_CHECKING:
    from ilo_archive.queries.since import Since


def as_html(since: Since) -> str:
    """Format the updates as one self-contained page."""
    return render_latest(since, Making(datetime.now(UTC), __version__), index=None)


def render_latest(since: Since, making: Making, *, index: str | None) -> str:
    """Format the updates as one page; `index` is the address of the index beside it."""
    return template("latest").render(
        since=sentences.safe(since), updates=updates, making=making, index=index
    )
