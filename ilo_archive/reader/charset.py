"""The charset of a body: declared, fitting, or detected; and characters that look wrong."""

import re
from typing import Literal, NamedTuple

from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
    resolve_encoding,
)


class Charset(NamedTuple):
    """The charset that a body was read in (a codec of Python), and what it was recognised by."""

    name: str
    reason: Literal["bom", "http", "meta", "utf-8", "detected"]


def charset_of(body: bytes, content_type: str | None, warnings: list[str]) -> Charset:
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


_MOJIBAKE_LETTERS = "âÃÐÑРС"  # what the expression begins with, to be looked for in microseconds


def odd_characters(text: str) -> list[str]:
    """What looks wrong of a text's characters; nothing is repaired."""
    found = ["characters that the charset does not know"] if "\ufffd" in text else []
    may_be_odd = not text.isascii() and any(letter in text for letter in _MOJIBAKE_LETTERS)
    if may_be_odd and (odd := _MOJIBAKE.search(text)):
        found.append(f"characters encoded twice: {odd[0]!r}")
    return found
