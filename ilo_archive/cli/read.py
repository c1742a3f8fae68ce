"""`read`: what the reader makes of files."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from ilo_archive.errors import ExitCode
from ilo_archive.http import MAX_BODY
from ilo_archive.reader.page import SCHEMA, as_record, read_page
from ilo_archive.text.printable import safe_json


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--url", help="Address of the pages: makes their links absolute.")
def read(files: tuple[str, ...], url: str | None) -> int:
    """Print what the reader makes of each FILE (HTML or text, - for standard input): office,
    description and entries, one line of JSON each. Nothing is stored.

    \b
    Example:
      ilo-archive read moscow-2021-06.txt
      ilo-archive read page.html --url http://www.ilo.org/moscow/lang--en/index.htm
    """
    records = [_record(file, url) for file in files]
    return ExitCode.NOTHING_USABLE if all("error" in record for record in records) else 0


def _record(source: str, url: str | None) -> dict[str, Any]:
    try:
        record = as_record(read_page(_bytes(source), url), source)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        record = {"schema": SCHEMA, "source": source, "error": reason or str(error)}
    click.echo(safe_json(json.dumps(record, ensure_ascii=False)))
    return record


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
