"""The paragraphs of a whole page, menus too: what `refusals` judges a page without entries by."""

from ilo_archive.reader.block import EMPHASIS, MAX_BLOCKS, Block, PageRefused
from ilo_archive.reader.body import form_of
from ilo_archive.reader.charset import charset_of
from ilo_archive.reader.html.dated_texts import dated_texts
from ilo_archive.reader.html.lines import Line, LineReader
from ilo_archive.reader.html.markup import parse_markup

_ITEM_PATHS = ("/li", "/tr", "/dd", "/article")


def paragraphs_of(body: bytes, content_type: str | None = None) -> list[Block]:
    """The paragraphs of an HTML page in reading order, none of what is no HTML.

    Raises PageRefused for a page of too many.
    """
    charset = charset_of(body, content_type, [])
    markup = parse_markup(body, charset.name) if form_of(body) == "html" else None
    if markup is None:
        return []
    lines = LineReader(markup, dated_texts(markup)).lines(0).lines
    if len(lines) > MAX_BLOCKS:
        raise PageRefused(f"no page: more than {MAX_BLOCKS:,} paragraphs")
    return [_block(line) for line in lines]


def _block(line: Line) -> Block:
    place = line.place
    level = place.level or (EMPHASIS if place.bold else 0)
    is_item = any(part in place.key for part in _ITEM_PATHS)
    return Block(line.text, place.role, level, int(is_item), bare=line.linked > 0.97)
