"""All alarms of a home: those of its database, its files and its disk."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ilo_archive.queries.alarms import Alarm
from ilo_archive.queries.archive import Archive
from ilo_archive.warc.store import short_files

_LEAST_FREE = 256 * 2**20  # bytes


def home_alarms(archive: Archive, home: Path, now: datetime) -> list[Alarm]:
    """The alarms of a home. A run that is under way is none. Raises OSError."""
    found = [*archive.alarms(now), *_short(archive, home), *_full(home)]
    return [each for each in found if each.kind != "run" or not _is_running(home)]


def _short(archive: Archive, home: Path) -> Iterator[Alarm]:
    """Files of the store that lack bytes."""
    for each in short_files(home / "warc", archive.known_ends()):
        cure = "put the file back from a backup, else run `verify --repair`"
        yield Alarm("short-file", str(each), cure)


def _full(home: Path) -> Iterator[Alarm]:
    """Less free space than a tenth of what the home takes, or than 256 MB."""
    used = sum(each.stat().st_size for each in home.rglob("*") if each.is_file())
    free = shutil.disk_usage(home).free
    if free < max(_LEAST_FREE, used // 10):
        text = (
            f"The disk is nearly full: {free // 2**20} MB free, the home takes {used // 2**20} MB"
        )
        yield Alarm("disk", text, "free some space or move the home")


def _is_running(home: Path) -> bool:
    """True if a run holds the lock of the home."""
    lock = home / ".lock"
    if not lock.exists():
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except (Timeout, OSError):
        return True
