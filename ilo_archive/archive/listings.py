"""Store listings: their progress, their captures, and when an archive may be asked again.

A page of a listing and the key of the next page are stored in one transaction, so that a listing
that was killed resumes at the next page.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from sys import intern
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    case,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from ilo_archive.archive import tables as t
from ilo_archive.archive.captures import DONE, put_listed
from ilo_archive.archive.database import json_array
from ilo_archive.archive.retries import reopen_passing
from ilo_archive.archive.stored_bytes import KeptBody, body_of_listed
from ilo_archive.capture import Capture, Failure
from ilo_archive.offices import PageSeries
from ilo_archive.times import from_iso, iso


@dataclass(frozen=True, slots=True)
class ListingRequest:
    """The address that an archive is asked to list, with the first and last timestamp.

    `first` and `last` have 4 to 14 digits, or are empty if open.
    """

    archive: str
    url: str
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class ListedCapture:
    """A listed capture, with its state and the quality of its snapshot in our database.

    `retry_at` is the time from which a failed one is asked for again, None if that is at once.
    """

    capture: Capture
    state: str
    quality: str | None = None
    attempts: int = 0
    retry_at: datetime | None = None

    @property
    def is_done(self) -> bool:
        """True if the capture needs no further work."""
        return self.state in DONE

    def waits(self, now: datetime) -> bool:
        """True if the capture failed and is not to be asked for yet."""
        return not self.is_done and self.retry_at is not None and self.retry_at > now


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of rows of a listing: all, repeated ones, repaired ones, and those that were not
    parsed.
    """

    rows: int = 0
    repeats: int = 0
    repaired: int = 0
    odd: int = 0


class BrokenOff(StrEnum):
    """The reason why a listing ended before its last page: column `failure` of `listing`."""

    KEY_REFUSED = "key_refused"
    """The archive refused the key that it gave for the next page, twice in a row."""
    REPEATED = "repeated"
    """A page brought no new row, or the key of a page before."""
    TOO_LONG = "too_long"
    """It has more pages or rows than are read."""


class Listings:
    """The tables of listings. Writing requires the home's lock."""

    def __init__(self, engine: Engine) -> None:
        """Use the engine of `archive.sqlite`."""
        self._engine = engine

    # -- listings

    def start(self, question: ListingRequest) -> str | None:
        """Start a listing. Returns the resume key if an earlier run was interrupted, else None.

        What an earlier listing brought stays listed: an archive that lists less than before does
        not say that it has less.
        """
        with self._engine.begin() as connection:
            row = connection.execute(_listing(question)).first()
            if row and row.next is not None:
                return str(row.next)
            _begin(connection, question)
            return None

    def restart(self, question: ListingRequest) -> None:
        """Start a listing from its first page; its captures so far stay listed."""
        with self._engine.begin() as connection:
            _begin(connection, question)

    def add(
        self, question: ListingRequest, captures: Iterable[Capture], counts: Counts, key: str | None
    ) -> None:
        """Store a page of a listing and the key of the next page, None after the last one.

        `counts.repeats` are rows of earlier pages; those within the page are counted here. A
        capture that came from a file without URI-M gets the archive's.
        """
        with self._engine.begin() as connection:
            number = connection.execute(_listing(question)).one().id
            listed = [*captures]
            page = {each.key: each for each in listed}
            _put_page(connection, number, page)
            c = t.listing.c
            values = {
                "next": key,
                "rows": c.rows + counts.rows,
                "repeats": c.repeats + counts.repeats + len(listed) - len(page),
                "repaired": c.repaired + counts.repaired,
                "odd": c.odd + counts.odd,
                "listed_at": None if key else iso(datetime.now(UTC)),
            }
            connection.execute(update(t.listing).where(c.id == number).values(values))

    def refuse(self, question: ListingRequest, failure: Failure) -> None:
        """Store why an archive does not list an address."""
        self._end(question, failure.value)

    def break_off(self, question: ListingRequest, reason: BrokenOff) -> None:
        """Store why a listing was ended before its last page. The next run starts it again."""
        self._end(question, reason.value)

    def _end(self, question: ListingRequest, failure: str) -> None:
        values = {"failure": failure, "next": None}
        with self._engine.begin() as connection:
            connection.execute(update(t.listing).where(_asked(question)).values(values))

    def listed(self, questions: Iterable[ListingRequest]) -> list[ListedCapture]:
        """The captures in these listings, without repetitions, by time."""
        joined = t.capture.join(t.listed, t.listed.c.capture_id == t.capture.c.id).join(
            t.listing, t.listing.c.id == t.listed.c.listing_id
        )
        query = (
            select(*_LISTED_COLUMNS)
            .select_from(joined)
            .where(or_(*(_asked(each) for each in questions)))
            .distinct()
            .order_by(t.capture.c.captured_at, t.capture.c.key)
        )
        with self._engine.connect() as connection:
            return _listed_captures(connection, query)

    def known(self, captures: Iterable[Capture]) -> dict[str, ListedCapture]:
        """What is known of captures, by key; unknown ones are left out."""
        keys = json_array(each.key for each in captures)
        query = select(*_LISTED_COLUMNS).where(_AMONG_KEYS).params(keys=keys)
        with self._engine.connect() as connection:
            return {each.capture.key: each for each in _listed_captures(connection, query)}

    def counts(self, questions: Iterable[ListingRequest]) -> Counts:
        """The sums over all pages of these listings."""
        c = t.listing.c
        sums = [func.coalesce(func.sum(each), 0) for each in (c.rows, c.repeats, c.repaired, c.odd)]
        query = select(*sums).where(or_(*(_asked(each) for each in questions)))
        with self._engine.connect() as connection:
            return Counts(*connection.execute(query).one())

    def reopen_passing(self) -> int:
        """Make captures due that earlier versions set aside for a failure that may pass.

        Returns their number.
        """
        with self._engine.begin() as connection:
            return reopen_passing(connection)

    # -- pages

    def shown(self, captures: Iterable[Capture]) -> dict[str, Hashable | None]:
        """The content of captures, by key, as far as they need no further work.

        It consists of name, description and entries with their wordings, so that equal pages have
        equal content; None for a capture that shows no page with entries.
        """
        with self._engine.connect() as connection:
            found = {each.key: _state(connection, each) for each in captures}
            return {
                key: _content(connection, row.id) if row.quality == "good" else None
                for key, row in found.items()
                if row is not None and row.state in DONE
            }

    # -- bodies

    def kept_body(self, page: str, digest: str) -> KeptBody | None:
        """The position of the body with this digest, from a capture of the page; None if it is not
        stored.
        """
        with self._engine.connect() as connection:
            return body_of_listed(connection, page, digest)

    # -- when an archive may be asked again

    def rate_holds(self) -> dict[str, float]:
        """The time from which each lane of an archive may be asked again, in seconds since 1970."""
        with self._engine.connect() as connection:
            return {row.lane: row.until for row in connection.execute(select(t.rate_hold))}

    def put_rate_hold(self, lane: str, until: float) -> None:
        """Store the time (seconds since 1970) until which a lane of an archive must not
        be asked.
        """
        values = {"lane": lane, "until": until}
        statement = upsert(t.rate_hold).values(values)
        with self._engine.begin() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["lane"], set_=values)
            )


