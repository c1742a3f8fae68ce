"""Write wordings, and choose the printed form in which each is displayed.

Printed forms of one wording differ in typography only (quotes, case). The earliest one is
displayed, so that the order of recording has no effect.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select, text, update

from ilo_archive.archive import tables as t
from ilo_archive.archive.database import insert_rows
from ilo_archive.archive.similar_wordings import compare_wordings, forget_wording


def put_wordings(
    connection: Connection, rows: Sequence[Mapping[str, Any]], rescored: set[int]
) -> tuple[list[tuple[int, str | None]], list[dict[str, Any]]]:
    """Store wordings. Returns their ids, each with the row's printed form if another is displayed,
    and the rows of new wordings, which are not compared with others yet.

    A wording is displayed in its earliest printed form, so that the order of recording has no
    effect. The ids of wordings whose similarities changed are added to `rescored`.
    """
    parameters = {"digests": json.dumps([row["digest"] for row in rows])}
    found = connection.execute(_WORDINGS, parameters).mappings()
    stored: dict[str, Mapping[Any, Any]] = {row["digest"]: row for row in found}
    new: list[dict[str, Any]] = []
    following = next_id(connection, t.wording)
    # Earliest first: then no row of the batch changes what an earlier row of it displays.
    for row in sorted(rows, key=_printed_order):
        displayed = stored.get(row["digest"])
        if displayed is None:
            new.append({**row, "id": following + len(new)})
            stored[row["digest"]] = new[-1]
        elif _printed_order(row) < _printed_order(displayed):
            rescored |= _display_form(connection, displayed, row)
            stored[row["digest"]] = {**row, "id": displayed["id"]}
    names = t.wording.c.keys()
    insert_rows(connection, t.wording, [tuple(row[name] for name in names) for row in new])
    indexed = [(row["id"], row["kicker"], row["title"], row["summary"]) for row in new]
    if indexed:
        connection.exec_driver_sql(_INDEX_WORDINGS, indexed)
    return [_id_and_form(row, stored[row["digest"]]) for row in rows], new


def _id_and_form(row: Mapping[str, Any], stored: Mapping[Any, Any]) -> tuple[int, str | None]:
    """The id of a stored wording, and the row's printed form if another is displayed."""
    same = all(row[name] == stored[name] for name in t.PRINTED)
    return int(stored["id"]), None if same else _printed_form(row)


def next_id(connection: Connection, table: Table) -> int:
    """The id that SQLite would assign to the next row; valid because there is one writer."""
    return int(connection.scalar(_HIGHEST[table.name]) or 0) + 1


def _display_form(
    connection: Connection, stored: Mapping[Any, Any], row: Mapping[str, Any]
) -> set[int]:
    """Display another printed form of a wording; sightings keep the form that they print.

    Returns the ids of wordings whose similarities changed: a capital letter can turn a word into a
    name.
    """
    old, new = _printed_form(stored), _printed_form(row)
    rescored: set[int] = set()
    if old != new:
        rescored = {stored["id"]} | forget_wording(connection, stored["id"], stored)
        unindex(connection, stored["id"], stored)
        _index(connection, stored["id"], row)
        values = {"wording": stored["id"], "old": old, "new": new}
        connection.execute(text(_SWAP_FORMS), values)
    displayed = {name: row[name] for name in (*t.PRINTED, "printed_at")}
    connection.execute(update(t.wording).where(t.wording.c.id == stored["id"]).values(displayed))
    if rescored:
        compare_wordings(connection, [{**stored, **displayed}])
    return rescored


def show_earliest_prints(connection: Connection, stale: set[int]) -> set[int]:
    """Display the earliest printed form of wordings whose readings `stale` lost sightings.

    Returns the ids of wordings whose similarities changed.
    """
    rescored: set[int] = set()
    if not stale:
        return rescored
    touched = select(t.reading.c.wording_id).where(t.reading.c.id.in_(stale))
    query = select(t.wording).where(t.wording.c.id.in_(touched))
    for stored in connection.execute(query).mappings().all():
        found = connection.execute(text(_FORMS), {"wording": stored["id"]})
        rows = [_from_printed_form(printed or _printed_form(stored), at) for printed, at in found]
        if rows and (first := min(rows, key=_printed_order)) != _from_printed_form(
            _printed_form(stored), stored["printed_at"]
        ):
            rescored |= _display_form(connection, stored, first)
    return rescored


def _printed_form(row: Mapping[Any, Any]) -> str:
    """The printed form of a row as JSON."""
    return json.dumps([row[name] for name in t.PRINTED], ensure_ascii=False)


def _from_printed_form(printed: str, printed_at: str) -> dict[str, Any]:
    return {**dict(zip(t.PRINTED, json.loads(printed), strict=True)), "printed_at": printed_at}


def _printed_order(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """The sort key of printed forms: the earliest first."""
    return (row["printed_at"], *(row[name] or "" for name in t.PRINTED))


def _index(connection: Connection, wording_id: int, row: Mapping[str, Any]) -> None:
    connection.execute(_INDEX_WORDING, {"id": wording_id, **_indexed(row)})


def unindex(connection: Connection, wording_id: int, row: Mapping[Any, Any]) -> None:
    """Remove a wording from the full-text index, with FTS5's command for external content."""
    sql = (
        "INSERT INTO wording_fts (wording_fts, rowid, kicker, title, summary)"
        " VALUES ('delete', :rowid, :kicker, :title, :summary)"
    )
    connection.execute(text(sql), {"rowid": wording_id, **_indexed(row)})


def _indexed(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("kicker", "title", "summary")}


_INDEX_WORDINGS = "INSERT INTO wording_fts (rowid, kicker, title, summary) VALUES (?, ?, ?, ?)"
_HIGHEST = {each.name: select(func.max(each.c.id)) for each in (t.wording, t.reading)}
_INDEX_WORDING = text(
    "INSERT INTO wording_fts (rowid, kicker, title, summary)"
    " VALUES (:id, :kicker, :title, :summary)"
)
_WORDINGS = text("""
SELECT wording.* FROM wording WHERE digest IN (SELECT value FROM json_each(:digests))
""")
# A sighting without a printed form of its own has the displayed one.
_SWAP_FORMS = """
UPDATE sighting SET printed = CASE WHEN printed IS NULL THEN :old END
WHERE reading_id IN (SELECT id FROM reading WHERE wording_id = :wording)
  AND (printed IS NULL OR printed = :new)
"""
_FORMS = """
SELECT sighting.printed, min(sighting.captured_at)
FROM reading JOIN sighting ON sighting.reading_id = reading.id
WHERE reading.wording_id = :wording GROUP BY sighting.printed
"""
