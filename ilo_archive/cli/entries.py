"""`entries`: entries by date, a page as it was, edits, entries that are gone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.options import (
    ENTRIES,
    ENTRY_COLUMNS,
    explain_empty,
    filter_options,
    open_archive,
)
from ilo_archive.cli.output import print_rows
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import Edit, EntryAsOf, EntrySummary, GoneEntry
from ilo_archive.queries.archive import Archive
from ilo_archive.queries.entries import Sort
from ilo_archive.text.printable import printable
from ilo_archive.times import as_known

_EDIT_COLUMNS = {
    "entry": "entry_id", "field": "field", "before": "before", "after": "after",
    "before on": "before_at", "after on": "after_at", "page": "page",
}  # fmt: skip
_GONE_COLUMNS = {
    "date": "date", "entry": "entry_id", "title": "title", "last seen": "last_seen",
    "absent from": "absent_from", "page": "page",
}  # fmt: skip


@click.command()
@filter_options
@click.option("--as-of", metavar="DATE", help="Show the page as on its last good capture by then.")
@click.option(
    "--edited", is_flag=True, help="List edits: fields whose text changed between captures."
)
@click.option(
    "--gone",
    is_flag=True,
    help="List entries that a later good capture of their page lacks, with both bounds.",
)
@click.option("--sort", type=click.Choice(get_args(Sort)), default="date", show_default=True)
@click.pass_obj
@pass_offices
def entries(
    known: Registry,
    home: Path,
    /,
    format_: str,
    wide: bool,
    as_of: str | None,
    edited: bool,
    gone: bool,
    sort: Sort,
    **options: Any,
) -> None:
    """List news entries, the newest first.

    With --as-of: a page as it was on that day, with the capture to cite. With --edited: edits
    made without notice (title, date, summary ...), before and after, with the two captures
    between which each was made. With --gone: entries that left a page, with the last capture
    that shows each and the first that does not.

    \b
    Example:
      ilo-archive entries --office moscow --from 2015 --to 2016
      ilo-archive entries --office moscow --as-of 2015-05-01 --format json
      ilo-archive entries --office moscow --edited --format csv
      ilo-archive entries --office moscow --gone
    """
    if sum((edited, gone, bool(as_of))) > 1:
        raise click.UsageError("--edited, --gone and --as-of cannot be combined")
    with open_archive(home, known) as archive:
        archive.check(**options)
        kind, found, columns, noun = _answer(archive, as_of, edited, gone, sort, options)
    print_rows(kind, found, format_, columns, noun=noun, wide=wide)
    if format_ == "table":
        _print_citations(found)
        if not found:
            explain_empty(noun[1], options)


def _answer(
    archive: Archive,
    as_of: str | None,
    edited: bool,
    gone: bool,
    sort: Sort,
    options: Mapping[str, Any],
) -> tuple[type[Any], Sequence[Any], Mapping[str, str], tuple[str, str]]:
    """The type of the rows, the rows, the columns of the table, and what a row is."""
    if edited:
        return Edit, archive.edits(**options), _EDIT_COLUMNS, ("edit", "edits")
    if gone:
        return GoneEntry, archive.gone(**options), _GONE_COLUMNS, ENTRIES
    found = archive.entries(as_of=as_of, sort=sort, **options)
    return EntryAsOf if as_of else EntrySummary, found, ENTRY_COLUMNS, ENTRIES


def _print_citations(found: Sequence[Any]) -> None:
    """Print the captures that pages as of a day are from, one line each."""
    pages = {each.capture_id: each for each in found if isinstance(each, EntryAsOf)}
    for each in pages.values():
        source = each.uri_m or f"{each.url} in {each.archive}"
        when = as_known(each.captured_at, each.precision)
        click.echo(printable(f"{each.page} as captured {when}: {source}"))
