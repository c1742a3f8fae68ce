"""Crowds: a capture that shows a hundred and more entries of nearly the same words.

Comparing each of them with each other takes quadratic time, and finds nothing: entries of one
capture are different entries. So the wordings of a crowd are compared with no other as long as a
capture shows them in one. What is stored does not depend on the order of captures.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, text

from ilo_archive.archive import tables as t
from ilo_archive.archive.batch import BatchCapture
from ilo_archive.archive.database import insert_rows, json_array
from ilo_archive.archive.similar_wordings import (
    IN_CROWD,
    compare_wordings,
    forget_wording,
    wording_text,
)
from ilo_archive.identity.candidates import lookup_keys, min_shared_keys
from ilo_archive.identity.wording import parse_wording

CROWD = 100
"""Wordings on one capture that share enough blocking keys to be compared: more are a crowd. Pages
of offices show at most 60 entries; the largest number of alike ones seen is 12."""


def put_crowds(connection: Connection, captures: Sequence[BatchCapture]) -> set[int]:
    """Store the crowds of captures and forget what their wordings were similar to.

    Returns the ids of wordings whose similarities changed.
    """
    rows = [row for each in captures for row in _crowd(each)]
    if not rows:
        return set()
    ids = {wording_id for wording_id, _ in rows}
    known = set(connection.scalars(IN_CROWD, {"wordings": json_array(ids)}))
    insert_rows(connection, t.crowd, rows)
    rescored: set[int] = set()
    for row in _wordings(connection, ids - known):
        rescored |= forget_wording(connection, row["id"], row)
    return rescored


def forget_crowds(connection: Connection, capture_ids: Iterable[int]) -> set[int]:
    """Delete the crowds of captures, and compare the wordings that are in no other crowd.

    Returns the ids of wordings whose similarities may have changed.
    """
    parameters = {"captures": json_array([*capture_ids])}
    ids = set(connection.scalars(_IN_CROWD_OF, parameters))
    if not ids:
        return ids
    connection.execute(_DROP, parameters)
    free = ids - set(connection.scalars(IN_CROWD, {"wordings": json_array(ids)}))
    compare_wordings(connection, _wordings(connection, free))
    return free


def _crowd(capture: BatchCapture) -> Iterator[tuple[int, int]]:
    """The wordings that a capture shows in a crowd, each with the capture."""
    wordings = {each.wording_id: each.wording for each in capture.entries}
    if len(wordings) <= CROWD:
        return
    parsed = {number: parse_wording(wording_text(row)) for number, row in wordings.items()}
    keys = {number: set(lookup_keys(each)) for number, each in parsed.items()}
    shared = Counter(key for each in keys.values() for key in each)
    for number, each in parsed.items():
        crowded = sum(shared[key] > CROWD for key in keys[number])
        if crowded >= min_shared_keys(each, each):
            yield number, capture.id


def _wordings(connection: Connection, ids: Iterable[int]) -> Sequence[Mapping[Any, Any]]:
    rows = connection.execute(_WORDINGS, {"wordings": json_array([*ids])})
    return rows.mappings().all()


_WORDINGS = select(t.wording).where(text("wording.id IN (SELECT value FROM json_each(:wordings))"))
_IN_CROWD_OF = text("""
SELECT DISTINCT wording_id FROM crowd
WHERE capture_id IN (SELECT value FROM json_each(:captures))
""")
_DROP = text("DELETE FROM crowd WHERE capture_id IN (SELECT value FROM json_each(:captures))")
