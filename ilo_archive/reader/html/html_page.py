"""An HTML page from its bytes: parse, dates, lists, entries, what stands around them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import urljoin

from ilo_archive.offices import absolute
from ilo_archive.reader.doubts import doubts_of_dates, doubts_of_entries
from ilo_archive.reader.entry import Entry, Section
from ilo_archive.reader.html.dated_texts import dated_texts
from ilo_archive.reader.html.day_month_order import DayMonthOrder, day_month_order
from ilo_archive.reader.html.entries import Context, entries_of
from ilo_archive.reader.html.lines import LineReader
from ilo_archive.reader.html.lists import lists_of
from ilo_archive.reader.html.markup import parse_markup
from ilo_archive.reader.html.record import Covered, Record, RecordList
from ilo_archive.reader.html.records import without_readers
from ilo_archive.reader.html.section_headings import heading_above, heading_between
from ilo_archive.reader.html.surroundings import Surroundings
from ilo_archive.reader.page_parts import PageParts

Read = list[tuple[RecordList, list[tuple[Entry, Record]]]]


def read_html(body: bytes, charset: str, url: str | None) -> PageParts:
    """Read the bytes of an HTML page. Raises PageRefused for a page that the parser gives up on."""
    markup = parse_markup(body, charset)
    if markup is None:
        return PageParts("html", None, None, (), ("the markup holds no page",), "")
    dates = dated_texts(markup)
    order = day_month_order(markup, dates, url)
    reader, lists = lists_of(markup, dates)
    context = Context(reader, order, _resolver(url, markup.base))
    read = [(record_list, entries_of(record_list, context)) for record_list in lists]
    sections = tuple(_sections(reader, read))
    covered = Covered(record for _, each in read for _, record in each)
    around = Surroundings(reader, covered)
    return PageParts(
        markup.template or "html",
        around.office(),
        around.description(),
        sections,
        tuple(_doubts(reader, order, sections, covered)),
        markup.joined,
        "en" if order.month_first and order.is_proved else None,
    )


def _resolver(url: str | None, base: str | None) -> Callable[[str | None], str | None]:
    """What makes an address absolute: against `base href`, and that against the page's address."""
    try:
        start = urljoin(url or "", base.strip()) if base else url
    except ValueError:  # "http://[" in a hand-made page
        start = url
    if not start:
        return lambda href: href or None
    origin = "/".join(start.split("/", 3)[:3]) if start[:4] == "http" else ""

    def resolve(href: str | None) -> str | None:
        if not href:
            return None
        if _PLAIN.fullmatch(href):  # most links, in a tenth of the time
            return origin + href if href[0] == "/" and origin else absolute(href, start)
        return absolute(href, start)

    return resolve


_PLAIN = re.compile(r"/(?!/)[\w/?&=%+~-]+(?:\.[\w?&=%+~-]+)*")


def _sections(
    reader: LineReader, found: Iterable[tuple[RecordList, Sequence[tuple[Entry, Record]]]]
) -> Iterator[Section]:
    for record_list, read in found:
        if not read:
            continue
        for heading, entries in _by_heading(reader, record_list, read):
            numbered = [
                entry if entry.position == at else replace(entry, position=at)
                for at, (entry, _) in enumerate(entries, start=1)
            ]
            yield Section(heading, tuple(numbered))


def _by_heading(
    reader: LineReader, record_list: RecordList, read: Sequence[tuple[Entry, Record]]
) -> Iterator[tuple[str | None, list[tuple[Entry, Record]]]]:
    """The entries of a list under the headings that stand between them."""
    group: list[tuple[Entry, Record]] = []
    heading = heading_above(reader, record_list, read[0][1])
    for entry, record in read:
        above = group and heading_between(reader, record_list, group[-1][1], record)
        day = _day_heading(record)
        if group and (above or day != _day_heading(group[-1][1])):
            yield _day_heading(group[-1][1]) or heading, group
            group, heading = [], above or None
        group.append((entry, record))
    yield _day_heading(group[-1][1]) or heading, group


def _day_heading(record: Record) -> str | None:
    line = record.carried
    return line.text if line is not None and line.place.level else None


def _doubts(
    reader: LineReader, order: DayMonthOrder, sections: Sequence[Section], covered: Covered
) -> Iterator[str]:
    yield from doubts_of_entries(sections, order_is_proved=order.is_proved)
    strong = [
        each for each in without_readers(reader, list(reader.dates.values())) if not each.weak
    ]
    outside = sum(1 for each in strong if not covered.has(each.slot))
    dated = sum(entry.date is not None for section in sections for entry in section.entries)
    yield from doubts_of_dates(len(strong), outside, dated)
