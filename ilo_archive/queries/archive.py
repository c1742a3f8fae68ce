"""Questions to the archive, one method each. `Archive` opens the file for reading only."""

import json
import os
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from itertools import groupby, islice, pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar
from urllib.parse import quote, urlsplit

from sqlalchemy import URL, Row, create_engine, event, text

from ilo_archive.archive.database import SCHEMA_REVISION, mismatch, schema_revision
from ilo_archive.archive.decisions import all_decisions
from ilo_archive.archive.tables import PRINTED
from ilo_archive.capture import Capture, Position
from ilo_archive.identity.decisions import Decision
from ilo_archive.identity.similarity import similarity
from ilo_archive.identity.translations import PrintedLink, Translation, find_translations
from ilo_archive.identity.wording import (
    WordingText,
    parse_wording,
)
from ilo_archive.offices import PageSeries, Registry, UnknownOffice, is_offset_list, registry
from ilo_archive.queries.answers import (
    Absence,
    Cited,
    Compared,
    Coverage,
    Credited,
    Edit,
    EntryAsOf,
    EntrySummary,
    Homepage,
    Host,
    Month,
    OfficeHoldings,
    PrintedEntry,
    Reason,
    RecordedEntry,
    RecordedPage,
    Run,
    Sighting,
    Statement,
    Status,
    Stay,
    StoredCapture,
    Story,
    Wording,
)
from ilo_archive.queries.departure import Departure, departure
from ilo_archive.queries.lifeline import (
    AbsenceOnCaptures,
    Bounds,
    Lifeline,
    Observation,
    delay,
    trace_lifeline,
)
from ilo_archive.queries.wording_changes import changed_fields
from ilo_archive.text.countries import Country
from ilo_archive.text.normalise import normalised
from ilo_archive.text.office_facts import parse_description
from ilo_archive.times import end_of, from_iso, iso, parse_timestamp, surely_by


class NoArchive(Exception):
    """There is no archive at this place."""


class NoCapture(LookupError):
    """The archive holds no capture that could answer."""


class UnknownEntry(LookupError):
    """No entry goes by this id."""


_T = TypeVar("_T")
Which = Literal["earliest", "latest"]


def _read_only(path: Path) -> URL:
    """Where a WAL archive lies in a folder that cannot be written, SQLite wants to be told that
    nobody will (https://sqlite.org/wal.html#read_only_databases).
    """
    query = {"mode": "ro", "uri": "true"}
    if not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists():
        query["immutable"] = "1"
    return URL.create("sqlite", database=f"file:{quote(str(path))}", query=query)


def _teach(connection: sqlite3.Connection, _: object) -> None:
    """Teach SQLite to fold case: its LIKE and lower() know the letters a to z only."""
    connection.create_function("folded", 1, _folded, deterministic=True)


def _folded(text: str | None) -> str | None:
    return text and text.casefold()


def _columns(kind: type[Any]) -> str:
    return ", ".join(field.name for field in fields(kind))


def check_archive(path: Path) -> None:
    """Raise NoArchive where there is no file."""
    if not path.is_file():
        raise NoArchive(f"no archive at {path}: make one with `ingest` or `crawl`")


# -- the archive ---------------------------------------------------------------------------


