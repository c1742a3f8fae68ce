"""What the lines at one place of the records of a list have in common: which place has the titles,
which the dates, which the summaries.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ilo_archive.reader.html.headlines import headline_of
from ilo_archive.reader.html.lines import Line
from ilo_archive.reader.html.record import Record
from ilo_archive.reader.html.titles_in_lines import is_code, letters
from ilo_archive.reader.html.words import (
    begins_as_meta,
    is_button,
    leads_to_later_date,
    names_other_column,
    names_title_column,
)

_PROSE_END = re.compile(r"[.!?…。！？»\"”)]$")
_NUMBER = re.compile(r"\d+")
_LABEL = re.compile(r"[^:：\d]{2,30}[:：]\s")


class Column:
    """The lines at one place. All shares are 0 to 1."""

    def __init__(
        self,
        lines: Sequence[Line],
        positions: Sequence[int],
        records: int,
        *,
        keeps_dates: bool,
        again: int,
    ) -> None:
        """`again` counts the lines that lead where a line above them leads."""
        self.lines = lines
        self.again = again / len(lines)
        self.keeps_dates = keeps_dates
        self.count = len(lines)
        self.present = self.count / records
        self.position = sum(positions) / self.count
        self.label = _common_label(lines)
        self._headlines = [headline_of(line, keeps_date=keeps_dates)[0] for line in lines]
        wordings = {_NUMBER.sub("", headline) for headline in self._headlines}
        # Titles differ in their words; "Document 16/8512" differs in its number only.
        self.distinct = (len(set(self._headlines)) + 2 * len(wordings)) / (3 * self.count)
        self.length = sum(map(len, self._headlines)) / self.count
        self.letters = sum(map(letters, self._headlines)) / self.count
        self.dated = self._share(lambda line: line.date is not None)

    def _share(self, test) -> float:  # type: ignore[no-untyped-def]
        return sum(1 for line in self.lines if test(line)) / self.count

    @cached_property
    def title_score(self) -> float:
        """How much the column looks like the titles of a list."""
        if _are_dates_alone(self.lines):
            return -9.0
        if self.letters < 3:
            return -9.0
        return self._merits() - self._faults()

    def _merits(self) -> float:
        level = self._share(lambda line: line.place.level > 0)
        highest = min((line.place.level for line in self.lines if line.place.level), default=6)
        linked = self._share(lambda line: line.linked >= 0.5 and not line.links[0].meta)
        return (
            2.4 * level
            + 0.1 * level * (6 - highest)
            + 2.0 * linked
            + 0.6 * self._share(lambda line: bool(line.links))
            + 2.5 * self.distinct
            + 2.5 * self.present
            + 0.7 * self._share(lambda line: line.place.bold)
            + 0.8 * self._share(lambda line: line.place.title)
            + min(self.length, 50) / 40
        )

    def _faults(self) -> float:
        meta = self._share(lambda line: line.place.meta or _are_meta(line))
        button = self._share(lambda line: is_button(line.text) and not line.place.level)
        noted = self._share(lambda line: begins_as_meta(line.text))
        codes = sum(is_code(each) or "://" in each for each in self._headlines) / self.count
        faults = 3 * meta + 5 * button + 0.06 * self.position + 2 * codes
        faults += 3 * noted if noted > 0.6 else 0
        faults += max(0.0, 0.12 * (12 - self.length)) + max(0.0, (self.length - 160) / 80)
        faults += 3.5 if self.letters < 0.4 * min(self.length, 40) else 0
        faults += 2 if self.distinct < 0.5 and self.count > 3 else 0
        faults += 1.5 * self._share(lambda line: line.place.above)
        faults += 2 if self.is_prose and not self.is_linked else 0
        faults += self.again
        faults += 1.2 * self._share(lambda line: line.text[-1:] in ".。…")
        if self.label:
            faults += -2 if names_title_column(self.label) else 2.5
        return faults

    @cached_property
    def is_prose(self) -> bool:
        """Whether most lines are long and end as sentences do."""
        return (
            self._share(lambda line: len(line.text) > 60 and bool(_PROSE_END.search(line.text))) > 0.5
            and self.length > 90
        )

    @cached_property
    def is_linked(self) -> bool:
        """Whether most lines are links."""
        return self._share(lambda line: line.linked >= 0.5) > 0.5

    @cached_property
    def is_summary(self) -> bool:
        """Whether the lines are texts that differ from record to record, and no links."""
        return (
            self.length >= 25
            and self.distinct > 0.6
            and self._share(lambda line: line.linked >= 0.5) < 0.3
            and self._share(lambda line: line.place.level > 0) < 0.3
            and not self.label
            and self.letters > 0.6 * min(self.length, 40)
            and self.dated < 0.5
            and self._share(_are_meta) < 0.3
        )

    @cached_property
    def is_repeated(self) -> bool:
        """Whether the lines say the same in most records: a button, a category."""
        return self.count > 3 and self.distinct <= 0.3

    def date_rank(self) -> tuple[object, ...]:
        """What orders the columns with dates, the one of publication first."""
        later = self._share(
            lambda line: line.date is not None and leads_to_later_date(line.text[: line.date.start])
        )
        level = self._share(lambda line: line.place.level > 0)
        return (
            -min(1.0, round(self.present * self.dated, 1)),
            self.length > 90,
            later > 0.5,
            level > 0.5,
            self.position,
        )


def _are_meta(line: Line) -> bool:
    return bool(line.links) and all(link.meta for link in line.links)


def _common_label(lines: Sequence[Line]) -> str:
    """The label that nearly all lines begin with, "Case name: "; else an empty text."""
    found = _LABEL.match(lines[0].text) if len(lines) > 2 else None
    if found and sum(line.text.startswith(found[0]) for line in lines) > 0.8 * len(lines):
        return found[0]
    return ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a list by place, in the order in which titles and dates are looked for."""

    by_key: Mapping[str, Column]
    titles: tuple[str, ...]
    dates: tuple[str, ...]
    repeated: Counter[str]
    records: int

    def is_repeated(self, text: str) -> bool:
        """Whether more than a third of the records say a text."""
        return self.records > 2 and self.repeated[text] > max(1, self.records // 3)


_LOWEST_TITLE = -5.0
_MOST_TITLES = 8


def columns_of(records: Sequence[Record], headers: Mapping[int, str]) -> Columns:
    """The columns of some records of a list; `headers` name the cells of its table."""
    lines: dict[str, list[Line]] = defaultdict(list)
    positions: dict[str, list[int]] = defaultdict(list)
    again: Counter[str] = Counter()
    for record in records:
        led_to: set[str] = set()
        for at, (key, line) in enumerate(keyed(record)):
            lines[key].append(line)
            positions[key].append(at)
            hrefs = {link.href for link in line.links}
            again[key] += bool(hrefs & led_to)
            led_to |= hrefs
    alone = {key for key, found in lines.items() if _are_dates_alone(found)}
    columns = {
        key: Column(
            lines[key],
            positions[key],
            len(records),
            keeps_dates=bool(alone) and key not in alone,
            again=again[key],
        )
        for key in lines
    }
    scores = {key: column.title_score + _header_score(column, headers) for key, column in columns.items()}
    titles = sorted((key for key in columns if scores[key] > _LOWEST_TITLE), key=lambda k: -scores[k])
    dates = [key for key, column in columns.items() if column.dated >= 0.5]
    dates.sort(key=lambda key: columns[key].date_rank())
    repeated = Counter(text for record in records for text in {line.text for line in record.lines})
    return Columns(columns, tuple(titles[:_MOST_TITLES]), tuple(dates), repeated, len(records))


def _are_dates_alone(lines: Sequence[Line]) -> bool:
    """Whether most lines are a date and nothing else."""
    return sum(1 for each in lines if each.date and letters(each.rest) < 4) > 0.5 * len(lines)


def keyed(record: Record) -> list[tuple[str, Line]]:
    """The lines of a record with their places, of which none comes twice."""
    seen: dict[str, int] = {}
    found = []
    for line in record.lines:
        key = line.place.key
        count = seen.get(key, 0)
        seen[key] = count + 1
        found.append((f"{key}+{count}" if count else key, line))
    return found


def _header_score(column: Column, headers: Mapping[int, str]) -> float:
    header = headers.get(column.lines[0].place.cell, "")
    if not header:
        return 0.0
    return 2.0 if names_title_column(header) else -2.0 if names_other_column(header) else 0.0
