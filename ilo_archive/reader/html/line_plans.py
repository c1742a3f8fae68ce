"""Which texts of an element make a line: worked out once for every shape of element.

Elements of one template have the same tags, classes and filled texts in the same order, so the
lines of a thousand records are planned once and then only filled.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ilo_archive.reader.html.dated_texts import BLOCK_DATE
from ilo_archive.reader.html.hints import Hint, hint_of
from ilo_archive.reader.html.tags import INLINE

BLANK, WORDS, LABEL, MARKS, DATED, DATE = range(6)
"""What a text is: nothing; words; words with a colon behind them; no letter or digit; words with
a date; a date alone.
"""
_WORDED = (WORDS, LABEL, DATED, DATE)

_SKIPPED = frozenset(["button", "option", "input", "head", "title", "#hidden", "#part"])
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_STRONG = frozenset(("b", "strong", "big"))
_NEVER_META = frozenset(("article", "tr", "section", "td", "li", "body", "table", "tbody"))


class Place(NamedTuple):
    """A line to be filled. `slots` are numbers of texts from the start of the element, -1 for a
    space; `links` are elements with the range of slots that they hold.

    `key` names the place by the tags around it, `tag` is the nearest block, `level` 1-6 in a
    heading, `cell` counts the cells of a row from 1. `meta` and `title` are hints of classes,
    `dated` is the position of the dated text, -1 without one. `below_break` says that a line
    break divides the line from the one before.
    """

    key: str
    slots: tuple[int, ...]
    links: tuple[tuple[int, int, int], ...]
    tag: str
    level: int = 0
    cell: int = 0
    bold: bool = False
    meta: bool = False
    title: bool = False
    above: bool = False
    role: str | None = None
    dated: int = -1
    below_break: bool = False
    after_gap: bool = False


class Plan(NamedTuple):
    """The lines of an element, its images (element, number of lines before it) and its links;
    `linked_headings` counts the headings that are links.
    """

    lines: tuple[Place, ...]
    images: tuple[tuple[int, int], ...]
    links: tuple[int, ...]
    linked_headings: int


class _State(NamedTuple):
    """What holds for the text at hand."""

    path: str = ""
    tag: str = ""
    level: int = 0
    cell: int = 0
    link: int = -1
    inlines: tuple[int, ...] = ()
    bold: bool = False
    meta: bool = False
    title: bool = False
    above: bool = False
    role: str | None = None
    skipped: bool = False


class _Text(NamedTuple):
    """A text of the line at hand: its slot, what it is and what holds for it."""

    slot: int
    code: int
    state: _State


_SPACE = _Text(-1, BLANK, _State())


@lru_cache(maxsize=2048)  # the pages of a template repeat its shapes
def plan_of(
    tags: tuple[str, ...],
    sizes: tuple[int, ...],
    classes: tuple[str, ...],
    codes: bytes,
    *,
    has_roles: bool = False,
) -> Plan:
    """The plan of an element and all within it; `codes` say what each of its texts is, and
    `has_roles` that its classes are those of a known template.
    """
    hints = [hint_of(each) for each in classes]
    if not has_roles:
        hints = [hint._replace(role=None) if hint.role else hint for hint in hints]
    planner = _Planner(tags, sizes, hints, codes, classes)
    open_: list[tuple[int, _State, int]] = []
    for number in range(len(tags)):
        open_.append((number, planner.now, sizes[number]))
        planner.open(number)
        while open_ and not open_[-1][2]:
            closed, before, _ = open_.pop()
            planner.close(closed, before)
            if open_:
                planner.add(2 * closed + 1)
                outer, outside, left = open_.pop()
                open_.append((outer, outside, left - 1))
    planner.flush()
    lines = planner.numbered()
    headings = sum([line.level > 0 and bool(line.links) for line in lines])
    return Plan(lines, tuple(planner.images), tuple(planner.links), headings)


class _Planner:
    """Goes over an element once and cuts its texts into lines."""

    def __init__(
        self,
        tags: Sequence[str],
        sizes: Sequence[int],
        hints: Sequence[Hint],
        codes: bytes,
        classes: Sequence[str],
    ) -> None:
        self.now = _State()
        self.lines: list[Place] = []
        self.images: list[tuple[int, int]] = []
        self.links: list[int] = []
        self._tags, self._sizes, self._codes = tags, sizes, codes
        self._hints, self._classes = hints, classes
        self._line: list[_Text] = []
        self._breaks = False  # whether the line at hand stands below a line break
        self._gap = False  # whether an empty paragraph stands before the line at hand
        self._cells = [0]

    def open(self, number: int) -> None:
        """Enter an element and take its first text."""
        tag = self._tags[number]
        if tag == "br":
            self._break()
        elif tag == "img":
            self.images.append((number, len(self.lines) + bool(self._line)))
        elif tag in INLINE:
            self._open_inline(number, tag)
        else:
            self._open_block(number, tag)
        if tag != BLOCK_DATE:
            self.add(2 * number)

    def close(self, number: int, before: _State) -> None:
        """Leave an element; `before` is what held outside of it."""
        tag = self._tags[number]
        if tag not in INLINE and tag != "br" and tag != "img":
            self.flush()
            if tag == "p" and not self._sizes[number] and not self._codes[2 * number]:
                self._gap = True
            if tag == "table" and len(self._cells) > 1:
                self._cells.pop()
        elif self._codes[2 * number] == DATE and tag != "a" and self._line:
            self._line.append(_SPACE)
        self.now = before

    def add(self, slot: int) -> None:
        """Take a text."""
        code, now = self._codes[slot], self.now
        if now.skipped or (code == BLANK and not self._line):
            return
        self._line.append(_Text(slot, code, now))

    def _break(self) -> None:
        if self.now.level or self.now.link >= 0:
            self._line.append(_SPACE)
        else:
            spoke = len(self.lines)
            self.flush()
            self._breaks = self._breaks or len(self.lines) > spoke

    def _open_inline(self, number: int, tag: str) -> None:
        hint = self._hints[number]
        if hint.role:
            self.flush()
        now = self.now
        if self._codes[2 * number] == DATE and self._line:
            self._line.append(_SPACE)
        if tag == "a":
            self.links.append(number)
        is_large = tag == "font" and "size=large" in self._classes[number]
        self.now = _State(
            now.path,
            now.tag,
            now.level,
            now.cell,
            number if tag == "a" else now.link,
            (*now.inlines, number),
            now.bold or tag in _STRONG or is_large,
            now.meta or hint.meta,
            now.title or hint.title,
            now.above,
            hint.role or now.role,
            now.skipped or hint.hidden or hint.role == "skip",
        )

    def _open_block(self, number: int, tag: str) -> None:
        self.flush()
        now, hint = self.now, self._hints[number]
        name, cell = tag, now.cell
        if tag == "table":
            self._cells.append(0)
        elif tag == "tr":
            self._cells[-1] = 0
        elif tag in ("td", "th"):
            self._cells[-1] += 1
            cell = self._cells[-1]
            name = f"td{cell}"
            self._cells[-1] += _columns_beside(self._classes[number])
        if tag == "a" or number == 0:
            name = ""
        self.now = _State(
            f"{now.path}/{name}" if name else now.path,
            tag,
            _level(tag, above=hint.above) or now.level,
            cell,
            now.link,
            (),
            now.bold,
            now.meta or (hint.meta and tag not in _NEVER_META and number > 0),
            now.title or hint.title,
            now.above or hint.above,
            hint.role or now.role,
            now.skipped or hint.hidden or hint.role == "skip" or tag in _SKIPPED,
        )
        if tag == BLOCK_DATE and not self.now.skipped:
            self._add_block_date(number)

    def _add_block_date(self, number: int) -> None:
        """A date that is spread over an element is a line, whatever it is made of."""
        link = self.now.link
        links = ((link, 0, 1),) if link >= 0 else ()
        now = self.now
        self._put(now, (2 * number,), links, dated=0, suffix="#", bold=now.bold, meta=now.meta)
        self.now = self.now._replace(skipped=True)

    def flush(self) -> None:
        """End the line at hand, if it says anything."""
        said, self._line = self._line, []
        if not any(each.code for each in said):
            return
        for part in _parts(said):
            self._add_part(part, is_part=len(part) < len(said))
        self._breaks = False

    def _add_part(self, said: Sequence[_Text], *, is_part: bool) -> None:
        words = [each for each in said if each.code]
        if not words:
            return
        state = words[0].state
        suffix = ""
        if is_part:
            suffix = "." + (self._tags[state.inlines[-1]] if state.inlines else "")
        spoken = [each.state for each in words if each.code != MARKS]
        is_bold = all(each.bold for each in spoken)
        suffix += "=" if all(each.link >= 0 for each in spoken) else ""
        suffix += "*" if is_bold else ""
        suffix += "#" if len(words) == 1 and words[0].code == DATE else ""
        self._put(
            state,
            tuple([each.slot for each in said]),
            _links_of(said),
            dated=next((at for at, each in enumerate(said) if each.code >= DATED), -1),
            suffix=suffix,
            bold=is_bold,
            meta=state.meta and all(each.state.meta for each in words),
        )

    def _put(
        self,
        now: _State,
        slots: tuple[int, ...],
        links: tuple[tuple[int, int, int], ...],
        *,
        dated: int,
        suffix: str,
        bold: bool,
        meta: bool,
    ) -> None:
        self.lines.append(
            Place(
                now.path + suffix,
                slots,
                links,
                now.tag,
                now.level,
                now.cell,
                bold,
                meta,
                now.title,
                now.above,
                now.role,
                dated,
                self._breaks,
                self._gap,
            )
        )
        self._gap = False

    def numbered(self) -> tuple[Place, ...]:
        """The lines with keys of their own. Those of one path are counted from the first date:
        what stands above a title may be missing, the date and what is below it stay in order.
        """
        date = next((at for at, each in enumerate(self.lines) if each.dated >= 0), None)
        split = len(self.lines) if date is None else date
        if date is None:
            return tuple(_counted(self.lines, ":"))
        above = _counted(self.lines[:split][::-1], "-")[::-1]
        return (*above, self.lines[split], *_counted(self.lines[split + 1 :], ":", below=">"))


def _counted(lines: Sequence[Place], mark: str, below: str = "") -> list[Place]:
    seen: dict[str, int] = {}
    found = []
    for line in lines:
        key = line.key + below
        count = seen.get(key, 0)
        seen[key] = count + 1
        key = f"{key}{mark}{count}" if count else key
        found.append(Place(key, *line[1:]) if key != line.key else line)
    return found


def _level(tag: str, *, above: bool) -> int:
    """The level of a heading, 0 for the line above a title though it is marked as one."""
    return 0 if above else _HEADINGS.get(tag, 0)


def _columns_beside(classes: str) -> int:
    """How many columns a cell covers beside its own; `colspan` is kept with the classes."""
    for word in classes.split():
        if word.startswith("colspan="):
            return min(int(word[8:]), 40) - 1
    return 0


def _links_of(said: Sequence[_Text]) -> tuple[tuple[int, int, int], ...]:
    """The links of a line with the range of its texts that each holds."""
    links: list[tuple[int, int, int]] = []
    for at, each in enumerate(said):
        link = each.state.link
        if link < 0:
            continue
        if links and links[-1][0] == link:
            links[-1] = (link, links[-1][1], at + 1)
        else:
            links.append((link, at, at + 1))
    return tuple(links)


def _parts(said: list[_Text]) -> list[list[_Text]]:
    """A line cut where a date stands in an element of its own or beside one, with no running text
    around it: title | date. Other inline elements of such a line are lines of their own too.
    """
    words = [at for at, each in enumerate(said) if each.code in _WORDED]
    dates = [at for at in words if said[at].code == DATE]
    if not dates or len(words) < 2:
        return [said]
    if any(said[at].code == WORDS and not said[at].state.inlines for at in words):
        return [said]
    for date in dates:
        around = words.index(date)
        beside = [words[n] for n in (around - 1, around + 1) if 0 <= n < len(words)]
        if any(_is_running(said[at], said[date]) for at in beside):
            return [said]
        if around and said[words[around - 1]].code == LABEL:
            return [said]
    return _cut(said, set(dates))


def _is_running(text: _Text, date: _Text) -> bool:
    """Whether a text beside a date goes on with it: in no element, or in the element of it."""
    inlines, link = text.state.inlines, text.state.link
    return not inlines or (date.state.inlines[: len(inlines)] == inlines and link < 0)


def _cut(said: list[_Text], dates: set[int]) -> list[list[_Text]]:
    """The parts of a line; marks between them belong to none."""
    parts: list[list[_Text]] = []
    are_apart = _are_apart(said)
    last: object = None
    for at, each in enumerate(said):
        link, inlines = each.state.link, each.state.inlines
        if each.code in (BLANK, MARKS) and not inlines:
            last = None if at - 1 in dates else last
            if parts and last is not None:
                parts[-1].append(each)
            continue
        here = (link, inlines if are_apart or link < 0 else (), at in dates)
        if here == last:
            parts[-1].append(each)
        else:
            parts.append([each])
        last = here
    return parts


def _are_apart(said: Sequence[_Text]) -> bool:
    """Whether each text is all that an inline element says, none within that of another."""
    chains = [each.state.inlines for each in said if each.code in _WORDED]
    own = [chain[-1] for chain in chains if chain]
    if len(own) < len(chains) or len(set(own)) < len(own):
        return False
    return not any(set(chain[:-1]) & set(own) for chain in chains)
