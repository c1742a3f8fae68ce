"""Alarms: each injected failure is named within one run, and a year of good runs names none."""

import gzip
import json
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ilo_archive import Archive
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Failure, NotFetched, Position
from ilo_archive.maintenance.alarms import home_alarms
from ilo_archive.offices import registry
from ilo_archive.reader.page import Page
from ilo_archive.reader.snapshot import Quality, Snapshot, State
from tests.support.answers import Ask
from tests.support.build import a_page, a_snapshot, news, utc
from tests.support.homes import copy_home

pytestmark = pytest.mark.slow

START = utc("2015-01-05T04:00:00Z")
WEEK = timedelta(days=7)


@dataclass
class Watched:
    """A home that a crawl visits every week; `now` is the time of the last run."""

    home: Path
    now: datetime = START

    @property
    def next(self) -> datetime:
        """The time of the next run."""
        return self.now + WEEK

    def page(self, **changes: object) -> Page:
        """The page of the next week: four entries, of which the first is new."""
        week = (self.next - START) // WEEK
        days = [self.next.date() - timedelta(days=7 * age + 1) for age in range(4)]
        entries = [
            news(week + 10 - age, f"Title {week - age}", day.isoformat(), summary="It met.")
            for age, day in enumerate(days)
        ]
        parts = [replace(each, **changes) for each in entries]  # type: ignore[arg-type]
        return a_page(*parts)

    def snapshot(self, page: Page | None = None, quality: Quality = "good") -> Snapshot:
        offset = 10 * ((self.next - START) // WEEK)
        found = a_snapshot(f"{self.next:%Y%m%d%H%M%S}", page or self.page(), offset=offset)
        if quality == "good":
            return found
        state: State = "read" if quality == "empty" else "unreadable"
        return replace(found, page=None, quality=quality, state=state, reason=f"it is {quality}")

    def run(self, *snapshots: Snapshot, outcome: str = "finished") -> None:
        """One crawl, a week after the last one."""
        snapshots = snapshots or (self.snapshot(),)
        self.now = self.next
        writer = ArchiveWriter(self.home, registry())
        run = writer.start_run("crawl", self.now)
        for each in snapshots:
            writer.record(each, run)
        writer.end_run(run, outcome, self.now)
        writer.close()

    def write(self, action: Callable[[ArchiveWriter, int], object]) -> None:
        """Do something as the writer of a run."""
        writer = ArchiveWriter(self.home, registry())
        self.now += WEEK
        run = writer.start_run("crawl", self.now)
        action(writer, run)
        writer.end_run(run, "finished", self.now)
        writer.close()

    def kinds(self, now: datetime | None = None) -> set[str]:
        """The kinds of the alarms, but for the files, which these captures do not have."""
        with Archive(self.home / "archive.sqlite") as archive:
            return {each.kind for each in archive.alarms(now or self.now)}


@pytest.fixture(scope="session")
def eight_weeks(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A home with eight good weeks, not to be changed."""
    found = Watched(tmp_path_factory.mktemp("weeks") / "home")
    for _ in range(8):
        found.run()
    return found


@pytest.fixture
def watched(eight_weeks: Watched, tmp_path: Path) -> Watched:
    """A copy of a home with eight good weeks."""
    return Watched(copy_home(eight_weeks.home, tmp_path / "watched"), eight_weeks.now)


def test_a_year_of_good_runs_has_no_alarm(home: Path) -> None:
    watched = Watched(home)
    for _ in range(52):
        watched.run()
        assert watched.kinds() == set()


def test_an_old_error_page_is_no_alarm(watched: Watched) -> None:
    watched.run(watched.snapshot(quality="error"))
    watched.run()
    assert watched.kinds() == set()
    watched.run(watched.snapshot(quality="error"))
    assert watched.kinds() == set()  # as often as before


QUALITIES: list[Quality] = [
    "error", "damaged", "captcha", "denied", "login", "parked",
]  # fmt: skip


@pytest.mark.parametrize("quality", QUALITIES)
def test_a_page_that_is_unusable_for_the_first_time_is_named(
    watched: Watched, quality: Quality
) -> None:
    watched.run(watched.snapshot(quality=quality))
    assert watched.kinds() == {"unusable"}
    watched.run()
    assert watched.kinds() == set()


def test_a_page_without_entries_is_named_until_it_has_some(watched: Watched) -> None:
    for _ in range(2):
        watched.run(watched.snapshot(quality="empty"))
        assert watched.kinds() == {"no-entries"}
    watched.run()
    assert watched.kinds() == set()


FIELDS = ["date", "summary", "link", "title"]


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_that_falls_empty_is_named(watched: Watched, field: str) -> None:
    changes: dict[str, object] = dict.fromkeys((field, "dateline") if field == "date" else (field,))
    watched.run(watched.snapshot(watched.page(**changes)))
    assert "field-empty" in watched.kinds()


@pytest.mark.parametrize("template", ["cards", "text", "markdown", "unknown"])
def test_a_new_template_is_named_with_the_capture_it_began_on(
    watched: Watched, template: str
) -> None:
    changed = watched.snapshot(replace(watched.page(), template=template))
    watched.run(changed)
    with Archive(watched.home / "archive.sqlite") as archive:
        (alarm,) = archive.alarms(watched.now)
    assert (alarm.kind, alarm.office) == ("new-template", "moscow")
    assert changed.capture.key in alarm.text
    watched.run(watched.snapshot(replace(watched.page(), template=template)))
    assert watched.kinds() == set()


@pytest.mark.parametrize("outcome", ["killed", "disk_full", "failed", "shutdown", "rate_limited"])
def test_a_run_that_failed_is_named(watched: Watched, outcome: str) -> None:
    watched.run(outcome=outcome)
    assert watched.kinds() == {"run"}
    watched.run()
    assert watched.kinds() == set()


@pytest.mark.parametrize("outcome", ["rate_limited", "listing_failed"])
def test_what_may_pass_lasts_after_three_runs_in_a_row(watched: Watched, outcome: str) -> None:
    lasting = []
    for _ in range(3):
        watched.run(outcome=outcome)
        with Archive(watched.home / "archive.sqlite") as archive:
            (alarm,) = archive.alarms(watched.now)
        lasting.append(alarm.lasts)
    assert lasting == [False, False, True]
    assert "3 runs in a row, since 9 March 2015" in alarm.text


@pytest.mark.parametrize(("weeks", "named"), [(1, False), (2, False), (3, True), (20, True)])
def test_a_crawl_that_is_no_longer_run_is_named(watched: Watched, weeks: int, named: bool) -> None:
    assert (watched.kinds(watched.now + weeks * WEEK) == {"overdue"}) == named


def test_an_archive_that_refuses_for_hours_is_named_with_the_time(watched: Watched) -> None:
    until = (watched.now + timedelta(hours=5)).timestamp()
    watched.write(lambda writer, _: writer.listings.put_rate_hold("web.archive.org listing", until))
    watched.now -= WEEK
    with Archive(watched.home / "archive.sqlite") as archive:
        (alarm,) = archive.alarms(watched.now)
        assert not list(archive.alarms(watched.now + timedelta(hours=5)))
    assert (alarm.kind, alarm.lasts) == ("barred", False)
    assert "web.archive.org" in alarm.text
    assert "T09:00:00Z" in alarm.text


@pytest.mark.parametrize(("attempts", "kind"), [(1, "waiting"), (4, "waiting"), (5, "failing")])
@pytest.mark.parametrize("failure", [Failure.ARCHIVE_ERROR, Failure.NO_ANSWER])
def test_captures_that_fail_are_named(
    watched: Watched, attempts: int, kind: str, failure: Failure
) -> None:
    capture = a_snapshot("20150310", None).capture
    for _ in range(attempts):
        missed = NotFetched(capture, failure, "it broke off")
        watched.write(lambda writer, run: writer.record_failure(missed, run, watched.now))  # noqa: B023
    assert watched.kinds() == {kind}


def test_lost_bytes_are_named_and_forgotten_when_they_are_had_again(watched: Watched) -> None:
    lost = watched.snapshot()
    watched.run(lost)
    watched.write(lambda writer, _: writer.mark_lost(lost.position, watched.now))
    assert watched.kinds() == {"lost"}
    watched.run(replace(lost, position=Position("captures-00002.warc.gz", 9, 1)))
    assert watched.kinds() == set()


def test_records_without_a_row_are_named(watched: Watched) -> None:
    orphan = {"a": Position("captures-00001.warc.gz", 999, 1)}
    watched.write(lambda writer, _: writer.register_orphans(orphan))
    assert watched.kinds() == {"unrecorded"}


@pytest.mark.parametrize(("rows", "named"), [(19, False), (17, True), (0, True)])
def test_a_listing_that_shrank_is_named(watched: Watched, rows: int, named: bool) -> None:
    with sqlite3.connect(watched.home / "archive.sqlite") as connection:
        connection.execute(
            "INSERT INTO listing (archive, url, first, last, rows, listed_at, previous_rows)"
            " VALUES ('x', 'http://www.ilo.org/', '', '', ?, '2015-03-01T00:00:00Z', 20)",
            (rows,),
        )
    assert (watched.kinds() == {"listing-shrank"}) == named


@pytest.mark.parametrize(("damages", "named"), [(0, False), (2, True)])
def test_damage_that_verify_found_is_named(watched: Watched, damages: int, named: bool) -> None:
    with sqlite3.connect(watched.home / "archive.sqlite") as connection:
        connection.execute(
            "INSERT INTO verification (verified_at, scope, records, damages, summary)"
            " VALUES ('2015-03-01T00:00:00Z', 'all', 9, ?, 'two records')",
            (damages,),
        )
    assert (watched.kinds() == {"damage"}) == named


@pytest.mark.parametrize("size", [None, 0, 5])
def test_a_short_file_of_the_store_is_named(watched: Watched, size: int | None) -> None:
    store = watched.home / "warc"
    store.mkdir()
    if size is not None:
        (store / "captures-00001.warc.gz").write_bytes(gzip.compress(b"x")[:size])
    with Archive(watched.home / "archive.sqlite") as archive:
        found = {each.kind for each in home_alarms(archive, watched.home, watched.now)}
    assert "short-file" in found


def test_a_full_disk_is_named(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with Archive(watched.home / "archive.sqlite") as archive:
        found = {each.kind for each in home_alarms(archive, watched.home, watched.now)}
    assert "disk" in found


def test_the_exit_code_says_whether_an_alarm_stands(
    in_process: Ask, sample_home: Path, home: Path
) -> None:
    assert in_process("--home", sample_home, "status", "--exit-code").code == 0
    writer = ArchiveWriter(home, registry())
    writer.end_run(writer.start_run("crawl", START), "disk_full", START)
    writer.close()
    assert in_process("--home", home, "status").code == 0
    outcome = in_process("--home", home, "status", "--exit-code")
    assert outcome.code == 1
    assert "the disk was full or read-only (on 5 January 2015): run `crawl` again" in outcome.out
    printed = json.loads(in_process("--home", home, "status", "--format", "json").out)
    assert [each["kind"] for each in printed["alarms"]] == ["run"]


def test_prometheus_reads_the_state(in_process: Ask, sample_home: Path) -> None:
    text = in_process("--home", sample_home, "status", "--format", "prometheus").out
    samples = dict(re.findall(r"^(ilo_archive_\w+\{.*\}) (\d+)$", text, re.MULTILINE))
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(samples) == len(lines) > 5
    assert samples['ilo_archive_captures{state="read"}'] == "13"
    assert samples["ilo_archive_alarms{}"] == "0"
    moment = utc("2021-06-11T09:06:44Z").timestamp()
    name = 'ilo_archive_last_good_capture_timestamp_seconds{office="moscow"}'
    assert float(samples[name]) == moment
