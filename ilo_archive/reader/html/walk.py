"""HTML -> blocks: one walk over the tree."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lxml import etree

from ilo_archive.reader.block import EMPHASIS, FREE_LISTS, MAX_BLOCKS, Block, PageRefused
from ilo_archive.reader.html.elements import (
    ANCHOR,
    BLOCK,
    BREAK,
    HEADING,
    IMAGE,
    INLINE,
    ITEM,
    LIST,
    SKIPPED,
    hinted,
)
from ilo_archive.reader.html.inline_parts import Part, may_have_parts, parts_of_line

_WORD = re.compile(r"\w")


class _State(NamedTuple):
    """What holds for the text at hand."""

    role: str | None = None
    level: int = 0
    item: int = 0
    listing: int = 0
    link: str | None = None
    strong: bool = False


_Said = tuple[str, str | None, bool, etree._Element | None]
"""A text with its link, whether it is strong, and the element that begins with it."""


class Walk:
    """One pass over the tree. What is said gathers until the boundary of a block."""

    def __init__(self, items: Mapping[etree._Element, int]) -> None:
        """`items` are elements that are entries though no list item: element -> list."""
        self._elsewhere = items
        self.blocks: list[Block] = []
        self.eras: list[str] = []
        self._now = _State()
        self.said_in: list[etree._Element | None] = []  # per block; None where a tail begins it
        self._said: list[_Said] = []
        self._line = False  # whether the block goes on with the paragraph of the one before
        self._is_divided = False  # whether the line before was one of several parts
        self._link: str | None = None
        self._image: str | None = None
        self._gap = False
        self._items = 0
        self._listings = 1  # 1 is of the items that stand in no list

    def over(self, root: etree._Element) -> None:
        """Take an element and all below it."""
        opened: list[tuple[_State, int | None] | None] = []
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            if event == "start":
                kind, role = self._hint(element)
                if kind == SKIPPED:
                    opened.append(None)
                    self._link = self._first_link() or (self._now.link if role else None)
                    walker.skip_subtree()
                    continue
                opened.append(None if kind == INLINE else self._open(element, kind, role))
                text = element.text
            else:
                if before := opened.pop():
                    self._close(element, *before)
                text = element.tail
            if text and (self._said or not text.isspace()):
                now, said_in = self._now, element if event == "start" else None
                self._said.append((text, now.link, now.strong, said_in))
        self._flush()

    def _hint(self, element: etree._Element) -> tuple[int, str | None]:
        """What an element is here, and its role."""
        tag: Any = element.tag
        kind, role, eras = hinted(tag, element.get("class"))
        if eras:
            self.eras += eras
        if self._elsewhere and element in self._elsewhere:
            kind = SKIPPED if _names_columns(element) else max(kind, BLOCK)
        return kind, role

    def _open(
        self, element: etree._Element, kind: int, role: str | None
    ) -> tuple[_State, int | None]:
        """What held before an element, with the number of blocks then if it is one."""
        before = self._now
        if kind < BLOCK:
            self._open_inline(element, kind)
            return before, None
        self._end()
        spoke = len(self.blocks)
        if kind != BLOCK or role or self._elsewhere:
            self._open_block(element, kind, role)
        return before, spoke

    def _close(self, element: etree._Element, before: _State, spoke: int | None) -> None:
        if spoke is not None:
            self._end()
            if len(self.blocks) == spoke and element.tag == "p":
                self._gap = True
        self._now = before

    def _end(self) -> None:
        """The boundary of a block."""
        if self._said:
            self._flush()
        self._line = False

    def _first_link(self) -> str | None:
        return self._link or next((link for _, link, _, _ in self._said if link), None)

    def _open_inline(self, element: etree._Element, kind: int) -> None:
        if kind == ANCHOR:
            if link := element.get("href"):
                role, level, item, listing, _, strong = self._now
                self._now = _State(role, level, item, listing, link, strong)
        elif kind == BREAK:
            spoke = len(self.blocks)
            self._is_divided = False
            self._flush()
            self._line = not self._is_divided and (self._line or len(self.blocks) > spoke)
        elif kind == IMAGE:
            self._image = self._image or _source(element)
        elif element.tag != "font" or _is_large(element.get("size")):
            role, level, item, listing, link, _ = self._now
            self._now = _State(role, level, item, listing, link, True)

    def _open_block(self, element: etree._Element, kind: int, role: str | None) -> None:
        if element in self._elsewhere:
            self._open_item(self._elsewhere[element])
            if element.tag == "a":
                self._now = self._now._replace(link=element.get("href"))
        elif kind in (ITEM, LIST) and self._now.listing >= FREE_LISTS and not role:
            pass  # a list within such an entry, as of its tags, is a part of it
        elif kind == ITEM:
            self._open_item()
        elif kind == LIST:
            self._open_list()
        else:
            before, level, item, listing, link, strong = self._now
            if kind == HEADING:
                level = int(str(element.tag)[1])
            elif role:
                link = element.get("href") or link
            self._now = _State(role or before, level, item, listing, link, strong)

    def _open_item(self, listing: int = 0) -> None:
        role, level, item, around, link, strong = self._now
        if not self._speaks():
            self._items += 1
            self._link = self._image = None
            self._gap = False
            item = self._items
        self._now = _State(role, level, item, listing or around or 1, link, strong)

    def _open_list(self) -> None:
        if not self._speaks():
            self._listings += 1
            role, level, item, _, link, strong = self._now
            self._now = _State(role, level, item, self._listings, link, strong)

    def _flush(self) -> None:
        """End the block, if it says anything."""
        said, self._said = self._said, []
        text = " ".join("".join([each[0] for each in said]).split())
        if text:
            may_be_parts = self._now.role is None and (len(said) > 1 or "|" in text)
            if may_be_parts and may_have_parts(text) and (parts := parts_of_line(text, said)):
                self._add_parts(parts)
            else:
                self._add(text, said)
            self._link = self._image = None
            self._gap = False

    def _add(self, text: str, said: Sequence[_Said]) -> None:
        """A paragraph, `bare` where all its words are linked."""
        role, level, item, listing, _, _ = self._now
        link, bare, plain = self._link, True, False
        for words, href, strong, _ in said:
            if href:
                link = link or href
            elif bare and _WORD.search(words):
                bare = False
            if not (plain or strong or words.isspace()):
                plain = True
        level = level or (0 if plain else EMPHASIS)
        self.blocks.append(
            Block(text, role, level, item, listing, link, self._image, bare, self._gap, self._line)
        )
        self.said_in.append(said[0][3])

    def _add_parts(self, parts: Sequence[Part]) -> None:
        """The parts of a line as paragraphs; what stands below it is none of the last."""
        _, level, item, listing, _, _ = self._now
        image, gap = self._image, self._gap
        for text, link, strong, said_in in parts:
            height = level or (EMPHASIS if strong else 0)
            found = link, image, link is not None, gap
            self.blocks.append(Block(text, None, height, item, listing, *found))
            self.said_in.append(said_in)
            image, gap = None, False
        self._is_divided = True

    def _speaks(self) -> bool:
        """Whether the item at hand has said something: a list below it is part of it."""
        return bool(self._now.item and self.blocks and self.blocks[-1].item == self._now.item)


def _source(image: etree._Element) -> str | None:
    """The address of an image; one that waits to be seen has a placeholder in its `src`."""
    source = image.get("src")
    if source and not source.startswith("data:"):
        return source
    return image.get("data-src")


def _is_large(size: str | None) -> bool:
    """Whether the size of a `font` is above that of the text, 3 (HTML 3.2)."""
    return bool(size and (size in ("4", "5", "6", "7") or size.startswith("+")))


def _names_columns(row: etree._Element) -> bool:
    """Whether a row of a table of entries names its columns: "Date | Event | Place"."""
    is_head = len(row) > 1 and all(cell.tag == "th" for cell in row)
    return is_head and row.find(".//a") is None


def walked(root: etree._Element, items: Mapping[etree._Element, int]) -> Walk:
    """A walk over a page; `items` are its entries without lists. Raises PageRefused."""
    walk = Walk(items)
    walk.over(root)
    if len(walk.blocks) > MAX_BLOCKS:
        raise PageRefused(f"no page: more than {MAX_BLOCKS:,} paragraphs")
    return walk
