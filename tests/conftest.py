"""What the tests share."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from tests.pywb_server import ROOT, serving

# An example on a busy machine may take long; what must be fast is measured in benchmarks/.
settings.register_profile("unhurried", parent=settings(), deadline=None)
settings.load_profile("unhurried")

# A shell has what it starts in the background ignore Ctrl-C, and so would every program of a test.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference pages that lies beside a checkout that is worked on."""
    folder = ROOT.parent / "shared"
    if not (folder / "seeds").is_dir():
        pytest.skip("no ../shared beside this checkout")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home of the archive."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def pywb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """A function: WARC files -> address of a pywb collection that serves them until the end."""
    with ExitStack() as servers:
        addresses: dict[tuple[Path, ...], str] = {}

        def serve(*warcs: Path) -> str:
            if warcs not in addresses:
                folder = tmp_path_factory.mktemp("pywb")
                addresses[warcs] = servers.enter_context(serving(warcs, folder))
            return addresses[warcs]

        yield serve
