"""Make moscow.warc from captures.toml and the pages of tests/fixtures/moscow.

The bytes are the same on every run and platform: no clock is read, record ids are UUIDs (version 5)
of the record's type, address and time, and nothing is compressed.
"""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

import click
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

HERE = Path(__file__).resolve().parent
PAGES = HERE.parents[1] / "tests" / "fixtures" / "moscow"
SOURCES = HERE / "captures.toml"
SAMPLE = HERE / "moscow.warc"


@dataclass(frozen=True, slots=True)
class Source:
    """A capture of captures.toml; either `file` or `revisit_of` is set.

    `captured_at` and `revisit_of` are aware datetimes; `headers` do not include Date and
    Content-Length.
    """

    url: str
    captured_at: datetime
    status: int
    headers: Mapping[str, str]
    file: str | None = None
    revisit_of: datetime | None = None


def read_sources(path: Path = SOURCES) -> list[Source]:
    """The captures in the order of the file."""
    return [Source(**row) for row in _toml(path)["capture"]]


def make_sample(sources: Path = SOURCES, pages: Path = PAGES) -> bytes:
    """The bytes of the WARC/1.1 file: a warcinfo record, then one record for each capture.

    Raises KeyError if a revisit refers to a capture that does not precede it.
    """
    out = BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="1.1")
    writer.write_record(_warcinfo(writer, _toml(sources)))
    originals: dict[tuple[str, datetime], tuple[bytes, str]] = {}
    for source in read_sources(sources):
        if source.file is None:
            writer.write_record(_revisit(writer, source, originals))
            continue
        body = (pages / source.file).read_bytes()
        record = _response(writer, source, body)
        digest = record.rec_headers.get_header("WARC-Payload-Digest")
        originals[source.url, source.captured_at] = body, digest
        writer.write_record(record)
    return out.getvalue()


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _warcinfo(writer: WARCWriter, about: Mapping[str, Any]) -> Any:
    fields = {
        "software": "data/sample/make_sample.py",
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "description": about["description"],
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
    headers = _identifying_headers("warcinfo", SAMPLE.name, about["made_at"])
    return writer.create_warc_record(
        "",
        "warcinfo",
        payload=BytesIO(lines),
        length=len(lines),
        warc_headers_dict=headers | {"WARC-Filename": SAMPLE.name},
    )


def _response(writer: WARCWriter, source: Source, body: bytes) -> Any:
    return writer.create_warc_record(
        source.url,
        "response",
        payload=BytesIO(body),
        length=len(body),
        warc_headers_dict=_identifying_headers("response", source.url, source.captured_at),
        http_headers=_http(source, len(body)),
    )


def _revisit(
    writer: WARCWriter, source: Source, originals: Mapping[tuple[str, datetime], tuple[bytes, str]]
) -> Any:
    assert source.revisit_of is not None, f"{source.captured_at}: neither file nor revisit_of"
    body, digest = originals[source.url, source.revisit_of]
    return writer.create_revisit_record(
        source.url,
        digest,
        source.url,
        _warc_date(source.revisit_of),
        http_headers=_http(source, len(body)),
        warc_headers_dict=_identifying_headers("revisit", source.url, source.captured_at),
    )


def _identifying_headers(kind: str, name: str, moment: datetime) -> dict[str, str]:
    date = _warc_date(moment)
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{kind} {name} {date}")
    return {"WARC-Type": kind, "WARC-Record-ID": f"<{identity.urn}>", "WARC-Date": date}


def _http(source: Source, length: int) -> StatusAndHeaders:
    headers = [
        ("Date", format_datetime(source.captured_at.astimezone(UTC), usegmt=True)),
        *source.headers.items(),
        ("Content-Length", str(length)),
    ]
    status = f"{source.status} {HTTPStatus(source.status).phrase}"
    return StatusAndHeaders(status, headers, protocol="HTTP/1.1")


def _warc_date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the file differs.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=SAMPLE,
    help="The file to write or to check (default: moscow.warc next to this script).",
)
def main(check: bool, output: Path) -> None:
    """Make the sample WARC, or check that it is up to date."""
    made = make_sample()
    if not check:
        output.write_bytes(made)
        click.echo(f"{output}: {len(made)} bytes", err=True)
    elif not output.exists() or output.read_bytes() != made:
        raise click.ClickException(f"{output} differs from its sources: run make_sample.py")


if __name__ == "__main__":
    main()
