"""Measure reading of WARC files, compared with other tools:
`python benchmarks/warc.py [--memory GB]`.

CPU time of one core, tools in turn, medians; inflating with zlib is the lower bound. Then what each
tool finds in damaged files, and with `--memory` the memory for ingesting a file of that many GB and
gzip bombs. Tools that are not installed are left out: `pip install fastwarc isal`.
"""

import argparse
import gzip
import io
import logging
import random
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ilo_archive.capture import Fetched
from ilo_archive.offices import PageSeries
from ilo_archive.warc.captures import CaptureReader, Damage

FIXTURES = Path(__file__).parent.parent / "tests" / "fixtures"
PAGES = sorted((FIXTURES / "moscow").glob("*.html"))
RECORDS = 200
SIZE = 40_000  # bytes of a page, like real ones
HEADERS = (("Content-Type", "text/html; charset=utf-8"), ("Server", "Microsoft-IIS/7.5"))
WORDS = b"track page home office label count menu list item link head foot".split()

Tool = Callable[[Path], int]
"""Reads a file; returns the number of responses found."""


def page(number: int) -> bytes:
    """A page unlike all others, as large as real ones and as easy to compress."""
    body = PAGES[number % len(PAGES)].read_bytes()
    chance = random.Random(number)
    script = b" ".join(chance.choices(WORDS, k=SIZE // 6)) + chance.randbytes(2000).hex().encode()
    return body + b"<script>%d " % number + script[: max(0, SIZE - len(body))] + b"</script>"


def members(count: int) -> list[bytes]:
    """Records with digests, each as a gzip member."""
    written = []
    for number in range(count):
        buffer = io.BytesIO()
        writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")
        http_headers = StatusAndHeaders("200 OK", list(HEADERS), protocol="HTTP/1.1")
        url, body = f"http://www.ilo.org/moscow/{number}", io.BytesIO(page(number))
        date = f"2015-04-{1 + number % 30:02d}T10:{number // 60 % 60:02d}:{number % 60:02d}Z"
        record = writer.create_warc_record(
            url,
            "response",
            payload=body,
            http_headers=http_headers,
            warc_headers_dict={"WARC-Date": date},
        )
        writer.write_record(record)
        written.append(buffer.getvalue())
    return written


# -- tools ---------------------------------------------------------------------------------


def inflate(path: Path) -> int:
    return _inflate(path, zlib.decompressobj)


def inflate_isal(path: Path) -> int:
    from isal import isal_zlib

    return _inflate(path, isal_zlib.decompressobj)


def _inflate(path: Path, opened: Callable[[int], "zlib._Decompress"]) -> int:
    data, count = path.read_bytes(), 0
    while data:
        engine = opened(zlib.MAX_WBITS | 16)
        engine.decompress(data)
        data, count = engine.unused_data, count + 1
    return count


def ours(path: Path) -> int:
    """Count responses; checksums and digests are verified and damage is located."""
    reader = CaptureReader(lambda _: PageSeries("moscow", "en", "moscow/en"))
    return sum(isinstance(each, Fetched) for each in reader.read(path))


def reported_damage(path: Path) -> int:
    """The number of damages that ours reports."""
    reader = CaptureReader(lambda _: PageSeries("moscow", "en", "moscow/en"))
    return sum(isinstance(each, Damage) for each in reader.read(path))


def warcio(path: Path, check: bool = False) -> int:
    count = 0
    with path.open("rb") as stream:
        try:
            for record in ArchiveIterator(stream, check_digests=check):
                record.raw_stream.read()
                count += record.rec_type == "response"
        except Exception:  # noqa: BLE001 - whatever ends it, the count is what it found
            return count
    return count


def warcio_digests(path: Path) -> int:
    return warcio(path, check=True)


def fastwarc(path: Path, check: bool = False) -> int:
    from fastwarc.warc import ArchiveIterator as FastIterator
    from fastwarc.warc import WarcRecordType

    count = 0
    with path.open("rb") as stream:
        try:
            for record in FastIterator(stream, parse_http=True, verify_digests=check):
                record.reader.read()
                count += record.record_type == WarcRecordType.response
        except Exception:  # noqa: BLE001 - as above
            return count
    return count


def fastwarc_digests(path: Path) -> int:
    return fastwarc(path, check=True)


TOOLS: dict[str, tuple[Tool, str]] = {
    "zlib, inflate only": (inflate, "zlib"),
    "isal, inflate only": (inflate_isal, "isal"),
    "ours, with digests": (ours, "ilo_archive"),
    "warcio": (warcio, "warcio"),
    "warcio, with digests": (warcio_digests, "warcio"),
    "fastwarc": (fastwarc, "fastwarc"),
    "fastwarc, with digests": (fastwarc_digests, "fastwarc"),
}


# -- what is measured ----------------------------------------------------------------------


def speed(tools: dict[str, Tool], folder: Path, rounds: int) -> None:
    packed = b"".join(members(RECORDS))
    path = folder / "whole.warc.gz"
    path.write_bytes(packed)
    size = len(gzip.decompress(packed))
    times: dict[str, list[float]] = {name: [] for name in tools}
    for _ in range(rounds):
        for name, tool in tools.items():
            start = time.process_time()
            assert tool(path) == RECORDS
            times[name].append(time.process_time() - start)
    floor = median(times["zlib, inflate only"])
    print(f"\n{RECORDS} records, {size / 1e6:.1f} MB")
    print("| tool | MB/s | x zlib inflate |\n| --- | --- | --- |")
    for name, took in times.items():
        print(f"| {name} | {size / median(took) / 1e6:.0f} | {median(took) / floor:.2f} |")


def damages(whole: list[bytes]) -> dict[str, tuple[bytes, int]]:
    """Files damaged in the middle, and how many of their records are intact."""
    data, middle = b"".join(whole), len(whole) // 2
    at = len(b"".join(whole[:middle])) + len(whole[middle]) // 2
    flipped = bytes([data[at] ^ 0x10])
    noise = random.Random(1).randbytes(1000)
    record = gzip.decompress(whole[middle])
    claimed = record.replace(b"\r\nContent-Length: ", b"\r\nContent-Length: 9", 1)
    short = len(whole) - 1
    plain = [gzip.decompress(each) for each in whole]
    return {
        "one flipped byte": (data[:at] + flipped + data[at + 1 :], short),
        "500 zeros": (data[:at] + bytes(500) + data[at + 500 :], short),
        "1 KB of noise": (data[:at] + noise + data[at + 1000 :], short),
        "a length too large": (
            b"".join([*whole[:middle], gzip.compress(claimed), *whole[middle + 1 :]]),
            short,
        ),
        "a tail cut off": (data[:-300], short),
        "a length too large, not compressed": (
            b"".join([*plain[:middle], claimed, *plain[middle + 1 :]]),
            short,
        ),
        "one gzip stream for all": (gzip.compress(b"".join(plain)), len(whole)),
    }


def damaged(tools: dict[str, Tool], folder: Path) -> None:
    readers = {name: tool for name, tool in tools.items() if "inflate" not in name}
    readers = {"damage reported by ours": reported_damage, **readers}
    print(f"\nintact records that were read, of {RECORDS}")
    print("| damage | intact |", " | ".join(readers), "|")
    print("| --- | --- |", " | ".join("---" for _ in readers), "|")
    for name, (data, count) in damages(members(RECORDS)).items():
        path = folder / ("x.warc" if "not compressed" in name else "x.warc.gz")
        path.write_bytes(data)
        found = " | ".join(str(tool(path)) for tool in readers.values())
        print(f"| {name} | {count} |", found, "|")


def memory(folder: Path, gigabytes: float) -> None:
    print("\n| ingest of | bytes | largest resident | CPU |\n| --- | --- | --- | --- |")
    for name, make in (
        (f"a file of {gigabytes:g} GB", lambda path: write_large(path, int(gigabytes * 1e9))),
        ("a record of 1 GiB in 1 MB", lambda path: path.write_bytes(bomb(claims_all=True))),
        ("the same with a stated length of 10 bytes", lambda path: path.write_bytes(bomb(False))),
    ):
        path = folder / "large.warc.gz"
        make(path)
        program = [sys.executable, "-m", "ilo_archive", "--home", folder / "home", "ingest", path]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        size = path.stat().st_size
        finished = subprocess.run(
            [sys.executable, "-c", MEASURED, *program], capture_output=True, text=True, check=False
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        peak = finished.stdout.splitlines()[-1]
        print(f"| {name} | {size} | {peak} MB | {after.ru_utime - before.ru_utime:.1f} s |")
        path.unlink()


MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def write_large(path: Path, size: int) -> None:
    """Write pages among images, in a proportion that crawls of whole sites have."""
    pages = members(RECORDS)
    chance = random.Random(1)
    with path.open("wb") as stream:
        number = 0
        while stream.tell() < size:
            block = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n" + chance.randbytes(10**6)
            stream.write(gzip.compress(head(len(block)) + block + b"\r\n\r\n", 1))
            stream.write(pages[number % RECORDS])
            number += 1


def bomb(claims_all: bool) -> bytes:
    engine = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    length = len(http) + (2**30 if claims_all else 10)
    parts = [engine.compress(head(length) + http)]
    parts += [engine.compress(b" " * 2**20) for _ in range(2**10)]
    return b"".join([*parts, engine.compress(b"\r\n\r\n"), engine.flush()])


def head(length: int) -> bytes:
    return (
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://www.ilo.org/x\r\n"
        "WARC-Date: 2015-04-14T10:32:17Z\r\nContent-Type: application/http\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="times each tool reads the file")
    parser.add_argument(
        "--memory", type=float, metavar="GB", help="also ingest a file of this size"
    )
    asked = parser.parse_args()
    logging.disable()  # warcio logs what it cannot read
    tools = {name: tool for name, (tool, module) in TOOLS.items() if find_spec(module)}
    with tempfile.TemporaryDirectory() as folder:
        speed(tools, Path(folder), asked.rounds)
        damaged(tools, Path(folder))
        if asked.memory:
            memory(Path(folder), asked.memory)


if __name__ == "__main__":
    main()
