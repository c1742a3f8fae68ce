"""What needs attention, with cause and cure, by the archive's own history.

What may pass by itself (an archive that refuses for a while) is reported at once, and `lasts` once
it was so in several runs in a row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise, takewhile
from typing import Any, Literal

from ilo_archive.archive.tables import offset_list
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.text.counted import counted
from ilo_archive.text.prose_dates import day_in_words
from ilo_archive.times import from_iso, iso

AlarmKind = Literal[
    "run", "overdue", "barred", "waiting", "failing", "lost", "unrecorded", "short-file",
    "unusable", "no-entries", "field-empty", "new-template", "listing-shrank", "disk", "damage",
]  # fmt: skip
_Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that needs attention.

    `text` is one line with the cause, `cure` what to do about it, `since` the time from which it
    is known. `lasts` is false for what may pass by itself and was not so for three runs in a row.
    """

    kind: AlarmKind
    text: str
    cure: str
    since: datetime | None = None
    office: str | None = None
    lasts: bool = True


def find_alarms(archive: ReadOnlyArchive, now: datetime) -> Iterator[Alarm]:
    """The alarms that the database knows of, the most general first."""
    yield from _failed_runs(archive)
    yield from _overdue(archive, now)
    yield from _barred(archive, now)
    yield from _unfetched(archive)
    yield from _unrecorded(archive)
    yield from _shrunken_listings(archive)
    yield from _pages(archive)
    yield from _damages(archive)


# -- runs ----------------------------------------------------------------------------------

_PASSING = ("rate_limited", "listing_failed", "shutdown")
_RUNS_IN_A_ROW = 3
_OUTCOMES = {
    "listing_failed": "captures could not be listed",
    "rate_limited": "rate-limited by the archive",
    "disk_full": "the disk was full or read-only",
    "shutdown": "interrupted",
    "killed": "killed",
    None: "it is running, or was killed",
}


def _failed_runs(archive: ReadOnlyArchive) -> Iterator[Alarm]:
    """The last run of each command where it did not finish, and since when."""
    rows = archive.rows("SELECT * FROM runs ORDER BY command, id DESC")
    for command, runs in groupby(rows, key=lambda row: str(row["command"])):
        failed = [*takewhile(lambda run: run["outcome"] != "finished", runs)]
        if failed:
            yield _failed(command, failed)


def _failed(command: str, failed: Sequence[_Row]) -> Alarm:
    outcome = failed[0]["outcome"]
    since = from_iso(failed[-1]["started_at"])
    day = day_in_words(since.date())
    times = f"{len(failed)} runs in a row, since {day}" if len(failed) > 1 else f"on {day}"
    if outcome is None:
        text = f"Last {command} did not end: {_OUTCOMES[None]} ({times})"
    else:
        text = f"Last {command} failed: {_OUTCOMES.get(outcome, outcome)} ({times})"
    lasts = outcome not in _PASSING or len(failed) >= _RUNS_IN_A_ROW
    return Alarm("run", text, f"run `{command}` again", since, lasts=lasts)


_FEWEST_RUNS = 4  # whose distances say how often a crawl is run


def _overdue(archive: ReadOnlyArchive, now: datetime) -> Iterator[Alarm]:
    """No crawl for twice the longest time between the last ones."""
    rows = archive.rows(_CRAWLS)
    moments = sorted(from_iso(row["started_at"]) for row in rows)
    if len(moments) < _FEWEST_RUNS:
        return
    longest = max(later - earlier for earlier, later in pairwise(moments))
    if now - moments[-1] > max(2 * longest, timedelta(days=1)):
        usual = counted(max(longest.days, 1), "day")
        day = day_in_words(moments[-1].date())
        text = f"No crawl since {day}: before, one was run every {usual} at least"
        yield Alarm("overdue", text, "check the timer, then run `crawl`", moments[-1])


_LONG_HOLD = timedelta(hours=1)


def _barred(archive: ReadOnlyArchive, now: datetime) -> Iterator[Alarm]:
    """Archives that must not be asked for an hour and longer."""
    holds: dict[str, datetime] = {}
    for row in archive.rows("SELECT lane, until FROM turn"):
        name = str(row["lane"]).rpartition(" ")[0]
        until = datetime.fromtimestamp(row["until"], UTC).replace(microsecond=0)
        holds[name] = max(until, holds.get(name, until))
    for name, until in sorted(holds.items()):
        if until - now > _LONG_HOLD:
            text = f"{name} refuses requests until {iso(until)}"
            yield Alarm(
                "barred", text, "wait, or probe it with `crawl --retry failed`", lasts=False
            )


