"""Offices: what the archive has of each, and what they say of themselves."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from itertools import groupby
from typing import Any

from sqlalchemy import RowMapping

from ilo_archive.archive.tables import offset_list
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import Coverage, Month, OfficeHoldings, Statement
from ilo_archive.queries.capture_kinds import capture_kind
from ilo_archive.queries.connection import ReadOnlyArchive, typed
from ilo_archive.queries.lifeline import Lifeline, Observation, trace_lifeline
from ilo_archive.queries.pages import NoCapture
from ilo_archive.queries.rows import Rows
from ilo_archive.text.countries import Country
from ilo_archive.text.normalise import normalised
from ilo_archive.text.office_facts import parse_description
from ilo_archive.times import from_iso


def holdings(archive: ReadOnlyArchive) -> Rows[OfficeHoldings]:
    """Every office of the registry and of the archive, by slug."""
    return office_holdings(
        archive.registry, {str(row["office"]): row for row in archive.rows(_HOLDINGS)}
    )


def office_holdings(
    registry: Registry, held: Mapping[str, Mapping[Any, Any]]
) -> Rows[OfficeHoldings]:
    """The registry's offices and others, with the counts of `held` (empty without an archive)."""
    nothing = {"captures": 0, "good": 0, "first": None, "last": None}
    answer: Rows[OfficeHoldings] = Rows()
    for slug in sorted({*registry.offices, *held}):
        known = registry.offices.get(slug)
        office_counts = held.get(slug, nothing)
        row = {name: office_counts[name] for name in nothing} | {
            "slug": slug,
            "name": known.name if known else slug,
            "languages": known.languages if known else (),
            "addresses": tuple(each.url for each in known.addresses) if known else (),
        }
        answer.append(typed(OfficeHoldings, row))
    return answer


# -- names and descriptions ----------------------------------------------------------------


def profile(archive: ReadOnlyArchive, office: str, language: str | None = None) -> Rows[Statement]:
    """The names and descriptions of an office through time, whatever its name or address was.

    Raises UnknownOffice.
    """
    archive.check_office(office)
    rows = archive.rows(_STATEMENTS, {"office": office})
    series = groupby(rows, key=lambda row: (row["language"], row["field"], row["page"]))
    return Rows(
        statement
        for (row_language, _, _), stated in series
        if language in (None, row_language)
        for statement in _statements(list(stated))
    )


def _statements(stated: Sequence[RowMapping]) -> Iterator[Statement]:
    """Yield the statements in one field of one page; `stated` are the captures' texts by time."""
    plain = {row["text"]: normalised(row["text"]) for row in stated}
    runs = [list(run) for _, run in groupby(stated, key=lambda row: plain[row["text"]])]
    previous: Statement | None = None
    for before, run, after in zip([[], *runs], runs, [*runs[1:], []], strict=False):
        others = [*before[-1:], *after[:1]]
        statement = _statement(
            run, trace_lifeline([*_observed(run, True), *_observed(others, False)])
        )
        if previous and statement.countries:
            statement = replace(
                statement,
                joined=_only_in(statement.countries, previous.countries),
                left=_only_in(previous.countries, statement.countries),
            )
        previous = statement if statement.countries else previous
        yield statement


def _observed(rows: Sequence[RowMapping], shows: bool) -> Iterator[Observation]:
    for row in rows:
        moment = from_iso(row["captured_at"])
        yield Observation(row["capture_id"], moment, row["precision"], shows)


def _only_in(countries: Sequence[Country], others: Sequence[Country]) -> tuple[Country, ...]:
    known = {each.code for each in others}
    return tuple(each for each in countries if each.code not in known)


def _statement(run: Sequence[RowMapping], life: Lifeline) -> Statement:
    first = run[0]
    facts: dict[str, Any] = {}
    if first["field"] == "description":
        found = parse_description(first["text"], first["language"])
        facts = {each.name: getattr(found, each.name) for each in fields(found)}
    return Statement(
        field=first["field"],
        language=first["language"],
        text=first["text"],
        first_seen=life.first_seen,
        last_seen=life.last_seen,
        captures=len(run),
        page=first["page"],
        not_before=life.not_before,
        absent_from=life.absent_from,
        began=life.appeared,
        ended=life.gone,
        **facts,
    )


# -- coverage ------------------------------------------------------------------------------


def coverage(archive: ReadOnlyArchive, office: str, language: str | None = None) -> Rows[Coverage]:
    """What became of the captures of each page of an office, month by month.

    Raises UnknownOffice, NoCapture.
    """
    archive.check_office(office)
    rows = archive.rows(_COVERAGE, {"office": office, "language": language})
    pages = groupby(rows, lambda row: str(row["page"]))
    found = Rows(_coverage(office, page, list(each)) for page, each in pages)
    if not found:
        raise NoCapture(f"no capture of {office} in this archive: `crawl` fetches some")
    return found


def _coverage(office: str, page: str, rows: Sequence[RowMapping]) -> Coverage:
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        by_kind = counts.setdefault(row["month"], Counter())
        by_kind[capture_kind(row["state"], row["failure"], row["quality"])] += row["captures"]
    first, last = min(row["first"] for row in rows), max(row["last"] for row in rows)
    months = sorted({*counts, *_months(first[:7], last[:7])})
    return Coverage(
        office,
        rows[0]["language"],
        page,
        from_iso(first),
        from_iso(last),
        tuple(Month(each, **dict(counts.get(each, {}))) for each in months),
    )


def _months(first: str, last: str) -> Iterator[str]:
    """`2015-11`, `2015-12`, `2016-01` ...; both ends included."""
    start, end = (int(each[:4]) * 12 + int(each[5:]) - 1 for each in (first, last))
    for number in range(start, end + 1):
        yield f"{number // 12:04}-{number % 12 + 1:02}"


_STATEMENTS = f"""
SELECT * FROM
(SELECT coalesce(snapshot.language, capture.language) AS language, field.name AS field,
        CASE field.name WHEN 'name' THEN snapshot.name ELSE snapshot.description END AS text,
        capture.page, capture.key AS capture_id, capture.captured_at, capture.precision
 FROM snapshot JOIN capture ON capture.id = snapshot.capture_id,
      (SELECT 'name' AS name UNION ALL SELECT 'description') AS field
 WHERE capture.office = :office AND NOT {offset_list("capture.page")})
WHERE text IS NOT NULL
ORDER BY language, field DESC, page, captured_at, capture_id"""
_HOLDINGS = """
SELECT office, count(*) AS captures, sum(coalesce(quality, '') = 'good') AS good,
       min(captured_at) AS first, max(captured_at) AS last
FROM capture GROUP BY office"""
_COVERAGE = """
SELECT page, language, CASE precision WHEN 'year' THEN substr(captured_at, 1, 4)
       ELSE substr(captured_at, 1, 7) END AS month, state, failure, quality, count(*) AS captures,
       min(captured_at) AS first, max(captured_at) AS last
FROM capture WHERE office = :office AND (:language IS NULL OR language = :language)
GROUP BY page, month, state, failure, quality ORDER BY page, month"""
