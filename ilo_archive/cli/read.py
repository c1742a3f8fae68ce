"""`read`: what the reader makes of files."""

import json
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import click

from ilo_archive.capture import Fetched, Kept, Position
from ilo_archive.errors import ExitCode
from ilo_archive.http import MAX_BODY
from ilo_archive.offices import registry
from ilo_archive.reader.page import SCHEMA, as_record, read_page
from ilo_archive.reader.snapshot import take_snapshot
from ilo_archive.sources.saved_page import parse_mhtml, parse_saved_page
from ilo_archive.text.printable import safe_json
from ilo_archive.times import iso
from ilo_archive.warc.captures import ENDINGS, CaptureReader, Damage, contains_records

_MHTML = (".mht", ".mhtml")


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--url", help="Address of the pages: makes their links absolute.")
def read(files: tuple[str, ...], url: str | None) -> int:
    """Print what the reader makes of each FILE (HTML, MHTML or text, - for standard input): office,
    description and entries, one line of JSON each. Nothing is stored.

    Of a WARC, ARC or WACZ file one line for each capture, with `url` and `captured_at`.

    \b
    Example:
      ilo-archive read moscow-2021-06.txt
      ilo-archive read page.html --url http://www.ilo.org/moscow/lang--en/index.htm
      ilo-archive read captures.warc.gz
    """
    code: int = ExitCode.NOTHING_USABLE
    for file in files:
        for record in _records(file, url):
            click.echo(safe_json(json.dumps(record, ensure_ascii=False)))
            code = code if "error" in record else 0
    return code


def _records(source: str, url: str | None) -> Iterator[dict[str, Any]]:
    """Yield what is printed of a file."""
    try:
        if source != "-" and _has_captures(Path(source)):
            yield from _captures(Path(source), source)
            return
        body, address = _page(source)
        yield as_record(read_page(body, url or address), source)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        yield _error(source, reason or str(error))


def _error(source: str, reason: str) -> dict[str, Any]:
    return {"schema": SCHEMA, "source": source, "error": reason}


# -- captures


def _has_captures(path: Path) -> bool:
    """True for a file of WARC, ARC or WACZ, by its name or content. Raises OSError."""
    if not path.is_file():
        return False
    return path.name.lower().endswith(ENDINGS) or contains_records(path)


def _captures(path: Path, source: str) -> Iterator[dict[str, Any]]:
    """Yield what is printed of each capture. Raises OSError."""
    reader = CaptureReader(registry().locate)
    is_empty = True
    for found in chain(reader.read(path), reader.pending_revisits()):
        is_empty = False
        yield _capture(found, source)
    if is_empty:
        yield _error(source, "no capture of a page in it")


def _capture(found: Fetched | Damage, source: str) -> dict[str, Any]:
    if isinstance(found, Damage):
        return _error(source, str(found))
    unstored = Position("", 0, 0)
    snapshot = take_snapshot(Kept(found.capture, found.message, unstored, found.fault))
    capture = {"url": found.capture.url, "captured_at": iso(found.capture.captured_at)}
    if snapshot.page is None:
        return _error(source, snapshot.reason or snapshot.quality) | capture
    fault = {"fault": found.fault} if found.fault else {}
    return as_record(snapshot.page, source) | capture | fault


# -- pages


def _page(source: str) -> tuple[bytes, str | None]:
    """The page in a file, and its address if the file states it.

    Raises OSError, and ValueError for one that cannot be a page.
    """
    body = _bytes(source)
    saved = parse_mhtml(body) if source.lower().endswith(_MHTML) else parse_saved_page(body)
    return saved.body, saved.evidence.url


def _bytes(source: str) -> bytes:
    """The content of a file. Raises OSError, and ValueError for one that cannot be a page."""
    with sys.stdin.buffer if source == "-" else Path(source).open("rb") as stream:
        body = stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise ValueError(f"more than {MAX_BODY >> 20} MB")
    if not body.strip():
        raise ValueError("the file is empty")
    if b"\0" in body[:1024] and body[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise ValueError("neither HTML nor text")
    return body
