"""A plain-text rendition of a page: paragraphs and numbers instead of tags.

A text has no structure but its lines, so a small grammar over them finds lists and entries.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, islice, pairwise
from operator import attrgetter

from ilo_archive.reader.block import MAX_BLOCKS, Block, PageRefused
from ilo_archive.reader.doubts import doubts_of_entries, is_cut_text
from ilo_archive.reader.entry import Entry, Section
from ilo_archive.reader.entry_grammar import has_full_stop, is_sentence, joined, line, read_entry
from ilo_archive.reader.html.words import is_more
from ilo_archive.reader.list_names import is_foot, is_list_name, is_notice, names_office
from ilo_archive.reader.page_parts import PageParts
from ilo_archive.reader.paragraph_runs import (
    is_contact,
    with_entries_of_text,
    with_headings_apart,
)
from ilo_archive.reader.plain_text import SKIP_LINK, is_trail, text_blocks
from ilo_archive.text.credits import parse_credit
from ilo_archive.text.datelines import parse_dateline


def read_text(text: str) -> PageParts:
    """Read a text. Raises PageRefused for one of too many paragraphs."""
    found = list(islice(text_blocks(text), MAX_BLOCKS + 1))
    if len(found) > MAX_BLOCKS:
        raise PageRefused(f"no page: more than {MAX_BLOCKS:,} paragraphs")
    blocks = _with_entries(found)
    listings = _listings(blocks)
    sections = []
    for listing in listings:
        entries = _entries(listing, is_cut=listing[-1] is blocks[-1])
        if entries:
            sections.append(Section(_heading(blocks, listing[0]), tuple(entries)))
    office, description = _front(blocks, {id(block) for each in listings for block in each})
    said = " ".join([block.text for block in blocks if not block.bare])
    doubts = list(doubts_of_entries(sections, order_is_proved=False))
    if blocks and is_cut_text(blocks[-1].text):
        doubts.append("the text may be cut: its last paragraph has no end")
    ends_in_entry = bool(listings and listings[-1][-1] is blocks[-1])
    return PageParts(
        "text",
        office,
        description,
        tuple(sections),
        tuple(doubts),
        said,
        ends_in_entry=ends_in_entry,
    )


def _with_entries(blocks: list[Block]) -> list[Block]:
    """The blocks, those of entries numbered as items of lists."""
    return with_headings_apart(blocks) if _listings(blocks) else with_entries_of_text(blocks)


def _listings(blocks: Sequence[Block]) -> list[list[Block]]:
    """The numbered lists of a text but trails: menus and breadcrumbs are lists too."""
    lists = [list(group) for number, group in groupby(blocks, attrgetter("listing")) if number]
    return [each for each in lists if not each[0].bare and not is_contact(each)]


def _entries(listing: Sequence[Block], *, is_cut: bool) -> list[Entry]:
    entries: list[Entry] = []
    items = [list(group) for _, group in groupby(listing, attrgetter("item"))]
    if any(block.gap for block in listing):
        items = [part for item in items for part in _cut_at_gaps(item)]
    for item in items:
        entry = read_entry(len(entries) + 1, item, is_last=is_cut and item is items[-1])
        if entry:
            entries.append(entry)
    return entries


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


# -- what stands around the lists ----------------------------------------------------------

_MONTH_AND_YEAR = re.compile(r"[^\W\d_]{3,12}\.? (?:de )?(?:19|20)\d\d(?: г\.?)?")


def _heading(blocks: Sequence[Block], first: Block) -> str | None:
    """The paragraph right above a list, unless it is a sentence or the name of the page."""
    at = next(n for n, block in enumerate(blocks) if block is first)
    above = blocks[at - 1] if at else None
    if above is None or (at < 2 and not _MONTH_AND_YEAR.fullmatch(above.text)):
        return None
    text = line(above.text)
    is_other = above.listing or is_sentence(text) or parse_credit(text)
    return None if is_other else text


def _names_list(text: str) -> bool:
    """Whether a line is the heading of a list: "News", "July 2023"."""
    return is_list_name(text) or bool(_MONTH_AND_YEAR.fullmatch(text))


def _front(blocks: Sequence[Block], listed: set[int]) -> tuple[str | None, str | None]:
    """The name of the office, and its description: the running text outside of the lists."""
    outside = [block for block in blocks if id(block) not in listed]
    at, name = _name(outside)
    described: list[Block] = []
    below = outside[at + 1 :]
    for block, after in pairwise([*below, None]):
        if block is None or is_notice(block.text):
            break
        if _describes(block) or (not described and _welcomes(block, after)):
            described.append(block)
    is_name = name is not None and names_office(name) and not _names_list(name)
    return name if is_name else None, joined(described)


def _name(outside: Sequence[Block]) -> tuple[int, str | None]:
    """The first words that can be a name, with their place; -1 without a name."""
    menu_names = {n - 1 for n, block in enumerate(outside) if block.bare and block.listing}
    plain = [n for n, block in enumerate(outside) if n not in menu_names and _names(block)]
    if not plain or has_full_stop(line(outside[plain[0]].text)) or "©" in outside[plain[0]].text:
        return -1, None
    if _is_slogan(outside, plain):
        plain = plain[1:]
    first = outside[plain[0]].text
    above, _, below = first.partition("\n")
    # A slogan below the name runs into it; the name alone stands further down.
    again = next((n for n in plain[1:] if outside[n].text == above), None) if below else None
    return (again, above) if again is not None else (plain[0], line(first))


def _is_slogan(outside: Sequence[Block], plain: Sequence[int]) -> bool:
    """Whether the first words are a slogan right above the name: "Promoting jobs"."""
    if len(plain) < 2 or plain[1] != plain[0] + 1:
        return False
    first, second = (line(outside[at].text) for at in plain[:2])
    return not names_office(first) and names_office(second) and not has_full_stop(second)


def _names(block: Block) -> bool:
    """Whether a block can be a name: no link, and no line above the page that leads elsewhere."""
    if block.bare or block.listing or block.text.startswith("©"):
        return False
    return not SKIP_LINK.match(block.text) and not is_trail(line(block.text))


def _welcomes(block: Block, after: Block | None) -> bool:
    """Whether a line without a full stop begins the description: a sentence goes on below."""
    if after is None or block.listing or block.bare or _names_list(block.text):
        return False
    if is_more(block.text):
        return False
    return _describes(after) and not parse_credit(line(block.text)) and "©" not in block.text


def _describes(block: Block) -> bool:
    if block.listing or block.bare or "©" in block.text:
        return False
    text = line(block.text)
    return not is_foot(text) and is_sentence(text) and not parse_credit(text)
