"""The office and its description: what stands outside of all records."""

from collections.abc import Iterator

from ilo_archive.reader.block import is_size
from ilo_archive.reader.entry_grammar import is_sentence
from ilo_archive.reader.html.alike_records import MAY_BE_CREDIT
from ilo_archive.reader.html.lines import Line, LineReader
from ilo_archive.reader.html.record import Covered
from ilo_archive.reader.html.tags import BESIDE_TEXT, NO_DESCRIPTION
from ilo_archive.reader.list_names import is_foot, is_notice, names_office
from ilo_archive.reader.plain_text import SKIP_LINK, is_trail
from ilo_archive.text.credits import parse_credit

_MOST_TEXTS = 1500  # texts from the start of a page among which its name is looked for
_MOST_ELEMENTS = 100  # of the block of a name
_LONGEST_NAME = 200  # characters
_BELOW_NAME = 20  # characters of a paragraph below the name that needs no full stop


class Surroundings:
    """What a page says beside its records; `covered` are the texts that records cover."""

    def __init__(self, reader: LineReader, covered: Covered) -> None:
        self.reader = reader
        self.markup = reader.markup
        self._covered = covered
        self._open: dict[int, bool] = {}
        self._name = self._main_heading() or self._first_line()

    def office(self) -> str | None:
        """The name of the office, None on a page whose heading names a list."""
        name = self._name and self._name[1]
        return name if name is not None and names_office(name) else None

    # -- the name ----------------------------------------------------------------------

    def _main_heading(self) -> tuple[int, str] | None:
        """The h1, else a heading that the title of the page repeats, else any; by its text."""
        markup, title = self.markup, self.markup.title or ""
        headings = [number for number in markup.headings if not self._is_covered(2 * number)]
        for number in headings:
            if markup.tags[number] == "h1" and (text := markup.text_of(number)):
                return 2 * number, text
        said = ((2 * number, markup.text_of(number)) for number in headings)
        return next((each for each in said if len(each[1]) > 3 and each[1] in title), None)

    def _first_line(self) -> tuple[int, str] | None:
        """Without a heading the first line in bold or large print, else the first line."""
        first = None
        for line in self._first_lines():
            if self._can_be_name(line):
                if line.place.bold or line.place.level:
                    return line.first, line.text
                first = first or line
        return first and (first.first, first.text)

    def _first_lines(self) -> Iterator[Line]:
        """The lines of a page from its start, but for those that are links as a whole."""
        seen: set[int] = set()
        for slot, text in enumerate(self.markup.texts[:_MOST_TEXTS]):
            if not text or text.isspace():
                continue
            block = self._block_around(slot)
            if block < 0 or block in seen or self.markup.tags[self.markup.around_slot(slot)] == "a":
                continue
            seen.add(block)
            if self.markup.size(block) <= _MOST_ELEMENTS:
                yield from (x for x in self.reader.lines(block).lines if x.first >= slot)

    def _can_be_name(self, line: Line) -> bool:
        text = line.text
        if line.linked > 0.5 or self._is_covered(line.first) or len(text) > _LONGEST_NAME:
            return False
        if is_sentence(text) or line.date or is_notice(text) or parse_credit(text):
            return False
        return not (SKIP_LINK.match(text) or is_trail(text))

    # -- the description ---------------------------------------------------------------

    def description(self) -> str | None:
        """The running text outside of the records, None without any."""
        if self._name is None:
            return None
        start = self._name[0]
        described = [line.text for line in self._lines(start) if self._describes(line)]
        return " ".join(described) or None

    def _lines(self, start: int) -> Iterator[Line]:
        """The lines below the name that contain a sentence, and the one right below it."""
        slots = set(self.reader.slots_of_sentences())
        below = self._below_name(start)
        slots.update(below)
        seen: set[int] = set()
        for slot in sorted(slots):
            if slot <= start or self._is_covered(slot) or not self._may_describe(slot):
                continue
            block = self._block_around(slot)
            for line in self.reader.lines(block).lines if block >= 0 else ():
                if (
                    line.first > start
                    and line.first not in seen
                    and not self._is_covered(line.first)
                ):
                    seen.add(line.first)
                    yield line

    def _may_describe(self, slot: int) -> bool:
        """Whether a text stands in nothing that never holds a description, but for a link or label
        within its line.
        """
        number = self.markup.around_slot(slot)
        return self._is_open(self._block_of(number) if number >= 0 else -1)

    def _is_open(self, number: int) -> bool:
        """Whether neither an element nor one around it is of a tag without a description."""
        chain, known = [], self._open
        while number >= 0 and number not in known:
            chain.append(number)
            number = self.markup.parent(number)
        is_open = known.get(number, True)
        for each in reversed(chain):
            is_open = known[each] = is_open and self.markup.tags[each] not in NO_DESCRIPTION
        return is_open

    def _below_name(self, start: int) -> list[int]:
        """The text right below the name, where it is a paragraph: not all scripts have a stop."""
        texts = self.markup.texts
        for slot in range(start + 2, min(start + 24, len(texts))):
            text = texts[slot]
            if text and not text.isspace():
                is_long = len(text.strip()) > _BELOW_NAME and not text.isascii()
                return [slot] if is_long else []
        return []

    def _block_around(self, slot: int) -> int:
        return self._block_of(self.markup.around_slot(slot))

    def _block_of(self, number: int) -> int:
        while number >= 0 and self.markup.tags[number] in BESIDE_TEXT:
            number = self.markup.parent(number)
        return number

    def _is_covered(self, slot: int) -> bool:
        return self._covered.has(slot)

    def _describes(self, line: Line) -> bool:
        text = line.text
        if line.linked > 0.5 or line.place.level or is_size(text) or is_foot(text):
            return False
        if not (is_sentence(text) or self._is_below_name(line)) or is_notice(text):
            return False
        if MAY_BE_CREDIT.match(text) and parse_credit(text):
            return False
        if SKIP_LINK.match(text) or is_trail(text):
            return False
        return self._is_open(self.markup.around_slot(line.first))

    def _is_below_name(self, line: Line) -> bool:
        return bool(self._name) and line.first in self._below_name(self._name[0])  # type: ignore[index]
