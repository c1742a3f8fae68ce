"""Write the table of people whom credits name."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select, text, update

from ilo_archive.archive import tables as t
from ilo_archive.archive.database import json_array
from ilo_archive.text.credits import holders_of, shown_holders, surname


def credited_in(connection: Connection, capture_ids: Iterable[int]) -> set[str]:
    """The `credit_holder` values of the sightings of captures."""
    parameters = {"captures": json_array([*capture_ids])}
    return set(connection.scalars(_HOLDERS_OF_CAPTURES, parameters))


def put_holders(connection: Connection, before: set[str], after: set[str]) -> None:
    """Update the holders after the `credit_holder` values of captures changed from `before` to
    `after`.
    """
    if before == after:
        return
    c = t.holder.c
    known = set(connection.scalars(select(c.credited).where(c.credited.in_(before | after))))
    used = select(t.sighting.c.credit_holder).where(t.sighting.c.credit_holder.in_(before - after))
    gone = before - after - set(connection.scalars(used))
    changed = gone | (after - known)
    if not changed:
        return
    connection.execute(delete(t.holder).where(c.credited.in_(gone)))
    rows = [_holder_row(each, form) for each in sorted(after - known) for form in holders_of(each)]
    if rows:
        connection.execute(insert(t.holder), rows)
    _show_holders(connection, {surname(form) for each in changed for form in holders_of(each)})


def _holder_row(credited: str, form: str) -> dict[str, str]:
    return {"credited": credited, "form": form, "surname": surname(form), "shown": form}


def _show_holders(connection: Connection, surnames: set[str]) -> None:
    """Choose again under which form of their name people with these surnames are shown."""
    c = t.holder.c
    query = select(c.form, c.shown).where(c.surname.in_(surnames))
    current = [(form, shown) for form, shown in connection.execute(query)]
    shown = shown_holders(form for form, _ in current)
    for form in {form for form, old in current if shown[form] != old}:
        connection.execute(update(t.holder).where(c.form == form).values(shown=shown[form]))


_HOLDERS_OF_CAPTURES = text("""
SELECT DISTINCT credit_holder FROM sighting
WHERE capture_id IN (SELECT value FROM json_each(:captures)) AND credit_holder IS NOT NULL
""")
