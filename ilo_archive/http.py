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
_CUT = "compressed body cut short"
_GZIP, _ZLIB, _ZSTD = b"\x1f\x8b", b"\x78", b"\x28\xb5\x2f\xfd"
_ZLIB_HEADER = re.compile(rb"\x78[\x01\x5e\x9c\xda]")  # the four levels of RFC 1950, 2.2
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # bytes that text does not have
_SNIFFED = 1024  # bytes from the start of a body, searched for binary ones


class BodyRefused(ValueError):
    """A body that is larger than MAX_BODY or whose content coding is broken."""


def decoded_body(message: HttpMessage) -> bytes:
    """The body without its content coding.

    Magic bytes count before the header: web archives serve gzip with a blank or wrong
    `Content-Encoding`, and plain text with the header of a compressed body. Brotli has no magic
    bytes: binary data that decompresses to its end is taken for Brotli. Raises BodyRefused, also
    for a truncated body: half a page would look as if entries were absent.
    """
    coding = (message.header("Content-Encoding") or "").strip().lower()
    body = message.body
    try:
        if body.startswith(_GZIP):
            return _joined(lambda: _gunzipped(body))
        if body.startswith(_ZSTD):
            return _joined(lambda: _unzstded(body))
        decoded = _decoded_as(coding, body)
    except (zlib.error, zstd.ZstdError) as error:
        raise BodyRefused(f"broken {coding or 'compressed'} body: {error}") from error
    return _guessed(body) if decoded is body and _is_binary(body) else decoded


def _decoded_as(coding: str, body: bytes) -> bytes:
    """Decode by the header's content coding; the body itself if it is not coded so."""
    if coding == "deflate":
        return _deflated(body)
    if _ZLIB_HEADER.match(body) and _is_binary(body):
        with suppress(zlib.error):
            return _joined(partial(_deflated_parts, zlib.MAX_WBITS, body))
    return _unbrotlied(body) if coding == "br" else body


def _is_binary(body: bytes) -> bool:
    return bool(_BINARY.search(body, 0, _SNIFFED))


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


def reason_phrase(status: int) -> str:
    """The reason phrase of a status; empty if the status is not registered (RFC 9110, 15.1)."""
    return _PHRASES.get(status, "")


_PHRASES = {status.value: status.phrase for status in HTTPStatus}
