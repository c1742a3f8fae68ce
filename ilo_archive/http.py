"""HTTP messages as archives keep them, and their bodies without content coding (RFC 9110, 8.4)."""

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
    """An archived response: the body as it was sent, content encoding untouched, unchunked."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def digest(self) -> str:
        """Base32 SHA-1 of the body, the form of `WARC-Payload-Digest` and of CDX rows."""
        return base64.b32encode(hashlib.sha1(self.body, usedforsecurity=False).digest()).decode()


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What was asked for, and of whom: of the archive, where one played the capture back."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]


MAX_BODY = 64 * 2**20
"""Bytes of a body, raw or decoded, beyond which it is refused: no homepage comes near."""

_STEP = 2**20  # bytes decompressed at a time
_COUNTED_FROM = 8 * _STEP  # decompressed bytes beyond which all are counted first
_CUT = "compressed body cut short"
_GZIP, _ZLIB, _ZSTD = b"\x1f\x8b", b"\x78", b"\x28\xb5\x2f\xfd"
_ZLIB_HEADER = re.compile(rb"\x78[\x01\x5e\x9c\xda]")  # of every level (RFC 1950, 2.2)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # bytes that packed bodies abound in
_LOOKED_AT = 1024  # bytes of a body that tell whether it is text


class BodyRefused(ValueError):
    """A body that is larger than MAX_BODY or whose encoding is broken."""


def decoded_body(message: HttpMessage) -> bytes:
    """The body without its content encoding.

    The magic bytes are tried first, then the header: archives serve gzip with a blank or a
    wrong `Content-Encoding` (observed), and plain text under that of a packed body. Brotli has
    none: bytes that are no text are taken for it where they unpack to their end. Raises
    BodyRefused, also for a body that is cut: half a page would read as the absence of entries.
    """
    named = (message.header("Content-Encoding") or "").strip().lower()
    body = message.body
    try:
        if body.startswith(_GZIP):
            return _joined(lambda: _gunzipped(body))
        if body.startswith(_ZSTD):
            return _joined(lambda: _unzstded(body))
        decoded = _as_named(named, body)
    except (zlib.error, zstd.ZstdError) as error:
        raise BodyRefused(f"broken {named or 'compressed'} body: {error}") from error
    return _guessed(body) if decoded is body and _is_packed(body) else decoded


def _as_named(named: str, body: bytes) -> bytes:
    """The body itself where it is not packed as its header says."""
    if named == "deflate":
        return _deflated(body)
    if _ZLIB_HEADER.match(body) and _is_packed(body):
        with suppress(zlib.error):
            return _joined(partial(_deflated_parts, zlib.MAX_WBITS, body))
    return _unbrotlied(body) if named == "br" else body


def _is_packed(body: bytes) -> bool:
    return bool(_NO_TEXT.search(body, 0, _LOOKED_AT))


def _guessed(body: bytes) -> bytes:
    """As Brotli, the body itself where that makes no more of it than there was."""
    with suppress(brotli.error, BodyRefused):
        unpacked = _joined(lambda: _unbrotlied_parts(body))
        return unpacked if len(unpacked) > len(body) else body
    return body


def _joined(parts: Callable[[], Iterator[bytes]]) -> bytes:
    """All parts; what is large is counted before it is kept, so that a bomb takes no memory."""
    kept, size = [], 0
    for part in parts():
        size += len(part)
        if size > MAX_BODY:
            raise BodyRefused(f"more than {MAX_BODY >> 20} MB when decompressed")
        if size <= _COUNTED_FROM:
            kept.append(part)
    return b"".join(kept if size <= _COUNTED_FROM else parts())


def _gunzipped(body: bytes) -> Iterator[bytes]:
    """Of every gzip member (RFC 1952, 2.2: there may be several)."""
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
    """Of every frame, none with a larger window than the web allows (RFC 9659: 8 MB)."""
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
    """With or without the zlib header: servers send both (RFC 9110, 8.4.1.2, note).

    The body itself where it is neither.
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
    """Decoded; the body itself where it is no Brotli (it has no magic bytes to tell by)."""
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


def reason_phrase(status: int) -> str:
    """The reason phrase of a status, empty for one that is not registered (RFC 9110, 15.1)."""
    return _PHRASES.get(status, "")


_PHRASES = {status.value: status.phrase for status in HTTPStatus}
