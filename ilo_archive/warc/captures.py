"""Read captures of pages from files written elsewhere: WARC, ARC and WACZ, plain or compressed.

One pass reads every undamaged record and reports every damaged one; memory does not grow with the
file. warcio parses single records; `scanner` finds them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

from warcio.recordloader import ArcWarcRecord

from ilo_archive.capture import Fetched
from ilo_archive.http import HttpMessage, may_be_page
from ilo_archive.offices import PageSeries
from ilo_archive.warc.descriptions import Descriptions
from ilo_archive.warc.digests import canonical_digest, listed_digest
from ilo_archive.warc.effort import Effort, Exhausted
from ilo_archive.warc.lookup import GZIP, Lookup, open_window
from ilo_archive.warc.record_parser import PARSER_ERRORS, parse_record
from ilo_archive.warc.records import http_message
from ilo_archive.warc.responses import archived_response, capture_of
from ilo_archive.warc.revisits import Located, Originals, reference_of, revisited_message
from ilo_archive.warc.scanner import (
    DESCRIBING,
    BrokenRecord,
    LostRecord,
    WholeRecord,
    scan_records,
)
from ilo_archive.warc.window import LONGEST_BEGIN, RECORD_BEGIN, RecordStart
from ilo_archive.warc.zip_entries import (
    RECORD_ENDINGS,
    ZIP_ERRORS,
    ZIP_MAGIC,
    BadEntry,
    Source,
    find_sources,
)
from ilo_archive.warc.zstd_members import is_zstd

ENDINGS = (*RECORD_ENDINGS, ".wacz")
"""Endings of the names of files that `CaptureReader` reads."""

_MAX_NAMED = 20  # damages of one file; the others are summed up
_MAX_WAITING = 100_000  # revisits of records that were not read yet
_OTHER_MEDIA = ("image/", "video/", "audio/", "font/", "text/css", "application/javascript")


@dataclass(frozen=True, slots=True)
class Damage:
    """A part of a file that could not be read, and why.

    `offset` is the first byte of the part, None for the whole file. `entry` is the file inside a
    WACZ. `count` is larger than 1 for parts that are not named one by one.
    """

    path: Path
    reason: str
    offset: int | None = None
    entry: str | None = None
    count: int = 1

    def __str__(self) -> str:
        name = f"{self.path.name}/{self.entry}" if self.entry else self.path.name
        where = "" if self.offset is None else f" at byte {self.offset}"
        return f"{name}: {self.reason}{where}"


class CaptureReader:
    """Reads captures of pages from files; what cannot be read is yielded as Damage.

    Other records (images, style sheets) are skipped. A revisit record becomes a capture with the
    message of the record that it refers to, in whichever file that was. Call `pending_revisits`
    after the last file for revisits that came before their original.
    """

    def __init__(self, locate: Callable[[str], PageSeries]) -> None:
        """`locate` maps an address to its page series and raises ValueError if that is
        impossible.
        """
        self._locate = locate
        self._originals = Originals()
        self._waiting: list[_Waiting] = []
        self._named: Counter[Path] = Counter()
        self._lookup = Lookup()

    def read(self, path: Path) -> Iterator[Fetched | Damage]:
        """Yield the captures and the damage of a file. Raises OSError if it cannot be read."""
        with closing(self._lookup):
            yield from self._summed(self._read(path))

    def pending_revisits(self) -> Iterator[Fetched | Damage]:
        """Yield the revisits that came before the record they refer to.

        Call it after the last file.
        """
        waiting, self._waiting = self._waiting, []
        with closing(self._lookup):
            yield from self._summed(self._read_waiting(waiting))

    def _summed(self, found: Iterable[Fetched | Damage]) -> Iterator[Fetched | Damage]:
        """Pass on what was found; behind it the number of damages beyond twenty for each file."""
        more: Counter[Path] = Counter()
        for each in found:
            if isinstance(each, Fetched):
                yield each
            elif self._named[each.path] < _MAX_NAMED:
                self._named[each.path] += 1
                yield each
            else:
                more[each.path] += each.count
        for path, count in more.items():
            records = "record" if count == 1 else "records"
            yield Damage(path, f"and {count:,} more damaged or unknown {records}", count=count)

    # -- one file

    def _read(self, path: Path) -> Iterator[Fetched | Damage]:
        effort = Effort(path.stat().st_size)
        try:
            if _is_zip(path):
                yield from self._read_zip(path, effort)
            else:
                yield from self._captures(Source(path), effort)
        except Exhausted as error:
            yield Damage(path, str(error))

    def _read_zip(self, path: Path, effort: Effort) -> Iterator[Fetched | Damage]:
        number = 0
        try:
            for source in find_sources(path, effort):
                number += 1
                if isinstance(source, BadEntry):
                    yield Damage(path, source.reason, entry=source.entry)
                else:
                    yield from self._read_entry(source, effort)
        except BadZipFile:  # the gzip members in it can still be found
            yield Damage(path, "damaged zip file: read without its table of contents")
            for found in self._captures(Source(path), effort):
                # Byte 0 is the header of the zip file, which is reported already.
                if isinstance(found, Fetched) or found.offset:
                    yield found
            return
        except ZIP_ERRORS as error:
            yield Damage(path, _reason(error))
            return
        if not number:
            yield Damage(path, "the zip file contains no WARC file")

    def _read_entry(self, source: Source, effort: Effort) -> Iterator[Fetched | Damage]:
        try:
            yield from self._captures(source, effort)
        except ZIP_ERRORS as error:  # damaged, or a decompression bomb
            yield Damage(source.path, _reason(error), entry=source.entry)

    def _captures(self, source: Source, effort: Effort) -> Iterator[Fetched | Damage]:
        descriptions = Descriptions()
        with ExitStack() as files:
            for found in scan_records(open_window(source, effort, files)):
                reason = found.reason if isinstance(found, LostRecord) else found.doubt
                if reason:
                    yield Damage(source.path, reason, _offset(found.start), source.entry)
                if isinstance(found, WholeRecord) and found.kind in DESCRIBING:
                    descriptions.note(found)
                elif isinstance(found, WholeRecord):
                    yield from self._read_record(source, found, descriptions)

    # -- one record

    def _read_record(
        self, source: Source, whole: WholeRecord, descriptions: Descriptions, is_last: bool = False
    ) -> Iterator[Fetched | Damage]:
        """Yield the capture of a record, or the reason why there is none.

        A revisit of an unknown record waits, unless `is_last`.
        """
        try:
            content = self._content(Located(source, whole.start), whole, is_last)
            fetched = self._fetched(source, content, descriptions) if content else None
        except _NoOriginal as error:
            if is_last or len(self._waiting) >= _MAX_WAITING:
                yield Damage(source.path, str(error), _offset(whole.start), source.entry)
            else:
                self._waiting.append(_Waiting(source, whole.start, descriptions.crawl))
        except (BrokenRecord, *PARSER_ERRORS) as error:
            yield Damage(source.path, _reason(error), _offset(whole.start), source.entry)
        else:
            if fetched:
                yield fetched

    def _read_waiting(self, waiting: "Iterable[_Waiting]") -> Iterator[Fetched | Damage]:
        for each in waiting:
            descriptions = Descriptions()
            descriptions.crawl = each.crawl
            try:
                whole = self._lookup.record_at(Located(each.source, each.start))
            except (BrokenRecord, Exhausted, *ZIP_ERRORS) as error:
                reason = _reason(error)
                yield Damage(each.source.path, reason, _offset(each.start), each.source.entry)
            else:
                yield from self._read_record(each.source, whole, descriptions, is_last=True)

    def _content(self, at: Located, whole: WholeRecord, is_last: bool) -> "_Content | None":
        """The page in a record, None if it contains none.

        Raises _NoOriginal, BrokenRecord and PARSER_ERRORS.
        """
        if whole.kind == "revisit":
            return self._content_of_revisit(whole, is_last)
        record, message = archived_response(whole.data)
        if message is None or not _may_be_kept(message):
            return None
        stated = record.rec_headers.get_header("WARC-Payload-Digest") or ""
        digests = {canonical_digest(stated)} - {""}
        if whole.fault or not stated.lower().startswith("sha1:"):
            digests.add(canonical_digest(message.digest))
        self._originals.add(record, digests, message.status, at)
        return _Content(record, message, listed_digest(stated), whole.fault)

    def _content_of_revisit(self, whole: WholeRecord, is_last: bool) -> "_Content | None":
        """The page that a revisit refers to, None if that is none. Raises like `_content`."""
        record = parse_record(whole.data)
        message = http_message(record)  # None for a revisit without HTTP headers
        reference = reference_of(record, message.status if message else None)
        stated = listed_digest(record.rec_headers.get_header("WARC-Payload-Digest") or "")
        if message and (reference.is_of_nothing or message.body):
            return _Content(record, message, stated) if _may_be_kept(message) else None
        located = self._originals.find(reference, is_last)
        if located is None:
            if message and _is_other_medium(message):
                return None
            raise _NoOriginal("revisit of a record that was not found")
        try:
            original, fault = self._lookup.message_at(located)
        except (Exhausted, OSError, *ZIP_ERRORS) as error:
            raise BrokenRecord(f"revisit of a record that cannot be read: {error}") from error
        if not self._originals.fits(reference, located, original):
            raise BrokenRecord("revisit of a record that has another digest")
        self._originals.add(record, (), original.status, located)
        message = revisited_message(message, original)
        return _Content(record, message, "" if reference.is_not_modified else stated, fault)

    def _fetched(self, source: Source, content: "_Content", descriptions: Descriptions) -> Fetched:
        """The capture with its message, and what other records say about it."""
        digest = content.digest or content.message.digest
        capture = capture_of(source.path, content.record, content.message, digest, self._locate)
        described = descriptions.of(content.record)
        return Fetched(
            described.completed(capture),
            content.message,
            described.request,
            fault=content.fault or described.fault,
        )


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A revisit of a record that was not read yet, and the crawl that its file states."""

    source: Source
    start: RecordStart
    crawl: str | None


