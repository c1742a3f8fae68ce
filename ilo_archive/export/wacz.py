"""Export the archive as a WACZ file: the store, an index, a list of pages, checksums.

The format is WACZ 1.1.1 (https://specs.webrecorder.net/wacz/1.1.1/). ReplayWeb.page opens the file
as it is, pywb with `wb-manager add --unpack-wacz`.
"""

import gzip
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from surt import surt

from ilo_archive.atomic_files import replacing
from ilo_archive.export.provenance import ADDRESS, TITLE, ProvenancePage, provenance_page
from ilo_archive.export.provenance import FILE as PROVENANCE
from ilo_archive.identity.decisions import DECISIONS_OF_WACZ, as_record
from ilo_archive.queries.answers import StoredCapture
from ilo_archive.queries.archive import Archive
from ilo_archive.times import iso
from ilo_archive.warc.store import record_summary

_VERSION = "1.1.1"
_LINES = 3000  # lines of the index in each gzip member, as in cdxj-indexer
_CHUNK = 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Exported:
    """The content of an export; `lost` names captures whose record is missing or damaged."""

    captures: int
    pages: int
    lost: tuple[str, ...]


def export_wacz(
    archive: Archive, store: Path, target: Path, now: datetime, software: str
) -> Exported:
    """Write the whole store of a home to a WACZ file, which appears when it is complete.

    Raises OSError.
    """
    with replacing(target) as part, ZipFile(part, "w", allowZip64=True) as package:
        return _fill(_Package(package, now), archive, store, software)


def _fill(package: "_Package", archive: Archive, store: Path, software: str) -> Exported:
    rows, pages, lost = [], [], []
    provenance = provenance_page(archive.collection(), package.now, software)
    ends: dict[str, int] = {}
    for stored in (archive.stored_capture(number) for number in archive.kept_captures()):
        at = stored.position
        ends[at.file] = max(ends.get(at.file, 0), at.offset + at.length)
        try:
            rows.append(_index_row(store, stored))
        except (OSError, ValueError) as error:
            lost.append(f"{stored.capture.url} of {iso(stored.capture.captured_at)}: {error}")
            continue
        if stored.reading.quality == "good":
            pages.append(_page(stored))
    for name in sorted(name for name in ends if (store / name).exists()):
        with (store / name).open("rb") as stream:  # without records of a run in progress
            package.add(f"archive/{name}", stream, ZIP_STORED, ends[name])
    package.add(f"archive/{PROVENANCE}", BytesIO(provenance.record), ZIP_STORED)
    index, blocks = _zipped_index(sorted([*rows, _provenance_row(provenance, package.now)]))
    package.add("indexes/index.cdx.gz", BytesIO(index), ZIP_STORED)
    package.add("indexes/index.idx", BytesIO(blocks), ZIP_DEFLATED)
    first = {"id": "provenance", "url": ADDRESS, "ts": iso(package.now), "title": TITLE}
    head = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
    package.add("pages/pages.jsonl", BytesIO(_json_lines([head, first, *pages])), ZIP_DEFLATED)
    if decisions := [as_record(each) for each in archive.decisions()]:
        package.add(DECISIONS_OF_WACZ, BytesIO(_json_lines(decisions)), ZIP_DEFLATED)
    package.finish(software)
    return Exported(len(rows), len(pages), tuple(lost))


def _index_row(store: Path, stored: StoredCapture) -> str:
    """A line of the index (CDXJ). Raises OSError or ValueError if the record cannot be read."""
    kind, status, content_type = record_summary(store, stored.position)
    fields = {
        "url": stored.capture.url,
        "mime": "warc/revisit" if kind == "revisit" else content_type.partition(";")[0].strip(),
        "status": str(status),
        "digest": f"sha1:{stored.payload_digest}",
        "length": str(stored.position.length),
        "offset": str(stored.position.offset),
        "filename": stored.position.file,
    }
    line = json.dumps(fields, ensure_ascii=False)
    return f"{surt(stored.capture.url)} {stored.capture.timestamp} {line}\n"


def _provenance_row(page: ProvenancePage, now: datetime) -> str:
    line = json.dumps(page.index_fields, ensure_ascii=False)
    return f"{surt(ADDRESS)} {now:%Y%m%d%H%M%S} {line}\n"


def _page(stored: StoredCapture) -> dict[str, str]:
    return {
        "id": stored.capture.key,
        "url": stored.capture.url,
        "ts": iso(stored.capture.captured_at),
        "title": stored.reading.office or stored.capture.url,
    }


def _zipped_index(rows: Iterable[str]) -> tuple[bytes, bytes]:
    """The index in gzip members, and a second index with the first line and the place of each
    member.
    """
    members = BytesIO()
    heads = ['!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n']
    for lines in _blocks(list(rows)):
        member = gzip.compress("".join(lines).encode(), mtime=0)
        described = {"offset": members.tell(), "length": len(member), "digest": _sha256(member)}
        heads.append(f"{' '.join(lines[0].split(' ', 2)[:2])} {json.dumps(described)}\n")
        members.write(member)
    return members.getvalue(), "".join(heads).encode()


def _blocks(rows: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(rows), _LINES):
        yield rows[start : start + _LINES]


def _json_lines(rows: Iterable[Any]) -> bytes:
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class _Package:
    """A zip file that lists its members with their checksums."""

    def __init__(self, package: ZipFile, now: datetime) -> None:
        self._package = package
        self.now = now
        self._resources: list[dict[str, str | int]] = []

    def add(self, path: str, stream: IO[bytes], packing: int, end: int = sys.maxsize) -> None:
        """Add a file while it is read, up to byte `end`, and list it."""
        digest, size = hashlib.sha256(), 0
        with self._package.open(self._info(path, packing), "w", force_zip64=True) as target:
            while chunk := stream.read(min(_CHUNK, end - size)):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        name = path.rpartition("/")[2]
        checksum = f"sha256:{digest.hexdigest()}"
        self._resources.append({"name": name, "path": path, "hash": checksum, "bytes": size})

    def finish(self, software: str) -> None:
        """Add the list of files, and the checksum of the list."""
        described = {
            "profile": "data-package",
            "resources": self._resources,
            "created": iso(self.now),
            "wacz_version": _VERSION,
            "software": software,
            "title": "Homepages of offices as web archives hold them",
        }
        listed = json.dumps(described, indent=2).encode()
        digest = {"path": "datapackage.json", "hash": _sha256(listed)}
        for path, data in (
            ("datapackage.json", listed),
            ("datapackage-digest.json", json.dumps(digest, indent=2).encode()),
        ):
            self._package.writestr(self._info(path, ZIP_DEFLATED), data)

    def _info(self, path: str, packing: int) -> ZipInfo:
        info = ZipInfo(path, self.now.timetuple()[:6])
        info.compress_type = packing
        return info
