"""Blocks -> Page: the office, its description and its entries, section by section.

The grammar of an entry is the order in which the parts are printed: credit, kicker, title,
dateline, summary; every part but the title may be missing. Roles that a template hints at
go before position, and position before form.
"""

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from ilo_archive.blocks import Block, to_blocks
from ilo_archive.credit import Credit, parse_credit
from ilo_archive.dates import Dateline, parse_dateline
from ilo_archive.language import detect_language
from ilo_archive.offices import absolute

READER_VERSION = 1
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as printed. `position` counts from 1 within its section; `dateline` is the
    printed date with its place, `date` and `date_end` the days it means.
    """

    position: int
    kicker: str | None = None
    title: str | None = None
    dateline: str | None = None
    date: datetime.date | None = None
    date_end: datetime.date | None = None
    place: str | None = None
    summary: str | None = None
    link: str | None = None
    image: str | None = None
    credit: Credit | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A list of entries under its heading, None where the list has none."""

    heading: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What a capture says. `office` is None on a page whose first line names a list."""

    office: str | None
    description: str | None
    language: str | None
    template: str
    sections: tuple[Section, ...]
    warnings: tuple[str, ...]

    @property
    def entries(self) -> list[tuple[Section, Entry]]:
        """Every entry with its section, in reading order."""
        return [(section, entry) for section in self.sections for entry in section.entries]


def read_page(body: bytes, url: str | None = None, content_type: str | None = None) -> Page:
    """Read a homepage or news list, HTML or plain text.

    `url` is the page's address (links become absolute against it), `content_type` the HTTP
    header. Whatever the bytes are, the answer is a Page; `warnings` names what was unsure.
    """
    found = to_blocks(body, content_type)
    warnings = list(found.warnings)
    blocks = found.blocks
    listings = _listings(blocks, is_text=found.template == "text")
    sections = tuple(_section(blocks, each, url, warnings) for each in listings)
    sections = tuple(section for section in sections if section.entries)
    listed = {block.listing for each in listings for block in each}
    office, description = _front(blocks, listed)
    if not sections:
        warnings.append("no entries found")
    said = " ".join(filter(None, [description, *_words(sections)]))
    return Page(
        office, description, detect_language(said), found.template, sections, tuple(warnings)
    )


def as_record(page: Page, source: str) -> dict[str, Any]:
    """The reading as `read` prints it; the contract fixes the names."""
    return {
        "schema": SCHEMA,
        "source": source,
        "template": page.template,
        "language": page.language,
        "office": page.office,
        "description": page.description,
        "sections": [
            {"heading": section.heading, "entries": [_entry_record(e) for e in section.entries]}
            for section in page.sections
        ],
        "warnings": list(page.warnings),
    }


def _entry_record(entry: Entry) -> dict[str, Any]:
    record = asdict(entry)
    record["date"] = entry.date and entry.date.isoformat()
    record["date_end"] = entry.date_end and entry.date_end.isoformat()
    return record


def _words(sections: Sequence[Section]) -> Iterator[str]:
    for section in sections:
        for entry in section.entries:
            yield from filter(None, (entry.title, entry.summary))


# -- what a paragraph looks like -----------------------------------------------------------

# A full stop after a word of three letters or more, or after a bracket or quote; initials
# ("W. N. Funded Projects") and abbreviations end no sentence.
_SENTENCE_END = re.compile(
    r"(?:[^\W\d_]{3,}|\d|[)\]”»\"'’])(?:[.!?…]|[。！？؟।])[\"”»’')\]]*(?=\s|$)"
)
_FULL_STOP = re.compile(r"(?:[.!…][\"”»’')\]]*|[。！])$")
_SIZE_NOTE = re.compile(r"\b\d+(?:[.,]\d+)?\s*[kmg]b\b", re.IGNORECASE)

_ORGANISATION = re.compile(
    r"\b(?:ILO|OIT|BIT|OIL|IAO|IAA|МОТ|Organi[sz]ation|Organización|Organização|Organizzazione"
    r"|Office|Bureau|Oficina|Escritório|Ufficio|Büro|Бюро|организаци\w*)\b|منظمة|مكتب|劳工|労働|แรงงาน"
)
_LIST_NAME = re.compile(
    r"(?:what[’']?s new|news(?: and articles| ?room)?|latest(?: news)?|highlights|press releases?"
    r"|events(?: (?:&|and) meetings)?|publications?|actualités?|nouvelles|noticias|notícias"
    r"|novedades|comunicati stampa|notizie|aktuelles|neuigkeiten|новости|что нового|新闻|新着情報)",
    re.IGNORECASE,
)


def _is_sentence(text: str) -> bool:
    return bool(_SENTENCE_END.search(text)) or _ends_sentence(text)


def _ends_sentence(text: str) -> bool:
    """A full stop after a few words; "ILO, Inc." is none, nor is "Round table held online?"."""
    return bool(_FULL_STOP.search(text)) and (len(text.split()) > 3 or not text.isascii())


def _continues(text: str) -> bool:
    """Whether a paragraph goes on with the one before: no title starts in lower case."""
    return text[:1].islower()


def _line(text: str) -> str:
    return text.replace("\n", " ")


def _joined(blocks: Sequence[Block]) -> str | None:
    return " ".join(_line(block.text) for block in blocks) or None


# -- the page ------------------------------------------------------------------------------


def _listings(blocks: Sequence[Block], *, is_text: bool) -> list[list[Block]]:
    """The lists that hold entries: in a text every list, in HTML those that say more than
    links do (menus, breadcrumbs and link boxes are lists too).
    """
    lists = [
        list(group) for number, group in groupby(blocks, lambda block: block.listing) if number
    ]
    return lists if is_text else [each for each in lists if _has_entries(each)]


def _has_entries(listing: Sequence[Block]) -> bool:
    """Whether an item has a part beside its link: a date, a summary, a size."""
    return any(len(item) > 1 and not all(block.bare for block in item) for item in _items(listing))


def _items(listing: Sequence[Block]) -> list[list[Block]]:
    return [list(group) for _, group in groupby(listing, lambda block: block.item)]


def _front(blocks: Sequence[Block], listed: set[int]) -> tuple[str | None, str | None]:
    """Name of the office and its description: what stands before the first section."""
    outside = [block for block in blocks if block.listing not in listed or not block.listing]
    start = next((n for n, block in enumerate(outside) if block.level == 1), 0)
    if start >= len(outside):
        return None, None
    name = _line(outside[start].text)
    office = name if _ORGANISATION.search(name) and not _LIST_NAME.fullmatch(name) else None
    before_first = _until_listing(blocks, outside[start], listed)
    told = [block for block in before_first if _describes(block)]
    return office, _joined(told)


def _until_listing(blocks: Sequence[Block], first: Block, listed: set[int]) -> list[Block]:
    """The blocks after `first` and before the first list of entries."""
    at = next(n for n, block in enumerate(blocks) if block is first) + 1
    end = next((n for n in range(at, len(blocks)) if blocks[n].listing in listed), len(blocks))
    return list(blocks[at:end])


def _describes(block: Block) -> bool:
    text = _line(block.text)
    return not (block.listing or block.bare or block.level or parse_credit(text)) and _is_sentence(
        text
    )


def _section(
    blocks: Sequence[Block], listing: Sequence[Block], url: str | None, warnings: list[str]
) -> Section:
    entries: list[Entry] = []
    for parts in _entry_blocks(listing):
        entry = _entry(len(entries) + 1, parts, url)
        if entry is None:
            continue
        warnings.extend(_doubts(entry))
        entries.append(entry)
    return Section(_heading(blocks, listing[0]), tuple(entries))


def _doubts(entry: Entry) -> Iterator[str]:
    if entry.title is None:
        yield f"entry without a title, dated {entry.dateline}"
    if entry.dateline and entry.date is None:
        yield f"date not understood: {entry.dateline}"
    dateline = parse_dateline(entry.dateline or "")
    if dateline and dateline.ambiguous:
        yield f"day and month could be the other way round: {entry.dateline}"


def _heading(blocks: Sequence[Block], first: Block) -> str | None:
    """The paragraph right above a list, unless it is a sentence or the name of the page."""
    at = next(n for n, block in enumerate(blocks) if block is first)
    if at < 2:
        return None
    above = blocks[at - 1]
    is_name = above.level == 1 or above.listing
    text = _line(above.text)
    return None if is_name or _is_sentence(text) or parse_credit(text) else text


def _entry_blocks(listing: Sequence[Block]) -> Iterator[list[Block]]:
    """The blocks of each entry. An item that swallowed the next one, whose number was lost
    with its empty kicker (observed in damaged renditions), is cut at the gap.
    """
    for item in _items(listing):
        dated = [n for n, block in enumerate(item) if parse_dateline(block.text)]
        cut = next(
            (n for n, block in enumerate(item) if block.gap and dated and dated[0] < n < dated[-1]),
            None,
        )
        if cut is None:
            yield item
        else:
            yield item[:cut]
            yield item[cut:]


# -- an entry ------------------------------------------------------------------------------


def _entry(position: int, blocks: Sequence[Block], url: str | None) -> Entry | None:
    """Read the blocks of one item; None where they name no thing (a box of the template)."""
    credit, rest = _split_credits(blocks)
    dateline, before, after = _split_at_date(rest)
    if dateline:
        kicker, title = _kicker_and_title(before)
    else:
        before, after = _split_undated(before)
        kicker, title = _kicker_and_title(before)
    if title is None and dateline is None:
        return None
    if dateline is None and len(blocks) > 1 and _LIST_NAME.fullmatch(blocks[-1].text):
        return None  # a box of the flat form that runs into the heading of the list
    summary = _joined([block for block in after if not _SIZE_NOTE.search(block.text)])
    titled = [block for block in before if block.link]
    link = next((block.link for block in (*reversed(titled), *rest) if block.link), None)
    image = next((block.image for block in blocks if block.image), None)
    return Entry(
        position=position,
        kicker=kicker,
        title=title,
        dateline=dateline.text if dateline else None,
        date=dateline.date if dateline else None,
        date_end=dateline.date_end if dateline else None,
        place=dateline.place if dateline else None,
        summary=summary,
        link=_resolved(link, url),
        image=_resolved(image, url),
        credit=credit,
    )


def _resolved(link: str | None, url: str | None) -> str | None:
    """Absolute when the page's address is known, else as printed."""
    return absolute(link, url) if link and url else link


