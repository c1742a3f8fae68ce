"""Readings as JSON, and back: what the reader made of a capture, without the capture."""

import dataclasses
import json
from dataclasses import dataclass
from datetime import date
from types import NoneType
from typing import Any, cast, get_args, get_origin, get_type_hints

from ilo_archive.capture import Kept
from ilo_archive.reader.page import Page
from ilo_archive.reader.snapshot import Quality, Snapshot, State


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader made of a message; attributes as in `Snapshot`."""

    state: str
    quality: str
    page: Page | None
    reason: str | None

    def snapshot(self, kept: Kept) -> Snapshot:
        """The snapshot of a capture with that message."""
        return Snapshot(
            kept.capture, kept.message.digest, kept.position, cast(State, self.state),
            cast(Quality, self.quality), self.page, self.reason, kept.fault,
        )  # fmt: skip


def to_json(snapshot: Snapshot) -> bytes:
    """The reading in a snapshot."""
    reading = Reading(snapshot.state, snapshot.quality, snapshot.page, snapshot.reason)
    return json.dumps(dataclasses.astuple(reading), default=date.isoformat).encode()


def from_json(data: bytes) -> Reading:
    """The reading that `to_json` wrote. Raises ValueError, LookupError or TypeError for another."""
    return cast(Reading, _value(Reading, json.loads(data)))


def _value(kind: Any, plain: Any) -> Any:
    """A value of the JSON as one of its type: a dataclass or named tuple is a list of its
    fields.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if NoneType in arguments:
        return None if plain is None else _value(arguments[0], plain)
    if origin is tuple:
        return tuple(_value(arguments[0], each) for each in plain)
    if kind is date:
        return date.fromisoformat(plain)
    if dataclasses.is_dataclass(kind) or hasattr(kind, "_fields"):
        fields = _fields(cast(type, kind))
        values = (_value(each, part) for each, part in zip(fields, plain, strict=True))
        return kind(*values)
    return plain


_known_fields: dict[type, tuple[Any, ...]] = {}


def _fields(kind: type) -> tuple[Any, ...]:
    """The types of the fields of a class, in order."""
    if kind not in _known_fields:
        _known_fields[kind] = tuple(get_type_hints(kind).values())
    return _known_fields[kind]
