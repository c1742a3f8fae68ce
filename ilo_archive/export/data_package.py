"""A data package: one folder with an archive in every form, described and with checksums."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ilo_archive import __version__
from ilo_archive.atomic_files import replacing_folder
from ilo_archive.export.csv_table import write_csv
from ilo_archive.export.datapackage_json import descriptor
from ilo_archive.export.manifest import MANIFEST, BadPackage, read_manifest, sums, write_manifest
from ilo_archive.export.package_files import (
    CAPTURES,
    CODEBOOK,
    COPY,
    CRATE,
    DATASHEET,
    DESCRIPTOR,
    README,
    RIGHTS,
    csv_path,
    package_files,
    parquet_path,
)
from ilo_archive.export.pages import render
from ilo_archive.export.parquet import has_pyarrow, write_parquet
from ilo_archive.export.ro_crate import crate
from ilo_archive.export.wacz import Exported, export_wacz
from ilo_archive.published.build import citation, published_copy
from ilo_archive.published.codebook import tables
from ilo_archive.published.rows import table_rows
from ilo_archive.queries.archive import Archive
from ilo_archive.queries.collection import Collection
from ilo_archive.reader.page import READER_VERSION

_SOFTWARE = f"ilo-archive {__version__}"


class FolderInUse(BadPackage):
    """A folder with files that no export wrote, which a package would remove."""


@dataclass(frozen=True, slots=True)
class TypedText:
    """What only a person can say, as Markdown; None where nobody has."""

    motivation: str | None
    rights: str | None


def typed_text(home: Path) -> TypedText:
    """The text of `motivation.md` and `rights.md` in a home. Raises OSError."""
    texts = []
    for name in ("motivation.md", "rights.md"):
        path = home / name
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        texts.append(text.strip() or None)
    return TypedText(*texts)


def export_package(
    archive: Archive, store: Path, target: Path, typed: TypedText, now: datetime
) -> Exported:
    """Make a folder the data package of an archive, in place of a package that is there.

    The folder appears when it is complete. Raises FolderInUse for a folder with other files,
    NoFolder, OSError.
    """
    check_folder(target)
    with replacing_folder(target) as folder:
        published_copy(archive, folder / COPY, now)
        _write_tables(folder)
        exported = export_wacz(archive, store, folder / CAPTURES, now, _SOFTWARE)
        collection = archive.collection()
        _write_texts(folder, archive, collection, typed, now, len(exported.lost))
        _write_lists(folder, collection, now)
    return exported


def check_folder(target: Path) -> None:
    """Raise FolderInUse if a folder has files that no export wrote."""
    if not target.is_dir() or not any(target.iterdir()):
        return
    try:
        written = {MANIFEST, *read_manifest(target)}
    except BadPackage:
        message = f"{target} is not empty and not a data package: give another folder"
        raise FolderInUse(message) from None
    for path in sorted(target.rglob("*")):
        name = path.relative_to(target).as_posix()
        if not path.is_dir() and name not in written:
            raise FolderInUse(f"{target / name} is not of the package: move it away first")


def _write_tables(folder: Path) -> None:
    """Write every table as CSV, and as Parquet where pyarrow is installed."""
    forms = [(csv_path, write_csv)]
    if has_pyarrow():
        forms.append((parquet_path, write_parquet))
    for path_of, write in forms:
        for table in tables():
            path = folder / path_of(table)
            path.parent.mkdir(exist_ok=True)
            write(path, table, table_rows(folder / COPY, table))


def _write_texts(
    folder: Path, archive: Archive, found: Collection, typed: TypedText, now: datetime, lost: int
) -> None:
    pages = {
        CODEBOOK: render("codebook.md", tables=tables()),
        RIGHTS: render("RIGHTS.md", rights=typed.rights),
        DATASHEET: render(
            "datasheet.md", c=found, now=now, software=_SOFTWARE, motivation=typed.motivation,
            decisions=len(archive.decisions()), lost=lost, reader=READER_VERSION,
        ),
    }  # fmt: skip
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    present |= {README, *pages}
    pages[README] = render(
        "README.md", title=_title(found), description=_description(found),
        files=[each for each in package_files() if each.path in present],
        descriptor=DESCRIPTOR, crate=CRATE, manifest=MANIFEST, citation=citation(archive, now),
    )  # fmt: skip
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


def _write_lists(folder: Path, found: Collection, now: datetime) -> None:
    """Write the files that list the others, the checksums last."""
    title, description, files = _title(found), _description(found), sums(folder)
    for name, value in (
        (DESCRIPTOR, descriptor(title, description, files, now)),
        (CRATE, crate(title, description, found, files, now)),
    ):
        text = json.dumps(value, indent=2, ensure_ascii=False)
        (folder / name).write_text(f"{text}\n", encoding="utf-8")
    write_manifest(folder)


def _title(found: Collection) -> str:
    slugs = ", ".join(each.slug for each in found.offices) or "no office"
    return f"Archived homepages of ILO offices ({slugs})"


def _description(found: Collection) -> str:
    return " ".join(_sentences(found))


def _sentences(found: Collection) -> Iterator[str]:
    totals = found.totals
    yield f"{totals.captures} captures of web archives, {totals.entries} news entries."
    yield "Which entries a page showed, when, in which words and with which photo credits."
    yield "Nothing is known of the time between two captures."
