"""How well the reader takes real list pages apart that the project does not have in its own tree.

    python -m tests.support.page_scores [FOLDER]        (or: make score)

reads every page of FOLDER/pages (default: ../shared/listings), has FOLDER/score.py compare the
readings with FOLDER/truth, prints its table, and ends with 1 where a figure is below its floor.
A floor is raised when the reader gets better, and never lowered.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ilo_archive.reader.block import PageRefused
from ilo_archive.reader.page import as_record, read_page
from tests.support.paths import ROOT

LISTINGS = ROOT.parent / "shared" / "listings"
Change = Callable[[bytes], bytes]
FLOORS = {
    "recall_macro": 0.985,
    "exact_macro": 0.98,
    "precision_macro": 0.994,
    "sum_macro": 0.962,
    "none_clean": 25,
}
"""The least that each figure of score.py may be: means over pages, and pages left empty."""
LOST_WITHOUT_NAMES = 0.02
"""How much smaller `exact_macro` may be where the pages have no class and no id."""


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


def readings(pages: Path, change: Change = bytes) -> str:
    """The readings of all pages of a folder, as `ilo-archive read` prints them: a line each.
    `change` is done to the bytes of each before.
    """
    return "\n".join(_reading(page, change) for page in sorted(pages.glob("*.html")))


def without_names(body: bytes) -> bytes:
    """A page without the classes and ids of its elements."""
    return _TAG.sub(lambda tag: _NAMES.sub(b"", tag[0]), body)


_TAG = re.compile(rb"<[a-zA-Z][^>]*>")
_NAMES = re.compile(rb"\s(?:class|id)\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+)", re.IGNORECASE)


def _reading(page: Path, change: Change) -> str:
    try:
        record = as_record(read_page(change(page.read_bytes())), str(page))
    except PageRefused as error:
        record = {"source": str(page), "sections": [], "error": str(error)}
    return json.dumps(record, ensure_ascii=False)


def score(folder: Path, change: Change = bytes) -> Score:
    """Read all pages and compare."""
    with tempfile.TemporaryDirectory() as name:
        read, figures = Path(name) / "readings.jsonl", Path(name) / "score.json"
        read.write_text(readings(folder / "pages", change), encoding="utf-8")
        command = [folder / "score.py", folder / "truth", folder / "pages", read]
        run = subprocess.run(
            [sys.executable, *map(str, command), "--json", str(figures)],
            capture_output=True,
            text=True,
            check=True,
        )
        return Score(json.loads(figures.read_text(encoding="utf-8"))["total"], run.stdout)


def lost_without_names(found: Score, nameless: Score) -> list[str]:
    """Whether too much is lost where classes and ids are deleted, in words."""
    exact, left = found.figures["exact_macro"], nameless.figures["exact_macro"]
    if exact - left <= LOST_WITHOUT_NAMES:
        return []
    return [f"exact_macro is {left:.4f} without classes and ids, {exact:.4f} with them"]


def main() -> int:
    """Print the score of a folder of pages."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else LISTINGS
    found = score(folder)
    below = [*found.below(), *lost_without_names(found, score(folder, without_names))]
    sys.stdout.write(found.table + "".join(f"{each}\n" for each in below))
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
