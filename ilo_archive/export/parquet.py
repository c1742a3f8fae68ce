"""Write rows to a Parquet file whose schema describes each column."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from ilo_archive import __version__
from ilo_archive.errors import IloArchiveError
from ilo_archive.published.codebook import Column, Table

_BATCH = 10_000  # rows that are in memory at a time, and in each row group
_T = TypeVar("_T")


class NoPyarrow(IloArchiveError, ImportError):
    """The package that writes Parquet files is not installed."""


def has_pyarrow() -> bool:
    """Whether Parquet files can be written."""
    try:
        _pyarrow()
    except NoPyarrow:
        return False
    return True


def write_parquet(target: Path, table: Table, rows: Iterable[Sequence[Any]]) -> int:
    """Write the rows of a table to a file, and return how many they are.

    Values are in the order of the columns, days and times in ISO 8601. They become date32 and
    timestamp (UTC); meaning and unit of a column are metadata of its field. Memory does
    not grow with the number of rows. Raises NoPyarrow, OSError.
    """
    arrow = _pyarrow()
    from pyarrow.parquet import ParquetWriter

    schema = _schema(arrow, table)
    written = 0
    with ParquetWriter(target, schema, compression="zstd") as writer:
        for batch in _batches(rows):
            columns = zip(*batch, strict=True)
            arrays = [
                arrow.array(values, _stored(arrow, field.type)).cast(field.type)
                for field, values in zip(schema, columns, strict=True)
            ]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))
            written += len(batch)
    return written


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet  # a pyarrow may be built without
    except ImportError:
        raise NoPyarrow("pyarrow is not installed: pip install 'ilo-archive[parquet]'") from None
    return pyarrow


def _batches(rows: Iterable[_T]) -> Iterator[list[_T]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


def _schema(arrow: Any, table: Table) -> Any:
    fields = [
        arrow.field(each.name, _type(arrow, each), metadata=_description(each))
        for each in table.columns
    ]
    described = {
        "title": table.title,
        "description": f"A row is {table.row}.",
        "software": f"ilo-archive {__version__}",
    }
    return arrow.schema(fields, metadata=described)


def _description(column: Column) -> dict[str, str]:
    described = {"description": column.meaning}
    return described | {"unit": column.unit} if column.unit else described


def _type(arrow: Any, column: Column) -> Any:
    types = {
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "date": arrow.date32(),
        "time": arrow.timestamp("ms", "UTC"),
    }
    return types.get(column.type, arrow.string())


def _stored(arrow: Any, kind: Any) -> Any:
    """The type in which values come: days and times as text."""
    return arrow.string() if arrow.types.is_temporal(kind) else kind
