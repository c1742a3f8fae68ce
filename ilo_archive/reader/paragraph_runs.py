"""Entries of a text that no number marks: runs of paragraphs around a date, or a title that is
printed twice.
"""

import re
from collections.abc import Sequence
from itertools import groupby, pairwise
from operator import attrgetter

from ilo_archive.reader.block import Block, is_size
from ilo_archive.reader.entry_grammar import is_sentence, line
from ilo_archive.reader.list_names import is_foot, is_list_name
from ilo_archive.text.credits import parse_credit
from ilo_archive.text.datelines import parse_dateline

LISTING = 20_000
"""The list that entries of this kind belong to, above the numbers of any other."""

_LONGEST_KICKER = 60  # characters
_PHONE = re.compile(r"\b(?:tel|fax|phone|tél|тел|факс)\b\.?\s*:?\s*[+(]?\d", re.IGNORECASE)
_ADDRESS = re.compile(r"\w@\w+\.\w")


def is_contact(blocks: Sequence[Block]) -> bool:
    """Whether an item is the address of an office, with its telephone."""
    return any(_PHONE.search(block.text) for block in blocks)


def _as_items(blocks: Sequence[Block], runs: Sequence[Sequence[int]]) -> list[Block]:
    items = {at: number for number, run in enumerate(runs, start=LISTING) for at in run}
    return [
        block._replace(item=items[at], listing=LISTING) if at in items else block
        for at, block in enumerate(blocks)
    ]


# -- the flat form --------------------------------------------------------------------------


def with_headings_apart(blocks: list[Block]) -> list[Block]:
    """The blocks of a text, the names of lists apart from the entries above them, which the flat
    form does not divide. A box above the first list, which ends in its name, is left out.
    """
    items = [list(group) for _, group in groupby(blocks, attrgetter("item"))]
    found: list[Block] = []
    started = 0  # lists, by headings
    for item, below in pairwise([*items, []]):
        moved = [b._replace(listing=b.listing + started) if b.listing else b for b in item]
        if not _runs_into_heading(item, below):
            found += moved
            continue
        started += 1
        if any(map(_is_dated, item)) or (found and _is_of_list(found[-1])):
            found += [*moved[:-1], item[-1]._replace(item=0, listing=0)]
    return found


def _runs_into_heading(item: Sequence[Block], below: Sequence[Block]) -> bool:
    if len(item) < 2 or not below or item[0].listing != below[0].listing:
        return False
    return not item[0].bare and is_list_name(item[-1].text)


def _is_of_list(above: Block) -> bool:
    return bool(above.item or is_list_name(above.text))


def _is_dated(block: Block) -> bool:
    found = parse_dateline(block.text)
    return found is not None and found.date is not None


# -- texts without lists -------------------------------------------------------------------


def with_entries_of_text(blocks: list[Block]) -> list[Block]:
    """The blocks of a text without lists, those of entries numbered as items of one list."""
    lines = [line for block in blocks for line in _lines_of(block)]
    if cards := _cards(lines):
        return _as_items(lines, cards)
    if not any(_has_date(block) for block in lines):
        return blocks
    dates = {at for at, block in enumerate(lines) if _has_date(block)}
    split = _date_first if _has_sentences_above(lines, dates) else _title_first
    return _as_items(lines, _without_headings(lines, split(lines, dates)))


def _lines_of(block: Block) -> list[Block]:
    """The lines of a paragraph that has a date among them: renditions of line breaks."""
    lines = [block._replace(text=text) for text in block.text.split("\n")]
    return lines if any(_has_date(each) for each in lines) else [block]


def _has_date(block: Block) -> bool:
    return not block.listing and _is_dated(block)


