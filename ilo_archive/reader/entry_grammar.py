"""The paragraphs of one item of a text -> Entry: what each looks like, and which part it is.

The parts are printed in the order credit, kicker, title, dateline, summary, and every part but
the title may be missing; hand-made pages print the date first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ilo_archive.reader.block import Block, is_size
from ilo_archive.reader.entry import Entry
from ilo_archive.text.credits import Credit, parse_credit
from ilo_archive.text.datelines import Dateline, is_cut_dateline, parse_dateline

# -- what a paragraph looks like -----------------------------------------------------------

# A full stop after a word of three letters or more, or after a bracket or quote; initials
# ("W. N. Funded Projects") and abbreviations end no sentence.
_SENTENCE_END = re.compile(
    r"[.!?…](?:(?<=[^\W\d_]{3}.)|(?<=[\d)\]”»\"'’].))(?=[\"”»’')\]]*(?:\s|$))"
    r"|[。！？؟।](?:(?<=[^\W\d_]{3}.)|(?<=[\d)\]”»\"'’].))"
)
_FULL_STOP = re.compile(r"(?:[.!…][\"”»’')\]]*|[。！][」』]?)$")
_THAI = re.compile(r"[\u0e00-\u0e7f]")
_THAI_SENTENCE = 45  # characters: Thai has no full stop, so length must tell a sentence


def is_sentence(text: str) -> bool:
    """Whether a paragraph is running text: a sentence ends in it, or with it."""
    if not text.isascii() and _THAI.search(text):
        return len(text) >= _THAI_SENTENCE
    return has_full_stop(text)


def has_full_stop(text: str) -> bool:
    """Whether a sentence ends in a paragraph, or with it."""
    return bool(_SENTENCE_END.search(text)) or _ends_sentence(text)


def _ends_sentence(text: str) -> bool:
    """A full stop after a few words; "ILO, Inc." is none, nor is "Round table held online?"."""
    return bool(_FULL_STOP.search(text)) and (len(text.split()) > 3 or not text.isascii())


def line(text: str) -> str:
    """A paragraph without its line breaks."""
    return text.replace("\n", " ")


def joined(blocks: Sequence[Block]) -> str | None:
    """Paragraphs as one text, None without any."""
    return line(" ".join([block.text for block in blocks])) if blocks else None


def _continues(text: str) -> bool:
    """Whether a paragraph goes on with the one before: no title starts in lower case or with a
    dash.
    """
    return text[:1].islower() or text.startswith(("– ", "— ", "- "))


# -- an entry ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Parts:
    """The blocks of an item by what they are."""

    credit: Credit | None
    kicker: list[Block]
    title: list[Block]
    dateline: Dateline | None
    summary: list[Block]


def read_entry(position: int, blocks: Sequence[Block], *, is_last: bool = False) -> Entry | None:
    """Read the blocks of one item; None where they name nothing.

    `is_last` says that the page ends here: what looks unfinished may be cut.
    """
    said = [block for block in blocks if not is_size(block.text)]
    parts = _parts_of_card(said) or _parts(said, is_last=is_last)
    title, dateline = joined(parts.title), parts.dateline
    if title is None and (dateline is None or dateline.date is None):
        return None
    return Entry(
        position=position,
        kicker=joined(parts.kicker),
        title=title,
        dateline=dateline.text if dateline else None,
        date=dateline.date if dateline else None,
        date_end=dateline.date_end if dateline else None,
        place=dateline.place if dateline else None,
        summary=joined(parts.summary),
        credit=parts.credit,
    )


def _parts_of_card(blocks: Sequence[Block]) -> _Parts | None:
    """The parts of a card of 2024, which prints its title again below the kicker; None for an
    item of another kind.
    """
    below = [block.text for block in blocks[1:3]]
    if not blocks or blocks[0].text not in below:
        return None
    if any(parse_dateline(block.text) for block in blocks[:2]):
        return None
    again = below.index(blocks[0].text) + 1
    credit, rest = _split_credit(blocks[again + 1 :])
    dateline, before, after = _split_date(rest, is_last=False)
    title = [blocks[again]]
    return _Parts(credit, list(blocks[1:again]), title, dateline, [*before, *after])


def _parts(blocks: Sequence[Block], *, is_last: bool) -> _Parts:
    credit, rest = _split_credit(blocks)
    dateline, before, after = _split_date(rest, is_last=is_last)
    if dateline is None:
        before, after = _split_undated(before, is_last=is_last)
    elif not before:
        before, after = _split_title(after)
    kicker, title = _split_kicker(before)
    return _Parts(credit, kicker, title, dateline, after)


def _split_credit(blocks: Sequence[Block]) -> tuple[Credit | None, list[Block]]:
    """The first credit, and the blocks that are none."""
    found = None
    rest: list[Block] = []
    for block in blocks:
        credit = parse_credit(line(block.text))
        if credit is None:
            rest.append(block)
        else:
            found = found or credit
    return found, rest


def _split_date(
    blocks: Sequence[Block], *, is_last: bool
) -> tuple[Dateline | None, list[Block], list[Block]]:
    """The dateline with what stands before and after it; all is `before` without one.

    A line that names a day without a year ("8 March" as a kicker) gives way to a full date.
    """
    found = [
        (at, dateline)
        for at, block in enumerate(blocks)
        if (dateline := parse_dateline(block.text))
    ]
    if not found:
        cut = _cut_dateline(blocks) if is_last else None
        return cut, list(blocks[:-1] if cut else blocks), []
    at, dateline = next((each for each in found if each[1].date), found[0])
    if is_last and at == len(blocks) - 1 and (cut := _cut_dateline(blocks)):
        dateline = cut
    return dateline, list(blocks[:at]), list(blocks[at + 1 :])


def _cut_dateline(blocks: Sequence[Block]) -> Dateline | None:
    """The last paragraph of a page that was cut in a date: "14 January 20"."""
    text = blocks[-1].text if blocks else ""
    if not is_cut_dateline(text) or (len(blocks) < 2 and not text.isdigit()):
        return None
    return Dateline(text=text, date=None, date_end=None, place=None)


def _split_title(after: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """Where the date is printed first, the paragraph below it is the title unless it is a
    sentence: then the title was lost.
    """
    if after and not is_sentence(after[0].text):
        return list(after[:1]), list(after[1:])
    return [], list(after)


_LONGEST_TITLE = 100  # characters; no title of two paragraphs that was seen has a longer second


def _split_undated(blocks: Sequence[Block], *, is_last: bool) -> tuple[list[Block], list[Block]]:
    """Without a date the paragraphs at the end that are sentences are the summary, and so is the
    third paragraph; where the page is cut, so is a second one that is too long for a title.
    """
    end = len(blocks)
    while end > 1 and _is_summary(blocks[end - 1]):
        end -= 1
    if end == len(blocks) > 2:
        end = 2
    if is_last and end == len(blocks) == 2 and len(blocks[1].text) > _LONGEST_TITLE:
        end = 1
    return list(blocks[:end]), list(blocks[end:])


def _is_summary(block: Block) -> bool:
    """A sentence; or one that was cut after its first full stop."""
    text = line(block.text)
    if ":" in text and parse_dateline(text.rpartition(": ")[2]):  # Deadline: 15 September 2015
        return True
    stop = _SENTENCE_END.search(text)
    cut = bool(stop and stop.end() < len(text))
    return _ends_sentence(text) or cut or bool(_THAI.search(text) and is_sentence(text))


def _split_kicker(blocks: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """Of the paragraphs above the dateline the first is the kicker when there are two."""
    if len(blocks) < 2 or blocks[0].gap or _continues(blocks[1].text):
        return [], list(blocks)
    return list(blocks[:1]), list(blocks[1:])
