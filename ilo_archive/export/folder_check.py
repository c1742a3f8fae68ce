"""Check a data package by itself: every file against its checksum, the captures in it too."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from ilo_archive.export.manifest import MANIFEST, FileSum, read_manifest, sums
from ilo_archive.export.package_check import check_package
from ilo_archive.export.package_files import CAPTURES, DESCRIPTOR


def check_folder_package(folder: Path) -> tuple[int, int, list[str]]:
    """The number of files and of whole records in a data package, and what is damaged, a line each.

    Needs neither the archive nor the store that it was made from. Raises BadPackage, OSError.
    """
    listed = read_manifest(folder)
    present = sums(folder)
    found = [*_files(listed, present), *_described(folder, listed)]
    records = 0
    if CAPTURES in present:
        records, damaged = check_package(folder / CAPTURES)
        found += damaged
    return len(present), records, found


def _files(listed: Mapping[str, str], present: Mapping[str, FileSum]) -> Iterator[str]:
    for name, sha256 in listed.items():
        if name not in present:
            yield f"{name} is missing"
        elif present[name].sha256 != sha256:
            yield f"{name} has another checksum than listed"
    for name in sorted(present.keys() - listed.keys()):
        yield f"{name} is not listed: no export wrote it"


def _described(folder: Path, listed: Mapping[str, str]) -> Iterator[str]:
    """Where the descriptor and the manifest differ: one of them was written again."""
    try:
        resources = json.loads((folder / DESCRIPTOR).read_bytes())["resources"]
        stated = {str(each["path"]): str(each["hash"]) for each in resources}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        yield f"{DESCRIPTOR} cannot be read: {error!r}"
        return
    for name, digest in stated.items():
        if name not in listed:
            yield f"{name} is described in {DESCRIPTOR} and not listed in {MANIFEST}"
        elif digest != f"sha256:{listed[name]}":
            yield f"{name} has another checksum in {DESCRIPTOR} than in {MANIFEST}"
