"""The photographs of reports in README.md: `python -m tools.screenshots`, which needs Chromium.

The pages are those of the sample: lifelines on the office's page, and a step in one list.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.chromium import Browser, browser, find_chromium

FOLDER = Path(__file__).parent.parent / "docs" / "images"
WIDTH, HEIGHT = 1000, 760  # in CSS pixels


def main() -> None:
    """Write `docs/images/lifelines.png` and `docs/images/step.png`."""
    program = find_chromium() or sys.exit("Chromium is needed: install the package chromium")
    with tempfile.TemporaryDirectory() as home, browser(program) as tab:
        for command in (["ingest", "data/sample"], ["report"]):
            words = [sys.executable, "-m", "ilo_archive", "--home", home, *command]
            subprocess.run(words, check=True, capture_output=True)
        reports = Path(home) / "reports"
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name, page, element in (
            ("lifelines", "moscow.html", "#lives"),
            ("step", "moscow/en-1.html", "h1"),
        ):
            tab.open((reports / page).as_uri(), WIDTH)
            (FOLDER / f"{name}.png").write_bytes(photograph(tab, element))


def photograph(tab: Browser, element: str) -> bytes:
    """A PNG of the page from just above an element on."""
    top = tab.evaluate(f"document.querySelector('{element}').getBoundingClientRect().top")
    return tab.screenshot((0, max(0, float(top) - 24), WIDTH, HEIGHT))


if __name__ == "__main__":
    main()
