"""Wordings, and the print in which each is shown."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text, update

from ilo_archive.archive import tables as t
from ilo_archive.archive.similar_wordings import compare_wordings, forget_wording


def put_wordings(
    connection: Connection, rows: Sequence[Mapping[str, Any]], moved: set[int]
) -> list[tuple[int, str | None]]:
    """The id of each wording, and the print at hand where the wording shows another.

    Of prints that differ in what is not wording (quotes, case) the earliest is shown, so that
    the order of recording shows nowhere.
    """
    asked = {"digests": json.dumps([row["digest"] for row in rows])}
    found = connection.execute(_WORDINGS, asked).mappings()
    held: dict[str, Mapping[Any, Any]] = {row["digest"]: row for row in found}
    new: list[dict[str, Any]] = []
    following = next_id(connection, t.wording)
    # In the order of prints: what one wording is shown as cannot change under the page's own rows.
    for row in sorted(rows, key=_print_order):
        shown = held.get(row["digest"])
        if shown is None:
            new.append({**row, "id": following + len(new)})
            held[row["digest"]] = new[-1]
        elif _print_order(row) < _print_order(shown):
            moved |= _show_print(connection, shown, row)
            held[row["digest"]] = {**row, "id": shown["id"]}
    if new:
        connection.execute(_INSERT_WORDING, new)
        connection.execute(_INDEX_WORDING, new)
        compare_wordings(connection, new)
    return [_shown_as(row, held[row["digest"]]) for row in rows]


def _shown_as(row: Mapping[str, Any], held: Mapping[Any, Any]) -> tuple[int, str | None]:
    same = all(row[name] == held[name] for name in t.PRINTED)
    return int(held["id"]), None if same else _print(row)


def next_id(connection: Connection, table: Table) -> int:
    """The id that SQLite would give to the next row; there is one writer."""
    return int(connection.scalar(_HIGHEST[table.name]) or 0) + 1


def _show_print(
    connection: Connection, held: Mapping[Any, Any], row: Mapping[str, Any]
) -> set[int]:
    """Show another print of a wording; sightings go on to say how they print it. A capital may
    make a name of a word: the wordings whose likeness moved are returned.
    """
    old, new = _print(held), _print(row)
    moved: set[int] = set()
    if old != new:
        moved = {held["id"]} | forget_wording(connection, held["id"], held)
        unindex(connection, held["id"], held)
        _index(connection, held["id"], row)
        values = {"wording": held["id"], "old": old, "new": new}
        connection.execute(text(_SWAP_PRINTS), values)
    shown = {name: row[name] for name in (*t.PRINTED, "printed_at")}
    connection.execute(update(t.wording).where(t.wording.c.id == held["id"]).values(shown))
    if moved:
        compare_wordings(connection, [{**held, **shown}])
    return moved


def show_earliest_prints(connection: Connection, stale: set[int]) -> set[int]:
    """Show the earliest print of wordings again after readings of them were taken back; the
    wordings whose likeness moved.
    """
    moved: set[int] = set()
    if not stale:
        return moved
    touched = select(t.reading.c.wording_id).where(t.reading.c.id.in_(stale))
    query = select(t.wording).where(t.wording.c.id.in_(touched))
    for held in connection.execute(query).mappings().all():
        found = connection.execute(text(_PRINTS), {"wording": held["id"]})
        rows = [_unprint(printed or _print(held), at) for printed, at in found]
        if rows and (first := min(rows, key=_print_order)) != _unprint(
            _print(held), held["printed_at"]
        ):
            moved |= _show_print(connection, held, first)
    return moved


def _print(row: Mapping[Any, Any]) -> str:
    return json.dumps([row[name] for name in t.PRINTED], ensure_ascii=False)


def _unprint(printed: str, printed_at: str) -> dict[str, Any]:
    return {**dict(zip(t.PRINTED, json.loads(printed), strict=True)), "printed_at": printed_at}


def _print_order(row: Mapping[Any, Any]) -> tuple[str, ...]:
    return (row["printed_at"], *(row[name] or "" for name in t.PRINTED))


def _index(connection: Connection, wording_id: int, row: Mapping[str, Any]) -> None:
    connection.execute(_INDEX_WORDING, {"id": wording_id, **_indexed(row)})


def unindex(connection: Connection, wording_id: int, row: Mapping[Any, Any]) -> None:
    """Remove a wording from the index, by the command that FTS5 has for external content."""
    sql = (
        "INSERT INTO wording_fts (wording_fts, rowid, kicker, title, summary)"
        " VALUES ('delete', :rowid, :kicker, :title, :summary)"
    )
    connection.execute(text(sql), {"rowid": wording_id, **_indexed(row)})


def _indexed(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("kicker", "title", "summary")}


_INSERT_WORDING = insert(t.wording)
_HIGHEST = {each.name: select(func.max(each.c.id)) for each in (t.wording, t.reading)}
_INDEX_WORDING = text(
    "INSERT INTO wording_fts (rowid, kicker, title, summary)"
    " VALUES (:id, :kicker, :title, :summary)"
)
_WORDINGS = text("""
SELECT wording.* FROM wording WHERE digest IN (SELECT value FROM json_each(:digests))
""")
# A sighting without a print of its own has that of its wording.
_SWAP_PRINTS = """
UPDATE sighting SET printed = CASE WHEN printed IS NULL THEN :old END
WHERE reading_id IN (SELECT id FROM reading WHERE wording_id = :wording)
  AND (printed IS NULL OR printed = :new)
"""
_PRINTS = """
SELECT sighting.printed, min(sighting.captured_at)
FROM reading JOIN sighting ON sighting.reading_id = reading.id
WHERE reading.wording_id = :wording GROUP BY sighting.printed
"""
