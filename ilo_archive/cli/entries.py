"""`entries`: entries by date, a page as it stood, edits."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.options import ENTRY_COLUMNS, filter_options, open_archive
from ilo_archive.cli.output import print_rows
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import Edit, EntryAsOf, EntrySummary
from ilo_archive.text.printable import printable
from ilo_archive.times import as_known

_EDIT_COLUMNS = {
    "entry": "entry_id", "field": "field", "before": "before", "after": "after",
    "before on": "before_at", "after on": "after_at", "page": "page",
}  # fmt: skip


@click.command()
@filter_options
@click.option("--as-of", metavar="DATE", help="Show the page as on its last good capture by then.")
@click.option(
    "--edited", is_flag=True, help="List edits: fields whose text changed between captures."
)
@click.pass_obj
@pass_offices
def entries(
    known: Registry, home: Path, /, format_: str, as_of: str | None, edited: bool, **options: Any
) -> None:
    """List news entries, the newest first.

    With --as-of: a page as it was on that day, with the capture to cite. With --edited: edits
    made without notice (title, date, summary ...), before and after, with the two captures
    between which each was made.

    \b
    Example:
      ilo-archive entries --office moscow --from 2015 --to 2016
      ilo-archive entries --office moscow --as-of 2015-05-01 --format json
      ilo-archive entries --office moscow --edited --format csv
    """
    if edited and as_of:
        raise click.UsageError("--edited and --as-of cannot be combined")
    office = options.pop("office")
    with open_archive(home, known) as archive:
        if edited:
            print_rows(Edit, archive.edits(office, **options), format_, _EDIT_COLUMNS)
            return
        found = archive.entries(office, as_of=as_of, **options)
    print_rows(EntryAsOf if as_of else EntrySummary, found, format_, ENTRY_COLUMNS)
    if format_ == "table":
        _print_citations(found)


def _print_citations(found: Sequence[EntrySummary]) -> None:
    """The captures that pages stood on, one line each."""
    pages = {each.capture_id: each for each in found if isinstance(each, EntryAsOf)}
    for each in pages.values():
        source = each.uri_m or f"{each.url} in {each.archive}"
        when = as_known(each.captured_at, each.precision)
        click.echo(printable(f"{each.page} as captured {when}: {source}"))
