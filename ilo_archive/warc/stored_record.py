"""What a record of the store says of itself: type, address, time, digests."""

import zlib
from dataclasses import dataclass
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from ilo_archive.capture import Position
from ilo_archive.http import HttpMessage
from ilo_archive.warc.records import RecordLoader, http_message


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record with its message, which has no body for a revisit.

    `date` is WARC-Date; `payload_digest` the SHA-1 in base 32 that the record gives for its body,
    an empty string without one.
    """

    kind: str
    url: str
    date: str
    payload_digest: str
    message: HttpMessage

    @property
    def is_intact(self) -> bool:
        """True if the body has the digest that the record gives; for a revisit always."""
        return self.kind == "revisit" or self.message.digest == self.payload_digest


def stored_record(folder: Path, position: Position) -> StoredRecord:
    """The record at a position of the store. Raises OSError, ValueError where none is whole."""
    try:
        record, message = _read(folder / position.file, position.offset)
    except (ArchiveLoadFailed, AttributeError, EOFError, StopIteration, zlib.error) as error:
        raise ValueError(f"no record at byte {position.offset}") from error
    if message is None:
        raise ValueError(f"no whole record at byte {position.offset}")
    header = record.rec_headers.get_header
    return StoredRecord(
        str(record.rec_type),
        header("WARC-Target-URI") or "",
        header("WARC-Date") or "",
        (header("WARC-Payload-Digest") or "").removeprefix("sha1:"),
        message,
    )


def _read(path: Path, offset: int) -> tuple[ArcWarcRecord, HttpMessage | None]:
    """A record with its message, None if that is not whole. Raises the errors of warcio."""
    with path.open("rb") as stream:
        stream.seek(offset)
        records = ArchiveIterator(stream)
        records.loader = RecordLoader(verify_http=False)
        record = next(records)
        return record, http_message(record)
