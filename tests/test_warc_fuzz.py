"""Damaged files of records, read by us and by warcio and FastWARC: we never read less."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
from base64 import b32encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator

from ilo_archive.capture import Fetched
from ilo_archive.offices import PageSeries
from ilo_archive.warc.captures import CaptureReader
from tests.support.damages import hit, spans, untouched

RECORDS = 8
MUTATIONS, QUICK = 2000, 60
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
PLACE = PageSeries("moscow", "en", "moscow/en")


def page(number: int) -> bytes:
    noise = random.Random(number).randbytes(300).hex()
    return f"<html><p>Page {number}</p>{noise}</html>".encode()


PAGES = {page(number): number for number in range(RECORDS)}


def record(number: int, *, digests: bool) -> bytes:
    block = HTTP + page(number)
    sha1 = b32encode(hashlib.sha1(page(number)).digest()).decode()
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>\r\n"
        f"WARC-Target-URI: http://www.ilo.org/moscow/{number}\r\n"
        f"WARC-Date: 2015-04-14T10:00:{number:02d}Z\r\n"
        + (f"WARC-Payload-Digest: sha1:{sha1}\r\n" if digests else "")
        + "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def arc(number: int) -> bytes:
    block = HTTP + page(number)
    line = f"http://www.ilo.org/{number} 10.0.0.1 201504141000{number:02d} text/html {len(block)}\n"
    return line.encode() + block + b"\n"


def packed(member: bytes) -> bytes:
    return gzip.compress(member, mtime=0)


SHAPES: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "members": ("x.warc.gz", lambda n: packed(record(n, digests=True))),
    "members without digests": ("x.warc.gz", lambda n: packed(record(n, digests=False))),
    "plain": ("x.warc", lambda n: record(n, digests=True)),
    "plain without digests": ("x.warc", lambda n: record(n, digests=False)),
    "arc members": ("x.arc.gz", lambda n: packed(arc(n))),
}
FILES = {shape: [of(number) for number in range(RECORDS)] for shape, (_, of) in SHAPES.items()}


def by_warcio(data: bytes) -> Iterator[bytes]:
    """The bodies that warcio reads until it gives up."""
    with suppress(Exception):
        for each in ArchiveIterator(io.BytesIO(data), arc2warc=True):
            if each.rec_type == "response":
                yield each.content_stream().read()


def by_fastwarc(data: bytes) -> Iterator[bytes]:
    """The bodies that FastWARC reads until it gives up."""
    with suppress(Exception):
        for each in FastIterator(io.BytesIO(data), record_types=WarcRecordType.response):
            yield each.reader.read()


def whole(bodies: Iterator[bytes]) -> set[int]:
    """The numbers of the pages that are as they were written."""
    return {PAGES[each] for each in bodies if each in PAGES}


def seeds() -> list[object]:
    slow = (pytest.param(seed, marks=pytest.mark.slow) for seed in range(QUICK, MUTATIONS, 20))
    return [*range(0, QUICK, 20), *slow]


@pytest.mark.parametrize("first", seeds())
def test_no_damage_loses_a_record_that_another_reader_reads(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 20):
        shape = [*SHAPES][seed % len(SHAPES)]
        assert_we_read_most(shape, seed, tmp_path)


def assert_we_read_most(shape: str, seed: int, folder: Path) -> None:
    records = FILES[shape]
    damage = hit(b"".join(records), seed // len(SHAPES))
    path = folder / SHAPES[shape][0]
    path.write_bytes(damage.data)
    reader = CaptureReader(lambda _: PLACE)
    found = [*reader.read(path), *reader.pending_revisits()]
    ours = whole(each.message.body for each in found if isinstance(each, Fetched))
    case = f"{shape}, seed {seed}"
    undamaged = set(untouched(records, damage))
    assert whole(by_warcio(damage.data)) & undamaged <= ours, case
    assert whole(by_fastwarc(damage.data)) & undamaged <= ours, case
    assert undamaged - ours <= allowed(shape, records, damage.start), case
    captures = [each for each in found if isinstance(each, Fetched)]
    is_told = len(captures) < len(found) or any(each.fault for each in captures)
    # Nobody sees a byte that changed within a body without a digest.
    is_complete = len(captures if "without" in shape or "arc" in shape else ours) == RECORDS
    beginnings = [b"".join(records[:number]) for number in range(RECORDS)]
    assert is_told or is_complete or damage.data in beginnings, f"a silent loss: {case}"


def allowed(shape: str, records: list[bytes], start: int) -> set[int]:
    """The undamaged record that may be lost: without a digest, that before a damaged head."""
    if shape != "plain without digests":
        return set()
    return {number for number, (_, end) in enumerate(spans(records)) if end == start}