class Archive:
    """An archive, opened for reading: `with Archive("data/archive.sqlite") as archive: ...`.

    Raises NoArchive where there is no file, ArchiveMismatch where it is none of ours.
    """

    def __init__(self, path: str | Path, offices: Registry | None = None) -> None:
        """`offices` is the registry to name offices by, the shipped one by default."""
        self.path = Path(path)
        self.registry = offices or registry()
        check_archive(self.path)
        self._engine = create_engine(_read_only(self.path.resolve()))
        event.listen(self._engine, "connect", _teach)
        self._connection = self._engine.connect()
        try:
            found = schema_revision(self._connection)
            if found != SCHEMA_REVISION:
                raise mismatch(found)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
        self._engine.dispose()

    def _all(self, kind: type[_T], sql: str, **values: Any) -> list[_T]:
        rows = self._connection.execute(text(sql), _storable(values)).mappings()
        return [kind(**row) for row in rows]

    def _one(self, sql: str, **values: Any) -> Any:
        return self._connection.scalar(text(sql), _storable(values))

    # -- entries

    def entries(
        self,
        office: str | None = None,
        *,
        language: str | None = None,
        since: str | None = None,
        until: str | None = None,
        credit: str | None = None,
        section: str | None = None,
        as_of: str | None = None,
        limit: int | None = None,
    ) -> list[EntrySummary]:
        """Entries, the newest first.

        `since` and `until` bound the entry's own date, both inclusive and partial if need be.
        With `as_of` the answer is each page as the last good capture up to the end of that
        day, month or year shows it, in the order of the page: each entry is a Standing, with
        the citation of that capture. An offset list is no page that stands. Raises
        BadTimestamp, UnknownOffice.
        """
        if office:
            self._check_office(office)
        where, values = _conditions(office, language, since, until, credit, section)
        values["limit"] = -1 if limit is None else limit
        if as_of is None:
            return self._newest(where, values)
        where = where.replace(_SEEN_AT, "office = :office")  # the page of that office only
        values["moment"] = iso(_end(as_of))
        order = "ORDER BY page, ordinal"
        sql = f"SELECT {_columns(EntryAsOf)} FROM ({_AS_OF}) {where} {order} LIMIT :limit"
        return [*self._all(EntryAsOf, sql, **values)]

    def search(
        self,
        query: str,
        *,
        office: str | None = None,
        language: str | None = None,
        since: str | None = None,
        until: str | None = None,
        credit: str | None = None,
        section: str | None = None,
        limit: int | None = None,
    ) -> list[EntrySummary]:
        """Entries of which any wording holds every word of the query, the best match first; where
        thousands do, of which none is better than the next, the newest first.

        `"two words"` is a phrase, `employ*` a beginning; nothing else has a meaning of its own.
        Raises BadTimestamp, UnknownOffice.
        """
        if office:
            self._check_office(office)
        where, values = _conditions(office, language, since, until, credit, section)
        values |= {"query": _match(query), "limit": -1 if limit is None else limit}
        if not values["query"]:
            return []
        if self._one(_COUNT_MATCHES, query=values["query"], most=_RANKED) == _RANKED:
            where = f"{where} AND {_MATCHING}" if where else f"WHERE {_MATCHING}"
            return self._newest(where, values)
        found = _MATCHES
        if where:
            found = f"SELECT found, rank FROM ({found}) JOIN news ON entry_id = found {where}"
        sql = f"""
            WITH best AS MATERIALIZED
            (SELECT found, rank FROM ({found}) ORDER BY rank, found LIMIT :limit)
            SELECT {_columns(EntrySummary)} FROM best CROSS JOIN news ON entry_id = found
            ORDER BY rank, entry_id"""
        return self._all(EntrySummary, sql, **values)

    def _newest(self, where: str, values: Mapping[str, Any]) -> list[EntrySummary]:
        """Entries by date. What a row of `news` counts is counted for those that are shown."""
        order = "ORDER BY date DESC NULLS LAST, entry_id"
        if values["limit"] >= 0:
            where = f"WHERE entry_id IN (SELECT entry_id FROM news {where} {order} LIMIT :limit)"
        return self._all(
            EntrySummary, f"SELECT {_columns(EntrySummary)} FROM news {where} {order}", **values
        )

    def edits(
        self,
        office: str | None = None,
        *,
        language: str | None = None,
        since: str | None = None,
        until: str | None = None,
        credit: str | None = None,
        section: str | None = None,
        limit: int | None = None,
    ) -> list[Edit]:
        """Fields of entries that a page words otherwise than it did before, the latest first.

        Entries are narrowed as by `entries`; with `office` only its own pages count. Raises
        BadTimestamp, UnknownOffice.
        """
        if office:
            self._check_office(office)
        where, values = _conditions(office, language, since, until, credit, section)
        narrowed = f"AND reading.entry_id IN (SELECT entry_id FROM news {where})" if where else ""
        on_page = "AND capture.office = :office" if office else ""
        sql = _REWORDED.format(narrowed=narrowed, on_page=on_page)
        rows = self._connection.execute(text(sql), _storable(values))
        found = [
            pair
            for _, shown in groupby(rows, key=lambda row: (row.page, row.entry_id))
            for pair in _rewordings(list(shown))
        ]
        found.sort(key=lambda pair: (pair[1].entry_id, pair[1].page))
        found.sort(key=lambda pair: pair[1].captured_at, reverse=True)
        wordings: dict[int, Any] = {}
        edits = (edit for pair in found for edit in self._edit(*pair, wordings))
        return list(islice(edits, limit))

    def _edit(self, before: Row[Any], after: Row[Any], wordings: dict[int, Any]) -> Iterator[Edit]:
        """What the one wording says otherwise than the other; `wordings` are rows read by now."""
        for number in {before.wording_id, after.wording_id} - set(wordings):
            wordings[number] = self._connection.execute(text(_WORDING), {"id": number}).one()
        old, new = wordings[before.wording_id], wordings[after.wording_id]
        for change in changed_fields(old, new):
            yield Edit(
                *(after.entry_id, after.office, after.language, after.page, after.title),
                *(change.field, change.before, change.after),
                *(before.captured_at, after.captured_at),
                *(f"{after.entry_id}@{old.digest[:8]}", f"{after.entry_id}@{new.digest[:8]}"),
                *(before.capture_id, after.capture_id, before.uri_m, after.uri_m),
            )

    def story(self, entry_id: str) -> Story:
        """All that is known of an entry. Any name it ever went by will do, or the id of a
        revision. Raises UnknownEntry.
        """
        found = self._entry_id(entry_id)
        stays = self._stays(found)
        gaps = {capture for stay in stays for gap in stay.gaps for capture in gap.not_on}
        return Story(
            self._item(found),
            tuple(self._wordings(found)),
            tuple(self._all(Sighting, _SIGHTINGS, entry=found)),
            stays[0].not_before,
            tuple(sorted(gaps)),
            tuple(stays),
            tuple(self._twins(found)),
        )

    def _item(self, entry_id: str) -> EntrySummary:
        sql = f"SELECT {_columns(EntrySummary)} FROM news WHERE entry_id = :entry"
        return self._all(EntrySummary, sql, entry=entry_id)[0]

    def _wordings(self, entry_id: str) -> Iterator[Wording]:
        sql = f"""SELECT {_columns(Wording).removesuffix(", changes")} FROM revisions
                  WHERE entry_id = :entry ORDER BY first_seen, revision_id"""
        before: Wording | None = None
        for each in self._all(Wording, sql, entry=entry_id):
            yield replace(each, changes=changed_fields(before, each) if before else ())
            before = each

    def cited(self, entry_id: str) -> Cited:
        """What a reference to an entry needs, in its latest wording or, by the id of a revision,
        in that one. Raises UnknownEntry.
        """
        name, _, revision = entry_id.partition("@")
        found = self._one(_BY_ANY_NAME, name=name)
        values = {"entry": found, "revision": revision or None}
        row = self._connection.execute(text(_CITED), _storable(values)).mappings().first()
        if row is None:
            raise UnknownEntry(f"no entry {entry_id!r}: see `ilo-archive entries`")
        known = self.registry.offices.get(row["author"])
        author = row["name"] or (known.name if known else row["author"])
        return Cited(**{each: row[each] for each in row if each != "name"} | {"author": author})

    # -- lifelines

    def _stays(self, entry_id: str) -> list[Stay]:
        """The stay on each page that shows the entry, the first page first."""
        rows = self._connection.execute(text(_LOOKS), {"entry": entry_id})
        pages = [list(looks) for _, looks in groupby(rows, key=lambda row: row.page)]
        stays = [self._stay(entry_id, looks) for looks in pages]
        stays.sort(key=lambda stay: (stay.appeared.latest or "", stay.first_seen, stay.page))
        first = stays[0].appeared
        return [stays[0], *(replace(each, delay=delay(first, each.appeared)) for each in stays[1:])]

    def _stay(self, entry_id: str, rows: Sequence[Row[Any]]) -> Stay:
        shown = [row for row in rows if row.shows]
        page, is_offset = shown[-1].page, is_offset_list(shown[-1].page)
        life = trace_lifeline([_look(row) for row in rows], absence_counts=not is_offset)
        gaps = [self._gap(entry_id, each) for each in life.absences if each.next_with]
        last = next((each for each in life.absences if each.next_with is None), None)
        return Stay(
            *(shown[-1].office, shown[-1].language, page, life.captures, len(rows)),
            *(life.not_before, life.first_seen, life.last_seen, life.absent_from),
            *(life.appeared, life.gone, self._departure(entry_id, last) if last else None),
            tuple(gaps),
            tuple(_hosts(rows, absence_counts=not is_offset)),
            None,
        )

    def _gap(self, entry_id: str, absence: AbsenceOnCaptures) -> Absence:
        return Absence(
            absence.last_with.captured_at,
            tuple(each.captured_at for each in absence.without),
            absence.next_with.captured_at if absence.next_with else "",
            self._departure(entry_id, absence),
        )

    def _departure(self, entry_id: str, absence: AbsenceOnCaptures) -> Departure:
        before, after = (
            self._all(PrintedEntry, _SHOWN, capture=look.capture_id)
            for look in (absence.last_with, absence.without[0])
        )
        return departure(entry_id, before, after)

    # -- translations

    def _twins(self, entry_id: str) -> list[Translation]:
        """Entries in other languages that are the same item, by language."""
        language = self._item(entry_id).language
        if language is None:
            return []
        twins = {each.language: each for each in self._by_number(entry_id, language)}
        for each in self._by_picture(entry_id, language):
            twins.setdefault(each.language, each)
        return [twins[each] for each in sorted(twins)]

    def _by_number(self, entry_id: str, language: str) -> Iterator[Translation]:
        for row in self._connection.execute(text(_SAME_NUMBER), {"entry": entry_id}):
            if row.language and row.language != language:
                evidence = row.strong.rpartition("-")[0]
                yield Translation(row.entry_id, row.language, row.title, "item number", evidence)

    def _by_picture(self, entry_id: str, language: str) -> Iterator[Translation]:
        own = self._all(PrintedLink, _PRINTS.format(who="="), entry=entry_id)
        others = self._all(PrintedLink, _PRINTS.format(who="!="), entry=entry_id)
        for each, (other, key) in find_translations(own, others, self.registry).items():
            taken = any(twin.language == language for twin in self._by_number(other, each))
            if each != language and not taken:
                title = self._item(other).title
                yield Translation(
                    other, each, title, "date, picture and link", " ".join(filter(None, key))
                )

    def _entry_id(self, name: str) -> str:
        found = self._one(_BY_ANY_NAME, name=name.partition("@")[0])
        if found is None:
            raise UnknownEntry(f"no entry {name!r}: see `ilo-archive entries`")
        return str(found)

    def reasons(self, entry_id: str) -> list[Reason]:
        """Why each sighting is one of the entry, in the order of its story. `entry_id` is any
        name that the entry ever went by. Raises UnknownEntry.
        """
        found = self._entry_id(entry_id)
        rows = self._connection.execute(text(_REASONS_WHY), {"entry": found}).mappings()
        return [self._reason(row) for row in rows]

    def _reason(self, row: Mapping[Any, Any]) -> Reason:
        wording = Compared(row["date"], row["title"], row["summary"])
        compared = alike = None
        if row["compared"]:
            compared = Compared(row["their_date"], row["their_title"], row["their_summary"])
            mine, theirs = (
                parse_wording(WordingText(row["language"], each.date, each.title, each.summary))
                for each in (wording, compared)
            )
            alike = similarity(mine, theirs)
        return Reason(
            row["sighting"], row["captured_at"], row["rule"], row["score"], row["link"],
            wording, compared, alike, self._note(row),
        )  # fmt: skip

    def _note(self, row: Mapping[Any, Any]) -> str | None:
        """What the researcher noted whose decision put a sighting where it is."""
        if row["rule"] not in ("merge", "split"):
            return None
        names = {"entry": row["entry_id"], "weak": row["weak"]}
        notes = self._connection.scalars(text(_NOTES), names | {"kind": row["rule"]})
        return "; ".join(map(str, notes)) or None

    def decisions(self) -> list[Decision]:
        """What researchers decided on identity, the oldest first."""
        return all_decisions(self._connection)

    # -- pages

    def homepage(self, office: str, when: str, which: Which, language: str | None) -> Homepage:
        """The office's page on the good capture that `when` means.

        `when` is `first`, `last`, or a date that may be partial: of the captures in that day,
        month or year the earliest or latest, as `which` says; where there is none, the nearest.
        Raises NoCapture, UnknownOffice, BadTimestamp.
        """
        good = self._good_captures(office, language)
        if when in ("first", "last"):
            return self._with_entries(good[0 if when == "first" else -1])
        start, end = parse_timestamp(when)[0], _end(when)
        within = [each for each in good if iso(start) <= each.captured_at <= iso(end)]
        if within:
            return self._with_entries(within[0 if which == "earliest" else -1])
        return self._with_entries(min(good, key=lambda each: _distance(each, start, end)))

    def page(self, office: str, as_of: str, language: str | None = None) -> Homepage:
        """The office's page as it stood: on the last good capture that was made by the end of that
        day, month or year, with what is needed to cite it.

        Raises NoCapture, UnknownOffice, BadTimestamp.
        """
        end = iso(_end(as_of))
        good = self._good_captures(office, language)
        by_then = [each for each in good if surely_by(each.captured_at, each.precision) <= end]
        if not by_then:
            raise NoCapture(
                f"no good capture of {office} by {as_of}: the first is of {good[0].captured_at}"
            )
        return self._with_entries(by_then[-1])

    def last_two(self, office: str, language: str | None) -> tuple[Homepage, Homepage]:
        """The last two good captures of an office. Raises NoCapture, UnknownOffice."""
        good = self._good_captures(office, language)
        if len(good) < 2:
            raise NoCapture(f"only one good capture of {office}: nothing to compare it with")
        return self._with_entries(good[-2]), self._with_entries(good[-1])

    def between(self, first: Homepage, last: Homepage) -> tuple[int, int]:
        """Good captures of the page between two, in either order, and entries only these show."""
        start, end = sorted((first.captured_at, last.captured_at))
        values = {"page": first.page, "first": start, "last": end}
        row = self._connection.execute(text(_BETWEEN), values).one()
        return int(row[0]), int(row[1])

    def _good_captures(self, office: str, language: str | None) -> list[Homepage]:
        """Those of one page of the office, by time: the page in the language asked for, else
        in the office's first language that has any.
        """
        sql = f"""
            SELECT {_columns(Homepage).removesuffix(", entries")} FROM
            (SELECT captures.*, captures.id AS capture_id, snapshot.name, snapshot.description
             FROM captures JOIN capture ON capture.key = captures.id
             JOIN snapshot ON snapshot.capture_id = capture.id)
            WHERE office = :office AND quality = 'good' ORDER BY captured_at, capture_id"""
        good = self._all(Homepage, sql, office=office)
        if not good:
            self._check_office(office)
            raise NoCapture(f"no good capture of {office} in this archive")
        known = self.registry.offices.get(office)
        wanted = [language] if language else [*(known.languages if known else ())]
        for each in wanted:
            if page := [one for one in good if one.language == each]:
                home = [one for one in page if one.page == f"{office}/{each}"]
                return home or [one for one in page if one.page == page[-1].page]
        if language:
            raise NoCapture(f"no good capture of {office} in language {language!r}")
        return [each for each in good if each.page == good[-1].page]

    def _check_office(self, office: str) -> None:
        held = self._one("SELECT count(*) FROM capture WHERE office = :office", office=office)
        if not held and office not in self.registry.offices:
            raise UnknownOffice(f"no office {office!r}: see `ilo-archive offices`")

    def _with_entries(self, page: Homepage) -> Homepage:
        shown = self._all(PrintedEntry, _SHOWN, capture=page.capture_id)
        values = {field.name: getattr(page, field.name) for field in fields(Homepage)}
        return Homepage(**values | {"entries": tuple(shown)})

    # -- readings

    def kept(self, office: str | None = None) -> list[int]:
        """Captures whose bytes are kept, by time: the numbers that `stored_reading` takes.

        Raises UnknownOffice.
        """
        if office:
            self._check_office(office)
        rows = self._connection.execute(text(_KEPT), _storable({"office": office}))
        return [int(row[0]) for row in rows]

    def stored_reading(self, number: int) -> StoredCapture:
        """The reading of a kept capture as it was recorded."""
        row = self._connection.execute(text(_STORED), {"number": number}).mappings().one()
        return StoredCapture(
            _capture(row),
            row["payload_digest"],
            Position(row["warc_file"], row["warc_offset"], row["warc_length"]),
            self._original(row),
            row["reader"],
            RecordedPage(
                warnings=tuple(json.loads(row["warnings"] or "[]")),
                entries=tuple(self._all(RecordedEntry, _READ_ENTRIES, number=number)),
                **{name: row[name] for name in _OF_THE_PAGE},
            ),
        )

    def known_end(self) -> tuple[str, int]:
        """The last file of the store that the archive knows, and its first byte unknown to it."""
        row = self._connection.execute(text(_KNOWN_END)).first()
        return (str(row.warc_file), int(row.end)) if row else ("", 0)

    def first_of(self, payload_digest: str) -> Position | None:
        """Where these bytes were kept first, under whatever address; None where they are not."""
        row = self._connection.execute(text(_FIRST_OF), {"digest": payload_digest}).first()
        return Position(*row) if row else None

    def _original(self, row: Mapping[Any, Any]) -> Position:
        values = {"digest": row["payload_digest"], "page": row["page"]}
        return Position(*self._connection.execute(text(_ORIGINAL), values).one())

    def profile(self, office: str, language: str | None = None) -> list[Statement]:
        """The names and descriptions of an office through time, whatever its name or address was.

        Raises UnknownOffice.
        """
        self._check_office(office)
        rows = self._connection.execute(text(_STATEMENTS), _storable({"office": office}))
        series = groupby(rows, key=lambda row: (row.language, row.field, row.page))
        return [
            statement
            for (spoken, _, _), said in series
            if language in (None, spoken)
            for statement in _statements(list(said))
        ]

    def credits(self, name: str | None = None) -> list[Credited]:
        """Who is credited, by name; with `name` those of whose holder any form, or whose agency,
        holds it.
        """
        where = f"WHERE holder IN {_ANY_FORM} OR instr(folded(agency), :credit)" if name else ""
        sql = f"SELECT * FROM credits {where} ORDER BY holder NULLS LAST, agency NULLS FIRST"
        values = {"credit": _spaced(name)} if name else {}
        rows = self._connection.execute(text(sql), _storable(values)).mappings()
        slugs: dict[tuple[Any, Any], list[str]] = {}
        for holder, agency, slug in self._connection.execute(text(_CREDITED_AT)):
            slugs.setdefault((holder, agency), []).append(slug)
        return [
            Credited(
                **dict(row)
                | {
                    "forms": tuple(filter(None, (row["forms"] or "").split("; "))),
                    "slugs": tuple(slugs[row["holder"], row["agency"]]),
                }
            )
            for row in rows
        ]

    def coverage(self, office: str, language: str | None = None) -> list[Coverage]:
        """What the captures of each page of an office came to, month by month.

        Raises UnknownOffice, NoCapture.
        """
        self._check_office(office)
        values = _storable({"office": office, "language": language})
        rows = self._connection.execute(text(_COVERAGE), values).mappings()
        pages = groupby(rows, lambda row: str(row["page"]))
        found = [_coverage(office, page, list(each)) for page, each in pages]
        if not found:
            raise NoCapture(f"no capture of {office} in this archive: `crawl` fetches some")
        return found

    # -- the archive itself

    def offices(self) -> list[OfficeHoldings]:
        """Every office of the registry and of the archive, by slug."""
        rows = self._connection.execute(text(_HELD)).mappings()
        return office_holdings(self.registry, {str(row["office"]): row for row in rows})

    def status(self, runs: int = 5) -> Status:
        """The last runs, freshness, and what waits or went wrong."""
        last = self._all(Run, "SELECT * FROM runs ORDER BY id DESC LIMIT :runs", runs=runs)
        states = self._connection.execute(text(_STATES)).all()
        reasons = self._connection.execute(text(_REASONS)).all()
        held = [each for each in self.offices() if each.captures]
        return Status(
            tuple(last),
            tuple(held),
            {str(state): int(number) for state, number in states},
            {str(reason): int(number) for reason, number in reasons},
        )


