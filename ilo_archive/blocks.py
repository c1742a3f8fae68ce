"""HTML or text -> blocks: the paragraphs of a page in reading order, with what hints at them.

Both forms become one stream, so that one grammar (`page`) reads every era. HTML is walked once.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lxml import etree, html
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom


class Block(NamedTuple):
    """One paragraph.

    `text` has its line breaks; other white space is folded. `role` is a hint (a role of
    templates.toml, or `office` for `h1`), never proof. `level` is 1-6 for a heading, else 0.
    `item` numbers the list items of a page and `listing` its lists, both 0 outside of lists.
    `bare` says that the whole text is one link; `gap` that an empty paragraph stands before.
    """

    text: str
    role: str | None = None
    level: int = 0
    item: int = 0
    listing: int = 0
    link: str | None = None
    image: str | None = None
    bare: bool = False
    gap: bool = False


class Blocks(NamedTuple):
    """The blocks of a page, the template they came from and what was unsure on the way."""

    blocks: list[Block]
    template: str
    warnings: list[str]


class _Template(NamedTuple):
    roles: dict[str, str]
    marks: dict[str, str]


_MARKUP = re.compile(
    rb"<(?:!doctype|html|head|body|div|table|p|ul|ol|h[1-6]|a|span|meta)\b", re.IGNORECASE
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def to_blocks(body: bytes, content_type: str | None = None) -> Blocks:
    """The blocks of a page, HTML or text. `content_type` is the HTTP header of that name."""
    encoding = _encoding(body, content_type)
    if _MARKUP.search(body.replace(b"\0", b"") if body[1:2] == b"\0" else body):
        return _html_blocks(body, encoding)
    text = body.decode(encoding, "replace").removeprefix("\ufeff")
    return Blocks(list(_text_blocks(text)), "text", _replaced(text))


def fold(text: str) -> str:
    """White space folded to single spaces, control characters removed."""
    return " ".join(_CONTROLS.sub(" ", text).split())


# -- characters ----------------------------------------------------------------------------


def _encoding(body: bytes, content_type: str | None) -> str:
    """BOM, HTTP header, declaration in the page, UTF-8 if it fits, then bs4's detection."""
    declared = (
        read_bom(body)[0]
        or http_content_type_encoding(content_type)
        or html_body_declared_encoding(body)
    )
    if declared:
        return declared
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        # A text may be cut in the middle of a character.
        return "utf-8" if error.end == len(body) else _detected(body)
    return "utf-8"


def _detected(body: bytes) -> str:
    from bs4.dammit import UnicodeDammit

    return UnicodeDammit(body).original_encoding or "cp1252"


def _replaced(text: str) -> list[str]:
    return ["characters that the charset does not know"] if "\ufffd" in text else []


# -- text ----------------------------------------------------------------------------------

_NUMBERED = re.compile(r" {0,3}(\d{1,3})\.(?:[ \t]+(.*)|$)")
_BULLETED = re.compile(r" {0,3}[•·◦‣*](?:[ \t]+(.*)|$)")
_DASH = re.compile(r"[ \t]*[-–—][ \t]*")


class _Paragraph(NamedTuple):
    """`marker` is the number of a list item, 0 for a bullet, None without a marker."""

    text: str
    marker: int | None
    indented: bool
    gap: bool


def _text_blocks(text: str) -> Iterator[Block]:
    lines = text.splitlines()
    if sum(1 for line in lines if _DASH.fullmatch(line)) and not any(
        _NUMBERED.match(line) for line in lines
    ):
        return _flat_blocks(lines)
    return _listed_blocks(_paragraphs(lines))


def _flat_blocks(lines: list[str]) -> Iterator[Block]:
    """The flat form: a lone dash before each entry, a line a paragraph."""
    item = 0
    for line in lines:
        if _DASH.fullmatch(line):
            item += 1
        elif folded := fold(line):
            yield Block(folded, item=item, listing=min(item, 1))


def _paragraphs(lines: list[str]) -> Iterator[_Paragraph]:
    """Runs of lines between blank ones; a list marker starts a paragraph of its own."""
    run: list[str] = []
    marker: int | None = None
    indented = False
    blank, blank_before = 0, 0
    for line in [*lines, ""]:
        numbered = _NUMBERED.match(line)
        found = numbered or _BULLETED.match(line)
        if (found or not line.strip()) and (run or marker is not None):
            yield _Paragraph("\n".join(run), marker, indented, blank_before > 1)
            run, marker, blank = [], None, 0
        if not line.strip():
            blank += 1
            continue
        if not run:
            blank_before, blank = blank, 0
            indented = line[0] in " \t"
        if found:
            marker = int(numbered.group(1)) if numbered else 0
        content = fold(found.group(found.lastindex or 0) if found and found.lastindex else "")
        run.extend([content] if found and content else [] if found else [fold(line)])


_LOST = -1  # an item that lost its number with its first paragraph


def _listed_blocks(paragraphs: Iterator[_Paragraph]) -> Iterator[Block]:
    """The numbered and the bulleted form: what is indented belongs to the item above it."""
    item, listing = 0, 0
    above: int | None = None  # the marker of the item above, None outside of lists
    for text, marker, indented, gap in paragraphs:
        if marker is None and not indented:
            above = None
            yield Block(text, gap=gap)
            continue
        if marker is not None or above is None:
            listing += _starts_list(marker, above, gap)
            item += 1
            above = _LOST if marker is None else marker
        if text:
            yield Block(text, item=item, listing=listing, gap=gap and marker is None)


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


# -- HTML ----------------------------------------------------------------------------------

