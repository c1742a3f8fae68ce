"""Open files with records, and read single records of them again."""

from contextlib import ExitStack
from pathlib import Path

from ilo_archive.http import HttpMessage
from ilo_archive.warc.effort import Effort
from ilo_archive.warc.responses import archived_response
from ilo_archive.warc.revisits import Located
from ilo_archive.warc.scanner import BrokenRecord, WholeRecord, read_record
from ilo_archive.warc.window import (
    LONGEST_BEGIN,
    RECORD_BEGIN,
    Window,
    gzipped_window,
    inflating_window,
    plain_window,
    zstd_window,
)
from ilo_archive.warc.zip_entries import Inflating, Source
from ilo_archive.warc.zstd_members import is_zstd

GZIP = b"\x1f\x8b"
_MAX_OPEN = 4  # files
_MAX_KEPT = 8 * 2**20  # bytes of bodies that revisits often refer to


def open_window(source: Source, effort: Effort, files: ExitStack) -> Window:
    """Open a window on a file; `files` closes it. Raises OSError, and ZIP_ERRORS for an entry."""
    stream = files.enter_context(source.opened(effort))
    beginning = stream.read(LONGEST_BEGIN)
    stream.seek(0)
    if is_zstd(beginning):
        return zstd_window(stream, effort)
    has_gzip_name = source.name.endswith((".gz", ".wacz"))
    if beginning.startswith(GZIP) or (has_gzip_name and not RECORD_BEGIN.match(beginning)):
        return gzipped_window(stream, effort)
    raw = getattr(stream, "raw", None)
    if isinstance(raw, Inflating):
        return inflating_window(stream, raw, effort)
    return plain_window(stream, effort)


class Lookup:
    """Reads records again. Files stay open until `close`, and short bodies are kept."""

    def __init__(self) -> None:
        """Begin with no file open."""
        self._windows: dict[Source, tuple[Window, ExitStack]] = {}
        self._efforts: dict[Path, Effort] = {}
        self._messages: dict[Located, tuple[HttpMessage, str | None]] = {}
        self._kept = 0  # bytes

    def record_at(self, located: Located) -> WholeRecord:
        """A record. Raises BrokenRecord, OSError, ZIP_ERRORS and Exhausted."""
        window = self._window(located.source)
        window.move_to(located.start)
        found = read_record(window, located.start)
        if not isinstance(found, WholeRecord):
            raise BrokenRecord("the record is no longer there")
        window.effort.spend(len(found.data))
        return found

    def message_at(self, located: Located) -> tuple[HttpMessage, str | None]:
        """The archived response in a record, and the fault of the record.

        Raises BrokenRecord, PARSER_ERRORS, OSError, ZIP_ERRORS and Exhausted.
        """
        if located not in self._messages:
            whole = self.record_at(located)
            _, message = archived_response(whole.data)
            if message is None:
                raise BrokenRecord("revisit of a record without a response")
            self._keep(located, (message, whole.fault))
            return message, whole.fault
        return self._messages[located]

    def _keep(self, located: Located, message: tuple[HttpMessage, str | None]) -> None:
        size = len(message[0].body)
        if size > _MAX_KEPT // 4:
            return
        self._messages[located] = message
        self._kept += size
        while self._kept > _MAX_KEPT:
            oldest, _ = self._messages.pop(next(iter(self._messages)))
            self._kept -= len(oldest.body)

    def _window(self, source: Source) -> Window:
        if source not in self._windows:
            while len(self._windows) >= _MAX_OPEN:
                _, files = self._windows.pop(next(iter(self._windows)))
                files.close()
            path = source.path
            effort = self._efforts.setdefault(path, Effort(path.stat().st_size))
            files = ExitStack()
            self._windows[source] = open_window(source, effort, files), files
        return self._windows[source][0]

    def close(self) -> None:
        """Close the files. They are opened again when they are needed."""
        for _, files in self._windows.values():
            files.close()
        self._windows.clear()