def _capture(row: Mapping[Any, Any]) -> Capture:
    return Capture(
        place=PageSeries(row["office_slug"], row["listed_language"], row["page"]),
        captured_at=from_iso(row["captured_at"]),
        **{name: row[name] for name in _OF_THE_CAPTURE},
    )


_OF_THE_CAPTURE = ("url", "archive", "uri_m", "status", "digest", "precision")
_OF_THE_PAGE = (
    "state", "quality", "reason", "template", "language", "office", "description", "charset",
    "charset_reason",
)  # fmt: skip


# -- lives ---------------------------------------------------------------------------------


def _rewordings(shown: Sequence[Row[Any]]) -> Iterator[tuple[Row[Any], Row[Any]]]:
    """The last sighting of a wording and the first of that which took its place, from the
    sightings of an entry on one page by time.

    A page may list an entry twice, in two wordings: one of them must be given up and another
    taken up.
    """
    moments = [list(same) for _, same in groupby(shown, key=lambda row: row.captured_at)]
    for before, after in pairwise(_placed(moments)):
        were = {row.wording_id for row in before}
        are = {row.wording_id for row in after}
        given_up = next((row for row in before if row.wording_id not in are), None)
        taken_up = next((row for row in after if row.wording_id not in were), None)
        if given_up and taken_up:
            yield given_up, taken_up


