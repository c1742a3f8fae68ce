"""HTML or text -> blocks: the paragraphs of a page in reading order, with what hints at them.

Both forms become one stream, so that one grammar (`page`) reads every era. HTML is walked once.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import groupby, islice
from operator import attrgetter
from typing import NamedTuple

from lxml import etree

from ilo_archive.reader.block import CONTROLS, FREE_LISTS, MAX_BLOCKS, Block, PageRefused, fold
from ilo_archive.reader.charset import Charset, charset_of, odd_characters
from ilo_archive.reader.html.menus import without_menus
from ilo_archive.reader.html.unlisted_items import (
    dated_elements,
    has_free_entries,
    items_without_lists,
    numbered_lists,
    sized_documents,
)
from ilo_archive.reader.html.walk import walked
from ilo_archive.reader.markdown import html_of, is_markdown
from ilo_archive.reader.plain_text import text_blocks
from ilo_archive.text.datelines import is_common_dateline, parse_dateline


class Blocks(NamedTuple):
    """The blocks of a page, the template they came from and what was unsure on the way."""

    blocks: list[Block]
    template: str
    warnings: list[str]
    charset: Charset


_MARKUP = re.compile(
    rb"<(?:!doctype|html|head|body|div|table|p|ul|ol|h[1-6]|a|span|meta)\b", re.IGNORECASE
)
_MADE = Charset("utf-8", "utf-8")  # of the HTML that is made of Markdown


def to_blocks(body: bytes, content_type: str | None = None, *, menus: bool = False) -> Blocks:
    """The blocks of a page, HTML or text. `content_type` is the HTTP header of that name.

    Of a menu only the first link is there, unless `menus` is set. Raises PageRefused for a body
    that is too large, or too intricate, to be read in 2 s.
    """
    _refuse_too_much(body)
    warnings: list[str] = []
    charset = charset_of(body, content_type, warnings)
    if _MARKUP.search(body.replace(b"\0", b"") if b"\0" in body[:4] else body):
        page = body if menus else without_menus(body, charset.name)
        return _html_blocks(page, charset, warnings)
    text = body.decode(charset.name, "replace").removeprefix("\ufeff")
    if is_markdown(text):
        found = _html_blocks(html_of(text).encode(), _MADE, warnings)
        return found._replace(template="markdown", charset=charset)
    return Blocks(_few(text_blocks(text)), "text", warnings + odd_characters(text), charset)


# -- what is too much ----------------------------------------------------------------------

# Office pages have 15 to 60 KB, 1,000 tags and 300 paragraphs.
_MAX_BYTES = 8 * 2**20
_MAX_TAGS = 200_000
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
    found = list(islice(blocks, MAX_BLOCKS + 1))
    if len(found) > MAX_BLOCKS:
        raise PageRefused(f"no page: more than {MAX_BLOCKS:,} paragraphs")
    return found


# -- HTML ----------------------------------------------------------------------------------


def _html_blocks(body: bytes, charset: Charset, warnings: list[str]) -> Blocks:
    root = _parse(body, charset.name)
    if root is None:
        return Blocks([], "html", [*warnings, "the markup holds no page"], charset)
    walk = walked(root, {})
    if has_free_entries(root, walk.blocks):
        items = items_without_lists(root, dated_elements(walk))
        items += sized_documents(walk, set(items))
        walk = walked(root, numbered_lists(root, items)) if items else walk
    said = "".join([block.text for block in walk.blocks])
    blocks = _without_controls(walk.blocks) if CONTROLS.search(said) else walk.blocks
    name = Counter(walk.eras).most_common(1)[0][0] if walk.eras else "html"
    blocks = _unwrapped(_paragraphs_of(blocks))
    return Blocks(blocks, name, warnings + odd_characters(said), charset)


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
    is_entry = said[0].listing >= FREE_LISTS
    return is_one and (is_entry or any(parse_dateline(block.text) for block in said))


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
