"""Seeded damages of a home: bits, blocks and cuts of its files."""

from __future__ import annotations

import random
from pathlib import Path

KINDS = (
    "warc bit", "warc block of NUL", "warc cut", "warc noise", "warc deleted", "warc bytes lost",
    "database bit", "database block of NUL", "database cut", "decisions bit",
)  # fmt: skip


def inflict(home: Path, seed: int) -> str:
    """Damage a home, a kind for each seed in turn. Returns what was done."""
    kind = KINDS[seed % len(KINDS)]
    chance = random.Random(seed)
    path = _file_of(home, kind)
    before = path.read_bytes()
    if kind.endswith("deleted"):
        path.unlink()
        return f"{kind}: {path.name}"
    after, at = _changed(before, kind, chance)
    path.write_bytes(after)
    return f"{kind}: {path.name} at byte {at}"


def _file_of(home: Path, kind: str) -> Path:
    if kind.startswith("warc"):
        return min((home / "warc").glob("*.warc.gz"))
    return home / ("archive.sqlite" if kind.startswith("database") else "decisions.jsonl")


def _changed(data: bytes, kind: str, chance: random.Random) -> tuple[bytes, int]:
    """The bytes with a damage, always other ones than before, and where it begins."""
    while True:
        at = chance.randrange(len(data))
        size = chance.randrange(1, 600)
        if kind.endswith("bit"):
            after = data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
        elif kind.endswith("NUL"):
            after = data[:at] + bytes(min(size, len(data) - at)) + data[at + size :]
        elif kind.endswith("noise"):
            after = data[:at] + chance.randbytes(size) + data[at + size :]
        elif kind.endswith("lost"):
            after = data[:at] + data[at + size :]
        else:
            after = data[:at]
        if after != data:
            return after, at
