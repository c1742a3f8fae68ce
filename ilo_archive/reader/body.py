"""The bytes of a capture before they are parsed: what is no page, what is too much, what form."""

import re
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Literal

from ilo_archive.reader.block import PageRefused
from ilo_archive.reader.markdown import is_markdown

Form = Literal["html", "markdown", "text"]

_MARKUP = re.compile(
    rb"<(?:!doctype|html|head|body|div|table|p|ul|ol|h[1-6]|a|span|meta)\b", re.IGNORECASE
)


def form_of(body: bytes, text: str | None = None) -> Form:
    """How a page is written: tags make it HTML, headings with # Markdown. `text` is the decoded
    body, needed to tell Markdown.
    """
    head = body[:4]
    if _MARKUP.search(body.replace(b"\0", b"") if b"\0" in head else body):
        return "html"
    return "markdown" if text is not None and is_markdown(text) else "text"


# -- what a caller gives -------------------------------------------------------------------

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_LONGEST_PATH = 1000  # characters


def body_of(page: bytes | str | PathLike[str]) -> bytes:
    """The bytes of a page that is given as bytes, as text, or as the path of a file.

    Raises PageRefused for a file that cannot be opened and for text that is a path or an address;
    TypeError for anything else.
    """
    if isinstance(page, bytes):
        return page
    if isinstance(page, bytearray | memoryview):
        return bytes(page)
    if isinstance(page, str):
        _refuse_name(page.strip())
        # A mark of UTF-8 goes before the charset that the text may declare.
        return page.removeprefix("\ufeff").encode("utf-8-sig", "replace")
    if isinstance(page, PathLike):
        return _content_of(Path(page))
    raise TypeError(
        f"read_page takes bytes, text or a path (pathlib.Path), not {type(page).__name__}"
    )


def _refuse_name(text: str) -> None:
    if _ADDRESS.fullmatch(text):
        raise PageRefused(f"{text[:80]} is an address: fetch the page, then pass what it answers")
    if "\n" not in text and "<" not in text and 0 < len(text) < _LONGEST_PATH:
        try:
            is_file = Path(text).is_file()
        except (OSError, ValueError):  # a name that no file can have
            return
        if is_file:
            raise PageRefused(f"{text[:80]} is the name of a file: pass pathlib.Path of it")


def _content_of(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise PageRefused(f"cannot open {path}: {error.strerror}") from error


# -- files of other kinds ------------------------------------------------------------------

_SIGNATURES = (
    (b"%PDF-", "a PDF file"),
    (b"\x89PNG\r\n", "an image (PNG)"),
    # A marker of a segment follows (ITU T.81, table B.1), so that stray bytes make no image.
    *((b"\xff\xd8\xff" + bytes([marker]), "an image (JPEG)") for marker in range(0xC0, 0xFF)),
    (b"GIF8", "an image (GIF)"),
    (b"RIFF", "a media file (RIFF)"),
    (b"BM", "an image (BMP)"),
    (b"\0\0\1\0", "an icon"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b\x08", "a gzip file"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"ID3", "an audio file"),
    (b"OggS", "a media file (Ogg)"),
    (b"FWS", "a Flash file"),
    (b"CWS", "a Flash file"),
    (b"\0asm", "a WebAssembly file"),
    (b"\x7fELF", "a program"),
)
_TEXTUAL = ("an image (BMP)", "an audio file", "a Flash file", "a media file (RIFF)")
_FEED = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?s:.){0,500}?-->\s*)*(?:<\?xml-stylesheet[^>]{0,300}>\s*)*"
    rb"<(?:(rss|feed|rdf:RDF|urlset|sitemapindex|opml)\b)",
    re.IGNORECASE,
)
_JSON = re.compile(rb'\s*(?:\{\s*(?:"[^"\n]{0,200}"\s*:|\})|\[\s*(?:[{\["\d]|\]))')
_PLAIN_STARTS = frozenset((b"<!doc", b"<html", b"<head", b"<body"))
_HEAD = 4096  # bytes in which the kind of a file shows


def refuse_other_files(body: bytes) -> None:
    """Raise PageRefused for a PDF, an image, an archive, JSON or a feed, with its kind."""
    start = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:5].lower() in _PLAIN_STARTS:
        return
    head = body[:_HEAD]
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for signature, kind in _SIGNATURES:
        if start.startswith(signature) and (kind not in _TEXTUAL or b"\0" in head):
            raise PageRefused(f"not a page: {kind}")
    if start[4:12] in (b"ftypisom", b"ftypmp42", b"ftypavif", b"ftypheic"):
        raise PageRefused("not a page: a media file (MP4)")
    if found := _FEED.match(start):
        raise PageRefused(f"not a page: a feed or sitemap (<{found[1].decode()}>)")
    if _JSON.match(start) and start.rstrip()[:1] in b"{[" and not _MARKUP.search(head):
        raise PageRefused("not a page: JSON")


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
    rb"""<!--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>|\Z))
       | <(?:script|style)\b(?:[^<]++|<(?!/(?:script|style)))*+
       | (?P<tag> <[a-z] (?: [^>=]++ | =\s*+(?:"[^"]*+"|'[^']*+')?+ )*+ )""",
    re.VERBOSE | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(rb"""=\s*+(?:"[^"]*+"|'[^']*+')|[\s/]++""")


def refuse_too_much(body: bytes) -> None:
    """Raise PageRefused for a body that takes seconds or gigabytes to read."""
    if len(body) > _MAX_BYTES:
        raise PageRefused(f"no page: more than {_MAX_BYTES >> 20} MB")
    if len(body) <= _FEW_ATTRIBUTES:
        return
    if body.count(b"<") > _MAX_TAGS:
        raise PageRefused(f"no page: more than {_MAX_TAGS:,} tags")
    if not _may_have_many_attributes(body):
        return
    for found in _TAG.finditer(body.replace(b"\0", b"")):
        tag = found["tag"] or b""
        if len(tag) > _MANY_ATTRIBUTES and len(_ATTRIBUTE.findall(tag)) > _MAX_ATTRIBUTES:
            raise PageRefused(f"no page: a tag with more than {_MAX_ATTRIBUTES:,} attributes")


def _may_have_many_attributes(body: bytes) -> bool:
    """Whether a part between two "<" is long and has many words, or "<" is often quoted, so that
    the parts say nothing; microseconds on a page.
    """
    if body.count(b"'<") + body.count(b'"<') > _MAX_ATTRIBUTES // 2:
        return True
    for part in _long_parts(body):
        words = len(part.split()) + part.count(b"=") + part.count(b"/")
        if words > _MAX_ATTRIBUTES:
            return True
    return False


def _long_parts(body: bytes) -> Iterator[bytes]:
    """The parts between two "<" that are long enough for many attributes; the last "<" in reach
    of one is looked for, so that most of a page is passed over.
    """
    start, size = 0, len(body)
    while start < size:
        last = body.rfind(b"<", start + 1, start + _MANY_ATTRIBUTES + 1)
        if last < 0:
            last = body.find(b"<", start + _MANY_ATTRIBUTES)
            last = size if last < 0 else last
            yield body[start:last]
        start = last
