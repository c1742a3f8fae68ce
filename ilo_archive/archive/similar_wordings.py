"""Store which wordings are similar: tables `clue` (blocking keys) and `likeness` (scores)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, text
from sqlalchemy.dialects.sqlite import insert as upsert

from ilo_archive.archive import tables as t
from ilo_archive.archive.database import json_array
from ilo_archive.identity.candidates import blocking_keys, lookup_keys, min_shared_keys
from ilo_archive.identity.similarity import similarity
from ilo_archive.identity.wording import ParsedWording, WordingText, parse_wording


def compare_wordings(connection: Connection, rows: Sequence[Mapping[Any, Any]]) -> None:
    """Compare wordings, which are stored already, with all others and store the similarities.

    Those in a crowd are left out (`crowds.py`).
    """
    crowded = _in_crowd(connection, [row["id"] for row in rows])
    new = {row["id"]: parse_wording(wording_text(row)) for row in rows if row["id"] not in crowded}
    if not new:
        return
    put_blocking_keys(connection, new)
    shared = _shared(connection, new)
    others = {other for each in shared.values() for other in each} - new.keys()
    parsed = dict(new)
    for row in connection.execute(_WORDINGS, {"wordings": json_array(others)}).mappings():
        parsed[row["id"]] = parse_wording(wording_text(row))
    pairs = [
        (new_id, other, result.score)
        for new_id, candidates in shared.items()
        for other, times in candidates.items()
        # Two offices may print the same undated wording; with a date the title key is equal anyway.
        if (new_id != other or new[new_id].day is None)
        and times >= min_shared_keys(new[new_id], parsed[other])
        and (result := similarity(new[new_id], parsed[other]))
    ]
    put_similarities(connection, pairs)


def _in_crowd(connection: Connection, wording_ids: Sequence[int]) -> set[int]:
    if not wording_ids:
        return set()
    return set(connection.scalars(IN_CROWD, {"wordings": json_array(wording_ids)}))


def _shared(connection: Connection, new: Mapping[int, ParsedWording]) -> dict[int, dict[int, int]]:
    """The other wordings that share enough blocking keys with each wording, and the
    number of keys.
    """
    keys = {wording_id: lookup_keys(each) for wording_id, each in new.items()}
    all_keys = {key for each in keys.values() for key in each}
    by_key: dict[int, list[int]] = defaultdict(list)
    for key, wording_id in connection.execute(_WORDINGS_BY_KEY, {"numbers": json_array(all_keys)}):
        by_key[key].append(wording_id)
    shared = {}
    for wording_id, own_keys in keys.items():
        required = min_shared_keys(new[wording_id], new[wording_id])
        counted = Counter(other for key in own_keys for other in by_key[key])
        shared[wording_id] = {other: times for other, times in counted.items() if times >= required}
    return shared


def put_blocking_keys(connection: Connection, wordings: Mapping[int, ParsedWording]) -> None:
    """Insert the blocking keys of wordings, by id."""
    rows = [
        {"number": number, "wording_id": wording_id}
        for wording_id, each in wordings.items()
        for number in set(blocking_keys(each))
    ]
    if rows:
        connection.execute(_INSERT_KEYS, rows)


def forget_wording(connection: Connection, wording_id: int, row: Mapping[Any, Any]) -> set[int]:
    """Delete the similarities and blocking keys of a wording.

    Returns the wordings it was similar to.
    """
    c = t.likeness.c
    similar = set(connection.scalars(select(c.other_id).where(c.wording_id == wording_id)))
    if similar:
        reverse = c.wording_id.in_(similar) & (c.other_id == wording_id)
        connection.execute(delete(t.likeness).where(or_(c.wording_id == wording_id, reverse)))
    keys = t.clue.c.number.in_(blocking_keys(parse_wording(wording_text(row)))) & (
        t.clue.c.wording_id == wording_id
    )
    connection.execute(delete(t.clue).where(keys))
    return similar


def wording_text(row: Mapping[Any, Any]) -> WordingText:
    """The columns of `wording` that are compared."""
    return WordingText(row["language"], row["date"], row["title"], row["summary"])


def put_similarities(connection: Connection, pairs: Iterable[tuple[int, int, float]]) -> None:
    """Insert pairs of similar wordings with their scores, in both directions."""
    rows = [
        {"wording_id": first, "other_id": second, "score": score}
        for a, b, score in pairs
        for first, second in {(a, b), (b, a)}
    ]
    if rows:
        connection.execute(_INSERT_SIMILARITIES, rows)


IN_CROWD = text("""
SELECT DISTINCT wording_id FROM crowd
WHERE wording_id IN (SELECT value FROM json_each(:wordings))
""")
# Built once, and one statement for all rows of a capture: see benchmarks/growth.py.
_INSERT_KEYS = insert(t.clue)
_INSERT_SIMILARITIES = upsert(t.likeness).on_conflict_do_nothing()
_WORDINGS_BY_KEY = text("""
SELECT number, wording_id FROM clue WHERE number IN (SELECT value FROM json_each(:numbers))
""")
_WORDINGS = text("""
SELECT id, language, date, title, summary FROM wording
WHERE id IN (SELECT value FROM json_each(:wordings))
""")
