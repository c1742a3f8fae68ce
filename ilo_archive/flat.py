"""Entries that stand in no list and in no element of their own: runs of paragraphs.

Old hand-made pages, and pages whose template gives nothing but paragraphs. What marks an entry
is its date beside a title; the title is a link on nearly all of them.
"""

from collections.abc import Sequence

from ilo_archive.blocks import EMPHASIS, Block
from ilo_archive.credit import parse_credit
from ilo_archive.dates import parse_dateline
from ilo_archive.grammar import is_sentence, is_size, line

LISTING = 20_000
"""The list that entries of this kind belong to, above the numbers of any other."""

_LONGEST_KICKER = 60  # characters


def with_flat_entries(blocks: list[Block]) -> list[Block]:
    """The blocks, those of entries outside of lists numbered as items of one list."""
    dates = {
        at
        for at, block in enumerate(blocks)
        if not block.listing and (found := parse_dateline(block.text)) and found.date
    }
    if not dates:
        return blocks
    split = _date_first if _is_date_first(blocks, dates) else _title_first
    items = {
        at: number for number, run in enumerate(split(blocks, dates), start=LISTING) for at in run
    }
    return [
        block._replace(item=items[at], listing=LISTING) if at in items else block
        for at, block in enumerate(blocks)
    ]


def _is_date_first(blocks: Sequence[Block], dates: set[int]) -> bool:
    """Whether dates stand above their titles: more of them have a link below than above, or,
    where neither tells, the first has something other than a title above it.
    """
    above = sum(1 for at in dates if at and blocks[at - 1].bare)
    below = sum(1 for at in dates if at + 1 < len(blocks) and blocks[at + 1].bare)
    first = min(dates)
    starts = first == 0 or _is_heading(blocks[first - 1]) or is_sentence(blocks[first - 1].text)
    return below > above or (below == above and starts)


def _is_heading(block: Block) -> bool:
    return bool(block.level) and not block.bare


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
    plain = not (block.bare or block.listing or 0 < block.level < EMPHASIS)
    return plain and (is_sentence(line(block.text)) or is_size(block.text))


def _title_first(blocks: Sequence[Block], dates: set[int]) -> list[range]:
    """Around each date its title, with kicker and credit above and the sentences below; and
    links in between that have a text below or a kicker above, though no date.
    """
    runs: list[range] = []
    end, last = 0, max(dates)
    for at, block in enumerate(blocks):
        if at < end or block.listing:
            continue
        dated = _below_credits(blocks, at + 1)
        is_title = dated in dates and at not in dates and not parse_credit(block.text)
        if not is_title and not _is_undated(blocks, at, bool(runs) and at < last):
            continue
        start = _above_title(blocks, at, end)
        end = _after_summary(blocks, dates, dated + 1 if is_title else at + 1)
        runs.append(range(start, end))
    return runs


def _below_credits(blocks: Sequence[Block], at: int) -> int:
    while at < len(blocks) and parse_credit(blocks[at].text):
        at += 1
    return at


def _is_undated(blocks: Sequence[Block], at: int, is_between: bool) -> bool:
    block = blocks[at]
    if not block.bare or block.listing or at + 1 >= len(blocks):
        return False
    return _is_text(blocks[at + 1]) or (is_between and _is_kicker(blocks[at - 1]))


def _above_title(blocks: Sequence[Block], title: int, end: int) -> int:
    """The first block of an entry, not above `end`, where the one before it ends."""
    start = title
    if start > end and _is_kicker(blocks[start - 1]):
        start -= 1
    if start > end and not blocks[start - 1].listing and parse_credit(blocks[start - 1].text):
        start -= 1
    return start


def _is_kicker(block: Block) -> bool:
    if block.bare or block.level or block.listing or len(block.text) > _LONGEST_KICKER:
        return False
    return not is_sentence(block.text) and not parse_credit(block.text)
