"""Questions: `entries`, `search`, `show`, `offices`, `status`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.output import format_option, print_json, print_rows, print_table
from ilo_archive.cli.reasons import print_reasons
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import (
    Edit,
    EntryAsOf,
    EntrySummary,
    OfficeHoldings,
    Status,
    Story,
)
from ilo_archive.queries.archive import Archive
from ilo_archive.queries.health import alarms
from ilo_archive.queries.offices import office_holdings
from ilo_archive.report.lifelines import life_lines
from ilo_archive.text.printable import printable
from ilo_archive.times import as_known, iso

_F = TypeVar("_F", bound=Callable[..., Any])

_ENTRY_COLUMNS = {
    "date": "date", "entry": "entry_id", "title": "title", "credit": "credit_holder",
    "first seen": "first_seen", "last seen": "last_seen", "absent from": "absent_from",
}  # fmt: skip


_EDIT_COLUMNS = {
    "entry": "entry_id", "field": "field", "before": "before", "after": "after",
    "before on": "before_at", "after on": "after_at", "page": "page",
}  # fmt: skip


def _archive(home: Path, offices: Registry) -> Archive:
    return Archive(home / "archive.sqlite", offices)


def _filters(function: _F) -> _F:
    """The options that narrow a list of entries."""
    for option in (
        click.option("--limit", type=click.IntRange(min=1), help="At most so many."),
        click.option("--section", help="Heading of the list on the page."),
        click.option("--credit", help="Part of a holder's or agency's name, in any form."),
        click.option("--to", "until", metavar="DATE", help="Dated up to then, that day included."),
        click.option("--from", "since", metavar="DATE", help="Dated from then: 2015, 2015-04, ..."),
        click.option("--language", help="Language of the entry, as en."),
        click.option("--office", help="Slug of an office whose page lists the entry."),
    ):
        function = option(function)
    return format_option(function)


@click.command()
@_filters
@click.option("--as-of", metavar="DATE", help="The page as the last good capture by then shows it.")
@click.option("--edited", is_flag=True, help="What a later capture words otherwise, by field.")
@click.pass_obj
@pass_offices
def entries(
    known: Registry, home: Path, /, format_: str, as_of: str | None, edited: bool, **options: Any
) -> None:
    """List entries, the newest first; with --as-of a page as it stood, and the capture to cite;
    with --edited the edits made without notice: title, date, summary ... before and after, and
    the two captures between which they were made, the latest first.

    \b
    Example:
      ilo-archive entries --office moscow --from 2015 --to 2016
      ilo-archive entries --office moscow --as-of 2015-05-01 --format json
      ilo-archive entries --office moscow --edited --format csv
    """
    if edited and as_of:
        raise click.UsageError("give --edited or --as-of, not both")
    office = options.pop("office")
    with _archive(home, known) as archive:
        if edited:
            print_rows(Edit, archive.edits(office, **options), format_, _EDIT_COLUMNS)
            return
        found = archive.entries(office, as_of=as_of, **options)
    print_rows(EntryAsOf if as_of else EntrySummary, found, format_, _ENTRY_COLUMNS)
    if format_ == "table":
        _print_citations(found)


def _print_citations(found: Sequence[EntrySummary]) -> None:
    """The captures that pages stood on, one line each."""
    pages = {each.capture_id: each for each in found if isinstance(each, EntryAsOf)}
    for each in pages.values():
        source = each.uri_m or f"{each.url} in {each.archive}"
        when = as_known(each.captured_at, each.precision)
        click.echo(printable(f"{each.page} as captured {when}: {source}"))


@click.command()
@click.argument("query", nargs=-1, required=True)
@_filters
@click.pass_obj
@pass_offices
def search(
    known: Registry, home: Path, /, query: tuple[str, ...], format_: str, **options: Any
) -> None:
    """Find entries any wording of which holds every word of QUERY.

    \b
    Example:
      ilo-archive search child labour
      ilo-archive search '"trade union" employ*' --from 2015
    """
    with _archive(home, known) as archive:
        found = archive.search(" ".join(query), **options)
    print_rows(EntrySummary, found, format_, _ENTRY_COLUMNS)


@click.command()
@click.argument("entry")
@click.option("--why", is_flag=True, help="Why each sighting is one of this entry.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
@pass_offices
def show(known: Registry, home: Path, /, entry: str, why: bool, format_: str) -> None:
    """Tell the story of one ENTRY: its wordings, its sightings, and how far the evidence goes.

    With --why instead the rule that made each sighting one of the entry, its score from 0 to 100
    and what was compared.

    \b
    Example:
      ilo-archive show wcms-359871-en
      ilo-archive show wcms-359871-en --why
    """
    with _archive(home, known) as archive:
        if why:
            print_reasons(archive.story(entry).item, archive.reasons(entry), format_)
            return
        story = archive.story(entry)
    if format_ == "json":
        print_json(story)
    else:
        for line in _story_lines(story):
            click.echo(printable(line))


def _story_lines(story: Story) -> list[str]:
    item = story.item
    lines = [
        item.title or "(without a title)",
        f"  {item.entry_id}, {item.date or 'undated'}, {item.office}, {item.language or '?'}",
        *([f"  {item.link}"] if item.link else []),
        "",
        *life_lines(story),
    ]
    for number, wording in enumerate(story.wordings, start=1):
        lines += ["", f"Wording {number} of {len(story.wordings)}  {wording.revision_id}"]
        lines.append(f"  on captures from {iso(wording.first_seen)} to {iso(wording.last_seen)}")
        if wording.changes:
            changed = ", ".join(change.field for change in wording.changes)
            lines.append(f"  differs from the wording before in {changed}")
        for name in ("kicker", "title", "dateline", "place", "summary", "link"):
            value = getattr(wording, name)
            lines += [f"  {name:9}{value}"] if value else []
    lines += ["", f"Sightings ({len(story.sightings)})"]
    for each in story.sightings:
        where = f"{each.section or 'list'} {each.position}"
        source = each.uri_m or each.archive
        credit = f", {each.credit}" if each.credit else ""
        when = as_known(each.captured_at, each.precision)
        lines.append(f"  {when}  {where}{credit}  [{source}]")
    return lines


@click.command()
@format_option
@click.pass_obj
@pass_offices
def offices(known: Registry, home: Path, /, format_: str) -> None:
    """List the offices of the registry and what the archive holds of each.

    \b
    Example:
      ilo-archive offices
    """
    if (home / "archive.sqlite").exists():
        with _archive(home, known) as archive:
            held = archive.offices()
    else:
        held = office_holdings(known, {})
    names = ("slug", "name", "languages", "captures", "good", "first", "last", "addresses")
    print_rows(OfficeHoldings, held, format_, {each: each for each in names})


@click.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
@pass_offices
def status(known: Registry, home: Path, /, format_: str) -> None:
    """Show the last runs, how fresh each office is, and what waits or went wrong.

    \b
    Example:
      ilo-archive status
    """
    with _archive(home, known) as archive:
        now = archive.status()
    if format_ == "json":
        print_json(now)
    else:
        _print_status(now)


def _print_status(now: Status) -> None:
    click.echo("Last runs")
    columns = ("command", "started_at", "outcome", "captures", "new_entries", "revised", "failed")
    ended = (replace(run, outcome=run.outcome or "not ended") for run in now.runs)
    rows = ([getattr(run, name) for name in columns] for run in ended)
    print_table([name.replace("_", " ") for name in columns], rows)
    click.echo("\nFreshness")
    held = ((each.slug, each.captures, each.good, each.first, each.last) for each in now.offices)
    print_table(("office", "captures", "good", "first", "last"), held)
    click.echo("\nCaptures by state")
    print_table(("state", "captures"), now.states.items())
    found = [*alarms(now)]
    click.echo("\nAlarms" if found else "\nNo alarms")
    for alarm in found:
        click.echo(f"  {printable(alarm)}")
