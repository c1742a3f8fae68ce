"""Records of one shape, read the way the first two of them were: what is the title, the date, the
summary was decided there, so the others only give their texts.

A record whose texts are of another kind than those it was learned from is left to the careful way.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from ilo_archive.reader.entry import Entry
from ilo_archive.reader.html.columns import Columns
from ilo_archive.reader.html.day_month_order import DayMonthOrder
from ilo_archive.reader.html.line_plans import Place, Plan
from ilo_archive.reader.html.lines import Line, LineReader, leads_to_meta
from ilo_archive.reader.html.record import Record
from ilo_archive.reader.html.titles_in_lines import has_words, letters
from ilo_archive.reader.html.words import begins_as_meta, is_button
from ilo_archive.text.credits import parse_credit

TITLE, DATE, KICKER, SUMMARY, CREDIT, LEFT = "title", "date", "kicker", "summary", "credit", "left"
MAY_BE_CREDIT = re.compile(
    r"\s*(?:[©ⓒ(]|photo|imag|pictur|credi|crédi|foto|bild|фото|صور|تصوير|الصورة|照|图|摄|写真|撮影|ภาพ)",
    re.IGNORECASE,
)
_STOPS = frozenset(".!?…。！？")
_AFTER_STOP = frozenset('»"”)')
_LONG = 60  # characters; what is longer below a title is told
_LONGEST_KICKER = 60


class Recipe(NamedTuple):
    """What each line of a shape is, and which element is the link, -1 for none."""

    roles: tuple[str, ...]
    link: int


def recipe_of(
    record: Record, entry: Entry, title: Line | None, date: Line | None, told: Sequence[Line]
) -> Recipe | None:
    """How an entry was read, None where its texts were cut or put together."""
    plan = record.plan
    if plan is None or title is None or record.carried or title.text != entry.title:
        return None
    if title.date or len(title.links) > 1 or (title.links and title.linked < 0.97):
        return None
    if date is None or date.date is None or date.text != entry.dateline or entry.date_end:
        return None
    if sum([place.dated >= 0 for place in plan.lines]) > 1 or not date.date.year or entry.place:
        return None
    if (" ".join([line.text for line in told]) or None) != entry.summary:
        return None
    roles = tuple([_role(line, entry, title, date, told) for line in record.lines])
    link = title.place.links[0][0] if title.links else -1
    is_own = title.links and not title.links[0].meta
    return Recipe(roles, link) if is_own or not record.said.hrefs else None


def _role(line: Line, entry: Entry, title: Line, date: Line, told: Sequence[Line]) -> str:
    if line is title:
        return TITLE
    if line is date:
        return DATE
    if any(line is each for each in told):
        return SUMMARY
    if entry.credit and MAY_BE_CREDIT.match(line.text) and parse_credit(line.text):
        return CREDIT
    return KICKER if line.text == entry.kicker else LEFT


class AlikeReader:
    """Reads records of shapes that were seen before."""

    def __init__(
        self,
        reader: LineReader,
        columns: Columns,
        order: DayMonthOrder,
        resolve: Callable[[str | None], str | None],
    ) -> None:
        self._reader, self._columns = reader, columns
        self._order, self._resolve = order, resolve
        self._recipes: dict[int, list[Recipe | None]] = {}

    def note(self, record: Record, recipe: Recipe | None) -> None:
        """Keep how a record was read."""
        plan = record.plan
        if plan is not None:
            self._recipes.setdefault(id(plan), []).append(recipe)

    def entry(self, record: Record, position: int) -> Entry | None:
        """A record as an entry, None where it has to be read with care."""
        plan = record.plan
        known = self._recipes.get(id(plan)) if plan is not None and not record.carried else None
        if plan is None or not known or len(known) < 2 or known[0] is None or known[0] != known[1]:
            return None
        return self._filled(record, plan, known[0], position)

    def _filled(self, record: Record, plan: Plan, recipe: Recipe, position: int) -> Entry | None:
        reader, root = self._reader, record.root
        said: dict[str, list[str]] = {}
        for role, place in zip(recipe.roles, plan.lines, strict=True):
            text = reader.text_at(root, place)
            if role is not DATE and not self._can_be(role, text, place):
                return None
            said.setdefault(role, []).append(text)
        date = self._date(root, plan, recipe)
        title, kicker = said[TITLE][0], said.get(KICKER, [None])[0]
        link = reader.markup.attribute(root + recipe.link, "href") if recipe.link >= 0 else None
        if date is None or title == kicker or (recipe.link >= 0 and not is_own_link(link)):
            return None
        image = next(filter(None, (source_of(reader, root + n) for n, _ in plan.images)), None)
        return Entry(
            position,
            kicker,
            title,
            said[DATE][0],
            date,
            None,
            None,
            " ".join(said.get(SUMMARY, ())) or None,
            self._resolve(link),
            self._resolve(image),
            parse_credit(said[CREDIT][0]) if CREDIT in said else None,
        )

    def _can_be(self, role: str, text: str, place: Place) -> bool:
        """Whether a text is of the kind that stood in its place in the records before."""
        if role is CREDIT:
            return parse_credit(text) is not None
        if MAY_BE_CREDIT.match(text):
            return False
        if role is TITLE:
            return _can_be_title(text, is_heading=place.level > 0)
        if role is SUMMARY:
            return _is_told(text) and not self._columns.is_repeated(text)
        if role is KICKER:
            return _can_be_kicker(text)
        return bool(place.meta or place.level) or not _is_told(text)

    def _date(self, root: int, plan: Plan, recipe: Recipe) -> date | None:
        """The day of a record, None where its line says more than one day."""
        place = plan.lines[recipe.roles.index(DATE)]
        found = self._reader.dates[2 * root + place.slots[place.dated]].date
        if found.is_range or found.end - found.start < len(self._reader.text_at(root, place)):
            return None
        return found.date(month_first=self._order.month_first)


def is_own_link(link: str | None) -> bool:
    """Whether an address may be that of an entry, not of its author or its comments."""
    return bool(link) and not leads_to_meta(link or "")


def _is_told(text: str) -> bool:
    return len(text) >= _LONG or ends_sentence(text)


def ends_sentence(text: str) -> bool:
    """Whether a text ends with a full stop or the like, a quote or bracket behind it or not."""
    last = text[-1:]
    return last in _STOPS or (last in _AFTER_STOP and text[-2:-1] in _STOPS)


def _can_be_title(text: str, *, is_heading: bool) -> bool:
    return letters(text) > 1 and (is_heading or not is_button(text))


def _can_be_kicker(text: str) -> bool:
    if len(text) > _LONGEST_KICKER or not has_words(text) or text[-1] in ":：":
        return False
    return not is_button(text) and not begins_as_meta(text)


def source_of(reader: LineReader, image: int) -> str | None:
    """The address of an image; one that waits to be seen has a placeholder in its `src`."""
    source = reader.markup.attribute(image, "src")
    if source and not source.startswith("data:"):
        return source
    return reader.markup.attribute(image, "data-src")
