"""`crawl` and `ingest`: run a spider through Scrapy, show how it goes, tell how it went."""

import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from math import ceil, log2
from pathlib import Path
from typing import Any, Self

import click
from rich.console import Console
from rich.progress import Progress
from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from ilo_archive.cli import exit_code, pass_offices
from ilo_archive.cli.progress import CrawlProgress
from ilo_archive.errors import ExitCode
from ilo_archive.offices import Registry, is_address
from ilo_archive.text.printable import printable
from ilo_archive.times import iso, parse_timestamp

_EXIT_CODES = {
    "finished": ExitCode.DONE,
    "rate_limited": ExitCode.RATE_LIMITED,
    "disk_full": ExitCode.DISK,
    "shutdown": ExitCode.INTERRUPTED,
    "contact_missing": ExitCode.WRONG_USE,
    "listing_failed": ExitCode.SOME_FAILED,
}
_ENDINGS = {
    "rate_limited": "the archive asks to slow down: run again in an hour, state saved",
    "disk_full": "the disk is full or read-only: make room and run again, state saved",
    "shutdown": "interrupted, state saved: run again to go on",
    "contact_missing": "a remote archive wants to know who asks: give --contact you@example.org"
    " or ILO_ARCHIVE_CONTACT",
    "listing_failed": "the archive gives no listing: run again later",
}
_SOURCES = ("wayback", "memento", "commoncrawl", "live")
_ALONE = {
    "index": ("commoncrawl",),
    "archive": ("wayback", "memento", "commoncrawl"),
    **dict.fromkeys(("from", "to", "every", "limit"), ("wayback", "memento", "commoncrawl")),
}
"""Options that mean something to some sources only."""


@click.command()
@click.argument("office", nargs=-1)
@click.option("--source", type=click.Choice(_SOURCES), default="wayback", show_default=True)
@click.option("--archive", metavar="URL", help="Another server of that kind; one of the list.")
@click.option("--index", type=click.Path(exists=True), help="Local index, for commoncrawl.")
@click.option("--office", "slug", metavar="SLUG", help="Name of an address without an office.")
@click.option("--language", help="Only the homepage in this language, as en.")
@click.option("--from", "from_", metavar="DATE", help="First captures: 2015, 2015-04, ...")
@click.option("--to", metavar="DATE", help="Last captures, that year, month or day included.")
@click.option(
    "--every",
    type=click.Choice(["day", "week", "month", "year", "change"]),
    help="One capture each; for `change` those before and after each change, found by halving.",
)
@click.option("--limit", type=click.IntRange(min=1), help="At most so many captures.")
@click.option("--plan", is_flag=True, help="Tell requests and minutes, fetch only the listing.")
@click.option("--contact", metavar="MAIL", envvar="ILO_ARCHIVE_CONTACT", help="Who asks.")
@click.pass_obj
@pass_offices
def crawl(
    known: Registry, home: Path, /, office: tuple[str, ...], from_: str | None, **options: Any
) -> int:
    """Fetch what is new of each OFFICE (a slug or an address; default moscow) and record it.

    Safe to kill, safe to run again: what is recorded is not fetched twice.

    \b
    Example:
      ilo-archive crawl moscow --from 2015 --to 2021 --every month --contact you@example.org
      ilo-archive crawl moscow --archive http://127.0.0.1:8080/my-collection
      ilo-archive crawl moscow --source memento --archive arquivo.pt --contact you@example.org
    """
    for date in filter(None, (from_, options["to"])):
        parse_timestamp(date)
    for each in office:
        if "://" in each:
            _check_address(each)
        else:
            known.get(each)
    if not (options["contact"] or "").isprintable():
        raise click.UsageError("--contact is one line: it goes into the header of each request")
    spider = options.pop("source")
    arguments = _arguments(spider, {**options, "from": from_})
    arguments["office"] = office or ("moscow",)
    crawler, reason = _run(spider, home, known, arguments)
    if options["plan"] and reason == "finished":
        _print_plan(crawler)
        return 0
    return _conclude(crawler, reason)


