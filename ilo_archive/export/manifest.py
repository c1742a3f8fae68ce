"""The checksums of a folder: `manifest-sha256.txt`, which `sha256sum -c` reads."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ilo_archive.errors import IloArchiveError

MANIFEST = "manifest-sha256.txt"
_LINE = re.compile(r"([0-9a-f]{64})  (\S[^\n]*)")


class BadPackage(IloArchiveError, ValueError):
    """A folder that is not a data package, or whose list of files cannot be read."""


@dataclass(frozen=True, slots=True)
class FileSum:
    """The size of a file in bytes, and its SHA-256 in hexadecimal digits."""

    bytes: int
    sha256: str


def sums(folder: Path) -> dict[str, FileSum]:
    """Every file in a folder and the folders in it, by its path with slashes, but the manifest.

    Raises OSError.
    """
    files = sorted(path for path in folder.rglob("*") if not path.is_dir())
    names = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: file_sum(path) for name, path in names.items() if name != MANIFEST}


def file_sum(path: Path) -> FileSum:
    """Size and checksum of a file. Raises OSError."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return FileSum(stream.tell(), digest)


def write_manifest(folder: Path) -> None:
    """Write the checksums of all files of a folder into it. Raises OSError."""
    lines = [f"{each.sha256}  {name}\n" for name, each in sums(folder).items()]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8")


def read_manifest(folder: Path) -> Mapping[str, str]:
    """The SHA-256 of each file that the manifest of a folder lists. Raises BadPackage."""
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
    except FileNotFoundError:
        message = f"{folder} is not a data package: it has no {MANIFEST}"
        raise BadPackage(message) from None
    except UnicodeDecodeError as error:
        raise BadPackage(f"{folder / MANIFEST} cannot be read: {error}") from None
    listed = {}
    for number, line in enumerate(text.splitlines(), start=1):
        found = _LINE.fullmatch(line)
        if not found:
            raise BadPackage(f"{folder / MANIFEST}, line {number}: not a checksum and a path")
        listed[found[2]] = found[1]
    return listed
