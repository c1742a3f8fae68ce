"""What it takes to read a page: `python -m tests.support.measured_reading FILE`.

Run it with `start_module`: what it measures is what reading adds to the process it is forked from.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from time import process_time

from ilo_archive.reader.page import read_page

_UNIT = 2**20 if sys.platform == "darwin" else 1024  # bytes, and KB on Linux: a MB of ru_maxrss


@dataclass(frozen=True, slots=True)
class Measured:
    """CPU seconds, memory above that of the body, and what was read or refused."""

    seconds: float
    megabytes: float
    entries: int
    warnings: list[str]
    refusal: str | None


def measure(body: bytes) -> Measured:
    """Read a page and measure it."""
    before, start = _peak(), process_time()
    try:
        page = read_page(body)
    except ValueError as error:
        return Measured(process_time() - start, _peak() - before, 0, [], str(error))
    spent = process_time() - start
    return Measured(spent, _peak() - before, len(page.entries), list(page.warnings), None)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _UNIT


def main(file: str) -> None:
    """Print the measurements as JSON. The limit of CPU ends a page that never would."""
    body = Path(file).read_bytes()
    read_page(b"<ol><li><p>A title</p><p>1 May 2015</p></ol>")
    resource.setrlimit(resource.RLIMIT_CPU, (10, 12))
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    sys.stdout.write(json.dumps(asdict(measure(body))))


if __name__ == "__main__":
    main(sys.argv[1])
