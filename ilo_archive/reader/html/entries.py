"""From the records of a list to its entries: which line is the title, the date, the summary."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from ilo_archive.reader.block import is_size
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.html.alike_records import (
    MAY_BE_CREDIT,
    AlikeReader,
    Found,
    ends_sentence,
    source_of,
)
from ilo_archive.reader.html.columns import Column, Columns, keyed
from ilo_archive.reader.html.datelines_of_lines import (
    dateline_of,
    is_later,
    kicker_beside_date,
)
from ilo_archive.reader.html.day_month_order import DayMonthOrder
from ilo_archive.reader.html.headlines import begins_with_hours, headline_of
from ilo_archive.reader.html.lines import Line, LineReader, leads_to_meta
from ilo_archive.reader.html.markup import Markup
from ilo_archive.reader.html.record import Record, RecordList, sample
from ilo_archive.reader.html.titles_in_lines import has_words, is_code, letters
from ilo_archive.reader.html.words import (
    begins_as_meta,
    is_button,
    is_file,
    is_more,
    names_title_column,
)
from ilo_archive.reader.list_names import is_notice
from ilo_archive.text.credits import Credit, parse_credit
from ilo_archive.text.datelines import Dateline
from ilo_archive.text.dates_in_lines import month_of

Resolve = Callable[[str | None], str | None]
"""Makes an address as printed absolute, None where it is no address."""

_LOOKED_AT = 30  # records of a list from which its columns are learned
_FEW_SHAPES = 3
_OF_A_SHAPE = 5  # where all records are of a few shapes


class Context(NamedTuple):
    """What holds for all entries of a page."""

    reader: LineReader
    order: DayMonthOrder
    resolve: Resolve


def entries_of(record_list: RecordList, context: Context) -> list[tuple[Entry, Record]]:
    """The entries of a list, each with its record; records without title and date are left out.
    Where no record has a title, the dates are those of something else.
    """
    records = record_list.records
    columns = Columns(_looked_at(records), _headers(context.reader.markup, record_list.parent))
    alike = AlikeReader(context.reader, columns, context.order, context.resolve)
    found: list[tuple[Entry, Record]] = []
    for record in records:
        position = len(found) + 1
        entry = alike.entry(record, position)
        if entry is None:
            reading = _Reading(record, columns, context)
            entry = reading.entry(position)
            alike.note(record, entry, reading.found())
        if entry is not None:
            found.append((entry, record))
    return _without_bullets(found) if any(entry.title for entry, _ in found) else []


def _looked_at(records: Sequence[Record]) -> list[Record]:
    """The records from which the columns are learned: some of each shape where there are few."""
    shapes: dict[int, list[Record]] = {}
    for record in records:
        shapes.setdefault(id(record.plan) if record.own is None else 0, []).append(record)
    if len(shapes) > _FEW_SHAPES or 0 in shapes:
        return [records[at] for at in sample(len(records), _LOOKED_AT)]
    return [each[at] for each in shapes.values() for at in sample(len(each), _OF_A_SHAPE)]


def _without_bullets(found: list[tuple[Entry, Record]]) -> list[tuple[Entry, Record]]:
    """The entries without the image that stands before each of them: an arrow, a dot."""
    images = {entry.image for entry, _ in found}
    if len(found) < 3 or len(images) > 1 or images == {None}:
        return found
    return [(replace(entry, image=None), record) for entry, record in found]


def _headers(markup: Markup, parent: int) -> dict[int, str]:
    """The words over the columns of a table, by cell."""
    table = next((n for n in markup.ancestors(parent) if markup.tags[n] == "table"), -1)
    if table < 0 or markup.tags[parent] not in ("table", "tbody"):
        return {}
    row = next((n for n in range(table, markup.end(table)) if markup.tags[n] == "tr"), -1)
    cells = markup.children(row) if row >= 0 else []
    is_head = row >= 0 and markup.tags[markup.parent(row)] == "thead"
    if len(cells) < 2 or not (is_head or all(markup.tags[cell] == "th" for cell in cells)):
        return {}
    return {at: markup.text_of(cell)[:60] for at, cell in enumerate(cells, start=1)}


class _Reading:
    """The parts of one record."""

    def __init__(self, record: Record, columns: Columns, context: Context) -> None:
        self.record, self.columns, self.context = record, columns, context
        self.keyed = keyed(record.lines)
        self.at = dict(self.keyed)
        self.summary_lines: list[Line] = []
        self.keeps_date, self.label = False, ""
        self._is_card = _is_one_link(record.lines)
        self.date_line = self._dated_line()
        self.title, self.link, self.title_line = self._headline()

    def entry(self, position: int) -> Entry | None:
        """The record as an entry, None where it names nothing."""
        dateline = self._dateline()
        if self.title is None and (dateline is None or dateline.date is None):
            return None
        credit, kicker, summary = self._around_title()
        return Entry(
            position=position,
            kicker=kicker,
            title=self.title,
            dateline=dateline.text if dateline else None,
            date=dateline.date if dateline else None,
            date_end=dateline.date_end if dateline else None,
            place=(dateline.place if dateline else None) or self._place(),
            summary=summary,
            link=self.context.resolve(self._link()),
            image=self.context.resolve(self._image()),
            credit=credit,
        )

    def found(self) -> Found | None:
        """How the record was read, for others of its shape; None where it is not that simple."""
        title, date = self.title_line, self.date_line
        if title is None or date is None or title.place.role:
            return None
        return Found(title, date, self.summary_lines, self._link(), self.keeps_date, self.label)

    # -- date --------------------------------------------------------------------------

    def _dated_line(self) -> Line | None:
        lines = [self.at[key] for key in self.columns.dates if key in self.at and self.at[key].date]
        if not lines:
            lines = [line for line in self.record.lines if line.date and _is_short_dated(line)]
        return min(lines, key=is_later, default=None)

    def _dateline(self) -> Dateline | None:
        line = self.date_line or self.record.carried
        if line is None or line.date is None:
            return self._without_day() if self.columns.dates else None
        if not line.date.year:
            return self._without_year(line)
        return dateline_of(line, self.context.order)

    def _without_day(self) -> Dateline | None:
        """A month and a year where the other entries of a list have a day."""
        for line in self.record.lines:
            if _MONTH_AND_YEAR.fullmatch(line.text) and month_of(line.text.split()[0].strip(".")):
                return Dateline(line.text, None, None, None)
        return None

    def _without_year(self, line: Line) -> Dateline | None:
        """A day whose year another part of the page has; None for a day that is relative."""
        date = line.date
        assert date is not None
        if not date.named:
            return None
        year = _year_in_links(self.record.said.hrefs, date.month)
        printed = line.text[date.start : date.end]
        return Dateline(printed, date._replace(year=year).date() if year else None, None, None)

    # -- title -------------------------------------------------------------------------

    def _headline(self) -> tuple[str | None, str | None, Line | None]:
        by_role = [line for line in self.record.lines if line.place.role == "title"]
        if by_role:
            link = next((headline_of(line)[1] for line in by_role if line.links), None)
            return " ".join([line.text for line in by_role]), link, by_role[0]
        for key in self.columns.titles:
            line = self.at.get(key) or self.columns.top_line(key, self.at)
            if line is None or line.place.role in ("kicker", "dateline", "credit", "summary"):
                continue
            column = self.columns.column(key)
            keeps_date = column is not None and column.keeps_dates and line is not self.date_line
            text, href = headline_of(line, keeps_date=keeps_date)
            label = _label_of_titles(column)
            text = text.removeprefix(label)
            if self._can_be_title(line, text) or key == self.columns.codes:
                self.keeps_date, self.label = keeps_date, label
                return self._with_next(line, text, href), href, line
        return None, None, None

    def _with_next(self, line: Line, text: str, href: str | None) -> str:
        """The title with its other paragraph: one of two links to the same address, of which the
        lower one goes on in lower case.
        """
        lines = self.record.lines
        at = next(n for n, each in enumerate(lines) if each is line)
        if at + 1 < len(lines) and _goes_on(line, lines[at + 1], href):
            return f"{text} {lines[at + 1].text}"
        if at and _goes_on(lines[at - 1], line, href):
            return f"{lines[at - 1].text} {text}"
        return text

    def _can_be_title(self, line: Line, text: str) -> bool:
        if (
            letters(text) < 2 - bool(line.links or line.place.level)
            or (is_button(text) and not line.place.level)
            or _credit_of(line)
        ):
            return False
        return line is not self.date_line or letters(line.rest) > 2

    def _link(self) -> str | None:
        """The address of the title, else of "read more", else the only one of the record."""
        if self.link and not leads_to_meta(self.link):
            return self.link
        links = [link for line in self.record.lines for link in line.links if not link.meta]
        more = next((link.href for link in links if is_more(link.text)), None)
        if more:
            return more
        said = {link.href for line in self.record.lines for link in line.links}
        bare = [
            href for href in self.record.said.hrefs if href not in said and not leads_to_meta(href)
        ]
        if bare:
            return bare[0]
        beside = (
            [link.href for link in self.date_line.links if not link.meta] if self.date_line else []
        )
        left = {link.href for link in links if not is_button(link.text)}
        if len(left) == 1:
            return left.pop()
        first = next((link.href for link in links if not is_button(link.text)), None)
        return beside[0] if beside else first or self.link

    # -- the rest ----------------------------------------------------------------------

    def _around_title(self) -> tuple[Credit | None, str | None, str | None]:
        credit: Credit | None = None
        above: list[Line] = []
        below: list[tuple[str, Line]] = []
        title_line = self._printed_title()
        is_below = title_line is None
        for key, line in self.keyed:
            if line.place.role == "title" or line is title_line:
                is_below = True
            elif found := _credit_of(line):
                credit = credit or found
            elif is_below:
                below.append((key, line))
            else:
                above.append(line)
        return credit, self._kicker(above), self._summary(above, below)

    def _printed_title(self) -> Line | None:
        """The line of the title; where a link over the whole card says it too, the line below."""
        again = [line for line in self.record.lines if line.text == self.title]
        return again[-1] if again else self.title_line

    def _kicker(self, above: Sequence[Line]) -> str | None:
        for line in above:
            is_above = line.place.role == "kicker" or (
                line.place.role is None and self._is_kicker(line)
            )
            if is_above and line.text != self.title:
                return line.text
        beside = kicker_beside_date(self.date_line) if self.date_line else None
        return beside if beside and not (self.title or "").startswith(beside) else None

    def _is_kicker(self, line: Line) -> bool:
        """Whether a line above the title is its kicker, in a table one of the same cell."""
        title = self.title_line
        is_apart = line.place.cell and (
            title is None or title.place.cell != line.place.cell or line.place.tag in ("td", "th")
        )
        return not is_apart and _can_be_kicker(line)

    def _summary(self, above: Sequence[Line], below: Sequence[tuple[str, Line]]) -> str | None:
        said = [(line, text) for key, line in below if (text := self._summary_of(key, line))]
        paragraphs = [(line, text) for line, text in said if line.place.tag == "p"]
        if 2 * sum([len(text) for _, text in paragraphs]) >= sum([len(text) for _, text in said]):
            said = paragraphs
        self.summary_lines = [line for line, _ in said]
        return " ".join([text for _, text in said]) or self._short_summary(above, below)

    def _short_summary(
        self, above: Sequence[Line], below: Sequence[tuple[str, Line]]
    ) -> str | None:
        """The only line beside title and date, which is what an entry says however short."""
        left = [line for _, line in below if line is not self.date_line]
        if self.columns.records < 2 or len(left) != 1 or above[1:] or not self.date_line:
            return None
        line = left[0]
        is_note = line.place.meta or line.place.cell or begins_as_meta(line.text) or line.links
        is_text = has_words(line.text) and not is_note and not is_button(line.text)
        return line.text if is_text and not is_size(line.text) and line.text != self.title else None

    def _summary_of(self, key: str, line: Line) -> str | None:
        """A line below the title as a part of the summary, None where it is none."""
        text, role = line.text, line.place.role
        if role == "summary":
            return text
        if (
            line is self.date_line
            or text == self.title
            or _MONTH_AND_YEAR.fullmatch(text)
            or role in ("dateline", "kicker")
            or is_notice(text)
        ):
            return None
        is_note = is_button(text) and not (line.linked < 0.5 and text.endswith("."))
        if is_size(text) or is_note or line.place.meta:
            return None
        if line.date is not None and not _is_text_of_day(line):
            return None
        if (line.linked > 0.6 and not self._is_card) or self.columns.is_repeated(text):
            return None
        said = _without_buttons(line, self.link)
        return said if said and not line.place.level and self._is_summary(key, line, said) else None

    def _is_summary(self, key: str, line: Line, text: str) -> bool:
        """Whether the text of a line is one rather than a note of a word or two."""
        is_prose = ends_sentence(text)
        is_note = begins_as_meta(text) or begins_with_hours(text)
        if is_note and len(text) < 80 and not is_prose:
            return False
        if is_code(text):
            return False
        column = None
        if ":" in text or "：" in text or not (is_prose or len(text) >= 60):
            column = self.columns.column(key)
            if column is not None and column.label:
                return False
        if len(text) >= 60 or is_prose or line.place.role == "summary":
            return True
        if (column is not None and column.is_summary) or (line.date and line.place.tag == "p"):
            return True
        return len(text) >= 25 and line.place.tag == "p"

    def _place(self) -> str | None:
        """The place that a heading below the title names: "at the Town Hall"."""
        for line in self.record.lines:
            if line is not self.title_line and line.place.level and line.text.startswith("at "):
                return line.text[3:]
        return None

    def _image(self) -> str | None:
        images = self.record.said.images
        return next(filter(None, (source_of(self.context.reader, each) for each in images)), None)


_MONTH_AND_YEAR = re.compile(r"[^\W\d_]{3,12}\.? (?:de )?(?:19|20)\d\d")
_YEAR_AND_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/]?(\d\d?)(?!\d{3})")


def _year_in_links(hrefs: Sequence[str], month: int) -> int | None:
    """The year that an address of an entry names beside its month: /2016/03/otters."""
    for href in hrefs:
        found = _YEAR_AND_MONTH.search(href)
        if found and int(found[2]) == month:
            return int(found[1])
    return None


_LONGEST_KICKER = 60  # characters


def _label_of_titles(column: Column | None) -> str:
    """The label before each title of a column, "Case name: "; an empty text without one."""
    label = column.label if column is not None else ""
    return label if names_title_column(label) else ""


def _is_short_dated(line: Line) -> bool:
    return len(line.text) < 60 or len(line.rest) < 30


def _credit_of(line: Line) -> Credit | None:
    text = line.text
    if line.place.role not in (None, "credit") or len(text) > 160 or not MAY_BE_CREDIT.match(text):
        return None
    return parse_credit(text)


def _is_text_of_day(line: Line) -> bool:
    """Whether a line with a date besides that of the entry is a text: "Deadline: 5 May 2015"."""
    count = letters(line.rest)
    return count > 2 and (count > 11 or line.text.endswith(".") or not begins_as_meta(line.text))


def _goes_on(line: Line, below: Line, href: str | None) -> bool:
    """Whether two lines are links to one address in one form, the lower one in lower case."""
    if href is None or not (line.links and below.links and below.text[0].islower()):
        return False
    is_same = line.links[0].href == below.links[0].href == href
    is_alike = below.place.bold == line.place.bold and below.place.tag == line.place.tag
    return is_same and is_alike and min(line.linked, below.linked) > 0.95


def _is_one_link(lines: Sequence[Line]) -> bool:
    """Whether all lines are in one link: a card."""
    hrefs = {line.links[0].href if line.links and line.linked > 0.9 else None for line in lines}
    return len(lines) > 1 and len(hrefs) == 1 and None not in hrefs


def _can_be_kicker(line: Line) -> bool:
    text = line.text
    if len(text) > _LONGEST_KICKER or line.date:
        return False
    if (
        not has_words(text)
        or (is_button(text) and not is_file(text))
        or begins_as_meta(text)
        or text[-1] in ":："
    ):
        return False
    return len(line.links) < 2


def _without_buttons(line: Line, link: str | None) -> str | None:
    """A text without the links at its end that lead on to the whole of the entry."""
    text = line.text
    for each in reversed(line.links):
        if not text.endswith(each.text) or each.text == text:
            break
        if not (is_button(each.text) or each.href == link):
            break
        text = text[: -len(each.text)].rstrip(" \xa0|([»")
    return text or None
