"""Count attempts to fetch a capture, and decide when it is asked for again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from ilo_archive.archive import tables as t
from ilo_archive.capture import Failure, NotFetched
from ilo_archive.times import iso

LONGEST_PAUSE = timedelta(days=30)
"""The longest time between two attempts."""

NO_ATTEMPTS = dict.fromkeys(("attempts", "tried_at", "retry_at"))
"""The columns of a capture that was fetched, or was never asked for."""

_OF_ITS_MOMENT = "live"
"""The archive of captures that no later run can ask for again: their moment has passed."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts to fetch a capture, all in vain.

    `tried_at` is the last one. `retry_at` is the time from which the capture is asked for again,
    None if no run asks for it unless `--retry` says so.
    """

    number: int
    tried_at: datetime
    retry_at: datetime | None

    def columns(self) -> dict[str, Any]:
        """The columns of the capture."""
        return {
            "attempts": self.number,
            "tried_at": iso(self.tried_at),
            "retry_at": iso(self.retry_at) if self.retry_at else None,
        }


def pause_after(attempts: int) -> timedelta:
    """How long a capture is left alone after so many attempts.

    Not at all after the first: most faults of archives pass within hours. Then 1, 2, 4, 8 and 16
    days, and at last LONGEST_PAUSE.
    """
    if attempts < 2:
        return timedelta(0)
    return min(timedelta(days=2 ** min(attempts - 2, 10)), LONGEST_PAUSE)


def one_more_attempt(connection: Connection, missed: NotFetched, now: datetime) -> Attempts:
    """The attempts to fetch a capture, with the one that has just failed."""
    c = t.capture.c
    before = connection.scalar(select(c.attempts).where(c.key == missed.capture.key)) or 0
    is_asked_again = missed.retry and missed.capture.archive != _OF_ITS_MOMENT
    return Attempts(before + 1, now, now + pause_after(before + 1) if is_asked_again else None)


def add_attempt(connection: Connection, key: str, now: datetime) -> None:
    """Count an attempt in vain to follow the redirect that a capture is."""
    c = t.capture.c
    before = connection.scalar(select(c.attempts).where(c.key == key)) or 0
    attempts = Attempts(before + 1, now, now + pause_after(before + 1))
    connection.execute(update(t.capture).where(c.key == key).values(attempts.columns()))


def end_attempts(connection: Connection, key: str) -> None:
    """Forget the attempts to follow a redirect: its target was had."""
    connection.execute(update(t.capture).where(t.capture.c.key == key).values(NO_ATTEMPTS))


def reopen_passing(connection: Connection) -> int:
    """Make captures due that earlier versions set aside for a failure that may pass.

    Returns their number.
    """
    c = t.capture.c
    passing = [each.value for each in Failure if each.may_pass]
    set_aside = (c.state == "skipped") & c.failure.in_(passing)
    return connection.execute(update(t.capture).where(set_aside).values(state="failed")).rowcount