def _placed(moments: Sequence[list[Row[Any]]]) -> Iterator[list[Row[Any]]]:
    """Without captures, of a month say, that may be later than the next one."""
    for moment, following in zip(moments, [*moments[1:], None], strict=True):
        latest = max(surely_by(row.captured_at, row.precision) for row in moment)
        if following is None or latest <= following[0].captured_at:
            yield moment


def _look(row: Row[Any], *, shows: bool | None = None) -> Observation:
    shown = bool(row.shows) if shows is None else shows
    return Observation(row.capture_id, row.captured_at, row.precision, shown)


def _hosts(rows: Sequence[Row[Any]], *, absence_counts: bool) -> Iterator[Host]:
    """The hosts that show an entry, the first first, from the looks at one page."""
    by_host: dict[str, list[Observation]] = defaultdict(list)
    for row in rows:
        by_host[urlsplit(row.url).hostname or ""].append(_look(row))
    lives = {
        name: trace_lifeline(looks, absence_counts=absence_counts)
        for name, looks in by_host.items()
        if any(look.shows for look in looks)
    }
    first: Bounds | None = None
    for name in sorted(lives, key=lambda name: (lives[name].appeared.latest or "", name)):
        life = lives[name]
        later = delay(first, life.appeared) if first else None
        yield Host(name, life.first_seen, life.last_seen, life.captures, later)
        first = first or life.appeared


