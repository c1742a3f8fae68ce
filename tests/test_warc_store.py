"""The store of raw captures: what it keeps, what it recovers, and disks that refuse it."""

from __future__ import annotations

import errno
import gzip
import io
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from ilo_archive.capture import Capture, Fetched, Position
from ilo_archive.http import HttpMessage, HttpRequest
from ilo_archive.offices import PageSeries
from ilo_archive.times import iso, parse_timestamp
from ilo_archive.warc.records import record_id
from ilo_archive.warc.store import WarcStore
from tests.support.build import NOW
from tests.support.disks import mounted, resize
from tests.support.homes import assert_same_archive, damage, kept, records_of
from tests.support.paths import SAMPLE
from tests.support.run import run

NOISE = random.Random(2015)
FILE = "captures-00001.warc.gz"


def a_capture(timestamp: str, url: str = "http://www.ilo.org/moscow/") -> Capture:
    moment, _ = parse_timestamp(timestamp)
    return Capture(PageSeries("moscow", "en", "moscow/en"), url, moment, "test")


def a_message(body: bytes = b"<html>", *headers: tuple[str, str], status: int = 200) -> HttpMessage:
    return HttpMessage(status, "OK", (("Content-Type", "text/html"), *headers), body)


A_REQUEST = HttpRequest(
    "GET", "https://web.archive.org/web/1id_/x?a=b", (("User-Agent", "we"), ("Accept", "*/*"))
)


def a_store(home: Path) -> WarcStore:
    return WarcStore(home / "warc", NOW)


@pytest.fixture
def store(home: Path) -> Iterator[WarcStore]:
    opened = a_store(home)
    yield opened
    opened.close()


# -- append and read ----------------------------------------------------------------------


def test_an_appended_record_is_read_back_unchanged(home: Path, store: WarcStore) -> None:
    messages = [
        a_message(),
        a_message(b""),
        a_message(bytes(range(256)) * 300, ("X-Twice", "1"), ("X-Twice", "2")),
        a_message(gzip.compress(b"page"), ("Content-Encoding", "gzip")),
        HttpMessage(302, "Found", (("Location", "http://www.ilo.org/"),), b""),
        HttpMessage(200, "", (), b"no phrase, no headers"),
        HttpMessage(
            503, "Service Unavailable", (("Retry-After", "3600"),), b"later\r\n\r\nWARC/1.1"
        ),
    ]
    positions = [
        store.append(Fetched(a_capture(f"2015010100000{number}"), message))
        for number, message in enumerate(messages)
    ]
    assert [store.read(position) for position in positions] == messages
    ends = [position.offset + position.length for position in positions]
    assert all(end < position.offset for end, position in zip(ends, positions[1:], strict=False))
    assert ends[-1] == (home / "warc" / FILE).stat().st_size


@pytest.mark.parametrize(
    "header",
    [
        ("X-Author", "Jos\xe9"),
        ("X-Author", "\u0418\u043b\u044c\u044f"),
        ("X-Empty", ""),
        ("X-Colon", "a: b"),
        ("Link", '<http://www.ilo.org/>; rel="original", <http://www.ilo.org/x>; rel="timegate"'),
    ],
)
def test_an_odd_header_does_not_make_a_record_that_cannot_be_read(
    home: Path, store: WarcStore, header: tuple[str, str]
) -> None:
    position = store.append(Fetched(a_capture("2015"), a_message(b"page", header)))
    assert store.read(position).body == b"page"
    assert store.read(position).header(header[0]) is not None
    assert [record.kind for record in kept(home)] == ["response"]


@pytest.mark.parametrize("value", ["a\r\n\r\nb", "a\nX-More: b", "a\r\nContent-Length: 3"])
def test_a_line_break_in_a_header_or_an_address_makes_no_other_record(
    home: Path, store: WarcStore, value: str
) -> None:
    position = store.append(Fetched(a_capture("2015"), a_message(b"page", ("X-Odd", value))))
    assert store.read(position).body == b"page"
    assert len(kept(home)) == 1


def test_transfer_encoding_is_not_stored(store: WarcStore) -> None:
    position = store.append(
        Fetched(a_capture("2015"), a_message(b"page", ("Transfer-Encoding", "chunked")))
    )
    assert store.read(position) == a_message(b"page")


