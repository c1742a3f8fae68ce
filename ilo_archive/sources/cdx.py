"""Parse replies of CDX servers: the rows in which web archives list their captures."""

import json
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ilo_archive.sources.tolerant_json import json_or_none
from ilo_archive.times import TIMESTAMP_FORMAT, BadTimestamp, Precision, parse_timestamp


@dataclass(frozen=True, slots=True)
class CdxRow:
    """A row of a CDX reply, with the field names of the Internet Archive's server.

    `timestamp` has 14 digits. `precision` is "minute" if a repair lost the seconds. `status` and
    `mimetype` are None, `digest` is empty if the row does not state them.
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

    `repaired` is the number of rows whose timestamp was repaired; `odd` are the lines that could
    not be parsed; `resume_key` is the key of the next page, None on the last one. `is_not_cdx`:
    nothing in the reply has the form of a listing (an HTML page, a truncated table), so it does not
    mean that the archive has no captures.
    """

    rows: list[CdxRow]
    repaired: int = 0
    odd: tuple[str, ...] = ()
    resume_key: str | None = None
    is_not_cdx: bool = False


def parse_cdx(body: bytes) -> CdxReply:
    """Parse a CDX reply in any of its forms.

    These are the Internet Archive's table (a JSON array of arrays, the first with the field names),
    the JSON lines of pywb and Common Crawl (with `url`, `mime`, `status`), CDXJ, and plain lines of
    7 or 11 columns. A resume key follows an empty row (`showResumeKey`).
    """
    text = body.decode("utf-8-sig", "replace")
    rows: list[CdxRow] = []
    odd: list[str] = []
    listed, resume_key = _listed_fields(text, odd)
    repaired = 0
    for fields in listed or ():
        row = _row(fields)
        if row is None:
            odd.append(json.dumps(fields))
        else:
            rows.append(row)
            repaired += row.precision != "second" or len(fields.get("timestamp", "")) != 14
    return CdxReply(rows, repaired, tuple(odd), resume_key, is_not_cdx=listed is None)


_CDX_FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest")
_CDX_LINE = re.compile(r"\S+ \d{12,17} \S+ \S+ \S+ \S+( \S+)*")
_CDXJ_LINE = re.compile(r"(?P<urlkey>\S+) (?P<timestamp>\d{12,17}) (?P<fields>\{.*\})")
_Fields = list[dict[str, str]] | None
"""The fields of each row, None if nothing has the form of a listing."""


def _listed_fields(text: str, odd: list[str]) -> tuple[_Fields, str | None]:
    """The fields of each row and the resume key. Lines that are not rows are added to `odd`."""
    if text.lstrip().startswith("["):
        return _table_fields(text, odd)
    lines = text.splitlines()
    resume_key = None
    # The Internet Archive's plain form ends with an empty line and the key. Blank lines may also
    # separate rows.
    if len(lines) > 1 and not lines[-2].strip() and _is_key(lines[-1]):
        resume_key = lines.pop().strip()
    found = []
    for line in filter(str.strip, lines):
        fields = _line_fields(line)
        if fields is None:
            odd.append(line)
        else:
            found.append(fields)
    return found if found or not odd else None, resume_key


def _is_key(line: str) -> bool:
    return bool(line.strip()) and _line_fields(line) is None


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


def _table_fields(text: str, odd: list[str]) -> tuple[_Fields, str | None]:
    """The fields of each row of a JSON table and the resume key."""
    table = json_or_none(text)
    if table == []:
        return [], None
    if not isinstance(table, list) or not _is_header(table[0]):
        odd.append(text)
        return None, None
    names, *rows = table
    resume_key = None
    if len(rows) > 1 and rows[-2] == [] and isinstance(rows[-1], list) and len(rows[-1]) == 1:
        resume_key = _cell(rows[-1][0])
        rows = rows[:-2]
    found = []
    for cells in rows:
        if isinstance(cells, list) and len(cells) == len(names):
            found.append({name: _cell(cell) for name, cell in zip(names, cells, strict=True)})
        else:
            odd.append(str(cells))
    return found, resume_key or None


def _is_header(names: object) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def _cell(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _row(fields: dict[str, str]) -> CdxRow | None:
    """A row with its fields converted; None if it is not a capture of a web page."""
    original = fields.get("original") or fields.get("url") or ""
    status = fields.get("statuscode") or fields.get("status") or "-"
    mimetype = fields.get("mimetype") or fields.get("mime")
    timestamp, precision = _repaired(fields.get("timestamp", ""))
    if not _is_page_address(original):
        return None
    try:
        moment, stated_precision = parse_timestamp(timestamp)
    except BadTimestamp:
        return None
    if stated_precision != "second":
        return None
    digest = fields.get("digest", "").removeprefix("sha1:")
    return CdxRow(
        original=original,
        timestamp=moment.strftime(TIMESTAMP_FORMAT),
        status=int(status) if re.fullmatch(r"[1-9][0-9][0-9]", status) else None,
        mimetype=mimetype,
        digest="" if digest == "-" else digest,
        precision=precision,
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


def _is_page_address(url: str) -> bool:
    """True for a web address.

    Listings also have `mailto:`, `data:`, `http://mailto:me@ilo.org` and `http://[`.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and "@" not in parts.netloc