def _statements(said: Sequence[Row[Any]]) -> Iterator[Statement]:
    """The wordings of one field on one page, from what its captures say by time."""
    plain = {row.text: normalised(row.text) for row in said}
    runs = [list(run) for _, run in groupby(said, key=lambda row: plain[row.text])]
    named: Statement | None = None
    for before, run, after in zip([[], *runs], runs, [*runs[1:], []], strict=False):
        others = [*before[-1:], *after[:1]]
        life = trace_lifeline(
            [*(_look(row, shows=True) for row in run), *(_look(row, shows=False) for row in others)]
        )
        statement = _statement(run, life)
        if named and statement.countries:
            statement = replace(
                statement,
                joined=_only_in(statement.countries, named.countries),
                left=_only_in(named.countries, statement.countries),
            )
        named = statement if statement.countries else named
        yield statement


def _only_in(countries: Sequence[Country], others: Sequence[Country]) -> tuple[Country, ...]:
    known = {each.code for each in others}
    return tuple(each for each in countries if each.code not in known)


def _statement(run: Sequence[Row[Any]], life: Lifeline) -> Statement:
    first = run[0]
    said = parse_description(first.text, first.language) if first.field == "description" else None
    facts = {each.name: getattr(said, each.name) for each in fields(said)} if said else {}
    return Statement(
        *(first.field, first.language, first.text, life.first_seen, life.last_seen, len(run)),
        *(first.page, life.not_before, life.absent_from, life.appeared, life.gone),
        **facts,
    )


_KINDS = {
    "good": "good",
    **dict.fromkeys(("captcha", "denied", "login", "blocked", "robots"), "blocked"),
    **dict.fromkeys(("redirect", "other_capture"), "redirected"),
    "never_archived": "missing",
}
"""What the quality of a page comes to, or the reason why there is none; any other is a failure."""


