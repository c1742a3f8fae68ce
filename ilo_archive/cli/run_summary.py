"""What `crawl` and `ingest` print at the end of a run, and their exit code."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import ceil, log2
from typing import TYPE_CHECKING, Any

import click

from ilo_archive.errors import ExitCode
from ilo_archive.text.counted import counted
from ilo_archive.text.printable import printable
from ilo_archive.times import iso
from ilo_archive.worker_pool import WorkerLost

if TYPE_CHECKING:
    from ilo_archive.cli.scrapy_run import FinishedRun

_ENDINGS = {
    "rate_limited": (
        ExitCode.RATE_LIMITED,
        "rate-limited by the archive, state saved: run again later",
    ),
    "disk_full": (
        ExitCode.DISK,
        "the disk is full or read-only, state saved: free some space, then run again",
    ),
    "shutdown": (ExitCode.INTERRUPTED, "interrupted, state saved: run again to continue"),
    "contact_missing": (
        ExitCode.WRONG_USE,
        "remote archives require --contact you@example.org (or ILO_ARCHIVE_CONTACT)",
    ),
    "worker_lost": (ExitCode.SOME_FAILED, str(WorkerLost())),
    "listing_failed": (
        ExitCode.SOME_FAILED,
        "could not list captures (see above), state saved: check the connection, then run again",
    ),
}
"""Scrapy's reasons for the end of a run: the exit code and the message."""


def print_outcome(run: "FinishedRun") -> ExitCode:
    """Print what a run recorded and how it ended. Returns the exit code."""
    if run.reason != "contact_missing":
        click.echo("\n".join((*_summary(run.stats), *_changes(run.spider))))
    code, message = _ending(run)
    if message:
        click.echo(f"ilo-archive: {printable(message)}", err=True)
    return code


def _ending(run: "FinishedRun") -> tuple[ExitCode, str]:
    """The exit code of a run and one line on what to do, empty where there is nothing to do."""
    reason, stats = run.reason, run.stats
    if reason == "rate_limited" or (reason == "finished" and stats.get("archives/refused")):
        return _rate_limited(stats)
    if reason != "finished":
        return _ENDINGS.get(reason, (ExitCode.SOME_FAILED, f"ended early: {reason}"))
    if stats.get("store/short"):
        return ExitCode.SOME_FAILED, "captures in warc/ are lost (see above): run `verify --repair`"
    if message := _unfinished(stats):
        return ExitCode.SOME_FAILED, message
    if not (stats.get("captures/good") or stats.get("captures/known")):
        return ExitCode.NOTHING_USABLE, _nothing_usable(run.spider, stats)
    return ExitCode.DONE, ""


def _rate_limited(stats: Mapping[str, Any]) -> tuple[ExitCode, str]:
    code, message = _ENDINGS["rate_limited"]
    if until := stats.get("archives/held_until"):
        message = f"rate-limited by the archive until {until:%Y-%m-%d %H:%M} UTC, state saved:"
        message += " run again then, or ask it now with --retry failed"
    return code, message


def _unfinished(stats: Mapping[str, Any]) -> str:
    """What the next run has to do; empty if it has nothing to do."""
    retry_at = stats.get("captures/retry_at")
    is_later = retry_at is not None and retry_at > datetime.now(UTC)
    day = f"{retry_at:%Y-%m-%d}" if retry_at else "a later day"
    later = f"the next attempt is due on {day}; --retry failed asks now"
    if failed := stats.get("captures/failed"):
        what = later if is_later else "run again to retry"
        return f"{counted(failed, 'capture')} could not be fetched: {what}"
    if listings := stats.get("listings/broken_off"):
        return f"{counted(listings, 'listing')} ended early (see above): run again to list the rest"
    if waiting := stats.get("captures/waiting"):
        attempts = counted(stats["captures/attempts"], "attempt")
        captures = counted(waiting, "capture")
        return f"{captures} could not be fetched in up to {attempts}: {later}"
    return ""


