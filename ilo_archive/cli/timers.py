"""The files that `schedule` prints: units of systemd, a line of cron, a workflow of GitHub."""

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

CALENDAR = {"day": "daily", "week": "weekly", "month": "monthly"}
"""How often, and systemd's word for it."""

_CRON = {"day": "{} * * *", "week": "{} * * 1", "month": "{} 1 * *"}

_SYSTEMD = """\
# ~/.config/systemd/user/ilo-archive.service
[Unit]
Description=Crawl web archives for office homepages
Wants=network-online.target
After=network-online.target
OnFailure=ilo-archive-failed.service

[Service]
Type=oneshot
# Secrets, if any: ILO_ARCHIVE_NOTIFY=... and ILO_ARCHIVE_PING=..., a line each; chmod 600.
EnvironmentFile=-%h/.config/ilo-archive.env
ExecStart={crawl}
ExecStart={report}
# It fails while an alarm stands, and so does the unit.
ExecStart={status}
# 4: some captures wait for a retry, 5: rate-limited; the next run goes on. After three such runs in
# a row there is an alarm.
SuccessExitStatus=4 5

# ~/.config/systemd/user/ilo-archive-failed.service
[Unit]
Description=Send the state of the archive after a crawl that failed

[Service]
Type=oneshot
EnvironmentFile=-%h/.config/ilo-archive.env
# Needs ILO_ARCHIVE_NOTIFY, and the extra: pip install 'ilo-archive[notify]'
ExecStart=/bin/sh -c {notify}

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
# so that it runs while you are logged out: loginctl enable-linger
# try it: systemctl --user start ilo-archive.service; journalctl --user -u ilo-archive.service
"""

_CRONTAB = """\
# crontab -e; the lock keeps a run that takes long from meeting the next one
{line}
"""

_GITHUB = """\
# .github/workflows/crawl.yml
# Secrets, if any: ILO_ARCHIVE_NOTIFY and ILO_ARCHIVE_PING.
# To publish the report: Settings, Pages, Source "GitHub Actions".
name: crawl
on:
  schedule:
    - cron: "{cron}"
  workflow_dispatch:
permissions:
  actions: read
  contents: read
  id-token: write
  pages: write
concurrency:
  group: crawl
jobs:
  crawl:
    runs-on: ubuntu-latest
    environment: github-pages
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - run: pip install -c constraints.txt '.[notify]'
      - name: Restore the archive of the run before
        id: restore
        env:
          GH_TOKEN: ${{{{ github.token }}}}
        run: |
          artifacts="repos/$GITHUB_REPOSITORY/actions/artifacts?name=archive&per_page=1"
          id=$(gh api "$artifacts" --jq '.artifacts[] | select(.expired | not) | .id')
          if [ -n "$id" ]; then
            gh api "repos/$GITHUB_REPOSITORY/actions/artifacts/$id/zip" > "$RUNNER_TEMP/archive.zip"
            unzip -q "$RUNNER_TEMP/archive.zip" -d {quoted_home}
          else
            echo "::notice::no archive yet, a new one begins"
          fi
      - name: Crawl
        env:
          ILO_ARCHIVE_NOTIFY: ${{{{ secrets.ILO_ARCHIVE_NOTIFY }}}}
          ILO_ARCHIVE_PING: ${{{{ secrets.ILO_ARCHIVE_PING }}}}
        run: |
          {crawl} || case $? in
            4 | 5) echo "::warning::not finished, the next run goes on" ;;
            *) exit 1 ;;
          esac
      - name: Keep the archive
        if: always() && steps.restore.outcome == 'success'
        uses: actions/upload-artifact@v4
        with:
          name: archive
          path: {yaml_home}
          retention-days: 90
      - name: Report and CSV
        run: |
          {report}
          {export}
      - uses: actions/upload-pages-artifact@v3
        with:
          path: {reports}
      - uses: actions/deploy-pages@v4
      - name: Alarms
        # It fails while an alarm stands; GitHub then writes to you.
        run: |
          {status}
"""


@dataclass(frozen=True, slots=True)
class Job:
    """A crawl: the program with the options that all its commands have, and the command."""

    program: tuple[str, ...]
    crawl: tuple[str, ...]

    def command(self, *words: str) -> str:
        """A command of the program, quoted for a shell."""
        return shlex.join((*self.program, *words))

    @property
    def start(self) -> tuple[int, int]:
        """Hour and minute of a start in the small hours, by the crawl: not all users' at once."""
        number = crc32(" ".join(self.crawl).encode())
        return 1 + number // 60 % 5, number % 60


def systemd_units(job: Job, every: str, apprise: str) -> str:
    """A service, one for its failure, and a timer with jitter, under the names of their files.
    `apprise` is the program that sends messages.
    """
    status = job.command("status")
    title = shlex.quote("ilo-archive: the crawl failed")
    notify = f"{status} | {shlex.quote(apprise)} -t {title} $ILO_ARCHIVE_NOTIFY"
    return _SYSTEMD.format(
        crawl=_for_systemd(job.command(*job.crawl)),
        report=_for_systemd(job.command("report")),
        status=_for_systemd(job.command("status", "--exit-code")),
        notify=_as_one_argument(notify),
        calendar=CALENDAR[every],
    )


def _for_systemd(command: str) -> str:
    """With what a unit would replace doubled."""
    return command.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$")


def _as_one_argument(command: str) -> str:
    return '"' + _for_systemd(command).replace('"', '\\"') + '"'


def cron_line(job: Job, every: str, home: Path) -> str:
    """A line for crontab. Only what goes wrong is printed, so that cron mails only that."""
    lock = f'"$HOME/.ilo-archive-{crc32(str(home).encode()):08x}.lock"'
    crawl, report = job.command(*job.crawl), job.command("report")
    status = job.command("status", "--exit-code")
    alarms = f'state=$({status}) || echo "$state"'
    command = f"flock -n {lock} {crawl} >/dev/null; {report} >/dev/null; {alarms}"
    return _CRONTAB.format(line=f"{_time(job, every)} {_for_cron(command)}")


def _for_cron(command: str) -> str:
    return command.replace("%", r"\%")


def _time(job: Job, every: str) -> str:
    hour, minute = job.start
    return _CRON[every].format(f"{minute} {hour}")


def github_workflow(job: Job, every: str, home: str) -> str:
    """A workflow that keeps its archive, a folder of the checkout, as an artifact."""
    reports = f"{home}/reports"
    values = {
        "crawl": job.command(*job.crawl),
        "report": job.command("report"),
        "status": job.command("status", "--exit-code"),
        "export": job.command("export", f"{reports}/entries.csv"),
        "quoted_home": shlex.quote(home),
        "yaml_home": json.dumps(home),
        "reports": json.dumps(reports),
    }
    literal = {name: _for_github(value) for name, value in values.items()}
    return _GITHUB.format(cron=_time(job, every), **literal)


def _for_github(text: str) -> str:
    """With what GitHub would replace, wherever it stands in a workflow, as an expression of it."""
    return text.replace("${{", "${{ '${{' }}")
