"""What a crawl sends to others: pings, notifications, requests to save. None fails the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ilo_archive.errors import ExitCode, IloArchiveError
from ilo_archive.notify import NotSent
from ilo_archive.offices import Registry
from ilo_archive.text.printable import printable

if TYPE_CHECKING:
    from ilo_archive.notify.web_requests import Signal
    from ilo_archive.queries.archive import Archive
    from ilo_archive.queries.since import Since

_SIGNALS: dict[int, Signal] = {
    ExitCode.DONE: "success",
    ExitCode.SOME_FAILED: "unfinished",
    ExitCode.RATE_LIMITED: "unfinished",
}
"""The signal to the watcher for an exit code; any other is a failure."""


@dataclass
class RunMessages:
    """Where a crawl sends messages: the options `--notify`, `--ping` and `--save`."""

    notify: tuple[str, ...] = ()
    ping: str | None = None
    save: bool = False
    contact: str | None = None

    def check(self) -> None:
        """Raise CannotNotify for what cannot work, before the crawl begins."""
        if self.notify:
            from ilo_archive.notify.apprise_senders import Notifier

            Notifier(self.notify)

    @contextmanager
    def around(self, home: Path, known: Registry) -> Iterator[Callable[[int], None]]:
        """Tell the watcher of the start, then of the end with the exit code that the function is
        called with, and send what the run brought. An error counts as a failure.
        """
        started, codes = datetime.now(UTC), list[int]()
        self._ping("start")
        try:
            yield codes.append
        finally:
            code = codes[0] if codes else None
            self._ping("failure" if code is None else _SIGNALS.get(code, "failure"))
            if (self.notify or self.save) and code != ExitCode.WRONG_USE:
                _attempt(partial(self._tell, home, known, started))

    def _ping(self, signal: Signal) -> None:
        if address := self.ping:
            from ilo_archive.notify.web_requests import ping

            _attempt(partial(ping, address, signal))

    def _tell(self, home: Path, known: Registry, started: datetime) -> None:
        from ilo_archive.queries.archive import Archive

        with Archive(home / "archive.sqlite", known) as archive:
            since = archive.changes_since(f"{started:%Y%m%d%H%M%S}")
            if self.save:
                self._save(since)
            if self.notify:
                self._notify(archive, home, since)

    def _save(self, since: Since) -> None:
        from ilo_archive.notify.web_requests import save_page

        for url in dict.fromkeys(each.after.url for each in since.updates if each.differs):
            _attempt(partial(save_page, url, self.contact))

    def _notify(self, archive: Archive, home: Path, since: Since) -> None:
        from ilo_archive.maintenance.alarms import home_alarms
        from ilo_archive.notify.apprise_senders import Notifier
        from ilo_archive.notify.digest import digest_of_alarms, digest_of_changes

        alarms = home_alarms(archive, home, datetime.now(UTC))
        notifier = Notifier(self.notify)
        messages = (digest_of_changes(since), digest_of_alarms(alarms))
        for message in filter(None, messages):
            _attempt(partial(notifier.send, message))


def _attempt(send: Callable[[], None]) -> None:
    """Send, or print in one line why not."""
    try:
        send()
    except (NotSent, IloArchiveError) as error:
        click.echo(f"ilo-archive: {printable(str(error))}", err=True)
    except Exception as error:  # noqa: BLE001 - whatever happens, the run is recorded
        click.echo(f"ilo-archive: no message sent: {type(error).__name__}", err=True)
