"""HTML or text -> blocks: the paragraphs of a page in reading order, with what hints at them.

Both forms become one stream, so that one grammar (`page`) reads every era. HTML is walked once.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import groupby, islice, pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lxml import etree
from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
    resolve_encoding,
)

from ilo_archive.credit import parse_credit
from ilo_archive.dates import is_common_dateline, parse_dateline
from ilo_archive.marked import html_of, is_markdown
from ilo_archive.menus import without_menus


class Block(NamedTuple):
    """One paragraph.

    `text` has its line breaks; other white space is folded. `role` is a hint (a role of
    templates.toml), never proof. `level` is 1-6 for a heading, EMPHASIS for what is all in bold
    or large print, else 0.
    `item` numbers the list items of a page and `listing` its lists, both 0 outside of lists.
    `bare` says that the whole text is linked; `gap` that an empty paragraph stands before;
    `line` that the block is a line of the paragraph of the block before it.
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
    line: bool = False


EMPHASIS = 7
"""The level of a paragraph that looks like a heading and is none by its tag."""


class Charset(NamedTuple):
    """The charset that a body was read in (a codec of Python), and what told it."""

    name: str
    reason: Literal["bom", "http", "meta", "utf-8", "detected"]


class Blocks(NamedTuple):
    """The blocks of a page, the template they came from and what was unsure on the way."""

    blocks: list[Block]
    template: str
    warnings: list[str]
    charset: Charset


class PageRefused(ValueError):
    """A body that no office page has: it would take seconds or gigabytes. Says what is too much."""


class _Template(NamedTuple):
    roles: dict[str, str]
    marks: dict[str, str]


