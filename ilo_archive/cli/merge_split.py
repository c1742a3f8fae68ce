"""`merge` and `split`: a researcher's decisions on identity."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.cli import pass_offices
from ilo_archive.identity.decisions import Decision, read_decisions
from ilo_archive.offices import Registry
from ilo_archive.queries.connection import check_archive
from ilo_archive.text.counted import counted
from ilo_archive.text.printable import printable


@contextmanager
def _writer(home: Path, known: Registry) -> Iterator[ArchiveWriter]:
    check_archive(home / "archive.sqlite")  # a writer would create one
    with closing(ArchiveWriter(home, known)) as writer:
        yield writer


@click.command()
@click.argument("entries", nargs=-1, metavar="A B")
@click.option("--note", help="The reason, kept with the decision.")
@click.option("--undo", is_flag=True, help="Undo the decision.")
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Import decisions: a decisions.jsonl of another home, or an exported .wacz.",
)
@click.pass_obj
@pass_offices
def merge(
    known: Registry,
    home: Path,
    /,
    entries: tuple[str, ...],
    note: str | None,
    undo: bool,
    file: Path | None,
) -> None:
    """Decide that A and B are the same entry, whatever the rules say.

    The decision is kept with its note and survives `reread`. It is also written to
    decisions.jsonl in the home, from which a new archive there restores it.

    \b
    Example:
      ilo-archive merge wcms-374655-en wcms-374656-en --note 'published twice'
      ilo-archive merge wcms-374655-en wcms-374656-en --undo
      ilo-archive merge --from other/decisions.jsonl
    """
    if len(entries) != (0 if file else 2) or (file and (undo or note)):
        raise click.UsageError("expected two entries, or --from FILE alone")
    with _writer(home, known) as writer:
        if file:
            decisions = read_decisions(file)
            writer.import_decisions(decisions)
            click.echo(f"{counted(len(decisions), 'decision')} imported", err=True)
        elif undo:
            _print_decision(writer.undo_merge(*entries), undone=True)
        else:
            one, other = entries
            _print_decision(writer.merge(one, other, note, datetime.now(UTC)))


@click.command()
@click.argument("sighting")
@click.option("--note", help="The reason, kept with the decision.")
@click.option(
    "--wording", is_flag=True, help="Also every other sighting of its entry in the same wording."
)
@click.option("--undo", is_flag=True, help="Undo the decision.")
@click.pass_obj
@pass_offices
def split(
    known: Registry, home: Path, /, sighting: str, note: str | None, wording: bool, undo: bool
) -> None:
    """Decide that SIGHTING belongs to another entry: it is moved to a new one, which `merge` can
    join to the right one. `show ENTRY --why` lists the sightings of an entry as CAPTURE#NUMBER.

    \b
    Example:
      ilo-archive split '20150414103217-a16cab9e4157#4' --note 'another seminar'
      ilo-archive split '20150414103217-a16cab9e4157#4' --undo
    """
    with _writer(home, known) as writer:
        if undo:
            _print_decision(writer.undo_split(sighting), undone=True)
        else:
            now = datetime.now(UTC)
            _print_decision(writer.split(sighting, note, now, wording=wording))


def _print_decision(decision: Decision, *, undone: bool = False) -> None:
    names = [each.name for each in decision.sightings]
    sightings = counted(len(names), "sighting")
    if decision.kind == "merge":
        both = " and ".join(names)
        message = f"Undone: {both} are two entries again" if undone else f"Merged: {both}"
    elif undone:
        message = f"Undone: {sightings} moved back from {decision.id} to {names[0]}"
    else:
        message = f"Split: {sightings} moved from {names[0]} to a new entry, {decision.id}"
    cure = "" if undone else ". Undo with --undo."
    click.echo(printable(f"{message}{cure or '.'}"), err=True)
