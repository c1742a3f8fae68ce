"""Where a capture can be looked at: the archive's copy, else the kept file."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from ilo_archive.queries.history import HeldCapture
from ilo_archive.report.safe_links import web_address


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a capture; `address` is None where no link leads to it."""

    address: str | None
    words: str


def copy_of(capture: HeldCapture, warc_folder: str | None) -> Copy:
    """The copy in the web archive, else the record in our store. `warc_folder` is the store as
    seen from the report, None where it is not beside it.
    """
    if (memento := web_address(capture.uri_m)) is not None:
        return Copy(memento, urlsplit(memento).hostname or capture.archive)
    if capture.warc_file is None:
        return Copy(None, "no copy kept")
    where = f"{capture.warc_file}, byte {capture.warc_offset}"
    folder = None if warc_folder is None else f"{warc_folder}{quote(capture.warc_file)}"
    return Copy(folder, where)
