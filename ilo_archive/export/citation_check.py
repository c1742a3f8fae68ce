"""Check a reference against the kept capture: its bytes, their digest, and the cited words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ilo_archive.capture import Kept
from ilo_archive.queries.answers import Cited, PrintedEntry, StoredCapture
from ilo_archive.queries.archive import Archive
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.page import Page
from ilo_archive.reader.snapshot import take_snapshot
from ilo_archive.text.normalise import normalised
from ilo_archive.times import as_known, from_iso
from ilo_archive.warc.stored_record import StoredRecord, stored_record

_FIELDS = ("kicker", "title", "dateline", "date", "date_end", "place", "summary", "link")
_IDENTIFYING = ("title", "link", "summary")
"""One of these has to agree for an entry of the page to be the cited one."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was compared: `what`, whether it `agrees`, and the evidence in `detail`."""

    what: str
    agrees: bool
    detail: str


def check_citation(archive: Archive, store: Path, cited: Cited) -> list[Check]:
    """Compare a reference with the capture that it cites, from the raw bytes in `store` alone.

    The page is read anew by the present reader. What follows from bytes that are lost is not
    checked: the last check says so.
    """
    number = archive.number_of(cited.capture_id)
    if number is None:
        return [Check("bytes", False, "this capture was never fetched: nothing is kept of it")]
    stored = archive.stored_capture(number)
    try:
        record = stored_record(store, stored.position)
        body = record if record.kind != "revisit" else stored_record(store, stored.original)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        return [Check("bytes", False, f"lost or damaged: {stored.position.file}: {reason}")]
    checks = [*_record_checks(cited, stored, record, body)]
    if all(each.agrees for each in checks):
        message = replace(record.message, body=body.message.body)
        snapshot = take_snapshot(Kept(stored.capture, message, stored.position), archive.registry)
        checks += _word_checks(archive, cited, snapshot.page, snapshot.reason)
    return checks


def _record_checks(
    cited: Cited, stored: StoredCapture, record: StoredRecord, body: StoredRecord
) -> Iterator[Check]:
    position = stored.position
    size = f"{len(body.message.body):,} bytes"
    yield Check("bytes", True, f"{size}, {position.file} at byte {position.offset}")
    yield Check("address", record.url == cited.url, f"{record.url} in the record")
    moment = from_iso(record.date)
    known = as_known(moment, cited.precision)
    same_time = known == as_known(cited.captured_at, cited.precision)
    yield Check("time", same_time, f"{known} in the record")
    found = body.message.digest
    yield Check("digest", found == cited.digest, f"SHA-1 {found}{_listed(stored, found)}")


def _listed(stored: StoredCapture, found: str) -> str:
    """What the web archive lists: its digest may be one of the body as it was compressed."""
    listed = stored.capture.digest
    if not listed:
        return ", the web archive lists none"
    return ", as listed" if listed == found else f"; the web archive lists {listed}"


# -- words ---------------------------------------------------------------------------------


def _word_checks(
    archive: Archive, cited: Cited, page: Page | None, reason: str | None
) -> Iterator[Check]:
    """The cited words as the present reader finds them on the page."""
    if cited.kind == "capture":
        return
    if page is None:
        yield Check("page", False, f"the page cannot be read: {reason}")
    elif cited.kind == "entry":
        yield from _entry_checks(archive, cited, [entry for _, entry in page.entries])
    else:
        yield _compared("author", cited.author, page.office)
        if cited.kind == "description":
            yield _compared("description", cited.text, page.description)


def _entry_checks(archive: Archive, cited: Cited, found: Sequence[Entry]) -> Iterator[Check]:
    printed = [
        each for each in archive.printed_entries(cited.capture_id) if each.revision_id == cited.id
    ]
    candidates = [
        (sum(_same(wanted, entry, name) for name in _FIELDS), wanted, entry)
        for wanted in printed
        for entry in found
        if any(getattr(wanted, name) and _same(wanted, entry, name) for name in _IDENTIFYING)
    ]
    if not candidates:
        yield Check("entry", False, "no entry of the page has this title, link or summary")
        return
    _, wanted, entry = max(candidates, key=lambda each: each[0])
    for name in _FIELDS:
        if getattr(wanted, name) or getattr(entry, name):
            yield _compared(name, getattr(wanted, name), getattr(entry, name))


def _same(cited: PrintedEntry, found: Entry, name: str) -> bool:
    return _plain(getattr(cited, name)) == _plain(getattr(found, name))


def _compared(what: str, cited: str | date | None, found: str | date | None) -> Check:
    """Case, white space, and the style of quotes and dashes are not counted as words."""
    if _plain(cited) == _plain(found):
        return Check(what, True, str(found))
    return Check(what, False, f"cited {cited or 'nothing'}; the page has {found or 'nothing'}")


def _plain(value: str | date | None) -> str:
    return normalised(str(value)) if value else ""
