"""HTTP messages as archives store them, and decoding of their bodies (RFC 9110, section 8.4)."""

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus

import brotli
from backports import zstd


@dataclass(frozen=True, slots=True)
class HttpMessage:
    """An archived response. `body` is as sent: content coding kept, transfer coding removed."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """The value of the first header of this name, in any case; None if there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def digest(self) -> str:
        """Base32 SHA-1 of the body, as in `WARC-Payload-Digest` and in CDX rows."""
        return base64.b32encode(hashlib.sha1(self.body, usedforsecurity=False).digest()).decode()


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """The request that brought a capture; `url` is the archive's if an archive played it back."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]


MAX_BODY = 64 * 2**20
"""Bytes; a larger body, raw or decoded, is refused. Homepages are far smaller."""

_STEP = 2**20  # bytes decompressed at a time
_COUNTED_FROM = 8 * _STEP  # bytes; a larger decompressed body is counted before it is kept
_MAX_CODINGS = 4  # one applied twice is common, four are not: a gzip file can contain itself
_CUT = "compressed body cut short"
_GZIP, _ZLIB, _ZSTD = b"\x1f\x8b", b"\x78", b"\x28\xb5\x2f\xfd"
_ZLIB_HEADER = re.compile(rb"\x78[\x01\x5e\x9c\xda]")  # the four levels of RFC 1950, 2.2
# Scripts print a line break or a byte order mark before they switch compression on.
_BEFORE_MAGIC = re.compile(rb"(?:\xef\xbb\xbf|[\r\n\t ])++(?=\x1f\x8b|\x28\xb5\x2f\xfd)")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # bytes that text does not have
_UTF16 = (b"\xff\xfe", b"\xfe\xff")  # byte order marks of a text that has such bytes
_SNIFFED = 1024  # bytes from the start of a body, searched for binary ones
_COMPRESSED = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress"})


class BodyRefused(ValueError):
    """A body that is larger than MAX_BODY or whose content coding is broken."""


def decoded_body(message: HttpMessage) -> bytes:
    """The body without its content codings.

    Raises BodyRefused, also for a truncated body: half a page would look as if entries were absent.
    """
    body = message.body
    for layer in body_layers(message):
        body = layer
    return body


def body_layers(message: HttpMessage) -> Iterator[bytes]:
    """Yield the body after each content coding that is removed from it, last the one without any.

    Magic bytes count before the header: web archives serve gzip with a blank or wrong
    `Content-Encoding`, plain text with the header of a compressed body, and bodies compressed twice
    with one header or two. Brotli has no magic bytes: binary data that decompresses to its end is
    taken for Brotli. Raises BodyRefused.
    """
    codings = _codings(message)
    was_declared = bool(_COMPRESSED & {*codings})
    body = message.body
    for _ in range(_MAX_CODINGS):
        decoded = _without_one(codings.pop() if codings else "", body)
        if decoded is not body:
            body, was_declared = decoded, False
            yield body
        elif not codings:
            break
    if body.startswith((_GZIP, _ZSTD)):
        raise BodyRefused(f"compressed more than {_MAX_CODINGS} times")
    if was_declared and is_binary(body):
        raise BodyRefused("broken compressed body")


def _codings(message: HttpMessage) -> list[str]:
    """The content codings in the order in which they were applied (RFC 9110, 8.4)."""
    values = [value for key, value in message.headers if key.lower() == "content-encoding"]
    return [each.strip().lower() for each in ",".join(values).split(",") if each.strip()]


def _without_one(coding: str, body: bytes) -> bytes:
    """The body without one content coding; the body itself if it has none. Raises BodyRefused."""
    before = _BEFORE_MAGIC.match(body)
    packed = body[before.end() :] if before else body
    try:
        if packed.startswith(_GZIP):
            return _joined(lambda: _gunzipped(packed))
        if packed.startswith(_ZSTD):
            return _joined(lambda: _unzstded(packed))
        decoded = _decoded_as(coding, body)
    except (zlib.error, zstd.ZstdError) as error:
        raise BodyRefused(f"broken {coding or 'compressed'} body: {error}") from error
    return _guessed(body) if decoded is body and is_binary(body) else decoded


def _decoded_as(coding: str, body: bytes) -> bytes:
    """Decode by the header's content coding; the body itself if it is not coded so."""
    if coding == "deflate":
        return _deflated(body)
    if _ZLIB_HEADER.match(body) and is_binary(body):
        with suppress(zlib.error):
            return _joined(partial(_deflated_parts, zlib.MAX_WBITS, body))
    return _unbrotlied(body) if coding == "br" else body


