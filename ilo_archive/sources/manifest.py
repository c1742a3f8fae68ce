"""Read and write manifests: CSV files that say address and time of saved pages.

The columns are `file`, `url` and `captured_at`. The CSV that pywaybackup writes beside its
snapshots has others for the same.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path, PurePosixPath

from ilo_archive.errors import IloArchiveError
from ilo_archive.sources.saved_page import Evidence

NAME = "manifest.csv"
"""The name under which a manifest in a folder counts for its files."""

_COLUMNS = {
    "file": ("file", "path", "filename"),
    "url": ("url", "url_origin", "original"),
    "captured_at": ("captured_at", "timestamp"),
}
_MAX_SIZE = 64 * 2**20  # bytes
_TO_FILL_IN = ("file", "url", "captured_at", "proposed", "proposed_by", "not_before")


class BadManifest(IloArchiveError, ValueError):
    """A manifest that cannot be used; the text is one line that says why."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A file whose time or address is not known, and what could be found out.

    `proposed` is a time that something hints at, `proposed_by` what; `not_before` is the newest
    date on the page. Empty if there is nothing.
    """

    file: Path
    url: str = ""
    proposed: str = ""
    proposed_by: str = ""
    not_before: str = ""


def is_manifest(path: Path) -> bool:
    """True for a file with the name of a manifest."""
    name = path.name.lower()
    is_of_pywaybackup = name.startswith("waybackup_") and name.endswith(".csv")
    return name.endswith(NAME) or is_of_pywaybackup


def read_manifest(path: Path) -> dict[Path, Evidence]:
    """What a manifest says of each file that exists. Raises BadManifest and OSError.

    Names of files are relative to the folder of the manifest.
    """
    with path.open("rb") as stream:
        data = stream.read(_MAX_SIZE + 1)
    if len(data) > _MAX_SIZE:
        raise BadManifest(f"{path.name}: more than {_MAX_SIZE >> 20} MB")
    text = data.decode("utf-8-sig", "replace")
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)  # Excel writes semicolons in half of Europe
    found = {}
    try:
        for row in _rows(text, delimiter, path):
            file = _existing(path.parent, row["file"])
            if file:
                found[file] = Evidence(row["url"] or None, row["captured_at"] or None, path.name)
    except csv.Error as error:
        raise BadManifest(f"{path.name}: {error}") from error
    return found


def _rows(text: str, delimiter: str, path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows under the usual names of their columns. Raises BadManifest and csv.Error."""
    rows = csv.DictReader(StringIO(text), delimiter=delimiter)
    names = {each.strip().lower(): each for each in rows.fieldnames or () if each}
    columns = {
        column: next((names[each] for each in known if each in names), None)
        for column, known in _COLUMNS.items()
    }
    if columns["file"] is None:
        raise BadManifest(f"{path.name}: no column `file`: it needs file,url,captured_at")
    for row in rows:
        yield {column: _cell(row, name) for column, name in columns.items()}


def _cell(row: Mapping[str, str | None], name: str | None) -> str:
    return ((row.get(name) if name else None) or "").strip()


def _existing(folder: Path, name: str) -> Path | None:
    """The file of a name below a folder; the first folders of the name may be missing there.

    pywaybackup names files by where it was started.
    """
    if not name or "\0" in name:
        return None
    parts = PurePosixPath(name.replace("\\", "/")).parts
    for skipped in range(min(len(parts), 12)):
        path = folder.joinpath(*parts[skipped:])
        if path.is_file():
            return path.resolve()
    return None


def manifest_to_fill_in(proposals: Iterable[Proposal]) -> str:
    """The text of a manifest whose column `captured_at` the user fills in."""
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_TO_FILL_IN)
    for each in proposals:
        hints = (each.proposed, each.proposed_by, each.not_before)
        rows.writerow((each.file.resolve(), each.url, "", *hints))
    return text.getvalue()
