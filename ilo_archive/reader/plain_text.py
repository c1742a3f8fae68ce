"""Plain text -> blocks: the renditions of pages without their tags."""

import re
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

from ilo_archive.reader.block import Block, PageRefused
from ilo_archive.text.credits import parse_credit
from ilo_archive.text.datelines import is_common_dateline, parse_dateline
from ilo_archive.text.normalise import fold_space

_MAX_LINES = 200_000
_NUMBERED = re.compile(r" {0,3}(\d{1,3})\.(?:[ \t]+(.*)|$)")
_BULLETED = re.compile(r" {0,3}[•·◦‣*](?:[ \t]+(.*)|$)")
_CUT_NUMBER = re.compile(r"\n {0,3}\d{1,3}\s*\Z")  # of an item that was cut off
_DASH = re.compile(r"[ \t]*[-–—][ \t]*")
_CELLS = "\t\t"  # between the cells of a table
_MENU_BELOW = re.compile(r"(?:\n[•·◦‣*] [^\n]*)+\Z")
_TRAIL_MARKS = ">/›»|→"


def is_trail(line: str) -> bool:
    """Whether a line says where the page stands: "ILO home > Regions > ILO Moscow"."""
    return any(line.count(f" {mark} ") > 1 for mark in _TRAIL_MARKS)


SKIP_LINK = re.compile(
    r"(?:skip|jump|go) to (?:the )?(?:main )?(?:content|navigation)|aller au contenu|saltar al"
    r"|ir al contenido|ir para o conteúdo|pular para|saltar para|salta al|vai al contenuto"
    r"|(?:direkt )?zum (?:haupt)?inhalt|перейти к|انتقل إلى|تخطي? إلى|跳[到至转]|跳过|直接进入"
    r"|(?:メイン|本文).{0,12}(?:移動|スキップ|へ)|ข้ามไป",
    re.IGNORECASE,
)
"""The link past the menus, with which a page begins."""


class _Paragraph(NamedTuple):
    """`marker` is the number of a list item, 0 for a bullet, None without a marker."""

    text: str
    marker: int | None
    indented: bool
    gap: bool


def text_blocks(text: str) -> Iterator[Block]:
    """The paragraphs of a text, its list items numbered. Raises PageRefused for too many lines."""
    lines = _CUT_NUMBER.sub("", text).splitlines()
    if len(lines) > _MAX_LINES:
        raise PageRefused(f"no page: more than {_MAX_LINES:,} lines")
    if any(map(_DASH.fullmatch, lines)) and not any(map(_numbered, lines)):
        return _flat_blocks(lines)
    bulleted: set[int] = set()
    blocks = list(_listed_blocks(_paragraphs(lines), bulleted))
    return iter(_with_menus(blocks, bulleted))


def _flat_blocks(lines: list[str]) -> Iterator[Block]:
    """The flat form: a lone dash before each entry, a line a paragraph."""
    item = 0
    for line in lines:
        if _DASH.fullmatch(line):
            item += 1
        elif folded := fold_space(line):
            yield Block(folded, item=item, listing=min(item, 1))


def _paragraphs(lines: list[str]) -> Iterator[_Paragraph]:
    """Runs of lines between blank ones; a list marker starts a paragraph of its own."""
    run: list[str] = []
    marker: int | None = None
    indented = False
    blank, blank_before = 0, 0
    for line, below in pairwise([*lines, "", ""]):
        numbered = _numbered(line)
        found = numbered or _BULLETED.match(line)
        ends = found or not line.strip() or (marker is not None and _is_outside(line, below))
        if ends and (run or marker is not None):
            yield _Paragraph("\n".join(run), marker, indented, blank_before > 1)
            run, marker, blank = [], None, 0
        if not line.strip():
            blank += 1
            continue
        if not run:
            blank_before, blank = blank, 0
            indented = line.startswith("  ")
        if found:
            marker = int(numbered.group(1)) if numbered else 0
        content = (found[found.re.groups] or "") if found else line
        run.extend(filter(None, map(fold_space, content.split(_CELLS))))


