"""Records of one shape, read the way the first two of them were: what is the title, the date, the
summary was decided there, so the others only give their texts.

A record whose texts are of another kind than those it was learned from is left to the careful way.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ilo_archive.reader.entry import Entry
from ilo_archive.reader.html.columns import Columns
from ilo_archive.reader.html.datelines_of_lines import (
    dateline_of,
    is_later,
    kicker_beside_date,
)
from ilo_archive.reader.html.day_month_order import DayMonthOrder
from ilo_archive.reader.html.headlines import headline_of
from ilo_archive.reader.html.line_plans import Place, Plan
from ilo_archive.reader.html.lines import Line, LineReader, leads_to_meta
from ilo_archive.reader.html.record import Record
from ilo_archive.reader.html.titles_in_lines import has_words, letters
from ilo_archive.reader.html.words import begins_as_meta, is_button
from ilo_archive.reader.list_names import is_notice
from ilo_archive.text.credits import parse_credit
from ilo_archive.text.datelines import Dateline

TITLE, DATE, KICKER, SUMMARY, CREDIT, LEFT = "title", "date", "kicker", "summary", "credit", "left"
MAY_BE_CREDIT = re.compile(
    r"\s*(?:[©ⓒ(]|photo|imag|pictur|credi|crédi|foto|bild|фото|صور|تصوير|الصورة|照|图|摄|写真|撮影|ภาพ)",
    re.IGNORECASE,
)
_STOPS = frozenset(".!?…。！？")
_AFTER_STOP = frozenset('»"”)')
_LONG = 60  # characters; what is longer below a title is a summary
_LONGEST_KICKER = 60
_ENOUGH = 2  # records of a shape that show how the others are read


class Recipe(NamedTuple):
    """What each line of a shape is, and how its title, date and link are found.

    `title` and `date` are the numbers of their lines, which may be one; `is_whole` says that the
    title is its line, `is_date_alone` that the dateline is; `link` is the element of the link, -1
    for that of the title's line; `keeps_date` and `label` are those of the title's column.
    """

    roles: tuple[str, ...]
    title: int
    date: int
    link: int
    is_whole: bool
    is_date_alone: bool
    keeps_date: bool
    label: str


class Found(NamedTuple):
    """How a record was read with care: its lines by what they are, and its link as printed."""

    title: Line
    date: Line
    summary_lines: Sequence[Line]
    link: str | None
    keeps_date: bool
    label: str


def _recipe_of(record: Record, plan: Plan, entry: Entry, found: Found) -> Recipe | None:
    """How an entry was read, None where nothing says which of its links is the entry's."""
    title = found.title
    roles = tuple([_role(line, entry, found) for line in record.lines])
    at = roles.index(TITLE), roles.index(DATE if DATE in roles else TITLE)
    is_plain = title.date is None and title.text == entry.title
    if is_plain and len(title.links) == 1 and title.linked > 0.97 and not title.links[0].meta:
        link = title.place.links[0][0]
    elif found.link is None and record.said.hrefs:
        return None
    elif found.link is None or any(each.href == found.link for each in title.links):
        link = -1
    else:
        link = _element_of(record, plan, found.link)
        if link < 0:
            return None
    is_whole = is_plain and (link >= 0 or not record.said.hrefs)
    is_alone = found.date.text == entry.dateline
    return Recipe(roles, *at, link, is_whole, is_alone, found.keeps_date, found.label)


def _element_of(record: Record, plan: Plan, href: str) -> int:
    """The element of a record with a link that the record has once, -1 without one."""
    markup = record.reader.markup
    hrefs = [(markup.attribute(record.root + link, "href") or "").strip() for link in plan.links]
    return plan.links[hrefs.index(href)] if hrefs.count(href) == 1 else -1