def _nothing_usable(spider: Any, stats: Mapping[str, Any]) -> str:
    """Why a run recorded no page with entries."""
    if recorded := _recorded(stats):
        captures = counted(sum(recorded.values()), "capture")
        return f"{captures} recorded, none with a page that could be read: see `ilo-archive status`"
    request = getattr(spider, "crawl_request", None)
    if request is None:
        return "no captures in these files: see the messages above"
    tried = counted(len(request.addresses(spider.archive.registry)), "address", "addresses")
    names = ", ".join(request.offices)
    where = getattr(getattr(spider, "web_archive", None), "name", "the archive")
    within = " in that period" if any(request.period) else ""
    return f"{where} has no captures of {names}{within} ({tried} tried: see `ilo-archive offices`)"


def _recorded(stats: Mapping[str, Any]) -> dict[str, int]:
    """The captures that a run recorded, by state."""
    states = ("read", "unreadable", "failed", "skipped")
    counts = {state: stats.get(f"captures/{state}", 0) for state in states}
    return {state: number for state, number in counts.items() if number}


def _summary(stats: Mapping[str, Any]) -> Iterator[str]:
    recorded = _recorded(stats)
    by_state = ", ".join(f"{number} {state}" for state, number in recorded.items())
    line = f"{counted(sum(recorded.values()), 'capture')} recorded"
    line += f": {by_state}" if by_state else ""
    if known := stats.get("captures/known", 0):
        line += f"; {known} recorded before"
    yield line
    if "read" in recorded:
        new, revised = stats.get("entries/new", 0), stats.get("entries/revised", 0)
        entries = counted(revised, "known entry", "known entries")
        yield f"{counted(new, 'new entry', 'new entries')}, {entries} in a new wording"
    if unchanged := stats.get("captures/unchanged", 0):
        yield f"{counted(unchanged, 'capture')} not fetched: their bytes are in the archive already"
    yield from _listing(stats)
    if dead := stats.get("archives/dead", 0):
        yield f"{counted(dead, 'archive')} could not list captures (see above)"
    if unplaced := stats.get("files/unplaced", 0):
        yield f"{counted(unplaced, 'saved page')} without a time or an address skipped (see above)"
    if damaged := stats.get("files/damaged", 0):
        yield f"{counted(damaged, 'damaged or unknown file or record')} skipped (see above)"


def _listing(stats: Mapping[str, Any]) -> Iterator[str]:
    """What was odd about the rows that archives listed."""
    repaired, odd = stats.get("listing/repaired", 0), stats.get("listing/odd", 0)
    if repaired or odd:
        rows, repeats = counted(stats["listing/rows"], "row"), stats["listing/repeats"]
        yield (
            f"{rows} listed: {repeats} repeated, {repaired} repaired;"
            f" {counted(odd, 'line')} skipped as unreadable"
        )


def _changes(spider: Any) -> Iterator[str]:
    """The changes that `--every change` found."""
    search = getattr(spider, "search", None)
    if search is None or search.changes is None:
        return
    found, cost = counted(len(search.changes), "change"), counted(spider.playbacks, "request")
    yield f"{found} in {counted(len(search.captures), 'capture')}, found with {cost};"
    yield "  a change that was undone between two equal captures is not found"
    for before, after in search.changes:
        page = printable(before.place.page)
        yield f"  {page}: from {iso(before.captured_at)} to {iso(after.captured_at)}"


def print_plan(run: "FinishedRun") -> None:
    """Print how many requests a crawl will make and how long it takes at least."""
    spider = run.spider
    if getattr(spider, "search", None):
        _print_search_plan(spider)
        return
    requests = spider.playbacks
    click.echo(f"captures to fetch: {requests}")
    if unchanged := len(spider.chosen) - requests:
        click.echo(f"captures with the same bytes, not fetched: {unchanged}")
    click.echo(f"requests: {spider.listing_requests} for the list (done), {requests} to come")
    click.echo(f"minutes: {spider.minutes:.1f} at least")
    if query := getattr(spider, "query", ""):
        click.echo("the same list from the columnar index, by Athena or DuckDB, for --index:")
        for line in query.splitlines():
            click.echo(f"  {printable(line)}")


def _print_search_plan(spider: Any) -> None:
    """Print the bounds of a binary search, whose number of requests depends on the changes."""
    pages = Counter(each.place.page for each in spider.search.captures)
    most = ceil(log2(max(pages.values(), default=2)))
    click.echo(f"captures to search: {len(spider.search.captures)}")
    click.echo(
        f"requests: {spider.listing_requests} for the list (done), then"
        f" 2 for each page and at most {most} for each change"
    )
