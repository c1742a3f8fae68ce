"""The options `--dask` and `--readings` of `ingest` and `reread`."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ilo_archive.offices import Registry
from ilo_archive.warc.zip_entries import RECORD_ENDINGS

if TYPE_CHECKING:
    from ilo_archive.readings.cluster import ClusterReadings

_F = TypeVar("_F", bound=Callable[..., Any])


def dask_options(command: _F) -> _F:
    """Add the options to a command."""
    scheduler = click.option(
        "--dask",
        metavar="ADDRESS",
        help="Have the cluster of this Dask scheduler read, e.g. tcp://10.0.0.1:8786.",
    )
    folder = click.option(
        "--readings",
        metavar="FOLDER",
        help="With --dask: where its workers put what they read (Parquet), a folder that all"
        " machines share or an address such as s3://BUCKET/readings. Default: readings/ in the"
        " home.",
    )
    return scheduler(folder(command))


@contextmanager
def readings_of_cluster(
    dask: str | None, folder: str | None, paths: Iterable[Path | str], home: Path, known: Registry
) -> "Iterator[ClusterReadings | None]":
    """The readings that a cluster makes of the WARC files of some paths; None without `--dask`.

    Raises NoCluster, and UsageError for `--readings` without `--dask`.
    """
    if dask is None:
        if folder is not None:
            raise click.UsageError("--readings is used with --dask ADDRESS only")
        yield None
        return
    from ilo_archive.readings.cluster import ClusterReadings  # Dask takes a second to load

    place = folder or str((home / "readings").resolve())
    readings = ClusterReadings(dask, place, known)
    try:
        readings.begin(_record_files(paths))
        yield readings
    finally:
        readings.close()


def _record_files(paths: Iterable[Path | str]) -> Iterator[str]:
    """Yield the paths and addresses of files with records, those in a folder by name."""
    for path in paths:
        if isinstance(path, Path) and path.is_dir():
            found = (Path(folder, each) for folder, _, names in os.walk(path) for each in names)
            yield from (str(each.resolve()) for each in sorted(found) if _has_records(each.name))
        elif _has_records(str(path)):
            yield path if isinstance(path, str) else str(path.resolve())


def _has_records(name: str) -> bool:
    return name.lower().endswith((*RECORD_ENDINGS, ".wacz"))


class FileOrAddress(click.Path):
    """A file or folder that exists, or the address of a file (`s3://`, `https://`)."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A `Path`, or the address as text."""
        if "://" in str(value):
            return str(value)
        return super().convert(value, param, ctx)
