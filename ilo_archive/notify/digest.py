"""The messages of a run: what changed, and what needs attention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilo_archive.report import sentences
from ilo_archive.report.updates import in_one_line, items, page_name
from ilo_archive.text.counted import counted
from ilo_archive.text.printable import printable

if TYPE_CHECKING:
    from ilo_archive.queries.alarms import Alarm
    from ilo_archive.queries.since import Since

MOST_LINES = 40
"""Lines of a message; mail servers and chats cut longer ones."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message in plain text."""

    title: str
    body: str


def digest_of_changes(since: Since) -> Message | None:
    """One message with every change but noise; None if nothing changed."""
    if not since.differs:
        return None
    lines = [*_lines(sentences.safe(since))]
    if len(lines) > MOST_LINES:
        left = counted(len(lines) - MOST_LINES, "line")
        lines = [*lines[:MOST_LINES], f"... {left} more: see `diff --since last-run`"]
    return Message(f"ilo-archive: {in_one_line(since)}", "\n".join(lines))


def _lines(since: Since) -> Iterator[str]:
    for update in since.updates:
        if update.differs:
            yield page_name(update)
            yield from (f"- {item.heading}" for item in items(update) if item.weight != "noise")


def digest_of_alarms(alarms: Sequence[Alarm]) -> Message | None:
    """One message with every alarm and its cure; None unless one of them lasts."""
    lasting = sum(each.lasts for each in alarms)
    if not lasting:
        return None
    lines = [f"- {printable(each.text)}: {printable(each.cure)}" for each in alarms[:MOST_LINES]]
    return Message(f"ilo-archive: {counted(lasting, 'alarm')}", "\n".join(lines))