_SKIPPED = {
    *("head", "script", "style", "noscript", "template", "nav", "select", "button", "iframe"),
    *("object", "svg", "map", "audio", "video", "textarea"),
}
_INLINE = {
    *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "dfn", "del", "em"),
    *("font", "i", "img", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span"),
    *("strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
}
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}


def _html_blocks(body: bytes, encoding: str) -> Blocks:
    root = _parse(body, encoding)
    if root is None:
        return Blocks([], "html", ["the markup holds no page"])
    walk = _Walk()
    walk.over(root)
    era = walk.eras.most_common(1)
    blocks = walk.blocks
    warnings = _replaced("".join(block.text for block in blocks))
    return Blocks(blocks, era[0][0] if era else "html", warnings)


def _parse(body: bytes, encoding: str) -> html.HtmlElement | None:
    """Lxml's tree; that of bs4 where lxml finds no page."""
    try:
        parser = html.HTMLParser(encoding=encoding, huge_tree=True)
    except LookupError:  # a charset that libxml2 does not know
        body = body.decode(encoding, "replace").encode()
        parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        return html.document_fromstring(body, parser=parser)
    except etree.ParserError:
        return None


@cache
def _template() -> _Template:
    eras = tomllib.loads(Path(__file__).with_name("templates.toml").read_text(encoding="utf-8"))
    marks = {name: era for era, table in eras.items() for name in table.pop("mark")}
    roles = {
        name: role for table in eras.values() for role, names in table.items() for name in names
    }
    return _Template(roles, marks)


@dataclass(slots=True)
class _State:
    """What holds for the text at hand; an element that sets it gives the old one back."""

    role: str | None = None
    level: int = 0
    item: int = 0
    listing: int = 0
    link: str | None = None


class _Open(NamedTuple):
    """An element whose end has not come, with the state from before it."""

    element: html.HtmlElement
    children: Iterator[html.HtmlElement]
    is_block: bool
    before: _State
    blocks: int


class _Walk:
    """One pass over the tree. Text gathers in a buffer until the boundary of a block.

    A stack of our own takes the place of recursion: pages nest deeper than Python calls may.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.eras: Counter[str] = Counter()
        self._roles, self._marks = _template()
        self._state = _State()
        self._stack: list[_Open] = []
        self._buffer: list[str] = []
        self._linked = 0  # characters of the buffer that stand in a link
        self._link: str | None = None
        self._image: str | None = None
        self._gap = False
        self._items = 0
        self._listings = 0

    def over(self, root: html.HtmlElement) -> None:
        """Take an element and all below it."""
        self._enter(root)
        while self._stack:
            child = next(self._stack[-1].children, None)
            if child is not None:
                self._enter(child)
            else:
                self._leave(self._stack.pop())
        self._flush()

    def _enter(self, element: html.HtmlElement) -> None:
        tag = element.tag
        role = self._hint(element.get("class")) if isinstance(tag, str) else "skip"
        if not isinstance(tag, str) or role == "skip" or tag in _SKIPPED:
            self._text(element.tail)
        elif tag == "br":
            self._buffer.append("\n")
            self._text(element.tail)
        elif tag == "img":
            self._image = self._image or element.get("src")
            self._text(element.tail)
        else:
            is_block = role is not None or tag not in _INLINE
            if is_block:
                self._flush()
            opened = _Open(element, iter(element), is_block, self._state, len(self.blocks))
            self._stack.append(opened)
            self._apply(element, tag, role)
            self._text(element.text)

    def _apply(self, element: html.HtmlElement, tag: str, role: str | None) -> None:
        """Let an element change the state for what stands inside it."""
        state = self._state
        if tag == "a":
            self._state = replace(state, link=element.get("href") or state.link)
        elif (tag == "li" or role == "item") and not self._speaks():
            self._items += 1
            self._link = self._image = None
            self._gap = False
            self._state = replace(state, item=self._items, listing=state.listing or 1)
        elif tag in ("ol", "ul") and not self._speaks():
            self._listings += 1
            self._state = replace(state, listing=self._listings)
        elif tag in _HEADINGS:
            self._state = replace(state, level=_HEADINGS[tag], role=role or state.role)
        elif role:
            self._state = replace(state, role=role)

    def _leave(self, opened: _Open) -> None:
        if opened.is_block:
            self._flush()
            if opened.element.tag == "p" and len(self.blocks) == opened.blocks:
                self._gap = True
        self._state = opened.before
        self._text(opened.element.tail)

    def _text(self, text: str | None) -> None:
        if text:
            self._buffer.append(text.replace("\n", " "))
            if self._state.link:
                self._link = self._link or self._state.link
                self._linked += len("".join(text.split()))

    def _flush(self) -> None:
        """End the block, if it says anything."""
        lines = "".join(self._buffer).split("\n")
        self._buffer.clear()
        text = "\n".join(filter(None, map(fold, lines)))
        if text:
            bare = self._linked >= len("".join(text.split()))
            state = self._state
            found = self._link, self._image, bare, self._gap
            self.blocks.append(
                Block(text, state.role, state.level, state.item, state.listing, *found)
            )
            self._link = self._image = None
            self._gap = False
        self._linked = 0

    def _hint(self, classes: str | None) -> str | None:
        role = None
        for name in classes.split() if classes else ():
            if name in self._marks:
                self.eras[self._marks[name]] += 1
            role = role or self._roles.get(name)
        return role

    def _speaks(self) -> bool:
        """Whether the item at hand has said something: a list below it is part of it."""
        return bool(self._state.item and self.blocks and self.blocks[-1].item == self._state.item)
