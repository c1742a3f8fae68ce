"""Ten list pages of structures that no other test has, with their entries written by looking.

They were written before the reader saw them, to estimate how it does on pages of others.
"""

from __future__ import annotations

from typing import NamedTuple


class Expected(NamedTuple):
    """An entry as a reader of the page would note it."""

    title: str
    date: str
    link: str | None


NEWS = (
    ("Dredging of the north channel begins", "2018-04-17"),
    ("Volunteers count herons on the mudflats", "2018-04-09"),
    ("Old customs house opens as a library", "2018-03-28"),
    ("Ferry tickets to cost less in winter", "2018-03-02"),
)
TOLD = (
    "The work will take until the summer and costs less than was thought.",
    "Forty people came with telescopes, tea and a great deal of patience.",
    "Its reading room looks over the water, and children have a floor.",
    "The board decided so on Thursday after a long and friendly debate.",
)
PRINTED = ("17 April 2018", "9 April 2018", "28 March 2018", "2 March 2018")
DOTTED = ("17.04.2018", "09.04.2018", "28.03.2018", "02.03.2018")
ISO = tuple(day for _, day in NEWS)
MENU = (
    '<div id="top"><a href="/">Start</a> | <a href="/map">Map</a> | <a href="/help">Help</a></div>'
)
FOOT = "<p><small>© 2018 Port of Lindholm. All rights reserved.</small></p>"


def _page(body: str, title: str = "Port of Lindholm") -> bytes:
    head = f'<meta charset="utf-8"><title>{title}</title>'
    return (
        f"<html><head>{head}</head><body>{MENU}<h1>{title}</h1>{body}{FOOT}</body></html>".encode()
    )


def _entries(links: str | None) -> list[Expected]:
    return [Expected(title, day, links and links.format(n)) for n, (title, day) in enumerate(NEWS)]


def _cells_as_entries() -> bytes:
    """A table in which each cell is an entry, two to a row."""
    cells = [
        f'<td><a href="/n/{n}">{title}</a><br><font size="1">{PRINTED[n]}</font><br>{TOLD[n]}</td>'
        for n, (title, _) in enumerate(NEWS)
    ]
    return _page(f"<table><tr>{cells[0]}{cells[1]}</tr><tr>{cells[2]}{cells[3]}</tr></table>")


def _accordion() -> bytes:
    """Entries that unfold, whose link is a file."""
    return _page(
        "".join(
            f"<details><summary>{title}</summary><p><b>{PRINTED[n]}</b></p><p>{TOLD[n]}</p>"
            f'<p><a href="/f/{n}.pdf">Download (PDF, 210 KB)</a></p></details>'
            for n, (title, _) in enumerate(NEWS)
        )
    )


def _rules_between() -> bytes:
    """Bold titles, dates in brackets and paragraphs between rules, without any link."""
    return _page(
        "<hr>".join(
            f"<p><b>{title}</b> ({PRINTED[n]})</p><p>{TOLD[n]}</p>"
            for n, (title, _) in enumerate(NEWS)
        )
    )


def _preformatted() -> bytes:
    """A directory of notes in preformatted text."""
    lines = "\n".join(
        f'{ISO[n]}  <a href="notes/{n}.txt">{title}</a>' for n, (title, _) in enumerate(NEWS)
    )
    return _page(f"<pre>{lines}\n</pre>")


def _blog_days() -> bytes:
    """Posts below the headings of their days, two of them on one day."""
    post = '<div class="p"><h3><a href="/n/{0}">{1}</a></h3><div>{2}</div></div>'
    posts = [post.format(n, title, TOLD[n]) for n, (title, _) in enumerate(NEWS)]
    return _page(
        f"<h2><span>Tuesday, 17 April 2018</span></h2>{posts[0]}{posts[1]}"
        f"<h2><span>Wednesday, 28 March 2018</span></h2>{posts[2]}"
        f"<h2><span>Friday, 2 March 2018</span></h2>{posts[3]}"
    )


def _messages() -> bytes:
    """The archive of a mailing list: title, author, date and time in one line."""
    names = ("Ida Holm", "Per Lund", "Ida Holm", "Åse Berg")
    return _page(
        "<ul>"
        + "".join(
            f'<li><strong><a href="msg{n}.html">{title}</a></strong>, <em>{names[n]}</em> '
            f"<small>({PRINTED[n]}, 1{n}:05)</small></li>"
            for n, (title, _) in enumerate(NEWS)
        )
        + "</ul>"
    )


def _three_rows() -> bytes:
    """Tables of old: three rows to an entry, beside an image that spans them."""
    return _page(
        '<table width="600">'
        + "".join(
            f'<tr><td rowspan="3"><img src="/i/{n}.jpg" width="90"></td>'
            f"<td><b>{PRINTED[n]}</b></td></tr>"
            f'<tr><td><a href="/n/{n}"><b>{title}</b></a></td></tr><tr><td>{TOLD[n]}</td></tr>'
            for n, (title, _) in enumerate(NEWS)
        )
        + "</table>"
    )


def _figures() -> bytes:
    """Pictures with captions that are the entries."""
    return _page(
        '<section class="g">'
        + "".join(
            f'<figure><a href="/n/{n}"><img src="/i/{n}.jpg" alt=""></a><figcaption>'
            f'<a href="/n/{n}">{title}</a><br>{DOTTED[n]} | Lindholm</figcaption></figure>'
            for n, (title, _) in enumerate(NEWS)
        )
        + "</section>"
    )


def _table_of_files() -> bytes:
    """A table whose title column has no link, with one for each language of the file."""
    rows = "".join(
        f"<tr><td>{n + 31}/2018</td><td>{title}</td><td>{DOTTED[n]}</td>"
        f'<td><a href="/d/{n}-en.pdf">EN</a> <a href="/d/{n}-da.pdf">DA</a></td></tr>'
        for n, (title, _) in enumerate(NEWS)
    )
    return _page(
        f"<table><tr><th>No.</th><th>Subject</th><th>Date</th><th>Text</th></tr>{rows}</table>"
    )


def _sheets() -> bytes:
    """Sheets of a calendar beside titles, month above day above year."""
    months = ("Apr", "Apr", "Mar", "Mar")
    return _page(
        "".join(
            f'<div class="e"><div class="s"><p>{months[n]}</p><p>{int(ISO[n][8:])}</p>'
            f"<p>2018</p></div>"
            f'<div class="t"><a href="/n/{n}"><h4>{title}</h4></a><p>{TOLD[n]}</p></div></div>'
            for n, (title, _) in enumerate(NEWS)
        )
    )


def _same_day() -> list[Expected]:
    first, second, *rest = _entries("/n/{}")
    return [first, second._replace(date="2018-04-17"), *rest]


PAGES: dict[str, tuple[bytes, list[Expected]]] = {
    "cells as entries": (_cells_as_entries(), _entries("/n/{}")),
    "accordion": (_accordion(), _entries("/f/{}.pdf")),
    "rules between": (_rules_between(), _entries(None)),
    "preformatted": (_preformatted(), _entries("notes/{}.txt")),
    "posts below days": (_blog_days(), _same_day()),
    "messages": (_messages(), _entries("msg{}.html")),
    "three rows": (_three_rows(), _entries("/n/{}")),
    "figures": (_figures(), _entries("/n/{}")),
    "table of files": (_table_of_files(), _entries("/d/{}-en.pdf")),
    "calendar sheets": (_sheets(), _entries("/n/{}")),
}