def is_binary(body: bytes, size: int = _SNIFFED) -> bool:
    """True if the first `size` bytes of a body are not text."""
    return bool(_BINARY.search(body, 0, size)) and not body.startswith(_UTF16)


def _guessed(body: bytes) -> bytes:
    """Decode binary data as Brotli; the data itself if that fails or makes it no larger."""
    with suppress(brotli.error, BodyRefused):
        unpacked = _joined(lambda: _unbrotlied_parts(body))
        return unpacked if len(unpacked) > len(body) else body
    return body


def _joined(parts: Callable[[], Iterator[bytes]]) -> bytes:
    """Join all parts. A large body is counted first, so that a zip bomb takes no memory."""
    kept, size = [], 0
    for part in parts():
        size += len(part)
        if size > MAX_BODY:
            raise BodyRefused(f"more than {MAX_BODY >> 20} MB when decompressed")
        if size <= _COUNTED_FROM:
            kept.append(part)
    return b"".join(kept if size <= _COUNTED_FROM else parts())


def _gunzipped(body: bytes) -> Iterator[bytes]:
    """Decompress every gzip member (RFC 1952, 2.2: there may be several)."""
    while body.startswith(_GZIP):
        engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
        yield from _inflated(engine, body)
        body = engine.unused_data


def _inflated(engine: "zlib._Decompress", body: bytes) -> Iterator[bytes]:
    while not engine.eof:
        part = engine.decompress(body, _STEP)
        body = engine.unconsumed_tail
        if not (part or body or engine.eof):
            raise BodyRefused(_CUT)
        yield part


def _unzstded(body: bytes) -> Iterator[bytes]:
    """Decompress every frame; a window may have 8 MB, as on the web (RFC 9659)."""
    while body.startswith(_ZSTD):
        engine = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 23})
        while not engine.eof:
            part = engine.decompress(body, _STEP)
            body = b""
            if not part and engine.needs_input:
                raise BodyRefused(_CUT)
            yield part
        body = engine.unused_data


def _deflated(body: bytes) -> bytes:
    """Decode deflate with or without the zlib header: servers send both (RFC 9110, 8.4.1.2, note).

    Returns the body itself if it is neither.
    """
    for window in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        with suppress(zlib.error):
            return _joined(partial(_deflated_parts, window, body))
    if body.startswith(_ZLIB):
        raise BodyRefused("broken deflate body")
    return body


def _deflated_parts(window: int, body: bytes) -> Iterator[bytes]:
    return _inflated(zlib.decompressobj(window), body)


def _unbrotlied(body: bytes) -> bytes:
    """Decode Brotli; the body itself if it is not Brotli."""
    try:
        return _joined(lambda: _unbrotlied_parts(body))
    except brotli.error:
        return body


def _unbrotlied_parts(body: bytes) -> Iterator[bytes]:
    engine = brotli.Decompressor()
    while not engine.is_finished():
        part = engine.process(body, output_buffer_limit=_STEP)
        body = b""
        if not (part or engine.is_finished()):
            raise BodyRefused(_CUT)
        yield part


# -- transfer coding -----------------------------------------------------------------------


