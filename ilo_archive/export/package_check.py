"""Check an exported package by itself: its checksums, its records, and its index against them."""

import gzip
import hashlib
import json
import shutil
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import BadZipFile, ZipFile

from ilo_archive.export.provenance import FILE
from ilo_archive.warc.captures import Damage
from ilo_archive.warc.record_check import CheckedRecord, check_file

_LIST, _DIGEST_OF_LIST = "datapackage.json", "datapackage-digest.json"
_INDEX = "indexes/index.cdx.gz"
_RECORDS = "archive/"
_PROVENANCE = f"{_RECORDS}{FILE}"  # of the package, not of the store: its checksum is enough
_CHUNK = 2**20  # bytes
_Whole = Mapping[tuple[str, int], CheckedRecord]


def check_package(path: Path) -> tuple[int, list[str]]:
    """The number of whole records in a WACZ file, and what is damaged, a line each.

    Needs neither the archive nor the store that it was made from. Raises OSError.
    """
    try:
        with ZipFile(path) as package:
            whole: dict[tuple[str, int], CheckedRecord] = {}
            found = [*_checksums(package), *_records(package, whole), *_index(package, whole)]
    except (BadZipFile, zlib.error, EOFError) as error:
        return 0, [f"{path.name}: no whole WACZ file: {error}"]
    return len(whole), [f"{path.name}: {line}" for line in found]


def _checksums(package: ZipFile) -> Iterator[str]:
    """What the list of files states, and the list itself."""
    names = set(package.namelist())
    if missing := [name for name in (_LIST, _DIGEST_OF_LIST) if name not in names]:
        yield f"{missing[0]} is missing"
        return
    listed = package.read(_LIST)
    try:
        stated = json.loads(package.read(_DIGEST_OF_LIST))["hash"]
        resources = {str(each["path"]): each for each in json.loads(listed)["resources"]}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        yield f"{_LIST} or {_DIGEST_OF_LIST} cannot be read: {error!r}"
        return
    if stated != f"sha256:{hashlib.sha256(listed).hexdigest()}":
        yield f"{_LIST} has another checksum than {_DIGEST_OF_LIST} states"
    for name, stated in resources.items():
        if name not in names:
            yield f"{name} is missing"
        elif fault := _fault(package, name, stated):
            yield f"{name} {fault}"
    for name in sorted(names - resources.keys() - {_LIST, _DIGEST_OF_LIST}):
        yield f"{name} is not listed in {_LIST}"


def _fault(package: ZipFile, name: str, stated: Mapping[str, Any]) -> str | None:
    """What is wrong with a file of the package; None if nothing is."""
    digest, size = hashlib.sha256(), 0
    try:
        with package.open(name) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except (BadZipFile, zlib.error, EOFError) as error:
        return f"cannot be unpacked: {error}"
    if size != stated.get("bytes"):
        return f"has {size} bytes, {stated.get('bytes')} are listed"
    if stated.get("hash") != f"sha256:{digest.hexdigest()}":
        return "has another checksum than listed"
    return None


def _records(package: ZipFile, whole: dict[tuple[str, int], CheckedRecord]) -> Iterator[str]:
    """The damages of the WARC files; the whole records are added to `whole`."""
    with TemporaryDirectory() as folder:
        for name in sorted(package.namelist()):
            if name.startswith(_RECORDS) and not name.endswith("/") and name != _PROVENANCE:
                file = Path(folder) / Path(name).name
                with package.open(name) as source, file.open("wb") as target:
                    shutil.copyfileobj(source, target, _CHUNK)
                for each in check_file(file):
                    if isinstance(each, Damage):
                        yield str(each)
                    else:
                        whole[file.name, each.at.offset] = each
                file.unlink()


def _index(package: ZipFile, whole: _Whole) -> Iterator[str]:
    """The lines of the index that no whole record answers."""
    if _INDEX not in package.namelist():
        yield f"{_INDEX} is missing"
        return
    try:
        lines = gzip.decompress(package.read(_INDEX)).splitlines()
    except (OSError, BadZipFile, zlib.error, EOFError) as error:
        yield f"{_INDEX} cannot be unpacked: {error}"
        return
    for number, line in enumerate(lines, start=1):
        try:
            fields = json.loads(line.split(b" ", 2)[2])
            at = (str(fields["filename"]), int(fields["offset"]))
            digest, length = str(fields["digest"]), int(fields["length"])
        except (ValueError, KeyError, IndexError, TypeError) as error:
            yield f"{_INDEX}, line {number}: {error!r}"
            continue
        record = whole.get(at)
        if at[0] == FILE:
            continue
        if record is None:
            yield f"{_INDEX}, line {number}: no whole record at byte {at[1]} of {at[0]}"
        elif (f"sha1:{record.payload_digest}", record.at.length) != (digest, length):
            yield f"{_INDEX}, line {number}: its record has another digest or length"
