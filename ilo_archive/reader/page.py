"""Blocks -> Page: the office, its description and its entries, section by section."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any

from ilo_archive.reader.block import EMPHASIS, Block, is_size
from ilo_archive.reader.blocks import to_blocks
from ilo_archive.reader.charset import Charset
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.entry_grammar import is_sentence, joined, line, read_entry
from ilo_archive.reader.paragraph_runs import (
    FOOT,
    LIST_NAME,
    with_entries_of_text,
    with_flat_entries,
    with_headings_apart,
)
from ilo_archive.reader.plain_text import SKIP_LINK, TRAIL
from ilo_archive.text.credits import parse_credit
from ilo_archive.text.datelines import parse_dateline
from ilo_archive.text.language import detect_language

READER_VERSION = 1
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Section:
    """A list of entries under its heading, None where the list has none."""

    heading: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What a capture says. `office` is None on a page whose first line names a list; `charset`
    is what the bytes were read in, and what told it.
    """

    office: str | None
    description: str | None
    language: str | None
    template: str
    sections: tuple[Section, ...]
    warnings: tuple[str, ...]
    charset: Charset

    @property
    def entries(self) -> list[tuple[Section, Entry]]:
        """Every entry with its section, in reading order."""
        return [(section, entry) for section in self.sections for entry in section.entries]


