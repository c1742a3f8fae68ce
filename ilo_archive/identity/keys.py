"""The keys of an entry: by its item number or link, and by its date and title."""

from dataclasses import dataclass
from datetime import date

from ilo_archive.offices import Registry, item_number
from ilo_archive.reader.entry import Entry
from ilo_archive.text.normalise import digest, normalised

SPLIT = "split-"
"""The keys of sightings that a researcher split off begin with this."""


@dataclass(frozen=True, slots=True)
class EntryKeys:
    """The keys under which an entry is the same: `item_key` by its number or link, `title_key` by
    its date and title. Either may serve as the id of the entry.

    `wcms-358390-en` for an item number, `link-…` for another link, `entry-…` for date and
    title. The language is part of each: a translation is an entry of its own.
    """

    item_key: str | None
    title_key: str

    @property
    def numbered(self) -> bool:
        """True if the item key is an item number."""
        return bool(self.item_key and self.item_key.startswith("wcms-"))


def entry_keys(entry: Entry, language: str | None, office: str, registry: Registry) -> EntryKeys:
    """The keys of an entry as read on a page of that office.

    Without a date a title says less, so the office becomes part of the title key; without a
    title the summary takes its place, and without both the office again.
    """
    number = item_number(entry.link)
    address = None if number else registry.address_of_item(entry.link or "")
    item_key = None
    if number:
        item_key = f"wcms-{number}-{language or 'xx'}"
    elif address:
        item_key = link_key(address, language)
    text = normalised(entry.title or entry.summary)
    day = _iso(entry.date)
    title_key = f"entry-{digest(day, text, language, None if day and text else office)}"
    return EntryKeys(item_key, title_key)


def link_key(address: str, language: str | None) -> str:
    """The key of an item by its canonical address, in a language."""
    return f"link-{digest(address, language)}"


def split_key(capture_key: str, ordinal: int) -> str:
    """The key of a sighting that a researcher split off: its own, whatever its words."""
    return f"{SPLIT}{digest(capture_key, str(ordinal))}"


def wording_digest(entry: Entry, language: str | None) -> str:
    """What makes a revision: the words and the date, not the link, the picture or the credit."""
    texts = (entry.kicker, entry.title, entry.place, entry.summary)
    days = (_iso(entry.date), _iso(entry.date_end) if entry.date else normalised(entry.dateline))
    return digest(language, *map(normalised, texts), *days)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
