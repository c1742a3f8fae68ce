"""What archives list: how far a listing came, what it brought, when an archive may be asked again.

Every page of a listing is entered with the key to the next one in one transaction, so that a
listing that was killed goes on where it stood.
"""

from collections.abc import Hashable, Iterable, Mapping
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
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from ilo_archive.archive import tables as t
from ilo_archive.archive.captures import DONE, listed_row
from ilo_archive.archive.stored_bytes import KeptBody, body_of_listed
from ilo_archive.capture import Capture, Failure
from ilo_archive.offices import PageSeries
from ilo_archive.times import from_iso


@dataclass(frozen=True, slots=True)
class ListingRequest:
    """What an archive is asked to list: an address, and the first and last partial timestamp,
    empty where open.
    """

    archive: str
    url: str
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class ListedCapture:
    """A capture that was listed, with what the archive holds of it."""

    capture: Capture
    state: str
    quality: str | None

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do for it."""
        return self.state in DONE


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of a listing, those that came again, that were repaired, and that are no row."""

    rows: int = 0
    repeats: int = 0
    repaired: int = 0
    odd: int = 0


class Listings:
    """The tables of listings. Writes need the home's lock."""

    def __init__(self, engine: Engine) -> None:
        """Keep the engine of `archive.sqlite`."""
        self._engine = engine

    # -- listings

    def start(self, question: ListingRequest) -> str | None:
        """Begin a listing anew; or, where an earlier run was cut off, its key to the next page."""
        with self._engine.begin() as connection:
            row = connection.execute(_listing(question)).first()
            if row and row.next is not None:
                return str(row.next)
            self._begin(connection, question)
            return None

    def restart(self, question: ListingRequest) -> None:
        """Begin anew whatever an earlier run left: its key is good for nothing."""
        with self._engine.begin() as connection:
            self._begin(connection, question)

    def add(
        self, question: ListingRequest, captures: Iterable[Capture], counts: Counts, key: str | None
    ) -> None:
        """Enter a page of a listing and the key to the next page, None after the last one.

        Captures that an ingested file brought without a URI-M get that of the archive.
        """
        with self._engine.begin() as connection:
            number = connection.execute(_listing(question)).one().id
            new = sum([_put_listed(connection, number, each) for each in captures])
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
        """Enter why an archive lists nothing of an address."""
        with self._engine.begin() as connection:
            values = {"failure": failure.value, "next": None}
            connection.execute(update(t.listing).where(_asked(question)).values(values))

    def listed(self, questions: Iterable[ListingRequest]) -> list[ListedCapture]:
        """The captures that these listings brought, each once, by time."""
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
            return [_held(row) for row in connection.execute(query).mappings()]

    def counts(self, questions: Iterable[ListingRequest]) -> Counts:
        """What these listings consisted of, all their pages together."""
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
        """What captures show, by key, of those for which nothing is left to do: the name, the
        description and the list of entries in their wordings, so that equal ones are equal. None
        for a capture that shows no page with entries.
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
        """The bytes that a capture of a page has which is listed with that digest."""
        with self._engine.connect() as connection:
            return body_of_listed(connection, page, digest)

    # -- when an archive may be asked again

    def turns(self) -> dict[str, float]:
        """Seconds since 1970 from which on each lane of an archive may be asked again."""
        with self._engine.connect() as connection:
            return {row.lane: row.until for row in connection.execute(select(t.turn))}

    def hold(self, lane: str, until: float) -> None:
        """Keep until when a lane of an archive is not to be asked."""
        values = {"lane": lane, "until": until}
        statement = upsert(t.turn).values(values)
        with self._engine.begin() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["lane"], set_=values)
            )


def _put_listed(connection: Connection, listing: int, capture: Capture) -> int:
    """Enter a capture under a listing; 1 where it was not there yet."""
    connection.execute(listed_row(capture))
    number = connection.scalar(select(t.capture.c.id).where(t.capture.c.key == capture.key))
    row = {"listing_id": listing, "capture_id": number}
    return connection.execute(upsert(t.listed).values(row).on_conflict_do_nothing()).rowcount


def _state(connection: Connection, capture: Capture) -> Any:
    c = t.capture.c
    query = select(c.id, c.state, c.quality).where(c.key == capture.key)
    return connection.execute(query).one_or_none()


def _content(connection: Connection, number: int) -> Hashable:
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


def _held(row: Mapping[Any, Any]) -> ListedCapture:
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
