"""`search`: entries by their words, and words that came or went."""

from pathlib import Path
from typing import Any

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
from ilo_archive.queries.answers import EntrySummary, WordChange
from ilo_archive.queries.emptiness import check_query

_CHANGE_COLUMNS = {
    "before": "before_at", "after": "after_at", "page": "page", "entry": "entry_id",
    "field": "field", "text": "title", "edited": "still_listed",
}  # fmt: skip


@click.command()
@click.argument("query", nargs=-1, required=True)
@filter_options
@click.option(
    "--added", is_flag=True, help="List where these words came onto a page, between which captures."
)
@click.option(
    "--removed", is_flag=True, help="List where these words left a page, between which captures."
)
@click.pass_obj
@pass_offices
def search(
    known: Registry,
    home: Path,
    /,
    query: tuple[str, ...],
    format_: str,
    wide: bool,
    added: bool,
    removed: bool,
    **options: Any,
) -> None:
    """Find entries containing all the given words in any of their versions.

    Use "two words" for a phrase and employ* for a prefix. With --added or --removed: where
    entries, names or descriptions with these words came onto a page or left it, with the captures
    before and after; --from and --to then bound the later capture.

    \b
    Example:
      ilo-archive search child labour
      ilo-archive search '"trade union" employ*' --from 2015
      ilo-archive search safety --removed --from 2017 --to 2021
    """
    words = " ".join(query)
    check_query(words)
    if added and removed:
        raise click.UsageError("--added and --removed cannot be combined")
    with open_archive(home, known) as archive:
        archive.check(**options)
        if added or removed:
            _print_changes(archive, words, added, format_, wide, options)
            return
        found = archive.search(words, **options)
    print_rows(EntrySummary, found, format_, ENTRY_COLUMNS, noun=ENTRIES, wide=wide)
    if not found and format_ == "table":
        explain_empty(f"entries contain {words}", options)


def _print_changes(
    archive: Any, words: str, added: bool, format_: str, wide: bool, options: dict[str, Any]
) -> None:
    for name in ("credit", "section"):
        if options.pop(name) is not None:
            raise click.UsageError(f"--{name} cannot be combined with --added or --removed")
    found = archive.word_changes(words, "added" if added else "removed", **options)
    noun = ("change", "changes")
    print_rows(WordChange, found, format_, _CHANGE_COLUMNS, noun=noun, wide=wide)
    if not found and format_ == "table":
        explain_empty(f"pages where {words} was {'added' if added else 'removed'}", options)
