"""The command line: one short function a command, each loaded when it is asked for."""

import errno
import io
import os
import re
import signal
import sys
from importlib import import_module
from pathlib import Path
from types import FrameType

import click
from click.decorators import pass_meta_key

from ilo_archive import __version__
from ilo_archive.errors import ExitCode, IloArchiveError
from ilo_archive.offices import load_registry
from ilo_archive.suggestions import did_you_mean

_COMMANDS = {
    "crawl": ("crawl:crawl", "Fetch new captures from a web archive."),
    "ingest": ("ingest:ingest", "Record captures from local files and folders."),
    "read": ("read:read", "Print what the reader makes of files; store nothing."),
    "reread": ("reread:reread", "Read stored captures again with the present reader."),
    "captures": ("captures:captures", "List captures with their state and quality."),
    "offices": ("offices:offices", "List the offices and their captures."),
    "entries": ("entries:entries", "List news entries."),
    "search": ("search:search", "Search the words of entries."),
    "show": ("show:show", "Show one entry's full history."),
    "merge": ("merge_split:merge", "Decide that two entries are the same."),
    "split": ("merge_split:split", "Decide that a sighting belongs to another entry."),
    "profile": ("profile:profile", "Show an office's name, description and layouts over time."),
    "credits": ("credits:credits_", "List photo credits."),
    "counts": ("counts:counts", "Count entries and captures by month, office ..."),
    "coverage": ("coverage:coverage", "Show the captures of an office by month."),
    "diff": ("diff:diff", "Show what changed between two captures."),
    "report": ("report:report", "Write the whole history of offices as web pages."),
    "cite": ("cite:cite", "Cite an entry and the capture that shows it."),
    "export": ("export:export", "Write captures or entries to a file, or a data package."),
    "serve": ("serve:serve", "Browse the archive in a web browser, with Datasette."),
    "status": ("status:status", "Show the last runs, how fresh the archive is, and alarms."),
    "verify": ("verify:verify", "Check every record and row, and repair what can be."),
    "schedule": ("schedule:schedule", "Print a timer or cron line that crawls regularly."),
}

_LONG_WORD = re.compile(r"(\S{120})\S{80,}")  # an argument or address that hides the message
_PIPE = 141  # what a shell reports of a program that SIGPIPE ended
_OFFICES = "ilo_archive.offices"
pass_offices = pass_meta_key(_OFFICES, doc_description="the registry that --offices names")

_DATABASE = (("locked", ExitCode.LOCKED), ("no such", ExitCode.WRONG_USE))
"""What SQLite says of a file in use, or of tables that are not ours; anything else is the disk."""
_DISK_ERRORS = (
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO,
)  # fmt: skip
_NO_MEMORY = "out of memory, state saved: close other programs, then run again"


class _Commands(click.Group):
    """Loads a command's module when it is used; `--help` loads none."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:  # noqa: ARG002 - click's
        if cmd_name not in _COMMANDS:
            hint = did_you_mean(cmd_name, _COMMANDS)
            raise click.UsageError(f"no command {cmd_name!r}: see `ilo-archive --help`{hint}")
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f"ilo_archive.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in _COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data"),
    envvar="ILO_ARCHIVE_HOME",
    show_default=True,
    help="Folder of the archive, its WARC files and reports (also ILO_ARCHIVE_HOME).",
)
@click.option(
    "--offices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="ILO_ARCHIVE_OFFICES",
    help="TOML file with more offices, of any organisation (also ILO_ARCHIVE_OFFICES).",
)
@click.version_option(__version__, prog_name="ilo-archive")
@click.pass_context
def cli(context: click.Context, home: Path, offices: Path | None) -> None:
    """The history of an organisation's homepage as a database.

    \b
    Example:
      ilo-archive ingest data/sample
      ilo-archive diff moscow 2015 2021
    """
    context.obj = home
    context.meta[_OFFICES] = load_registry(offices)


def main() -> None:
    """Run a command; every error a user can cause is one line and an exit code."""
    for each in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(each) is signal.SIG_DFL:  # else `nohup`, or a program that embeds this
            signal.signal(each, _interrupt)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal may know few letters
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        code = _print_error("interrupted, state saved", ExitCode.INTERRUPTED)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        code = ExitCode.WRONG_USE
    except click.ClickException as error:
        code = _print_error(error.format_message().replace("\n", " "), ExitCode.WRONG_USE)
    except (BrokenPipeError, SystemExit):  # click and rich end a closed pipe with SystemExit(1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _PIPE
    except Exception as error:
        known = exit_code(error)
        if known is None:
            raise
        code = _print_error(_message(error, known), known)
    sys.exit(code if isinstance(code, int) else 0)


def _interrupt(_: int, frame: FrameType | None) -> None:
    """End a command as Ctrl-C does, on SIGTERM or when its terminal is gone."""
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)
    else:
        raise KeyboardInterrupt


def _message(error: Exception, code: int) -> str:
    # SQLAlchemy's text adds the statement and an address of its manual; SQLite's is in `orig`.
    what = _NO_MEMORY if isinstance(error, MemoryError) else str(getattr(error, "orig", error))
    return _disk_message(error, what) if code == ExitCode.DISK else what


def _disk_message(error: Exception, what: str) -> str:
    """What to do about a disk that is full or cannot be written."""
    name = getattr(error, "filename", None)
    where = name if isinstance(name, str) else "the disk"
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT):
        return f"{where} is full: free some space or use another --home, then run again"
    if number == errno.EROFS:
        return f"cannot write to {where}: it is read-only. Use another --home"
    if number == errno.EIO:
        return f"{where} cannot be read or written ({os.strerror(errno.EIO)}): check the disk"
    if number in (errno.EACCES, errno.EPERM):
        return f"cannot write to {where}: permission denied. Use another --home"
    return f"{what}: free some space or use another --home, then run again"


def _print_error(message: str, code: int) -> int:
    from ilo_archive.text.printable import printable

    shortened = _LONG_WORD.sub(lambda word: f"{word[1]}...", message)
    click.echo(f"ilo-archive: {printable(shortened)}", err=True)
    return code


def exit_code(error: BaseException) -> ExitCode | None:
    """The code of the contract for an error that a user can cause, None for any other."""
    from sqlalchemy.exc import DatabaseError

    if isinstance(error, MemoryError):
        return ExitCode.SOME_FAILED
    if isinstance(error, OSError):
        return ExitCode.DISK if error.errno in _DISK_ERRORS else ExitCode.WRONG_USE
    if isinstance(error, DatabaseError):
        return next((code for words, code in _DATABASE if words in str(error.orig)), ExitCode.DISK)
    return error.exit_code if isinstance(error, IloArchiveError) else None
