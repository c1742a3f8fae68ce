"""Which wordings are similar: kept in the tables `clue` and `likeness`."""

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
    """Find the wordings that new ones are near to; the new ones are in their table already."""
    new = {row["id"]: parse_wording(wording_text(row)) for row in rows}
    put_blocking_keys(connection, new)
    shared = _shared(connection, new)
    others = {other for each in shared.values() for other in each} - new.keys()
    beside = dict(new)
    for row in connection.execute(_WORDINGS, {"wordings": json_array(others)}).mappings():
        beside[row["id"]] = parse_wording(wording_text(row))
    pairs = [
        (mine, other, alike.score)
        for mine, candidates in shared.items()
        for other, times in candidates.items()
        # Two offices may print one undated wording; with a date its name is the same anyway.
        if (mine != other or new[mine].day is None)
        and times >= min_shared_keys(new[mine], beside[other])
        and (alike := similarity(new[mine], beside[other]))
    ]
    put_similarities(connection, pairs)


def _shared(connection: Connection, new: Mapping[int, ParsedWording]) -> dict[int, dict[int, int]]:
    """For each of these wordings those that share enough clues with it, and how many."""
    wanted = {mine: lookup_keys(each) for mine, each in new.items()}
    numbers = {number for each in wanted.values() for number in each}
    holders: dict[int, list[int]] = defaultdict(list)
    for number, wording_id in connection.execute(_CLUES, {"numbers": json_array(numbers)}):
        holders[number].append(wording_id)
    shared = {}
    for mine, each in wanted.items():
        least = min_shared_keys(new[mine], new[mine])
        counted = Counter(other for number in each for other in holders[number])
        shared[mine] = {other: times for other, times in counted.items() if times >= least}
    return shared


def put_blocking_keys(connection: Connection, wordings: Mapping[int, ParsedWording]) -> None:
    """Insert the blocking keys of wordings, given by their numbers."""
    rows = [
        {"number": number, "wording_id": wording_id}
        for wording_id, each in wordings.items()
        for number in set(blocking_keys(each))
    ]
    if rows:
        connection.execute(_INSERT_CLUE, rows)


def forget_wording(connection: Connection, wording_id: int, row: Mapping[Any, Any]) -> set[int]:
    """Take back what a wording was near to; the wordings that were."""
    c = t.likeness.c
    near = set(connection.scalars(select(c.other_id).where(c.wording_id == wording_id)))
    if near:
        turned = c.wording_id.in_(near) & (c.other_id == wording_id)
        connection.execute(delete(t.likeness).where(or_(c.wording_id == wording_id, turned)))
    mine = t.clue.c.number.in_(blocking_keys(parse_wording(wording_text(row)))) & (
        t.clue.c.wording_id == wording_id
    )
    connection.execute(delete(t.clue).where(mine))
    return near


def wording_text(row: Mapping[Any, Any]) -> WordingText:
    """The parts of a row of `wording` that are compared."""
    return WordingText(row["language"], row["date"], row["title"], row["summary"])


def put_similarities(connection: Connection, pairs: Iterable[tuple[int, int, float]]) -> None:
    """Insert pairs of similar wordings with their scores, in both directions."""
    rows = [
        {"wording_id": one, "other_id": other, "score": score}
        for a, b, score in pairs
        for one, other in {(a, b), (b, a)}
    ]
    if rows:
        connection.execute(_PUT_LIKENESS, rows)


# Built once, and one statement for all that a capture touches: see benchmarks/growth.py.
_INSERT_CLUE = insert(t.clue)
_PUT_LIKENESS = upsert(t.likeness).on_conflict_do_nothing()
_CLUES = text("""
SELECT number, wording_id FROM clue WHERE number IN (SELECT value FROM json_each(:numbers))
""")
_WORDINGS = text("""
SELECT id, language, date, title, summary FROM wording
WHERE id IN (SELECT value FROM json_each(:wordings))
""")
