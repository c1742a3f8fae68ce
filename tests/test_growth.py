"""A page with twice as much of one thing takes about twice as long, up to sixteen times."""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import process_time

import pytest

from ilo_archive.reader.page import read_page

pytestmark = pytest.mark.slow

MOST = 2.2  # times for twice as much
DOUBLINGS = 3  # from a page that takes milliseconds, where a constant cost no longer hides the rest
FEW = 100
TRIES = 4  # a busy machine makes one measurement wrong


def day(n: int) -> str:
    months = ("January", "February", "March", "April", "May", "June", "July", "August")
    return f"{1 + n % 28} {months[n % 8]} {2000 + n % 20}"


def title(n: int) -> str:
    return f"Lanterns for quay {n} and pier {n % 7} of the harbour"


Part = Callable[[int], str]
PARTS: dict[str, Part] = {
    "entries of a list": lambda n: (
        f'<li><p>© M. Reyes / ILO</p><h5><a href="/{n}">{title(n)}</a></h5><p>{day(n)}</p>'
        f"<p>The board of quay {n} met in the evening and agreed to all of it.</p></li>"
    ),
    "lists of one entry": lambda n: (
        f'<h3>Quay {n}</h3><ul><li><a href="/{n}">{title(n)}</a><p>{day(n)}</p></li></ul>'
    ),
    "cards": lambda n: (
        f'<div class="card"><div><a href="/{n}">{title(n)}</a></div><div>{day(n)}</div></div>'
    ),
    "paragraphs": lambda n: f'<p><a href="/{n}">{title(n)}</a></p><p>{day(n)}</p><p>It rained.</p>',
    "texts and dates": lambda n: f"<p>{day(n)}</p><p>{title(n)}</p>",
    "documents with sizes": lambda n: (
        f'<div><a href="/{n}.pdf">{title(n)}</a></div><div>pdf - {n}.{n % 10} MB</div>'
    ),
    "words of one paragraph": lambda n: f'<b>Quay {n}</b> of <a href="/{n}">the harbour</a> ',
    "lines": lambda n: f'<a href="/{n}">{title(n)}</a> {day(n)}<br>',
    "headings": lambda n: f"<h3>{title(n)}</h3><div>{day(n)}</div><p>It rained all day.</p>",
    "articles": lambda n: (
        f'<article><h3><a href="/{n}">{title(n)}</a></h3><time>{day(n)}</time></article>'
    ),
    "tables of one row": lambda n: (
        f'<table><tr><td>{day(n)}<td><a href="/{n}">{title(n)}</a><td>Notice</table>'
    ),
    "links": lambda n: f'<li><a href="/{n}">Quay {n}</a> <span>({n})</span></li>',
    "small lists": lambda n: f'<ul><li><a href="/{n}">link text here</a></li></ul>',
    "unclosed items": lambda n: f'<li><a href="/{n}">Quay {n}</a>',
    "sentences": lambda n: f"<p>The board of quay {n} met. It agreed to pier {n % 7}.</p>",
    "comments": lambda n: f'<div class="comment"><a href="/u/{n}">Ann {n}</a> {day(n)}</div>',
}
TEXTS: dict[str, Part] = {
    "numbered entries": lambda n: f"{n + 1}. {title(n)}\n\n   {day(n)}\n\n   It rained.\n\n",
    "flat entries": lambda n: f"{title(n)}\n\n{day(n)}\n\nIt rained all day.\n\n",
}


def html(part: Part, count: int) -> bytes:
    body = "".join(map(part, range(count)))
    return f"<html><body><h1>Harbour Office</h1><div>{body}</div></body></html>".encode()


def text(part: Part, count: int) -> bytes:
    return ("Harbour Office\n\nIt works.\n\n" + "".join(map(part, range(count)))).encode()


PAGES = {name: (html, part) for name, part in PARTS.items()} | {
    name: (text, part) for name, part in TEXTS.items()
}


def seconds(body: bytes) -> float:
    start = process_time()
    read_page(body)
    return process_time() - start


@pytest.mark.parametrize("name", PAGES)
def test_twice_as_much_takes_twice_as_long(name: str) -> None:
    made, part = PAGES[name]
    few, many = made(part, FEW), made(part, FEW << DOUBLINGS)
    read_page(few)  # what is loaded and kept once
    gc.disable()  # its time depends on all that other tests left
    try:
        least = [float("inf"), float("inf")]
        for _ in range(TRIES):
            least = [min(old, seconds(body)) for old, body in zip(least, (few, many), strict=True)]
            if least[1] <= MOST**DOUBLINGS * least[0]:
                break
    finally:
        gc.enable()
    assert least[1] <= MOST**DOUBLINGS * least[0]


def test_three_thousand_alike_entries_are_all_read() -> None:
    page = read_page(html(PARTS["entries of a list"], 3000))
    assert len(page.entries) == 3000
    assert page.entries[2999][1].title == title(2999)
