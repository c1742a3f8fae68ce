"""Photo credits: who is credited, for how many entries, where, when."""

from ilo_archive.queries.answers import Credited, CreditedInYear
from ilo_archive.queries.connection import ReadOnlyArchive, folded_name, typed
from ilo_archive.queries.filters import ANY_FORM
from ilo_archive.queries.rows import Rows


def credits_of(
    archive: ReadOnlyArchive,
    name: str | None = None,
    office: str | None = None,
    language: str | None = None,
) -> Rows[Credited]:
    """Who is credited, by name; with `name` those of whose holder some spelling, or whose agency,
    contains it; with `office` or `language` on the pages of that office or in that language.

    Raises UnknownOffice.
    """
    archive.check_office(office)
    values = {"credit": name and folded_name(name), "office": office, "language": language}
    return Rows(
        typed(Credited, dict(row) | {"forms": _split(row["forms"]), "slugs": _slugs(row["slugs"])})
        for row in archive.rows(_CREDITS, values)
    )


def credits_by_year(
    archive: ReadOnlyArchive,
    name: str | None = None,
    office: str | None = None,
    language: str | None = None,
) -> Rows[CreditedInYear]:
    """The same, counted by the year of the entries' own dates; the year printed in a credit is
    that of the capture and is not used. Raises UnknownOffice.
    """
    archive.check_office(office)
    values = {"credit": name and folded_name(name), "office": office, "language": language}
    return Rows(archive.all(CreditedInYear, _BY_YEAR, values))


def _split(joined: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (joined or "").split("; ")))


def _slugs(joined: str) -> tuple[str, ...]:
    """The slugs of offices, in order; no slug contains a comma."""
    return tuple(sorted(joined.split(",")))


# A sighting with several holders counts for each of them.
_CREDITED = f"""
credited AS (SELECT holder.shown AS holder, sighting.credit_agency AS agency, reading.entry_id,
                    capture.office, sighting.captured_at
             FROM sighting
             JOIN reading ON reading.id = sighting.reading_id
             JOIN capture ON capture.id = sighting.capture_id
             LEFT JOIN holder ON holder.credited = sighting.credit_holder
             WHERE sighting.credit IS NOT NULL
               AND (:office IS NULL OR capture.office = :office)
               AND (:language IS NULL OR coalesce(
                    (SELECT language FROM wording WHERE wording.id = reading.wording_id),
                    capture.language) = :language)
               AND (:credit IS NULL OR holder.shown IN {ANY_FORM}
                    OR instr(folded(sighting.credit_agency), :credit)))"""
_CREDITS = f"""
WITH {_CREDITED}
SELECT holder, agency, count(DISTINCT entry_id) AS entries, count(DISTINCT office) AS offices,
       min(captured_at) AS first_seen, max(captured_at) AS last_seen,
       (SELECT group_concat(form, '; ')
        FROM (SELECT DISTINCT form FROM holder WHERE shown = credited.holder ORDER BY form))
           AS forms,
       group_concat(DISTINCT office) AS slugs
FROM credited GROUP BY holder, agency ORDER BY holder NULLS LAST, agency NULLS FIRST"""
_BY_YEAR = f"""
WITH {_CREDITED}
SELECT holder, agency, substr(entry.date, 1, 4) AS year, count(DISTINCT entry_id) AS entries,
       min(captured_at) AS first_seen, max(captured_at) AS last_seen
FROM credited JOIN entry ON entry.id = credited.entry_id
GROUP BY holder, agency, year ORDER BY holder NULLS LAST, agency NULLS FIRST, year NULLS LAST"""
