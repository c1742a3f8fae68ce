"""The views: the columns of the contract, their values, and Datasette serving them."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.contract import CONTRACT
from tests.support.paths import SAMPLE_CAPTURES

ROOT = Path(__file__).resolve().parents[1]

STATES = {"listed", "fetched", "read", "unreadable", "failed", "skipped"}


@pytest.fixture(scope="session")
def database(sample_home: Path) -> Path:
    """The archive of the sample."""
    return sample_home / "archive.sqlite"


@pytest.fixture
def connection(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


# -- names ---------------------------------------------------------------------------------


def test_every_view_of_the_contract_is_there(connection: sqlite3.Connection) -> None:
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'")
    assert {row[0] for row in found} == set(CONTRACT)


@pytest.mark.parametrize("view", CONTRACT)
def test_a_view_has_the_columns_of_the_contract(connection: sqlite3.Connection, view: str) -> None:
    found = [row["name"] for row in connection.execute(f"PRAGMA table_info({view})")]
    named = CONTRACT[view].split(", ")
    assert [name for name in named if name not in found] == []
    assert found[: len(named)] == named
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("view", CONTRACT)
def test_no_view_is_empty_and_its_ids_are_unique(connection: sqlite3.Connection, view: str) -> None:
    rows = connection.execute(f"SELECT * FROM {view}").fetchall()
    assert rows
    key = CONTRACT[view].split(", ")[0]
    if view in ("captures", "news", "revisions", "runs"):
        assert len({row[key] for row in rows}) == len(rows)


# -- values --------------------------------------------------------------------------------

TIMES = ("captured_at", "first_seen", "last_seen", "absent_from", "started_at", "ended_at")


@pytest.mark.parametrize("view", CONTRACT)
def test_times_are_utc_and_dates_are_days(connection: sqlite3.Connection, view: str) -> None:
    rows = connection.execute(f"SELECT * FROM {view}").fetchall()
    assert rows
    for row in rows:
        for name in row.keys():  # noqa: SIM118 - a Row iterates over its values
            if row[name] is not None and name in TIMES:
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row[name])
            if row[name] is not None and name in ("date", "date_end"):
                assert re.fullmatch(r"\d{4}-\d\d-\d\d", row[name])
            assert row[name] != ""


def test_every_capture_has_a_known_state_and_a_record_in_the_store(
    connection: sqlite3.Connection, database: Path
) -> None:
    rows = connection.execute("SELECT * FROM captures").fetchall()
    assert len(rows) == SAMPLE_CAPTURES
    for row in rows:
        assert row["state"] in STATES
        assert (row["reason"] is None) == (row["quality"] == "good")
        assert (database.parent / "warc" / row["warc_file"]).stat().st_size > row["warc_offset"]
        assert re.fullmatch(r"[A-Z2-7]{32}", row["digest"])


def test_counts_of_one_view_are_rows_of_another(connection: sqlite3.Connection) -> None:
    """Counts of one view are rows of another."""
    nothing = [
        "SELECT entry_id FROM sightings EXCEPT SELECT entry_id FROM news",
        "SELECT entry_id FROM news EXCEPT SELECT entry_id FROM sightings",
        "SELECT revision_id FROM sightings EXCEPT SELECT revision_id FROM revisions",
        "SELECT capture_id FROM sightings EXCEPT SELECT id FROM captures",
        """SELECT entry_id FROM news WHERE sightings <>
           (SELECT count(*) FROM sightings WHERE sightings.entry_id = news.entry_id)""",
        """SELECT entry_id FROM news WHERE revisions <>
           (SELECT count(*) FROM revisions WHERE revisions.entry_id = news.entry_id)""",
        "SELECT entry_id FROM news WHERE last_seen < first_seen OR absent_from <= last_seen",
    ]
    for sql in nothing:
        assert connection.execute(sql).fetchall() == [], sql


def test_the_sample_has_the_history_that_its_readme_describes(
    connection: sqlite3.Connection,
) -> None:
    """14 captures, one of them an archived 503; Arctic school there, away, and back."""
    count = connection.execute("SELECT count(*), sum(status = 503) FROM captures").fetchone()
    assert tuple(count) == (14, 1)
    row = connection.execute("SELECT * FROM news WHERE entry_id = 'wcms-356122-en'").fetchone()
    assert row["first_seen"] == "2015-04-14T10:32:17Z"
    assert row["last_seen"] == "2016-02-12T05:19:20Z"
    assert row["absent_from"] == "2016-11-09T21:30:04Z"
    assert (row["sightings"], row["revisions"]) == (4, 1)
    edited = connection.execute("SELECT revisions FROM news WHERE entry_id = 'wcms-359871-en'")
    assert edited.fetchone()[0] == 2
    run = connection.execute("SELECT * FROM runs").fetchone()
    assert (run["command"], run["outcome"], run["captures"]) == ("ingest", "finished", 14)


# -- datasette -----------------------------------------------------------------------------


NEWSLETTERS = (
    "/archive/news.json?title__contains=Newsletter&language=en&_sort_desc=date&_shape=array"
)
DELETE = "/archive.json?sql=delete+from+entry"
ASKED = [
    *(f"/archive/{view}.json?_shape=objects&_size=max" for view in CONTRACT),
    *(f"/archive/{view}" for view in CONTRACT),
    *(NEWSLETTERS, DELETE),
]
SERVE = """
import asyncio, json, sys
from datasette.app import Datasette

async def answer(path, asked):
    datasette = Datasette([path])
    await datasette.invoke_startup()
    answers = [await datasette.client.get(each) for each in asked]
    print(json.dumps({each: [a.status_code, a.text] for each, a in zip(asked, answers)}))

asyncio.run(answer(sys.argv[1], sys.argv[2:]))
"""


@pytest.fixture(scope="module")
def served(database: Path) -> dict[str, tuple[int, str]]:
    """Status and text of Datasette's answers. In a process of its own: it leaves connections open.

    Datasette is part of the install extra `all`, so CI must have it.
    """
    if not os.environ.get("CI"):
        pytest.importorskip("datasette")
    command = [sys.executable, "-c", SERVE, str(database), *ASKED]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    printed = ended.stdout.splitlines()[-1]  # behind what Datasette has to say of DELETE
    answers: dict[str, tuple[int, str]] = json.loads(printed)
    return answers


@pytest.mark.slow
@pytest.mark.parametrize("view", CONTRACT)
def test_datasette_serves_a_view_as_json_and_as_a_page(
    served: dict[str, tuple[int, str]], connection: sqlite3.Connection, view: str
) -> None:
    status, text = served[f"/archive/{view}.json?_shape=objects&_size=max"]
    assert status == 200
    rows = json.loads(text)["rows"]
    assert len(rows) == connection.execute(f"SELECT count(*) FROM {view}").fetchone()[0]
    assert set(CONTRACT[view].split(", ")) <= set(rows[0])
    assert served[f"/archive/{view}"][0] == 200


@pytest.mark.slow
def test_datasette_filters_and_sorts_a_view(served: dict[str, tuple[int, str]]) -> None:
    assert [row["entry_id"] for row in json.loads(served[NEWSLETTERS][1])] == [
        "wcms-526118-en",
        "wcms-359406-en",
        "wcms-359401-en",
    ]


@pytest.mark.slow
def test_datasette_can_write_nothing(
    served: dict[str, tuple[int, str]], connection: sqlite3.Connection
) -> None:
    assert served[DELETE][0] == 400
    assert connection.execute("SELECT count(*) FROM news").fetchone()[0] == 48