_MARKUP = re.compile(
    rb"<(?:!doctype|html|head|body|div|table|p|ul|ol|h[1-6]|a|span|meta)\b", re.IGNORECASE
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def to_blocks(body: bytes, content_type: str | None = None, *, menus: bool = False) -> Blocks:
    """The blocks of a page, HTML or text. `content_type` is the HTTP header of that name.

    Of a menu only the first link is there, unless `menus` is set. Raises PageRefused for a body
    that is too large, or too intricate, to be read in 2 s.
    """
    _refuse_too_much(body)
    warnings: list[str] = []
    charset = _charset(body, content_type, warnings)
    if _MARKUP.search(body.replace(b"\0", b"") if b"\0" in body[:4] else body):
        page = body if menus else without_menus(body, charset.name)
        return _html_blocks(page, charset, warnings)
    text = body.decode(charset.name, "replace").removeprefix("\ufeff")
    if is_markdown(text):
        found = _html_blocks(html_of(text).encode(), _MADE, warnings)
        return found._replace(template="markdown", charset=charset)
    return Blocks(_few(_text_blocks(text)), "text", warnings + _replaced(text), charset)


_SIZE_NOTE = re.compile(r"\b\d+(?:[.,]\d+)?\s*(?:[kmg][bo]|[кмг]б)\b", re.IGNORECASE)


_MADE = Charset("utf-8", "utf-8")  # of the HTML that is made of Markdown


def is_size(text: str) -> bool:
    """Whether a paragraph is the size of a document, as "pdf - 2.1 MB"."""
    return len(text) < 40 and bool(_SIZE_NOTE.search(text))


def fold(text: str) -> str:
    """White space folded to single spaces, control characters removed."""
    return " ".join(_CONTROLS.sub(" ", text).split())


# -- what is too much ----------------------------------------------------------------------

# Office pages have 15 to 60 KB, 1,000 tags and 300 paragraphs.
_MAX_BYTES = 8 * 2**20
_MAX_TAGS = 200_000
_MAX_LINES = 200_000
_MAX_BLOCKS = 10_000
_MAX_ATTRIBUTES = 1000  # of one tag; the parser compares each with all: 32,000 take 7 s
_FEW_ATTRIBUTES = 65_536  # bytes; a smaller body holds no more attributes than 0.3 s can take
_MANY_ATTRIBUTES = 2 * _MAX_ATTRIBUTES  # bytes; a shorter tag has no more

# A tag with its quoted values; scripts and comments count for none. No branch can fail late, so
# the time is linear in the size of the body.
_TAG = re.compile(
    rb"""<!--(?:-?>|(?s:.*?)(?:--!?>|\Z))
       | <(?:script|style)\b(?s:.*?)(?:</(?:script|style)|\Z)
       | (?P<tag> <[a-z] (?: [^>=]++ | =\s*+(?:"[^"]*+"|'[^']*+')?+ )*+ )""",
    re.VERBOSE | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(rb"""=\s*+(?:"[^"]*+"|'[^']*+')|[\s/]++""")


def _refuse_too_much(body: bytes) -> None:
    """Counts that cost microseconds on a page. Raises PageRefused."""
    if len(body) > _MAX_BYTES:
        raise PageRefused(f"no page: more than {_MAX_BYTES >> 20} MB")
    if len(body) <= _FEW_ATTRIBUTES:
        return
    if body.count(b"<") > _MAX_TAGS:
        raise PageRefused(f"no page: more than {_MAX_TAGS:,} tags")
    for found in _TAG.finditer(body.replace(b"\0", b"")):
        tag = found["tag"] or b""
        if len(tag) > _MANY_ATTRIBUTES and len(_ATTRIBUTE.findall(tag)) > _MAX_ATTRIBUTES:
            raise PageRefused(f"no page: a tag with more than {_MAX_ATTRIBUTES:,} attributes")


def _few(blocks: Iterable[Block]) -> list[Block]:
    """The blocks, if they are not too many. Raises PageRefused."""
    found = list(islice(blocks, _MAX_BLOCKS + 1))
    if len(found) > _MAX_BLOCKS:
        raise PageRefused(f"no page: more than {_MAX_BLOCKS:,} paragraphs")
    return found


# -- characters ----------------------------------------------------------------------------


def _charset(body: bytes, content_type: str | None, warnings: list[str]) -> Charset:
    """BOM, HTTP header, declaration in the page, UTF-8 if it fits, then detection.

    A declaration that does not fit the bytes is passed over with a warning.
    """
    if bom := read_bom(body)[0]:
        return Charset(bom, "bom")
    header = _of_text(http_content_type_encoding(content_type))
    meta = _of_text(html_body_declared_encoding(body))
    if meta and meta.startswith("utf-16"):  # it was read as ASCII, so it is none (WHATWG)
        meta = "utf-8"
    if header == _ANYTHING != meta and meta and _fits(body, meta) and not body.isascii():
        # The default of many servers, which fits any bytes, against the word of the author.
        warnings.append(f"charset: the page says {meta}, the HTTP header {header}")
        header = None
    if header and _fits(body, header):
        return Charset(header, "http")
    if meta and _fits(body, meta):
        if header:
            warnings.append(f"charset: the HTTP header says {header}, the bytes do not fit")
        return Charset(meta, "meta")
    if declared := header or meta:
        warnings.append(f"charset: {declared} is declared, the bytes do not fit")
    if _fits(body, "utf-8"):
        return Charset("utf-8", "utf-8")
    return Charset(_detected(body), "detected")


def _of_text(codec: str | None) -> str | None:
    """A codec of Python, None for one that is no charset: "uu", "hex", "undefined"."""
    try:
        b"x".decode(codec or "utf-8", "ignore")
    except (LookupError, UnicodeError):
        return None
    return codec


_ANYTHING = "cp1252"  # what iso-8859-1 stands for on the web


def _fits(body: bytes, charset: str) -> bool:
    """Whether the bytes are text in a charset; a broken character in ten is damage."""
    if body.isascii():
        return True
    try:
        body.decode(charset)
    except UnicodeDecodeError as error:
        part = body[max(0, error.start - _SAMPLE) : error.start + _SAMPLE]
        text = part.decode(charset, "replace").rstrip("\ufffd")  # it may be cut in a character
        broken = text.count("\ufffd")
        return broken * 10 <= len(_NOT_ASCII.findall(text))
    return True


_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ANY_TAG = re.compile(rb"<[^<>]*>")
_SAMPLE = 32_768  # bytes; to look at 600 KB takes seconds


_CANDIDATES = [
    *("cp1252", "cp1251", "koi8_r", "cp1256", "gb18030", "shift_jis", "euc_jp", "cp874"),
]
"""The charsets that pages in the languages of the offices were written in before UTF-8."""


def _detected(body: bytes) -> str:
    """What bs4 makes of the text between the tags, with the candidates in the order in which
    charset-normalizer finds them likely; the sample ends between two characters.
    """
    from bs4.dammit import UnicodeDammit
    from charset_normalizer import from_bytes

    sample = body[:_SAMPLE] if len(body) <= _SAMPLE else body[: body.rfind(b"<", 0, _SAMPLE) + 1]
    sample = _ANY_TAG.sub(b" ", sample or body[:_SAMPLE])
    likely = [each.encoding for each in from_bytes(sample, cp_isolation=_CANDIDATES)]
    name = UnicodeDammit(sample, user_encodings=[*likely, _ANYTHING]).original_encoding
    return resolve_encoding(name or _ANYTHING) or _ANYTHING


# UTF-8 that was read in cp1252 or cp1251 and written again: "Ð¼Ð¾Ñ", "â€™", "Ã©", "РњРѕ". The
# first class lets the search skip what cannot begin one.
_MOJIBAKE = re.compile(
    "[âÃÐÑРС](?:(?<=â)(?:€[˜™œ\x9d\u201c\u201d¦¢“”]|\x80[\x93-\xa6])|(?<=Ã)[\x80-\xbf]"
    "|(?<=[ÐÑ])[\x80-\xbf€-™Œ-ž‚-…ƒ†-‰˜][ÐÑ][\x80-\xbf€-™Œ-ž‚-…ƒ†-‰˜]"
    "|(?<=[РС])[\u0402-\u040f\u0452-\u045f\xa0-\xbf‚-™][РС][\u0402-\u040f\u0452-\u045f\xa0-\xbf‚-™])"
)


def _replaced(text: str) -> list[str]:
    """What looks wrong of a text's characters; nothing is repaired."""
    found = ["characters that the charset does not know"] if "\ufffd" in text else []
    if not text.isascii() and (odd := _MOJIBAKE.search(text)):
        found.append(f"characters encoded twice: {odd[0]!r}")
    return found


# -- text ----------------------------------------------------------------------------------

_NUMBERED = re.compile(r" {0,3}(\d{1,3})\.(?:[ \t]+(.*)|$)")
_BULLETED = re.compile(r" {0,3}[•·◦‣*](?:[ \t]+(.*)|$)")
_CUT_NUMBER = re.compile(r"\n {0,3}\d{1,3}\s*\Z")  # of an item that was cut off
_DASH = re.compile(r"[ \t]*[-–—][ \t]*")
_CELLS = "\t\t"  # between the cells of a table
_MENU_BELOW = re.compile(r"(?:\n[•·◦‣*] [^\n]*)+\Z")
TRAIL = re.compile(r" ([>/›»|→]) .+ \1 ")
"""What is in the line of a page that says where it stands: "ILO home > Regions > ILO Moscow"."""
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


def _text_blocks(text: str) -> Iterator[Block]:
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
        elif folded := fold(line):
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
        run.extend(filter(None, map(fold, content.split(_CELLS))))


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
    return is_heading or line.startswith("©") or bool(TRAIL.search(line))


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
        if marker is not None or above is None:
            listing += _starts_list(marker, above, gap)
            item += 1
            above = _LOST if marker is None else marker
            if marker == 0:
                bulleted.add(listing)
        for number, part in enumerate(_parts_of(text, is_first=marker is not None)):
            is_gap = gap and marker is None and not number
            yield Block(part, item=item, listing=listing, gap=is_gap)


def _parts_of(text: str, *, is_first: bool) -> list[str]:
    """A paragraph of an item; its first line apart where that is a credit, which renditions of
    pages run into the title, and its lines apart where an item begins with its date.
    """
    first, _, rest = text.partition("\n")
    if rest and parse_credit(first):
        return [first, rest]
    if rest and is_first and parse_dateline(first):
        return text.split("\n")
    return [text] if text else []


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

# What an element is. The kinds before `_BLOCK` stand within a block.
_INLINE, _BREAK, _IMAGE, _ANCHOR, _STRONG, _BLOCK, _ITEM, _LIST, _HEADING, _SKIPPED = range(10)
_TAGS = {
    _INLINE: (
        "abbr acronym bdi bdo cite code dfn del em i ins kbd label mark q s samp small span strike"
        " sub sup time tt u var wbr"
    ),
    _SKIPPED: (
        "head script style noscript template nav select button iframe object svg map audio video"
        " textarea"
    ),
    _HEADING: "h1 h2 h3 h4 h5 h6",
    _LIST: "ol ul",
    _ITEM: "li",
    _STRONG: "b strong big font",
    _ANCHOR: "a",
    _BREAK: "br",
    _IMAGE: "img",
}
_KINDS = {tag: kind for kind, tags in _TAGS.items() for tag in tags.split()}
"""An element whose tag is not named here is a block."""

_WORD = re.compile(r"\w")


def _html_blocks(body: bytes, charset: Charset, warnings: list[str]) -> Blocks:
    root = _parse(body, charset.name)
    if root is None:
        return Blocks([], "html", [*warnings, "the markup holds no page"], charset)
    walk = _walked(root, {})
    if _has_free_entries(root, walk.blocks):
        items = _items_without_lists(root, _dated(walk))
        items += _documents(walk, set(items))
        walk = _walked(root, _listed(root, items)) if items else walk
    said = "".join([block.text for block in walk.blocks])
    blocks = _without_controls(walk.blocks) if _CONTROLS.search(said) else walk.blocks
    name = Counter(walk.eras).most_common(1)[0][0] if walk.eras else "html"
    blocks = _unwrapped(_paragraphs_of(blocks))
    return Blocks(blocks, name, warnings + _replaced(said), charset)


def _unwrapped(blocks: list[Block]) -> list[Block]:
    """The blocks, those of an item that is a link as a whole not `bare`: the link of an entry with
    a date tells nothing of its parts (cards of redesigned sites).
    """
    found: list[Block] = []
    for item, group in groupby(blocks, attrgetter("item")):
        said = list(group)
        if item and len(said) > 1 and _is_one_link(said):
            said = [block._replace(bare=False) for block in said]
        found += said
    return found


def _is_one_link(said: Sequence[Block]) -> bool:
    link = said[0].link
    is_one = link is not None and all(block.bare and block.link == link for block in said)
    is_entry = said[0].listing >= _FREE_LISTS
    return is_one and (is_entry or any(parse_dateline(block.text) for block in said))


def _has_free_entries(root: etree._Element, blocks: list[Block]) -> bool:
    """Whether a date, or a size below a link, stands outside of lists, or the page is one of
    `article` elements.
    """
    if any(not block.item and parse_dateline(block.text) for block in blocks):
        return True
    if any(link.bare and not each.item and is_size(each.text) for link, each in pairwise(blocks)):
        return True
    return root.find(".//article") is not None and not any(block.item for block in blocks)


def _walked(root: etree._Element, items: Mapping[etree._Element, int]) -> "_Walk":
    walk = _Walk(items)
    walk.over(root)
    if len(walk.blocks) > _MAX_BLOCKS:
        raise PageRefused(f"no page: more than {_MAX_BLOCKS:,} paragraphs")
    return walk


def _paragraphs_of(blocks: list[Block]) -> list[Block]:
    """Lines joined to paragraphs, but for paragraphs that are entries: one of their lines is a
    link, another is none (hand-made pages; a time and a place below a date stay with it).
    """
    if not any(block.line for block in blocks):
        return blocks
    paragraphs: list[list[Block]] = []
    for block in blocks:
        if block.line and paragraphs:
            paragraphs[-1].append(block)
        else:
            paragraphs.append([block])
    return [block for each in paragraphs for block in _split_or_joined(each)]


def _split_or_joined(lines: list[Block]) -> list[Block]:
    linked = [block.bare for block in lines]
    if len(lines) == 1 or (any(linked) and not all(linked)) or _is_entry(lines):
        return lines
    first = lines[0]
    link = next((block.link for block in lines if block.link), None)
    image = next((block.image for block in lines if block.image), None)
    level = first.level if len({block.level for block in lines}) == 1 else 0
    text = "\n".join([block.text for block in lines])
    return [first._replace(text=text, link=link, image=image, bare=all(linked), level=level)]


def _is_entry(lines: Sequence[Block]) -> bool:
    """Whether a line with a link, beside a kicker, has the date in a line of its own below."""
    dated = (block.text for block in lines[1:])
    return any(block.link for block in lines) and any(map(is_common_dateline, dated))


def _without_controls(blocks: list[Block]) -> list[Block]:
    """The blocks that say more than control characters, without these."""
    texts = ("\n".join(filter(None, map(fold, block.text.split("\n")))) for block in blocks)
    return [block._replace(text=text) for block, text in zip(blocks, texts, strict=True) if text]


def _parse(body: bytes, encoding: str) -> etree._Element | None:
    try:
        parser = _parser(encoding)
    except LookupError:  # a charset that libxml2 does not know
        body, parser = body.decode(encoding, "replace").encode(), _parser("utf-8")
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None
    # Observed: below 2,048 levels the parser drops all, and only its log says so.
    if any(each.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for each in parser.error_log):
        raise PageRefused("no page: elements nested more than 2,000 deep")
    return root


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


class _Hint(NamedTuple):
    """What an element is, the role that its classes hint at, and the eras they are of."""

    kind: int
    role: str | None = None
    eras: tuple[str, ...] = ()


@lru_cache(maxsize=4096)  # the pages of a template repeat its classes
def _hinted(tag: str, classes: str | None) -> _Hint:
    """The first class that has a role tells it; what has a role is no mere part of a block."""
    kind = _KINDS.get(tag, _BLOCK)
    if not classes:
        return _Hint(kind)
    template, names = _template(), classes.split()
    role = next((template.roles[name] for name in names if name in template.roles), None)
    if role == "skip":
        kind = _SKIPPED
    elif role == "item" and kind != _SKIPPED:
        kind = _ITEM
    elif role:
        kind = max(kind, _BLOCK)
    return _Hint(
        kind, role, tuple(template.marks[name] for name in names if name in template.marks)
    )


class _State(NamedTuple):
    """What holds for the text at hand."""

    role: str | None = None
    level: int = 0
    item: int = 0
    listing: int = 0
    link: str | None = None
    strong: bool = False


class _Walk:
    """One pass over the tree. Text gathers in a buffer until the boundary of a block."""

    def __init__(self, items: Mapping[etree._Element, int]) -> None:
        """`items` are elements that are entries though no list item: element -> list."""
        self._elsewhere = items
        self.blocks: list[Block] = []
        self.eras: list[str] = []
        self._now = _State()
        self.said_in: list[etree._Element | None] = []  # per block; None where a tail begins it
        self._text: list[str] = []
        self._runs: list[tuple[_State, etree._Element | None]] = []  # what held for each text
        self._unlinked = False  # whether some of the text stands outside of links
        self._plain = False  # whether some of it stands outside of bold or large print
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
                if kind == _SKIPPED:
                    opened.append(None)
                    self._link = self._link or (self._now.link if role else None)
                    walker.skip_subtree()
                    continue
                opened.append(None if kind == _INLINE else self._open(element, kind, role))
                text = element.text
            else:
                if before := opened.pop():
                    self._close(element, *before)
                text = element.tail
            if text and (self._text or not text.isspace()):
                self._say(text, element if event == "start" else None)
        self._flush()

    def _hint(self, element: etree._Element) -> tuple[int, str | None]:
        """What an element is here, and its role."""
        tag: Any = element.tag
        kind, role, eras = _hinted(tag, element.get("class"))
        if eras:
            self.eras += eras
        if self._elsewhere and element in self._elsewhere:
            kind = _SKIPPED if _names_columns(element) else max(kind, _BLOCK)
        return kind, role

    def _open(
        self, element: etree._Element, kind: int, role: str | None
    ) -> tuple[_State, int | None]:
        """What held before an element, with the number of blocks then if it is one."""
        before = self._now
        if kind < _BLOCK:
            self._open_inline(element, kind)
            return before, None
        self._end()
        spoke = len(self.blocks)
        if kind != _BLOCK or role or self._elsewhere:
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
        if self._text:
            self._flush()
        self._line = False

    def _say(self, text: str, said_in: etree._Element | None) -> None:
        self._text.append(text)
        now = self._now
        self._runs.append((now, said_in))
        if now.link:
            self._link = self._link or now.link
        elif not self._unlinked and _WORD.search(text):
            self._unlinked = True
        if not (self._plain or now.strong or text.isspace()):
            self._plain = True

    def _open_inline(self, element: etree._Element, kind: int) -> None:
        if kind == _ANCHOR:
            if link := element.get("href"):
                role, level, item, listing, _, strong = self._now
                self._now = _State(role, level, item, listing, link, strong)
        elif kind == _BREAK:
            spoke = len(self.blocks)
            self._is_divided = False
            self._flush()
            self._line = not self._is_divided and (self._line or len(self.blocks) > spoke)
        elif kind == _IMAGE:
            self._image = self._image or _source(element)
        elif element.tag != "font" or _is_large(element.get("size")):
            role, level, item, listing, link, _ = self._now
            self._now = _State(role, level, item, listing, link, True)

    def _open_block(self, element: etree._Element, kind: int, role: str | None) -> None:
        if element in self._elsewhere:
            self._open_item(self._elsewhere[element])
            if element.tag == "a":
                self._now = self._now._replace(link=element.get("href"))
        elif kind in (_ITEM, _LIST) and self._now.listing >= _FREE_LISTS and not role:
            pass  # a list within such an entry, as of its tags, is a part of it
        elif kind == _ITEM:
            self._open_item()
        elif kind == _LIST:
            self._open_list()
        else:
            before, level, item, listing, link, strong = self._now
            if kind == _HEADING:
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
        text = " ".join("".join(self._text).split())
        if text:
            role, level, item, listing, _, _ = self._now
            parts = None
            if role is None and (len(self._runs) > 1 or "|" in text) and _may_have_parts(text):
                parts = _parts(text, self._text, self._runs)
            if parts:
                self._add_parts(parts)
            else:
                level = level or (0 if self._plain else EMPHASIS)
                found = self._link, self._image, not self._unlinked, self._gap, self._line
                self.blocks.append(Block(text, role, level, item, listing, *found))
                self.said_in.append(self._runs[0][1])
            self._link = self._image = None
            self._gap = False
        self._text.clear()
        self._runs.clear()
        self._unlinked = self._plain = False

    def _add_parts(self, parts: Sequence["_Part"]) -> None:
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


class _Part(NamedTuple):
    """A part of a line: a date, a title. `strong` says that it is all in bold or large print."""

    text: str
    link: str | None
    strong: bool
    said_in: etree._Element | None


_LONGEST_LINE = 500  # characters of a line that holds a date, a title and a summary
_DIGIT = re.compile(r"\d")
_AROUND_PART = " ,;:|/()[]–—·-"
_LEADS_TO_DATE = re.compile(r"[:：]$")  # "Deadline: 15 September 2015"


def _may_have_parts(line: str) -> bool:
    return len(line) <= _LONGEST_LINE and bool(_DIGIT.search(line))


def _parts(
    line: str, texts: Sequence[str], runs: Sequence[tuple[_State, etree._Element | None]]
) -> list[_Part] | None:
    """The parts of a line that holds the date or the size of its link beside it, or has each part
    in an inline element of its own, one of them the date (observed: `span`s that a style sheet
    makes paragraphs of). None where the line is one text.
    """
    said = [
        _Part(text, state.link, state.strong, said_in)
        for text, (state, said_in) in zip(texts, runs, strict=True)
        if _WORD.search(text)
    ]
    linked = [_merged(list(group)) for _, group in groupby(said, attrgetter("link"))]
    is_led = bool(linked) and (linked[0].link is not None or _is_mark(linked[0]))
    found = _marked(linked) if is_led and 1 < len(linked) < 4 else None
    if found is None and _are_apart(said):
        found = _marked([_merged([part]) for part in said])
    if found is None and len(linked) == 1 and linked[0].text.count("|") == 1:  # Video | 3 May 2021
        found = _marked([linked[0]._replace(text=t.strip()) for t in linked[0].text.split("|")])
    return None if found and parse_dateline(line) else found


def _merged(parts: Sequence[_Part]) -> _Part:
    text = " ".join("".join([part.text for part in parts]).split())
    return _Part(text, parts[0].link, all(part.strong for part in parts), parts[0].said_in)


def _is_mark(part: _Part) -> bool:
    """Whether a part is what tells an entry: its date, or the size of a document."""
    text = part.text.strip(_AROUND_PART)
    return is_common_dateline(text) or is_size(text)


def _marked(parts: Sequence[_Part]) -> list[_Part] | None:
    """The parts, one of which is a date or a size, without what divides them. Lines that run
    into each other since all their parts are inline have one for each link.
    """
    marks = {at for at, part in enumerate(parts) if _is_mark(part)}
    links = {part.link for part in parts} - {None}
    if not 0 < len(marks) <= max(len(links), 1) or len(parts) < 2:
        return None
    if any(at and _LEADS_TO_DATE.search(parts[at - 1].text) for at in marks):
        return None
    return [
        part._replace(text=part.text.strip(_AROUND_PART)) if at in marks else part
        for at, part in enumerate(parts)
    ]


def _are_apart(parts: Sequence[_Part]) -> bool:
    """Whether each part is all the text of an inline element, none within another's."""
    around = [part.said_in for part in parts if part.said_in is not None]
    if len(around) < len(parts) or any(_KINDS.get(str(e.tag), _BLOCK) >= _BLOCK for e in around):
        return False
    return not any(up in around for each in around for up in each.iterancestors())


def _is_large(size: str | None) -> bool:
    """Whether the size of a `font` is above that of the text, 3 (HTML 3.2)."""
    return bool(size and (size in ("4", "5", "6", "7") or size.startswith("+")))


def _names_columns(row: etree._Element) -> bool:
    """Whether a row of a table of entries names its columns: "Date | Event | Place"."""
    is_head = len(row) > 1 and all(cell.tag == "th" for cell in row)
    return is_head and row.find(".//a") is None


# -- entries without lists -----------------------------------------------------------------


def _dated(walk: _Walk) -> list[tuple[etree._Element, bool]]:
    """The elements whose text is a date; whether each stands in no list."""
    pairs = zip(walk.blocks, walk.said_in, strict=True)
    dated = [(each, block) for block, each in pairs if each is not None]
    return [(each, not block.item) for each, block in dated if parse_dateline(block.text)]


def _items_without_lists(
    root: etree._Element, dated: Sequence[tuple[etree._Element, bool]]
) -> list[etree._Element]:
    """Elements that hold one dated entry each, and others like them.

    Of the elements around a date those are taken whose kind (tag and class) stands around
    most dates of the page and holds no second one: an `article`, else the outermost that holds
    no heading of a list.
    """
    around = [list(_around(element)) for element, _ in dated]
    dates_in = Counter(each for chain in around for each in chain)
    free = [chain for chain, (_, is_free) in zip(around, dated, strict=True) if is_free]
    single = [[each for each in chain if dates_in[each] == 1] for chain in free]
    kinds = Counter(kind for chain in single for kind in {_kind(each) for each in chain})
    chosen = {("article", each.get("class")) for each in root.iter("article")}
    items: dict[etree._Element, None] = {}
    heads_in = _headings_in(root)
    for chain in single:
        best = max((kinds[_kind(each)] for each in chain), default=0)
        fits = [each for each in chain if each.tag == "article" or kinds[_kind(each)] == best]
        item = next((each for each in fits if each.tag == "article"), None)
        if item is None and fits:
            item = _outermost(fits, chain[0], heads_in)
        if item is not None and _says_more(item):
            chosen.add(_kind(item))
            items[item] = None
    tags = {tag for tag, _ in chosen}  # observed: "d\x01", which `iter` takes for no tag
    same_tags = [each for each in root.iter() if each.tag in tags]
    same_kind = (each for each in same_tags if _kind(each) in chosen)
    items |= dict.fromkeys(each for each in same_kind if _is_like(each, dates_in))
    return [each for each in items if not any(up in items for up in each.iterancestors())]


def _documents(walk: _Walk, items: Container[etree._Element]) -> list[etree._Element]:
    """Elements outside of `items` that hold a link and the size of its document, one of each."""
    pairs = pairwise(zip(walk.blocks, walk.said_in, strict=True))
    sized = [
        (link.text, said_in)
        for (link, said_in), (block, _) in pairs
        if said_in is not None and link.bare and not block.item and is_size(block.text)
    ]
    around = [each for text, said_in in sized for each in _first_around(text, said_in)]
    found = Counter(each for each in around if not any(up in items for up in _around(each)))
    return [each for each, number in found.items() if number == 1]


def _first_around(text: str, said_in: etree._Element) -> Iterator[etree._Element]:
    """The innermost element that says more than `text`, which is said in `said_in`."""
    for each in islice(_around(said_in), _MOST_AROUND):
        if len(fold("".join(each.itertext()))) > len(text):
            yield each
            return


_MOST_AROUND = 12  # elements around a date that are looked at


def _headings_in(root: etree._Element) -> Counter[etree._Element]:
    """How many headings stand in each element; the name of a page counts for two."""
    found: Counter[etree._Element] = Counter()
    for heading in root.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        found.update(dict.fromkeys(heading.iterancestors(), 2 if heading.tag == "h1" else 1))
    return found


def _outermost(
    fits: Sequence[etree._Element], dated: etree._Element, heads_in: Counter[etree._Element]
) -> etree._Element:
    """The outermost element with one heading at most, which is its title and not that of a list;
    if there is none, the innermost that says more than its date.
    """
    best = None
    is_title = False  # of the only heading so far, so it is asked once
    for each in fits[:_MOST_AROUND]:
        if heads_in[each] and not is_title:
            is_title = heads_in[each] == 1 and not _is_list_above(each, dated)
        if heads_in[each] and not (is_title and heads_in[each] == 1):
            break
        best = each if best is not None or _says_more(each) else None
    return best if best is not None else next(filter(_says_more, fits[:_MOST_AROUND]), fits[-1])


def _is_list_above(element: etree._Element, dated: etree._Element) -> bool:
    """Whether the heading of an element has no link, and a link stands between it and the date."""
    heading = False
    for each in element.iter():
        if each is dated:
            return False
        if each.tag in ("h2", "h3", "h4", "h5", "h6"):
            if each.find(".//a") is not None or next(each.iterancestors("a"), None) is not None:
                return False
            heading = True
        elif heading and each.tag == "a":
            return True
    return False


def _listed(root: etree._Element, items: Sequence[etree._Element]) -> dict[etree._Element, int]:
    """Items -> the number of their list: the nearest element around with more than one of them."""
    items_in = Counter(up for each in items for up in each.iterancestors())
    numbers: dict[etree._Element, int] = {}
    found = {}
    for each in items:
        around = next((up for up in each.iterancestors() if items_in[up] > 1), root)
        found[each] = numbers.setdefault(around, _FREE_LISTS + len(numbers))
    return found


_FREE_LISTS = 10_000  # above the numbers of the lists of any page


def _around(element: etree._Element) -> Iterator[etree._Element]:
    yield element
    yield from element.iterancestors()


def _kind(element: etree._Element) -> tuple[str, str | None]:
    return str(element.tag), element.get("class")


def _says_more(element: etree._Element) -> bool:
    """Whether an element says more than its date."""
    return not parse_dateline(fold("".join(element.itertext())))


def _is_like(element: etree._Element, dates_in: Counter[etree._Element]) -> bool:
    """Whether an element of the kind of an item is one: with a date, or with a link or a class
    of its own.
    """
    if element in dates_in:
        return dates_in[element] == 1
    if element.tag == "p":  # a paragraph of lines, one of them a link
        return element.find(".//a") is not None and element.find("br") is not None
    return element.tag not in ("td", "div") or bool(element.get("class"))
