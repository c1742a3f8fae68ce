"""Have a Dask cluster read WARC files into files of readings."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ilo_archive.capture import Fetched, Kept, Position
from ilo_archive.errors import ExitCode, IloArchiveError
from ilo_archive.offices import Registry
from ilo_archive.reader.page import READER_VERSION
from ilo_archive.readings.files import (
    Readings,
    copy_of,
    readings_name,
    write_readings,
)
from ilo_archive.warc.captures import CaptureReader

logger = logging.getLogger("ilo_archive.record")

_WAIT = 10  # seconds for the scheduler to answer
_RETRIES = 2  # of a file that could not be read
_NOWHERE = Position("", 0, 0)


class NoCluster(IloArchiveError):
    """There is no Dask scheduler at the address, or Dask is not installed."""

    exit_code = ExitCode.SOME_FAILED


def read_file(source: str, target: str, offices: Registry) -> int:
    """Read the captures of a WARC file into a file of readings; both are paths or addresses.

    Returns the version of the reader. Raises OSError. A worker calls this.
    """
    with _local(source) as path:
        write_readings(target, _found(CaptureReader(offices.locate), path), offices)
    return READER_VERSION


def _found(reader: CaptureReader, path: Path) -> Iterator[Kept]:
    """Yield the captures. What is damaged is reported by the writer, which reads the file too."""
    for results in (reader.read(path), reader.pending_revisits()):
        for each in results:
            if isinstance(each, Fetched):
                yield Kept(each.capture, each.message, _NOWHERE, each.fault)


@contextmanager
def _local(source: str) -> Iterator[Path]:
    """The path of a file that may be in an object store: then a copy, for as long as needed."""
    if "://" not in source:
        yield Path(source)
        return
    with TemporaryDirectory() as folder:
        yield copy_of(source, Path(folder))


class ClusterReadings(Readings):
    """Readings that a cluster makes, file by file.

    Whatever becomes of the cluster, the answer is the same: what it has not read the caller reads.
    """

    def __init__(self, address: str, folder: str, offices: Registry) -> None:
        """Connect to the scheduler at `address`; files of readings go to `folder`, a path or an
        address that the workers reach. Raises NoCluster.
        """
        super().__init__(offices)
        self._offices = offices
        self._folder = folder.rstrip("/")
        self._client = _client(address)
        self._tasks: dict[str, Any] = {}

    def begin(self, sources: Iterable[str]) -> None:
        """Have the files read that have no present readings."""
        for source in sources:
            target = f"{self._folder}/{readings_name(source)}"
            if source not in self._tasks and not self.add(target):
                self._tasks[source] = self._client.submit(
                    read_file, source, target, self._offices, retries=_RETRIES, pure=False
                )

    def wait(self, source: str) -> None:
        """Wait until a file was read, if it is one of those."""
        name = source.rpartition("/")[2]
        task = self._tasks.pop(source, None)
        if task is None:
            return
        try:
            version = task.result()
        except Exception as error:  # noqa: BLE001 - whatever a worker raises, or its death
            reason = str(error).partition("\n")[0] or type(error).__name__
            logger.warning("%s: not read by the cluster (%s): read here", name, reason)
            return
        if not self.add(f"{self._folder}/{readings_name(source)}"):
            logger.warning(
                "%s: the cluster has reader %s, this is %s, or its files are not in %s: read here",
                name, version, READER_VERSION, self._folder,
            )  # fmt: skip

    def wait_for_all(self) -> None:
        """Wait until every file was read."""
        for source in list(self._tasks):
            self.wait(source)

    def close(self) -> None:
        """Leave the cluster; what it is still reading is given up."""
        self._client.cancel([*self._tasks.values()])
        self._client.close(timeout=_WAIT)


def _client(address: str) -> Any:
    """A client of the scheduler. Raises NoCluster."""
    try:
        distributed = import_module("distributed")
        import_module("pyarrow")
    except ModuleNotFoundError:
        raise NoCluster("--dask needs Dask: install ilo-archive[scale]") from None
    for name in ("distributed", "distributed.client"):  # their levels are set apart by Dask
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        return distributed.Client(address, timeout=_WAIT, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise NoCluster(
            f"no Dask scheduler at {address} ({reason}): start one with `dask scheduler`, or leave"
            " --dask out"
        ) from error
