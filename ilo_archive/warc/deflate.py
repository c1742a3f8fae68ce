"""Deflate and inflate gzip members: by ISA-L if it is installed (the extra `fast`), else by zlib.

For a page of 40 KB ISA-L takes an eighth of the time of zlib to deflate it, for a fifth more bytes,
and half the time to inflate it.
"""

import struct
import zlib
from typing import Any

try:
    from isal import isal_zlib
except ImportError:
    isal_zlib = None  # type: ignore[assignment]

ISAL: Any = isal_zlib
"""The functions of zlib by ISA-L; None if it is not installed."""

_ISAL_LEVEL, _ZLIB_LEVEL = 3, 6  # zlib's 9 takes three times as long for a hundredth less
# One header for all members (RFC 1952, 2.3.1), whatever deflated them: `verify` takes another one
# for damage. The flag of the best compression stands there since the first version.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03"
_PLAIN_BEGIN = _HEADER[:4]  # no name, comment or checksum in the header


def gzip_member(data: bytes) -> bytes:
    """The data as a gzip member."""
    if ISAL:
        engine = ISAL.compressobj(_ISAL_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    else:
        engine = zlib.compressobj(_ZLIB_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    trailer = struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
    return b"".join((_HEADER, engine.compress(data), engine.flush(), trailer))


def inflate_member(source: bytes, limit: int) -> tuple[bytes, bytes] | None:
    """The content of the gzip member that begins the bytes, and the bytes behind it.

    None if that is not certain at once: no ISA-L, a member that does not end here, is damaged, has
    an unusual header, or contains more than `limit` bytes. zlib decides then.
    """
    if not ISAL or not source.startswith(_PLAIN_BEGIN):
        return None
    engine = ISAL.decompressobj(zlib.MAX_WBITS | 16)
    try:
        data = engine.decompress(source, limit)
    except ISAL.error:
        return None
    return (data, engine.unused_data) if engine.eof else None
