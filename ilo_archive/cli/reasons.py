"""`show --why`: why each sighting is one of its entry."""

from collections.abc import Iterator, Sequence

import click

from ilo_archive.cli.output import print_json
from ilo_archive.identity.similarity import Similarity
from ilo_archive.queries.answers import (
    Compared,
    EntrySummary,
    Reason,
)
from ilo_archive.text.printable import printable
from ilo_archive.times import iso

_RULES = {
    "number": "item number",
    "link": "canonical link",
    "title": "date and title",
    "text": "near date and text",
    "merge": "merged by a researcher",
    "split": "split off by a researcher",
}


def print_reasons(item: EntrySummary, reasons: Sequence[Reason], format_: str) -> None:
    """Print the reasons of an entry's sightings."""
    if format_ == "json":
        print_json({"entry_id": item.entry_id, "sightings": reasons})
        return
    click.echo(printable(item.title or "(without a title)"))
    click.echo(printable(f"  {item.entry_id}, {item.date or 'undated'}, {len(reasons)} sightings"))
    for each in reasons:
        for line in _lines(each):
            click.echo(printable(line))


def _lines(reason: Reason) -> Iterator[str]:
    yield ""
    yield f"{iso(reason.captured_at)}  {reason.sighting}"
    yield f"  {_RULES[reason.rule]}, score {reason.score:g}{_parts(reason.likeness)}"
    if reason.rule in ("number", "link"):
        yield f"  link     {reason.link}"
    else:
        yield from _wording("here", reason.wording)
    if reason.compared:
        yield from _wording("against", reason.compared)
    if reason.note:
        yield f"  note     {reason.note}"


def _parts(likeness: Similarity | None) -> str:
    if likeness is None:
        return ""
    parts = [f"title {likeness.title:g}"]
    if likeness.summary is not None:
        parts.append(f"summary {likeness.summary:g}")
    if likeness.days is not None:
        parts.append(f"{likeness.days} day{'' if likeness.days == 1 else 's'} apart")
    return f" ({', '.join(parts)})"


def _wording(label: str, wording: Compared) -> Iterator[str]:
    yield f"  {label:8} {wording.date or 'undated'}  {wording.title or '(without a title)'}"
    if wording.summary:
        yield f"           {wording.summary}"
