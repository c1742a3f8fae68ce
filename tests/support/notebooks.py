"""Run a notebook, as `make docs` and the tests do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from tests.support.paths import ROOT

NOTEBOOKS = ROOT / "docs" / "notebooks"
_LIMIT = 240  # seconds for a cell; observed: 5


def stored(path: Path) -> Any:
    """The notebook as it is."""
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def executed(path: Path) -> Any:
    """The notebook with what its cells print now, and nothing of when they ran.

    Raises CellExecutionError where a cell fails.
    """
    notebook = stored(path)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=_LIMIT,
        kernel_name="python3",
        resources={"metadata": {"path": str(ROOT)}},
        record_timing=False,
    )
    done = client.execute()
    done.metadata["language_info"] = {"name": "python"}  # not the version that ran it
    return done


def printed(notebook: Any) -> list[str]:
    """What each cell of code prints."""
    return [
        "".join(each.get("text", "") for each in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def main() -> None:
    """Store in every notebook what its cells print now."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        done = executed(path)
        nbformat.write(done, path)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
