"""Updates in words: the items that the list of the last run, the feed and `diff --since` share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilo_archive.queries.since import weight_of
from ilo_archive.report import sentences
from ilo_archive.report.word_diff import word_changes
from ilo_archive.text.counted import counted
from ilo_archive.text.prose_dates import day_in_words

if TYPE_CHECKING:
    from ilo_archive.queries.answers import PrintedEntry
    from ilo_archive.queries.comparison import Change
    from ilo_archive.queries.since import Since, Update, Weight
    from ilo_archive.queries.wording_changes import FieldChange

WEIGHTS: tuple[Weight, ...] = ("major", "minor", "noise")
HEADINGS = {
    "first": "First capture",
    "layout": "Layout changed",
    "page": "Office described differently",
    "named": "Named",
    "not-named": "No longer named",
    "appeared": "Appeared",
    "gone": "No longer there",
    "edited": "Worded differently",
    "moved": "Moved",
    "credit": "Credited differently",
    "credit-year": "Credited in another year",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that an update brought. `subject` is a title or the name of a field, `note` a
    sentence that may be empty; `kind` is a key of HEADINGS.
    """

    kind: str
    weight: Weight
    subject: str
    note: str = ""
    entry: PrintedEntry | None = None
    fields: tuple[FieldChange, ...] = ()

    @property
    def heading(self) -> str:
        """`Appeared: Seminar opens`."""
        return f"{HEADINGS[self.kind]}: {self.subject}"

    @property
    def identity(self) -> str:
        """What distinguishes it from other items of its kind on the same capture."""
        return self.entry.entry_id if self.entry else self.subject


def items(update: Update) -> list[Item]:
    """The items of an update, the weightiest first."""
    found = [*_of_the_capture(update), *map(_item, update.changes)]
    return sorted(found, key=lambda each: WEIGHTS.index(each.weight))


def _of_the_capture(update: Update) -> Iterator[Item]:
    entries = counted(len(update.after.entries), "entry", "entries")
    if update.before is None:
        yield Item("first", "major", update.after.page, f"The page has {entries}.")
    if update.layout:
        old, new = update.layout
        note = f"The page has {entries} in the new layout."
        if update.was_redesigned and update.before:
            kept = {each.entry_id for each in update.before.entries}
            stayed = len(kept & {each.entry_id for each in update.after.entries})
            note += f" Of {len(kept)} before it {stayed or 'none'} stayed."
        weight: Weight = "major" if update.was_redesigned else "minor"
        yield Item("layout", weight, f"{old} to {new}", note)


def _item(change: Change) -> Item:
    note, fields = sentences.absence(change), change.fields
    if change.kind == "moved":
        note, fields = f"{sentences.capitalized(sentences.move(change))}.", ()
    if change.entry:
        subject = sentences.entry_title(change.entry)
    else:
        subject = ", ".join(_field_in_words(each) for each in change.fields)
    return Item(change.kind, weight_of(change), subject, note, change.entry, fields)


def _field_in_words(field: FieldChange) -> str:
    if field.before and field.after:
        return field.field
    return f"{field.field} {field.after or field.before or ''}"


def captures_in_words(update: Update) -> str:
    """`14 April 2015, 10:32 UTC, to 19 June 2015, 07:45 UTC`, or the time of a first capture."""
    return ", to ".join(
        sentences.capture_time(each) for each in (update.before, update.after) if each
    )


def page_name(update: Update) -> str:
    """The name on the page, else the slug of the office, with the name of the page."""
    name = (update.after.name or "").strip() or update.after.office
    return f"{name} ({update.after.page})"


def marked_words(field: FieldChange) -> str:
    """Both forms of a field in one line, as `git diff --word-diff` marks them."""
    marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    changes = word_changes(field.before, field.after)
    return "".join(marks[kind].format(words) for kind, words in changes)


def in_one_line(since: Since) -> str:
    """The numbers of all updates, or that there is none."""
    moment = f"{day_in_words(since.moment.date())}, {since.moment:%H:%M} UTC"
    captures = counted(since.captures, "capture")
    if not since.captures:
        return f"no captures recorded since {moment}"
    if not since.updates:
        return f"{captures} recorded since {moment}, nothing changed"
    weights = Counter(each.weight for update in since.updates for each in items(update))
    sums = ", ".join(f"{weights[weight]} {weight}" for weight in WEIGHTS if weights[weight])
    total = "change" if weights.total() == 1 else "changes"
    return f"{captures} recorded since {moment}: {sums} {total}"