def _split_credits(blocks: Sequence[Block]) -> tuple[Credit | None, list[Block]]:
    """The credit above the title, and the blocks that are none."""
    found = None
    rest: list[Block] = []
    for block in blocks:
        credit = parse_credit(_line(block.text)) if block.role in (None, "credit") else None
        if credit is None:
            rest.append(block)
        else:
            found = found or credit
    return found, rest


def _split_at_date(
    blocks: Sequence[Block],
) -> tuple[Dateline | None, list[Block], list[Block]]:
    """The dateline with what stands before and after it; all is `before` without one.

    A line that names a day without a year ("8 March" as a kicker) gives way to a full date.
    """
    found = [
        (at, dateline)
        for at, block in enumerate(blocks)
        if block.role not in ("title", "kicker", "summary")
        and (dateline := parse_dateline(block.text))
    ]
    if not found:
        return None, list(blocks), []
    at, dateline = next((each for each in found if each[1].date), found[0])
    return dateline, list(blocks[:at]), list(blocks[at + 1 :])


def _split_undated(blocks: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """Without a date the paragraphs at the end that are sentences are the summary."""
    titled = next((n for n, block in enumerate(blocks) if block.role == "title"), None)
    if titled is not None:
        return list(blocks[: titled + 1]), list(blocks[titled + 1 :])
    end = len(blocks)
    while end > 1 and _is_summary(blocks[end - 1].text):
        end -= 1
    return list(blocks[:end]), list(blocks[end:])


def _is_summary(text: str) -> bool:
    """A sentence; or one that was cut after its first full stop."""
    text = _line(text)
    stop = _SENTENCE_END.search(text)
    return _ends_sentence(text) or bool(stop and stop.end() < len(text))


def _kicker_and_title(blocks: Sequence[Block]) -> tuple[str | None, str | None]:
    """Of the paragraphs above the dateline the first is the kicker when there are two."""
    if not blocks:
        return None, None
    titled = next((n for n, block in enumerate(blocks) if block.role == "title"), None)
    if titled is not None:
        return _joined(blocks[:titled]), _joined(blocks[titled:])
    if len(blocks) == 1 or blocks[0].gap or _continues(blocks[1].text):
        return None, _joined(blocks)
    return _line(blocks[0].text), _joined(blocks[1:])
