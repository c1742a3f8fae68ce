"""Lists of answers that turn into tables of pandas or Polars."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

_T = TypeVar("_T")


class Rows(list[_T]):
    """A list of answers. `to_pandas` and `to_polars` need the library of that name installed.

    Moments become UTC timestamps, lists stay lists, and fields with answers within answers are left
    out. No answers give a table without columns.
    """

    def to_pandas(self) -> Any:
        """A pandas.DataFrame, a column for each field. Raises ImportError without pandas."""
        import pandas

        return pandas.DataFrame(self._columns())

    def to_polars(self) -> Any:
        """A polars.DataFrame, a column for each field. Raises ImportError without Polars."""
        import polars

        return polars.DataFrame(self._columns(), strict=False)

    def _columns(self) -> dict[str, list[Any]]:
        """The values by field, without those that contain answers."""
        if not self:
            return {}
        names = [each.name for each in fields(self[0])]  # type: ignore[arg-type]
        columns = {name: [getattr(each, name) for each in self] for name in names}
        return {name: column for name, column in columns.items() if not _is_nested(column)}


def _is_nested(column: Sequence[Any]) -> bool:
    return any(map(_has_answers, column))


def _has_answers(value: Any) -> bool:
    return is_dataclass(value) or (isinstance(value, tuple) and any(map(is_dataclass, value)))