def test_a_record_names_its_capture_and_is_warc_1_1(home: Path, store: WarcStore) -> None:
    capture = a_capture("20150414103217")
    store.append(Fetched(capture, a_message()))
    first = gzip.decompress((home / "warc" / FILE).read_bytes())
    assert first.startswith(b"WARC/1.1\r\n")
    [record] = kept(home)
    assert (record.kind, record.url, record.date, record.id) == (
        "response",
        capture.url,
        "2015-04-14T10:32:17Z",
        record_id(capture, a_message().digest),
    )


def test_a_revisit_refers_to_the_capture_with_the_bytes(home: Path, store: WarcStore) -> None:
    original, again = a_capture("2015"), a_capture("2016")
    store.append(Fetched(original, a_message()))
    store.append(Fetched(again, a_message()), original)
    first, second = kept(home)
    assert (first.kind, second.kind) == ("response", "revisit")
    assert second.refers_to == (first.id, first.date)
    with (home / "warc" / FILE).open("rb") as stream:
        payloads = [
            record.rec_headers["WARC-Payload-Digest"]
            for record in ArchiveIterator(stream)
            if record.rec_type in ("response", "revisit")
        ]
    assert payloads == [f"sha1:{a_message().digest}"] * 2


def test_a_position_without_a_response_record_is_refused(home: Path, store: WarcStore) -> None:
    first = store.append(Fetched(a_capture("2015"), a_message()))
    revisit = store.append(Fetched(a_capture("2016"), a_message()), a_capture("2015"))
    end = revisit.offset + revisit.length
    wrong = [revisit, Position(FILE, first.offset + 1, 9), Position(FILE, end, 9)]
    for position in wrong:
        with pytest.raises(ValueError, match=r"."):
            store.read(position)


# -- recover ------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_file_truncated_in_its_last_record_is_cut_back_to_the_last_whole_one(home: Path) -> None:
    path = home / "warc" / FILE
    writing = a_store(home)
    first = writing.append(Fetched(a_capture("2015"), a_message()))
    end = first.offset + first.length
    writing.append(Fetched(a_capture("2016"), a_message(b"last"), A_REQUEST))
    writing.close()
    whole = path.read_bytes()
    for length in range(end, len(whole)):
        path.write_bytes(whole[:length])
        store = a_store(home)
        assert store.recover({FILE: end}).orphans == {}
        assert path.stat().st_size == end
        position = store.append(Fetched(a_capture("2017"), a_message(b"next")))
        assert (store.read(first).body, store.read(position).body) == (b"<html>", b"next")
        store.close()
        assert [record.date[:4] for record in records_of(path)] == ["2015", "2017"]


@pytest.mark.slow
def test_a_file_truncated_at_any_byte_keeps_its_whole_captures_and_can_be_appended_to(
    home: Path,
) -> None:
    # Nothing of it known, as after the loss of the database, or a kill at the very first capture.
    path = home / "warc" / FILE
    writing = a_store(home)
    captures = [a_capture(str(year)) for year in (2015, 2016, 2017)]
    first = writing.append(Fetched(captures[0], a_message()))
    second = writing.append(Fetched(captures[1], a_message()), captures[0])
    writing.append(Fetched(captures[2], a_message(b"other"), A_REQUEST))
    writing.close()
    whole = path.read_bytes()
    ends = [each.offset + each.length for each in (first, second)] + [len(whole)]
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        store = a_store(home)
        kept_ = [number for number, end in enumerate(ends) if end <= length]
        found = store.recover({}).orphans
        assert len(found) == len(kept_)
        store.append(Fetched(a_capture("2018"), a_message(b"next")))
        store.close()
        dates = [record.date[:4] for record in records_of(path)]
        assert dates == [*(f"201{5 + number}" for number in kept_), "2018"]


def test_a_tail_of_noise_is_cut_off(home: Path) -> None:
    path = home / "warc" / FILE
    for noise in (b"\0" * 5000, b"\x1f\x8b" * 40, NOISE.randbytes(999), b"WARC/1.1\r\n"):
        store = a_store(home)
        position = store.append(Fetched(a_capture("2015"), a_message()))
        store.close()
        with path.open("ab") as stream:
            stream.write(noise)
        found = a_store(home).recover({}).orphans
        assert found == {record_id(a_capture("2015"), a_message().digest): position}
        assert len(records_of(path)) == 1
        path.unlink()


