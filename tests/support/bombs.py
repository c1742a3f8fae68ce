"""Compressed blanks without end: bytes that inflate to a thousand times their size.

To compress so many blanks takes seconds. After a full flush the compressor knows nothing of what
came before, so one compressed block stands for all, over and over.
"""

import zlib

MB = 2**20
_BLANKS = b" " * MB


def gzip_bomb(size: int, before: bytes = b"", after: bytes = b"") -> bytes:
    """A gzip member of so many bytes of blanks, with something before and after them."""
    crc = zlib.crc32(before)
    for _ in range(size // MB):
        crc = zlib.crc32(_BLANKS, crc)
    crc = zlib.crc32(after, crc)
    length = len(before) + size // MB * MB + len(after)
    ends = (crc.to_bytes(4, "little"), (length % 2**32).to_bytes(4, "little"))
    return b"".join([b"\x1f\x8b\x08\0\0\0\0\0\0\xff", _deflated(size, before, after), *ends])


def zlib_bomb(size: int) -> bytes:
    """The same as a zlib stream."""
    check = 1
    for _ in range(size // MB):
        check = zlib.adler32(_BLANKS, check)
    return b"".join([b"\x78\xda", _deflated(size), check.to_bytes(4, "big")])


def _deflated(size: int, before: bytes = b"", after: bytes = b"") -> bytes:
    engine = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    head = engine.compress(before) + engine.flush(zlib.Z_FULL_FLUSH)
    block = engine.compress(_BLANKS) + engine.flush(zlib.Z_FULL_FLUSH)
    return head + block * (size // MB) + engine.compress(after) + engine.flush()
