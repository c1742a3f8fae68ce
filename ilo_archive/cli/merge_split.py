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
from ilo_archive.text.printable import printable


@contextmanager
def _writer(home: Path, known: Registry) -> Iterator[ArchiveWriter]:
    check_archive(home / "archive.sqlite")  # a writer would make one
    with closing(ArchiveWriter(home, known)) as writer:
        yield writer


@click.command()
@click.argument("entries", nargs=-1, metavar="A B")
@click.option("--note", help="Why; kept with the decision.")
@click.option("--undo", is_flag=True, help="Take the decision back.")
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take the decisions of another home, from its decisions.jsonl or an exported .wacz.",
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
    """Decide that the entries A and B are one, whatever the rules say.

    The decision is kept with its note, outlives `reread`, and is written to decisions.jsonl in
    the home, which an archive that starts anew there takes up.

    \b
    Example:
      ilo-archive merge wcms-374655-en wcms-374656-en --note 'published twice'
      ilo-archive merge wcms-374655-en wcms-374656-en --undo
      ilo-archive merge --from other/decisions.jsonl
    """
    if len(entries) != (0 if file else 2) or (file and (undo or note)):
        raise click.UsageError("give two entries, or --from FILE alone")
    with _writer(home, known) as writer:
        if file:
            decisions = read_decisions(file)
            writer.import_decisions(decisions)
            click.echo(f"{len(decisions)} decisions held", err=True)
        elif undo:
            _tell("taken back", writer.undo_merge(*entries))
        else:
            one, other = entries
            _tell("recorded", writer.merge(one, other, note, datetime.now(UTC)))


@click.command()
@click.argument("sighting")
@click.option("--note", help="Why; kept with the decision.")
@click.option("--wording", is_flag=True, help="All sightings of its entry in the same words.")
@click.option("--undo", is_flag=True, help="Take the decision back.")
@click.pass_obj
@pass_offices
def split(
    known: Registry, home: Path, /, sighting: str, note: str | None, wording: bool, undo: bool
) -> None:
    """Decide that SIGHTING is of another entry: it becomes one of its own, which `merge` may join
    to the right one. `show ENTRY --why` names the sightings of an entry, as CAPTURE#NUMBER.

    \b
    Example:
      ilo-archive split '20150414103217-a16cab9e4157#4' --note 'another seminar'
      ilo-archive split '20150414103217-a16cab9e4157#4' --undo
    """
    with _writer(home, known) as writer:
        if undo:
            _tell("taken back", writer.undo_split(sighting))
        else:
            now = datetime.now(UTC)
            _tell("recorded", writer.split(sighting, note, now, wording=wording))


def _tell(what: str, decision: Decision) -> None:
    if decision.kind == "merge":
        told = " and ".join(each.name for each in decision.sightings) + " are one entry"
    else:
        told = f"{len(decision.sightings)} sightings are the entry {decision.id}"
    click.echo(printable(f"{what}: {told}"), err=True)
