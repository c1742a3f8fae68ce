"""`show`: one entry with its history."""

from pathlib import Path

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.formats import ANSWER
from ilo_archive.cli.options import open_archive
from ilo_archive.cli.output import print_json
from ilo_archive.cli.reasons import print_reasons
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import Story
from ilo_archive.report.lifelines import lifeline_text
from ilo_archive.text.printable import printable
from ilo_archive.times import as_known, iso


@click.command()
@click.argument("entry")
@click.option("--why", is_flag=True, help="Show why each sighting was matched to this entry.")
@click.option("--format", "format_", type=click.Choice(ANSWER), default="text")
@click.pass_obj
@pass_offices
def show(known: Registry, home: Path, /, entry: str, why: bool, format_: str) -> None:
    """Show the full history of one ENTRY: when it was on the page, its wordings, its sightings.

    With --why: the rule that matched each sighting to the entry, its score from 0 to 100, and
    what was compared.

    \b
    Example:
      ilo-archive show wcms-359871-en
      ilo-archive show wcms-359871-en --why
    """
    with open_archive(home, known) as archive:
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
        *lifeline_text(story),
    ]
    for number, wording in enumerate(story.wordings, start=1):
        lines += ["", f"Wording {number} of {len(story.wordings)}  {wording.revision_id}"]
        lines.append(f"  on captures from {iso(wording.first_seen)} to {iso(wording.last_seen)}")
        if wording.cut_of:
            lines.append(f"  no edit: a page ends within it ({wording.cut_of} is whole)")
        if wording.changes:
            changed = ", ".join(change.field for change in wording.changes)
            lines.append(f"  changed since the wording before: {changed}")
        for name in ("kicker", "title", "dateline", "place", "summary", "link"):
            value = getattr(wording, name)
            lines += [f"  {name:9}{value}"] if value else []
    lines += ["", f"Sightings ({len(story.sightings)})"]
    for each in story.sightings:
        where = f"{each.section or 'list'} {each.position}"
        source = each.uri_m or each.archive
        credit = f", {each.credit}" if each.credit else ""
        when = as_known(each.captured_at, each.precision)
        crawl = f", crawl {each.crawl}" if each.crawl else ""
        fault = f" ({each.fault})" if each.fault else ""
        lines.append(f"  {when}  {where}{credit}  [{source}{crawl}]{fault}")
    return lines
