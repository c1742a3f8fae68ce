"""A comparison as CommonMark, to which no text from a page can add markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ilo_archive.report import sentences
from ilo_archive.report.safe_links import web_address
from ilo_archive.report.word_diff import word_changes

if TYPE_CHECKING:
    from ilo_archive.queries.answers import Homepage, PrintedEntry
    from ilo_archive.queries.comparison import Change, Comparison
    from ilo_archive.queries.wording_changes import FieldChange

# Special anywhere; at the start of a line (lists); where an address might begin or continue.
_SPECIAL = re.compile(
    r"[&<>@\\`*_\[\]{}|~$^=#]|^[-+:]|:(?=\S)|(?<=\S)\.(?=\w)|(?<=www)\.", re.IGNORECASE
)
_NUMBERED = re.compile(r"^(\d+)([.)])")
# Entities instead of backslashes: Python-Markdown lets `\<script>` through, and GitHub links an
# e-mail address even after a backslash, but not if it contains a word joiner.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "@&#8288;"}
_TAGS = {"same": "{}", "gone": "<del>{}</del>", "new": "<ins>{}</ins>"}


def render(comparison: Comparison) -> str:
    """Format the report as a document."""
    return "\n\n".join(_blocks(sentences.safe(comparison))) + "\n"


def _escaped(text: str) -> str:
    """The text as Markdown that shows exactly this text, wherever in a paragraph it is."""
    escaped = _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), text)
    return _NUMBERED.sub(r"\1\\\2", escaped)


def _line(text: str) -> str:
    """The same for a whole paragraph: white space at its beginning would make it code."""
    return _escaped(" ".join(text.split()))


def _address(url: str | None) -> str:
    address = web_address(url)
    return f"<{address}>" if address else _line(url or "")


def _blocks(comparison: Comparison) -> Iterator[str]:
    yield f"# {_line(sentences.office_name(comparison))}"
    yield "\n".join((_capture("From", comparison.before), _capture("To", comparison.after)))
    if comparison.differs:
        yield sentences.summary(comparison)
    else:
        yield sentences.nothing_differs(comparison)
    if years := sentences.credit_years(comparison):
        yield years
    for group in sentences.groups(comparison):
        yield f"## {group.heading} ({len(group.changes)})"
        if group.kind in ("named", "not-named"):
            yield "\n".join(_fields(change, "") for change in group.changes)
            continue
        for change in group.changes:
            yield from _change(change)


def _capture(word: str, page: Homepage) -> str:
    entries = sentences.number(len(page.entries), "entry", "entries")
    source = f"{_address(page.uri_m or page.url)} in {_line(page.archive)}"
    return f"- {word} {sentences.capture_time(page)}: {source}, {entries}"


def _change(change: Change) -> Iterator[str]:
    if change.entry is None:
        yield _fields(change, "")
        return
    yield f"- **{_title(change.entry)}**"
    yield f"  {_line(' · '.join(sentences.entry_details(change.entry)))}"
    if change.kind == "moved":
        yield f"  {_line(sentences.move(change))}"
    elif change.fields:
        yield _fields(change, "  ")
    elif change.entry.summary:
        yield f"  {_line(change.entry.summary)}"
    if departure := sentences.absence(change):
        yield f"  {departure}"


def _title(shown: PrintedEntry) -> str:
    title, address = _line(sentences.entry_title(shown)), web_address(shown.link)
    return f"[{title}]({address.replace('&', '&amp;')})" if address else title


def _fields(change: Change, indent: str) -> str:
    return "\n".join(f"{indent}- {_line(field.field)}: {_words(field)}" for field in change.fields)


def _words(field: FieldChange) -> str:
    parts = word_changes(field.before, field.after)
    return "".join(_TAGS[kind].format(_escaped(words)) for kind, words in parts)
