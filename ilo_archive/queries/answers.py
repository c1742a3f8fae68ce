"""The answers of the archive: what its questions (`queries`) give back."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ilo_archive.capture import Capture, Position
from ilo_archive.identity.similarity import Similarity
from ilo_archive.identity.translations import Translation
from ilo_archive.queries.departure import Departure
from ilo_archive.queries.lifeline import Bounds, Delay
from ilo_archive.queries.wording_changes import FieldChange
from ilo_archive.text.countries import Country
from ilo_archive.times import Precision


@dataclass(frozen=True, slots=True)
class EntrySummary:
    """An entry, in its latest wording or in that of the capture asked for.

    Dates are ISO 8601; `first_seen`, `last_seen` and `absent_from` are times of captures, in
    UTC. Nothing is known of the time between `last_seen` and `absent_from`.
    """

    entry_id: str
    office: str
    language: str | None
    section: str | None
    date: datetime.date | None
    date_end: datetime.date | None
    kicker: str | None
    title: str | None
    summary: str | None
    link: str | None
    credit_holder: str | None
    credit_agency: str | None
    first_seen: datetime.datetime
    last_seen: datetime.datetime
    absent_from: datetime.datetime | None
    sightings: int
    revisions: int


@dataclass(frozen=True, slots=True)
class EntryAsOf(EntrySummary):
    """An entry on a page as it stood: in the wording and at the position of the last good capture
    by then, with what is needed to cite that.
    """

    position: int
    capture_id: str
    captured_at: datetime.datetime
    precision: Precision
    page: str
    url: str
    uri_m: str | None
    archive: str


@dataclass(frozen=True, slots=True)
class PrintedEntry:
    """An entry as one capture shows it."""

    entry_id: str
    revision_id: str
    position: int
    section: str | None
    kicker: str | None
    title: str | None
    dateline: str | None
    date: datetime.date | None
    date_end: datetime.date | None
    place: str | None
    summary: str | None
    link: str | None
    credit: str | None
    credit_holder: str | None
    credit_agency: str | None
    credit_year: int | None


@dataclass(frozen=True, slots=True)
class Homepage:
    """An office's page as one good capture shows it, with what is needed to cite it."""

    capture_id: str
    office: str
    language: str | None
    page: str
    url: str
    uri_m: str | None
    archive: str
    captured_at: datetime.datetime
    precision: Precision
    name: str | None
    description: str | None
    entries: tuple[PrintedEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """A revision: one wording of an entry and the captures that bound its use.

    `changes` are the fields in which it differs from the wording that came into use before it.
    """

    revision_id: str
    kicker: str | None
    title: str | None
    dateline: str | None
    date: datetime.date | None
    date_end: datetime.date | None
    place: str | None
    summary: str | None
    link: str | None
    first_seen: datetime.datetime
    last_seen: datetime.datetime
    sightings: int
    changes: tuple[FieldChange, ...] = ()


CitedKind = Literal["entry", "page", "description", "capture"]


@dataclass(frozen=True, slots=True)
class Cited:
    """What a reference needs: what is cited, and the capture that shows it.

    `id` is that of a revision for an entry, of the capture for the other kinds. `author` is the
    office as the page names it, otherwise as the registry does; `title`, `date` and `place` are as
    that capture prints them, None where it does not; `text` is the summary of an entry, or the
    description. `link` is the address of the item itself, `url` that of the page. `digest` is the
    SHA-1 of the captured bytes in base 32: computed where they are kept, else as listed.
    """

    kind: CitedKind
    id: str
    author: str
    title: str | None
    date: datetime.date | None
    date_end: datetime.date | None
    place: str | None
    text: str | None
    language: str | None
    link: str | None
    url: str
    archive: str
    uri_m: str | None
    capture_id: str
    captured_at: datetime.datetime
    precision: Precision
    digest: str | None


@dataclass(frozen=True, slots=True)
class Edit:
    """A field that a page words otherwise than it did before: `before` still on the capture of
    `before_at`, `after` on that of `after_at`, which is the next to show the entry.

    The change came about between the two. `title` is the entry's latest.
    """

    entry_id: str
    office: str
    language: str | None
    page: str
    title: str | None
    field: str
    before: str | None
    after: str | None
    before_at: datetime.datetime
    after_at: datetime.datetime
    before_revision: str
    after_revision: str
    before_capture: str
    after_capture: str
    before_uri_m: str | None
    after_uri_m: str | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """An entry on one capture, and how that was read: by which version of the reader, in which
    charset (a codec of Python), and what told the charset.
    """

    capture_id: str
    revision_id: str
    office: str
    captured_at: datetime.datetime
    precision: Precision
    uri_m: str | None
    archive: str
    section: str | None
    position: int
    credit: str | None
    reader: int | None
    charset: str | None
    charset_reason: str | None


@dataclass(frozen=True, slots=True)
class Absence:
    """Good captures of a page without the entry, `not_on`, between two that show it, and how it
    is missing from its list on the first of them.
    """

    last_seen: datetime.datetime
    not_on: tuple[datetime.datetime, ...]
    seen_again: datetime.datetime
    departure: Departure


@dataclass(frozen=True, slots=True)
class Host:
    """A host under which captures of a page show an entry. `delay` is counted from the first."""

    name: str
    first_seen: datetime.datetime
    last_seen: datetime.datetime
    captures: int
    delay: Delay | None


@dataclass(frozen=True, slots=True)
class Stay:
    """An entry on one page, as far as the good captures of that page bear it out.

    `captures` of `good_captures` show it. `not_before` is the last good capture before it was
    first seen, `absent_from` the first after it was last seen; `appeared` and `gone` are the
    bounds that follow, `departure` is how it is missing from its list since. On an offset list
    what is not shown proves nothing, so these are unknown. `delay` is counted from the page on
    which the entry appeared first, None for that page itself.
    """

    office: str
    language: str | None
    page: str
    captures: int
    good_captures: int
    not_before: datetime.datetime | None
    first_seen: datetime.datetime
    last_seen: datetime.datetime
    absent_from: datetime.datetime | None
    appeared: Bounds
    gone: Bounds
    departure: Departure | None
    gaps: tuple[Absence, ...]
    hosts: tuple[Host, ...]
    delay: Delay | None


@dataclass(frozen=True, slots=True)
class Story:
    """One entry with its wordings and sightings, its stay on each page that shows it, the first
    page first, and its translations.

    `not_before` is that of the first page, `gaps` are the good captures without the entry
    between first and last on any page.
    """

    item: EntrySummary
    wordings: tuple[Wording, ...]
    sightings: tuple[Sighting, ...]
    not_before: datetime.datetime | None
    gaps: tuple[datetime.datetime, ...]
    stays: tuple[Stay, ...] = ()
    twins: tuple[Translation, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """A wording that a likeness was found in."""

    date: datetime.date | None
    title: str | None
    summary: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a sighting is one of its entry.

    `rule`: `number` or `link` (its link is that of the entry), `title` (its date and title are),
    `text` (its wording is near to `compared`), `merge`, `split` (a researcher decided so, with
    that `note`). `score` is from 0 to 100; with near text `likeness` tells its parts.
    """

    sighting: str  # CAPTURE#ORDINAL
    captured_at: datetime.datetime
    rule: str
    score: float
    link: str | None
    wording: Compared
    compared: Compared | None
    likeness: Similarity | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """One wording of an office's name or description on a page, with the captures that bound its
    use and what it says: ISO codes of countries, years of founding, former names, the date of the
    present name ("2010-04") and the number of countries as stated.

    A wording that came back is a statement of its own. `not_before` and `absent_from` are the
    nearest captures around it that word it otherwise; a capture without the field says nothing.
    `began` and `ended` are the bounds that follow. `joined` are countries that it names and the
    last wording before it that names any does not; `left` are those of that wording only.
    """

    field: str
    language: str | None
    text: str
    first_seen: datetime.datetime
    last_seen: datetime.datetime
    captures: int
    page: str
    not_before: datetime.datetime | None
    absent_from: datetime.datetime | None
    began: Bounds
    ended: Bounds
    countries: tuple[Country, ...] = ()
    since: tuple[int, ...] = ()
    former_names: tuple[str, ...] = ()
    renamed: str | None = None
    announced: int | None = None
    joined: tuple[Country, ...] = ()
    left: tuple[Country, ...] = ()


@dataclass(frozen=True, slots=True)
class Credited:
    """A credited holder, an agency, or one with the other.

    `holder` is the fullest of the `forms` of the name seen. `slugs` are the offices on whose
    pages the credit stands.
    """

    holder: str | None
    agency: str | None
    entries: int
    offices: int
    first_seen: datetime.datetime
    last_seen: datetime.datetime
    forms: tuple[str, ...]
    slugs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CreditedInYear:
    """A credit in one year: that of the entries' own dates, None for entries without a date."""

    holder: str | None
    agency: str | None
    year: str | None
    entries: int
    first_seen: datetime.datetime
    last_seen: datetime.datetime


@dataclass(frozen=True, slots=True)
class OfficeHoldings:
    """An office of the registry or of the archive, with what the archive holds of it."""

    slug: str
    name: str
    languages: tuple[str, ...]
    addresses: tuple[str, ...]
    captures: int
    good: int
    first: datetime.datetime | None
    last: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Month:
    """How many captures of a page fall into one month, by what came of them.

    `month` is `2015-04`, or `2015` for captures that are known to the year only. Blocked are
    those behind a shut door, at the site or in the archive; redirected those that lead to
    another address or capture; failed those that came to nothing else: an error, damage, a page
    without entries or in place of the homepage. Missing are captures that an archive lists and
    that were not fetched yet, or that it does not have.
    """

    month: str
    good: int = 0
    blocked: int = 0
    redirected: int = 0
    failed: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every month of a page from its first capture to its last, those without any included."""

    office: str
    language: str | None
    page: str
    first: datetime.datetime
    last: datetime.datetime
    months: tuple[Month, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a command that writes; `outcome` is None while it goes on."""

    id: int
    command: str
    started_at: datetime.datetime
    ended_at: datetime.datetime | None
    outcome: str | None
    captures: int
    new_entries: int
    revised: int
    failed: int


@dataclass(frozen=True, slots=True)
class Status:
    """The last runs, what each office holds, and how many captures are in which state."""

    runs: tuple[Run, ...]
    offices: tuple[OfficeHoldings, ...]
    states: Mapping[str, int]
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """An entry as a reader read it on one capture; every text as printed there."""

    section: str | None
    position: int
    kicker: str | None
    title: str | None
    dateline: str | None
    date: datetime.date | None
    date_end: datetime.date | None
    place: str | None
    summary: str | None
    link: str | None
    image: str | None
    credit: str | None
    credit_holder: str | None
    credit_agency: str | None
    credit_year: int | None


@dataclass(frozen=True, slots=True)
class RecordedPage:
    """What a reader made of one capture. The parts of the page are None where it saw none, and
    the charset where the reading was recorded before charsets were kept.
    """

    state: str
    quality: str | None
    reason: str | None
    template: str | None
    language: str | None
    office: str | None
    description: str | None
    warnings: tuple[str, ...]
    entries: tuple[RecordedEntry, ...] = ()
    charset: str | None = None
    charset_reason: str | None = None


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """A kept capture, where its bytes lie, and its reading by that version of the reader.

    `original` is the first record of the same bytes of the same page, which holds them
    where the capture's own record is a revisit.
    """

    capture: Capture
    payload_digest: str
    position: Position
    original: Position
    reader: int | None
    reading: RecordedPage


@dataclass(frozen=True, slots=True)
class GoneEntry:
    """An entry that left a page: it was there on the capture of `last_seen`, and not on that of
    `absent_from`. Nothing is known of the time between the two.
    """

    entry_id: str
    office: str
    page: str
    language: str | None
    date: datetime.date | None
    title: str | None
    link: str | None
    first_seen: datetime.datetime
    last_seen: datetime.datetime
    absent_from: datetime.datetime


@dataclass(frozen=True, slots=True)
class WordChange:
    """Words that came onto a page or left it, between the captures of `before_at` and `after_at`.

    `field` is entry, or the office's name or description (then `entry_id` is None and `title` its
    text). The texts are those of the capture that shows the words. `still_listed` is True where the
    entry is on both captures: it was edited; else it came or left.
    """

    change: str
    field: str
    entry_id: str | None
    office: str
    language: str | None
    page: str
    kicker: str | None
    title: str | None
    summary: str | None
    still_listed: bool
    before_at: datetime.datetime
    after_at: datetime.datetime
    before_capture: str
    after_capture: str
    before_uri_m: str | None
    after_uri_m: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """Counts of one month, office, section or language: `key`, empty where it is not known.

    `entries` counts by the date of the entry, `sightings` and `good_captures` by that of the
    capture. `good_captures` is None for sections, which captures do not have.
    """

    key: str
    entries: int
    sightings: int
    good_captures: int | None
    sightings_per_capture: float | None


@dataclass(frozen=True, slots=True)
class KnownCapture:
    """A capture, fetched or not; the fields are those of the view `captures`."""

    id: str
    office: str
    language: str | None
    url: str
    captured_at: datetime.datetime
    precision: Precision
    archive: str
    uri_m: str | None
    status: int | None
    state: str
    quality: str | None
    reason: str | None
    failure: str | None
    digest: str | None
    warc_file: str | None
    warc_offset: int | None
