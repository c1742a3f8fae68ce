"""Find captures that are in the store but not in the database: all of them if it was lost.

The metadata record of each stored capture has the facts that its other records lack
(`records.capture_fields`), so the database can be rebuilt from the files alone. Not in any file are
captures that were listed but not fetched, which the next crawl lists again, and the history of
runs.
"""

from collections.abc import Iterator, Mapping
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
from ilo_archive.warc.store import store_files

_UNREAD = RecordedPage("listed", None, None, None, None, None, None, ())
_LOADER = RecordLoader(verify_http=False)
_BROKEN = (ArchiveLoadFailed, AttributeError, StatusAndHeadersParserException, ValueError)


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """The stored captures behind the last recorded one, in store order, and what could
    not be read.
    """

    captures: tuple[StoredCapture, ...]
    damages: tuple[Damage, ...]


def unrecorded(archive: Archive, folder: Path, offices: Registry) -> Unrecorded:
    """Scan the store behind the last recorded capture. Raises OSError."""
    scan = _Scan(archive, offices)
    last, end = archive.last_recorded_byte()
    for path in store_files(folder):
        if path.name >= last:
            scan.read(path, end if path.name == last else 0)
    return Unrecorded(tuple(scan.found), tuple(scan.damages))


@dataclass(slots=True)
class _Scan:
    """The captures found so far, and the metadata and originals that later records refer to."""

    archive: Archive
    offices: Registry
    found: list[StoredCapture] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)
    _fields: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _originals: dict[str, Position] = field(default_factory=dict)

    def read(self, path: Path, start: int) -> None:
        """Read the records of one file, from offset `start` on."""
        with path.open("rb") as stream:
            for first, last in _members(read_members(stream, is_warc, start)):
                if last.broken:
                    self.damages.append(Damage(path, last.broken, first.member))
                    continue
                at = Position(path.name, first.member, (last.end or first.member) - first.member)
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
