"""Edits made without notice: fields of an entry that a page changed between two captures."""

from collections.abc import Sequence
from dataclasses import dataclass

from ilo_archive.queries.answers import Edit, Homepage
from ilo_archive.queries.history import OfficeHistory
from ilo_archive.report.life_groups import EditNumbers


@dataclass(frozen=True, slots=True)
class EditedEntry:
    """What changed in one entry between two captures of a page, counted from the earliest."""

    number: int
    fields: tuple[Edit, ...]
    before: Homepage
    after: Homepage

    @property
    def entry_id(self) -> str:
        """The entry."""
        return self.fields[0].entry_id

    @property
    def days(self) -> int:
        """Days between the two captures."""
        return (self.after.captured_at - self.before.captured_at).days


def edited_entries(history: OfficeHistory) -> list[EditedEntry]:
    """The edits on an office's pages, the latest first."""
    together: dict[tuple[str, str, str, str], list[Edit]] = {}
    for edit in history.edits:
        key = edit.page, edit.entry_id, edit.before_capture, edit.after_capture
        together.setdefault(key, []).append(edit)
    captures = {each.capture_id: each for page in history.pages for each in page.good}
    return [
        EditedEntry(len(together) - number, tuple(fields), captures[key[2]], captures[key[3]])
        for number, (key, fields) in enumerate(together.items())
        if key[2] in captures and key[3] in captures
    ]


def edit_numbers(edited: Sequence[EditedEntry]) -> EditNumbers:
    """Where to find each edit, by page, entry and the capture that shows the new wording."""
    return {(each.after.page, each.entry_id, each.after.capture_id): each.number for each in edited}
