"""What the store of raw captures holds and the archive lacks: all of it where there is none.

Each capture of the store comes with a metadata record that tells what its archive told of it
(`warc.told_of`), so that the ledger can be made again from the files alone. Captures
that were listed and never had, and the rows of runs, are in no file: the next crawl lists the
former anew.
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
    """Captures of the store, in its order, behind the last one that the archive knows; and what
    of the store could not be read.
    """

    captures: tuple[StoredCapture, ...]
    damages: tuple[Damage, ...]


def unrecorded(archive: Archive, folder: Path, offices: Registry) -> Unrecorded:
    """Look through the store from the archive's last record on. Raises OSError."""
    scan = _Scan(archive, offices)
    last, end = archive.last_recorded_byte()
    for path in store_files(folder):
        if path.name >= last:
            scan.read(path, end if path.name == last else 0)
    return Unrecorded(tuple(scan.found), tuple(scan.damages))


@dataclass(slots=True)
class _Scan:
    """The captures found so far, and what stood before them."""

    archive: Archive
    offices: Registry
    found: list[StoredCapture] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)
    _fields: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _originals: dict[str, Position] = field(default_factory=dict)

    def read(self, path: Path, start: int) -> None:
        """Go through the records of one file."""
        with path.open("rb") as stream:
            for first, last in _members(read_members(stream, is_warc, start)):
                if last.broken:
                    self.damages.append(Damage(path, last.broken, first.member))
                    continue
                at = Position(path.name, first.member, (last.end or first.member) - first.member)
                data = BytesIO(first.data)
                try:
                    self._take(_LOADER.parse_record_stream(data, known_format="warc"), at)
                except _BROKEN as error:
                    self.damages.append(Damage(path, f"no record: {error}", first.member))

    def _take(self, record: ArcWarcRecord, at: Position) -> None:
        header = record.rec_headers.get_header
        if record.rec_type == "metadata" and record.content_type == WARC_FIELDS:
            fields = fields_of(record.raw_stream.read())
            self._fields = {header("WARC-Concurrent-To"): fields}
        elif record.rec_type in ("response", "revisit"):
            told = self._fields.get(header("WARC-Record-ID"), {})
            digest = header("WARC-Payload-Digest").removeprefix("sha1:")
            original = self.archive.first_position_of(digest) or self._originals.setdefault(
                digest, at
            )
            capture = self._capture(record, told)
            self.found.append(StoredCapture(capture, digest, at, original, None, _UNREAD))

    def _capture(self, record: ArcWarcRecord, told: Mapping[str, str]) -> Capture:
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
        return capture_from_fields(capture, told)


def _members(found: Iterator[Piece]) -> Iterator[tuple[Piece, Piece]]:
    """The first and the last piece of each member: the first holds the headers of the record."""
    first: Piece | None = None
    for piece in found:
        first = piece if piece.is_first or first is None else first
        if piece.end is not None or piece.broken:
            yield first, piece
