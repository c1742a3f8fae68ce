"""The tables of the database."""

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from ilo_archive.offices import OFFSET_MARK

metadata = MetaData()
run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("command", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("outcome", Text),
    Column("captures", Integer, nullable=False, server_default="0"),
    Column("new_entries", Integer, nullable=False, server_default="0"),
    Column("revised", Integer, nullable=False, server_default="0"),
    Column("failed", Integer, nullable=False, server_default="0"),
)
capture = Table(
    "capture",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("office", Text, nullable=False),
    Column("language", Text),
    Column("page", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("captured_at", Text, nullable=False),
    Column("precision", Text, nullable=False),
    Column("archive", Text, nullable=False),
    Column("uri_m", Text),
    Column("status", Integer),
    Column("digest", Text, nullable=False),  # as listed
    Column("payload_digest", Text),  # as computed
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("failure", Text),  # a capture.Failure, if it could not be fetched
    Column("quality", Text),
    Column("reader", Integer),
    Column("warc_file", Text),
    Column("warc_offset", Integer),
    Column("warc_length", Integer),
    Column("is_revisit", Integer),  # 1 if its record has no body of its own
    Column("run_id", Integer),  # the run that recorded it last
    Column("crawl", Text),  # the crawl that took it, where the archive says so (x-archive-src)
    Column("fault", Text),  # what is wrong with its record, which was kept all the same
    Column("attempts", Integer),  # to fetch it, all in vain
    Column("tried_at", Text),  # the last attempt
    Column("lost_at", Text),  # when its stored bytes were found to be missing or damaged
    Column("retry_at", Text),  # before which it is not asked for again
    Column("redirected_from", Text),  # key of the capture whose redirect leads here
    Index("capture_run", "run_id"),
    Index("capture_page", "page", "quality", "captured_at"),
    Index("capture_office", "office", "captured_at"),
    Index("capture_payload", "payload_digest"),
    Index("capture_state", "state"),
)
# What an archive was asked to list; `next` is the key of the next page, NULL after the last one.
listing = Table(
    "listing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("archive", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("first", Text, nullable=False),
    Column("last", Text, nullable=False),
    Column("next", Text),
    Column("failure", Text),
    Column("rows", Integer, nullable=False, server_default="0"),
    Column("repeats", Integer, nullable=False, server_default="0"),
    Column("repaired", Integer, nullable=False, server_default="0"),
    Column("odd", Integer, nullable=False, server_default="0"),
    Column("listed_at", Text),  # when the listing was complete
    Column("previous_rows", Integer),  # of the complete listing before
    UniqueConstraint("archive", "url", "first", "last"),
)
listed = Table(
    "listed",
    metadata,
    Column("listing_id", ForeignKey("listing.id"), primary_key=True),
    Column("capture_id", ForeignKey("capture.id"), primary_key=True),
)
# The time until which a lane of an archive must not be asked, in seconds since 1970.
rate_hold = Table(
    "turn",
    metadata,
    Column("lane", Text, primary_key=True),
    Column("until", Float, nullable=False),
)
orphan = Table(
    "orphan",
    metadata,
    Column("record_id", Text, primary_key=True),
    Column("warc_file", Text, nullable=False),
    Column("warc_offset", Integer, nullable=False),
    Column("warc_length", Integer, nullable=False),
    Column("is_revisit", Integer),
    Column("settled", Integer),  # 1 after `reread --apply` looked at it
)
snapshot = Table(
    "snapshot",
    metadata,
    Column("capture_id", ForeignKey("capture.id"), primary_key=True),
    Column("name", Text),
    Column("description", Text),
    Column("language", Text),
    Column("template", Text, nullable=False),
    Column("warnings", Text, nullable=False),
    Column("charset", Text),  # NULL if an older program read the capture
    Column("charset_reason", Text),
)
wording = Table(
    "wording",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("language", Text),
    Column("kicker", Text),
    Column("title", Text),
    Column("dateline", Text),
    Column("date", Text),
    Column("date_end", Text),
    Column("place", Text),
    Column("summary", Text),
    Column("printed_at", Text, nullable=False),
    Index("wording_date", "date"),
)
entry = Table(
    "entry",
    metadata,
    Column("id", Text, primary_key=True),
    Column(
        "wording_id",
        ForeignKey("wording.id", deferrable=True, initially="DEFERRED"),
        nullable=False,
    ),
    Column("last_capture_id", ForeignKey("capture.id"), nullable=False),
    Column("last_ordinal", Integer, nullable=False),
    Column("first_seen", Text, nullable=False),
    Column("last_seen", Text, nullable=False),
    Column("date", Text),  # of the wording; entries are sorted by it
    Column("office", Text),  # of the last capture
    Column("revisions", Integer),
    Index("entry_wording", "wording_id"),
    Index("entry_office", "office", "date"),
    Index("entry_revised", "last_seen", sqlite_where=text("revisions > 1")),
    Index("entry_date", "date"),
)
# Keys and a wording that occur together. `strong` is the item key, empty if there is none; `weak`
# is the title key (identity.keys).
reading = Table(
    "reading",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("strong", Text, nullable=False),
    Column("weak", Text, nullable=False),
    Column("wording_id", ForeignKey("wording.id"), nullable=False),
    Column("entry_id", Text, nullable=False),
    Column("rule", Text),  # why it belongs to that entry
    Column("score", Float),
    Column("compared", Text),  # digest of the wording that it is similar to
    Column("cut_of", Integer),  # wording of the entry of which this one is only the beginning
    UniqueConstraint("strong", "weak", "wording_id"),
    Index("reading_weak", "weak"),
    Index("reading_entry", "entry_id"),
    Index("reading_wording", "wording_id"),
    Index("reading_unplaced", "id", sqlite_where=text("rule IS NULL")),
)
# The blocking keys of wordings: those that could be similar share some.
clue = Table(
    "clue",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("wording_id", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
# Pairs of similar wordings, in both directions; scores are 0 to 100.
likeness = Table(
    "likeness",
    metadata,
    Column("wording_id", Integer, primary_key=True, autoincrement=False),
    Column("other_id", Integer, primary_key=True, autoincrement=False),
    Column("score", Float, nullable=False),
    sqlite_with_rowid=False,
)
# Wordings that one capture shows among a hundred and more alike: these are not compared.
crowd = Table(
    "crowd",
    metadata,
    Column("wording_id", Integer, primary_key=True, autoincrement=False),
    Column("capture_id", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
# Runs of `verify`, with what they found.
verification = Table(
    "verification",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("verified_at", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("records", Integer, nullable=False),
    Column("damages", Integer, nullable=False),
    Column("summary", Text, nullable=False),
)
# Decisions of a researcher, a row for each sighting concerned. The sighting is identified by what
# survives a new reading: its capture, and its position, wording and name there.
decision = Table(
    "decision",
    metadata,
    Column("id", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),  # merge, split
    Column("name", Text, nullable=False),  # key of the sighting at the time of the decision
    Column("capture_key", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("wording", Text, nullable=False),
    Column("present_name", Text, nullable=False),
    Column("note", Text),
    Column("decided_at", Text, nullable=False),
    Index("decision_capture", "capture_key"),
    Index("decision_name", "present_name"),
)
sighting = Table(
    "sighting",
    metadata,
    Column("capture_id", ForeignKey("capture.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("reading_id", ForeignKey("reading.id"), nullable=False),
    Column("captured_at", Text, nullable=False),
    Column("section", Text),
    Column("position", Integer, nullable=False),
    Column("link", Text),
    Column("image", Text),
    Column("credit", Text),
    Column("credit_holder", Text),
    Column("credit_agency", Text),
    Column("credit_year", Integer),
    Column("printed", Text),  # PRINTED as JSON, if the wording is displayed in another printed form
    Column("ends_page", Integer),  # 1 if the page ends in this entry, so that words may be missing
    Index("sighting_reading", "reading_id", "captured_at"),
    Index("sighting_holder", "credit_holder"),
    Index("sighting_end", "reading_id", sqlite_where=text("ends_page")),
)
# The people whom sightings credit: a row for each person in each printed `credit_holder`.
holder = Table(
    "holder",
    metadata,
    Column("credited", Text, primary_key=True),  # as in sighting.credit_holder
    Column("form", Text, primary_key=True),  # of one person
    Column("surname", Text, nullable=False),
    Column("shown", Text, nullable=False),  # the form under which the person is shown
    Index("holder_surname", "surname"),
    Index("holder_shown", "shown"),
)


def offset_list(column: str) -> str:
    """The SQL condition that a page is an offset list, like `offices.is_offset_list`."""
    return f"instr({column}, '{OFFSET_MARK}')"


PRINTED = ("kicker", "title", "dateline", "date", "date_end", "place", "summary")
"""The columns of a wording that a page prints."""