def _begin(connection: Connection, question: ListingRequest) -> None:
    """Count the rows of a listing from 0. Those of the complete one before are kept beside."""
    c = t.listing.c
    if connection.execute(_listing(question)).first() is None:
        connection.execute(insert(t.listing).values(_question_row(question)))
        return
    before = case((c.listed_at.is_not(None), c.rows - c.repeats), else_=c.previous_rows)
    zero = dict.fromkeys(("rows", "repeats", "repaired", "odd"), 0)
    cleared: dict[str, Any] = dict.fromkeys(("next", "failure", "listed_at"))
    values = {**zero, **cleared, "previous_rows": before}
    connection.execute(update(t.listing).where(_asked(question)).values(values))


def _put_page(connection: Connection, listing: int, captures: Mapping[str, Capture]) -> None:
    """Store the captures of a page of a listing, by key."""
    put_listed(connection, captures.values())
    connection.execute(_INSERT_LISTED, {"listing": listing, "keys": json_array(captures)})


_AMONG_KEYS = text("capture.key IN (SELECT value FROM json_each(:keys))")
_INSERT_LISTED = text("""
INSERT OR IGNORE INTO listed (listing_id, capture_id)
SELECT :listing, id FROM capture WHERE key IN (SELECT value FROM json_each(:keys))
""")


def _state(connection: Connection, capture: Capture) -> Any:
    """The row id, state and quality of a capture; None if it is unknown."""
    c = t.capture.c
    query = select(c.id, c.state, c.quality).where(c.key == capture.key)
    return connection.execute(query).one_or_none()


def _content(connection: Connection, number: int) -> Hashable:
    """The content of a capture in a comparable form."""
    s = t.snapshot.c
    page = select(s.name, s.description).where(s.capture_id == number)
    entries = (
        select(t.sighting.c.section, t.wording.c.digest)
        .join(t.reading, t.reading.c.id == t.sighting.c.reading_id)
        .join(t.wording, t.wording.c.id == t.reading.c.wording_id)
        .where(t.sighting.c.capture_id == number)
        .order_by(t.sighting.c.ordinal)
    )
    rows = (*connection.execute(page), *connection.execute(entries))
    return tuple(tuple(row) for row in rows)


def _question_row(question: ListingRequest) -> dict[str, str]:
    return {
        "archive": question.archive,
        "url": question.url,
        "first": question.first,
        "last": question.last,
    }


def _asked(question: ListingRequest) -> ColumnElement[bool]:
    return and_(*(t.listing.c[name] == value for name, value in _question_row(question).items()))


def _listing(question: ListingRequest) -> Any:
    return select(t.listing).where(_asked(question))


_LISTED_COLUMNS = [
    t.capture.c[name]
    for name in (
        *("key", "office", "language", "page", "url", "captured_at", "archive", "uri_m", "status"),
        *("digest", "precision", "crawl", "state", "quality", "attempts", "retry_at"),
    )
]


def _listed_captures(connection: Connection, query: Any) -> list[ListedCapture]:
    """The rows of a query as captures. Listings are long: equal texts share their memory."""
    series: dict[tuple[str, str | None, str], PageSeries] = {}
    found = []
    for row in connection.execution_options(yield_per=1000).execute(query):
        place = (row.office, row.language, row.page)
        found.append(_listed_capture(row, series.setdefault(place, PageSeries(*place))))
    return found


def _listed_capture(row: Any, place: PageSeries) -> ListedCapture:
    capture = Capture(
        place=place,
        url=intern(row.url),
        captured_at=from_iso(row.captured_at),
        archive=intern(row.archive),
        uri_m=row.uri_m,
        status=row.status,
        digest=row.digest,
        precision=row.precision,
        crawl=row.crawl,
    )
    retry_at = from_iso(row.retry_at) if row.retry_at else None
    return ListedCapture(capture, row.state, row.quality, row.attempts or 0, retry_at)
