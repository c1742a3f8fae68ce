"""`export FOLDER`: a data package, judged by the programs of others, and `verify` of it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pandas
import pytest

from ilo_archive.export.manifest import MANIFEST
from ilo_archive.export.provenance import ADDRESS
from ilo_archive.published.codebook import Table, tables
from tests.support.answers import Ask, assert_one_line
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item
from tests.support.homes import column, copy_home
from tests.support.paths import ROOT, SAMPLE_CAPTURES, SAMPLE_ENTRIES
from tests.support.pywb_server import find_validator
from tests.support.run import Outcome, run

pytestmark = pytest.mark.slow

HOSTILE = '=1+1 | "quoted", \r\n <b>bold</b> {{ x }} [a](javascript:alert(1)) \u202e'


@pytest.fixture(scope="module")
def home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, with a decision and a motivation, but nothing on rights."""
    copied = copy_home(sample_home, tmp_path_factory.mktemp("packaged") / "home")
    outcome = run(copied, "merge", "wcms-374655-en", "wcms-376018-en", "--note", "a test")
    assert outcome.code == 0, outcome.err
    (copied / "motivation.md").write_text("To see what was shown.\n", encoding="utf-8")
    return copied


@pytest.fixture(scope="module")
def package(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its data package. Tests leave it as it is."""
    target = tmp_path_factory.mktemp("packages") / "moscow"
    outcome = run(home, "export", target)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"{SAMPLE_CAPTURES} captures, 13 pages: {target}\n"
    return target


@pytest.fixture
def changed(package: Path, tmp_path: Path) -> Path:
    """A copy of the package, for the test to change."""
    return Path(shutil.copytree(package, tmp_path / "changed"))


def verified(ask: Ask, package: Path) -> Outcome:
    outcome: Outcome = ask("--home", package.parent / "no-archive-here", "verify", package)
    return outcome


def judged(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What a program of pywb's environment says of a package."""
    return subprocess.run(
        [find_validator(program), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


# -- the programs of others -------------------------------------------------------------------


def test_frictionless_finds_it_valid(package: Path) -> None:
    outcome = judged("frictionless", "validate", "--json", package / "datapackage.json")
    report = json.loads(outcome.stdout)
    assert report["valid"], report["tasks"]
    names = {task["name"]: task["type"] for task in report["tasks"]}
    assert {f"{each.name}-csv" for each in tables()} <= names.keys()
    assert sum(kind == "table" for kind in names.values()) == len(tables())


def test_frictionless_sees_a_key_that_leads_nowhere(changed: Path) -> None:
    path = changed / "csv" / "offices.csv"
    path.write_text(path.read_text("utf-8").splitlines()[0] + "\r\n", encoding="utf-8")
    descriptor = json.loads((changed / "datapackage.json").read_text("utf-8"))
    for each in descriptor["resources"]:
        del each["hash"], each["bytes"]
    (changed / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    outcome = judged("frictionless", "validate", "--json", changed / "datapackage.json")
    assert "foreign-key" in outcome.stdout


def test_the_validator_of_ro_crate_finds_it_valid(package: Path) -> None:
    script = ROOT / "tests" / "support" / "validate_crate.py"
    outcome = judged("python", script, package, "REQUIRED")
    assert (outcome.returncode, outcome.stdout) == (0, ""), outcome.stderr


def test_what_ro_crate_recommends_is_missing_of_the_exporter_alone(package: Path) -> None:
    script = ROOT / "tests" / "support" / "validate_crate.py"
    outcome = judged("python", script, package, "RECOMMENDED")
    assert [line.partition(": ")[2] for line in outcome.stdout.splitlines()] == [
        "The organization SHOULD have a URL."
    ]


def test_wacz_validate_accepts_its_captures(package: Path) -> None:
    outcome = judged("wacz", "validate", "-f", package / "captures.wacz")
    assert "Validation succeeded" in outcome.stdout


def test_pywb_replays_the_page_on_where_captures_come_from(
    pywb: Callable[..., str], package: Path
) -> None:
    address = pywb(package / "captures.wacz")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{address}/id_/{ADDRESS}") as response:
        page = response.read().decode()
    assert "<td>moscow.warc</td><td>14</td><td>13</td>" in page


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_duckdb_and_pandas_read_each_table_in_each_form(package: Path, table: Table) -> None:
    rows = column(package / "published.sqlite", f"SELECT count(*) FROM {table.name}")[0]
    csv_file = package / "csv" / f"{table.name}.csv"
    parquet_file = package / "parquet" / f"{table.name}.parquet"
    database = duckdb.connect()
    for path in (csv_file, parquet_file):
        assert database.execute(f"SELECT count(*) FROM '{path}'").fetchall() == [(rows,)]
    frames = (pandas.read_csv(csv_file), pandas.read_parquet(parquet_file))
    for frame in frames:
        assert list(frame.columns) == [each.name for each in table.columns]
        assert len(frame) == rows
        assert list(frame["id"]) == list(range(1, rows + 1))


def test_a_question_joins_the_parquet_files(package: Path) -> None:
    question = f"""
        SELECT entries.entry_id, count(*) AS captures
        FROM '{package}/parquet/sightings.parquet' AS sightings
        JOIN '{package}/parquet/entries.parquet' AS entries ON entries.id = sightings.entry
        WHERE entries.entry_id = 'wcms-356122-en' GROUP BY ALL"""
    assert duckdb.connect().execute(question).fetchall() == [("wcms-356122-en", 4)]


# -- what it says -----------------------------------------------------------------------------


def test_the_descriptor_has_the_codebook(package: Path) -> None:
    descriptor = json.loads((package / "datapackage.json").read_text("utf-8"))
    resources = {each["name"]: each for each in descriptor["resources"]}
    for table in tables():
        schema = resources[f"{table.name}-csv"]["schema"]
        fields = [(each["name"], each["description"]) for each in schema["fields"]]
        assert fields == [(each.name, each.meaning) for each in table.columns]
        keys = {each["fields"][0] for each in schema.get("foreignKeys", ())}
        assert keys == {each.name for each in table.columns if each.references}


def test_the_codebook_describes_every_column(package: Path) -> None:
    text = (package / "codebook.md").read_text("utf-8")
    for table in tables():
        part = text.partition(f"\n## {table.name}\n")[2].partition("\n## ")[0]
        assert [line.split("`")[1] for line in part.splitlines() if line.startswith("| `")] == [
            each.name for each in table.columns
        ]


def test_the_datasheet_says_what_was_collected_and_what_is_absent(package: Path) -> None:
    text = (package / "datasheet.md").read_text("utf-8")
    for heading in (
        "Motivation", "Composition", "Collection process", "Preprocessing, cleaning, labelling",
        "Uses", "Distribution", "Maintenance",
    ):  # fmt: skip
        assert f"\n## {heading}\n" in text
    assert f"{SAMPLE_ENTRIES - 1} entries" in text
    assert "13 good captures of 14 known captures" in text
    assert "| failed | error | 1 |" in text
    assert "| `moscow/en` | 2020-04-28 | 2021-06-03 | 400 |" in text
    assert "in 1 case by a" in text


def test_only_motivation_and_rights_are_left_to_a_person(home: Path, package: Path) -> None:
    assert "To see what was shown." in (package / "datasheet.md").read_text("utf-8")
    left = [
        path.name for path in package.glob("*.md") if "To be written" in path.read_text("utf-8")
    ]
    assert left == ["RIGHTS.md"]


def test_its_checksums_are_those_of_sha256sum(package: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", MANIFEST],
        cwd=package,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    listed = {line.split("  ", 1)[1] for line in (package / MANIFEST).read_text().splitlines()}
    present = {path.relative_to(package).as_posix() for path in package.rglob("*.*")}
    assert listed == present - {MANIFEST}


# -- verify -----------------------------------------------------------------------------------


def test_a_whole_package_has_no_damage_on_another_machine(
    in_process: Ask, package: Path, tmp_path: Path
) -> None:
    elsewhere = Path(shutil.copytree(package, tmp_path / "elsewhere"))
    outcome = verified(in_process, elsewhere)
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == "30 files and 29 records checked: 0 damages\n"


def every_file(package: Path) -> list[str]:
    return [each.relative_to(package).as_posix() for each in sorted(package.rglob("*.*"))]


def test_a_changed_byte_of_any_file_is_found(in_process: Ask, changed: Path) -> None:
    for name in every_file(changed):
        path = changed / name
        before = path.read_bytes()
        middle = len(before) // 2
        path.write_bytes(before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :])
        outcome = verified(in_process, changed)
        assert outcome.code in (1, 2), name
        assert name in (outcome.out + outcome.err) or name == MANIFEST
        path.write_bytes(before)


def test_any_missing_file_is_found(in_process: Ask, changed: Path) -> None:
    for name in every_file(changed):
        path = changed / name
        before = path.read_bytes()
        path.unlink()
        outcome = verified(in_process, changed)
        assert outcome.code == (2 if name == MANIFEST else 1)
        assert name in outcome.out + outcome.err
        path.write_bytes(before)


def test_a_file_more_is_found(in_process: Ask, changed: Path) -> None:
    (changed / "csv" / "more.csv").write_text("x")
    outcome = verified(in_process, changed)
    assert (outcome.code, outcome.lines) == (
        1, ["csv/more.csv is not listed: no export wrote it"],
    )  # fmt: skip


def test_a_list_that_was_written_again_is_found(in_process: Ask, changed: Path) -> None:
    (changed / "csv" / "runs.csv").unlink()
    (changed / "csv" / "edits.csv").write_text("other")
    kept = [
        line
        for line in (changed / MANIFEST).read_text().splitlines()
        if "csv/runs.csv" not in line and "csv/edits.csv" not in line
    ]
    other = sha256(b"other").hexdigest()
    (changed / MANIFEST).write_text("\n".join([*kept, f"{other}  csv/edits.csv", ""]))
    outcome = verified(in_process, changed)
    assert (outcome.code, outcome.lines) == (
        1,
        [
            f"csv/edits.csv has another checksum in datapackage.json than in {MANIFEST}",
            f"csv/runs.csv is described in datapackage.json and not listed in {MANIFEST}",
        ],
    )


@pytest.mark.parametrize("text", [None, "", "no checksum\n", "\xff"])
def test_a_folder_that_is_no_package_is_one_line(
    in_process: Ask, tmp_path: Path, text: str | None
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    if text is not None:
        (folder / MANIFEST).write_bytes(text.encode("latin-1"))
    outcome = verified(in_process, folder)
    if text == "":
        assert outcome.code == 1  # a list of no files: the descriptor is missing
    else:
        assert_one_line(outcome, 2)


# -- where it is written ----------------------------------------------------------------------


def test_a_package_replaces_the_former_one(in_process: Ask, home: Path, changed: Path) -> None:
    (changed / "csv" / "runs.csv").write_text("damaged")
    assert in_process("--home", home, "export", changed).code == 0
    assert verified(in_process, changed).code == 0
    assert [each.name for each in changed.parent.iterdir()] == [changed.name]


def test_files_of_others_are_not_removed(
    in_process: Ask, home: Path, changed: Path, tmp_path: Path
) -> None:
    (changed / "notes.md").write_text("mine")
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    for folder, name in ((changed, "notes.md"), (other, "mine.txt")):
        assert_one_line(in_process("--home", home, "export", folder), 2)
        assert (folder / name).read_text() == "mine"


def test_an_empty_folder_is_filled(in_process: Ask, home: Path, tmp_path: Path) -> None:
    target = tmp_path / "with.ending"
    target.mkdir()
    assert in_process("--home", home, "export", target).code == 0
    assert verified(in_process, target).code == 0


def test_a_full_disk_leaves_the_former_package(
    in_process: Ask, home: Path, changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (changed / MANIFEST).read_bytes()

    def refuse(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("ilo_archive.atomic_files.os.fsync", refuse)
    assert_one_line(in_process("--home", home, "export", changed), 7)
    assert (changed / MANIFEST).read_bytes() == before
    assert [each.name for each in changed.parent.iterdir()] == [changed.name]


def test_one_office_is_no_package(in_process: Ask, home: Path, tmp_path: Path) -> None:
    arguments = ("export", tmp_path / "package", "--office", "moscow")
    assert_one_line(in_process("--home", home, *arguments), 2)


def test_without_pyarrow_the_rest_is_made(
    in_process: Ask, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    outcome = in_process("--home", home, "export", tmp_path / "package")
    assert outcome.code == 0
    assert "pip install 'ilo-archive[parquet]'" in outcome.err
    assert not (tmp_path / "package" / "parquet").exists()
    assert verified(in_process, tmp_path / "package").code == 0


def test_an_archive_without_captures_has_a_package(in_process: Ask, tmp_path: Path) -> None:
    an_archive(tmp_path / "home")
    assert in_process("--home", tmp_path / "home", "export", tmp_path / "package").code == 0
    assert verified(in_process, tmp_path / "package").code == 0


def test_texts_of_pages_stay_what_they_are(in_process: Ask, tmp_path: Path) -> None:
    entry = an_entry(HOSTILE, link=item(1), credit=f"© {HOSTILE}")
    an_archive(tmp_path / "home", a_snapshot("2015", a_page(entry, office=HOSTILE)))
    package = tmp_path / "package"
    outcome = in_process("--home", tmp_path / "home", "export", package)
    assert outcome.code == 4  # the store has no record of it
    with (package / "csv" / "entries.csv").open(encoding="utf-8", newline="") as stream:
        rows: list[dict[str, Any]] = list(csv.DictReader(stream))
    stored = column(package / "published.sqlite", "SELECT title FROM entries")
    assert [row["title"] for row in rows] == stored
    report = judged("frictionless", "validate", "--json", package / "datapackage.json")
    assert json.loads(report.stdout)["valid"]
    assert "Of 1 capture the raw bytes are lost" in (package / "datasheet.md").read_text("utf-8")