def read_page(body: bytes, url: str | None = None, content_type: str | None = None) -> Page:
    """Read a homepage or news list, HTML or plain text.

    `url` is the page's address (links become absolute against it), `content_type` the HTTP
    header. `warnings` names what was unsure. Raises PageRefused for a body that would take
    seconds or gigabytes.
    """
    found = to_blocks(body, content_type)
    is_text = found.template == "text"
    blocks = _with_flat(found.blocks, is_text=is_text)
    listings = _listings(blocks, is_text=is_text)
    warnings = list(found.warnings)
    sections = []
    for listing in listings:
        entries = _entries(listing, url, is_cut=is_text and listing[-1] is blocks[-1])
        if entries:
            entries = _without_bullets(entries)
            sections.append(Section(_heading(blocks, listing[0]), tuple(entries)))
            warnings += [doubt for entry in entries for doubt in _doubts(entry)]
    if not sections:
        warnings.append("no entries found")
    office, description = _front(blocks, {id(block) for each in listings for block in each})
    said = " ".join(filter(None, [description, *_words(sections)]))
    language = detect_language(said) or detect_language(_all_text(blocks))
    if _is_month_first(sections, language):
        sections = [_month_first(section) for section in sections]
    return Page(
        office,
        description,
        language,
        found.template,
        tuple(sections),
        tuple(warnings),
        found.charset,
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


def _all_text(blocks: Sequence[Block]) -> str:
    """Names, headings and kickers too, which alone may hold a word of the language."""
    return " ".join([block.text for block in blocks if not block.bare])


def _words(sections: Sequence[Section]) -> Iterator[str]:
    for section in sections:
        for entry in section.entries:
            yield from filter(None, (entry.title, entry.summary))


# -- dates that two readings fit -----------------------------------------------------------

_MONTH_FIRST = re.compile(
    r"(?:[^\W\d_]{3,9}\.? \d\d?,? \d{4})\b|\d\d?([/-])(?:1[3-9]|2\d|3[01])\1(?:\d\d){1,2}\b"
)


def _is_month_first(sections: Sequence[Section], language: str | None) -> bool:
    """Whether "03/04/2015" is 4 March on a page: other dates of it, in English, have the month
    first ("June 2, 2022", "04/20/2015"), as those of the Washington office do, and none is of
    the other kind.
    """
    if language not in ("en", None):
        return False
    printed = [each.dateline for section in sections for each in section.entries if each.dateline]
    doubtful = [_is_ambiguous(each) for each in printed]
    if not any(doubtful):
        return False
    plain = [each for each, is_doubtful in zip(printed, doubtful, strict=True) if not is_doubtful]
    return bool(plain) and all(_MONTH_FIRST.match(each) for each in plain)


def _is_ambiguous(dateline: str) -> bool:
    read = parse_dateline(dateline)
    return read is not None and read.ambiguous


def _month_first(section: Section) -> Section:
    return replace(section, entries=tuple(map(_with_month_first, section.entries)))


def _with_month_first(entry: Entry) -> Entry:
    read = parse_dateline(entry.dateline or "", "en-US")
    if read is None or not read.ambiguous:
        return entry
    return replace(entry, date=read.date, date_end=read.date_end)


# -- the parts of a page -------------------------------------------------------------------

_ORGANISATION = re.compile(
    r"(?<![A-Za-z])(?:ILO|OIT|BIT|OIL|IAO|IAA)(?![A-Za-z])|\b(?:МОТ|[Оо]рганизаци[яи] труда"
    r"|Organi[sz]ation|Organización|Organização|Organizzazione|Office|Bureau|Oficina|Escritório"
    r"|Ufficio|Büro|Бюро)\b|منظمة|مكتب|劳工|労働|事務所|办事处|แรงงาน|สำนักงาน"
)
_NOTICE = re.compile(r"©\s*(?:19|20)\d\d|copyright", re.IGNORECASE)


def _with_flat(blocks: list[Block], *, is_text: bool) -> list[Block]:
    if not is_text:
        return with_flat_entries(blocks)
    if _listings(blocks, is_text=True):
        return with_headings_apart(blocks)
    return with_entries_of_text(blocks)


def _listings(blocks: Sequence[Block], *, is_text: bool) -> list[list[Block]]:
    """The lists that hold entries: those that say more than links do, in a text also every
    numbered list but a trail (menus, breadcrumbs and link boxes are lists too).
    """
    lists = [list(group) for number, group in groupby(blocks, attrgetter("listing")) if number]
    if is_text:
        return [each for each in lists if not each[0].bare]
    return [each for each in lists if _has_entries(each)]


def _has_entries(listing: Sequence[Block]) -> bool:
    """Whether an item has a part beside its link: a date, a summary, a size."""
    return any(
        one.item == other.item and not (one.bare and other.bare) for one, other in pairwise(listing)
    )


def _items(listing: Sequence[Block]) -> list[list[Block]]:
    return [list(group) for _, group in groupby(listing, attrgetter("item"))]


def _entries(listing: Sequence[Block], url: str | None, *, is_cut: bool) -> list[Entry]:
    entries: list[Entry] = []
    items = _items(listing)
    if any(block.gap for block in listing):
        items = [part for item in items for part in _cut_at_gaps(item)]
    for item in items:
        entry = read_entry(len(entries) + 1, item, url, is_last=is_cut and item is items[-1])
        if entry:
            entries.append(entry)
    return entries


def _without_bullets(entries: list[Entry]) -> list[Entry]:
    """The entries without the image that stands before each of them: an arrow, a dot."""
    images = {entry.image for entry in entries}
    if len(entries) < 3 or len(images) > 1 or images == {None}:
        return entries
    return [replace(entry, image=None) for entry in entries]


def _cut_at_gaps(item: list[Block]) -> Iterator[list[Block]]:
    """An item that swallowed the next one, whose number was lost with its empty kicker or its
    title (observed in damaged renditions), is cut at the gap.
    """
    gaps = [at for at, block in enumerate(item) if block.gap and at]
    dated = [at for at, block in enumerate(item) if parse_dateline(block.text)] if gaps else []
    cut = next((at for at in gaps if dated and dated[0] < at <= dated[-1]), None)
    if cut is None:
        yield item
    else:
        yield item[:cut]
        yield item[cut:]


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
    if at < 2 and not _is_above_name(blocks, at):
        return None
    above = blocks[at - 1]
    if at > 1 and above.bare and not above.level and 1 < blocks[at - 2].level < EMPHASIS:
        above = blocks[at - 2]  # the link beside a heading: "View all"
    is_name = above.level == 1 or above.listing
    text = line(above.text)
    is_text = is_sentence(text) and not 1 < above.level < EMPHASIS
    return None if is_name or is_text or parse_credit(text) else text


def _is_above_name(blocks: Sequence[Block], at: int) -> bool:
    """Whether the first list of a page, in a side column, stands above the name of the page."""
    has_heading = at == 1 and 1 < blocks[0].level < EMPHASIS
    return has_heading and any(block.level == 1 for block in blocks)


def _front(blocks: Sequence[Block], listed: set[int]) -> tuple[str | None, str | None]:
    """The name of the office, and its description: the running text outside of the lists."""
    outside = [block for block in blocks if id(block) not in listed]
    at = _name_at(outside)
    if at is None:
        return None, None
    name = line(outside[at].text)
    office = name if _ORGANISATION.search(name) and not LIST_NAME.fullmatch(name) else None
    told = []
    for block in outside[at + 1 :]:
        if block.text[:1] in "©cC" and _NOTICE.match(block.text):
            break
        if _describes(block):
            told.append(block)
    return office, joined(told)


def _name_at(outside: Sequence[Block]) -> int | None:
    """The main heading, else what looks like one and names an office, else the first words."""
    wanted: tuple[Callable[[Block], object], ...] = (
        lambda block: block.level == 1,
        lambda block: block.level and _ORGANISATION.search(block.text),
        lambda block: block.level,
    )
    for fits in wanted:
        found = next((n for n, block in enumerate(outside) if fits(block) and _names(block)), None)
        if found is not None:
            return found
    menu_names = {n - 1 for n, block in enumerate(outside) if block.bare and block.listing}
    plain = [n for n, block in enumerate(outside) if n not in menu_names and _names(block)][:2]
    is_slogan = _is_slogan_above([outside[n] for n in plain])
    return plain[1] if is_slogan else plain[0] if plain else None


def _names(block: Block) -> bool:
    """Whether a block can be a name: no link, and no line above the page that leads elsewhere."""
    if block.bare or block.listing or block.text.startswith("©"):
        return False
    return not SKIP_LINK.match(block.text) and not TRAIL.search(line(block.text))


def _is_slogan_above(plain: Sequence[Block]) -> bool:
    """Whether the slogan of the organisation stands above the name of an office: the second
    line of a text names one, the first does not, nor does it name a list.
    """
    if len(plain) < 2 or LIST_NAME.fullmatch(plain[0].text) or is_sentence(plain[1].text):
        return False
    named = [bool(_ORGANISATION.search(block.text)) for block in plain]
    return named == [False, True]


def _describes(block: Block) -> bool:
    if block.listing or block.bare or 0 < block.level < EMPHASIS:
        return False
    text = line(block.text)
    if is_size(text) or FOOT.search(text):
        return False
    return is_sentence(text) and not parse_credit(text)
