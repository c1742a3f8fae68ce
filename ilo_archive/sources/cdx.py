"""Replies of CDX servers: the rows in which archives list their captures."""

import json
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ilo_archive.sources.tolerant_json import json_or_none
from ilo_archive.times import TIMESTAMP_FORMAT, BadTimestamp, Precision, parse_timestamp


@dataclass(frozen=True, slots=True)
class CdxRow:
    """One line of a CDX reply, with the names of the Internet Archive's server.

    `timestamp` is 14 digits; of one that had to be repaired the seconds may be unknown.
    """

    original: str
    timestamp: str
    status: int | None
    mimetype: str | None
    digest: str
    precision: Precision = "second"


@dataclass(frozen=True, slots=True)
class CdxReply:
    """A reply of a CDX server: its rows, how many of them were repaired, the lines that are no
    row, and the key to go on with where the server says that there is more.

    Of a text that `is_foreign` nothing has the form of a listing: a page for people, or a table
    that was cut. It does not say that the archive holds nothing.
    """

    rows: list[CdxRow]
    repaired: int = 0
    odd: tuple[str, ...] = ()
    resume_key: str | None = None
    is_foreign: bool = False


def parse_cdx(body: bytes) -> CdxReply:
    """Read a CDX reply, whatever the form it comes in.

    Understood are the Internet Archive's table (one JSON array of arrays, the first naming the
    fields), pywb's and Common Crawl's objects (one a line, with `url`, `mime`, `status`), CDXJ and
    the plain lines of eleven-column and seven-column CDX. A resume key stands behind an empty
    row (`showResumeKey`).
    """
    text = body.decode("utf-8-sig", "replace")
    rows: list[CdxRow] = []
    odd: list[str] = []
    fields, resume_key = _listed_fields(text, odd)
    is_foreign = fields is None
    repaired = 0
    for each in fields or ():
        row = _row(each)
        if row is None:
            odd.append(json.dumps(each))
        else:
            rows.append(row)
            repaired += row.precision != "second" or len(each.get("timestamp", "")) != 14
    return CdxReply(rows, repaired, tuple(odd), resume_key, is_foreign)


_CDX_FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest")
_CDX_LINE = re.compile(r"\S+ \d{12,17} \S+ \S+ \S+ \S+( \S+)*")
_CDXJ_LINE = re.compile(r"(?P<urlkey>\S+) (?P<timestamp>\d{12,17}) (?P<fields>\{.*\})")
_Fields = list[dict[str, str]] | None
"""The fields of each row, None where there is nothing of the form of a listing."""


def _listed_fields(text: str, odd: list[str]) -> tuple[_Fields, str | None]:
    if text.lstrip().startswith("["):
        return _table_fields(text, odd)
    lines = text.splitlines()
    resume_key = None
    # The plain form of the Internet Archive ends in an empty line and the key. Blank lines may
    # part rows as well.
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
    """The fields of one line: a JSON object, CDXJ, or columns."""
    cdxj = _CDXJ_LINE.fullmatch(line.strip())
    fields = json_or_none(cdxj.group("fields") if cdxj else line)
    if isinstance(fields, dict):
        named = {key: _cell(value) for key, value in fields.items()}
        return {"timestamp": cdxj.group("timestamp"), **named} if cdxj else named
    if _CDX_LINE.fullmatch(line):
        return dict(zip(_CDX_FIELDS, line.split(" "), strict=False))
    return None


def _table_fields(text: str, odd: list[str]) -> tuple[_Fields, str | None]:
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
    original = fields.get("original") or fields.get("url") or ""
    status = fields.get("statuscode") or fields.get("status") or "-"
    mimetype = fields.get("mimetype") or fields.get("mime")
    timestamp, precision = _repaired(fields.get("timestamp", ""))
    if not _is_page_address(original):
        return None
    try:
        moment, known = parse_timestamp(timestamp)
    except BadTimestamp:
        return None
    if known != "second":
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
    """14 digits, and how much of them is known.

    Observed: 16 digits; a month or day of 00 was put in, which pushed the rest of the 14 to the
    right and the seconds out: 20000008241731 was 20000824 17:31 (EDGI `wayback`, `_utils.py`).
    """
    for start in (4, 6):
        if len(digits) >= 14 and digits[start : start + 2] == "00":
            known = digits[:start] + digits[start + 2 :]
            return (known[:14], "second") if len(known) >= 14 else (f"{known:0<14}", "minute")
    return digits[:14], "second"


def _is_page_address(url: str) -> bool:
    """Observed among rows: `mailto:`, `data:`, `http://mailto:me@ilo.org`, `http://[`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and "@" not in parts.netloc
