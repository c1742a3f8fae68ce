"""Gzip members deflated and inflated by ISA-L and by zlib: the same content, the same damage."""

from __future__ import annotations

import gzip
import io
import random
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from ilo_archive.capture import Capture, Fetched
from ilo_archive.http import HttpMessage
from ilo_archive.offices import PageSeries
from ilo_archive.times import parse_timestamp
from ilo_archive.warc import deflate
from ilo_archive.warc.captures import Damage
from ilo_archive.warc.deflate import gzip_member, inflate_member
from ilo_archive.warc.gzip_members import read_members
from ilo_archive.warc.record_check import check_file
from ilo_archive.warc.store import WarcStore
from tests.support.build import NOW

CHANCE = random.Random(5)
WORDS = b" ".join(CHANCE.choices([b"track", b"page", b"office", b"count"], k=900))
PAGE = b"<html>" + CHANCE.randbytes(300).hex().encode() + WORDS
LIMIT = 2**20

needs_isal = pytest.mark.skipif(not deflate.ISAL, reason="needs the extra fast")


@pytest.fixture(params=[pytest.param("isal", marks=needs_isal), "zlib"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "zlib":
        monkeypatch.setattr(deflate, "ISAL", None)
    return str(request.param)


def store_page(home: Path, second: int) -> None:
    moment, _ = parse_timestamp(f"201504141000{second:02d}")
    capture = Capture(PageSeries("moscow", "en", "moscow/en"), "http://www.ilo.org/", moment, "x")
    store = WarcStore(home / "warc", NOW)
    store.append(Fetched(capture, HttpMessage(200, "OK", (), b"%d" % second + PAGE)))
    store.close()


def stored(home: Path) -> Path:
    return home / "warc" / "captures-00001.warc.gz"


@pytest.mark.parametrize("data", [b"", b"x", PAGE, bytes(70_000), CHANCE.randbytes(70_000)])
def test_a_member_is_standard_gzip(data: bytes, engine: str) -> None:
    member = gzip_member(data)
    assert gzip.decompress(member) == data
    reading = zlib.decompressobj(zlib.MAX_WBITS | 16)
    assert (reading.decompress(member + b"behind"), reading.unused_data) == (data, b"behind")


def test_what_the_store_writes_is_read_by_warcio(home: Path, engine: str) -> None:
    store_page(home, 1)
    with stored(home).open("rb") as stream:
        bodies = {
            each.rec_type: each.content_stream().read()
            for each in ArchiveIterator(stream, check_digests="raise")
        }
    assert bodies["response"] == b"1" + PAGE
    assert [*bodies] == ["warcinfo", "metadata", "response"]


def test_a_file_written_with_and_without_isal_has_no_damage(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for second in range(3):
        store_page(home, second)
    monkeypatch.setattr(deflate, "ISAL", None)
    store_page(home, 3)
    found = list(check_file(stored(home)))
    assert [each for each in found if isinstance(each, Damage)] == []
    assert len(found) == 1 + 4 * 2


def pieces(data: bytes) -> list[tuple[int, bytes, int | None, str | None]]:
    """The members of a file: offset, content, end and damage."""
    members: list[tuple[int, bytes, int | None, str | None]] = []
    for each in read_members(io.BytesIO(data), lambda begin: begin.startswith(b"<html>")):
        before = members.pop()[1] if not each.is_first and members else b""
        members.append((each.member, before + each.data, each.end, each.broken))
    return members


def both(data: bytes) -> tuple[object, object]:
    """The members as read with ISA-L and without."""
    with_isal = pieces(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deflate, "ISAL", None)
        return with_isal, pieces(data)


MEMBERS = [gzip.compress(PAGE, mtime=0), gzip_member(PAGE[:300]), gzip.compress(PAGE, 1, mtime=1)]
FILE = b"".join(MEMBERS)


def test_any_byte_that_is_changed_or_cut_off_is_the_same_damage() -> None:
    for at in range(len(FILE)):
        with_isal, without = both(FILE[:at] + bytes([FILE[at] ^ 0x11]) + FILE[at + 1 :])
        assert with_isal == without, f"byte {at} changed"
        with_isal, without = both(FILE[:at])
        assert with_isal == without, f"cut at {at}"


@given(st.lists(st.binary(max_size=400), max_size=6), st.data())
def test_any_damage_is_the_same(contents: list[bytes], data: st.DataObject) -> None:
    file = b"".join(gzip.compress(b"<html>" + each, mtime=0) for each in contents)
    at = data.draw(st.integers(0, len(file)))
    noise, lost = data.draw(st.binary(max_size=20)), data.draw(st.integers(0, 30))
    with_isal, without = both(file[:at] + noise + file[at + lost :])
    assert with_isal == without


def named(name: bytes) -> bytes:
    """A member with a name and a checksum in its header (RFC 1952, 2.3.1)."""
    head = b"\x1f\x8b\x08\x0a\0\0\0\0\0\x03" + name + b"\0"
    checked = head + (zlib.crc32(head) & 0xFFFF).to_bytes(2, "little")
    return checked + gzip.compress(PAGE, mtime=0)[10:]


ODD = {
    "a header with a name": named(b"page.html") + MEMBERS[0],
    "a header with a wrong checksum": named(b"page.html").replace(b"page", b"pagf", 1),
    "nothing": gzip.compress(b"") + MEMBERS[0],
    "bytes between": MEMBERS[0] + b"between" + MEMBERS[1],
    "zeros behind": MEMBERS[0] + bytes(100),
    "a bomb": gzip.compress(b"<html>" + bytes(3 * LIMIT), mtime=0) + MEMBERS[0],
    "larger than one read": gzip.compress(b"<html>" + CHANCE.randbytes(300_000)) + MEMBERS[0],
    "as large as one piece": gzip.compress(b"<html>" + bytes(LIMIT - 6)) + MEMBERS[0],
}


@pytest.mark.parametrize("file", ODD.values(), ids=ODD)
def test_odd_members_are_read_the_same(file: bytes) -> None:
    with_isal, without = both(file)
    assert with_isal == without


@needs_isal
def test_only_a_whole_member_of_limited_size_is_inflated_at_once() -> None:
    member = gzip.compress(PAGE)
    assert inflate_member(member + b"behind", LIMIT) == (PAGE, b"behind")
    assert inflate_member(member, len(PAGE) - 1) is None
    assert inflate_member(member[:-1], LIMIT) is None
    assert inflate_member(member[:-1] + b"x", LIMIT) is None