def _kind(state: str, failure: str | None, quality: str | None) -> str:
    if state == "listed":
        return "missing"
    return _KINDS.get(failure or quality or "", "failed")


def _coverage(office: str, page: str, rows: Sequence[Mapping[Any, Any]]) -> Coverage:
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        kinds = counts.setdefault(row["month"], Counter())
        kinds[_kind(row["state"], row["failure"], row["quality"])] += row["captures"]
    first, last = min(row["first"] for row in rows), max(row["last"] for row in rows)
    months = sorted({*counts, *_months(first[:7], last[:7])})
    return Coverage(
        office,
        rows[0]["language"],
        page,
        first,
        last,
        tuple(Month(each, **dict(counts.get(each, {}))) for each in months),
    )


def _months(first: str, last: str) -> Iterator[str]:
    """`2015-11`, `2015-12`, `2016-01` ...; both ends included."""
    start, end = (int(each[:4]) * 12 + int(each[5:]) - 1 for each in (first, last))
    for number in range(start, end + 1):
        yield f"{number // 12:04}-{number % 12 + 1:02}"


def office_holdings(
    offices: Registry, held: Mapping[str, Mapping[Any, Any]]
) -> list[OfficeHoldings]:
    """The registry's offices and others, with the counts of `held` (none without an archive)."""
    none = {"captures": 0, "good": 0, "first": None, "last": None}
    answer = []
    for slug in sorted({*offices.offices, *held}):
        known = offices.offices.get(slug)
        counts = held.get(slug, none)
        answer.append(
            OfficeHoldings(
                slug,
                known.name if known else slug,
                known.languages if known else (),
                tuple(each.url for each in known.addresses) if known else (),
                **{name: counts[name] for name in none},
            )
        )
    return answer


# -- SQL -----------------------------------------------------------------------------------


def _conditions(
    office: str | None,
    language: str | None,
    since: str | None,
    until: str | None,
    credit: str | None,
    section: str | None,
) -> tuple[str, dict[str, Any]]:
    """A WHERE clause over `news`, with its values."""
    asked = {
        "office": (_SEEN_AT if office else "", office),
        "language": ("language = :language", language),
        "since": ("date >= :since", since and iso(parse_timestamp(since)[0])[:10]),
        "until": (_UNTIL, until and iso(_end(until))[:10]),
        "credit": (_CREDITED, credit and _spaced(credit)),
        "section": ("folded(section) = :section", section and section.casefold()),
    }
    wanted = {name: each for name, each in asked.items() if each[1]}
    values = {name: value for name, (_, value) in wanted.items()}
    clause = " AND ".join(condition for condition, _ in wanted.values())
    return (f"WHERE {clause}" if clause else ""), values


# No end is before its beginning: the first part says nothing new, but there is an index for it.
_UNTIL = "date <= :until AND coalesce(date_end, date) <= :until"

# Of every form of a holder's name: "R. Aho" finds what is credited to "Rita Aho" too, if these
# are one person.
_ANY_FORM = "(SELECT shown FROM holder WHERE instr(folded(form), :credit))"
_CREDITED = f"""
(credit_holder IN (SELECT credited FROM holder WHERE shown IN {_ANY_FORM})
 OR instr(folded(credit_holder), :credit) OR instr(folded(credit_agency), :credit))"""


def _spaced(name: str) -> str:
    """A name as `folded` gives it, its white space as credits are kept with."""
    return " ".join(name.casefold().split())


def _storable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values that SQLite takes: a shell hands over what is no UTF-8 as half characters."""
    return {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in values.items()
    }


def _end(date: str) -> datetime:
    """The last second of a day, month or year."""
    return end_of(*parse_timestamp(date))


def _distance(page: Homepage, start: datetime, end: datetime) -> timedelta:
    at = from_iso(page.captured_at)
    return start - at if at < start else at - end


def _match(query: str) -> str:
    """The query in FTS5's language, every word quoted: most everyday strings raise there when
    handed over as they are (hyphens, apostrophes, a lone quote).
    """
    words = re.findall(r'"([^"]+)"|([^\s"]+)', query.replace("\0", " "))
    terms = []
    for phrase, word in words:
        term = phrase or word.rstrip("*")
        if any(map(str.isalnum, term)):
            terms.append(f'"{term}"' + ("*" if word.endswith("*") else ""))
    return " ".join(terms)


# An entry may be listed by several offices; it is an entry of each.
_SEEN_AT = """
entry_id IN (SELECT reading.entry_id FROM capture
    JOIN sighting ON sighting.capture_id = capture.id
    JOIN reading ON reading.id = sighting.reading_id WHERE capture.office = :office)"""

# To rank a match takes ten times as long as to find it (benchmarks/growth.py).
_RANKED = 2_000
_COUNT_MATCHES = """
SELECT count(*) FROM (SELECT 1 FROM wording_fts WHERE wording_fts MATCH :query LIMIT :most)"""
_MATCHING = """
EXISTS (SELECT 1 FROM reading WHERE reading.entry_id = news.entry_id AND reading.wording_id IN
        (SELECT rowid FROM wording_fts WHERE wording_fts MATCH :query))"""
_MATCHES = """
SELECT reading.entry_id AS found, min(wording_fts.rank) AS rank
FROM wording_fts JOIN reading ON reading.wording_id = wording_fts.rowid
WHERE wording_fts MATCH :query GROUP BY reading.entry_id"""

# What a capture prints; its wording shows the earliest print of the same words.
_PRINT = ", ".join(
    f"CASE WHEN sighting.printed IS NULL THEN wording.{name}"
    f" ELSE json_extract(sighting.printed, '$[{number}]') END AS {name}"
    for number, name in enumerate(PRINTED)
)

# A capture known to the month only answers for no day of that month but the last.
_AS_OF = f"""
SELECT news.entry_id, capture.office, wording.language, sighting.section, {_PRINT},
       sighting.link, sighting.credit_holder, sighting.credit_agency, news.first_seen,
       news.last_seen, news.absent_from, news.sightings, news.revisions, sighting.position,
       capture.key AS capture_id, capture.captured_at, capture.precision, capture.page,
       capture.url, capture.uri_m, capture.archive, sighting.ordinal