def test_a_gzip_member_that_is_not_a_record_does_not_stop_the_recovery(home: Path) -> None:
    store = a_store(home)
    position = store.append(Fetched(a_capture("2015"), a_message()))
    store.close()
    with (home / "warc" / FILE).open("ab") as stream:
        stream.write(gzip.compress(b"something else"))
        stream.write(gzip.compress(b""))
    found = a_store(home).recover({}).orphans
    assert found == {record_id(a_capture("2015"), a_message().digest): position}
    assert len(kept(home)) == 1


@pytest.mark.parametrize("known", [0, 1, 2, 3])
def test_recovery_returns_whole_records_unknown_to_the_archive(home: Path, known: int) -> None:
    store = a_store(home)
    captures = [a_capture(str(year)) for year in (2015, 2016, 2017)]
    messages = [a_message(NOISE.randbytes(99_999)) for _ in captures]
    positions = [store.append(Fetched(*each)) for each in zip(captures, messages, strict=True)]
    store.close()
    size = (home / "warc" / FILE).stat().st_size
    ends = [0, *(position.offset + position.length for position in positions)]
    assert a_store(home).recover({FILE: ends[known]}).orphans == {
        record_id(capture, message.digest): position
        for capture, message, position in list(zip(captures, messages, positions, strict=True))[
            known:
        ]
    }
    assert (home / "warc" / FILE).stat().st_size == size


def test_damage_within_a_file_does_not_hide_later_records(home: Path) -> None:
    path = home / "warc" / FILE
    store = a_store(home)
    captures = [a_capture(str(year)) for year in (2015, 2016, 2017)]
    positions = [store.append(Fetched(each, a_message(NOISE.randbytes(999)))) for each in captures]
    store.close()
    whole = path.read_bytes()
    at = positions[1].offset + 200
    path.write_bytes(whole[:at] + b"\xff" * 9 + whole[at + 9 :])
    found = a_store(home).recover({}).orphans
    assert list(found.values()) == [positions[0], positions[2]]
    assert path.stat().st_size == len(whole)


def test_a_file_that_is_full_is_followed_by_another(home: Path) -> None:
    store = WarcStore(home / "warc", NOW, roll_at=2500)
    captures = [a_capture(f"2015010100000{number}") for number in range(6)]
    positions = [store.append(Fetched(each, a_message(NOISE.randbytes(300)))) for each in captures]
    store.close()
    files = sorted((home / "warc").iterdir())
    assert len(files) > 1
    assert all(path.stat().st_size <= 2500 for path in files)
    assert [record.date for record in kept(home)] == [iso(each.captured_at) for each in captures]
    again = WarcStore(home / "warc", NOW, roll_at=2500)
    assert list(again.recover({}).orphans.values()) == positions
    first_end = positions[0].offset + positions[0].length
    assert list(again.recover({positions[0].file: first_end}).orphans.values()) == positions[1:]
    assert again.append(Fetched(a_capture("2016"), a_message())).file >= files[-1].name
    again.close()


def test_a_capture_is_stored_with_its_request_and_metadata(home: Path, store: WarcStore) -> None:
    capture = replace(a_capture("20150414103217"), uri_m="http://web.archive.org/web/1", digest="D")
    store.append(Fetched(capture, a_message(), A_REQUEST))
    with (home / "warc" / FILE).open("rb") as stream:
        records = [
            (record.rec_type, record.rec_headers, record.raw_stream.read(), record.http_headers)
            for record in ArchiveIterator(stream)
        ]
    assert [kind for kind, *_ in records] == ["warcinfo", "request", "metadata", "response"]
    own = record_id(capture, a_message().digest)
    assert [head["WARC-Concurrent-To"] for _, head, *_ in records[1:3]] == [own, own]
    printed = dict(line.split(": ") for line in records[2][2].decode().splitlines())
    assert printed == {
        "archive": "test",
        "via": "http://web.archive.org/web/1",
        "listed-digest": "D",
        "precision": "second",
        "office": "moscow",
        "language": "en",
        "page": "moscow/en",
    }
    sent = records[1][3].to_str().splitlines()
    assert sent[:3] == ["GET /web/1id_/x?a=b HTTP/1.1", "Host: web.archive.org", "User-Agent: we"]


def test_two_bodies_of_one_capture_are_two_records(home: Path, store: WarcStore) -> None:
    one, other = (a_message(body) for body in (b"one", b"other"))
    positions = [store.append(Fetched(a_capture("2015"), each)) for each in (one, other)]
    assert [store.read(each).body for each in positions] == [b"one", b"other"]
    assert len({record.id for record in kept(home)}) == 2


