"""Comparisons to report on, and texts of hostile pages to report on."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import fields, replace
from typing import Any

from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from ilo_archive.cli.formats import COMPARISON, load
from ilo_archive.queries.answers import (
    Homepage,
    PrintedEntry,
)
from ilo_archive.queries.comparison import Change, Comparison, compare
from ilo_archive.queries.wording_changes import FieldChange
from tests.support.build import utc, ymd

FORMATS = {name: load(writer) for name, writer in COMPARISON.items()}
ITEM = "http://www.ilo.org/moscow/news/WCMS_{}/lang--en/index.htm"
MEMENTO = "https://web.archive.org/web/20150414103217/http://www.ilo.org/moscow/lang--en/index.htm"


def shown(number: int, **more: Any) -> PrintedEntry:
    """An entry with title, day and link; its position is its number by default."""
    known: dict[str, Any] = dict.fromkeys((each.name for each in fields(PrintedEntry)), None)
    known |= {
        "entry_id": f"wcms-{number}-en",
        "revision_id": f"wcms-{number}-en@{json.dumps(more, default=str)}",
        "position": number,
        "section": "News",
        "title": f"Title {number}",
        "dateline": f"{number} April 2015",
        "date": ymd(f"2015-04-{number:02}"),
        "link": ITEM.format(number),
        "is_cut": False,
        "first_seen": utc("2015-04-01T00:00:00Z"),
    }
    return PrintedEntry(**known | more)


def homepage(*entries: PrintedEntry, **more: Any) -> Homepage:
    """The Moscow page of 14 April 2015 with these entries."""
    known: dict[str, Any] = {
        "capture_id": "20150414103217-a",
        "office": "moscow",
        "language": "en",
        "page": "moscow/en",
        "url": "http://www.ilo.org/moscow/lang--en/index.htm",
        "uri_m": None,
        "archive": "moscow.warc",
        "captured_at": utc("2015-04-14T10:32:17Z"),
        "precision": "second",
        "name": "ILO Moscow",
        "description": "At work in Moscow since 1959, for nine countries.",
    }
    return Homepage(**known | more, entries=entries)


def later(*entries: PrintedEntry, **more: Any) -> Homepage:
    """The same page on 11 June 2021."""
    when = {"capture_id": "20210611090644-b", "captured_at": utc("2021-06-11T09:06:44Z")}
    return homepage(*entries, **when | more)


def example() -> Comparison:
    """One change of every kind, but of "named": Georgia and the number ten in place of nine.

    1 appeared, 2 is gone, 3 is edited, 4 moved, 5 and 6 have other credits (6 another year only),
    7 stays.
    """
    before = homepage(
        shown(2, summary="Young trade unionists met in Murmansk."),
        shown(4),
        shown(3, title="Employment policy in the spotlight"),
        shown(5, credit="© M. Crozet / ILO 2015"),
        shown(6, credit="© Rod Waddington 2015"),
        shown(7),
        uri_m=MEMENTO,
    )
    after = later(
        shown(1, date=ymd("2021-06-10"), dateline="10 June 2021", summary="A joint warning."),
        shown(3, title="Employment policy in the spotlight in Astana"),
        shown(5, credit="© Olga Sedova / ILO 2021"),
        shown(6, credit="© Rod Waddington 2021"),
        shown(7),
        shown(4, position=9),
        description="At work in Moscow since 1959, for ten countries, Georgia among them.",
    )
    return compare(before, after, 10, 27)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text report, each on one line."""
    return [" ".join(each.split()) for each in text.split("\n\n")]


def dom(report: str) -> html.HtmlElement:
    """The HTML report as a tree."""
    return html.document_fromstring(report.encode())


def words_of(node: Any) -> str:
    """The text of an element, white space folded."""
    return " ".join(node.text_content().split())


HOSTILE = [
    "<script>document.title='pwned'</script>",
    "\"><img src=x onerror=\"document.title='pwned'\">",
    "'><svg onload=document.title='pwned'><a href=javascript:alert(1)>x</a>",
    "</style></title></textarea><h1 id=pwned>x</h1><!--",
    "]]><iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "{{ 7 * 7 }}{% raw %} &lt;b&gt; &#60;b&#62;",
    "javascript:alert(document.domain)",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "http://evil.example/\" onmouseover=\"document.title='pwned'",
    "http://evil.example/a)[b](javascript:alert(1)) <b>",
    "[x](javascript:alert(1)) ![x](http://evil.example/x.png) [x][1] [1]: http://evil.example",
    "<http://evil.example/> http://evil.example www.evil.example me@evil.example",
    "# heading\n\n## another\n\n* item\n\n---\n\n    code\n\n> quote",
    "- item\n1. item\n```\ncode\n``` `code` ~~~\n|a|b|\n|-|-|\n|c|d|\n===",
    "**bold** _em_ ~~gone~~ <del>gone</del> <ins>new</ins> **](x)** \\",
    "1) one", "+ one", "    code", "\tcode", "=== ===", "--- ---", "&copy; &#x3c;b&#x3e;",
    "$x$ :a: ^b^",
    "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\ \x1b[2J\x1bc",
    "\x9b31mred \x9d0;title\x9c \x90q\x9c \x08\x08\x7f\x00",
    "\u202egpj.exe\u202c \u2066isolated\u2069 \u2028line\u2029paragraph\x85next",
    "[/bold][red]markup[/red] [link=http://evil.example]x[/link] :smile:",
    "\ud83d half a letter",
]  # fmt: skip