FROM (SELECT id, row_number() OVER (PARTITION BY page ORDER BY captured_at DESC, key DESC)
             AS place
      FROM capture WHERE quality = 'good' AND NOT instr(page, '/nextRow--')
        AND captured_at <= :moment
        AND datetime(captured_at, CASE precision WHEN 'year' THEN '+1 year' WHEN 'month' THEN
                     '+1 month' WHEN 'day' THEN '+1 day' WHEN 'minute' THEN '+1 minute'
                     ELSE '+0 days' END)
            <= datetime(:moment, '+1 second')) AS stood
JOIN capture ON capture.id = stood.id AND stood.place = 1
JOIN sighting ON sighting.capture_id = capture.id
JOIN reading ON reading.id = sighting.reading_id
JOIN wording ON wording.id = reading.wording_id
JOIN news ON news.entry_id = reading.entry_id"""

_BY_ANY_NAME = """
SELECT entry_id FROM reading
WHERE entry_id = :name OR strong = :name OR weak = :name ORDER BY entry_id = :name DESC LIMIT 1"""

_SIGHTINGS = """
SELECT sightings.capture_id, revision_id, sightings.office, sightings.captured_at,
       precision, sightings.uri_m, captures.archive, section, position, credit, reader, charset,
       charset_reason
FROM sightings JOIN captures ON captures.id = sightings.capture_id
WHERE entry_id = :entry ORDER BY sightings.captured_at, sightings.capture_id, ordinal"""

# Good captures of the pages that ever showed the entry.
_LOOKS = """
WITH shown AS MATERIALIZED (SELECT DISTINCT sighting.capture_id AS id
                            FROM reading JOIN sighting ON sighting.reading_id = reading.id
                            WHERE reading.entry_id = :entry)
SELECT c.key AS capture_id, c.captured_at, c.precision, c.page, c.office, c.language, c.url,
       c.id IN (SELECT id FROM shown) AS shows
FROM capture AS c
WHERE c.page IN (SELECT page FROM capture JOIN shown USING (id)) AND c.quality = 'good'
ORDER BY c.page, c.captured_at, c.key"""

_CITED = """
SELECT reading.entry_id, reading.entry_id || '@' || substr(wording.digest, 1, 8) AS revision_id,
       snapshot.name, capture.office AS author, wording.title, wording.date, wording.date_end,
       wording.language, sighting.link, capture.url, capture.archive, capture.uri_m,
       capture.captured_at, capture.precision
FROM reading
JOIN wording ON wording.id = reading.wording_id
JOIN sighting ON sighting.reading_id = reading.id
JOIN capture ON capture.id = sighting.capture_id
LEFT JOIN snapshot ON snapshot.capture_id = capture.id
WHERE reading.entry_id = :entry AND coalesce(:revision, '') IN ('', substr(wording.digest, 1, 8))
ORDER BY capture.captured_at DESC, capture.key DESC, sighting.ordinal LIMIT 1"""

_REWORDED = """
SELECT reading.entry_id, reading.wording_id, sighting.captured_at, capture.page, capture.office,
       coalesce(latest.language, capture.language) AS language, capture.key AS capture_id,
       capture.precision, capture.uri_m, latest.title
FROM reading
JOIN sighting ON sighting.reading_id = reading.id
JOIN capture ON capture.id = sighting.capture_id
JOIN entry ON entry.id = reading.entry_id
JOIN wording AS latest ON latest.id = entry.wording_id
WHERE reading.entry_id IN (SELECT entry_id FROM reading GROUP BY entry_id
                           HAVING count(DISTINCT wording_id) > 1) {narrowed} {on_page}
ORDER BY capture.page, reading.entry_id, sighting.captured_at, capture.key, sighting.ordinal"""
_WORDING = """
SELECT digest, kicker, title, dateline, date, date_end, place, summary
FROM wording WHERE id = :id"""

# An item number ends at the next hyphen, and "." follows "-".
_SAME_NUMBER = """
SELECT DISTINCT other.entry_id, other.strong, news.language, news.title
FROM reading AS own
JOIN reading AS other
  ON other.strong >= substr(own.strong, 1, 5 + instr(substr(own.strong, 6), '-'))
 AND other.strong < substr(own.strong, 1, 4 + instr(substr(own.strong, 6), '-')) || '.'
 AND other.entry_id != own.entry_id
JOIN news ON news.entry_id = other.entry_id
WHERE own.entry_id = :entry AND own.strong GLOB 'wcms-*-*'
ORDER BY other.strong, other.entry_id"""
_PRINTS = """
SELECT DISTINCT reading.entry_id, wording.language, wording.date, wording.date_end,
       sighting.image, sighting.link
FROM wording
JOIN reading ON reading.wording_id = wording.id
JOIN sighting ON sighting.reading_id = reading.id
WHERE wording.date IN (SELECT mine.date FROM reading AS r JOIN wording AS mine
                       ON mine.id = r.wording_id WHERE r.entry_id = :entry)
  AND reading.entry_id {who} :entry AND wording.language IS NOT NULL
  AND sighting.image IS NOT NULL AND sighting.link IS NOT NULL"""

_SHOWN = f"""
SELECT entry_id, revision_id, position, sightings.section, kicker, title, dateline, date, date_end,
       place, summary, link, credit, credit_holder, credit_agency, credit_year
