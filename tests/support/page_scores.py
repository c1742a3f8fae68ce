"""How well the reader takes real list pages apart that the project does not have in its own tree.

    python -m tests.support.page_scores [FOLDER]        (or: make score)

reads every page of FOLDER/pages (default: ../shared/listings), has FOLDER/score.py compare the
readings with FOLDER/truth, prints its table, and ends with 1 where a figure is below its floor.
A floor is raised when the reader gets better, and never lowered.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ilo_archive.reader.block import PageRefused
from ilo_archive.reader.page import as_record, read_page
from tests.support.paths import ROOT

LISTINGS = ROOT.parent / "shared" / "listings"
FLOORS = {
    "recall_macro": 0.985,
    "exact_macro": 0.956,
    "precision_macro": 0.994,
    "sum_macro": 0.962,
    "none_clean": 25,
}
"""The least that each figure of score.py may be: means over pages, and pages left empty."""


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of score.py, and the table it prints."""

    figures: dict[str, float]
    table: str

    def below(self) -> list[str]:
        """What is below its floor, in words."""
        return [
            f"{name} is {self.figures[name]:.4f}, less than {floor}"
            for name, floor in FLOORS.items()
            if self.figures[name] < floor
        ]


def readings(pages: Path) -> str:
    """The readings of all pages of a folder, as `ilo-archive read` prints them: a line each."""
    return "\n".join(_reading(page) for page in sorted(pages.glob("*.html")))


def _reading(page: Path) -> str:
    try:
        record = as_record(read_page(page.read_bytes()), str(page))
    except PageRefused as error:
        record = {"source": str(page), "sections": [], "error": str(error)}
    return json.dumps(record, ensure_ascii=False)


def score(folder: Path) -> Score:
    """Read all pages and compare."""
    with tempfile.TemporaryDirectory() as name:
        read, figures = Path(name) / "readings.jsonl", Path(name) / "score.json"
        read.write_text(readings(folder / "pages"), encoding="utf-8")
        command = [folder / "score.py", folder / "truth", folder / "pages", read]
        run = subprocess.run(
            [sys.executable, *map(str, command), "--json", str(figures)],
            capture_output=True,
            text=True,
            check=True,
        )
        return Score(json.loads(figures.read_text(encoding="utf-8"))["total"], run.stdout)


def main() -> int:
    """Print the score of a folder of pages."""
    found = score(Path(sys.argv[1]) if len(sys.argv) > 1 else LISTINGS)
    below = found.below()
    sys.stdout.write(found.table + "".join(f"{each}\n" for each in below))
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
