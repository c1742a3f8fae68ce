"""Blocks of one item -> Entry: what a paragraph looks like, and which part of an entry it is.

The parts are printed in the order credit, kicker, title, dateline, summary, and every part but
the title may be missing; hand-made pages print the date first. Roles that a template hints at
go before position, position before form.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ilo_archive.offices import absolute
from ilo_archive.reader.block import EMPHASIS, Block, is_size
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


@dataclass(slots=True)
class _Parts:
    """The blocks of an item by what they are."""

    credit: Credit | None
    kicker: list[Block]
    title: list[Block]
    dateline: Dateline | None
    summary: list[Block]


def read_entry(
    position: int, blocks: Sequence[Block], url: str | None, *, is_last: bool = False
) -> Entry | None:
    """Read the blocks of one item; None where they name no thing.

    `is_last` says that the page ends here: what looks unfinished may be cut.
    """
    said = _without_more(_without_copy([block for block in blocks if not is_size(block.text)]))
    parts = _parts(said, is_last=is_last)
    title, dateline = joined(parts.title), parts.dateline
    if title is None and (dateline is None or dateline.date is None):
        return None
    links = [block.link for block in (*parts.title, *blocks) if block.link]
    images = [block.image for block in blocks if block.image]
    return Entry(
        position=position,
        kicker=joined(parts.kicker),
        title=title,
        dateline=dateline.text if dateline else None,
        date=dateline.date if dateline else None,
        date_end=dateline.date_end if dateline else None,
        place=dateline.place if dateline else None,
        summary=joined(parts.summary),
        link=_resolved(links, url),
        image=_resolved(images, url),
        credit=parts.credit,
    )


def _without_copy(blocks: list[Block]) -> list[Block]:
    """The blocks without a title that is printed again below the kicker: cards of 2024 hide it
    the first time, which only their classes tell.
    """
    below = [block.text for block in blocks[1:3]]
    if not blocks or blocks[0].text not in below:
        return blocks
    if any(parse_dateline(block.text) for block in blocks[:2]):
        return blocks
    again = below.index(blocks[0].text) + 1
    title = blocks[again]._replace(role="title")
    return [*blocks[1:again], title, *blocks[again + 1 :]]


_LONGEST_MORE = 40  # characters


def _without_more(blocks: list[Block]) -> list[Block]:
    """The blocks without a link at the end that leads where the title leads, "Read more"."""
    if len(blocks) < 2 or not _is_plain_link(blocks[-1]):
        return blocks
    last = blocks[-1]
    at = next((n for n, block in enumerate(blocks[:-1]) if block.link == last.link), None)
    if at is None:
        return blocks[:-1] if _is_titled(blocks[:-1]) else blocks
    if not (blocks[at].level or any(not each.bare for each in blocks[at:-1])):
        return blocks
    return blocks[:-1]


def _is_titled(blocks: Sequence[Block]) -> bool:
    """Whether there is a heading over a summary, and no link."""
    if any(block.link for block in blocks):
        return False
    at = next((n for n, block in enumerate(blocks) if 0 < block.level < EMPHASIS), len(blocks))
    return any(is_sentence(block.text) for block in blocks[at + 1 :])


def _is_plain_link(block: Block) -> bool:
    is_short = block.bare and block.link is not None and len(block.text) <= _LONGEST_MORE
    return is_short and block.role is None and block.level in (0, EMPHASIS)


def _resolved(links: Sequence[str], url: str | None) -> str | None:
    """The first, absolute when the page's address is known, else as printed."""
    first = links[0] if links else None
    return absolute(first, url) if first and url else first


def _parts(blocks: Sequence[Block], *, is_last: bool) -> _Parts:
    credit, rest = _split_credit(blocks)
    dateline, before, after = _split_date(rest, is_last=is_last)
    if any(block.role == "title" for block in rest):
        return _by_role(credit, dateline, [*before, *after])
    if dateline is None:
        before, after = _split_undated(before, is_last=is_last)
    elif not before:
        before, after = _split_title(after)
    elif _is_above_title(before, after):
        before, after = [*before, after[0]], after[1:]
    else:
        before, above = _split_date_last(before)
        after = [*above, *after]
    kicker, title = _split_kicker(before)
    return _Parts(credit, kicker, title, dateline, after)


def _split_credit(blocks: Sequence[Block]) -> tuple[Credit | None, list[Block]]:
    """The first credit, and the blocks that are none."""
    found = None
    rest: list[Block] = []
    for block in blocks:
        credit = parse_credit(line(block.text)) if block.role in (None, "credit") else None
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
        if block.role not in ("title", "kicker", "summary")
        and (dateline := parse_dateline(block.text))
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


def _by_role(credit: Credit | None, dateline: Dateline | None, blocks: Sequence[Block]) -> _Parts:
    """By the roles of a template; what has none is kicker above the title, summary below."""
    first = next(at for at, block in enumerate(blocks) if block.role == "title")
    title = [block for block in blocks if block.role == "title"]
    kicker = [b for b in blocks[:first] if b.role in (None, "kicker") and not b.bare]
    summary = [b for b in blocks if b.role == "summary"]
    summary += [b for b in blocks[first + 1 :] if b.role in (None, "dateline")]
    return _Parts(credit, kicker, title, dateline, summary)


def _split_title(after: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """Where the date is printed first, the paragraph below it is the title unless it is a
    sentence without a link (the title was lost); or the kicker of the link below it.
    """
    is_plain = bool(after) and not (after[0].bare or after[0].level or is_sentence(after[0].text))
    if is_plain and len(after) > 1 and after[1].bare:
        return list(after[:2]), list(after[2:])
    if after and (after[0].bare or after[0].level or not is_sentence(after[0].text)):
        return list(after[:1]), list(after[1:])
    return [], list(after)


def _is_above_title(before: Sequence[Block], after: Sequence[Block]) -> bool:
    """Whether the kicker and the date stand above the title, which is a heading."""
    is_titled = any(block.bare or 0 < block.level < EMPHASIS for block in before)
    return len(before) == 1 and not is_titled and bool(after) and 0 < after[0].level < EMPHASIS


def _split_date_last(before: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """Where the date is printed last, the sentences between the title, a link or a heading, and
    the date are the summary.
    """
    end = len(before)
    while end > 1 and _is_summary(before[end - 1]):
        end -= 1
    title = before[end - 1]
    is_told = title.bare or 0 < title.level < EMPHASIS
    return (list(before[:end]), list(before[end:])) if is_told else (list(before), [])


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
    titled = [at for at, block in enumerate(blocks) if block.bare or 0 < block.level < EMPHASIS]
    if titled:
        end = min(end, titled[-1] + 1)
    return list(blocks[:end]), list(blocks[end:])


def _is_summary(block: Block) -> bool:
    """A sentence; or one that was cut after its first full stop."""
    if block.bare or 0 < block.level < EMPHASIS:
        return False
    text = line(block.text)
    if parse_dateline(text.rpartition(": ")[2]) and ":" in text:  # Deadline: 15 September 2015
        return True
    stop = _SENTENCE_END.search(text)
    cut = bool(stop and stop.end() < len(text))
    return _ends_sentence(text) or cut or bool(_THAI.search(text) and is_sentence(text))


def _split_kicker(blocks: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """Of the paragraphs above the dateline the first is the kicker when there are two."""
    if len(blocks) < 2 or blocks[0].gap or _continues(blocks[1].text) or blocks[0].bare:
        return [], list(blocks)
    return list(blocks[:1]), list(blocks[1:])
