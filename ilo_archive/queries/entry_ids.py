"""Entries by any name: an id, a former id, the id of a revision, an address, a title."""

from ilo_archive.archive.database import json_array
from ilo_archive.errors import IloArchiveError
from ilo_archive.identity.keys import link_key
from ilo_archive.offices import is_address, item_number
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.suggestions import did_you_mean

_MOST_NAMED = 5  # entries that a message names


class UnknownEntry(IloArchiveError, LookupError):
    """No entry, or more than one, goes by this name."""


def find_entry_id(archive: ReadOnlyArchive, name: str) -> str:
    """The id of the entry with this name: an id that it has or once had, the id of a revision,
    the address of the item, or its title.

    Raises UnknownEntry where there is none, or more than one.
    """
    found = archive.scalar(_BY_ID, {"name": name.partition("@")[0]})
    if found is not None:
        return str(found)
    others = _by_address(archive, name) if is_address(name) else _by_title(archive, name)
    if len(others) == 1:
        return others[0]
    if others:
        raise UnknownEntry(f"{name!r} is the name of {len(others)} entries: {_named(others)}")
    raise UnknownEntry(f"no entry {name!r}: see `ilo-archive entries`{_near(archive, name)}")


def _by_address(archive: ReadOnlyArchive, link: str) -> list[str]:
    number = item_number(link)
    address = archive.registry.address_of_item(link)
    if number:
        return _ids(archive, _BY_PREFIX, f"wcms-{number}-")
    if address is None:
        return []
    languages = [row["language"] for row in archive.rows(_LANGUAGES)]
    keys = [link_key(address, each) for each in languages]
    rows = archive.rows(_BY_KEYS, {"keys": json_array(keys)})
    return [str(row["entry_id"]) for row in rows]


def _by_title(archive: ReadOnlyArchive, title: str) -> list[str]:
    return _ids(archive, _BY_TITLE, " ".join(title.split()).casefold())


def _near(archive: ReadOnlyArchive, name: str) -> str:
    """`; did you mean wcms-356122-en, or wcms-356122-ru?`, empty without anything alike."""
    if longer := _ids(archive, _BY_PREFIX, f"{name}-"):
        return f"; did you mean {', or '.join(longer[:_MOST_NAMED])}?"
    return did_you_mean(name, _ids(archive, _BY_PREFIX, name[:8])) if len(name) >= 8 else ""


def _ids(archive: ReadOnlyArchive, sql: str, name: str | None) -> list[str]:
    rows = archive.rows(sql, {"name": name, "behind": f"{name}\U0010ffff"})
    return [str(row["entry_id"]) for row in rows]


def _named(entry_ids: list[str]) -> str:
    more = ", ..." if len(entry_ids) > _MOST_NAMED else ""
    return ", ".join(entry_ids[:_MOST_NAMED]) + more


_BY_ID = """
SELECT entry_id FROM reading
WHERE entry_id = :name OR strong = :name OR weak = :name ORDER BY entry_id = :name DESC LIMIT 1"""
_BY_PREFIX = """
SELECT id AS entry_id FROM entry WHERE id >= :name AND id < :behind ORDER BY id LIMIT 50"""
_BY_KEYS = """
SELECT DISTINCT entry_id FROM reading WHERE strong IN (SELECT value FROM json_each(:keys))
ORDER BY entry_id"""
_LANGUAGES = "SELECT DISTINCT language FROM wording"
_BY_TITLE = """
SELECT DISTINCT reading.entry_id FROM wording JOIN reading ON reading.wording_id = wording.id
WHERE folded(wording.title) = :name ORDER BY reading.entry_id LIMIT 50"""
