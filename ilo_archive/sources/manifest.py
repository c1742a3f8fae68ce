"""Parse and write manifests: CSV files that state address and time of saved pages.

The columns are `file`, `url` and `captured_at`. The CSV that pywaybackup writes beside its
snapshots has others for the same.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from io import StringIO
from pathlib import PurePosixPath

from ilo_archive.errors import IloArchiveError
from ilo_archive.sources.saved_page import Evidence
from ilo_archive.sources.saved_paths import is_host

NAME = "manifest.csv"
"""The name under which a manifest in a folder counts for its files."""

MAX_SIZE = 64 * 2**20
"""Bytes that a manifest may have."""

_COLUMNS = {
    "file": ("file", "path", "filename"),
    "url": ("url", "url_origin", "original"),
    "captured_at": ("captured_at", "timestamp"),
}


class BadManifest(IloArchiveError, ValueError):
    """A manifest that cannot be used; the text is one line that says why."""


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """A row of a manifest: the name of a file as it is there, and what is stated of it."""

    file: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Proposal:
    """A row of a manifest to fill in: a file whose time or address is not known.

    `url` and `captured_at` are what is known. `proposed_url` and `proposed_time` are what something
    hints at, `proposed_by` what; `not_before` is the newest date on the page. Empty if there is
    nothing. Only the columns of a manifest are read: a proposal counts once somebody copies it.
    """

    file: str
    url: str = ""
    captured_at: str = ""
    proposed_url: str = ""
    proposed_time: str = ""
    proposed_by: str = ""
    not_before: str = ""


def is_manifest(name: str) -> bool:
    """True for the name of a manifest."""
    name = name.lower()
    is_of_pywaybackup = name.startswith("waybackup_") and name.endswith(".csv")
    return name.endswith(NAME) or is_of_pywaybackup


def parse_manifest(data: bytes, name: str) -> list[ManifestRow]:
    """The rows that name a file; `name` is that of the manifest. Raises BadManifest."""
    if len(data) > MAX_SIZE:
        raise BadManifest(f"{name}: more than {MAX_SIZE >> 20} MB")
    text = data.decode("utf-8-sig", "replace")
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)  # Excel writes semicolons in half of Europe
    try:
        return [
            ManifestRow(row["file"], Evidence(row["url"] or None, row["captured_at"] or None, name))
            for row in _rows(text, delimiter, name)
            if row["file"]
        ]
    except csv.Error as error:
        raise BadManifest(f"{name}: {error}") from error


def _rows(text: str, delimiter: str, name: str) -> Iterator[dict[str, str]]:
    """Yield the rows under the usual names of their columns. Raises BadManifest and csv.Error."""
    rows = csv.DictReader(StringIO(text), delimiter=delimiter)
    names = {each.strip().lower(): each for each in rows.fieldnames or () if each}
    columns = {
        column: next((names[each] for each in known if each in names), None)
        for column, known in _COLUMNS.items()
    }
    if columns["file"] is None:
        raise BadManifest(f"{name}: no column `file`: it needs file,url,captured_at")
    for row in rows:
        yield {column: _cell(row, found) for column, found in columns.items()}


def _cell(row: Mapping[str, str | None], name: str | None) -> str:
    return ((row.get(name) if name else None) or "").strip()


def possible_places(file: str) -> list[PurePosixPath]:
    """Where a file of a manifest may be, from the folder of the manifest.

    The name itself; for one of a downloader also from the folder of the site on: pywaybackup writes
    where the file was, and people move and copy folders. A shorter end would find other files.
    """
    if not file or "\0" in file:
        return []
    path = PurePosixPath(file.replace("\\", "/"))
    hosts = [at for at, part in enumerate(path.parts[:-1]) if is_host(part)]
    from_site = [PurePosixPath(*path.parts[at:]) for at in hosts if at]
    return [*from_site, path] if path.is_absolute() else [path, *from_site]


def manifest_to_fill_in(proposals: Iterable[Proposal]) -> str:
    """The text of a manifest whose columns `url` and `captured_at` the user fills in."""
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(each.name for each in fields(Proposal))
    rows.writerows(map(astuple, proposals))
    return text.getvalue()
