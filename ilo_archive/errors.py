"""Errors that a user can cause, and the exit codes of the command line."""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """The exit codes of every command (`docs/contract.md`).

    `cli.run_summary` chooses that of a run, `cli.exit_code` that of an error.
    """

    DONE = 0
    DIFFERS = 1
    """`diff --exit-code` found a difference, or `verify` found damage."""
    WRONG_USE = 2
    NOTHING_USABLE = 3
    SOME_FAILED = 4
    """Some captures failed and wait for a retry."""
    RATE_LIMITED = 5
    LOCKED = 6
    DISK = 7
    """The disk is full or read-only; the state is saved."""
    INTERRUPTED = 130


class IloArchiveError(Exception):
    """An error that a user can cause. Its text is one line that says what to do.

    The command line prints the text and ends with `exit_code`. The subclasses, with the exit code
    of each:

    - `ArchiveDamaged` (2): the file is empty, or SQLite cannot read it
    - `ArchiveLocked` (6): another run writes to this home
    - `ArchiveMismatch` (2): the file is not an archive, or another version made it
    - `BadDecision` (2): a decision on identity that names nothing known, or a file with one
    - `BadIndex` (2): a local index of Common Crawl that cannot be read
    - `BadManifest` (2): a table of saved files that cannot be used
    - `BadPackage` (2): a folder that is not a data package
    - `BadRegistry` (2): a file of offices that does not have the form of `offices.toml`
    - `BadSlug` (2): a text that cannot be the slug of an office
    - `BadTimestamp` (2): a text that is not a date
    - `CannotNotify` (2): Apprise is missing, or does not know an address of `--notify`
    - `FolderInUse` (2): a folder with files that a data package would remove
    - `NoArchive` (2): there is no archive in this home
    - `NoCapture` (3): the archive has no capture that answers the question
    - `NoCluster` (4): there is no Dask scheduler at the address, or Dask is not installed
    - `NoFolder` (2): the folder that a file is to be written into does not exist
    - `NoPyarrow` (2): the package that writes Parquet files is not installed
    - `NoSuchValue` (2): a section or language that no entry has, or a period that ends before it
      begins
    - `PageRefused` (3): a file that is no page, or would take seconds or gigabytes to read
    - `UnknownArchive` (2): neither an address nor a host of `archives.toml`
    - `UnknownCapture` (2): no capture, or more than one, has this id
    - `UnknownEntry` (2): no entry has this id
    - `UnknownOffice` (2): no office has this slug
    - `WorkerLost` (4): a process that read was killed
    """

    exit_code: ClassVar[ExitCode] = ExitCode.WRONG_USE