FROM (SELECT sightings.*, {_PRINT}
      FROM sightings JOIN capture ON capture.key = sightings.capture_id
      JOIN sighting ON sighting.capture_id = capture.id AND sighting.ordinal = sightings.ordinal
      JOIN reading ON reading.id = sighting.reading_id
      JOIN wording ON wording.id = reading.wording_id) AS sightings
WHERE capture_id = :capture ORDER BY ordinal"""

_KEPT = """
SELECT id FROM capture
WHERE warc_offset IS NOT NULL AND (:office IS NULL OR office = :office)
ORDER BY captured_at, key"""

_STORED = """
SELECT capture.office AS office_slug, capture.language AS listed_language, capture.page,
       capture.url, capture.captured_at, capture.precision, capture.archive, capture.uri_m,
       capture.status, capture.digest, capture.payload_digest, capture.reader,
       capture.warc_file, capture.warc_offset, capture.warc_length,
       capture.state, capture.quality, capture.reason, snapshot.template, snapshot.language,
       snapshot.name AS office, snapshot.description, snapshot.warnings, snapshot.charset,
       snapshot.charset_reason
FROM capture LEFT JOIN snapshot ON snapshot.capture_id = capture.id
WHERE capture.id = :number"""

_ORIGINAL = """
SELECT warc_file, warc_offset, warc_length FROM capture
WHERE payload_digest = :digest AND page = :page AND warc_offset IS NOT NULL
ORDER BY warc_file, warc_offset LIMIT 1"""

_FIRST_OF = """
SELECT warc_file, warc_offset, warc_length FROM capture
WHERE payload_digest = :digest AND warc_offset IS NOT NULL
ORDER BY warc_file, warc_offset LIMIT 1"""
_KNOWN_END = """
SELECT warc_file, warc_offset + warc_length AS "end" FROM capture
WHERE warc_file IS NOT NULL ORDER BY warc_file DESC, warc_offset DESC LIMIT 1"""

_READ_ENTRIES = f"""
SELECT sighting.section, sighting.position, {_PRINT}, sighting.link, sighting.image,
       sighting.credit, sighting.credit_holder, sighting.credit_agency, sighting.credit_year
FROM sighting
JOIN reading ON reading.id = sighting.reading_id
JOIN wording ON wording.id = reading.wording_id
WHERE sighting.capture_id = :number ORDER BY sighting.ordinal"""

_BETWEEN = """
WITH good AS (SELECT id, captured_at FROM capture WHERE page = :page AND quality = 'good'
              AND captured_at BETWEEN :first AND :last),
     shown AS (SELECT DISTINCT reading.entry_id, good.captured_at IN (:first, :last) AS at_an_end
               FROM good JOIN sighting ON sighting.capture_id = good.id
               JOIN reading ON reading.id = sighting.reading_id)
SELECT (SELECT count(*) FROM good WHERE captured_at NOT IN (:first, :last)),
       (SELECT count(*) FROM (SELECT entry_id FROM shown GROUP BY entry_id
                              HAVING max(at_an_end) = 0))"""

_REASONS_WHY = """
SELECT capture.key || '#' || sighting.ordinal AS sighting, sighting.captured_at, reading.rule,
       reading.score, reading.entry_id, reading.weak, reading.compared, sighting.link,
       wording.language, wording.date, wording.title, wording.summary,
       theirs.date AS their_date, theirs.title AS their_title, theirs.summary AS their_summary
FROM reading
JOIN sighting ON sighting.reading_id = reading.id
JOIN capture ON capture.id = sighting.capture_id
JOIN wording ON wording.id = reading.wording_id
LEFT JOIN wording AS theirs ON theirs.digest = reading.compared
WHERE reading.entry_id = :entry ORDER BY sighting.captured_at, capture.key, sighting.ordinal"""

_NOTES = """
SELECT DISTINCT note FROM decision
WHERE note IS NOT NULL AND kind = :kind AND (id = :weak OR present_name IN
    (SELECT strong FROM reading WHERE entry_id = :entry
     UNION SELECT weak FROM reading WHERE entry_id = :entry))
ORDER BY note"""

_STATEMENTS = """
SELECT * FROM
(SELECT coalesce(snapshot.language, capture.language) AS language, field.name AS field,
        CASE field.name WHEN 'name' THEN snapshot.name ELSE snapshot.description END AS text,
        capture.page, capture.key AS capture_id, capture.captured_at, capture.precision
 FROM snapshot JOIN capture ON capture.id = snapshot.capture_id,
      (SELECT 'name' AS name UNION ALL SELECT 'description') AS field
 WHERE capture.office = :office AND NOT instr(capture.page, '/nextRow--'))
WHERE text IS NOT NULL
ORDER BY language, field DESC, page, captured_at, capture_id"""
_CREDITED_AT = """
SELECT DISTINCT holder.shown, sighting.credit_agency, capture.office
FROM sighting
JOIN capture ON capture.id = sighting.capture_id
LEFT JOIN holder ON holder.credited = sighting.credit_holder
WHERE sighting.credit IS NOT NULL ORDER BY capture.office"""
_HELD = """
SELECT office, count(*) AS captures, sum(coalesce(quality, '') = 'good') AS good,
       min(captured_at) AS first, max(captured_at) AS last
FROM capture GROUP BY office"""
_COVERAGE = """
SELECT page, language, CASE precision WHEN 'year' THEN substr(captured_at, 1, 4)
       ELSE substr(captured_at, 1, 7) END AS month, state, failure, quality, count(*) AS captures,
       min(captured_at) AS first, max(captured_at) AS last
FROM capture WHERE office = :office AND (:language IS NULL OR language = :language)
GROUP BY page, month, state, failure, quality ORDER BY page, month"""
_STATES = "SELECT state, count(*) FROM capture GROUP BY state ORDER BY state"
_REASONS = """
SELECT state || ': ' || reason, count(*) FROM capture
WHERE reason IS NOT NULL GROUP BY state, reason ORDER BY 2 DESC, 1 LIMIT 10"""
