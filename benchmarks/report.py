"""What a report costs: `python benchmarks/report.py [CAPTURES ...]`.

For archives of one office with so many captures (100 and 1,000 by default): the size of the
office's page, of the single file, and of all step pages; seconds and peak memory of `report` in a
process of its own.
The limits are 500 KB for the page and the file at 100 captures, 10 s and 300 MB at 1,000.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.support.long_archive import make_long_archive

LIMITS = {100: (500, None, None), 1000: (None, 10, 300)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("captures", nargs="*", type=int, default=[100, 1000])
    failed = False
    for captures in parser.parse_args().captures:
        with tempfile.TemporaryDirectory() as home:
            make_long_archive(Path(home), captures)
            failed |= measure(Path(home), captures)
    sys.exit(failed)


def measure(home: Path, captures: int) -> bool:
    """Print what both kinds of report cost; whether a limit was passed."""
    folder, alone = home / "reports", home / "alone.html"
    seconds, peak = timed(home, "report")
    alone_seconds, alone_peak = timed(home, "report", "moscow", "-o", str(alone))
    office = (folder / "moscow.html").stat().st_size
    steps = sum(path.stat().st_size for path in folder.glob("moscow/*.html"))
    page = max(office, alone.stat().st_size) / 1000
    print(f"{captures:,} captures")
    print(f"  page {office / 1000:,.0f} KB, steps {steps / 1000:,.0f} KB")
    print(f"  one file {alone.stat().st_size / 1000:,.0f} KB")
    print(f"  folder {seconds:.1f} s, {peak:.0f} MB")
    print(f"  one file {alone_seconds:.1f} s, {alone_peak:.0f} MB")
    kilobytes, most_seconds, most_memory = LIMITS.get(captures, (None, None, None))
    values = (
        (page, kilobytes),
        (max(seconds, alone_seconds), most_seconds),
        (max(peak, alone_peak), most_memory),
    )
    over = [f"{value:,.1f} > {limit}" for value, limit in values if limit and value > limit]
    print("  over the limit: " + ", ".join(over) if over else "  within the limits")
    return bool(over)


def timed(home: Path, *command: str) -> tuple[float, float]:
    """Seconds and peak memory in MB of a run of the program."""
    start = time.perf_counter()
    program = [sys.executable, "-m", "ilo_archive", "--home", str(home), *command]
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1000


if __name__ == "__main__":
    main()
