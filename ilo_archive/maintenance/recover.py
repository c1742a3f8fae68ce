"""Find captures that are in the store but not in the database: all of them if it was lost.

The metadata record of each stored capture has the facts that its other records lack
(`records.capture_fields`), so the database can be rebuilt from the files alone. Not in any file are
captures that were listed but not fetched, which the next crawl lists again, and the history of
runs.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeadersParserException

from ilo_archive.capture import Capture, Position
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import (
    RecordedPage,
    StoredCapture,
)
from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.times import parse_timestamp
from ilo_archive.warc.captures import Damage
from ilo_archive.warc.gzip_members import Piece, read_members
from ilo_archive.warc.records import (
    WARC_FIELDS,
    RecordLoader,
    capture_from_fields,
    fields_of,
    is_warc,
)
from ilo_archive.warc.store import is_foreign, record_type, store_files

_UNREAD = RecordedPage("listed", None, None, None, None, None, None, ())
_LOADER = RecordLoader(verify_http=False)
_BROKEN = (ArchiveLoadFailed, AttributeError, StatusAndHeadersParserException, ValueError)


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """The stored captures that no row of the database holds, in store order, and what could not be
    read beside them.
    """

    captures: tuple[StoredCapture, ...]
    damages: tuple[Damage, ...]


def unrecorded(archive: Archive, folder: Path, offices: Registry) -> Unrecorded:
    """Scan the store between and behind the recorded captures. Raises OSError.

    Another record of a capture that is recorded, as a killed run may have stored, does not count.
    Files of somebody else are passed over.
    """
    scan = _Scan(archive, offices)
    recorded = archive.recorded_ranges()
    whole = archive.whole_keys()
    for path in store_files(folder):
        if path.name in recorded or not is_foreign(path):
            for start, end in _gaps(recorded.get(path.name, ())):
                scan.read(path, start, end)
    found = (each for each in scan.found if each.capture.key not in whole)
    return Unrecorded(tuple(found), tuple(scan.damages))


def _gaps(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int | None]]:
    """Yield the offsets between the ranges, and behind the last one without an end."""
    at = 0
    for start, end in ranges:
        if at < start:
            yield at, start
        at = max(at, end)
    yield at, None


@dataclass(slots=True)
class _Scan:
    """The captures found so far, and the metadata and originals that later records refer to."""

    archive: Archive
    offices: Registry
    found: list[StoredCapture] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)
    _fields: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _originals: dict[str, Position] = field(default_factory=dict)

    def read(self, path: Path, start: int, end: int | None) -> None:
        """Read the records of one file that begin from offset `start` on and before `end`."""
        with path.open("rb") as stream:
            for first, last in _members(read_members(stream, is_warc, start)):
                if end is not None and first.member >= end:
                    return
                if last.broken:
                    self.damages.append(Damage(path, last.broken, first.member))
                    continue
                length = (last.end or first.member) - first.member
                is_revisit = record_type(first.data) == b"revisit"
                at = Position(path.name, first.member, length, is_revisit)
                data = BytesIO(first.data)
                try:
                    self._add_record(_LOADER.parse_record_stream(data, known_format="warc"), at)
                except _BROKEN as error:
                    self.damages.append(Damage(path, f"not a record: {error}", first.member))

    def _add_record(self, record: ArcWarcRecord, at: Position) -> None:
        header = record.rec_headers.get_header
        if record.rec_type == "metadata" and record.content_type == WARC_FIELDS:
            fields = fields_of(record.raw_stream.read())
            self._fields = {header("WARC-Concurrent-To"): fields}
        elif record.rec_type in ("response", "revisit"):
            described = self._fields.get(header("WARC-Record-ID"), {})
            digest = header("WARC-Payload-Digest").removeprefix("sha1:")
            original = self.archive.first_position_of(digest) or self._originals.setdefault(
                digest, at
            )
            capture = self._capture(record, described)
            fault = described.get("fault")
            self.found.append(StoredCapture(capture, digest, at, original, None, _UNREAD, fault))

    def _capture(self, record: ArcWarcRecord, fields: Mapping[str, str]) -> Capture:
        header = record.rec_headers.get_header
        url = header("WARC-Target-URI")
        moment, _ = parse_timestamp(header("WARC-Date"))
        capture = Capture(
            place=self.offices.locate(url),
            url=url,
            captured_at=moment,
            archive="store",
            uri_m=header("WARC-Source-URI"),
            status=int(record.http_headers.get_statuscode()),
            digest=header("WARC-Payload-Digest").removeprefix("sha1:"),
        )
        return capture_from_fields(capture, fields)


def _members(pieces: Iterator[Piece]) -> Iterator[tuple[Piece, Piece]]:
    """Yield the first and last piece of each member: the first contains the headers of
    the record.
    """
    first: Piece | None = None
    for piece in pieces:
        first = piece if piece.is_first or first is None else first
        if piece.end is not None or piece.broken:
            yield first, piece
