"""`captures`: the captures that are known, fetched or not."""

from pathlib import Path
from typing import Any

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.options import explain_empty, limit_option, open_archive
from ilo_archive.cli.output import format_option, print_rows
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import KnownCapture

_COLUMNS = {
    "captured at": "captured_at", "office": "office", "language": "language", "state": "state",
    "quality": "quality", "reason": "reason", "fault": "fault", "capture": "id",
    "archive": "archive", "crawl": "crawl", "redirected from": "redirected_from",
    "asked again from": "retry_at", "address": "uri_m",
}  # fmt: skip
_STATES = ("listed", "fetched", "read", "unreadable", "failed", "skipped")


@click.command()
@click.argument("office", required=False)
@click.option("--state", type=click.Choice(_STATES), help="Only captures in this state.")
@click.option("--quality", help="Only captures of this quality, e.g. good, redirect, error.")
@click.option("--from", "since", metavar="DATE", help="Captured from then on: 2015, 2015-04, ...")
@click.option("--to", "until", metavar="DATE", help="Captured up to then; includes that day.")
@limit_option
@format_option
@click.pass_obj
@pass_offices
def captures(
    known: Registry, home: Path, /, office: str | None, format_: str, wide: bool, **options: Any
) -> None:
    """List the captures known, the latest first: state, quality, and why one was not read.

    \b
    Example:
      ilo-archive captures moscow --from 2017 --to 2018
      ilo-archive captures --state failed --format csv
    """
    with open_archive(home, known) as archive:
        found = archive.captures(office, **options)
    noun = ("capture", "captures")
    print_rows(KnownCapture, found, format_, _COLUMNS, noun=noun, wide=wide)
    if not found and format_ == "table":
        explain_empty("captures", options)
