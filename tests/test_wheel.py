"""The wheel as a user meets it: one name in site-packages, and commands that run anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.wheel

ROOMS = {
    "ilo_archive": "ilo_archive",
    "spiders": "ilo_archive/spiders",
    "pipelines": "ilo_archive/pipelines",
}
"""Where a top-level folder of the repository stands in the wheel."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source distribution as a release is."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of a fresh environment with nothing but the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("fresh")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    commands = folder / "bin"
    limits = ("-c", ROOT / "constraints.txt")
    run(commands / "python", "-m", "pip", "install", "-q", *limits, wheel, cwd=folder)
    return commands


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """Run a command that knows nothing of this checkout; what it printed."""
    ours = ("PYTHON", "SCRAPY", "ILO_ARCHIVE", "VIRTUAL_ENV")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    result = subprocess.run(
        command,
        cwd=cwd,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def test_wheel_has_one_name_at_its_top(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"ilo_archive", f"ilo_archive-{project()['version']}.dist-info"}


def test_wheel_carries_every_file_of_the_program(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if name.startswith("ilo_archive/")}
    expected = {
        f"{place}/{path.relative_to(ROOT / room).as_posix()}"
        for room, place in ROOMS.items()
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert carried == expected
    assert "ilo_archive/py.typed" in carried


def test_install_adds_one_package(installed: Path) -> None:
    script = (
        "from importlib.metadata import files\n"
        "for name in sorted({path.parts[0] for path in files('ilo-archive')}): print(name)"
    )
    tops = run(installed / "python", "-c", script, cwd=installed).split()
    dist_info = f"ilo_archive-{project()['version']}.dist-info"
    assert [top for top in tops if top != ".."] == ["ilo_archive", dist_info]


def test_scrapy_lists_the_spiders_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    scrapy = installed / "scrapy"
    listed = run(scrapy, "list", cwd=tmp_path, SCRAPY_SETTINGS_MODULE="ilo_archive.settings")
    assert listed.split() == ["commoncrawl", "live", "local", "memento", "refetch", "wayback"]


def test_command_prints_its_version_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    printed = run(installed / "ilo-archive", "--version", cwd=tmp_path)
    assert project()["version"] in printed.split()[-1]


def test_command_knows_the_offices_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    assert "moscow" in run(installed / "ilo-archive", "offices", cwd=tmp_path)


def project() -> dict[str, str]:
    """The ``[project]`` table."""
    table: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return table
