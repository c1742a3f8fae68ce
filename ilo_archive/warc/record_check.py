"""Check every record of a file of the store: gzip members, lengths, digests and their order.

Each byte of a file belongs to a member that inflates, whose checksum fits and which contains one
record; anything else is damage. Reading takes bounded memory and about the time of inflating.
"""

import hashlib
import re
from base64 import b32encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ilo_archive.capture import Position
from ilo_archive.warc.captures import Damage
from ilo_archive.warc.gzip_members import Piece, read_members
from ilo_archive.warc.records import is_warc

_END_OF_HEADERS = b"\r\n\r\n"
_HEADER = re.compile(rb"^([A-Za-z-]+): *(.*?)\r?$", re.MULTILINE)
_GZIP_HEADER = 10  # bytes
_KINDS = ("warcinfo", "request", "metadata", "response", "revisit")
_NUL_RUN = 64  # bytes of NUL that are named as such


@dataclass(frozen=True, slots=True)
class CheckedRecord:
    """A whole record: its type, id and place, and the digest of its payload as it states it.

    `refers_to` is the id of the record with the body, None unless it is a revisit.
    """

    kind: str
    id: str
    at: Position
    payload_digest: str
    refers_to: str | None


def check_file(path: Path) -> Iterator[CheckedRecord | Damage]:
    """Yield the whole records of a file, and what is damaged. Raises OSError."""
    headers: dict[int, bytes] = {}
    with path.open("rb") as stream, path.open("rb", buffering=0) as again:
        record: _Record | None = None
        for piece in read_members(stream, is_warc):
            if piece.is_first or record is None:
                record = _Record()
                again.seek(piece.member)
                headers[piece.member] = again.read(_GZIP_HEADER)
            record.add(piece)
            if piece.broken:
                yield Damage(path, _broken(path, piece), piece.member)
                headers.pop(piece.member)
            elif piece.end is not None:
                at = Position(path.name, piece.member, piece.end - piece.member)
                yield record.checked(at) or Damage(path, record.fault(), piece.member)
    yield from _odd_headers(path, headers)


def _broken(path: Path, piece: Piece) -> str:
    with path.open("rb") as stream:
        stream.seek(piece.member)
        if not stream.read(_NUL_RUN).strip(b"\0"):
            return "a run of NUL bytes, no record"
    return piece.broken or ""


def _odd_headers(path: Path, headers: dict[int, bytes]) -> Iterator[Damage]:
    """Yield the members whose gzip header differs from that of most others.

    No checksum covers it (RFC 1952, 2.3.1), and one program writes the same for all members.
    """
    if not headers:
        return
    usual = Counter(headers.values()).most_common(1)[0][0]
    for member, found in headers.items():
        if found != usual:
            yield Damage(path, "the gzip header is not as it was written", member)


@dataclass(slots=True)
class _Record:
    """The record in a member, checked while it is inflated."""

    _headers: dict[str, str] = field(default_factory=dict)
    _fault: str | None = None
    _left: int = 0
    _tail: bytes = b""
    _block: "hashlib._Hash" = field(default_factory=hashlib.sha1)
    _payload: "hashlib._Hash" = field(default_factory=hashlib.sha1)
    _begun: bool = False

    def add(self, piece: Piece) -> None:
        """Take the next piece of the member."""
        data = piece.data
        if not self._begun:
            self._begun = True
            data = self._begin(data)
        if self._fault:
            return
        self._block.update(data[: self._left])
        self._payload.update(data[: self._left])
        self._tail += data[self._left :][:16]
        self._left -= min(self._left, len(data))

    def _begin(self, data: bytes) -> bytes:
        """Parse the headers. Returns what follows the HTTP headers, which are digested here."""
        head, found, rest = data.partition(_END_OF_HEADERS)
        pairs = _HEADER.findall(head)
        self._headers = {name.decode().lower(): value.decode("latin-1") for name, value in pairs}
        length = self._headers.get("content-length", "")
        if not found or not is_warc(data) or not length.isdecimal():
            self._fault = "not a record"
            return b""
        self._left = int(length)
        if self._headers.get("warc-type") == "response":
            http, mark, _ = rest.partition(_END_OF_HEADERS)
            size = min(len(http) + len(mark), self._left)
            self._block.update(rest[:size])
            self._left -= size
            return rest[size:]
        return rest

    def checked(self, at: Position) -> CheckedRecord | None:
        """The record, None if it has a fault."""
        header = self._headers.get
        kind = header("warc-type", "")
        if self.fault():
            return None
        return CheckedRecord(
            kind,
            header("warc-record-id", ""),
            Position(at.file, at.offset, at.length, kind == "revisit"),
            header("warc-payload-digest", "").removeprefix("sha1:"),
            header("warc-refers-to") if kind == "revisit" else None,
        )

    def fault(self) -> str:
        """What is wrong with the record; empty if nothing is."""
        header = self._headers.get
        kind = header("warc-type", "")
        if self._fault or kind not in _KINDS:
            return self._fault or f"a record of the unknown type {kind!r}"
        if self._left or self._tail != _END_OF_HEADERS:
            return "the record has another length than it states"
        if header("warc-block-digest") != _digest(self._block) and kind != "warcinfo":
            return "the block digest does not fit"
        if kind == "response" and header("warc-payload-digest") != _digest(self._payload):
            return "the payload digest does not fit"
        return ""


def _digest(made: "hashlib._Hash") -> str:
    return f"sha1:{b32encode(made.digest()).decode()}"
