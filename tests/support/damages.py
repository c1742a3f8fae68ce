"""Damage files of records at random places, the same ones for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["flip", "zeros", "garbage", "inserted", "removed", "cut"]
KINDS: tuple[Kind, ...] = ("flip", "zeros", "garbage", "inserted", "removed", "cut")


@dataclass(frozen=True, slots=True)
class Hit:
    """Bytes of a file that are no longer what they were."""

    data: bytes
    start: int
    end: int


def hit(data: bytes, seed: int) -> Hit:
    """A damage anywhere in the file; the seed chooses its kind."""
    chance = random.Random(seed)
    kind = KINDS[seed % len(KINDS)]
    at = chance.randrange(len(data))
    if kind == "flip":
        flipped = bytes([data[at] ^ 1 << chance.randrange(8)])
        return Hit(data[:at] + flipped + data[at + 1 :], at, at + 1)
    if kind == "cut":
        return Hit(data[:at], at, len(data))
    size = {"zeros": 500, "garbage": 1000, "inserted": 0, "removed": 300}[kind]
    end = min(at + size, len(data))
    new = {"zeros": bytes(end - at), "removed": b""}.get(kind, chance.randbytes(1000))
    return Hit(data[:at] + new[: max(end - at, 1000 * (kind == "inserted"))] + data[end:], at, end)


def spans(records: list[bytes]) -> Iterator[tuple[int, int]]:
    start = 0
    for each in records:
        yield start, start + len(each)
        start += len(each)


def untouched(records: list[bytes], damage: Hit) -> list[int]:
    return [
        number
        for number, (start, end) in enumerate(spans(records))
        if end <= damage.start or start >= max(damage.end, damage.start + 1)
    ]