def _repeated(blocks: Sequence[Block], at: int) -> int:
    """How far below its first place the title of a card of 2024 is printed again: 2 with a
    kicker between, 0 for what is no title (a heading may recur as a kicker).
    """
    text = blocks[at].text.partition("\n")[0]  # what the picture shows may stand below
    below = [block.text for block in blocks[at + 1 : at + 4]]
    if blocks[at].listing or text not in below[:2]:
        return 0
    if parse_dateline(text) or parse_dateline(below[0]):
        return 0
    is_kicker = below.index(text) == 1 and below[2:] == below[:1] and len(below[0]) > len(text)
    return 0 if is_kicker else below.index(text) + 1


def _cards(blocks: list[Block]) -> list[range]:
    """From the first title to the sentences below the second and the date, which is last."""
    firsts = {at: far for at in range(len(blocks)) if (far := _repeated(blocks, at))}
    runs = []
    for at, far in firsts.items():
        blocks[at] = blocks[at]._replace(text=blocks[at].text.partition("\n")[0])
        end = at + far + 1
        while end < len(blocks) and end not in firsts and _is_text(blocks[end]):
            end += 1
        end += end < len(blocks) and _has_date(blocks[end])
        runs.append(range(at, end))
    return runs


def _has_sentences_above(blocks: Sequence[Block], dates: set[int]) -> bool:
    """Whether dates are printed above their titles: more of them have a sentence above, which
    is the summary of the entry before, than below.
    """
    above = [blocks[at - 1].text for at in sorted(dates)[1:]]
    below = [blocks[at + 1].text for at in dates if at + 1 < len(blocks)]
    return sum(map(is_sentence, above)) > sum(map(is_sentence, below))


def _without_headings(blocks: Sequence[Block], runs: list[range]) -> list[range]:
    """The runs, without a first block that names a list and is no kicker."""
    return [run[1:] if len(run) > 1 and is_list_name(blocks[run[0]].text) else run for run in runs]


def _date_first(blocks: Sequence[Block], dates: set[int]) -> list[range]:
    """From each date over its title and the sentences below."""
    runs = []
    for at in sorted(dates):
        end = at + 1
        if end < len(blocks) and end not in dates and not blocks[end].listing:
            end = _after_summary(blocks, dates, end + 1)
        runs.append(range(at, end))
    return runs


def _after_summary(blocks: Sequence[Block], dates: set[int], at: int) -> int:
    while at < len(blocks) and at not in dates and _is_text(blocks[at]):
        at += 1
    return at


def _is_text(block: Block) -> bool:
    if block.bare or block.listing or is_foot(block.text) or _ADDRESS.search(block.text):
        return False
    return is_sentence(line(block.text)) or is_size(block.text)


def _title_first(blocks: Sequence[Block], dates: set[int]) -> list[range]:
    """Around each date its title, with kicker and credit above and the sentences below."""
    runs: list[range] = []
    end = 0
    for at, block in enumerate(blocks):
        if at < end or block.listing:
            continue
        dated = _below_credits(blocks, at + 1)
        if dated not in dates or at in dates or parse_credit(block.text):
            continue
        start = _above_title(blocks, at, end)
        end = _after_summary(blocks, dates, dated + 1)
        runs.append(range(start, end))
    return runs


def _below_credits(blocks: Sequence[Block], at: int) -> int:
    while at < len(blocks) and parse_credit(blocks[at].text):
        at += 1
    return at


def _above_title(blocks: Sequence[Block], title: int, end: int) -> int:
    """The first block of an entry, not above `end`, where the one before it ends."""
    start = title
    while start > end and blocks[start].text[:1].islower():  # a title over two paragraphs
        start -= 1
    if start > end and _is_kicker(blocks[start - 1]):
        start -= 1
    if start > end and not blocks[start - 1].listing and parse_credit(blocks[start - 1].text):
        start -= 1
    return start


def _is_kicker(block: Block) -> bool:
    if block.bare or block.listing or len(block.text) > _LONGEST_KICKER:
        return False
    return not is_sentence(block.text) and not parse_credit(block.text)
