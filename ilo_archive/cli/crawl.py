"""`crawl`: fetch captures from a web archive and record them."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.run_messages import RunMessages
from ilo_archive.cli.run_summary import print_outcome, print_plan
from ilo_archive.cli.scrapy_run import FinishedRun, run_spider
from ilo_archive.errors import ExitCode
from ilo_archive.offices import Registry, checked_slug, is_address
from ilo_archive.text.printable import printable
from ilo_archive.times import end_of, parse_timestamp

_F = TypeVar("_F", bound=Callable[..., Any])

SOURCES = ("wayback", "memento", "commoncrawl", "live")
_SOURCES_OF_OPTION = {
    "index": ("commoncrawl",),
    "archive": ("wayback", "memento", "commoncrawl"),
    "save": ("live",),
    **dict.fromkeys(
        ("from", "to", "every", "limit", "retry"), ("wayback", "memento", "commoncrawl")
    ),
}
"""The sources that an option is for; any other option is for all."""


def _checked(_: click.Context, __: click.Parameter, slug: str | None) -> str | None:
    return slug and checked_slug(slug)


def own_slug_option(name: str) -> Callable[[_F], _F]:
    """The option `--office` of commands that take addresses, with the name of its parameter."""
    help_ = "Slug of the office for addresses that the registry does not know."
    return click.option("--office", name, metavar="SLUG", callback=_checked, help=help_)


@click.command()
@click.argument("office", nargs=-1)
@click.option("--source", type=click.Choice(SOURCES), default="wayback", show_default=True)
@click.option(
    "--archive",
    metavar="URL",
    help="Use this server instead of the default: an address, or with --source memento a name "
    "from docs/sources.md.",
)
@click.option(
    "--index",
    type=click.Path(exists=True),
    help="With --source commoncrawl: a local index (CDXJ, Parquet or CSV) instead of its servers.",
)
@own_slug_option("slug")
@click.option("--language", help="Only the homepage in this language: a code, e.g. en.")
@click.option(
    "--from", "from_", metavar="DATE", help="Earliest captures to fetch: 2015, 2015-04, ..."
)
@click.option(
    "--to", metavar="DATE", help="Latest captures to fetch; includes that year, month or day."
)
@click.option(
    "--every",
    type=click.Choice(["day", "week", "month", "year", "change"]),
    help="Keep one capture per day, week, month or year; `change` finds the captures around each "
    "change by binary search.",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Fetch at most N captures.")
@click.option(
    "--retry",
    type=click.Choice(["failed", "skipped", "all"]),
    help="Ask again, at once, for captures that failed before, that were set aside, or for both; "
    "and ask an archive that is to be left alone.",
)
@click.option(
    "--plan",
    is_flag=True,
    help="Dry run: fetch the list of captures only, and estimate requests and time.",
)
@click.option(
    "--contact",
    metavar="MAIL",
    envvar="ILO_ARCHIVE_CONTACT",
    help="Your e-mail address, sent to the archive with every request.",
)
@click.option(
    "--notify",
    metavar="URL",
    multiple=True,
    envvar="ILO_ARCHIVE_NOTIFY",
    help="Send what changed, and alarms, to this address of Apprise (mail, Slack, Matrix, ...).",
)
@click.option(
    "--ping",
    metavar="URL",
    envvar="ILO_ARCHIVE_PING",
    help="Tell this watcher (healthchecks and the like) of start, success and failure.",
)
@click.option(
    "--save",
    is_flag=True,
    default=None,
    help="With --source live: ask the Wayback Machine to save a page that changed.",
)
@click.pass_obj
@pass_offices
def crawl(
    known: Registry, home: Path, /, office: tuple[str, ...], from_: str | None, **options: Any
) -> int:
    """Fetch the captures of each OFFICE that are not in the archive yet, and record them.

    OFFICE is a slug or an address; the default is moscow. A crawl can be interrupted at any time:
    run it again and it continues where it was. Captures that are recorded are not fetched again.

    \b
    Example:
      ilo-archive crawl moscow --from 2015 --to 2021 --every month --contact you@example.org
      ilo-archive crawl moscow --archive http://127.0.0.1:8080/my-collection
      ilo-archive crawl moscow --source memento --archive arquivo.pt --contact you@example.org
      ilo-archive crawl moscow --source live --contact you@example.org --ping https://hc-ping.com/ID
    """
    offices = office or ("moscow",)
    check_period(from_, options["to"])
    check_offices(offices, options["language"], known)
    check_contact(options["contact"])
    spider = options.pop("source")
    arguments = _arguments(spider, {**options, "from": from_}) | {"office": offices}
    word = _word(arguments)
    if options["plan"]:
        run = run_spider(spider, home, known, arguments)
        return _printed_plan(run)
    with word.around(home, known) as end:
        code = print_outcome(run_spider(spider, home, known, arguments))
        end(code)
    return code


def _printed_plan(run: FinishedRun) -> int:
    if run.reason != "finished":
        return print_outcome(run)
    print_plan(run)
    return ExitCode.DONE


def _word(arguments: dict[str, Any]) -> RunMessages:
    """Take the options on whom to tell what out of the arguments. Raises UsageError,
    CannotNotify.
    """
    notify, ping = arguments.pop("notify"), arguments.pop("ping")
    if ping:
        check_address(ping)
    word = RunMessages(notify, ping, bool(arguments.pop("save", None)), arguments["contact"])
    word.check()
    return word


def check_period(first: str | None, last: str | None) -> None:
    """Raise BadTimestamp or UsageError unless two partial dates are the ends of a period."""
    start = parse_timestamp(first)[0] if first else None
    end = end_of(*parse_timestamp(last)) if last else None
    if start and end and start > end:
        raise click.UsageError(f"--from {first} is later than --to {last}")


def check_contact(contact: str | None) -> None:
    """Raise UsageError for a contact of several lines."""
    if not (contact or "").isprintable():
        raise click.UsageError("--contact must be one line: it is sent in an HTTP header")


def check_address(url: str) -> None:
    """Raise UsageError for text that is not an address in one line."""
    if not (is_address(url) and url.isprintable()):
        raise click.UsageError(f"{url!r} is not an address: it must begin with http:// or https://")


def name_near_address(url: str, known: Registry) -> None:
    """Print the known homepage that an unknown address nearly is, if there is one."""
    near = known.near_address(url)
    if near:
        counted_as = printable(known.locate(url).office)
        office = known.locate(near.url).office
        click.echo(
            f"ilo-archive: no office has the address {printable(url)}: it counts as a page of its"
            f" own of {counted_as}; near it is {near.url} ({office})",
            err=True,
        )


def check_offices(offices: Iterable[str], language: str | None, known: Registry) -> None:
    """Raise UsageError or UnknownOffice for one that is neither an address nor a slug, or that has
    no page in that language.
    """
    for each in offices:
        _check_office(each, language, known)


def _check_office(office: str, language: str | None, known: Registry) -> None:
    if "://" in office:
        check_address(office)
        name_near_address(office, known)
        return
    languages = {each.language for each in known.get(office).addresses}
    if language and language not in languages:
        has = ", ".join(sorted(filter(None, languages)))
        raise click.UsageError(f"{office} has no page in {language!r}: it has {has}")


def _arguments(source: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options for a source. Raises UsageError for one that is for other sources."""
    arguments = dict(options)
    for name, sources in _SOURCES_OF_OPTION.items():
        if source not in sources and arguments.pop(name) is not None:
            raise click.UsageError(f"--{name} cannot be used with --source {source}")
    if source == "memento" and arguments["every"] == "change":
        message = "--every change cannot be used with --source memento: TimeMaps have no digests"
        raise click.UsageError(message)
    archive = arguments.get("archive")
    if archive is not None and (source != "memento" or "://" in archive):
        check_address(archive)
    return arguments