# -- captures ------------------------------------------------------------------------------

_WEEK_OF_ATTEMPTS = 5  # the pauses between them take a week: `archive.retries.pause_after`


def _unfetched(archive: ReadOnlyArchive) -> Iterator[Alarm]:
    """Captures that were asked for in vain, and those that an unfinished crawl left."""
    row = archive.rows(_UNFETCHED, {"many": _WEEK_OF_ATTEMPTS})[0]
    if row["failing"]:
        text = f"{counted(row['failing'], 'capture')} failing for a week or longer"
        reason = row["reason"] or "no reason known"
        yield Alarm("failing", f"{text}: {reason}", "see `captures --state failed`")
    if row["waiting"]:
        text = f"{counted(row['waiting'], 'capture')} not fetched yet"
        yield Alarm("waiting", text, "run `crawl` again", lasts=False)
    if row["lost"]:
        text = f"{counted(row['lost'], 'capture')} whose bytes are lost or damaged"
        since = from_iso(row["lost_since"])
        yield Alarm("lost", text, "run `verify --repair`, or `ingest` or `crawl` them again", since)


def _unrecorded(archive: ReadOnlyArchive) -> Iterator[Alarm]:
    """Records of the store without a row."""
    number = int(archive.rows(_UNRECORDED)[0]["records"])
    if number:
        text = f"{counted(number, 'capture')} in warc/ that the database does not have"
        yield Alarm("unrecorded", text, "run `reread --apply`")


_FEWEST_ROWS, _LEAST_SHARE = 10, 0.9


def _shrunken_listings(archive: ReadOnlyArchive) -> Iterator[Alarm]:
    """Listings with fewer captures than the complete one before."""
    for row in archive.rows(_LISTINGS):
        if row["rows"] < _LEAST_SHARE * row["previous"] and row["previous"] >= _FEWEST_ROWS:
            text = (
                f"{row['archive']} lists {row['rows']} captures of {row['url']},"
                f" {row['previous']} before"
            )
            cure = "captures that are kept stay; ask the archive"
            yield Alarm("listing-shrank", text, cure, from_iso(row["listed_at"]))


def _damages(archive: ReadOnlyArchive) -> Iterator[Alarm]:
    """What the last `verify` found."""
    row = next(iter(archive.rows(_VERIFIED)), None)
    if row and row["damages"]:
        since = from_iso(row["verified_at"])
        yield Alarm(
            "damage", f"verify found damage: {row['summary']}", "run `verify --repair`", since
        )


# -- pages ---------------------------------------------------------------------------------

_FEWEST_BEFORE, _MOST_BEFORE = 3, 6  # good captures that a new one is compared with
_FIELDS = ("title", "date", "summary", "link", "image", "credit")
_USUAL_SHARE = 0.8
_FEWEST_ENTRIES = 3


def _pages(archive: ReadOnlyArchive) -> Iterator[Alarm]:
    """What is unusual about the newest captures of each page."""
    rows = archive.rows(_CAPTURES)
    for _, same in groupby(rows, key=lambda row: row["page"]):
        captures = list(same)
        good = [row for row in captures if row["quality"] == "good"]
        yield from _unusable(captures)
        if good and good[-1]["is_new"]:
            yield from _changed_template(good)
            yield from _emptied_fields(archive, good)


def _unusable(captures: Sequence[_Row]) -> Iterator[Alarm]:
    """No good capture for longer than ever before since the first one."""
    streaks = [
        (is_good, list(same))
        for is_good, same in groupby(captures, key=lambda row: row["quality"] == "good")
    ]
    first_good = next((at for at, (is_good, _) in enumerate(streaks) if is_good), None)
    if first_good is None or streaks[-1][0]:
        return
    bad = streaks[-1][1]
    usual = max((len(rows) for good, rows in streaks[first_good:-1] if not good), default=0)
    if len(bad) <= usual:
        return
    first, last = bad[0], bad[-1]
    since = from_iso(first["captured_at"])
    number = counted(len(bad), "capture")
    if last["quality"] == "empty":
        text = f"{last['page']}: no entries found on {number} since {iso(since)}, some before"
        cure = "see `read` of the capture: the page changed, or the reader must learn its form"
        yield Alarm("no-entries", text, cure, since, last["office"])
    else:
        text = f"{last['page']}: {number} since {iso(since)} unusable: {last['reason']}"
        yield Alarm("unusable", text, "see `captures OFFICE`", since, last["office"])


