"""`schedule`: a timer, cron line or workflow that crawls regularly."""

import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.crawl import check_address, check_contact
from ilo_archive.offices import Registry

_PLAIN = re.compile(r"[\w./][\w./@ -]*")  # YAML values that need no quotes
_CALENDAR = {"day": "daily", "week": "weekly", "month": "monthly"}
_CRON = {"day": "17 4 * * *", "week": "17 4 * * 1", "month": "17 4 1 * *"}

_SYSTEMD = """\
# ~/.config/systemd/user/ilo-archive.service
[Unit]
Description=Crawl web archives for office homepages
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={command}
# 4: some captures wait for a retry, 5: rate-limited; the next run goes on.
SuccessExitStatus=4 5

# ~/.config/systemd/user/ilo-archive.timer
[Unit]
Description=Crawl web archives for office homepages, {calendar}

[Timer]
OnCalendar={calendar}
RandomizedDelaySec=1h
Persistent=true

[Install]
WantedBy=timers.target

# then: systemctl --user daemon-reload && systemctl --user enable --now ilo-archive.timer
"""

_GITHUB = """\
# .github/workflows/crawl.yml
name: crawl
on:
  schedule:
    - cron: "{cron}"
  workflow_dispatch:
jobs:
  crawl:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - run: pip install ilo-archive
      - run: {command}
      - uses: actions/upload-artifact@v4
        with:
          name: archive
          path: {home}
"""


@click.command()
@click.argument("office", nargs=-1)
@click.option("--kind", type=click.Choice(["systemd", "cron", "github"]), multiple=True)
@click.option("--every", type=click.Choice(list(_CALENDAR)), default="week", show_default=True)
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
    contact: str | None,
) -> None:
    """Print a systemd timer with its service, and a cron line, that crawl each OFFICE regularly.

    \b
    Example:
      ilo-archive schedule moscow --every day --contact you@example.org
      ilo-archive schedule --kind cron --contact you@example.org
    """
    if not contact:
        raise click.UsageError(
            "remote archives require --contact you@example.org (or ILO_ARCHIVE_CONTACT)"
        )
    check_contact(contact)
    for each in office:
        if "://" in each:
            check_address(each)
        else:
            known.get(each)
    if not str(home.resolve()).isprintable():
        raise click.UsageError("a schedule is made of lines: the home's name must be one")
    crawl = ["crawl", *office, "--contact", contact]
    file = known.file
    more = ["--offices", str(file.resolve())] if file else []
    here = [*_program(), "--home", str(home.resolve()), *more, *crawl]
    for each in kind or ("systemd", "cron"):
        if each == "systemd":
            command = shlex.join(here).replace("\\", "\\\\").replace("%", "%%").replace("$", "$$")
            click.echo(_SYSTEMD.format(command=command, calendar=_CALENDAR[every]))
        elif each == "cron":
            command = shlex.join(here).replace("%", r"\%")
            click.echo(f"# crontab -e\n{_CRON[every]} {command}")
        else:
            more = ["--offices", str(file)] if file else []
            there = shlex.join(["ilo-archive", "--home", str(home), *more, *crawl])
            click.echo(
                _GITHUB.format(command=_yaml(there), cron=_CRON[every], home=_yaml(str(home)))
            )


def _yaml(text: str) -> str:
    """A text as a value in a workflow: quoted where YAML or GitHub would read more into it."""
    text = text.replace("${{", "${{ '${{' }}")
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _program() -> list[str]:
    """How this program is started: by its script, else through its interpreter."""
    beside = Path(sys.executable).with_name("ilo-archive")
    found = str(beside) if beside.exists() else shutil.which("ilo-archive")
    return [found] if found else [sys.executable, "-m", "ilo_archive"]
