"""Entries by any name: an id, a former id, the id of a revision."""

from ilo_archive.errors import IloArchiveError
from ilo_archive.queries.connection import ReadOnlyArchive


class UnknownEntry(IloArchiveError, LookupError):
    """No entry goes by this id."""


def find_entry_id(archive: ReadOnlyArchive, name: str) -> str:
    """The id of the entry that has, or once had, this name. Raises UnknownEntry."""
    found = archive.scalar(_BY_ANY_NAME, {"name": name.partition("@")[0]})
    if found is None:
        raise UnknownEntry(f"no entry {name!r}: see `ilo-archive entries`")
    return str(found)


_BY_ANY_NAME = """
SELECT entry_id FROM reading
WHERE entry_id = :name OR strong = :name OR weak = :name ORDER BY entry_id = :name DESC LIMIT 1"""
