"""The lines of elements: what a reader of the page sees as one line or paragraph."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ilo_archive.reader.html.dated_texts import BLOCK_DATE, Dated
from ilo_archive.reader.html.line_plans import (
    BLANK,
    DATE,
    DATED,
    LABEL,
    MARKS,
    WORDS,
    Place,
    Plan,
    plan_of,
)
from ilo_archive.reader.html.markup import Markup, slots_in
from ilo_archive.reader.html.words import begins_as_meta
from ilo_archive.text.datelines import parse_common_dateline
from ilo_archive.text.dates_in_lines import DateInLine, find_date


class Link(NamedTuple):
    """A link of a line with its text; `meta` says that it leads to an author, a category, ..."""

    text: str
    href: str
    meta: bool


class Line(NamedTuple):
    """A line of a page. `first` is the number of its first text; `date` the first date in it."""

    text: str
    place: Place
    first: int
    links: tuple[Link, ...] = ()
    date: DateInLine | None = None

    @property
    def key(self) -> str:
        """The place of the line in its record."""
        return self.place.key

    @property
    def last(self) -> int:
        """The number of the last text of the line."""
        return self.first - self.place.slots[0] + max(self.place.slots)

    @property
    def rest(self) -> str:
        """The text without its date."""
        if self.date is None:
            return self.text
        return f"{self.text[: self.date.start]} {self.text[self.date.end :]}".strip()

    @property
    def linked(self) -> float:
        """How much of the text is linked, 0 to 1."""
        if not self.links:
            return 0.0
        return sum([len(link.text) for link in self.links]) / max(len(self.text), 1)


class Lines(NamedTuple):
    """The lines of a record, its images and the addresses of all its links."""

    lines: tuple[Line, ...]
    images: tuple[int, ...] = ()
    hrefs: tuple[str, ...] = ()
    plan: Plan | None = None


_OTHER_STOPS = "…。！？؟।"
_THAI_VOWEL = "า"  # the most common letter of Thai
_EDGES = " \t\r\n\f\v\xa0|-–—·•,;:()[]/«»<>.*+#→›"


class LineReader:
    """Gives the lines of any element of a page; those asked for twice are kept."""

    def __init__(self, markup: Markup, dates: Sequence[Dated]) -> None:
        self.markup = markup
        self.dates = {each.slot: each for each in dates}
        self.of_readers = {-1: False}  # elements looked at so far: whether readers wrote in them
        self._codes = bytearray(bytes([_UNKNOWN]) * len(markup.texts))
        self._kinds = [""] * len(markup.tags)
        self._kind_of: dict[tuple[str, int, str], str] = {}
        self._shapes: dict[tuple[str, bytes], Plan] = {}
        self._lines: dict[int, Lines] = {}
        self._plans: dict[int, Plan] = {}
        self._dated_slots = sorted(self.dates)
        self._block_dates = {s for s in self.dates if markup.tags[s >> 1] == BLOCK_DATE}
        self._sentences: frozenset[int] | None = None
        self._has_roles = markup.template is not None

    def lines(self, number: int) -> Lines:
        """The lines of an element."""
        found = self._lines.get(number)
        if found is None:
            found = self._lines[number] = self._filled(number, self.plan(number))
        return found

    def slots_of_sentences(self) -> frozenset[int]:
        """The numbers of the texts with a mark that ends a sentence."""
        if self._sentences is None:
            joined = self.markup.joined
            # Thai has no full stop, so there a sentence has any mark at all, or none.
            ends_word = _THAI_VOWEL not in joined
            found = {slot for stop in ".!?" for slot in slots_in(joined, stop, ends_word=ends_word)}
            if not joined.isascii():
                found.update(slot for stop in _OTHER_STOPS for slot in slots_in(joined, stop))
            self._sentences = frozenset(found)
        return self._sentences

    def plan(self, number: int) -> Plan:
        """The plan of an element, shared with all of its shape."""
        plan = self._plans.get(number)
        if plan is not None:
            return plan
        markup, end = self.markup, self.markup.end(number)
        codes = self.codes(2 * number, 2 * end)
        shape = self._kinds_of(number, end), codes
        plan = self._shapes.get(shape)
        if plan is None:
            plan = self._shapes[shape] = plan_of(
                tuple(markup.tags[number:end]),
                tuple(markup.sizes[number:end]),
                tuple(markup.classes[number:end]),
                codes,
                has_roles=self._has_roles,
            )
        self._plans[number] = plan
        return plan

    def _kinds_of(self, start: int, end: int) -> str:
        """A character for each element, the same for those of one tag, size and classes."""
        kinds = self._kinds[start:end]
        if "" in kinds:
            known, markup = self._kind_of, self.markup
            shapes = zip(
                markup.tags[start:end],
                markup.sizes[start:end],
                markup.classes[start:end],
                strict=True,
            )
            kinds = [known.setdefault(shape, chr(len(known))) for shape in shapes]
            self._kinds[start:end] = kinds
        return "".join(kinds)

    def codes(self, start: int, end: int) -> bytes:
        """What each text of a range is, a byte for each."""
        codes = self._codes
        if (start_of_rest := codes.find(_UNKNOWN, start, end)) >= 0:
            texts = self.markup.texts[start_of_rest:end]
            codes[start_of_rest:end] = [
                BLANK if not text or text.isspace() else _code_of(text) for text in texts
            ]
            dated = self._dated_slots
            for slot in dated[bisect_left(dated, start_of_rest) : bisect_left(dated, end)]:
                codes[slot] = DATE if _is_alone(self.dates[slot]) else DATED
        return bytes(codes[start:end])

    def _filled(self, number: int, plan: Plan) -> Lines:
        markup = self.markup
        lines = [self.line_at(number, place) for place in plan.lines]
        hrefs = [href for link in plan.links if (href := markup.attribute(number + link, "href"))]
        images = [number + image for image, _ in plan.images]
        return Lines(tuple(lines), tuple(images), tuple(hrefs), plan)

    def line_at(self, number: int, place: Place) -> Line:
        """One line of an element."""
        start, text = 2 * number, self.text_at(number, place)
        links = tuple([self._link(start, text, place, x) for x in place.links])
        date = self._date(start, place, text) if place.dated >= 0 else None
        return Line(text, place, start + place.slots[0], links, date)

    def text_at(self, number: int, place: Place) -> str:
        """The text of one line of an element."""
        start, slots = 2 * number, place.slots
        if len(slots) > 1:
            return self._joined(start, slots)
        slot = start + slots[0]
        if place.dated == 0 and slot in self._block_dates:
            return self.dates[slot].text
        return " ".join(self.markup.texts[slot].split())

    def _joined(self, start: int, slots: Sequence[int]) -> str:
        texts = self.markup.texts
        said = [" " if slot < 0 else texts[start + slot] for slot in slots]
        return " ".join("".join(said).split())

    def _link(self, start: int, text: str, place: Place, link: tuple[int, int, int]) -> Link:
        anchor, first, end = link
        said = text
        if end - first < len(place.slots):
            said = self._joined(start, place.slots[first:end])
        element = self.markup.elements[(start >> 1) + anchor]
        href = (element.get("href") or "").strip()
        rel = element.get("rel")
        return Link(said, href, place.meta or leads_to_meta(href) or bool(rel and _REL.search(rel)))

    def _date(self, start: int, place: Place, text: str) -> DateInLine | None:
        """The date of a line, at its place in the whole line."""
        dated = self.dates[start + place.slots[place.dated]]
        if len(place.slots) == 1 and dated.text == text:
            return dated.date
        found = find_date(text[:300])
        if found and not dated.date.year:
            return found
        printed = dated.text[dated.date.start : dated.date.end]
        at = text.find(printed)
        if found is None or (at >= 0 and found.start > at):
            at = max(at, 0)
            return dated.date._replace(start=at, end=min(at + len(printed), len(text)))
        return found


_UNKNOWN = 255
"""The code of a text that was not looked at yet."""


def _code_of(text: str) -> int:
    if not text.strip(_EDGES):
        return MARKS
    return LABEL if text.rstrip()[-1] in ":：" else WORDS


def _is_alone(dated: Dated) -> bool:
    rest = dated.text[: dated.date.start] + dated.text[dated.date.end :]
    return not rest.strip(_EDGES) or _is_short_note(dated, rest)


def _is_short_note(dated: Dated, rest: str) -> bool:
    """Whether what stands beside a date is an hour, a label or a place: "2 May 2015 - 12:33"."""
    letters = sum(map(str.isalpha, _HOURS.sub("", rest)))
    if letters < 4 or (len(rest) < 32 and begins_as_meta(dated.text)):
        return True
    return len(rest) < 60 and parse_common_dateline(dated.text) is not None


_HOURS = re.compile(r"\d\d?(?:[:.h]\d\d)?(?::\d\d)?\s*(?:[ap]\.?m\b\.?|uhr\b|h\b)?", re.IGNORECASE)
_REL = re.compile(r"\b(?:author|tag|category)\b")
_META_SEGMENTS = frozenset(
    (
        *("author", "authors", "user", "users", "member", "members", "profile", "profiles"),
        *("category", "categories", "tag", "tags", "kategorie", "categoria", "categorie"),
        *("rubric", "rubrik"),
    )
)
_META_ENDING = re.compile(
    r"^[^?]*\?(?:author|cat|tag)=[^&]*$|[?&]replytocom=|#(?:comments?|respond|disqus_thread|reply)"
    r"|(?:facebook|twitter|linkedin|pinterest|reddit|plus\.google|x)\.com/(?:share|intent|pin|dialog)"
    r"|/share\?",
    re.IGNORECASE,
)


@lru_cache(maxsize=8192)
def leads_to_meta(href: str) -> bool:
    """Whether an address is that of an author, a category, comments or a button."""
    if href[:1] == "#" or href[:7] in ("mailto:", "javascr") or href[:4] == "tel:":
        return True
    segments = href.lower().split("/")
    if len(segments) > 2 and not _META_SEGMENTS.isdisjoint(segments[:-1]):
        return True
    return ("#" in href or "?" in href or "share" in href) and bool(_META_ENDING.search(href))