def filled(text: str) -> Comparison:
    """One change of every kind, with this text in every field of a page or an archive."""

    def spoilt(thing: Any, *but: str) -> Any:
        texts = [each.name for each in fields(thing) if each.name not in but]
        return replace(thing, **dict.fromkeys(texts, text))

    entry = spoilt(shown(1, date=None), "position", "credit_year", "entry_id", "date", "date_end")
    entries = (
        entry,
        replace(entry, link="http://ilo.org/" + text, date=ymd("2015-04-14"), title=f"{text} b"),
    )
    page = (FieldChange(text, text, f"{text} b"), FieldChange(text, None, text))
    changes = (
        Change("page", fields=page),
        Change("appeared", None, entries[1]),
        Change("edited", *entries, fields=page),
        Change("moved", *entries, fields=page),
        Change("credit", *entries, fields=page),
        Change("credit-year", *entries, fields=page),
        Change("gone", entries[0], None),
    )
    pages = [
        spoilt(each, "captured_at", "precision", "entries")
        for each in (homepage(entries[0]), later(entries[1]))
    ]
    pages[1] = replace(pages[1], uri_m="https://ilo.org/" + text, capture_id="other")
    return Comparison(pages[0], pages[1], changes, 1, 2, 3)


MINE = (
    "html head meta title style body main header footer section figure figcaption svg line circle"
    " h1 h2 h3 p dl dt dd div ol ul li a bdi span ins del details summary"
)
ATTRIBUTES = (
    "lang dir charset http-equiv content name class id aria-labelledby aria-label role href rel"
    " viewBox viewbox width height x1 x2 y1 y2 cx cy r"
)


def html_faults(report: str) -> list[str]:
    """What a page may not have got into a report."""
    tree = dom(report)
    elements = list(tree.iter())  # comments too, whose "tag" is a function
    faults = [str(each.tag) for each in elements if each.tag not in MINE.split()]
    for each in elements:
        faults += [str(name) for name in each.attrib if name not in ATTRIBUTES.split()]
        own = re.fullmatch(r"#[a-z]+", each.get("href", ""))
        if not own and not re.match(r"https?://", each.get("href", "http://")):
            faults.append(each.get("href", ""))
        if each.tag == "a" and not own and each.get("rel") != "noreferrer":
            faults.append("a link without rel")
    return faults


def terminal_faults(printed: str) -> set[str]:
    """Characters that act on a terminal."""
    unsafe = set(printed) & set(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
    bad = ("Cc", "Cs", "Zl", "Zp")
    return unsafe | {each for each in printed if unicodedata.category(each) in bad} - {"\n"}


RENDERERS = {
    "no html": MarkdownIt("js-default", {"html": False}),
    "html": MarkdownIt("js-default", {"html": True}),
    "commonmark": MarkdownIt("commonmark"),
}


def markdown_faults(report: str, renderer: MarkdownIt, text: str) -> list[str]:
    """Elements and links in the rendered report that it does not make itself.

    It links what stands where an address belongs.
    """
    tree = html.fragment_fromstring(renderer.render(report), create_parent="div")
    mine = ("div", "h1", "h2", "ul", "li", "p", "strong", "a", "ins", "del")
    faults = [str(each.tag) for each in tree.iter() if each.tag not in mine]
    faults += [name for each in tree.iter() for name in each.attrib if name != "href"]
    links = [each.get("href", "") for each in tree.iter("a")]
    hosts = (
        "http://ilo.org/",
        "https://ilo.org/",
        *(["http://evil.example/"] * text.startswith("http")),
    )
    return faults + [link for link in links if not link.startswith(hosts)]


STRANGE = st.text(
    st.one_of(
        st.sampled_from(
            "<>&\"'`*_[](){}#|~\\!:/.@=+-$^;1a \n\r\t\x00\x1b\x9b\x85\u2028\u202e\u2066\ud800"
        ),
        st.characters(),
    ),
    max_size=40,
)
