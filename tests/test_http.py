"""HTTP messages: headers, digests, and bodies in every content coding."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from backports import zstd

from ilo_archive import http
from ilo_archive.http import MAX_BODY, BodyRefused, HttpMessage, decoded_body
from tests.support.bombs import gzip_bomb, zlib_bomb
from tests.support.paths import ROOT


def a_message(body: bytes = b"<html>", *headers: tuple[str, str], status: int = 200) -> HttpMessage:
    return HttpMessage(status, "OK", (("Content-Type", "text/html"), *headers), body)


PAGE = "<html><p>14 апреля 2015</p></html>".encode() * 50
_RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
PACKED = {
    "gzip": gzip.compress(PAGE, mtime=0),
    "deflate": zlib.compress(PAGE),
    "raw deflate": _RAW.compress(PAGE) + _RAW.flush(),
    "br": brotli.compress(PAGE),
    "zstd": zstd.compress(PAGE),
}


@pytest.mark.parametrize(
    ("header", "packed"),
    [
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        (" GZIP ", "gzip"),
        (None, "gzip"),
        ("", "gzip"),
        ("identity", "gzip"),
        ("deflate", "gzip"),
        ("br", "gzip"),
        ("zstd", "gzip"),
        ("UTF-8", "gzip"),
        ("zstd", "zstd"),
        (None, "zstd"),
        ("gzip", "zstd"),
        ("deflate", "deflate"),
        ("deflate", "raw deflate"),
        ("", "deflate"),
        ("gzip", "deflate"),
        ("br", "deflate"),
        ("br", "br"),
        (None, "br"),
        ("gzip", "br"),
        ("deflate", "br"),
        ("gzip", None),
        ("deflate", None),
        ("br", None),
        ("zstd", None),
        (None, None),
    ],
)
def test_a_body_is_decoded_by_its_bytes_not_by_its_header(
    header: str | None, packed: str | None
) -> None:
    headers = [("Content-Encoding", header)] if header is not None else []
    body = PACKED[packed] if packed else PAGE
    assert decoded_body(a_message(body, *headers)) == PAGE


@pytest.mark.parametrize(
    "body", [b"x^ 2", b"\x06", b"\x06" + b"\0" * 99, PAGE.decode().encode("utf-16")]
)
def test_a_body_that_only_begins_like_a_compressed_one_is_unchanged(body: bytes) -> None:
    assert decoded_body(a_message(body)) == body


def test_a_truncated_zlib_body_is_refused_whatever_its_header() -> None:
    with pytest.raises(BodyRefused):
        decoded_body(a_message(PACKED["deflate"][:-20], ("Content-Encoding", "gzip")))


def test_a_body_of_several_gzip_members_or_zstd_frames_is_decoded_to_its_end() -> None:
    halves = PAGE[:999], PAGE[999:]
    for pack in (gzip.compress, zstd.compress):
        assert decoded_body(a_message(b"".join(map(pack, halves)))) == PAGE


def test_bytes_after_a_gzip_body_are_ignored() -> None:
    # As browsers do, and gzip(1) with a warning.
    assert decoded_body(a_message(PACKED["gzip"] + b"\0" * 512)) == PAGE


@pytest.mark.parametrize("packed", ["gzip", "deflate", "raw deflate", "br", "zstd"])
def test_a_truncated_compressed_body_is_refused(packed: str) -> None:
    # Half a page would read as the absence of what the other half shows.
    body = PACKED[packed][:-20]
    with pytest.raises(BodyRefused):
        decoded_body(a_message(body, ("Content-Encoding", packed.removeprefix("raw "))))


def test_a_gzip_body_that_is_broken_is_refused() -> None:
    body = bytearray(PACKED["gzip"])
    body[40:44] = b"\xff\xff\xff\xff"
    with pytest.raises(BodyRefused):
        decoded_body(a_message(bytes(body)))


@pytest.mark.parametrize(
    ("header", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstd.compress),
    ],
)
def test_a_compression_bomb_is_refused(
    monkeypatch: pytest.MonkeyPatch, header: str, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(http, "MAX_BODY", 10_000)
    fitting = a_message(pack(b" " * 10_000), ("Content-Encoding", header))
    assert len(decoded_body(fitting)) == 10_000
    with pytest.raises(BodyRefused, match="more than"):
        decoded_body(a_message(pack(b" " * 10_001), ("Content-Encoding", header)))


_BOMB = """
import resource, sys
from ilo_archive.http import BodyRefused, HttpMessage, decoded_body
body = open(sys.argv[2], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    decoded_body(HttpMessage(200, "OK", (("Content-Encoding", sys.argv[1]),), body))
except BodyRefused:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def _brotli_bomb(size: int) -> bytes:
    engine = brotli.Compressor(quality=1)
    return b"".join([*(engine.process(b" " * 2**20) for _ in range(size >> 20)), engine.finish()])


def _zstd_bomb(size: int) -> bytes:
    engine = zstd.ZstdCompressor()
    return b"".join([*(engine.compress(b" " * 2**20) for _ in range(size >> 20)), engine.flush()])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("header", "bomb"),
    [
        ("gzip", gzip_bomb),
        ("deflate", zlib_bomb),
        ("br", _brotli_bomb),
        ("zstd", _zstd_bomb),
    ],
)
def test_a_compression_bomb_takes_less_memory_than_the_largest_body(
    tmp_path: Path, header: str, bomb: Callable[[int], bytes]
) -> None:
    (tmp_path / "bomb").write_bytes(bomb(8 * MAX_BODY))
    program = [sys.executable, "-c", _BOMB, header, str(tmp_path / "bomb")]
    printed = subprocess.run(
        program, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert int(printed.stdout) * 1024 < 0.5 * MAX_BODY


def test_header_names_are_case_insensitive_and_the_first_value_counts() -> None:
    message = HttpMessage(200, "OK", (("content-TYPE", "a"), ("Content-Type", "b")), b"")
    assert message.header("Content-Type") == "a"
    assert message.header("Location") is None


def test_the_digest_of_a_message_is_that_of_cdx_rows() -> None:
    """The SHA-1 of nothing in base32, as CDX rows of empty captures have it."""
    assert HttpMessage(200, "OK", (), b"").digest == "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