def _changed_template(good: Sequence[_Row]) -> Iterator[Alarm]:
    """Another template than on all of the captures before."""
    *before, last = good[-_MOST_BEFORE - 1 :]
    known = {row["template"] for row in before}
    if len(before) >= _FEWEST_BEFORE and last["template"] not in known:
        old = before[-1]["template"]
        text = f"{last['page']}: layout {last['template']}, before {old}, from {last['key']} on"
        cure = "compare `diff` before and after; a new template may need rules"
        since = from_iso(last["captured_at"])
        yield Alarm("new-template", text, cure, since, last["office"])


def _emptied_fields(archive: ReadOnlyArchive, good: Sequence[_Row]) -> Iterator[Alarm]:
    """Fields that most entries had on each capture before, and none has now."""
    chosen = good[-_MOST_BEFORE - 1 :]
    if len(chosen) <= _FEWEST_BEFORE:
        return
    *before, last = [archive.rows(_FILLED, {"capture": row["id"]})[0] for row in chosen]
    if last["entries"] < _FEWEST_ENTRIES:
        return
    for name in _FIELDS:
        usual = min(row[name] / max(row["entries"], 1) for row in before)
        if usual >= _USUAL_SHARE and not last[name]:
            page, key = chosen[-1]["page"], chosen[-1]["key"]
            text = f"{page}: no entry has a {name} from {key} on, most had one before"
            cure = "see `read` of the capture: the page changed, or the reader must learn its form"
            since = from_iso(chosen[-1]["captured_at"])
            yield Alarm("field-empty", text, cure, since, chosen[-1]["office"])


_CRAWLS = """
SELECT started_at FROM run WHERE command = 'crawl' AND outcome IS NOT NULL
ORDER BY id DESC LIMIT 20"""
_UNFETCHED = """
SELECT count(*) FILTER (WHERE state = 'failed' AND attempts >= :many) AS failing,
       max(reason) FILTER (WHERE state = 'failed' AND attempts >= :many) AS reason,
       count(*) FILTER (WHERE (state = 'failed' AND coalesce(attempts, 0) < :many)
                        OR (state = 'listed' AND (SELECT outcome IS NOT 'finished' FROM run
                                                  WHERE command = 'crawl'
                                                  ORDER BY id DESC LIMIT 1))) AS waiting,
       count(*) FILTER (WHERE lost_at IS NOT NULL) AS lost, min(lost_at) AS lost_since
FROM capture"""
_UNRECORDED = """
SELECT count(*) AS records FROM orphan WHERE settled IS NULL AND NOT EXISTS
    (SELECT 1 FROM capture WHERE capture.warc_file = orphan.warc_file
                             AND capture.warc_offset = orphan.warc_offset)"""
_LISTINGS = """
SELECT archive, url, rows - repeats AS rows, previous_rows AS previous, listed_at FROM listing
WHERE listed_at IS NOT NULL AND previous_rows IS NOT NULL ORDER BY archive, url"""
_VERIFIED = "SELECT * FROM verification ORDER BY id DESC LIMIT 1"
# Captures of homepages by time; `is_new` if the last run recorded it.
_CAPTURES = f"""
SELECT capture.id, capture.key, capture.page, capture.office, capture.captured_at,
       capture.quality, capture.reason, snapshot.template,
       capture.run_id IS (SELECT max(id) FROM run WHERE command IN ('crawl', 'ingest')) AS is_new
FROM capture LEFT JOIN snapshot ON snapshot.capture_id = capture.id
WHERE capture.state IN ('read', 'unreadable') AND NOT {offset_list("capture.page")}
  AND coalesce(capture.quality, '') <> 'redirect'
ORDER BY capture.page, capture.captured_at, capture.key"""
_FILLED = """
SELECT count(*) AS entries, count(wording.title) AS title, count(wording.date) AS date,
       count(wording.summary) AS summary, count(sighting.link) AS link,
       count(sighting.image) AS image, count(sighting.credit) AS credit
FROM sighting JOIN reading ON reading.id = sighting.reading_id
JOIN wording ON wording.id = reading.wording_id
WHERE sighting.capture_id = :capture"""
