"""How much of a file is read at a time changes nothing: a member may begin anywhere in a step."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from backports import zstd

from ilo_archive.warc import gzip_members
from ilo_archive.warc.captures import Damage
from ilo_archive.warc.effort import Effort
from ilo_archive.warc.gzip_members import Piece, read_members
from ilo_archive.warc.record_check import CheckedRecord, check_file
from ilo_archive.warc.records import is_warc
from ilo_archive.warc.scanner import WholeRecord, scan_records
from ilo_archive.warc.window import RecordStart, gzipped_window
from ilo_archive.warc.zstd_members import read_frames
from tests.support.warcs import Response, write_warc

STEPS = [1, 7, 100, 1000, 4099]  # bytes


def parts() -> list[bytes]:
    """What members contain: a beginning like a record's, then bytes that do not pack well."""
    dice = random.Random(7)
    return [b"WARC/1.1\r\n" + dice.randbytes(size) for size in (0, 5, 900, 70_000, 2_200_000)]


@pytest.mark.parametrize("step", [100, 4099, 2**16])
@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_the_first_piece_of_a_member_has_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, packing: str
) -> None:
    monkeypatch.setattr(gzip_members, "_INPUT", step)
    path = tmp_path / "x"
    pack = gzip.compress if packing == "gzip" else zstd.compress
    path.write_bytes(b"".join(map(pack, parts())))
    with path.open("rb") as stream:
        read = read_members if packing == "gzip" else read_frames
        pieces = [*read(stream, is_warc)]
    assert [*contents(pieces)] == parts()
    assert all(is_warc(piece.data) for piece in pieces if piece.is_first)
    assert max(len(piece.data) for piece in pieces) <= 2**21


def contents(pieces: list[Piece]) -> Iterator[bytes]:
    """What each member contains."""
    members = dict.fromkeys(piece.member for piece in pieces)
    for member in members:
        yield b"".join(piece.data for piece in pieces if piece.member == member)


@pytest.mark.parametrize("step", STEPS)
def test_no_step_makes_a_damage_of_a_whole_store(
    sample_home: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    store = next((sample_home / "warc").iterdir())
    usual = [*check_file(store)]
    assert all(isinstance(each, CheckedRecord) for each in usual)
    monkeypatch.setattr(gzip_members, "_INPUT", step)
    assert [*check_file(store)] == usual


@pytest.mark.parametrize("step", STEPS)
def test_records_have_the_same_places_at_any_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    page = b"<html><body><p>" + b"some words " * 700
    stamps = [f"2015010{day}120000" for day in range(1, 9)]
    path = write_warc(tmp_path / "x.warc.gz", *[Response(stamp, page) for stamp in stamps])
    usual = places(path)
    monkeypatch.setattr(gzip_members, "_INPUT", step)
    assert places(path) == usual
    assert [start.position for start in usual] == [0] * len(stamps)


def places(path: Path) -> list[RecordStart]:
    """Where the whole records of a file begin."""
    with path.open("rb") as stream:
        found = [*scan_records(gzipped_window(stream, Effort(path.stat().st_size)))]
    return [each.start for each in found if isinstance(each, WholeRecord)]


def test_a_damaged_member_is_named_at_any_step(
    sample_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytearray(next((sample_home / "warc").iterdir()).read_bytes())
    data[len(data) // 2] ^= 16
    path = tmp_path / "captures-00001.warc.gz"
    path.write_bytes(data)
    usual = [str(each) for each in check_file(path) if isinstance(each, Damage)]
    assert usual
    for step in STEPS:
        monkeypatch.setattr(gzip_members, "_INPUT", step)
        assert [str(each) for each in check_file(path) if isinstance(each, Damage)] == usual