@dataclass(frozen=True, slots=True)
class _Content:
    """A record, the page that it contains or refers to, the digest that it states, its fault."""

    record: ArcWarcRecord
    message: HttpMessage
    digest: str
    fault: str | None = None


class _NoOriginal(ValueError):
    """A revisit of a record that has not been read yet."""


def contains_records(path: Path) -> bool:
    """True if a file begins like one with records, whatever its name. Raises OSError."""
    with path.open("rb") as stream:
        beginning = stream.read(LONGEST_BEGIN)
    is_packed = beginning.startswith((GZIP, ZIP_MAGIC)) or is_zstd(beginning)
    return is_packed or bool(RECORD_BEGIN.match(beginning))


def _is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        is_zip = stream.read(len(ZIP_MAGIC)) == ZIP_MAGIC
    return is_zip or path.name.lower().endswith(".wacz")


def _offset(start: RecordStart) -> int:
    """The offset of a record in its file.

    In a gzipped file it is that of the member, or within the first member that of the inflated
    data.
    """
    return start.first or start.position


def _may_be_kept(message: HttpMessage) -> bool:
    """True if the message may be a page. One with an error or redirect status always may."""
    return message.status >= 300 or may_be_page(message)


def _is_other_medium(message: HttpMessage) -> bool:
    """True for the content type of something that is certainly not a page."""
    return (message.header("Content-Type") or "").strip().lower().startswith(_OTHER_MEDIA)


def _reason(error: Exception) -> str:
    """The first line of an error's text, or its type."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
