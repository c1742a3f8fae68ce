"""Parse replies of CDX servers: the rows in which web archives list their captures."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ilo_archive.offices import is_address
from ilo_archive.sources.listing_rows import (
    Malformed,
    last_line,
    lines_of,
    split_last_key,
    values_of,
)
from ilo_archive.sources.odd_lines import OddLines, OddTally
from ilo_archive.sources.tolerant_json import json_or_none
from ilo_archive.times import (
    TIMESTAMP_FORMAT,
    BadTimestamp,
    Precision,
    check_captured,
    parse_timestamp,
)
from ilo_archive.warc.digests import listed_digest

MAX_LISTING = 16 * 2**20
"""Bytes of a listing that are read; 2,000 rows have less than one megabyte."""
MAX_ADDRESS = 8000
"""Characters of an address, as RFC 9110, 4.1 recommends to support."""


@dataclass(frozen=True, slots=True)
class CdxRow:
    """A row of a CDX reply, with the field names of the Internet Archive's server.

    `timestamp` has 14 digits. `precision` is "minute" if the row or a repair lost the seconds.
    `status` and `mimetype` are None, `digest` is empty if the row does not state them.
    """

    original: str
    timestamp: str
    status: int | None
    mimetype: str | None
    digest: str
    precision: Precision = "second"


@dataclass(frozen=True, slots=True)
class CdxReply:
    """A reply of a CDX server.

    `repaired` is the number of rows whose timestamp was repaired or has no seconds; `odd` are the
    lines that could not be parsed; `resume_key` is the key of the next page, None on the last one.
    `is_not_cdx`: nothing in the reply has the form of a listing (an HTML page, a truncated table),
    so it does not mean that the archive has no captures. `is_cut`: it goes on, but has more than
    MAX_LISTING bytes or hardly a row in thousands of lines.
    """

    rows: list[CdxRow]
    repaired: int = 0
    odd: OddLines = field(default_factory=OddLines)
    resume_key: str | None = None
    is_not_cdx: bool = False
    is_cut: bool = False


def parse_cdx(body: bytes) -> CdxReply:
    """Parse a CDX reply in any of its forms.

    These are the Internet Archive's table (a JSON array of arrays, the first with the field names),
    that of OutbackCDX (without names), the JSON lines of pywb and Common Crawl (with `url`, `mime`,
    `status`), CDXJ, and plain lines of 7 or 11 columns. A resume key follows an empty row
    (`showResumeKey`).
    """
    text = body[:MAX_LISTING].decode("utf-8-sig", "replace")
    listing = _Listing(is_cut=len(body) > MAX_LISTING)
    is_table = text.lstrip().startswith("[")
    try:
        for fields in listing.table(text) if is_table else listing.lines(text):
            listing.add(fields)
    except _TooOdd:
        listing.is_cut = True
    except Malformed:
        if not listing.is_cut:
            return CdxReply([], odd=OddLines.of(text), is_not_cdx=True)
    is_not_cdx = not (listing.fields or listing.has_names) and listing.odd.count > 0
    return CdxReply(
        listing.rows, listing.repaired, listing.odd.lines, listing.key, is_not_cdx, listing.is_cut
    )


_CDX_FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest")
_TIMESTAMP = re.compile(r"\d{12,17}", re.ASCII)
_CDX_LINE = re.compile(r"\S+ \d{12,17} \S+ \S+ \S+ \S+( \S+)*", re.ASCII)
_CDXJ_LINE = re.compile(r"(?P<urlkey>\S+) (?P<timestamp>\d{12,17}) (?P<fields>\{.*\})", re.ASCII)
_LEGEND = " CDX "  # begins the line that names the columns of a file
_DIGEST = re.compile(r"[\w+/=:-]{1,200}", re.ASCII)
_MOST_ODD = 10_000  # lines; a listing with more and fewer rows than that is left
_LONGEST_KEY = 10_000  # characters


class _TooOdd(Exception):
    """A listing with thousands of lines that are not rows."""


class _Listing:
    """The rows of a listing and what else was found; `fields` counts what has the form of a row,
    `has_names` is True if the first one has the names of a listing's columns.

    Its methods raise _TooOdd.
    """

    def __init__(self, is_cut: bool) -> None:
        self.rows: list[CdxRow] = []
        self.fields = 0
        self.has_names = False
        self.repaired = 0
        self.odd = OddTally()
        self.key: str | None = None
        self.is_cut = is_cut

    def add(self, fields: dict[str, str]) -> None:
        """Add a row, or set it aside."""
        self.fields += 1
        row = _row(fields)
        if row is None:
            self._set_aside(fields)
            return
        self.rows.append(row)
        self.repaired += row.precision != "second" or len(fields.get("timestamp", "")) != 14

    def lines(self, text: str) -> Iterator[dict[str, str]]:
        """Yield the fields of each line."""
        last, end = last_line(text), len(text)
        if last and not self.is_cut and _line_fields(last[0]) is None:
            self._keep_key(last[0])
            end = last[1]
        lines = (each for each in lines_of(text, end) if not each.startswith(_LEGEND))
        yield from self._known((_line_fields(each), each) for each in lines)

    def table(self, text: str) -> Iterator[dict[str, str]]:
        """Yield the fields of each row of a JSON table. Raises Malformed."""
        yield from self._known(self._named(values_of(text)))

    def _named(self, values: Iterable[Any]) -> Iterator[tuple[dict[str, str] | None, Any]]:
        """Yield the rows of a table with their fields; the first row may have the names."""
        rows = self._without_key(values)
        names: list[str] | None = None
        for number, row in enumerate(rows):
            if number == 0 and _is_header(row):
                names = row
                self.has_names = "timestamp" in row
            else:
                yield _row_fields(row, names), row

    def _without_key(self, values: Iterable[Any]) -> Iterator[Any]:
        key = yield from split_last_key(values)
        if _cell(key):
            self._keep_key(_cell(key))

    def _known(
        self, found: Iterable[tuple[dict[str, str] | None, Any]]
    ) -> Iterator[dict[str, str]]:
        """Yield the fields of rows that have the form of one; count the others."""
        for fields, line in found:
            if fields is not None:
                yield fields
            else:
                self._set_aside(line)

    def _set_aside(self, line: Any) -> None:
        """Count a line or a row that is not a capture."""
        is_first = not self.odd.count
        self.odd.add((line if isinstance(line, str) else json.dumps(line)) if is_first else "")
        if self.odd.count > _MOST_ODD and self.odd.count > len(self.rows):
            raise _TooOdd

    def _keep_key(self, key: str) -> None:
        """Keep the key of the next page; one that no address can contain is odd."""
        if len(key) <= _LONGEST_KEY and key.isprintable():
            self.key = key
        else:
            self.odd.add(key)


def _line_fields(line: str) -> dict[str, str] | None:
    """The fields of a line (a JSON object, CDXJ or columns); None if it is not a row."""
    cdxj = _CDXJ_LINE.fullmatch(line.strip())
    fields = json_or_none(cdxj.group("fields") if cdxj else line)
    if isinstance(fields, dict):
        named = {key: _cell(value) for key, value in fields.items()}
        return {"timestamp": cdxj.group("timestamp"), **named} if cdxj else named
    if _CDX_LINE.fullmatch(line):
        return dict(zip(_CDX_FIELDS, line.split(" "), strict=False))
    return None


def _row_fields(row: Any, names: list[str] | None) -> dict[str, str] | None:
    """The fields of a row of a table; None if it is not a row.

    OutbackCDX sends the eleven columns of a CDX file without their names.
    """
    if isinstance(row, dict):
        return {key: _cell(value) for key, value in row.items()}
    if not isinstance(row, list):
        return None
    cells = [_cell(each) for each in row]
    if names is not None:
        is_row = "timestamp" in names and len(cells) == len(names)
        return dict(zip(names, cells, strict=True)) if is_row else None
    if len(cells) > 2 and _TIMESTAMP.fullmatch(cells[1]) and "://" in cells[2]:
        return dict(zip(_CDX_FIELDS, cells, strict=False))
    return None


def _is_header(row: Any) -> bool:
    """True for the names of the columns; the first row of some tables is a capture already."""
    is_text = isinstance(row, list) and all(isinstance(name, str) for name in row)
    return is_text and not any(map(_TIMESTAMP.fullmatch, row))


def _cell(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _row(fields: dict[str, str]) -> CdxRow | None:
    """A row with its fields converted; None if it is not a capture of a web page."""
    original = fields.get("original") or fields.get("url") or ""
    status = fields.get("statuscode") or fields.get("status") or "-"
    mimetype = fields.get("mimetype") or fields.get("mime")
    timestamp, precision = _repaired(fields.get("timestamp", ""))
    if not is_page_address(original):
        return None
    try:
        moment, stated_precision = parse_timestamp(timestamp)
        check_captured(moment)
    except BadTimestamp:
        return None
    if stated_precision not in ("second", "minute"):
        return None
    digest = fields.get("digest", "")
    return CdxRow(
        original=original,
        timestamp=moment.strftime(TIMESTAMP_FORMAT),
        status=int(status) if re.fullmatch(r"[1-9][0-9][0-9]", status) else None,
        mimetype=mimetype,
        digest=listed_digest(digest) if digest != "-" and _DIGEST.fullmatch(digest) else "",
        precision="minute" if "minute" in (precision, stated_precision) else "second",
    )


def _repaired(digits: str) -> tuple[str, Precision]:
    """A timestamp cut to 14 digits, and its precision.

    Known fault (EDGI `wayback`, `_utils.py`): a month or day of 00 was inserted, which moved the
    rest to the right: 20000008241731 is 20000824 17:31. The seconds are lost unless there are 16
    digits.
    """
    for start in (4, 6):
        if len(digits) >= 14 and digits[start : start + 2] == "00":
            rest = digits[:start] + digits[start + 2 :]
            return (rest[:14], "second") if len(rest) >= 14 else (f"{rest:0<14}", "minute")
    return digits[:14], "second"


def is_page_address(url: str) -> bool:
    """True for a web address that a request can contain.

    Listings also have `mailto:`, `data:`, `http://mailto:me@ilo.org`, `http://[`, lone surrogates
    and addresses of a megabyte.
    """
    return len(url) <= MAX_ADDRESS and is_address(url) and "@" not in urlsplit(url).netloc
