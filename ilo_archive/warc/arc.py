"""Parse records of ARC files, versions 1 and 2 (Internet Archive, "Arc File Format", 1996).

A record is a line, e.g. `http://www.ilo.org/ 192.0.2.1 20010203040506 text/html 1234`, and the
answer of the server. Version 2 has five more fields before the length. Both are written with
deviations: addresses and content types with blanks, IPv6 addresses, `-` for an unknown one.
"""

import re
from dataclasses import dataclass

_URL = rb"[a-z][a-z0-9+.-]{1,20}:[^\r\n]{1,8000}?"
_IP = rb"(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,40}(?:%\w{1,16})?\]?|-)"
_DATE = rb"\d{8,18}"
# The line ends with the length. Possessive: a line of ten thousand dates costs one look at each.
ARC_BEGIN = _URL + b" " + _IP + b" " + _DATE + rb" [^\r\n]{0,2000}+(?<=[\d \t])\r?\n"
"""A pattern for the line that begins a record."""

LONGEST_LINE = 10_200
"""Bytes; the longest match of ARC_BEGIN."""

_LINE = re.compile(
    b"(?P<url>" + _URL + b") " + _IP + b" (?P<date>" + _DATE + rb")(?: (?P<rest>.*))?"
    rb" (?P<length>\d{1,20})[ \t]*\r?\n"
)
# Result code, checksum, location, offset and file name.
_VERSION_2 = re.compile(rb"(?P<type>.*?) ?(?:\d{3}|-) \S+ \S+ \d+ \S+")
_IS_PART_OF = re.compile(rb"isPartOf(?:>|: *)([^<\r\n]{1,200})")
_HTTP = re.compile(rb"[\r\n]*+(?=HTTP/)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ArcLine:
    """The line that begins a record. `date` are 8 to 18 digits."""

    url: bytes
    date: bytes
    content_type: bytes
    length: int

    @property
    def kind(self) -> str:
        """The type of the WARC record that is like it; `lookup` for one that has no page."""
        if self.url.startswith(b"filedesc:"):
            return "warcinfo"
        return "response" if self.url.startswith((b"http:", b"https:")) else "lookup"


def parse_line(line: bytes) -> ArcLine | None:
    """The fields of a line that ARC_BEGIN matches; None without a length."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    rest = found["rest"] or b""
    version_2 = _VERSION_2.fullmatch(rest)
    return ArcLine(
        url=found["url"],
        date=found["date"],
        content_type=version_2["type"] if version_2 else rest,
        length=int(found["length"]),
    )


def as_warc(data: bytes) -> bytes:
    """A record of an ARC file as a WARC record.

    An answer without an HTTP head (HTTP/0.9, RFC 1945, 4) becomes a resource record. Raises
    ValueError if the line is not one.
    """
    line_end = data.index(b"\n") + 1
    line = parse_line(data[:line_end])
    if line is None:
        raise ValueError("not an ARC record")
    block, kind = data[line_end:], line.kind
    content_type = line.content_type.strip() or b"unknown/unknown"
    head = _HTTP.match(block)
    if kind == "response" and head:
        block, content_type = block[head.end() :], b"application/http; msgtype=response"
    elif kind == "response":
        kind = "resource"
    fields = (
        b"WARC/1.0",
        b"WARC-Type: " + kind.encode(),
        b"WARC-Target-URI: " + line.url,
        b"WARC-Date: " + line.date[:14],
        b"Content-Type: " + content_type,
        *_part_of(line, block),
        b"Content-Length: %d" % len(block),
        b"\r\n",
    )
    return b"\r\n".join(fields) + block


def _part_of(line: ArcLine, block: bytes) -> tuple[bytes, ...]:
    """The name of the crawl that Heritrix writes into the first record, as a header."""
    found = _IS_PART_OF.search(block) if line.kind == "warcinfo" else None
    return (b"isPartOf: " + found[1].strip(),) if found else ()
