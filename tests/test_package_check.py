"""`verify PACKAGE`: an exported package is checked by itself."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest

from ilo_archive.export.package_check import check_package
from tests.support.answers import Ask
from tests.support.run import run

pytestmark = pytest.mark.slow

Changed = Callable[[dict[str, bytes]], object]


@pytest.fixture(scope="module")
def package(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as a WACZ file."""
    target = tmp_path_factory.mktemp("packages") / "sample.wacz"
    assert run(sample_home, "export", target).code == 0
    return target


def rewritten(package: Path, target: Path, change: Changed) -> Path:
    """A copy of a package with other members."""
    with ZipFile(package) as source:
        members = {name: source.read(name) for name in source.namelist()}
    change(members)
    with ZipFile(target, "w", ZIP_STORED) as written:
        for name, data in members.items():
            written.writestr(name, data)
    return target


def test_a_whole_package_has_no_damage_on_another_machine(
    in_process: Ask, package: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "elsewhere.wacz"
    shutil.copy(package, alone)
    outcome = in_process("--home", tmp_path / "none", "verify", alone)
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.endswith("records checked: 0 damages\n")
    assert not (tmp_path / "none").exists()


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


WARC = "archive/captures-00001.warc.gz"
CHANGES: dict[str, tuple[Changed, str]] = {
    "a bit of a record": (lambda m: m.update({WARC: flipped(m[WARC], 4000)}), WARC),
    "a record cut off": (lambda m: m.update({WARC: m[WARC][:-100]}), "are listed"),
    "no records": (lambda m: m.pop(WARC), f"{WARC} is missing"),
    "no index": (lambda m: m.pop("indexes/index.cdx.gz"), "index.cdx.gz is missing"),
    "no list": (lambda m: m.pop("datapackage.json"), "datapackage.json is missing"),
    "another list": (
        lambda m: m.update({"datapackage.json": m["datapackage.json"].replace(b"2015", b"2014", 1)
                            + b" "}),
        "another checksum than datapackage-digest.json",
    ),
    "deep brackets": (lambda m: m.update({"datapackage.json": b"[" * 100_000}), "cannot be read"),
    "a file more": (lambda m: m.update({"archive/more.txt": b"x"}), "more.txt is not listed"),
    "a page less": (lambda m: m.update({"pages/pages.jsonl": b""}), "pages.jsonl has 0 bytes"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_damage_of_a_package_is_named(
    in_process: Ask, package: Path, tmp_path: Path, name: str
) -> None:
    change, line = CHANGES[name]
    changed = rewritten(package, tmp_path / "changed.wacz", change)
    outcome = in_process("verify", changed)
    assert outcome.code == 1
    assert line in outcome.out


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip file"])
def test_what_is_no_package_is_named(in_process: Ask, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "x.wacz"
    file.write_bytes(data)
    outcome = in_process("verify", file)
    assert (outcome.code, len(outcome.lines)) == (1, 1)
    assert "no whole WACZ file" in outcome.out


@pytest.mark.parametrize("seed", range(20))
def test_any_flipped_bit_within_a_member_is_found(package: Path, tmp_path: Path, seed: int) -> None:
    chosen = random.Random(seed)

    def flip(members: dict[str, bytes]) -> None:
        # What states the checksum of the list is covered by the zip file's own checksum alone.
        names = [each for each in members if each != "datapackage-digest.json"]
        name = chosen.choice(names)
        members[name] = flipped(members[name], chosen.randrange(len(members[name])))

    _, found = check_package(rewritten(package, tmp_path / "flipped.wacz", flip))
    assert found