def _role(line: Line, entry: Entry, found: Found) -> str:
    if line is found.title:
        return TITLE
    if line is found.date:
        return DATE
    if any(line is each for each in found.summary_lines):
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

    def note(self, record: Record, entry: Entry | None, found: Found | None) -> None:
        """Keep how a record was read, if it can be read so once more with the same result."""
        plan, recipe = record.plan, None
        if plan is None or len(self._recipes.get(id(plan), ())) == _ENOUGH:
            return
        if entry is not None and found is not None and not record.carried:
            recipe = _recipe_of(record, plan, entry, found)
            if recipe and self._filled(record, plan, recipe, entry.position) != entry:
                recipe = None
        self._recipes.setdefault(id(plan), []).append(recipe)

    def entry(self, record: Record, position: int) -> Entry | None:
        """A record as an entry, None where it has to be read with care."""
        plan = record.plan
        known = self._recipes.get(id(plan)) if plan is not None and not record.carried else None
        if (
            plan is None
            or not known
            or len(known) < _ENOUGH
            or known[0] is None
            or known[0] != known[1]
        ):
            return None
        return self._filled(record, plan, known[0], position)

    def _filled(self, record: Record, plan: Plan, recipe: Recipe, position: int) -> Entry | None:
        reader, root = self._reader, record.root
        said: dict[str, list[str]] = {}
        for role, place in zip(recipe.roles, plan.lines, strict=True):
            if role is DATE or (role is TITLE and not recipe.is_whole):
                continue
            text = reader.text_at(root, place)
            if not self._can_be(role, text, place):
                return None
            said.setdefault(role, []).append(text)
        title, link = self._headline(root, plan.lines[recipe.title], recipe, said)
        if recipe.link >= 0:
            link = reader.markup.attribute(root + recipe.link, "href")
        dateline = self._dateline(root, plan, recipe)
        kicker = said.get(KICKER, [None])[0]
        if dateline is None or not title or title == kicker:
            return None
        if plan.links and not is_own_link(link):
            return None
        image = next(filter(None, (source_of(reader, root + n) for n, _ in plan.images)), None)
        return Entry(
            position,
            kicker,
            title,
            dateline.text,
            dateline.date,
            dateline.date_end,
            dateline.place,
            " ".join(said.get(SUMMARY, ())) or None,
            self._resolve(link),
            self._resolve(image),
            parse_credit(said[CREDIT][0]) if CREDIT in said else None,
        )

    def _headline(
        self, root: int, place: Place, recipe: Recipe, said: dict[str, list[str]]
    ) -> tuple[str | None, str | None]:
        """The title of a record and the link of its line, no title where the line has none."""
        if recipe.is_whole:
            return said[TITLE][0], None
        line = self._reader.line_at(root, place)
        title, link = headline_of(line, keeps_date=recipe.keeps_date)
        title = title.removeprefix(recipe.label)
        can_be = not MAY_BE_CREDIT.match(line.text) and letters(line.rest) > 2
        return title if can_be and self._can_be(TITLE, title, place) else None, link

    def _can_be(self, role: str, text: str, place: Place) -> bool:
        """Whether a text is of the kind that stood in its place in the records before."""
        if role is CREDIT:
            return parse_credit(text) is not None
        if MAY_BE_CREDIT.match(text):
            return False
        if role is TITLE:
            return _can_be_title(text, is_heading=place.level > 0)
        if role is SUMMARY:
            return _is_summary(text) and not is_notice(text) and not self._columns.is_repeated(text)
        if role is KICKER:
            return _can_be_kicker(text)
        return bool(place.meta or place.level) or not _is_summary(text)

    def _dateline(self, root: int, plan: Plan, recipe: Recipe) -> Dateline | None:
        """The dateline of a record, None where its date is of another kind."""
        place = plan.lines[recipe.date]
        if not recipe.is_date_alone:
            line = self._reader.line_at(root, place)
            is_whole = line.date is not None and line.date.year and not is_later(line)
            beside = kicker_beside_date(line)
            has_kicker = beside and (
                recipe.date != recipe.title or not line.text.startswith(beside)
            )
            return dateline_of(line, self._order) if is_whole and not has_kicker else None
        found = self._reader.dates[2 * root + place.slots[place.dated]].date
        text = self._reader.text_at(root, place)
        if found.is_range or not found.year or found.end - found.start < len(text):
            return None
        return Dateline(text, found.date(month_first=self._order.month_first), None, None)


def is_own_link(link: str | None) -> bool:
    """Whether an address may be that of an entry, not of its author or its comments."""
    return bool(link) and not leads_to_meta(link or "")


def _is_summary(text: str) -> bool:
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
