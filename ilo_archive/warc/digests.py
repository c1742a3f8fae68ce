"""Compare the digests that a WARC record states with its bytes (ISO 28500:2017, 5.8 and 5.9)."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache

from ilo_archive.http import BodyRefused, HttpMessage, body_layers, unchunked

_DIGEST = re.compile(rb"\nWARC-(Block|Payload)-Digest:[ \t]*([\w-]+):([\w+/=-]+)", re.IGNORECASE)
_SEGMENT = re.compile(rb"\nWARC-Segment-Number:", re.IGNORECASE)
_CODING = re.compile(rb"\ncontent-encoding:[ \t]*([\w ,-]+)")
_HEAD_END = re.compile(rb"\n\r?\n")  # begins with one byte, which is found quickly
_MAX_HEAD = 2**16  # bytes


@dataclass(frozen=True, slots=True)
class DigestCheck:
    """What the digests of a record say about its bytes: True if one fits, False if it does not.

    None if the record states none, or one of an unknown algorithm or of bytes of another record. A
    block digest beside a right payload digest is not looked at, and None.
    """

    block: bool | None = None
    payload: bool | None = None

    @property
    def is_vouched(self) -> bool:
        """True if a digest proves that the content is as it was written."""
        return bool(self.block or self.payload)

    @property
    def are_both_wrong(self) -> bool:
        """True if two digests agree that the bytes are not those that were written."""
        return self.block is False and self.payload is False

    @property
    def mismatch(self) -> str | None:
        """The digest that does not fit, `block` or `payload`; None without one.

        A block digest of other bytes beside a right payload digest is none: tools that copy records
        write the HTTP headers anew and leave the digest as it was.
        """
        if self.payload is False:
            return "payload"
        return "block" if self.block is False else None


def check_digests(head: bytes, block: memoryview, is_revisit: bool) -> DigestCheck:
    """Compare the first block digest and the first payload digest of a record with its block.

    `head` are the record's own headers.
    """
    stated: dict[str, tuple[str, str]] = {}
    for found in _DIGEST.finditer(head):
        name, algorithm, value = found.groups()
        stated.setdefault(name.decode().lower(), (algorithm.decode(), value.decode()))
    if is_revisit or _SEGMENT.search(head):
        stated.pop("payload", None)  # its bytes are in another record
    payload = _any_matches(_payloads(block), *stated["payload"]) if "payload" in stated else None
    if payload or "block" not in stated:
        return DigestCheck(payload=payload)
    return DigestCheck(_any_matches((block,), *stated["block"]), payload)


def _any_matches(bodies: Iterable[bytes | memoryview], algorithm: str, value: str) -> bool | None:
    """True if the digest is that of one of the bodies; None if its algorithm is unknown."""
    for body in bodies:
        matches = _matches(body, algorithm, value)
        if matches is not False:
            return matches
    return False


def _matches(data: bytes | memoryview, algorithm: str, value: str) -> bool | None:
    """True if the digest is that of the data; None if its algorithm is unknown."""
    name = _known_algorithm(algorithm)
    if name is None:
        return None
    return hashlib.new(name, data, usedforsecurity=False).digest() == _decoded(name, value)


@lru_cache(maxsize=64)
def _known_algorithm(algorithm: str) -> str | None:
    """The name of an algorithm in `hashlib`: `SHA-256` -> `sha256`; None if it has none."""
    name = algorithm.lower().replace("-", "")
    is_known = name in hashlib.algorithms_guaranteed and not name.startswith("shake")
    return name if is_known else None


def _decoded(name: str, value: str) -> bytes:
    """The bytes of a digest in base 32, as Heritrix writes it, base 16 or base 64.

    Its length decides between the three. Empty if it is none of them.
    """
    size = _digest_size(name)
    text = value.rstrip("=")
    with suppress(ValueError, OverflowError):
        if len(text) == 2 * size:
            return bytes.fromhex(text)
        if len(text) == -(-size * 8 // 5):
            return _from_base32(text, size)
        if len(text) == -(-size * 4 // 3):
            return base64.urlsafe_b64decode(
                text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4)
            )
    return b""


@cache
def _digest_size(name: str) -> int:
    """The bytes of a digest of an algorithm of `hashlib`."""
    return hashlib.new(name, usedforsecurity=False).digest_size


def _from_base32(text: str, size: int) -> bytes:
    """Decode base 32 (RFC 4648, 6); `base64.b32decode` takes ten times as long."""
    number = int(text.upper().translate(_BASE_32), 32)
    return (number >> 5 * len(text) - 8 * size).to_bytes(size, "big")


_BASE_32 = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" + "0189_+", "0123456789ABCDEFGHIJKLMNOPQRSTUV" + "!!!!!!"
)
_SHA_1 = re.compile(r"sha1:[A-Z2-7]{32}")


def canonical_digest(text: str) -> str:
    """A digest in the form in which equal ones are equal: the algorithm, and base 32 for SHA-1.

    `SHA-1:d03e…` becomes `sha1:2A7F…`. A text without an algorithm is a SHA-1, as in CDX rows. One
    of an unknown form is returned in lower case.
    """
    text = text.strip()
    if _SHA_1.fullmatch(text):
        return text
    algorithm, colon, value = text.rpartition(":")
    name = _known_algorithm(algorithm if colon else "sha1")
    decoded = _decoded(name, value) if name else b""
    if name == "sha1" and decoded:
        return "sha1:" + base64.b32encode(decoded).decode()
    return f"{name}:{decoded.hex()}" if decoded else text.lower()


def listed_digest(text: str) -> str:
    """A digest as CDX rows have it: a SHA-1 in base 32 without a prefix, another one as it is."""
    canonical = canonical_digest(text)
    is_sha_1 = _SHA_1.fullmatch(canonical)
    return (canonical if is_sha_1 else text.strip()).removeprefix("sha1:")


EMPTY_DIGEST = canonical_digest("sha1:" + hashlib.sha1(b"", usedforsecurity=False).hexdigest())
"""The SHA-1 of nothing."""


def fits(data: bytes, digest: str) -> bool:
    """True unless a digest is known to be that of other data."""
    algorithm, colon, value = digest.strip().rpartition(":")
    bodies = (data,)
    return _any_matches(bodies, algorithm if colon else "sha1", value) is not False


def _payloads(block: memoryview) -> Iterator[bytes | memoryview]:
    """Yield what writers take for the payload: the body as sent, unchunked, and decoded."""
    is_http = bytes(block[:5]) == b"HTTP/"
    end = _HEAD_END.search(block, 0, _MAX_HEAD) if is_http else None
    if end is None:
        yield block
        return
    with block[end.end() :] as body:
        yield body
        sent = bytes(body)
    headers = bytes(block[: end.end()]).lower()
    if b"chunked" in headers and (unpacked := unchunked(sent)) is not None:
        sent = unpacked
        yield sent
    coding = _CODING.search(headers)
    if coding:
        pairs = (("Content-Encoding", coding.group(1).decode()),)
        with suppress(BodyRefused):
            yield from body_layers(HttpMessage(200, "", pairs, sent))
