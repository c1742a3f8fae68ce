"""The office and its description: what stands outside of all records."""

from collections.abc import Iterator, Sequence

from ilo_archive.reader.block import is_size
from ilo_archive.reader.entry_grammar import is_sentence
from ilo_archive.reader.html.dated_texts import HEADINGS, slots_with
from ilo_archive.reader.html.lines import Line, LineReader
from ilo_archive.reader.list_names import FOOT, is_list_name, is_notice
from ilo_archive.reader.plain_text import SKIP_LINK, TRAIL
from ilo_archive.text.credits import parse_credit

_STOPS = ".!?…。！？؟।"
_NO_DESCRIPTION = frozenset(
    ("footer", "aside", "form", "li", "tr", "article", "address", "blockquote", "figure", "label",
     "button", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "a")
)  # fmt: skip


class Surroundings:
    """What a page says beside its records; `closed` are the elements in and around them."""

    def __init__(self, reader: LineReader, covered: Sequence[tuple[int, int]]) -> None:
        self.reader = reader
        self.markup = reader.markup
        self._covered = covered
        self._name_at = self._find_name()

    def office(self) -> str | None:
        """The name of the office, None on a page whose heading names a list."""
        if self._name_at is None:
            return None
        name = self.markup.text_of(self._name_at)
        return None if is_list_name(name) else name

    def _find_name(self) -> int | None:
        """The element with the main heading: h1, else a heading that the title of the page repeats."""
        headings = [n for n, tag in enumerate(self.markup.tags) if tag in HEADINGS]
        said = [(n, self.markup.text_of(n)) for n in headings if not self._is_covered(2 * n)]
        main = [n for n, text in said if self.markup.tags[n] == "h1" and text]
        if main:
            return main[0]
        title = self.markup.title or ""
        return next((n for n, text in said if len(text) > 3 and text in title), None)

    def description(self) -> str | None:
        """The running text outside of the records, None without any."""
        start = 2 * self._name_at if self._name_at is not None else 0
        told = [line.text for line in self._lines() if line.first > start and self._describes(line)]
        return " ".join(told) or None

    def _lines(self) -> Iterator[Line]:
        """The lines that contain a sentence, each once."""
        raw = self.markup.joined
        slots = {slot for stop in _STOPS for slot in slots_in(raw, stop)}
        seen: set[int] = set()
        for slot in sorted(slots):
            if self._is_covered(slot):
                continue
            block = self._block_around(slot)
            for line in self.reader.lines(block).lines if block >= 0 else ():
                if line.first not in seen:
                    seen.add(line.first)
                    yield line

    def _block_around(self, slot: int) -> int:
        number = self.markup.around_slot(slot)
        while number >= 0 and self.markup.tags[number] in _INLINE:
            number = self.markup.parent(number)
        return number

    def _is_covered(self, slot: int) -> bool:
        return any(start <= slot < end for start, end in self._covered)

    def _describes(self, line: Line) -> bool:
        text = line.text
        if line.linked > 0.5 or line.place.level or is_size(text) or FOOT.search(text):
            return False
        if not is_sentence(text) or parse_credit(text) or is_notice(text):
            return False
        if SKIP_LINK.match(text) or TRAIL.search(text):
            return False
        around = self.markup.ancestors(self.markup.around_slot(line.first))
        return _NO_DESCRIPTION.isdisjoint([self.markup.tags[n] for n in around])


_INLINE = frozenset("a abbr b big cite em font i small span strong sub sup u".split())


def slots_in(joined: str, needle: str) -> Iterator[int]:
    """The numbers of the texts, joined with NUL, that contain a character."""
    at = slot = 0
    found = joined.find(needle)
    while found >= 0:
        slot += joined.count("\0", at, found)
        yield slot
        at = joined.find("\0", found)
        if at < 0:
            return
        found = joined.find(needle, at)


_ = slots_with