def test_recovery_of_an_empty_store_finds_nothing(home: Path) -> None:
    store = a_store(home)
    assert store.recover({}).orphans == {}
    store.append(Fetched(a_capture("2015"), a_message()))
    store.close()
    size = (home / "warc" / FILE).stat().st_size
    assert a_store(home).recover({FILE: size}).orphans == {}
    assert (home / "warc" / FILE).stat().st_size == size


# -- a disk that refuses ------------------------------------------------------------------


class _FullDisk(io.FileIO):
    """A file on a disk that takes `room` bytes more; the kernel writes what fits, then refuses."""

    room = 0

    def write(self, data: Any) -> int:
        if not _FullDisk.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fitting = bytes(data)[: _FullDisk.room]
        _FullDisk.room -= len(fitting)
        return super().write(fitting) or 0


@pytest.mark.parametrize("size", [2000, 20_000])
@pytest.mark.parametrize("room", [0, 1, 100, 1500, 2100])
def test_a_record_that_does_not_fit_on_the_disk_leaves_nothing_behind(
    home: Path, store: WarcStore, monkeypatch: pytest.MonkeyPatch, room: int, size: int
) -> None:
    store.append(Fetched(a_capture("2015"), a_message()))
    store.close()
    big = a_message(NOISE.randbytes(size))

    def opened(path: Path, mode: str = "r", buffering: int = -1, **_: Any) -> Any:
        raw = _FullDisk(path, mode)
        return raw if buffering == 0 else io.BufferedWriter(raw)

    monkeypatch.setattr(_FullDisk, "room", room)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", opened)
        with pytest.raises(OSError, match="No space left"):
            store.append(Fetched(a_capture("2016"), big))
        monkeypatch.setattr(_FullDisk, "room", 10**6)
        position = store.append(Fetched(a_capture("2017"), a_message(b"there is room")))
        store.close()
    assert store.read(position).body == b"there is room"
    assert [record.date[:4] for record in kept(home)] == ["2015", "2017"]


@pytest.mark.slow
@pytest.mark.parametrize("size", ["64k", "200k", "300k"])
def test_an_ingest_on_a_full_disk_exits_with_7_and_resumes_when_there_is_room(
    tmp_path: Path, sample_home: Path, size: str
) -> None:
    home = tmp_path / "disk" / "home"
    with mounted(tmp_path / "disk", size):
        outcome = run(home, "ingest", SAMPLE)
        assert outcome.code == 7, outcome
        lines = [line for line in outcome.err.splitlines() if not line.startswith("20")]
        assert (lines, len(lines)) == (outcome.messages, 1)
        resize(tmp_path / "disk", "size=4m")
        assert run(home, "ingest", SAMPLE).code == 0
        assert damage(home) == []
        assert len({record.id for record in kept(home)}) == len(kept(home)) == 14
        assert_same_archive(home, sample_home)


@pytest.mark.slow
@pytest.mark.parametrize("made_before", [False, True])
def test_a_read_only_home_prints_one_line(tmp_path: Path, made_before: bool) -> None:
    home = tmp_path / "disk" / "home"
    with mounted(tmp_path / "disk", "4m"):
        if made_before:
            assert run(home, "ingest", SAMPLE).code == 0
        resize(tmp_path / "disk", "ro")
        outcome = run(home, "ingest", SAMPLE)
    assert outcome.code == 7
    assert len(outcome.err.splitlines()) == 1
    assert outcome.messages


@pytest.mark.slow
def test_a_file_with_every_record_twice_is_recorded_once(
    home: Path, tmp_path: Path, sample_home: Path
) -> None:
    twice = tmp_path / "moscow.warc"
    twice.write_bytes(SAMPLE.read_bytes() * 2)
    outcome = run(home, "ingest", twice, SAMPLE)
    assert outcome.code == 0
    assert outcome.out.startswith("14 captures recorded: 13 read, 1 unreadable; 28 recorded")
    assert_same_archive(home, sample_home)
    assert len(kept(home)) == 14


@pytest.mark.slow
def test_a_home_that_is_a_file_prints_one_line(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("no folder")
    outcome = run(tmp_path / "home", "ingest", SAMPLE)
    assert outcome.code == 2
    assert outcome.err
