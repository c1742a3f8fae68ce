"""Common Crawl as a small server: `collinfo.json`, an index per crawl, files that Range requests
read; made of a WARC file, or of replies that were recorded.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from ilo_archive.sources.commoncrawl import index_key
from tests.support.loopback import Asked
from tests.support.web_archive import Answer

FILE = "crawl-data/{crawl}/segments/1/warc/{crawl}-00000.warc.gz"


@dataclass(frozen=True, slots=True)
class SmallCrawl:
    """One crawl: the rows of its index, the bytes of its only file."""

    id: str
    first: str
    last: str
    rows: tuple[Mapping[str, str], ...]
    file: bytes

    @property
    def path(self) -> str:
        return FILE.format(crawl=self.id)

    def cdxj(self) -> str:
        """The rows as a local index has them."""
        lines = [
            f"{row['urlkey']} {row['timestamp']} "
            + json.dumps({name: row[name] for name in row if name not in ("urlkey", "timestamp")})
            for row in self.rows
        ]
        return "".join(f"{line}\n" for line in sorted(lines))


def small_crawl(name: str, first: int, last: int, warc: Path) -> SmallCrawl:
    """The responses of a WARC file from some years, as a crawl of these years."""
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    rows = []
    with warc.open("rb") as stream:
        for record in ArchiveIterator(stream):
            date = str(record.rec_headers.get_header("WARC-Date"))
            if record.rec_type != "response" or not first <= int(date[:4]) <= last:
                continue
            row = _row(record, date)
            offset = buffer.tell()
            writer.write_record(record)
            place = {"offset": str(offset), "length": str(buffer.tell() - offset)}
            rows.append({**row, **place, "filename": FILE.format(crawl=name)})
    period = f"{first}-01-01T00:00:00", f"{last}-12-31T23:59:59"
    return SmallCrawl(name, *period, tuple(rows), buffer.getvalue())


def _row(record: Any, date: str) -> dict[str, str]:
    header = record.rec_headers.get_header
    return {
        "urlkey": index_key(header("WARC-Target-URI")),
        "timestamp": "".join(filter(str.isdigit, date))[:14],
        "url": header("WARC-Target-URI"),
        "mime": "text/html",
        "status": record.http_headers.get_statuscode(),
        "digest": header("WARC-Payload-Digest").removeprefix("sha1:"),
    }


def serve_crawls(crawls: Iterable[SmallCrawl], page_size: int = 2) -> Callable[[Asked], Answer]:
    """What Common Crawl answers, its indexes a few rows a page."""
    by_id = {each.id: each for each in crawls}
    files = {f"/{each.path}": each.file for each in by_id.values()}

    def answer(asked: Asked) -> Answer:
        if asked.path == "/collinfo.json":
            printed = [{"id": c.id, "from": c.first, "to": c.last} for c in by_id.values()]
            return Answer(200, json.dumps(printed).encode())
        if asked.path in files:
            return part(files[asked.path], asked.headers["range"])
        crawl = by_id.get(asked.path.removeprefix("/").removesuffix("-index"))
        return _listed(crawl, asked.query, page_size) if crawl else Answer(404, b"<html>")

    return answer


def part(file: bytes, wanted: str) -> Answer:
    """The answer to a Range request for bytes that the file has."""
    first, last = map(int, wanted.removeprefix("bytes=").split("-"))
    body = file[first : last + 1]
    assert len(body) == last - first + 1
    return Answer(206, body, {"Content-Range": f"bytes {first}-{last}/{len(file)}"})


def _listed(crawl: SmallCrawl, query: Mapping[str, str], page_size: int) -> Answer:
    rows = [row for row in crawl.rows if row["urlkey"] == index_key(query["url"])]
    pages = max(1, -(-len(rows) // page_size))
    if "showNumPages" in query:
        return Answer(200, json.dumps({"pages": pages, "pageSize": 5, "blocks": 1}).encode())
    page = int(query.get("page", "0"))
    if page >= pages:
        printed = f"Page {page} invalid: First Page is 0, Last Page is {pages - 1}"
        return Answer(400, json.dumps({"message": printed}).encode())
    shown = rows[page * page_size : (page + 1) * page_size]
    if not shown:
        printed = f"No Captures found for: {query['url']}"
        return Answer(404, json.dumps({"message": printed}).encode())
    return Answer(200, "".join(f"{json.dumps(row)}\n" for row in shown).encode())


# -- recorded replies ----------------------------------------------------------------------


def recorded(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Replies as cdx_toolkit records them, one JSON object a line."""
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def serve_recorded(replies: Iterable[dict[str, Any]], url: str) -> Callable[[Asked], Answer]:
    """Replay recorded replies to queries for `url`, whatever their other parameters. How
    many pages there are was asked of no recorded client but two: it is one.
    """
    by_path: dict[str, Answer] = {}
    for each in replies:
        path = urlsplit(each["url"]).path
        text, headers = each["response_text"], each["response_headers"]
        asked = (each["request_params"] or {}).get("url", url)
        if "web.archive.org" in each["url"] or asked != url:
            continue
        body = base64.b64decode(text) if each["response_status_code"] == 206 else text.encode()
        kept = {
            name: headers[name] for name in ("Content-Type", "Content-Range") if name in headers
        }
        by_path.setdefault(
            f"{path} {_range(headers)}", Answer(each["response_status_code"], body, kept)
        )

    def answer(asked: Asked) -> Answer:
        if "showNumPages" in asked.query:
            return Answer(200, b'{"pages": 1, "pageSize": 5, "blocks": 1}')
        key = f"{asked.path} {asked.headers.get('range', '')}"
        none = json.dumps({"message": f"No Captures found for: {url}"}).encode()
        return by_path.get(key, Answer(404, none))

    return answer


def _range(headers: Mapping[str, str]) -> str:
    """The range that was requested, from the one that was sent."""
    sent = headers.get("Content-Range", "").removeprefix("bytes ").partition("/")[0]
    return f"bytes={sent}" if sent else ""
