"""Decisions of a researcher on identity, and the file they are stored in."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args
from zipfile import BadZipFile, ZipFile

from ilo_archive.atomic_files import sync_folder
from ilo_archive.errors import IloArchiveError
from ilo_archive.identity.keys import split_key
from ilo_archive.text.normalise import digest

SCHEMA = 1
DECISIONS = "decisions.jsonl"
DECISIONS_OF_WACZ = f"decisions/{DECISIONS}"
"""In a WACZ file: the validator of Webrecorder takes no file that is not in a folder."""

_LAST_ORDINAL = 1_000_000  # a page of more entries is refused
DecisionKind = Literal["merge", "split"]


class BadDecision(IloArchiveError, ValueError):
    """A decision that cannot be applied, or a line of a file that is not a decision."""


@dataclass(frozen=True, slots=True)
class SightingRef:
    """The sighting that a decision concerns, in terms that survive a new reading of the capture.

    `name` is the entry id that its keys led to; `wording` is the digest of its wording; `ordinal`
    is its position on the page, counted from 1.
    """

    name: str
    capture_key: str
    ordinal: int
    wording: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A merge of the entries of two sightings, or a split of sightings into a new entry.

    `decided_at` is ISO 8601, UTC.
    """

    kind: DecisionKind
    sightings: tuple[SightingRef, ...]
    note: str | None
    decided_at: str

    @property
    def id(self) -> str:
        """The id, made from the content: the same decision twice has one id.

        A split's is its entry's id.
        """
        if self.kind == "split":
            return split_key(self.sightings[0].capture_key, self.sightings[0].ordinal)
        return f"merge-{digest(*sorted(each.name for each in self.sightings))}"


def as_record(decision: Decision) -> dict[str, Any]:
    """A decision as a record of `decisions.jsonl` and of exports."""
    return {
        "schema": SCHEMA,
        "decision": decision.kind,
        "id": decision.id,
        "sightings": [
            {
                "entry_id": each.name,
                "capture_id": each.capture_key,
                "ordinal": each.ordinal,
                "wording": each.wording,
            }
            for each in decision.sightings
        ],
        "note": decision.note,
        "decided_at": decision.decided_at,
    }


def from_record(record: Mapping[str, Any]) -> Decision:
    """The decision in a record. Raises BadDecision."""
    try:
        sightings = tuple(
            SightingRef(
                str(each["entry_id"]), str(each["capture_id"]),
                int(each["ordinal"]), str(each["wording"]),
            )
            for each in record["sightings"]
        )  # fmt: skip
        kind, note, decided_at = record["decision"], record.get("note"), record["decided_at"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadDecision(f"not a decision: {error!r} in {str(record)[:80]}") from None
    if kind not in get_args(DecisionKind) or not (
        len(sightings) == 2 or (kind == "split" and sightings)
    ):
        raise BadDecision(f"not a decision: {kind!r} with {len(sightings)} sightings")
    if odd := [each.ordinal for each in sightings if not 0 < each.ordinal <= _LAST_ORDINAL]:
        raise BadDecision(f"not a decision: no page has a position {odd[0]}")
    if not isinstance(note, str | None):
        raise BadDecision(f"not a decision: the note is no text in {str(record)[:80]}")
    return Decision(cast(DecisionKind, kind), sightings, note, str(decided_at))


def read_decisions(path: Path) -> list[Decision]:
    """The decisions of a JSONL file or of an exported WACZ.

    Raises BadDecision, which names the line, and OSError.
    """
    decisions = []
    try:
        lines = _text(path).splitlines()
    except (BadZipFile, UnicodeDecodeError) as error:
        raise BadDecision(f"{path.name}: {error}") from None
    for number, line in enumerate(lines, start=1):
        try:
            if line.strip():
                decisions.append(from_record(json.loads(line)))
        except RecursionError:
            message = f"{path.name}, line {number}: nested too deeply"
            raise BadDecision(message) from None
        except ValueError as error:
            raise BadDecision(f"{path.name}, line {number}: {error}") from None
    return decisions


def _text(path: Path) -> str:
    """The text of the file; empty for a WACZ without decisions."""
    if path.suffix != ".wacz":
        return path.read_text("utf-8")
    with ZipFile(path) as package:
        names = package.namelist()
        return package.read(DECISIONS_OF_WACZ).decode() if DECISIONS_OF_WACZ in names else ""


def write_decisions(path: Path, decisions: Iterable[Decision]) -> None:
    """Rewrite the file, whole or not at all. Raises OSError."""
    prepare_decisions(path, decisions)
    adopt_prepared(path)


def prepare_decisions(path: Path, decisions: Iterable[Decision]) -> None:
    """Write the decisions beside the file, safely on disk when this returns. Raises OSError."""
    with _prepared(path).open("w", encoding="utf-8") as stream:
        for each in decisions:
            stream.write(f"{json.dumps(as_record(each), ensure_ascii=False)}\n")
        stream.flush()
        os.fsync(stream.fileno())


def adopt_prepared(path: Path) -> None:
    """Put what `prepare_decisions` wrote in the place of the file. Raises OSError."""
    _prepared(path).replace(path)
    sync_folder(path.parent)


def settle_prepared(path: Path, recorded: Iterable[Decision]) -> None:
    """Adopt what a killed run prepared if its decisions are the recorded ones; else delete it.

    Raises OSError.
    """
    prepared = _prepared(path)
    if not prepared.exists():
        return
    try:
        is_recorded = by_id(read_decisions(prepared)) == by_id(recorded)
    except BadDecision:  # cut off while it was written: nothing was recorded of it
        is_recorded = False
    if is_recorded:
        adopt_prepared(path)
    else:
        prepared.unlink()


def by_id(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """The decisions by their ids."""
    return {each.id: each for each in decisions}


def _prepared(path: Path) -> Path:
    return path.with_suffix(".new")
