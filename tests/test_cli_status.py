"""`status`: last runs and alarms."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.offices import registry
from tests.support.answers import (
    Ask,
)
from tests.support.build import NOW, a_snapshot


def test_status_prints_runs_freshness_and_alarms(in_process: Ask, sample_home: Path) -> None:
    outcome = in_process("--home", sample_home, "status")
    assert (outcome.code, outcome.err) == (0, "")
    assert re.search(r"^ingest +\S+Z +finished +14 +48 +", outcome.out, re.MULTILINE)
    assert re.search(
        r"^moscow +14 +13 +2015-04-14T10:32:17Z +2021-06-11T09:06:44Z", outcome.out, re.MULTILINE
    )
    assert "No alarms" in outcome.out  # an archived error page is content
    printed = json.loads(in_process("--home", sample_home, "status", "--format", "json").out)
    assert printed["states"] == {"read": 13, "unreadable": 1}
    assert printed["runs"][0]["outcome"] == "finished"


def test_a_run_without_an_outcome_is_printed_in_words(in_process: Ask, home: Path) -> None:
    writer = ArchiveWriter(home, registry())
    writer.start_run("crawl", NOW)
    writer.close()
    outcome = in_process("--home", home, "status")
    row = next(line for line in outcome.lines if line.startswith("crawl"))
    assert re.search(r"00:00:00Z +[a-z]", row), row


def test_a_killed_run_and_captures_not_fetched_are_alarms(in_process: Ask, home: Path) -> None:
    writer = ArchiveWriter(home, registry())
    writer.start_run("crawl", NOW)
    writer.list_captures([a_snapshot("2015", None).capture])
    writer.close()
    alarms = in_process("--home", home, "status").out.partition("Alarms")[2]
    assert re.search(r"\b1 capture", alarms)
    assert re.search(r"kill|not ended|did not end|unfinished", alarms)
