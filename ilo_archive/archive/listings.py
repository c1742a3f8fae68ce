"""Store listings: their progress, their captures, and when an archive may be asked again.

A page of a listing and the key of the next page are stored in one transaction, so that a listing
that was killed resumes at the next page.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    delete,
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
from ilo_archive.archive.stored_bytes import KeptBody, body_of_listed
from ilo_archive.capture import Capture, Failure
from ilo_archive.offices import PageSeries
from ilo_archive.times import from_iso


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
    """A listed capture, with its state and the quality of its snapshot in our database."""

    capture: Capture
    state: str
    quality: str | None

    @property
    def is_done(self) -> bool:
        """True if the capture needs no further work."""
        return self.state in DONE


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of rows of a listing: all, repeated ones, repaired ones, and those that were not
    parsed.
    """

    rows: int = 0
    repeats: int = 0
    repaired: int = 0
    odd: int = 0


class Listings:
    """The tables of listings. Writing requires the home's lock."""

    def __init__(self, engine: Engine) -> None:
        """Use the engine of `archive.sqlite`."""
        self._engine = engine

    # -- listings

    def start(self, question: ListingRequest) -> str | None:
        """Start a listing. Returns the resume key if an earlier run was interrupted, else None.

        In the second case the rows of an earlier listing are deleted.
        """
        with self._engine.begin() as connection:
            row = connection.execute(_listing(question)).first()
            if row and row.next is not None:
                return str(row.next)
            self._begin(connection, question)
            return None

    def restart(self, question: ListingRequest) -> None:
        """Start a listing from its first page, and discard what an earlier run stored."""
        with self._engine.begin() as connection:
            self._begin(connection, question)

    def add(
        self, question: ListingRequest, captures: Iterable[Capture], counts: Counts, key: str | None
    ) -> None:
        """Store a page of a listing and the key of the next page, None after the last one.

        A capture that came from a file without URI-M gets the archive's.
        """
        with self._engine.begin() as connection:
            number = connection.execute(_listing(question)).one().id
            new = _put_page(connection, number, [*captures])
            c = t.listing.c
            values = {
                "next": key,
                "rows": c.rows + counts.rows,
                "repeats": c.repeats + counts.rows - new,
                "repaired": c.repaired + counts.repaired,
                "odd": c.odd + counts.odd,
            }
            connection.execute(update(t.listing).where(c.id == number).values(values))

    def refuse(self, question: ListingRequest, failure: Failure) -> None:
        """Store why an archive does not list an address."""
        with self._engine.begin() as connection:
            values = {"failure": failure.value, "next": None}
            connection.execute(update(t.listing).where(_asked(question)).values(values))

    def listed(self, questions: Iterable[ListingRequest]) -> list[ListedCapture]:
        """The captures in these listings, without repetitions, by time."""
        joined = t.capture.join(t.listed, t.listed.c.capture_id == t.capture.c.id).join(
            t.listing, t.listing.c.id == t.listed.c.listing_id
        )
        query = (
            select(t.capture)
            .select_from(joined)
            .where(or_(*(_asked(each) for each in questions)))
            .distinct()
            .order_by(t.capture.c.captured_at, t.capture.c.key)
        )
        with self._engine.connect() as connection:
            return [_listed_capture(row) for row in connection.execute(query).mappings()]

    def counts(self, questions: Iterable[ListingRequest]) -> Counts:
        """The sums over all pages of these listings."""
        c = t.listing.c
        sums = [func.coalesce(func.sum(each), 0) for each in (c.rows, c.repeats, c.repaired, c.odd)]
        query = select(*sums).where(or_(*(_asked(each) for each in questions)))
        with self._engine.connect() as connection:
            return Counts(*connection.execute(query).one())

    def _begin(self, connection: Connection, question: ListingRequest) -> None:
        row = connection.execute(_listing(question)).first()
        if row:
            connection.execute(delete(t.listed).where(t.listed.c.listing_id == row.id))
            connection.execute(delete(t.listing).where(t.listing.c.id == row.id))
        connection.execute(insert(t.listing).values(_question_row(question)))

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


def _put_page(connection: Connection, listing: int, captures: Sequence[Capture]) -> int:
    """Store the captures of a page of a listing. Returns how many are new in that listing."""
    put_listed(connection, captures)
    keys = json_array({each.key for each in captures})
    return connection.execute(_INSERT_LISTED, {"listing": listing, "keys": keys}).rowcount


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


def _listed_capture(row: Mapping[Any, Any]) -> ListedCapture:
    capture = Capture(
        place=PageSeries(row["office"], row["language"], row["page"]),
        url=row["url"],
        captured_at=from_iso(row["captured_at"]),
        archive=row["archive"],
        uri_m=row["uri_m"],
        status=row["status"],
        digest=row["digest"],
        precision=row["precision"],
    )
    return ListedCapture(capture, row["state"], row["quality"])
