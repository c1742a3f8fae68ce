"""A comparison for a terminal, with or without color."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from ilo_archive.report import sentences
from ilo_archive.report.word_diff import word_changes

if TYPE_CHECKING:
    from ilo_archive.queries.answers import Homepage, PrintedEntry
    from ilo_archive.queries.comparison import Change, ChangeKind, Comparison
    from ilo_archive.queries.wording_changes import FieldChange

_NARROWEST = 40  # columns
_LEAST_ROOM = 20  # columns of a paragraph, however long its lead is
_STYLES = {"same": "", "gone": "strike red", "new": "green"}
_MARKS = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}  # as `git diff --word-diff`
_SIGNS: dict[ChangeKind, Text] = {"appeared": Text("+ ", "green"), "gone": Text("- ", "red")}

Block = tuple[Text, Text]
"""A lead and a paragraph; further lines of the paragraph are indented by the lead's width."""


def render(comparison: Comparison, *, color: bool, width: int) -> str:
    """Format the report in lines of `width` columns; long addresses are not broken."""
    blocks = _blocks(sentences.safe(comparison), color)
    console = _console(color)
    with console.capture() as printed:
        for lead, paragraph in blocks:
            for line in _lines(lead, paragraph, console, max(width, _NARROWEST)):
                console.print(line, soft_wrap=True)
    return printed.get()


def _console(color: bool) -> Console:
    """A console that writes to memory and uses neither the terminal nor environment variables."""
    return Console(
        file=StringIO(),
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        highlight=False,
        _environ={},
    )


def _lines(lead: Text, paragraph: Text, console: Console, width: int) -> Iterator[Text]:
    room = max(width - lead.cell_len, _LEAST_ROOM)
    for number, line in enumerate(paragraph.wrap(console, room, overflow=paragraph.overflow)):
        whole = Text.assemble(" " * lead.cell_len if number else lead, line)
        whole.rstrip()
        yield whole


def _blocks(comparison: Comparison, color: bool) -> Iterator[Block]:
    if not comparison.differs:
        parts = (sentences.nothing_differs(comparison), sentences.credit_years(comparison))
        yield _paragraph(" ".join(filter(None, parts)))
        return
    yield from _head(comparison)
    for group in sentences.groups(comparison):
        yield _paragraph()
        yield _paragraph(f"{group.heading} ({len(group.changes)})", "bold")
        for change in group.changes:
            if change.entry or change.kind == "page" or change is group.changes[0]:
                yield _paragraph()
            yield from _change(change, color)
    yield _paragraph()
    yield _paragraph(sentences.summary(comparison))
    if years := sentences.credit_years(comparison):
        yield _paragraph(years)


def _paragraph(text: str = "", style: str = "", lead: str = "") -> Block:
    return Text(lead), Text(text, style, overflow="fold")


def _head(comparison: Comparison) -> Iterator[Block]:
    yield _paragraph(sentences.office_name(comparison), "bold")
    yield _paragraph()
    yield from _capture("From", comparison.before)
    yield from _capture("To", comparison.after)


def _capture(word: str, page: Homepage) -> Iterator[Block]:
    entries = sentences.number(len(page.entries), "entry", "entries")
    yield _paragraph(
        f"{sentences.capture_time(page)} ({entries}, {page.archive})", lead=f"{word:<6}"
    )
    yield Text(" " * 6), Text(page.uri_m or page.url, "dim", overflow="ignore")


def _change(change: Change, color: bool) -> Iterator[Block]:
    if change.entry:
        yield from _entry(change.kind, change.entry)
    if change.kind == "moved":
        yield _paragraph(sentences.move(change), lead="  ")
        return
    for field in change.fields:
        yield Text(f"  {field.field}: "), _words(field, color)
    if departure := sentences.absence(change):
        yield _paragraph(departure, lead="  ")


def _entry(kind: ChangeKind, shown: PrintedEntry) -> Iterator[Block]:
    yield _SIGNS.get(kind, Text("~ ")), Text(sentences.entry_title(shown), "bold", overflow="fold")
    yield _paragraph(" · ".join(sentences.entry_details(shown)), "dim", lead="  ")


def _words(field: FieldChange, color: bool) -> Text:
    text = Text(overflow="fold")
    for kind, words in word_changes(field.before, field.after):
        text.append(words if color else _MARKS[kind].format(words), _STYLES[kind])
    return text
