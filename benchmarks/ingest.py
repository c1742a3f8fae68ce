"""Measure `ingest` from WARC to database: `python benchmarks/ingest.py [CAPTURES]`.

CPU time of the command in a process of its own, less that of `ingest` of a single capture, compared
with inflating and parsing the same captures and nothing else. Pages have 40 KB; medians of some
runs, in turn. Then the CPU time of commands with the start of the interpreter.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from lxml import etree

sys.path.insert(0, str(Path(__file__).parent.parent))
from warc import page

from tests.support.warcs import Response, write_warc

BEGIN = datetime(2010, 1, 5, tzinfo=UTC)
ROUNDS = 5


def write(path: Path, captures: int) -> Path:
    """A WARC file of captures of one page, a day apart."""
    days = (BEGIN + timedelta(days=number) for number in range(captures))
    responses = [Response(f"{day:%Y%m%d%H%M%S}", page(at)) for at, day in enumerate(days)]
    return write_warc(path, *responses)


def floor(path: Path) -> None:
    """Inflate each record and parse its page."""
    data = path.read_bytes()
    while data:
        engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
        record = engine.decompress(data)
        data = engine.unused_data
        body = record.split(b"\r\n\r\n", 2)[2]
        etree.fromstring(body, etree.HTMLParser(encoding="utf-8"))


def cpu(call: Callable[[], object]) -> float:
    """Seconds of CPU of this process."""
    begin = time.process_time()
    call()
    return time.process_time() - begin


def ran(home: Path, *arguments: str) -> float:
    """Seconds of CPU of a command."""
    command = [sys.executable, "-m", "ilo_archive", "--home", str(home), *arguments]
    # Modules are compiled once, as for anybody who installed the program.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    begin = _children()
    subprocess.run(
        command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return _children() - begin


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("captures", type=int, nargs="?", default=1000)
    captures = parser.parse_args().captures
    with tempfile.TemporaryDirectory() as folder:
        many, one = write(Path(folder, "many.warc.gz"), captures), Path(folder, "one.warc.gz")
        write(one, 1)
        floors, costs, starts = [], [], []
        for at in range(ROUNDS):
            floors.append(cpu(lambda: floor(many)))
            starts.append(ran(Path(folder, f"one-{at}"), "ingest", str(one)))
            costs.append(ran(Path(folder, f"many-{at}"), "ingest", str(many)))
        bare = 1e3 * median(floors) / captures
        each = 1e3 * (median(costs) - median(starts)) / (captures - 1)
        print(f"{captures:,} captures: inflate and parse {bare:.2f} ms each, ", end="")
        print(f"ingest {each:.2f} ms, {each / bare:.1f} x\n")
        print("| command | s of CPU |\n| --- | --- |")
        print(f"| ingest of one file | {median(starts):.2f} |")
        for asked in ("--help", "entries --limit 20", "status", "search decent", "offices"):
            took = median([ran(Path(folder, "many-0"), *asked.split()) for _ in range(ROUNDS)])
            print(f"| {asked} | {took:.2f} |")


if __name__ == "__main__":
    main()