def _arguments(source: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options for a source. Raises UsageError for one that means nothing to it."""
    arguments = dict(options)
    for name, sources in _ALONE.items():
        if source not in sources and arguments.pop(name) is not None:
            raise click.UsageError(f"--{name} means nothing to --source {source}: leave it out")
    if source == "memento" and arguments["every"] == "change":
        raise click.UsageError("--every change needs digests, and TimeMaps have none: leave it out")
    archive = arguments.get("archive")
    if archive is not None and (source != "memento" or "://" in archive):  # else one of the list
        _check_address(archive)
    return arguments


def _check_address(url: str) -> None:
    if not is_address(url):
        raise click.UsageError(f"{url!r} is no address: give http://... in full")


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--url", help="Address of loose files.")
@click.option("--at", metavar="DATE", help="Time of loose files: 14 digits or ISO.")
@click.option("--office", metavar="SLUG", help="Office of addresses that the registry lacks.")
@click.pass_obj
@pass_offices
def ingest(known: Registry, home: Path, /, paths: tuple[Path, ...], **told: str | None) -> int:
    """Record captures from PATHS: .warc, .arc, both with .gz, .wacz, .html, .txt, folders.

    A loose file takes its address and time from the options, from NAME.meta.json beside it
    (`url`, `captured_at`), or from its name: moscow-2015-04.txt, 20150414103217.html.

    \b
    Example:
      ilo-archive ingest data/sample
      ilo-archive ingest page.html --at 2015-04-14 --url http://www.ilo.org/rome/index.htm
    """
    if told["at"]:
        parse_timestamp(told["at"])
    if told["url"] is not None:
        _check_address(told["url"])
    crawler, reason = _run("local", home, known, {"paths": paths, **told})
    return _conclude(crawler, reason)


# -- running -------------------------------------------------------------------------------


def _run(
    name: str, home: Path, known: Registry, arguments: Mapping[str, Any]
) -> tuple[Crawler, str]:
    """Run a spider to its end; the crawler and Scrapy's reason for the end."""
    settings = Settings()
    settings.setmodule("ilo_archive.settings", priority="project")
    settings.set("ILO_ARCHIVE_HOME", str(home))
    settings.set("ILO_ARCHIVE_OFFICES", str(known.file or ""))
    settings.set("LOG_INSTALL_ROOT_HANDLER", False)
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(name)
    with _Watch(crawler) as watch:
        task = process.crawl(crawler, **arguments)
        process.start()
    if not task.done():  # interrupted twice: nothing under way was waited for
        raise KeyboardInterrupt
    error = task.exception() or watch.error
    if error:
        raise error
    return crawler, str(crawler.stats.get_value("finish_reason"))


class _Watch:
    """Shows a run: a bar on a terminal, a line a capture otherwise; stops it on a full disk."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._endings: list[asyncio.Future[None]] = []
        self.error: Exception | None = None
        self._progress = CrawlProgress(Console(stderr=True))
        self._bar = self._progress.bar
        logging.basicConfig(handlers=[_OneLine(self._bar)], level=logging.WARNING, force=True)
        if self._bar.disable:
            for name in ("record", "progress"):
                logging.getLogger(f"ilo_archive.{name}").setLevel(logging.INFO)
        logging.getLogger("scrapy").setLevel(logging.WARNING)
        # Its errors reach `_failed` as a signal, without a traceback.
        logging.getLogger("scrapy.core").setLevel(logging.CRITICAL)
        # What it gives up comes to the spider, and is told with its capture.
        logging.getLogger("scrapy.downloadermiddlewares.retry").setLevel(logging.CRITICAL)
        for parser in ("bs4", "warcio"):  # they name neither capture nor file
            logging.getLogger(parser).setLevel(logging.ERROR)

    def __enter__(self) -> Self:
        self._crawler.signals.connect(self._recorded, signal=signals.item_scraped)
        self._crawler.signals.connect(self._failed, signal=signals.item_error)
        self._crawler.signals.connect(self._stumbled, signal=signals.spider_error)
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _recorded(self) -> None:
        spider = self._crawler.spider
        chosen = getattr(spider, "chosen", None)
        searching = getattr(spider, "search", None)  # nobody knows how many it will take
        self._progress.advance(len(chosen) if chosen and not searching else None)

    def _failed(self, failure: Any) -> None:
        """A capture that could not be kept or recorded; the archive still lists it."""
        if exit_code(failure.value) != ExitCode.DISK:
            logging.getLogger("ilo_archive.record").error("%s", failure.value)
            self._crawler.stats.inc_value("captures/failed")
        elif not self._endings:  # those under way fail too: the end of the run is told once
            ending = self._crawler.engine.close_spider_async(reason="disk_full")
            self._endings.append(asyncio.ensure_future(ending))

    def _stumbled(self, failure: Any, response: Any) -> None:
        """An error of the spider: in `start` it ends the run, later it costs a capture."""
        if response is None:
            self.error = failure.value
        else:
            self._failed(failure)


class _OneLine(logging.Handler):
    """Log records as single lines, without tracebacks and without a page's control characters."""

    def __init__(self, bar: Progress) -> None:
        super().__init__()
        self._bar = bar

    def emit(self, record: logging.LogRecord) -> None:
        # Scrapy puts tracebacks into messages; a file's name may have a line break, too.
        line = printable(record.getMessage().partition("\nTraceback")[0].strip())
        if self._bar.disable:
            sys.stderr.write(f"{line}\n")
        else:
            self._bar.console.print(line, markup=False, highlight=False)


# -- telling -------------------------------------------------------------------------------


def _conclude(crawler: Crawler, reason: str) -> int:
    stats = crawler.stats.get_stats()
    if reason != "contact_missing":
        click.echo("\n".join((*_summary(stats), *_changes(crawler.spider))))
    if reason != "finished":
        click.echo(f"ilo-archive: {_ENDINGS.get(reason, reason)}", err=True)
        return _EXIT_CODES.get(reason, ExitCode.SOME_FAILED)
    if stats.get("archives/refused"):
        click.echo(f"ilo-archive: {_ENDINGS['rate_limited']}", err=True)
        return ExitCode.RATE_LIMITED
    if stats.get("captures/failed"):
        click.echo("ilo-archive: some captures failed: run again to retry them", err=True)
        return ExitCode.SOME_FAILED
    if not (stats.get("captures/good") or stats.get("captures/known")):
        click.echo("ilo-archive: nothing usable was captured", err=True)
        return ExitCode.NOTHING_USABLE
    return ExitCode.DONE


def _summary(stats: Mapping[str, Any]) -> list[str]:
    names = ("read", "unreadable", "failed", "skipped")
    counts = {name: stats.get(f"captures/{name}", 0) for name in names}
    told = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    lines = [f"{_many(sum(counts.values()), 'capture')} recorded" + (f": {told}" if told else "")]
    if known := stats.get("captures/known", 0):
        lines[0] += f"; {known} recorded before"
    if counts["read"]:
        new, revised = stats.get("entries/new", 0), stats.get("entries/revised", 0)
        lines.append(f"{_many(new, 'new entry', 'new entries')}, {revised} in a new wording")
    if unchanged := stats.get("captures/unchanged", 0):
        lines.append(f"{_many(unchanged, 'capture')} of bytes known, not fetched again")
    odd = {name: stats.get(f"listing/{name}", 0) for name in ("repaired", "odd")}
    if any(odd.values()):
        rows, repeats = stats["listing/rows"], stats["listing/repeats"]
        lines.append(
            f"{_many(rows, 'row')} listed, {repeats} of them repeats, {odd['repaired']} repaired;"
            f" {_many(odd['odd'], 'line')} set aside"
        )
    if dead := stats.get("archives/dead", 0):
        lines.append(f"{_many(dead, 'archive')} gave no listing, named above")
    if damaged := stats.get("files/damaged", 0):
        lines.append(f"{_many(damaged, 'damaged or unknown part')} left aside, named above")
    return lines


def _changes(spider: Any) -> Iterator[str]:
    """What a search for changes came to, once it is over."""
    search = getattr(spider, "search", None)
    if search is None or search.changes is None:
        return
    found, cost = _many(len(search.changes), "change"), _many(spider.playbacks, "request")
    yield f"{found} in {len(search.captures)} captures, found with {cost};"
    yield "  what changed and was taken back between two captures that are alike is not seen"
    for before, after in search.changes:
        page = printable(before.place.page)
        yield f"  {page}: from {iso(before.captured_at)} to {iso(after.captured_at)}"


def _many(number: int, one: str, more: str | None = None) -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"


def _print_search(spider: Any) -> None:
    """What a search for changes costs, of which nobody knows the number beforehand."""
    pages = Counter(each.place.page for each in spider.search.captures)
    most = ceil(log2(max(pages.values(), default=2)))
    click.echo(f"captures to search: {len(spider.search.captures)}")
    click.echo(
        f"requests: {spider.listing_requests} for the listing (made), then"
        f" 2 for each page, and at most {most} for each change"
    )


def _print_plan(crawler: Crawler) -> None:
    spider: Any = crawler.spider
    if getattr(spider, "search", None):
        _print_search(spider)
        return
    requests = spider.playbacks
    click.echo(f"captures to fetch: {requests}")
    if unchanged := len(spider.chosen) - requests:
        click.echo(f"captures of the same bytes, not fetched again: {unchanged}")
    click.echo(f"requests: {spider.listing_requests} for the listing (made), {requests} to come")
    click.echo(f"minutes: {spider.minutes:.1f} at least")
