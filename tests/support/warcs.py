"""WARC files of others, written as their crawlers write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.support.paths import HOMEPAGE, PAGES

HTML = ("Content-Type", "text/html; charset=UTF-8")


@dataclass(frozen=True, slots=True)
class Response:
    """An archived response: the time of the capture as 14 digits or as a WARC has it, the address,
    the status line, headers and the body as it was sent.
    """

    time: str
    body: bytes
    url: str = HOMEPAGE
    status: str = "200 OK"
    headers: Sequence[tuple[str, str]] = (HTML,)

    @property
    def warc_date(self) -> str:
        """The time as `2015-04-14T10:32:17Z`; text in another form is unchanged."""
        t = self.time
        if len(t) != 14:
            return t
        return f"{t[:4]}-{t[4:6]}-{t[6:8]}T{t[8:10]}:{t[10:12]}:{t[12:]}Z"


def saved_page(digits: str) -> bytes:
    """The page of the fixtures that was captured at this time."""
    return (PAGES / f"{digits}.html").read_bytes()


def write_warc(path: Path, *responses: Response, version: str = "WARC/1.1") -> Path:
    """Write responses to a file, which is compressed if its name ends in `.gz`."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=path.suffix == ".gz", warc_version=version)
        for each in responses:
            http = StatusAndHeaders(each.status, list(each.headers), protocol="HTTP/1.1")
            record = writer.create_warc_record(
                each.url,
                "response",
                BytesIO(each.body),
                len(each.body),
                http_headers=http,
                warc_headers_dict={"WARC-Date": each.warc_date},
            )
            writer.write_record(record)
    return path


def chunked(body: bytes, size: int = 997) -> bytes:
    """A body as `Transfer-Encoding: chunked` sends it."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
