"""Files that are whole or not there: written beside their place, synced to disk, renamed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp, mkstemp

from ilo_archive.errors import IloArchiveError


class NoFolder(IloArchiveError, LookupError):
    """The folder that a file is to be written into does not exist."""


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """The path of a new file in the folder of `target` to write to.

    When the block ends without an error it is synced to disk and takes the place of `target`;
    otherwise it is deleted and `target` stays as it was. A device or pipe (`/dev/stdout`) is
    written to directly. Raises NoFolder, and OSError where the disk refuses.
    """
    if not target.parent.is_dir():
        raise NoFolder(f"no folder {target.parent}: make it first")
    if target.exists() and not target.is_file():
        yield target
        return
    handle, name = mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    part = Path(name)
    try:
        os.fchmod(handle, _mode_of_new_files())
        os.close(handle)
        yield part
        sync_file(part)
        part.replace(target)
        sync_folder(target.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def replacing_folder(target: Path) -> Iterator[Path]:
    """The path of a new folder beside `target` to fill, which takes its place at the end.

    When the block ends without an error every file is synced to disk, a folder that is there is
    removed with all that it contains, and the new one renamed; otherwise the new one is deleted
    and `target` stays as it was. Raises NoFolder, and OSError where the disk refuses.
    """
    if not target.parent.is_dir():
        raise NoFolder(f"no folder {target.parent}: make it first")
    work = Path(mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    try:
        part, former = work / "new", work / "former"
        part.mkdir()
        yield part
        for path in (*part.rglob("*"), part):
            sync_file(path)
        if target.exists():
            target.replace(former)
        part.replace(target)
        sync_folder(target.parent)
    finally:
        rmtree(work, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Sync the names in a folder to disk: a new file is there after a power cut only then."""
    sync_file(folder)


def sync_file(path: Path) -> None:
    """Sync a file to disk that was written and closed. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mode_of_new_files() -> int:
    """The permissions that an ordinary new file gets: mkstemp's are for its owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
