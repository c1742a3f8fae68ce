"""What the lines at one place of the records of a list have in common: which place has the titles,
which the dates, which the summaries.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

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

_STOPS = (".", "。", "…")
_PROSE_ENDS = frozenset('.!?…。！？»"”)')
_NUMBER = re.compile(r"\d+")
_FILE_NAME = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|rtf|odt|zip)$", re.IGNORECASE)
_LABEL = re.compile(r"[^:：\d]{2,30}[:：]\s")


@dataclass(slots=True)
class Place:
    """The lines found at one place, with the positions that they have in their records; `again`
    counts those that lead where a line above them leads.
    """

    lines: list[Line] = field(default_factory=list)
    positions: int = 0
    again: int = 0


class Column(NamedTuple):
    """The lines at one place. All but `length` and the scores are shares, 0 to 1."""

    title_score: float
    date_rank: tuple[object, ...]
    dated: float
    distinct: float
    is_summary: bool
    keeps_dates: bool
    label: str


def column_of(place: Place, records: int, header: str, *, has_plain_dates: bool) -> Column:
    """Look at the lines of a place once. `header` are the words over its column in a table,
    `has_plain_dates` says that another place has the dates of the records.
    """
    lines, count = place.lines, len(place.lines)
    alone = are_dates_alone(lines)
    keeps_dates = has_plain_dates and not alone
    headlines = [headline_of(line, keeps_date=keeps_dates)[0] for line in lines]
    wordings = {_NUMBER.sub("", headline) for headline in headlines}
    # Titles differ in their words; "Document 16/8512" differs in its number only.
    distinct = (len(set(headlines)) + 2 * len(wordings)) / (3 * count)
    length = sum(map(len, headlines)) / count
    worded = sum(map(letters, headlines)) / count
    said = _said(lines, headlines)
    label = _common_label(lines)
    score = -9.0
    if not alone and worded >= (1 if said.headings == count else 3):
        score = said.merit / count + 2.5 * distinct + 2.5 * count / records + min(length, 50) / 40
        score -= said.fault / count + 0.06 * place.positions / count + place.again / count
        score -= _shape_faults(said, count, length, worded, distinct, label)
        score += _header_score(header)
    return Column(
        score,
        (
            -min(1.0, round(said.dated / records, 1)),
            length > 90,
            2 * said.later > count,
            2 * said.headings > count,
            place.positions / count,
        ),
        said.dated / count,
        distinct,
        _is_summary(said, count, length, worded, distinct, label),
        keeps_dates,
        label,
    )


class _Said(NamedTuple):
    """Sums over the lines of a column."""

    merit: float
    fault: float
    dated: int
    later: int
    headings: int
    linked: int
    meta: int
    noted: int
    prose: int


def _said(lines: Sequence[Line], headlines: Sequence[str]) -> _Said:
    return _Said(
        sum([_merit(line) for line in lines]),
        sum([_fault(line, headline) for line, headline in zip(lines, headlines, strict=True)]),
        sum([line.date is not None for line in lines]),
        sum([line.date is not None and _leads_to_later(line) for line in lines]),
        sum([line.place.level > 0 for line in lines]),
        sum([line.linked >= 0.5 for line in lines if line.links]),
        sum([_is_linked_meta(line) for line in lines if line.links]),
        sum([begins_as_meta(line.text) for line in lines]),
        sum([len(line.text) > 60 and line.text[-1] in _PROSE_ENDS for line in lines]),
    )


def _merit(line: Line) -> float:
    """What makes a line a title: a heading, a link, bold print, a class that says so."""
    place = line.place
    merit = 3.0 - 0.1 * place.level if place.level else 0.0
    if line.links:
        merit += 0.6
        if line.linked >= 0.5 and not line.links[0].meta:
            merit += 2.0
    return merit + 0.7 * place.bold + 0.8 * place.title


def _fault(line: Line, headline: str) -> float:
    """What makes a line no title: a link of its author, the words of a button, a full stop."""
    place = line.place
    fault = 1.5 * place.above
    fault += 3.0 * (_is_linked_meta(line) if line.links else place.meta)
    if not place.level and is_button(line.text):
        fault += 5
    if is_code(headline) or "://" in headline or _FILE_NAME.search(headline):
        fault += 2
    if line.text[-1:] in _STOPS:
        fault += 1.2
    return fault


def _is_linked_meta(line: Line) -> bool:
    return line.place.meta or all(link.meta for link in line.links)


def _leads_to_later(line: Line) -> bool:
    return line.date is not None and leads_to_later_date(line.text[: line.date.start])


def _shape_faults(
    said: _Said, count: int, length: float, worded: float, distinct: float, label: str
) -> float:
    """What speaks against titles in the column as a whole."""
    faults = 3.0 * said.noted / count if said.noted > 0.6 * count else 0.0
    faults += max(0.0, 0.12 * (12 - length)) + max(0.0, (length - 160) / 80)
    faults += 3.5 if worded < 0.4 * min(length, 40) else 0
    faults += 2 if distinct < 0.5 and count > 3 else 0
    faults += 2 if said.prose > 0.5 * count and length > 90 and said.linked < 0.5 * count else 0
    if label:
        faults += -2 if names_title_column(label) else 2.5
    return faults


def _is_summary(
    said: _Said, count: int, length: float, worded: float, distinct: float, label: str
) -> bool:
    """Whether the lines are texts that differ from record to record, and no links."""
    return (
        length >= 25
        and distinct > 0.6
        and max(said.linked, said.headings, said.meta) < 0.3 * count
        and not label
        and worded > 0.6 * min(length, 40)
        and said.dated < 0.5 * count
    )


def are_dates_alone(lines: Sequence[Line]) -> bool:
    """Whether most lines are a date and nothing else."""
    alone = sum([each.date is not None and letters(each.rest) < 4 for each in lines])
    return alone > 0.5 * len(lines)


def _common_label(lines: Sequence[Line]) -> str:
    """The label that nearly all lines begin with, "Case name: "; else an empty text."""
    found = _LABEL.match(lines[0].text) if len(lines) > 2 else None
    if found and sum([line.text.startswith(found[0]) for line in lines]) > 0.8 * len(lines):
        return found[0]
    return ""


def _header_score(header: str) -> float:
    if not header:
        return 0.0
    return 2.0 if names_title_column(header) else -2.0 if names_other_column(header) else 0.0


# -- the columns of a list -----------------------------------------------------------------

_SENTENCE = 40  # characters of a text that a button does not have
_LOWEST_TITLE = -5.0
_MOST_TITLES = 8
_LONG_PROSE = 160  # characters of a text in the mean; court captions and long headlines have fewer


class Columns:
    """The columns of a list by place, each looked at when it is asked for."""

    def __init__(self, records: Sequence[Record], headers: Mapping[int, str]) -> None:
        """`headers` name the cells of the table that the records are rows of."""
        self.records = len(records)
        self._headers = headers
        self._places = _places(records)
        self._has_plain_dates = any(are_dates_alone(p.lines) for p in self._places.values())
        self._columns: dict[str, Column] = {}
        self.repeated = Counter(
            [text for record in records for text in {line.text for line in record.lines}]
        )

    def column(self, key: str) -> Column | None:
        """The column of a place, None where no record that was looked at has a line there."""
        found = self._columns.get(key)
        place = self._places.get(key)
        if found is None and place is not None:
            header = self._headers.get(place.lines[0].place.cell, "") if self._headers else ""
            found = self._columns[key] = column_of(
                place, self.records, header, has_plain_dates=self._has_plain_dates
            )
        return found

    def top_line(self, key: str, lines: Mapping[str, Line]) -> Line | None:
        """The line of a record that stands where most have the line at `key`, above all others of
        its path: what stands between it and the date is missing in this one. None if none does.
        """
        base, _, count = key.rpartition("-")
        if not count.isdigit() or f"{base}-{int(count) + 1}" in self._places:
            return None
        if 2 * len(self._places[key].lines) < self.records:
            return None
        lower = [f"{base}-{n}" for n in range(int(count) - 1, 0, -1)]
        return next((lines[each] for each in (*lower, base) if each in lines), None)

    def is_repeated(self, text: str) -> bool:
        """Whether more than a third of the records say a text, of a sentence most of them."""
        is_told = len(text) >= _SENTENCE and text[-1:] in _STOPS
        share = 0.6 if is_told else 0.34
        return self.records > 2 and self.repeated[text] > max(1, share * self.records)

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The places in the order in which a title is looked for."""
        plain = self._only_linked_heading()
        if plain is not None:
            return (plain,)
        scores = {key: self._at(key).title_score for key in self._places}
        found = [key for key, score in scores.items() if score > _LOWEST_TITLE]
        found.sort(key=lambda key: -scores[key])
        found = found[:_MOST_TITLES]
        if self.codes and found and self._is_prose(found[0]):
            return (self.codes, *found)
        return tuple(found)

    @cached_property
    def codes(self) -> str | None:
        """The place where each record has another number or code with its link, None without one:
        the title where all else is prose ("15-1202", "No. 81" beside question and answer).
        """
        for key, place in self._places.items():
            lines = place.lines
            said = {line.text for line in lines if line.linked > 0.9}
            are_codes = len({_NUMBER.sub("", text) for text in said}) == 1 or all(
                map(is_code, said)
            )
            is_full = len(said) == len(lines) == self.records > 2
            if is_full and are_codes and not _are_of_readers(lines):
                return key
        return None

    def _is_prose(self, key: str) -> bool:
        """Whether a place has long texts without links, more than a title would say."""
        lines = self._places[key].lines
        long = sum([len(line.text) for line in lines]) > _LONG_PROSE * len(lines)
        return long and not any(line.links or line.place.level for line in lines)

    @cached_property
    def dates(self) -> tuple[str, ...]:
        """The places with the dates of most records, that of publication first."""
        dated = {key: _share_dated(place.lines) for key, place in self._places.items()}
        found = [key for key, share in dated.items() if share >= 0.5]
        if len(found) > 1:
            found.sort(key=self._date_rank)
        return tuple(found)

    def _date_rank(self, key: str) -> tuple[object, ...]:
        """The rank of a place with dates; below another date a place ranks as it does without."""
        plain = key.rstrip(">")
        return self._at(plain if plain in self._places else key).date_rank

    def _at(self, key: str) -> Column:
        found = self.column(key)
        assert found is not None
        return found

    def _only_linked_heading(self) -> str | None:
        """The place of the only heading of each record, a link that is another one each time: on
        most pages there is one, and nothing else has to be weighed.
        """
        headings = [key for key, place in self._places.items() if place.lines[0].place.level]
        if len(headings) != 1:
            return None
        lines = self._places[headings[0]].lines
        said = {line.text for line in lines if line.date is None and _is_plain_link(line)}
        return headings[0] if len(said) == len(lines) == self.records else None


def _are_of_readers(lines: Sequence[Line]) -> bool:
    return any(_is_linked_meta(line) for line in lines)


def _is_plain_link(line: Line) -> bool:
    """Whether a line is one link with a word, which leads to no author or category."""
    return len(line.links) == 1 and not line.links[0].meta and letters(line.text) > 3


def _share_dated(lines: Sequence[Line]) -> float:
    return sum([line.date is not None for line in lines]) / len(lines)


def _places(records: Sequence[Record]) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for record in records:
        led_to: set[str] = set()
        for at, (key, line) in enumerate(keyed(record.lines)):
            place = places.get(key)
            if place is None:
                place = places[key] = Place()
            place.lines.append(line)
            place.positions += at
            if line.links:
                hrefs = {link.href for link in line.links}
                place.again += not hrefs.isdisjoint(led_to)
                led_to |= hrefs
    return places


def keyed(lines: Sequence[Line]) -> list[tuple[str, Line]]:
    """The lines of a record with their places, of which none comes twice."""
    seen: dict[str, int] = {}
    found = []
    for line in lines:
        key = line.place.key
        count = seen.get(key, 0)
        seen[key] = count + 1
        found.append((f"{key}+{count}" if count else key, line))
    return found
