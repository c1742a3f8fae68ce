"""The metadata of a package as an RO-Crate 1.1 (https://w3id.org/ro/crate/1.1)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ilo_archive import __version__
from ilo_archive.export.manifest import MANIFEST, FileSum
from ilo_archive.export.package_files import CRATE, DESCRIPTOR, RIGHTS, package_files
from ilo_archive.queries.collection import Collection
from ilo_archive.times import iso

_SOFTWARE = "#ilo-archive"
_RUN = "#export"
_SHA256 = "https://schema.org/sha256"  # younger than the context of 1.1
_LISTS = (
    (DESCRIPTOR, "Data package", "Frictionless descriptor with the schema of each table.",
     "application/json"),
    (MANIFEST, "Checksums", "SHA-256 of every file but this one.", "text/plain"),
)  # fmt: skip


def crate(
    title: str,
    description: str,
    collection: Collection,
    files: Mapping[str, FileSum],
    now: datetime,
) -> dict[str, Any]:
    """`ro-crate-metadata.json` of a package with these files, by their paths."""
    entities = [*_files(files), *_lists()]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": title,
        "description": description,
        "datePublished": iso(now),
        "license": {"@id": RIGHTS},
        "author": {"@id": "#exporter"},
        "publisher": {"@id": "#exporter"},
        "temporalCoverage": _period(collection),
        "hasPart": [{"@id": each["@id"]} for each in entities],
        "mentions": {"@id": _RUN},
    }
    return {
        "@context": ["https://w3id.org/ro/crate/1.1/context", {"sha256": _SHA256}],
        "@graph": [_head(), root, *entities, *_context(now)],
    }


def _head() -> dict[str, Any]:
    return {
        "@id": CRATE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }


def _files(files: Mapping[str, FileSum]) -> list[dict[str, Any]]:
    described = {each.path: each for each in package_files()}
    return [
        {
            "@id": path,
            "@type": "File",
            "name": described[path].title,
            "description": described[path].description,
            "encodingFormat": described[path].media_type,
            "contentSize": str(found.bytes),
            "sha256": found.sha256,
        }
        for path, found in files.items()
    ]


def _lists() -> list[dict[str, Any]]:
    return [
        {
            "@id": path,
            "@type": "File",
            "name": name,
            "description": description,
            "encodingFormat": media_type,
        }
        for path, name, description, media_type in _LISTS
    ]


def _period(collection: Collection) -> str:
    """The time of the captures, as schema.org's temporalCoverage."""
    first = [each.first for each in collection.sources]
    last = [each.last for each in collection.sources]
    return f"{iso(min(first))}/{iso(max(last))}" if first else ".."


def _context(now: datetime) -> list[dict[str, Any]]:
    """The program and its run; who ran it is not known to the archive."""
    return [
        {
            "@id": "#exporter",
            "@type": "Organization",
            "name": "Whoever made this package: see the datasheet",
        },
        {
            "@id": _SOFTWARE,
            "@type": "SoftwareApplication",
            "name": "ilo-archive",
            "softwareVersion": __version__,
        },
        {
            "@id": _RUN,
            "@type": "CreateAction",
            "name": "Export of the package",
            "instrument": {"@id": _SOFTWARE},
            "endTime": iso(now),
            "result": {"@id": "./"},
        },
    ]
