"""Small disks that fill up or refuse to be written."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    """Mount a small disk at the folder; skip the test where that is not allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    allowed = shutil.which("mount") and not subprocess.call(command, stderr=subprocess.DEVNULL)
    if not allowed:
        pytest.skip("no right to mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def resize(folder: Path, options: str) -> None:
    """Mount it again with other options, as `size=4m` or `ro`."""
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)
