"""Entries without lists: the elements of a page that hold one dated entry each."""

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from itertools import islice, pairwise

from lxml import etree

from ilo_archive.reader.block import FREE_LISTS, Block, fold, is_size
from ilo_archive.reader.html.walk import Walk
from ilo_archive.text.datelines import parse_dateline


def has_free_entries(root: etree._Element, blocks: list[Block]) -> bool:
    """Whether a date, or a size below a link, stands outside of lists, or the page is one of
    `article` elements.
    """
    if any(not block.item and parse_dateline(block.text) for block in blocks):
        return True
    if any(link.bare and not each.item and is_size(each.text) for link, each in pairwise(blocks)):
        return True
    return root.find(".//article") is not None and not any(block.item for block in blocks)


def dated_elements(walk: Walk) -> list[tuple[etree._Element, bool]]:
    """The elements whose text is a date; whether each stands in no list."""
    pairs = zip(walk.blocks, walk.said_in, strict=True)
    dated = [(each, block) for block, each in pairs if each is not None]
    return [(each, not block.item) for each, block in dated if parse_dateline(block.text)]


def items_without_lists(
    root: etree._Element, dated: Sequence[tuple[etree._Element, bool]]
) -> list[etree._Element]:
    """Elements that hold one dated entry each, and others like them.

    Of the elements around a date those are taken whose kind (tag and class) stands around
    most dates of the page and holds no second one: an `article`, else the outermost that holds
    no heading of a list.
    """
    around = [list(_around(element)) for element, _ in dated]
    dates_in = Counter(each for chain in around for each in chain)
    free = [chain for chain, (_, is_free) in zip(around, dated, strict=True) if is_free]
    single = [[each for each in chain if dates_in[each] == 1] for chain in free]
    kinds = Counter(kind for chain in single for kind in {_kind(each) for each in chain})
    chosen = {("article", each.get("class")) for each in root.iter("article")}
    items: dict[etree._Element, None] = {}
    heads_in = _headings_in(root)
    for chain in single:
        best = max((kinds[_kind(each)] for each in chain), default=0)
        fits = [each for each in chain if each.tag == "article" or kinds[_kind(each)] == best]
        item = next((each for each in fits if each.tag == "article"), None)
        if item is None and fits:
            item = _outermost(fits, chain[0], heads_in)
        if item is not None and _says_more(item):
            chosen.add(_kind(item))
            items[item] = None
    tags = {tag for tag, _ in chosen}  # observed: "d\x01", which `iter` takes for no tag
    same_tags = [each for each in root.iter() if each.tag in tags]
    same_kind = (each for each in same_tags if _kind(each) in chosen)
    items |= dict.fromkeys(each for each in same_kind if _is_like(each, dates_in))
    return [each for each in items if not any(up in items for up in each.iterancestors())]


def sized_documents(walk: Walk, items: Container[etree._Element]) -> list[etree._Element]:
    """Elements outside of `items` that hold a link and the size of its document, one of each."""
    pairs = pairwise(zip(walk.blocks, walk.said_in, strict=True))
    sized = [
        (link.text, said_in)
        for (link, said_in), (block, _) in pairs
        if said_in is not None and link.bare and not block.item and is_size(block.text)
    ]
    around = [each for text, said_in in sized for each in _first_around(text, said_in)]
    found = Counter(each for each in around if not any(up in items for up in _around(each)))
    return [each for each, number in found.items() if number == 1]


def _first_around(text: str, said_in: etree._Element) -> Iterator[etree._Element]:
    """The innermost element that says more than `text`, which is said in `said_in`."""
    for each in islice(_around(said_in), _MOST_AROUND):
        if len(fold("".join(each.itertext()))) > len(text):
            yield each
            return


_MOST_AROUND = 12  # elements around a date that are looked at


def _headings_in(root: etree._Element) -> Counter[etree._Element]:
    """How many headings stand in each element; the name of a page counts for two."""
    found: Counter[etree._Element] = Counter()
    for heading in root.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        found.update(dict.fromkeys(heading.iterancestors(), 2 if heading.tag == "h1" else 1))
    return found


def _outermost(
    fits: Sequence[etree._Element], dated: etree._Element, heads_in: Counter[etree._Element]
) -> etree._Element:
    """The outermost element with one heading at most, which is its title and not that of a list;
    if there is none, the innermost that says more than its date.
    """
    best = None
    is_title = False  # of the only heading so far, so it is asked once
    for each in fits[:_MOST_AROUND]:
        if heads_in[each] and not is_title:
            is_title = heads_in[each] == 1 and not _is_list_above(each, dated)
        if heads_in[each] and not (is_title and heads_in[each] == 1):
            break
        best = each if best is not None or _says_more(each) else None
    return best if best is not None else next(filter(_says_more, fits[:_MOST_AROUND]), fits[-1])


def _is_list_above(element: etree._Element, dated: etree._Element) -> bool:
    """Whether the heading of an element has no link, and a link stands between it and the date."""
    heading = False
    for each in element.iter():
        if each is dated:
            return False
        if each.tag in ("h2", "h3", "h4", "h5", "h6"):
            if each.find(".//a") is not None or next(each.iterancestors("a"), None) is not None:
                return False
            heading = True
        elif heading and each.tag == "a":
            return True
    return False


def numbered_lists(
    root: etree._Element, items: Sequence[etree._Element]
) -> dict[etree._Element, int]:
    """Items -> the number of their list: the nearest element around with more than one of them."""
    items_in = Counter(up for each in items for up in each.iterancestors())
    numbers: dict[etree._Element, int] = {}
    found = {}
    for each in items:
        around = next((up for up in each.iterancestors() if items_in[up] > 1), root)
        found[each] = numbers.setdefault(around, FREE_LISTS + len(numbers))
    return found


def _around(element: etree._Element) -> Iterator[etree._Element]:
    yield element
    yield from element.iterancestors()


def _kind(element: etree._Element) -> tuple[str, str | None]:
    return str(element.tag), element.get("class")


def _says_more(element: etree._Element) -> bool:
    """Whether an element says more than its date."""
    return not parse_dateline(fold("".join(element.itertext())))


def _is_like(element: etree._Element, dates_in: Counter[etree._Element]) -> bool:
    """Whether an element of the kind of an item is one: with a date, or with a link or a class
    of its own.
    """
    if element in dates_in:
        return dates_in[element] == 1
    if element.tag == "p":  # a paragraph of lines, one of them a link
        return element.find(".//a") is not None and element.find("br") is not None
    return element.tag not in ("td", "div") or bool(element.get("class"))
