"""The history of an organisation's homepage as a database."""

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ilo_archive.queries.archive import Archive as Archive
    from ilo_archive.reader.page import read_page as read_page

try:
    __version__ = version("ilo-archive")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0"

__all__ = ["Archive", "__version__", "read_page"]


def __getattr__(name: str) -> Any:
    """Import on first use: the command line starts in a fifth of the time."""
    if name == "read_page":
        from ilo_archive.reader.page import read_page

        return read_page
    if name == "Archive":
        from ilo_archive.queries.archive import Archive

        return Archive
    raise AttributeError(name)
