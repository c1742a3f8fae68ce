"""Files of others: every undamaged record is read, every damaged one named."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import zlib
from base64 import b32encode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import brotli
import pytest
from backports import zstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ilo_archive.capture import Fetched
from ilo_archive.http import MAX_BODY, decoded_body
from ilo_archive.offices import PageSeries
from ilo_archive.times import iso
from ilo_archive.warc.captures import CaptureReader, Damage, contains_records
from tests.support.damages import KINDS, hit, spans, untouched

PLACE = PageSeries("moscow", "en", "moscow/en")
RECORDS = 60
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


def read(*paths: Path) -> tuple[list[Fetched], list[Damage]]:
    """The captures of the files and what is damaged, revisits of later files included."""
    reader = CaptureReader(lambda _: PLACE)
    found = [each for path in paths for each in reader.read(path)]
    found += reader.pending_revisits()
    captures = [each for each in found if isinstance(each, Fetched)]
    return captures, [each for each in found if isinstance(each, Damage)]


def bodies(captures: list[Fetched]) -> list[bytes]:
    return [each.message.body for each in captures]


def sha1(data: bytes) -> str:
    return "sha1:" + b32encode(hashlib.sha1(data).digest()).decode()


def warc(
    block: bytes,
    number: int = 0,
    *more: str,
    kind: str = "response",
    length: int | None = None,
    content_type: str = "application/http; msgtype=response",
) -> bytes:
    """A record as the standard wants it, but for what is asked."""
    head = [
        "WARC/1.1",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>",
        f"WARC-Target-URI: http://www.ilo.org/moscow/{number}",
        f"WARC-Date: 2015-04-14T10:{number // 60:02d}:{number % 60:02d}Z",
        f"Content-Type: {content_type}",
        *more,
        f"Content-Length: {len(block) if length is None else length}",
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def arc(block: bytes, number: int = 0, *, length: int | None = None) -> bytes:
    printed = len(block) if length is None else length
    line = f"http://www.ilo.org/{number} 10.0.0.1 201504141032{number:02d} text/html {printed}\n"
    return line.encode() + block + b"\n"


ARC_HEAD = (
    b"filedesc://x.arc 0.0.0.0 20150414000000 text/plain 76\n"
    b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n\n"
)


def page(number: int, size: int = 3000) -> bytes:
    """An HTML page that is like no other and compresses a little."""
    noise = random.Random(number).randbytes(size // 2).hex()
    return f"<html><p>Page {number}</p>{noise}</html>".encode()


def with_digests(block: bytes) -> tuple[str, str]:
    body = block.partition(b"\r\n\r\n")[2]
    return f"WARC-Block-Digest: {sha1(block)}", f"WARC-Payload-Digest: {sha1(body)}"


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes, str], Path]:
    def write(data: bytes, name: str = "x.warc") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


Write = Callable[..., Path]

# -- what is whole -------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0, 9])
def test_records_are_read_from_a_file_of_one_gzip_stream_or_of_many(
    written: Write, level: int
) -> None:
    records = [warc(HTTP + page(number), number) for number in range(5)]
    whole = b"".join(records)
    blocks = [whole[start : start + 1000] for start in range(0, len(whole), 1000)]
    expected = [page(number) for number in range(5)]
    for members in (records, [whole], blocks, [*records[:2], b"", *records[2:]]):
        packed = b"".join(gzip.compress(each, level) for each in members)
        captures, damages = read(written(packed, "x.warc.gz"))
        assert (bodies(captures), damages) == (expected, [])


def test_the_type_of_a_file_is_read_from_its_bytes_not_its_name(written: Write) -> None:
    record = warc(HTTP + page(1))
    for data in (record, gzip.compress(record), ARC_HEAD + arc(HTTP + page(1))):
        for name in ("x.warc", "x.warc.gz", "x.arc.gz", "x.bin"):
            path = written(data, name)
            assert contains_records(path)
            assert bodies(read(path)[0]) == [page(1)]


def test_an_arc_file_is_read_with_spaces_in_its_addresses(written: Write) -> None:
    odd = arc(HTTP + page(2), 2).replace(b"/2 ", b"/a b?c=d e ", 1)
    captures, damages = read(written(ARC_HEAD + arc(HTTP + page(1), 1) + odd, "x.arc"))
    assert (bodies(captures), damages) == ([page(1), page(2)], [])
    assert captures[1].capture.timestamp == "20150414103202"


@pytest.mark.parametrize("packing", [ZIP_STORED, ZIP_DEFLATED])
def test_the_warc_files_of_a_wacz_are_read(tmp_path: Path, packing: int) -> None:
    path = tmp_path / "x.wacz"
    with ZipFile(path, "w", packing) as inside:
        inside.writestr("archive/a.warc.gz", gzip.compress(warc(HTTP + page(1), 1)))
        inside.writestr("archive/b.warc", warc(HTTP + page(2), 2))
        inside.writestr("pages/pages.jsonl", "{}")
    captures, damages = read(path)
    assert (bodies(captures), damages) == ([page(1), page(2)], [])
    assert {each.capture.archive for each in captures} == {"x.wacz"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_in_a_wacz_are_both_read(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    with ZipFile(path, "w") as inside:
        for number in (1, 2):
            inside.writestr("archive/a.warc", warc(HTTP + page(number), number))
    captures, damages = read(path)
    assert (bodies(captures), damages) == ([page(1), page(2)], [])


def test_a_wacz_without_its_end_is_read_by_its_gzip_members(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    with ZipFile(path, "w") as inside:
        inside.writestr("datapackage.json", "{}")
        inside.writestr(
            "archive/a.warc.gz",
            b"".join(gzip.compress(warc(HTTP + page(number), number)) for number in (1, 2)),
        )
    path.write_bytes(path.read_bytes().partition(b"PK\1\2")[0])
    captures, damages = read(path)
    assert bodies(captures) == [page(1), page(2)]
    assert "zip" in str(damages[0])


@pytest.mark.parametrize("seed", range(12))
def test_the_undamaged_records_of_a_damaged_wacz_are_read(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "x.wacz"
    halves = [[gzip.compress(warc(HTTP + page(n), n)) for n in half] for half in (range(9), (9,))]
    with ZipFile(path, "w") as inside:
        inside.writestr("archive/a.warc.gz", b"".join(halves[0]))
        inside.writestr("archive/b.warc.gz", b"".join(halves[1]))
    data = path.read_bytes()
    start = data.index(halves[0][0])
    damage = hit(b"".join(halves[0]), 6 * seed + seed % 3)  # flip, zeros, garbage
    path.write_bytes(data[:start] + damage.data + data[start + len(damage.data) :])
    captures, damages = read(path)
    assert {*untouched(halves[0], damage), 9} <= set(numbers(captures))
    assert damages or len(captures) == 10


def test_a_broken_deflated_file_in_a_wacz_does_not_stop_the_others(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    with ZipFile(path, "w", ZIP_DEFLATED) as inside:
        inside.writestr("archive/a.warc", warc(HTTP + page(1, 10**5), 1))
        inside.writestr("archive/b.warc", warc(HTTP + page(2), 2))
    data = bytearray(path.read_bytes())
    data[2000:2040] = b"\xff" * 40
    path.write_bytes(data)
    captures, damages = read(path)
    assert bodies(captures) == [page(2)]
    assert "x.wacz/archive/a.warc: " in str(damages[0])


@pytest.mark.parametrize("name", ["x.wacz", "x.zip"])
def test_a_zip_file_without_a_warc_file_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    with ZipFile(tmp_path / name, "w") as inside:
        inside.writestr("archive/test.txt", "test")
    captures, [damage] = read(tmp_path / name)
    assert captures == []
    assert str(damage) == f"{name}: the zip file contains no WARC file"


def test_bodies_in_every_encoding_are_kept_as_they_were_sent(written: Write) -> None:
    packs = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstd.compress}
    records = b""
    for number, (name, pack) in enumerate(packs.items()):
        head = HTTP.replace(b"\r\n\r\n", b"\r\nContent-Encoding: " + name.encode() + b"\r\n\r\n")
        block = head + pack(page(7))
        records += warc(block, number, *with_digests(block))
    captures, damages = read(written(records))
    assert damages == []
    assert [decoded_body(each.message) for each in captures] == [page(7)] * 3


@pytest.mark.parametrize("of", ["sent", "unchunked", "decoded"])
def test_a_payload_digest_may_be_of_the_body_sent_unchunked_or_decoded(
    written: Write, of: str
) -> None:
    packed = gzip.compress(page(7))
    sent = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    payload = {"sent": sent, "unchunked": packed, "decoded": page(7)}[of]
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    captures, damages = read(written(warc(head + sent, 0, f"WARC-Payload-Digest: {sha1(payload)}")))
    assert (bodies(captures), damages) == ([packed], [])


def test_a_content_type_may_be_written_in_any_case(written: Write) -> None:
    record = warc(HTTP + page(1), 1)
    assert record.count(b"application/http") == 1
    captures, damages = read(written(record.replace(b"application/http", b"Application/HTTP")))
    assert (bodies(captures), damages) == ([page(1)], [])


@pytest.mark.parametrize(
    "digest",
    [
        "sha1:" + hashlib.sha1(page(1)).hexdigest(),
        "SHA-256:" + hashlib.sha256(page(1)).hexdigest(),
        "sha256:" + b32encode(hashlib.sha256(page(1)).digest()).decode(),
        "md5:" + hashlib.md5(page(1)).hexdigest().upper(),
        "crc32:0000",  # nobody can tell
    ],
)
def test_digests_are_read_in_many_forms(written: Write, digest: str) -> None:
    captures, damages = read(written(warc(HTTP + page(1), 1, f"WARC-Payload-Digest: {digest}")))
    assert (bodies(captures), damages) == ([page(1)], [])


def test_a_resource_record_is_a_page_without_http_headers(written: Write) -> None:
    printed = {"kind": "resource", "content_type": "text/html"}
    captures, damages = read(written(warc(page(1), 1, **printed)))  # type: ignore[arg-type]
    assert (bodies(captures), damages) == ([page(1)], [])
    assert captures[0].message.header("Content-Type") == "text/html"


# -- revisits ------------------------------------------------------------------------------


def a_revisit(number: int, of: bytes, block: bytes = HTTP) -> bytes:
    return warc(block, number, f"WARC-Payload-Digest: {sha1(of)}", kind="revisit")


def test_a_revisit_has_the_body_of_its_original_from_any_file(tmp_path: Path) -> None:
    first, second = tmp_path / "1.warc", tmp_path / "2.warc.gz"
    first.write_bytes(a_revisit(3, page(2)) + warc(HTTP + page(1), 1))
    second.write_bytes(gzip.compress(warc(HTTP + page(2), 2) + a_revisit(4, page(1), b"")))
    captures, damages = read(first, second)
    assert damages == []
    assert {each.capture.timestamp[-2:]: each.message.body for each in captures} == {
        "01": page(1),
        "02": page(2),
        "03": page(2),
        "04": page(1),
    }


def test_a_revisit_without_original_is_reported_and_one_of_an_image_ignored(written: Write) -> None:
    image = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"
    path = written(a_revisit(1, page(1)) + a_revisit(2, page(2), image))
    captures, damages = read(path)
    assert captures == []
    assert [str(each) for each in damages] == [
        "x.warc: revisit of a record that was not found at byte 0"
    ]


# -- damage --------------------------------------------------------------------------------


def seeds(number: int) -> list[Any]:
    """So many damages: two of each kind for a quick look, the others are slow together."""
    quick = 2 * len(KINDS)
    slow = (pytest.param(seed, marks=pytest.mark.slow) for seed in range(quick, number))
    return [*range(quick), *slow]


def numbers(captures: list[Fetched]) -> list[int]:
    return [int(each.capture.url.rpartition("/")[2]) for each in captures]


@pytest.mark.parametrize("seed", seeds(100))
def test_undamaged_records_of_a_damaged_gzip_file_are_read_and_the_damage_reported(
    written: Write, seed: int
) -> None:
    records = [gzip.compress(warc(HTTP + page(n), n), mtime=0) for n in range(RECORDS)]
    damage = hit(b"".join(records), seed)
    captures, damages = read(written(damage.data, "x.warc.gz"))
    assert bodies(captures) == [page(number) for number in numbers(captures)]
    assert set(untouched(records, damage)) <= set(numbers(captures))
    is_whole = numbers(captures) == list(range(RECORDS))
    at_a_boundary = damage.start in dict(spans(records)) and damage.data == b"".join(
        records[: len(captures)]
    )
    assert damages or is_whole or at_a_boundary


@pytest.mark.parametrize("digests", [True, False])
@pytest.mark.parametrize("seed", seeds(50))
def test_undamaged_records_of_a_damaged_plain_file_are_read_and_the_damage_reported(
    written: Write, seed: int, digests: bool
) -> None:
    blocks = [HTTP + page(number) for number in range(RECORDS)]
    records = [warc(b, n, *(with_digests(b) if digests else ())) for n, b in enumerate(blocks)]
    damage = hit(b"".join(records), seed + 1000)
    captures, damages = read(written(damage.data, "x.warc"))
    read_well = set(bodies(captures))
    assert {page(number) for number in untouched(records, damage)} <= read_well
    if digests:
        assert read_well <= {page(number) for number in range(RECORDS)}
        assert damages or len(captures) == RECORDS or damage.start in dict(spans(records))


@pytest.mark.parametrize("seed", range(30))
def test_undamaged_records_of_a_damaged_arc_file_are_read(written: Write, seed: int) -> None:
    records = [ARC_HEAD, *(arc(HTTP + page(number), number) for number in range(RECORDS))]
    damage = hit(b"".join(records), seed + 2000)
    captures, _ = read(written(damage.data, "x.arc"))
    whole = {page(number - 1) for number in untouched(records, damage) if number}
    # Without digests the record before a damaged head ends as it should, or does not.
    assert len(whole - set(bodies(captures))) <= 1


@pytest.mark.parametrize("off", [-300, -7, -1, 1, 2, 3, 4, 7, 300, 3500, 10**12])
@pytest.mark.parametrize("pack", [None, "members", "stream"])
def test_a_record_of_wrong_length_is_reported_and_does_not_stop_the_others(
    written: Write, off: int, pack: str | None
) -> None:
    records = [
        warc(HTTP + page(n), n, length=len(HTTP + page(n)) + off * (n == 3)) for n in range(9)
    ]
    if pack == "members":
        data = b"".join(map(gzip.compress, records))
    else:
        data = b"".join(records)
        data = gzip.compress(data) if pack else data
    captures, damages = read(written(data, "x.warc.gz" if pack else "x.warc"))
    if off in (2, 4):  # the two line breaks behind it count as part of it: whole as it is
        assert (numbers(captures), damages) == ([*range(9)], [])
        return
    assert numbers(captures) == [0, 1, 2, 4, 5, 6, 7, 8]
    assert len(damages) == 1
    assert "http://www.ilo.org/moscow/3" in str(damages[0])


@pytest.mark.parametrize("noise", [b"\0" * 500, b"\xff" * 20, b"<p>no end of line", b"\r\n"])
def test_a_record_directly_after_noise_is_read(written: Write, noise: bytes) -> None:
    records = [warc(HTTP + page(number), number) for number in (1, 2)]
    for data in (noise.join(records), b"".join([noise, *records])):
        assert bodies(read(written(data))[0]) == [page(1), page(2)]


@pytest.mark.slow
def test_many_false_lengths_take_linear_time(written: Write) -> None:
    lies = [warc(b"x" * 500, n, length=10 ** (6 + n % 8)) for n in range(2000)]
    record = warc(HTTP + page(1), 1)
    for data in (b"".join(lies) + record, gzip.compress(b"".join(lies) + record)):
        captures, damages = read(written(data))
        assert bodies(captures) == [page(1)]
        assert sum(each.count for each in damages) == 2000
        assert str(damages[-1]) == "x.warc: and 1,980 more damaged or unknown records"


@pytest.mark.parametrize("length", ["-1", "abc", "", "1e3", "9" * 30])
def test_a_length_that_is_not_a_number_is_reported(written: Write, length: str) -> None:
    odd = warc(HTTP, 1).replace(b"Content-Length: 44", b"Content-Length: " + length.encode())
    captures, damages = read(written(odd + warc(HTTP + page(2), 2)))
    assert (bodies(captures), len(damages)) == ([page(2)], 1)


@pytest.mark.parametrize("which", ["Block", "Payload"])
def test_a_record_with_a_digest_that_does_not_fit_is_kept_and_marked(
    written: Write, which: str
) -> None:
    wrong = warc(HTTP + page(1), 1, f"WARC-{which}-Digest: {sha1(b'another')}")
    captures, damages = read(written(wrong + warc(HTTP + page(2), 2)))
    assert bodies(captures) == [page(1), page(2)]
    assert [each.fault for each in captures] == [f"{which.lower()} digest does not fit", None]
    assert damages == []


def test_a_record_with_a_good_digest_is_read_despite_a_broken_gzip_checksum(written: Write) -> None:
    block = HTTP + page(1)
    member = bytearray(gzip.compress(warc(block, 1, *with_digests(block))))
    member[-6] ^= 1  # of the checksum
    captures, [damage] = read(written(bytes(member), "x.warc.gz"))
    assert bodies(captures) == [page(1)]
    assert "incorrect data check" in str(damage)


def test_records_before_the_damage_of_a_single_gzip_stream_are_read(written: Write) -> None:
    blocks = [HTTP + page(number) for number in range(40)]
    packed = gzip.compress(b"".join(warc(b, n, *with_digests(b)) for n, b in enumerate(blocks)))
    at = len(packed) // 2
    captures, damages = read(written(packed[:at] + b"\xff" * 50 + packed[at + 50 :], "x.warc.gz"))
    assert numbers(captures) == list(range(len(captures)))
    assert 18 <= len(captures) <= 20
    assert damages


@pytest.mark.slow
def test_a_page_beyond_the_size_limit_is_reported_and_a_large_film_ignored(written: Write) -> None:
    film = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n" + bytes(MAX_BODY + 2**17)
    large = HTTP + bytes(MAX_BODY + 2**17)
    records = (warc(film, 1), warc(large, 2), warc(HTTP + page(3), 3))
    packed = b"".join(gzip.compress(each, 1) for each in records)
    for data in (b"".join(records), packed):
        captures, [damage] = read(written(data))
        assert bodies(captures) == [page(3)]
        assert "more than 64 MB (http://www.ilo.org/moscow/2)" in str(damage)


@pytest.mark.parametrize("line", [b"\xff" * 999, b"WARC/1.1\r\n", b"PK\3\4", b"\0" * 9999, b"\x1f"])
def test_a_file_of_noise_is_refused_in_one_line(written: Write, line: bytes) -> None:
    for name in ("x.warc", "x.warc.gz", "x.arc"):
        captures, damages = read(written(line, name))
        assert captures == []
        assert len(damages) == 1


def test_an_empty_file_has_no_captures(written: Write) -> None:
    assert read(written(b"", "x.warc.gz")) == ([], [])
    assert read(written(gzip.compress(b""), "x.warc.gz")) == ([], [])


FUZZ = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PIECES = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from(
            [
                warc(HTTP + b"<p>whole</p>", 5),
                warc(HTTP, 6, length=9999),
                gzip.compress(warc(HTTP + b"<p>whole</p>", 5)),
                a_revisit(7, b"<p>whole</p>"),
                arc(HTTP + b"<p>whole</p>", 8),
                b"WARC/1.1\r\n",
                b"\r\n\r\n",
                b"\x1f\x8b\x08\0",
                b"WARC-Type: response\r\nContent-Length: 4\r\n",
                b"HTTP/1.1 \xff\r\n",
            ]
        ),
    ),
    max_size=8,
)


@FUZZ
@given(parts=PIECES, name=st.sampled_from(["x.warc", "x.warc.gz", "x.arc", "x.wacz"]))
def test_any_bytes_are_read_without_an_error(tmp_path: Path, parts: list[bytes], name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"".join(parts))
    captures, _ = read(path)
    assert all(iso(each.capture.captured_at) for each in captures)


@FUZZ
@given(parts=PIECES)
def test_a_whole_record_after_any_bytes_is_read(tmp_path: Path, parts: list[bytes]) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(gzip.compress(b"") + b"".join(parts) + gzip.compress(warc(HTTP + page(9), 9)))
    assert page(9) in bodies(read(path)[0])


def test_the_reader_needs_one_pass_and_a_small_part_of_the_file_at_once() -> None:
    from ilo_archive.warc.gzip_members import read_members

    record = warc(HTTP + bytes(10**7))
    found = list(read_members(io.BytesIO(gzip.compress(record)), lambda _: True))
    assert b"".join(each.data for each in found) == record
    assert max(len(each.data) for each in found) <= 2**20
    assert [each.end for each in found][-1] is not None
    assert zlib.crc32(record) == zlib.crc32(b"".join(each.data for each in found))


# -- the recorded files of others ----------------------------------------------------------

RECORDED = {
    "warcio/test/data/bad.arc": (0, 4),
    "warcio/test/data/example-bad-non-chunked.warc.gz": (2, 0),
    "warcio/test/data/example-bad.warc.gz.bad": (3, 0),
    "warcio/test/data/example-digest.warc": (0, 0),
    "warcio/test/data/example-iana.org-chunked.warc": (1, 0),
    "warcio/test/data/example-resource.warc.gz": (1, 0),
    "warcio/test/data/example-space-in-target-uri.warc.gz": (0, 0),
    "warcio/test/data/example-space-in-url.arc": (0, 1),
    "warcio/test/data/example-trunc.warc": (0, 1),
    "warcio/test/data/example-wget-bad-target-uri.warc.gz": (1, 0),
    "warcio/test/data/example-wrong-chunks.warc.gz": (1, 1),
    "warcio/test/data/example.arc": (1, 0),
    "warcio/test/data/example.arc.gz": (1, 0),
    "warcio/test/data/example.warc": (2, 0),
    "warcio/test/data/example.warc.gz": (2, 0),
    "warcio/test/data/post-test.warc.gz": (0, 0),
}
"""Captures of pages and damages, by what `warcio check` and a look at the bytes tell."""


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_files_are_read_or_their_damage_reported(
    reference_folder: Path, name: str
) -> None:
    captures, damages = read(reference_folder / "recorded" / name)
    assert (len(captures), len(damages)) == RECORDED[name]
