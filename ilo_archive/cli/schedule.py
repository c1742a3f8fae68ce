"""`schedule`: a timer, cron line or workflow that crawls regularly."""

import shutil
import sys
from pathlib import Path

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.crawl import SOURCES, check_address, check_contact, check_offices
from ilo_archive.cli.timers import CALENDAR, Job, cron_line, github_workflow, systemd_units
from ilo_archive.offices import Registry


@click.command()
@click.argument("office", nargs=-1)
@click.option("--kind", type=click.Choice(["systemd", "cron", "github"]), multiple=True)
@click.option("--every", type=click.Choice(list(CALENDAR)), default="week", show_default=True)
@click.option("--source", type=click.Choice(SOURCES), help="As of `crawl`.")
@click.option("--archive", metavar="URL", help="As of `crawl`.")
@click.option(
    "--contact",
    metavar="MAIL",
    envvar="ILO_ARCHIVE_CONTACT",
    help="Your e-mail address, sent to the archive with every request.",
)
@click.pass_obj
@pass_offices
def schedule(
    known: Registry,
    home: Path,
    /,
    office: tuple[str, ...],
    kind: tuple[str, ...],
    every: str,
    source: str | None,
    archive: str | None,
    contact: str | None,
) -> None:
    """Print a systemd timer with its services, and a cron line, that crawl each OFFICE regularly
    and renew the report.

    What is printed holds no secret: addresses of notifications and of a watcher come from a file
    or from the repository's secrets, as its comments say.

    \b
    Example:
      ilo-archive schedule moscow --every day --contact you@example.org
      ilo-archive schedule --kind cron --contact you@example.org
      ilo-archive schedule --kind github --source live --contact you@example.org
    """
    if not contact:
        raise click.UsageError(
            "remote archives require --contact you@example.org (or ILO_ARCHIVE_CONTACT)"
        )
    check_contact(contact)
    check_offices(office, None, known)
    if archive and "://" in archive:
        check_address(archive)
    if not str(home.resolve()).isprintable():
        raise click.UsageError("a schedule is made of lines: the home's name must be one")
    options = {"--source": source, "--archive": archive, "--contact": contact}
    given = [part for name, value in options.items() if value for part in (name, value)]
    crawl = ("crawl", *office, *given)
    here = Job((*_program(), "--home", str(home.resolve()), *_offices(known, absolute=True)), crawl)
    there = Job(("ilo-archive", "--home", str(home), *_offices(known, absolute=False)), crawl)
    printers = {
        "systemd": lambda: systemd_units(here, every, str(_apprise())),
        "cron": lambda: cron_line(here, every, home.resolve()),
        "github": lambda: github_workflow(there, every, str(home)),
    }
    for each in kind or ("systemd", "cron"):
        click.echo(printers[each]())


def _offices(known: Registry, *, absolute: bool) -> tuple[str, ...]:
    if not known.file:
        return ()
    return ("--offices", str(known.file.resolve() if absolute else known.file))


def _program() -> list[str]:
    """How this program is started: by its script, else through its interpreter."""
    beside = Path(sys.executable).with_name("ilo-archive")
    found = str(beside) if beside.exists() else shutil.which("ilo-archive")
    return [found] if found else [sys.executable, "-m", "ilo_archive"]


def _apprise() -> Path:
    """The program of the extra `notify`, which is beside the interpreter once it is installed."""
    return Path(sys.executable).with_name("apprise")
