"""Word of a run: notifications, pings of a watcher, requests to save a changed page."""


class NotSent(Exception):
    """A message did not arrive. Its text says why, without the address, which may hold a secret."""
