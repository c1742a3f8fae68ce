"""Why a question about entries has no answer."""

from collections.abc import Iterable

from ilo_archive.errors import IloArchiveError
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.queries.filters import EntryFilter, first_day, last_day
from ilo_archive.suggestions import did_you_mean

_MOST_NAMED = 8


class NoSuchValue(IloArchiveError, LookupError):
    """A section or language that no entry has, or a period that ends before it begins."""


def check_filter(archive: ReadOnlyArchive, wanted: EntryFilter) -> None:
    """Raise NoSuchValue for a filter that no entry of the archive can pass."""
    if wanted.since and wanted.until and first_day(wanted.since) > last_day(wanted.until):
        raise NoSuchValue(f"--from {wanted.since} is later than --to {wanted.until}")
    if wanted.language:
        _check(archive, "language", wanted.language, _LANGUAGES)
    if wanted.section:
        _check(archive, "section", wanted.section, _SECTIONS)


def check_query(query: str) -> None:
    """Raise NoSuchValue for a query whose quotation marks do not close."""
    if query.count('"') % 2:
        raise NoSuchValue(f"the quotation marks in {query} do not close")


def _check(archive: ReadOnlyArchive, what: str, value: str, sql: str) -> None:
    known = [str(row["value"]) for row in archive.rows(sql)]
    if value.casefold() in (each.casefold() for each in known):
        return
    hint = did_you_mean(value, known) or f"; there are {_named(known)}"
    raise NoSuchValue(f"no entry with {what} {value!r}{hint if known else ''}")


def _named(known: Iterable[str]) -> str:
    names = [*known]
    return ", ".join(names[:_MOST_NAMED]) + (", ..." if len(names) > _MOST_NAMED else "")


_LANGUAGES = """
SELECT language AS value FROM wording WHERE language IS NOT NULL
GROUP BY 1 ORDER BY count(*) DESC"""
_SECTIONS = """
SELECT section AS value FROM sighting WHERE section IS NOT NULL
GROUP BY 1 ORDER BY count(*) DESC"""
