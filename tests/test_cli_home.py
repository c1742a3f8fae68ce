"""Where the home is: the option, the environment, the default."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.answers import (
    Ask,
)
from tests.support.paths import ENGLISH_PAGE, HOMEPAGE
from tests.support.run import run, run_command


def test_the_home_is_the_option_or_the_environment_or_data(
    in_process: Ask, sample_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert in_process("entries").code == 2
    (tmp_path / "data").symlink_to(sample_home)
    by_default = in_process("entries", "--format", "json")
    monkeypatch.setenv("ILO_ARCHIVE_HOME", str(tmp_path / "none"))
    assert in_process("entries").code == 2
    by_option = in_process("--home", sample_home, "entries", "--format", "json")
    monkeypatch.setenv("ILO_ARCHIVE_HOME", str(sample_home))
    assert (
        in_process("entries", "--format", "json").out == by_option.out == by_default.out != "[]\n"
    )


def test_a_run_writes_into_its_home_only(tmp_path: Path) -> None:
    outcome = run_command(
        "ingest", ENGLISH_PAGE, "--url", HOMEPAGE, folder=tmp_path, ILO_ARCHIVE_HOME="the home#1"
    )
    assert outcome.code == 0
    assert [each.name for each in tmp_path.iterdir()] == ["the home#1"]
    made = {each.name for each in (tmp_path / "the home#1").iterdir()}
    assert {"archive.sqlite", "warc"} <= made


def test_a_relative_home_is_below_the_working_folder(tmp_path: Path) -> None:
    assert run(Path("h"), "ingest", ENGLISH_PAGE, "--url", HOMEPAGE, folder=tmp_path).code == 0
    assert run(tmp_path / "h", "show", "wcms-356122-en").code == 0
