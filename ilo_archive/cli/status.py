"""`status`: the last runs, how fresh each office is, and alarms."""

from dataclasses import replace
from pathlib import Path

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.formats import ANSWER
from ilo_archive.cli.options import open_archive
from ilo_archive.cli.output import print_json, print_table
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import Status
from ilo_archive.queries.health import alarms
from ilo_archive.text.printable import printable


@click.command()
@click.option("--format", "format_", type=click.Choice(ANSWER), default="text")
@click.pass_obj
@pass_offices
def status(known: Registry, home: Path, /, format_: str) -> None:
    """Show the last runs, how fresh each office is, and alarms: what needs attention.

    \b
    Example:
      ilo-archive status
    """
    with open_archive(home, known) as archive:
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
