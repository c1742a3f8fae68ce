"""Find an entry by its id, a former id, or the id of a revision."""

from ilo_archive.errors import IloArchiveError
from ilo_archive.queries.connection import ReadOnlyArchive


class UnknownEntry(IloArchiveError, LookupError):
    """No entry has this id."""


def find_entry_id(archive: ReadOnlyArchive, name: str) -> str:
    """The present id of the entry that has or had this id. Raises UnknownEntry."""
    found = archive.scalar(_BY_ANY_NAME, {"name": name.partition("@")[0]})
    if found is None:
        raise UnknownEntry(f"no entry {name!r}: see `ilo-archive entries`")
    return str(found)


_BY_ANY_NAME = """
SELECT entry_id FROM reading
WHERE entry_id = :name OR strong = :name OR weak = :name ORDER BY entry_id = :name DESC LIMIT 1"""
