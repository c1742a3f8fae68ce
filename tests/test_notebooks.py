"""The notebooks of the documentation run, and show what a run prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.notebooks import NOTEBOOKS, executed, printed, stored

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # those of the packages that start a kernel
]


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_shows_what_it_prints_now(path: Path) -> None:
    assert printed(executed(path)) == printed(stored(path)), "run: make docs"


def test_there_is_a_notebook_on_the_moscow_office() -> None:
    outputs = "".join(printed(stored(NOTEBOOKS / "moscow-2015-2021.ipynb")))
    assert "on both: ['Decent work in ten countries: an overview']" in outputs
    assert "Employment policy in the spotlight in Astana" in outputs