def unchunked(body: bytes) -> bytes | None:
    """A body without the chunked transfer coding (RFC 9112, 7.1).

    Returns the body itself if it is not chunked: many writers remove the coding and keep its
    header. None if it is cut short or has more than MAX_CHUNKS chunks. Archived bodies end in
    several ways: with the last chunk alone, without its line break, with trailers, with blanks
    after the size.
    """
    parts: list[bytes] = []
    position = 0
    while chunk := _CHUNK.match(body, position):
        position, size = chunk.end(), int(chunk[1], 16)
        if size == 0:
            is_end = bool(parts) or bool(_TRAILERS.fullmatch(body, position))
            return b"".join(parts) if is_end else body
        parts.append(body[position : position + size])
        position += size
        if position > len(body) or len(parts) > MAX_CHUNKS:
            return None
    return None if parts else body


MAX_CHUNKS = 2**19
"""The largest number of chunks of a body; that of a homepage has hundreds."""

_CHUNK = re.compile(rb"(?:\r?\n)?([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?(?:\r?\n|\Z)")
_TRAILERS = re.compile(rb"(?:[\w-]+:[^\r\n]*\r?\n)*(?:\r?\n)*")


# -- what a body is ------------------------------------------------------------------------

TEXT_TYPES = ("text/html", "application/xhtml+xml", "text/plain")
"""The content types of pages."""

_UNKNOWN_TYPES = frozenset({"unknown/unknown", "application/unknown", "*/*"})
# The beginnings of MIME Sniffing (WHATWG), 7.1, behind what may come before them.
_BEFORE_TAG = rb"(?:\xef\xbb\xbf)?(?:\s|<!--.*?-->|<\?xml.*?\?>)*+"
_HTML_BEGIN = re.compile(
    _BEFORE_TAG + rb"<(?:!doctype\s+html|html|head|body|title|script|meta|link|style|iframe"
    rb"|frameset|table|div|font|center|h1|br|p|a|b)(?=[\s>/])",
    re.IGNORECASE | re.DOTALL,
)
_DOCUMENT_BEGIN = re.compile(
    _BEFORE_TAG + rb"<(?:!doctype\s+html|html|head)(?=[\s>])", re.IGNORECASE | re.DOTALL
)


def may_be_page(message: HttpMessage) -> bool:
    """True if the message may be a page, whatever its status.

    Servers send pages without a content type, with one that does not exist (`html`) and with that
    of another thing (`application/octet-stream`): then the bytes decide.
    """
    declared = (message.header("Content-Type") or "").strip(" \"'\t").lower()
    if declared.startswith(TEXT_TYPES):
        return True
    kind = declared.partition(";")[0].strip()
    beginning = _beginning(message)
    if "/" in kind and kind not in _UNKNOWN_TYPES:
        return bool(_DOCUMENT_BEGIN.match(beginning))
    return bool(_HTML_BEGIN.match(beginning)) or (not kind and not is_binary(beginning))


def missing_bytes(message: HttpMessage) -> int:
    """The number of bytes that a page lacks at its end; 0 if it is whole or that is not known.

    Its Content-Length says so. That of a compressed body may be from before or after decoding, and
    a page that closes its last element is whole, whatever the header.
    """
    stated = message.header("Content-Length") or ""
    is_known = stated.isascii() and stated.isdecimal() and len(stated) < 12
    if not (is_known and message.body) or _codings(message) or _HTML_END.search(message.body):
        return 0
    return max(0, int(stated) - len(message.body))


_HTML_END = re.compile(rb"</html\s*>", re.IGNORECASE)


def _beginning(message: HttpMessage) -> bytes:
    """The first bytes of a body, decoded; of a broken one as they are."""
    if not _codings(message) and not message.body.startswith((_GZIP, _ZSTD)):
        body = message.body[:_SNIFFED]
    else:
        try:
            body = decoded_body(message)[:_SNIFFED]
        except BodyRefused:
            body = message.body[:_SNIFFED]
    return body.replace(b"\0", b"") if body.startswith(_UTF16) else body


def reason_phrase(status: int) -> str:
    """The reason phrase of a status; empty if the status is not registered (RFC 9110, 15.1)."""
    return _PHRASES.get(status, "")


_PHRASES = {status.value: status.phrase for status in HTTPStatus}
