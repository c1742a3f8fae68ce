"""Convert answers to the types of JSON, for all output that programs read."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from ilo_archive.times import iso


def to_json_types(value: Any) -> Any:
    """Convert dataclasses to objects, tuples to lists, days and moments to ISO 8601 (UTC)."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: to_json_types(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {key: to_json_types(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [to_json_types(each) for each in value]
    if isinstance(value, datetime):
        return iso(value)
    return value.isoformat() if isinstance(value, date) else value
