"""Notifications through Apprise, which knows mail, Slack, Matrix and a hundred others.

Apprise is imported when it is used: the extra `notify` brings it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ilo_archive.errors import IloArchiveError
from ilo_archive.notify import NotSent

if TYPE_CHECKING:
    from ilo_archive.notify.digest import Message


class CannotNotify(IloArchiveError):
    """Apprise is missing, or does not understand an address of `--notify`."""


class Notifier:
    """Sends messages to some addresses of Apprise's form, such as `mailtos://user:pass@host`."""

    def __init__(self, addresses: Sequence[str]) -> None:
        """Raises CannotNotify."""
        self._apprise = _apprise()
        for number, address in enumerate(addresses, 1):
            if not self._apprise.add(address):
                raise CannotNotify(
                    f"--notify: address {number} is not one that Apprise knows:"
                    " https://github.com/caronc/apprise/wiki lists them"
                )

    def send(self, message: Message) -> None:
        """Raises NotSent unless every address took the message."""
        try:
            arrived = self._apprise.notify(title=message.title, body=message.body)
        except Exception as error:
            raise NotSent(f"notification not sent: {type(error).__name__}") from error
        if not arrived:
            raise NotSent("notification not sent: an address of --notify did not take it")


def _apprise() -> Any:
    try:
        import apprise
    except ImportError:
        raise CannotNotify(
            "--notify needs an optional part: pip install 'ilo-archive[notify]'"
        ) from None
    # It logs addresses, which hold passwords.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    return apprise.Apprise()
