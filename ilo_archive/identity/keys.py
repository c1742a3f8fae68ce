"""The keys that identify an entry: by its item number or link, and by its date and title."""

from dataclasses import dataclass
from datetime import date

from ilo_archive.offices import Registry, item_number
from ilo_archive.reader.entry import Entry
from ilo_archive.text.normalise import digest, normalised

SPLIT = "split-"
"""The prefix of the keys of sightings that a researcher split off."""


@dataclass(frozen=True, slots=True)
class EntryKeys:
    """The two keys of an entry; equal keys mean the same entry. Either may become its id.

    `item_key` is `wcms-358390-en` for an item number, `link-…` for another link, None without a
    link. `title_key` is `entry-…`, made from date and title. Both include the language: a
    translation is an entry of its own.
    """

    item_key: str | None
    title_key: str

    @property
    def numbered(self) -> bool:
        """True if the item key is an item number."""
        return bool(self.item_key and self.item_key.startswith("wcms-"))


def entry_keys(entry: Entry, language: str | None, office: str, registry: Registry) -> EntryKeys:
    """The keys of an entry on a page of `office`.

    The title key uses the summary if there is no title. It includes the office if there is no date,
    or neither title nor summary: different offices print the same undated titles for different
    entries.
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
    """The key of a sighting that a researcher split off, independent of its wording."""
    return f"{SPLIT}{digest(capture_key, str(ordinal))}"


def wording_digest(entry: Entry, language: str | None) -> str:
    """The digest that distinguishes revisions: of texts and dates, not of link, picture
    or credit.
    """
    texts = (entry.kicker, entry.title, entry.place, entry.summary)
    days = (_iso(entry.date), _iso(entry.date_end) if entry.date else normalised(entry.dateline))
    return digest(language, *map(normalised, texts), *days)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
