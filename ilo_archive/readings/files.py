"""Files of readings (Parquet): what the reader made of the captures of one WARC file.

A file is complete or absent: it is written beside its place and renamed. Its metadata state the
version of the reader and the registry of offices; one of others, or one that is cut short, counts
as absent. A reading is found by the fingerprint of what was read, so that it never serves a capture
with other bytes. `fsspec` opens files and object stores.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from ilo_archive.capture import Kept
from ilo_archive.offices import Registry
from ilo_archive.reader.page import READER_VERSION
from ilo_archive.reader.snapshot import Snapshot, take_snapshot
from ilo_archive.readings.plain import from_json, to_json

_METADATA = b"ilo_archive"
_GROUP = 500  # readings read at a time
_GROUPS_KEPT = 16


def fingerprint(kept: Kept) -> bytes:
    """16 bytes for what a reading depends on besides the reader and the registry."""
    capture, message = kept.capture, kept.message
    read = [capture.url, capture.captured_at.isoformat(), message.status, message.reason]
    text = json.dumps([*read, message.headers, message.digest])
    return hashlib.sha256(text.encode()).digest()[:16]


def made_by(offices: Registry) -> dict[str, Any]:
    """What the metadata of a file state: the version of the reader, the registry."""
    known = repr((offices.offices, offices.hosts)).encode()
    return {"reader": READER_VERSION, "offices": hashlib.sha256(known).hexdigest()}


def readings_name(source: str) -> str:
    """The name of the file of readings of a WARC file."""
    name = source.rstrip("/").rpartition("/")[2]
    return f"{name}-{hashlib.sha256(source.encode()).hexdigest()[:12]}.parquet"


def write_readings(target: str, found: Iterable[Kept], offices: Registry) -> int:
    """Read captures, and write the readings to a path or an address. Returns their number.

    Raises OSError.
    """
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    metadata = {_METADATA: json.dumps(made_by(offices)).encode()}
    columns = [("fingerprint", arrow.binary(16)), ("reading", arrow.binary())]
    schema = arrow.schema(columns, metadata=metadata)
    rows = _rows(found, offices)
    number = 0
    with _replacing(target) as stream, parquet.ParquetWriter(stream, schema) as writer:
        while group := list(islice(rows, _GROUP)):
            values = [list(each) for each in zip(*group, strict=True)]
            writer.write_table(arrow.table(values, schema=schema))
            number += len(group)
    return number


def _rows(found: Iterable[Kept], offices: Registry) -> Iterator[tuple[bytes, bytes]]:
    for kept in found:
        snapshot = take_snapshot(kept, offices)
        # An error may have been of the machine: the writer reads such a page itself.
        if not (snapshot.reason or "").startswith("the reader failed"):
            yield fingerprint(kept), to_json(snapshot)


@contextmanager
def _replacing(target: str) -> Iterator[Any]:
    """A stream to a new file, which takes the place of `target` when it is complete."""
    system, path = import_module("fsspec").url_to_fs(target)
    system.makedirs(path.rpartition("/")[0], exist_ok=True)
    part = f"{path}.{uuid4().hex}.part"
    try:
        with system.open(part, "wb") as stream:
            yield stream
        system.mv(part, path)
    finally:
        if system.exists(part):
            system.rm(part)


class Readings:
    """The readings of many files, found by what was read; few of them are in memory."""

    def __init__(self, offices: Registry) -> None:
        """`offices` is the registry that the readings must have been made with."""
        self._made_by = made_by(offices)
        self._files: list[Any] = []
        self._places: dict[bytes, tuple[int, int]] = {}  # file and group, by fingerprint
        self._groups: OrderedDict[tuple[int, int], dict[bytes, bytes]] = OrderedDict()

    def add(self, path: str) -> bool:
        """Add a file. False if it is missing, damaged or of another reader or registry."""
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
        places: dict[bytes, tuple[int, int]] = {}
        number = len(self._files)
        try:
            stream = import_module("fsspec").open(path, "rb").open()
            file = parquet.ParquetFile(stream)
            stated = json.loads(file.schema_arrow.metadata[_METADATA])
            for group in range(file.num_row_groups) if stated == self._made_by else ():
                column = file.read_row_group(group, columns=["fingerprint"]).column(0)
                places |= dict.fromkeys(column.to_pylist(), (number, group))
        except (OSError, LookupError, TypeError, ValueError, arrow.ArrowException):
            return False
        self._files.append(file)
        self._places = places | self._places
        return bool(stated == self._made_by)

    def find(self, kept: Kept) -> Snapshot | None:
        """The snapshot of a capture; None if no file has it."""
        found = fingerprint(kept)
        place = self._places.get(found)
        try:
            return from_json(self._group(place)[found]).snapshot(kept) if place else None
        except (OSError, LookupError, TypeError, ValueError):
            return None

    def _group(self, place: tuple[int, int]) -> dict[bytes, bytes]:
        if place not in self._groups:
            table = self._files[place[0]].read_row_group(place[1])
            columns = (each.to_pylist() for each in table.columns)
            self._groups[place] = dict(zip(*columns, strict=True))
            while len(self._groups) > _GROUPS_KEPT:
                self._groups.popitem(last=False)
        self._groups.move_to_end(place)
        return self._groups[place]


def known_snapshot(kept: Kept, offices: Registry, readings: Readings | None) -> Snapshot:
    """The snapshot of a capture: from the readings if they have it, else read now."""
    return (readings and readings.find(kept)) or take_snapshot(kept, offices)


def copy_of(address: str, folder: Path) -> Path:
    """Copy a file of an object store or a web server into a folder.

    Raises OSError, also where the package for such addresses is not installed.
    """
    try:
        system, path = import_module("fsspec").url_to_fs(address)
        folder.mkdir(parents=True, exist_ok=True)
        copy: Path = folder / path.rstrip("/").rpartition("/")[2]
        system.get_file(path, str(copy))
    except OSError:
        raise
    except ModuleNotFoundError as error:
        raise OSError(f"to read {address}, install ilo-archive[scale]") from error
    except Exception as error:  # of the many clients that fsspec uses
        raise OSError(f"{type(error).__name__}: {error}".partition("\n")[0]) from error
    return copy
