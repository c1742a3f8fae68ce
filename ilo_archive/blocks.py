"""HTML or text -> blocks: the paragraphs of a page in reading order, with what hints at them.

Both forms become one stream, so that one grammar (`page`) reads every era. HTML is walked once.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lxml import etree
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

_BLOCK, _INLINE, _SKIPPED, _BREAK, _IMAGE, _ANCHOR, _ITEM, _LIST, _HEADING = range(9)
_TAGS = {
    _INLINE: (
        "abbr acronym b bdi bdo big cite code dfn del em font i ins kbd label mark q s samp small"
        " span strike strong sub sup time tt u var wbr"
    ),
    _SKIPPED: (
        "head script style noscript template nav select button iframe object svg map audio video"
        " textarea"
    ),
    _HEADING: "h1 h2 h3 h4 h5 h6",
    _LIST: "ol ul",
    _ITEM: "li",
    _ANCHOR: "a",
    _BREAK: "br",
    _IMAGE: "img",
}
_KINDS: dict[object, int] = {tag: kind for kind, tags in _TAGS.items() for tag in tags.split()}
"""What an element is; one that is not named here is a block."""

_LINE_BREAK = "\0"  # the parser lets no NUL through


def _html_blocks(body: bytes, encoding: str) -> Blocks:
    root = _parse(body, encoding)
    if root is None:
        return Blocks([], "html", ["the markup holds no page"])
    walk = _Walk()
    walk.over(root)
    era = walk.eras.most_common(1)
    said = "".join([block.text for block in walk.blocks])
    blocks = _without_controls(walk.blocks) if _CONTROLS.search(said) else walk.blocks
    return Blocks(blocks, era[0][0] if era else "html", _replaced(said))


def _without_controls(blocks: list[Block]) -> list[Block]:
    lines = ([fold(line) for line in block.text.split("\n")] for block in blocks)
    return [
        block._replace(text="\n".join(filter(None, each)))
        for block, each in zip(blocks, lines, strict=True)
    ]


def _parse(body: bytes, encoding: str) -> etree._Element | None:
    try:
        parser = _parser(encoding)
    except LookupError:  # a charset that libxml2 does not know
        body, parser = body.decode(encoding, "replace").encode(), _parser("utf-8")
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None


@cache
def _parser(encoding: str) -> etree.HTMLParser[etree._Element]:
    return etree.HTMLParser(
        encoding=encoding, remove_comments=True, remove_pis=True, huge_tree=True, collect_ids=False
    )


@cache
def _template() -> _Template:
    eras = tomllib.loads(Path(__file__).with_name("templates.toml").read_text(encoding="utf-8"))
    marks = {name: era for era, table in eras.items() for name in table.pop("mark")}
    roles = {
        name: role for table in eras.values() for role, names in table.items() for name in names
    }
    return _Template(roles, marks)


class _Before(NamedTuple):
    """What held outside an element, to be restored at its end."""

    is_block: bool
    role: str | None
    level: int
    item: int
    listing: int
    link: str | None
    blocks: int


class _Walk:
    """One pass over the tree. Text gathers in a buffer until the boundary of a block.

    Half of the time of reading a page is spent here: the two branches of `over` see every
    element, so what most elements need stands in them and not in methods.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.eras: Counter[str] = Counter()
        self._roles, self._marks = _template()
        self._before: list[_Before | None] = []  # per open element, None where nothing changed
        self._text: list[str] = []
        self._unlinked = False  # whether some of the text stands outside of links
        self._link: str | None = None
        self._image: str | None = None
        self._gap = False
        self._items = 0
        self._listings = 0
        self._now = _Before(False, None, 0, 0, 0, None, 0)

    def over(self, root: etree._Element) -> None:
        """Take an element and all below it."""
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            if event == "start":
                kind = _KINDS.get(element.tag, _BLOCK)
                classes = element.get("class")
                role = self._hint(classes) if classes else None
                if kind == _SKIPPED or role == "skip":
                    walker.skip_subtree()
                    self._before.append(None)
                    continue
                if kind == _INLINE and role is None:
                    self._before.append(None)
                else:
                    self._open(element, kind, role)
                text = element.text
            else:
                before = self._before.pop()
                if before:
                    self._close(element, before)
                text = element.tail
            if text and (self._text or not text.isspace()):
                self._say(text)
        self._flush()

    def _say(self, text: str) -> None:
        self._text.append(text)
        link = self._now.link
        if link:
            self._link = self._link or link
        elif not self._unlinked and not text.isspace():
            self._unlinked = True

    def _open(self, element: etree._Element, kind: int, role: str | None) -> None:
        if kind in (_BREAK, _IMAGE):
            self._before.append(None)
            if kind == _BREAK:
                self._text.append(_LINE_BREAK)
            else:
                self._image = self._image or element.get("src")
            return
        now = self._now
        is_block = kind != _ANCHOR or role is not None
        if is_block:
            self._flush()
        self._before.append(now._replace(is_block=is_block, blocks=len(self.blocks)))
        if kind == _ANCHOR:
            self._now = now._replace(link=element.get("href") or now.link, role=role or now.role)
        elif kind == _ITEM or role == "item":
            self._open_item()
        elif kind == _LIST:
            self._open_list()
        elif kind == _HEADING:
            self._now = now._replace(level=int(str(element.tag)[1]), role=role or now.role)
        elif role:
            self._now = now._replace(role=role)

    def _open_item(self) -> None:
        if not self._speaks():
            self._items += 1
            self._link = self._image = None
            self._gap = False
            self._now = self._now._replace(item=self._items, listing=self._now.listing or 1)

    def _open_list(self) -> None:
        if not self._speaks():
            self._listings += 1
            self._now = self._now._replace(listing=self._listings)

    def _close(self, element: etree._Element, before: _Before) -> None:
        if before.is_block:
            self._flush()
            if element.tag == "p" and len(self.blocks) == before.blocks:
                self._gap = True
        self._now = before

    def _flush(self) -> None:
        """End the block, if it says anything."""
        if not self._text:
            return
        raw = "".join(self._text)
        self._text.clear()
        if _LINE_BREAK in raw:
            lines = (" ".join(line.split()) for line in raw.split(_LINE_BREAK))
            text = "\n".join(filter(None, lines))
        else:
            text = " ".join(raw.split())
        if text:
            _, role, level, item, listing, _, _ = self._now
            found = self._link, self._image, not self._unlinked, self._gap
            self.blocks.append(Block(text, role, level, item, listing, *found))
            self._link = self._image = None
            self._gap = False
        self._unlinked = False

    def _hint(self, classes: str) -> str | None:
        role = None
        for name in classes.split():
            if name in self._marks:
                self.eras[self._marks[name]] += 1
            role = role or self._roles.get(name)
        return role

    def _speaks(self) -> bool:
        """Whether the item at hand has said something: a list below it is part of it."""
        return bool(self._now.item and self.blocks and self.blocks[-1].item == self._now.item)
