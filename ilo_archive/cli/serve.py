"""`serve`: browse the published copy with Datasette."""

import errno
import socket
import webbrowser
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from typing import Any

import click

from ilo_archive.cli import pass_offices
from ilo_archive.offices import Registry
from ilo_archive.queries.archive import Archive

_HOST = "127.0.0.1"
_OPEN_AFTER = 1.0  # seconds until the server answers


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8001,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option("--open", "open_", is_flag=True, help="Open the site in a browser.")
@click.pass_obj
@pass_offices
def serve(known: Registry, home: Path, /, port: int, open_: bool) -> None:
    """Browse the archive in a web browser, with Datasette, read-only, on this machine only.

    What is served is a copy, published.sqlite in the home: plain tables with descriptions,
    full-text search and questions to start from. It is made again when the archive has changed.
    Stop with Ctrl-C.

    \b
    Example:
      ilo-archive serve --open
      ilo-archive serve --port 8080
    """
    with _listening(port) as server:
        application = _application(_published(home, known))
        import uvicorn

        address = f"http://{_HOST}:{server.getsockname()[1]}/"
        click.echo(f"Serving {address} (stop with Ctrl-C)", err=True)
        if open_:
            Timer(_OPEN_AFTER, webbrowser.open, (address,)).start()
        with suppress(KeyboardInterrupt):
            uvicorn.Server(uvicorn.Config(application, log_level="warning")).run([server])


def _listening(port: int) -> socket.socket:
    """A socket on a port of this machine. Raises UsageError where another program has it."""
    try:
        return socket.create_server((_HOST, port))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        message = f"port {port} cannot be used ({error.strerror}): give another one with --port"
        raise click.UsageError(message) from None


def _published(home: Path, known: Registry) -> Path:
    from ilo_archive.published.build import published_copy

    with Archive(home / "archive.sqlite", known) as archive:
        return published_copy(archive, home / "published.sqlite", datetime.now(UTC))


def _application(copy: Path) -> Any:
    """The ASGI application. Raises UsageError where Datasette is not installed."""
    from ilo_archive.published.site import SETTINGS, STATIC, metadata

    try:
        from datasette.app import Datasette
    except ImportError:
        message = "Datasette is not installed: pip install 'ilo-archive[serve]'"
        raise click.UsageError(message) from None
    site = Datasette(
        [],
        immutables=[str(copy)],
        metadata=metadata(copy.stem),
        settings=dict(SETTINGS),
        static_mounts=[("assets", str(STATIC))],
    )
    return site.app()
