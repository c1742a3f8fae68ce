"""A parsed page as columns: what its elements are and say, each under the element's number.

Elements are numbered in document order, so an element and all within it are a range of numbers,
and the texts of a list are slices. A text has a number too, its slot: `2 * n` is what stands in
element `n` before its first child, `2 * n + 1` what stands behind its end.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise

from lxml import etree

from ilo_archive.reader.block import PageRefused
from ilo_archive.reader.html.hints import template_of
from ilo_archive.reader.html.tags import HEADINGS
from ilo_archive.text.normalise import CONTROLS, fold_space

Element = etree._Element

_NEVER_SHOWN = (
    *("script", "style", "noscript", "template", "svg", "math", "object", "embed", "canvas"),
    *("audio", "video", "iframe", "map", "select", "textarea", "nav"),
)


@dataclass(frozen=True, slots=True)
class Markup:
    """The body of a page. `classes` are the class attributes without what numbers rows ("post-123",
    "odd", "first"), "" for none; what begins with "_" is filled as it is asked for.
    """

    root: Element
    elements: Sequence[Element]
    numbers: dict[Element, int]
    tags: list[str]
    sizes: list[int]
    classes: list[str]
    texts: list[str]
    joined: str
    base: str | None
    title: str | None
    language: str | None
    template: str | None
    source: bytes
    headings: tuple[int, ...]
    _parents: dict[int, int] = field(default_factory=dict)
    _ends: dict[int, int] = field(default_factory=dict)
    _children: dict[int, list[int]] = field(default_factory=dict)

    def parent(self, number: int) -> int:
        """The number of the element around one; -1 for the body."""
        found = self._parents.get(number)
        if found is None:
            around = self.elements[number].getparent()
            found = -1 if around is None else self.numbers.get(around, -1)
            self._parents[number] = found
        return found

    def ancestors(self, number: int) -> Iterator[int]:
        """An element and those around it, from the inside."""
        while number >= 0:
            yield number
            number = self.parent(number)

    def children(self, number: int) -> list[int]:
        """The elements directly within one, which get their parent and ends noted on the way."""
        inside = self._children.get(number)
        if inside is None:
            inside = [self.numbers[child] for child in self.elements[number]]
            self._children[number] = inside
            self._parents.update(dict.fromkeys(inside, number))
            self._ends.update(pairwise(inside))
        return inside

    def above(self, number: int) -> Iterator[int]:
        """The elements beside one that stand before it, the nearest first."""
        before = self.elements[number].getprevious()
        while before is not None and before in self.numbers:
            yield self.numbers[before]
            before = before.getprevious()

    def end(self, number: int) -> int:
        """The number after the last element within one."""
        found = self._ends.get(number)
        if found is None:
            sizes, open_, found = self.sizes, 1, number
            while open_:
                open_ += sizes[found] - 1
                found += 1
            self._ends[number] = found
        return found

    def around_slot(self, slot: int) -> int:
        """The element whose text a slot is."""
        return self.parent(slot >> 1) if slot & 1 else slot >> 1

    def has_slot(self, number: int, slot: int) -> bool:
        """Whether a text stands within an element; what follows the element does not."""
        return 2 * number <= slot < 2 * self.end(number) and slot != 2 * number + 1

    def slots_of(self, number: int) -> Iterator[int]:
        """The texts within an element."""
        for slot in range(2 * number, 2 * self.end(number)):
            if slot != 2 * number + 1:
                yield slot

    def attribute(self, number: int, name: str) -> str | None:
        """An attribute of an element, None without it."""
        return self.elements[number].get(name)

    def text_of(self, number: int) -> str:
        """All that an element says, white space folded, with a space between its texts."""
        return fold_space(" ".join(self.elements[number].itertext()))

    def size(self, number: int) -> int:
        """How many elements an element is made of, itself among them."""
        return self.end(number) - number

    def inside(self, number: int, around: int) -> bool:
        """Whether an element is `around` or within it."""
        return around <= number < self.end(around)


_ROW_CLASS = re.compile(r"^(?:odd|even|first|last|alt|zebra|active|sticky|row-(?:first|last))$|\d")


@lru_cache(maxsize=4096)
def lasting_classes(printed: str) -> str:
    """The classes that an element shares with others of its kind, in order of the alphabet."""
    words = {word for word in printed.split() if not _ROW_CLASS.search(word)}
    return " ".join(sorted(word for word in words if not word.endswith(_ROW_ENDINGS)))


_ROW_ENDINGS = ("-odd", "-even", "-first", "-last", "_odd", "_even")


def is_large(size: str | None) -> bool:
    """Whether the size of a `font` is above that of the text, 3 (HTML 3.2)."""
    return bool(size and (size in ("4", "5", "6", "7") or size.startswith("+")))


def slots_in(joined: str, needle: str, *, ends_word: bool = False) -> Iterator[int]:
    """The numbers of the texts, joined with NUL, that contain a word or a character; with
    `ends_word` one that no letter or digit follows.
    """
    at = slot = 0
    found = joined.find(needle)
    while found >= 0:
        behind = found + len(needle)
        if ends_word and joined[behind : behind + 1].isalnum():
            found = joined.find(needle, behind + 1)
            continue
        slot += joined.count("\0", at, found)
        yield slot
        at = joined.find("\0", found)
        if at < 0:
            return
        found = joined.find(needle, at)


# -- parsing -------------------------------------------------------------------------------


def parse_markup(body: bytes, charset: str) -> Markup | None:
    """The columns of a page, None where the bytes contain no element.

    Raises PageRefused for a page that the parser gives up on.
    """
    root = parsed(body, charset)
    if root is None:
        return None
    return columns_of(root, body)


def columns_of(root: Element, source: bytes) -> Markup:
    """The columns of a parsed page; what is never shown is dropped from the tree. `source` are
    the bytes that it was parsed from.
    """
    etree.strip_elements(root, *_NEVER_SHOWN, with_tail=False)
    head = root.find("head")
    title = None if head is None else head.findtext("title")
    base = next((each.get("href") for each in root.iter("base") if each.get("href")), None)
    body = root.find("body")
    shown = root if body is None else body
    elements = list(shown.iter())
    texts: list[str] = [
        text for element in elements for text in (element.text or "", element.tail or "")
    ]
    texts[1] = ""  # what follows the body
    joined = "\0".join(texts)
    if _has_controls(joined):
        texts = [CONTROLS.sub(" ", text) for text in texts]
        joined = "\0".join(texts)
    tags: list[str] = [element.tag for element in elements]  # type: ignore[misc]
    printed = [element.get("class", "") for element in elements]
    numbers = dict(zip(elements, range(len(elements)), strict=True))
    return Markup(
        root=root,
        elements=elements,
        numbers=numbers,
        tags=tags,
        sizes=list(map(len, elements)),
        classes=_lasting(shown, printed, tags, numbers),
        texts=texts,
        joined=joined,
        base=base,
        title=(title and " ".join(title.split())) or None,
        language=root.get("lang"),
        template=template_of(printed),
        source=source,
        headings=tuple([numbers[each] for each in shown.iter(*HEADINGS)]),
    )


def _lasting(
    shown: Element, printed: Sequence[str], tags: Sequence[str], numbers: dict[Element, int]
) -> list[str]:
    """The classes that last of each element; the columns that a cell covers and that a `font` is
    large are added as words like classes.
    """
    lasting = {each: lasting_classes(each) for each in set(printed)}
    classes = [lasting[each] for each in printed]
    if _TAGS_WITH_SIZE.isdisjoint(tags):
        return classes
    for element in _WITH_SIZE(shown):
        number = numbers[element]
        columns = element.get("colspan")
        if columns is None:
            classes[number] += " size=large" if is_large(element.get("size")) else ""
        elif columns.isdigit():
            classes[number] += f" colspan={columns}"
    return classes


_TAGS_WITH_SIZE = frozenset(("td", "th", "font"))
_WITH_SIZE = etree.XPath(
    "descendant::td[@colspan]|descendant::th[@colspan]|descendant::font[@size]"
)
_C1_CONTROL = re.compile(rb"\xc2[\x80-\x9f]")  # U+0080 to U+009F in UTF-8
_ASCII_CONTROLS = bytes([*range(1, 9), *range(11, 32), 127])


def _has_controls(joined: str) -> bool:
    """Whether there is a control character in texts joined with NUL; microseconds on a page."""
    raw = joined.encode("utf-8", "replace")
    if len(raw.translate(None, _ASCII_CONTROLS)) != len(raw):
        return True
    return _C1_CONTROL.search(raw) is not None


def parsed(body: bytes, charset: str) -> Element | None:
    """The tree of lxml, None where it finds no element. Raises PageRefused."""
    try:
        parser = _parser(charset)
    except LookupError:  # a charset that libxml2 does not know
        body, parser = body.decode(charset, "replace").encode(), _parser("utf-8")
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None
    # Observed: below 2,048 levels the parser drops all, and only its log says so.
    if any(each.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for each in parser.error_log):
        raise PageRefused("no page: elements nested more than 2,000 deep")
    return root


@cache
def _parser(encoding: str) -> etree.HTMLParser[Element]:
    return etree.HTMLParser(
        encoding=encoding, remove_comments=True, remove_pis=True, huge_tree=True, collect_ids=False
    )