def _numbered(line: str) -> re.Match[str] | None:
    """The marker of a numbered item and its text; "12. Mai 2020" is none."""
    found = _NUMBERED.match(line)
    return None if found and parse_dateline(line) else found


def _is_outside(line: str, below: str) -> bool:
    """Whether a line below a list item is none of it: the trail, the notice or the heading of
    the next menu, which renditions print without an empty line before.
    """
    if line[0] in " \t":
        return False
    is_heading = bool(_BULLETED.match(below)) and not parse_dateline(line)
    return is_heading or line.startswith("©") or is_trail(line)


def _with_menus(blocks: list[Block], bulleted: set[int]) -> list[Block]:
    """The blocks, those of menus `bare`, since they are links: bulleted lists of single lines,
    and the numbered trail that a page begins with.
    """
    menus: set[int] = set()
    is_start = True
    for listing, group in groupby(blocks, lambda block: block.listing):
        listed = list(group)
        if listing and _is_plain(listed) and (is_start or listing in bulleted):
            menus.add(listing)
        elif not all(SKIP_LINK.match(block.text) for block in listed):
            is_start = False
    is_all = len(menus) == len({block.listing for block in blocks})  # so it is no menu
    return blocks if is_all else [b._replace(bare=b.listing in menus) for b in blocks]


def _is_plain(listed: list[Block]) -> bool:
    """Whether every item is a line, menus below it aside."""
    lines = [_MENU_BELOW.sub("", block.text) for block in listed]
    is_lines = not any("\n" in line or parse_dateline(line) for line in lines)
    return is_lines and len({block.item for block in listed}) == len(listed)


_LOST = -1  # an item that lost its number with its first paragraph


def _listed_blocks(paragraphs: Iterator[_Paragraph], bulleted: set[int]) -> Iterator[Block]:
    """The numbered and the bulleted form: what is indented belongs to the item above it.

    The bulleted lists are noted in `bulleted`.
    """
    item, listing = 0, 0
    above: int | None = None  # the marker of the item above, None outside of lists
    for text, marker, indented, gap in paragraphs:
        if marker is None and not indented:
            above = None
            yield Block(text, gap=gap)
            continue
        is_lost = marker is None and above is None
        if marker is not None or is_lost:
            listing += _starts_list(marker, above, gap)
            item += 1
            above = _LOST if marker is None else marker
            if marker == 0:
                bulleted.add(listing)
        for number, part in enumerate(_parts_of(text, is_first=marker is not None)):
            is_gap = gap and marker is None and not number and not is_lost
            yield Block(part, item=item, listing=listing, gap=is_gap)


def _parts_of(text: str, *, is_first: bool) -> list[str]:
    """A paragraph of an item; its first line apart where that is a credit, which renditions of
    pages run into the title, and its lines apart where an item begins with its date, or has it
    right below its title (observed in renditions of 2013 and 2014).
    """
    first, _, rest = text.partition("\n")
    if rest and parse_credit(first):
        return [first, *_parts_of(rest, is_first=is_first)]
    if rest and is_first and parse_dateline(first):
        return text.split("\n")
    return _around_date(text.split("\n")) if rest and is_first else [text] if text else []


def _around_date(lines: list[str]) -> list[str]:
    """The lines above and below the date of a paragraph, and the date; else all as one."""
    at = next((n for n, line in enumerate(lines) if n and is_common_dateline(line)), None)
    if at is None:
        return ["\n".join(lines)]
    parts = ["\n".join(lines[:at]), lines[at], "\n".join(lines[at + 1 :])]
    return [part for part in parts if part]


def _starts_list(marker: int | None, above: int | None, gap: bool) -> bool:
    """A list starts after other text, where numbers restart or turn to bullets, and where
    bullets resume after an empty paragraph.
    """
    if above is None or marker is None:
        return True
    if above == _LOST:
        return False
    if bool(marker) != bool(above):
        return True
    return marker <= above if marker else gap
