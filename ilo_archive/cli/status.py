"""`status`: the last runs, how fresh each office is, and alarms."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.formats import STATUS
from ilo_archive.cli.options import open_archive
from ilo_archive.cli.output import print_json, print_table
from ilo_archive.errors import ExitCode
from ilo_archive.maintenance.alarms import home_alarms
from ilo_archive.offices import Registry
from ilo_archive.queries.alarms import Alarm
from ilo_archive.queries.answers import Status
from ilo_archive.queries.json_types import to_json_types
from ilo_archive.report.prometheus import render_prometheus
from ilo_archive.text.printable import printable
from ilo_archive.times import iso

_RUNS = {"text": 5, "json": 5, "prometheus": 1000}


@click.command()
@click.option("--format", "format_", type=click.Choice(STATUS), default="text", show_default=True)
@click.option(
    "--exit-code",
    is_flag=True,
    help="End with 1 while an alarm stands; what may pass counts after three runs in a row.",
)
@click.pass_obj
@pass_offices
def status(known: Registry, home: Path, /, format_: str, exit_code: bool) -> ExitCode:
    """Show the last runs, how fresh each office is, and alarms: what needs attention, with cause
    and cure.

    \b
    Example:
      ilo-archive status --exit-code
      ilo-archive status --format prometheus
    """
    with open_archive(home, known) as archive:
        now = archive.status(_RUNS[format_])
        alarms = home_alarms(archive, home, datetime.now(UTC))
    if format_ == "json":
        print_json({**to_json_types(now), "alarms": to_json_types(alarms)})
    elif format_ == "prometheus":
        click.echo(render_prometheus(now, alarms), nl=False)
    else:
        _print_status(now, alarms)
    stands = exit_code and any(each.lasts for each in alarms)
    return ExitCode.DIFFERS if stands else ExitCode.DONE


def _print_status(now: Status, alarms: Sequence[Alarm]) -> None:
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
    verified = iso(now.verified_at) if now.verified_at else "never"
    click.echo(f"\nLast verify: {verified}")
    click.echo("\nAlarms" if alarms else "\nNo alarms")
    for alarm in alarms:
        click.echo(f"  {printable(alarm.text)}: {printable(alarm.cure)}")
