"""`cite`: entries, pages, descriptions and captures as references."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.formats import CITATION, load
from ilo_archive.cli.options import open_archive
from ilo_archive.errors import ExitCode
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import Cited
from ilo_archive.queries.archive import Archive
from ilo_archive.text.counted import counted
from ilo_archive.text.printable import printable, safe_json


@click.command()
@click.argument("entries", nargs=-1, metavar="[ENTRY]...")
@click.option("--page", "pages", metavar="OFFICE", multiple=True, help="Cite an office's page.")
@click.option(
    "--description", "descriptions", metavar="OFFICE", multiple=True,
    help="Cite the description of an office.",
)  # fmt: skip
@click.option("--capture", "captures", metavar="ID", multiple=True, help="Cite a capture.")
@click.option(
    "--as-of", metavar="DATE", help="By the last capture up to then: 2015, 2015-05, 2015-05-01."
)
@click.option("--language", help="Language of the page or description, e.g. en.")
@click.option(
    "--format", "format_", type=click.Choice(list(CITATION)), default="text", show_default=True
)
@click.option(
    "--archive-url", is_flag=True, help="Use the web archive's address as the main one (Zotero)."
)
@click.option(
    "--verify", is_flag=True, help="Compare words and digest with the kept capture, offline."
)
@click.pass_obj
@pass_offices
def cite(
    known: Registry,
    home: Path,
    /,
    entries: tuple[str, ...],
    pages: tuple[str, ...],
    descriptions: tuple[str, ...],
    captures: tuple[str, ...],
    as_of: str | None,
    language: str | None,
    format_: str,
    archive_url: bool,
    verify: bool,
) -> int:
    """Print references to entries, each with the capture that shows it: its URI-M and time.

    An ENTRY is cited in its latest wording, by the last capture that shows it. To cite an earlier
    wording, use the id of its revision (see `show`) or --as-of. With --verify: exit code 0 when
    everything agrees, 1 otherwise.

    \b
    Example:
      ilo-archive cite wcms-356122-en wcms-359871-en --format bibtex
      ilo-archive cite --page moscow --as-of 2015-05
      ilo-archive cite --description moscow --as-of 2015 --format csl-json
      ilo-archive cite --capture 20150414103217 --verify
    """
    if not (entries or pages or descriptions or captures):
        raise click.UsageError("nothing to cite: use an ENTRY, --page, --description or --capture")
    with open_archive(home, known) as archive:
        found = [
            *(archive.cited(each, as_of) for each in entries),
            *(archive.cited_page(each, as_of, language) for each in pages),
            *(archive.cited_description(each, as_of, language) for each in descriptions),
            *(archive.cited_capture(each) for each in captures),
        ]
        references = list(dict.fromkeys(found))
        if verify:
            return _verify(archive, home / "warc", references)
    _print(load(CITATION[format_])(references, archive_url=archive_url), format_)
    return ExitCode.DONE


def _print(text: str, format_: str) -> None:
    if format_ == "csl-json":
        click.echo(safe_json(text), nl=False)
        return
    for line in text.splitlines():
        click.echo(printable(line))


def _verify(archive: Archive, store: Path, references: Sequence[Cited]) -> int:
    """Print what agrees with the kept captures and what does not; the exit code."""
    outcomes = [_checked(archive, store, each) for each in references]
    return ExitCode.DONE if all(outcomes) else ExitCode.DIFFERS


def _checked(archive: Archive, store: Path, cited: Cited) -> bool:
    from ilo_archive.export.citation_check import check_citation

    checks = check_citation(archive, store, cited)
    failed = sum(not each.agrees for each in checks)
    for line in _lines(cited, [(each.agrees, each.what, each.detail) for each in checks]):
        click.echo(printable(line))
    agreed = counted(len(checks), "check")
    click.echo(f"not verified: {failed} of {agreed} failed" if failed else f"verified: {agreed}")
    return not failed


def _lines(cited: Cited, checks: Sequence[tuple[bool, str, str]]) -> Iterator[str]:
    yield f"{cited.kind} {cited.id}, capture {cited.capture_id}"
    for agrees, what, detail in checks:
        yield f"  {'agrees ' if agrees else 'DIFFERS'}  {what:11}  {detail}"
