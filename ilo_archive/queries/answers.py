"""The types of answers. Their fields are the keys of JSON output.

Moments are UTC. `precision` is how exactly a moment is known. A URI-M is None if the capture came
from a file without one. A credit's `holder` and `agency` are as `text.credits` parses them.
"""

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

    `date` and `date_end` are those of the entry. `first_seen` and `last_seen` are the first and
    last capture that shows it; `absent_from` is the first good capture after the last one that does
    not, None if there is none. What happened between `last_seen` and `absent_from` is unknown.
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
    """An entry on a page as of a day: wording and position on the last good capture by then, and
    the citation of that capture.
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
    """An entry as one capture shows it.

    `is_cut`: the page ends within it, and another capture shows its text whole. `first_seen` is the
    earliest capture of any page that shows the entry.
    """

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
    is_cut: bool
    first_seen: datetime.datetime


@dataclass(frozen=True, slots=True)
class Homepage:
    """An office's page as one good capture shows it, with the citation of that capture."""

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
    """A revision: one wording of an entry, and the first and last capture that shows it.

    `changes` are the fields that differ from the wording first seen before it. `cut_of` is the
    revision of which this one is only the beginning, because a page ends within it; it is no edit.
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
    cut_of: str | None = None
    changes: tuple[FieldChange, ...] = ()


CitedKind = Literal["entry", "page", "description", "capture"]


@dataclass(frozen=True, slots=True)
class Cited:
    """What a reference needs: what is cited, and the capture that shows it.

    `id` is that of a revision for an entry, of the capture for the other kinds. `author` is the
    office as the page names it, otherwise as the registry does; `title`, `date` and `place` are as
    that capture prints them, None where it does not; `text` is the summary of an entry, or the
    description. `link` is the address of the item itself, `url` that of the page. `digest` is the
    SHA-1 of the captured bytes in base 32: computed where they are kept, else as listed. `fault` is
    what is wrong with the record of the capture, None if nothing is.
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
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A field whose text differs between two successive captures of a page that show the entry.

    `before` is on the capture of `before_at`, `after` on the next one, of `after_at`; the edit was
    made some time in between. `title` is the entry's latest.
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
    """An entry on one capture, and how the capture was read.

    `reader` is the version of the reader, `charset` a codec of Python, `charset_reason` its
    evidence. `crawl` is the crawl that took the capture, None if the web archive does not say so.
    `fault` is what is wrong with its record ("payload digest does not fit"), None if nothing is.
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
    crawl: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """Good captures of a page without the entry (`not_on`) between two that show it.

    `departure` is how the entry is missing from its list on the first of them.
    """

    last_seen: datetime.datetime
    not_on: tuple[datetime.datetime, ...]
    seen_again: datetime.datetime
    departure: Departure


@dataclass(frozen=True, slots=True)
class Host:
    """A host under which captures of a page show an entry.

    `delay` is relative to the first host.
    """

    name: str
    first_seen: datetime.datetime
    last_seen: datetime.datetime
    captures: int
    delay: Delay | None


@dataclass(frozen=True, slots=True)
class Stay:
    """The time of an entry on one page, as far as good captures of that page show it.

    `captures` of the `good_captures` show it. `not_before` is the last good capture before it was
    first seen, `absent_from` the first one after it was last seen. `appeared` and `gone` are the
    bounds that follow from them. `departure` is how it is missing from its list on `absent_from`.
    On an offset list absence proves nothing, so these are None. `delay` is relative to the page on
    which the entry was seen first, None for that page itself.
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
    """One entry with its wordings, its sightings, its stay on each page (earliest page first), and
    its translations (`twins`).

    `not_before` is that of the first page. `gaps` are good captures without the entry between its
    first and last on any page.
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
    """A wording that was compared with another."""

    date: datetime.date | None
    title: str | None
    summary: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason why a sighting belongs to its entry.

    `rule` is `number` or `link` (it has the link of the entry), `title` (it has its date and
    title), `text` (its wording is similar to `compared`), `merge` or `split` (a researcher decided
    so, with `note`). `score` is 0 to 100. `likeness` has the parts of the score for rule `text`,
    else it is None.
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
    """One wording of an office's name or description on a page, and what it states.

    `countries`, `since`, `former_names`, `renamed` and `announced` are as in
    `text.office_facts.Facts`. A wording that came back is a statement of its own. `not_before` and
    `absent_from` are the nearest captures with another wording; a capture without the field says
    nothing. `began` and `ended` are the bounds that follow from them. `joined` are countries that
    it names and the previous wording with any countries does not; `left` are those that only that
    previous wording names.
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
    """A credited holder, an agency, or both together.

    `holder` is the fullest of the `forms` of the name. `slugs` are the offices with pages that show
    the credit.
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
    """An office of the registry or of the archive, and its captures in the archive.

    `first` and `last` are the moments of its captures, None if there are none.
    """

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
    """Numbers of captures of a page in one month, by outcome.

    `month` is `2015-04`, or `2015` for captures whose month is unknown. `blocked`: the site or the
    web archive refused access. `redirected`: they lead to another address or capture. `failed`:
    another error, damage, or a page without entries. `missing`: listed but not fetched yet, or no
    longer in the web archive.
    """

    month: str
    good: int = 0
    blocked: int = 0
    redirected: int = 0
    failed: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """The months of a page from its first capture to its last, also those without captures."""

    office: str
    language: str | None
    page: str
    first: datetime.datetime
    last: datetime.datetime
    months: tuple[Month, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a command that writes. `outcome` is None while it is running."""

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
    """The last runs, the holdings of each office, the numbers of captures by state and by reason,
    and the time of the last `verify`.
    """

    runs: tuple[Run, ...]
    offices: tuple[OfficeHoldings, ...]
    states: Mapping[str, int]
    reasons: Mapping[str, int]
    verified_at: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """An entry on one capture as the reader read it; texts are as printed."""

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
    """The content that the reader found on one capture. Parts that it did not find are None.

    `charset` is None too if the capture was read before charsets were recorded.
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
    """A stored capture: the positions of its bytes, and what version `reader` of the reader read
    from it.

    `original` is the first record of the same bytes of the same page. It contains the body if the
    capture's own record, at `position`, is a revisit. `fault` is what was wrong with the record
    that the capture was read from.
    """

    capture: Capture
    payload_digest: str
    position: Position
    original: Position
    reader: int | None
    reading: RecordedPage
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """The row of a stored capture: where its record is, and the digest of its bytes."""

    capture: Capture
    payload_digest: str
    position: Position


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of the table `capture` that cannot be read, by its number, and why."""

    number: int
    reason: str


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
    """A capture, fetched or not; the fields are those of the view `captures`, and where its record
    is in the store under the names that Common Crawl's columnar index has.
    """

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
    crawl: str | None
    fault: str | None
    redirected_from: str | None
    attempts: int | None
    retry_at: datetime.datetime | None
    warc_filename: str | None
    warc_record_offset: int | None
    warc_record_length: int | None
