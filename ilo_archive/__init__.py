"""The history of an organisation's homepage as a database.

The public API: `Archive` queries an archive, `read_page` reads one page, and every error that a
user can cause is an `IloArchiveError`. The types of their results are in `ilo_archive.queries`,
`ilo_archive.reader` and `ilo_archive.warc`. Everything else may change.
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ilo_archive.archive.database import ArchiveMismatch as ArchiveMismatch
    from ilo_archive.errors import IloArchiveError as IloArchiveError
    from ilo_archive.offices import UnknownOffice as UnknownOffice
    from ilo_archive.queries.archive import Archive as Archive
    from ilo_archive.queries.connection import NoArchive as NoArchive
    from ilo_archive.queries.entry_ids import UnknownEntry as UnknownEntry
    from ilo_archive.queries.pages import NoCapture as NoCapture
    from ilo_archive.reader.block import PageRefused as PageRefused
    from ilo_archive.reader.page import read_page as read_page
    from ilo_archive.times import BadTimestamp as BadTimestamp

try:
    __version__ = version("ilo-archive")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0"

# Imported on first use: the command line starts in a fifth of the time.
_MODULES = {
    "Archive": "ilo_archive.queries.archive",
    "ArchiveMismatch": "ilo_archive.archive.database",
    "BadTimestamp": "ilo_archive.times",
    "IloArchiveError": "ilo_archive.errors",
    "NoArchive": "ilo_archive.queries.connection",
    "NoCapture": "ilo_archive.queries.pages",
    "PageRefused": "ilo_archive.reader.block",
    "UnknownEntry": "ilo_archive.queries.entry_ids",
    "UnknownOffice": "ilo_archive.offices",
    "read_page": "ilo_archive.reader.page",
}

__all__ = [
    "Archive",
    "ArchiveMismatch",
    "BadTimestamp",
    "IloArchiveError",
    "NoArchive",
    "NoCapture",
    "PageRefused",
    "UnknownEntry",
    "UnknownOffice",
    "__version__",
    "read_page",
]


def __getattr__(name: str) -> Any:
    """Import a public name on its first use. Raises AttributeError for any other name."""
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
