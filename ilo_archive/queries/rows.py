"""Lists of answers that turn into tables of pandas or Polars."""

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

_T = TypeVar("_T")


class Rows(list[_T]):
    """A list of answers. `to_pandas` and `to_polars` need the library of that name installed."""

    def to_pandas(self) -> Any:
        """A pandas.DataFrame, a column for each field. Raises ImportError without pandas."""
        import pandas

        return pandas.DataFrame(self._columns())

    def to_polars(self) -> Any:
        """A polars.DataFrame, a column for each field. Raises ImportError without Polars."""
        import polars

        return polars.DataFrame(self._columns(), strict=False)

    def _columns(self) -> dict[str, list[Any]]:
        """The values by field; lists stay lists, nested answers are left out."""
        if not self:
            return {}
        names = [each.name for each in fields(self[0]) if not _is_nested(self[0], each.name)]  # type: ignore[arg-type]
        return {name: [getattr(each, name) for each in self] for name in names}


def _is_nested(answer: Any, name: str) -> bool:
    value = getattr(answer, name)
    return is_dataclass(value) or (isinstance(value, tuple) and any(map(is_dataclass, value)))
