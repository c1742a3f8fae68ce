"""The report as an Atom feed."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from lxml import etree

from ilo_archive.queries.comparison import Comparison, compare
from ilo_archive.report import as_atom
from tests.support.reports import HOSTILE, ITEM, MEMENTO, example, filled, homepage, later, shown

ATOM = {"a": "http://www.w3.org/2005/Atom", "x": "http://www.w3.org/1999/xhtml"}


def feed(comparison: Comparison) -> etree._Element:
    return etree.fromstring(as_atom(comparison).encode())


def test_atom_has_an_entry_for_each_change_that_weighs() -> None:
    tree = feed(example())
    assert tree.findtext("a:title", namespaces=ATOM) == "ILO Moscow"
    assert tree.findtext("a:updated", namespaces=ATOM) == "2021-06-11T09:06:44Z"
    titles = [each.text for each in tree.iterfind("a:entry/a:title", ATOM)]
    assert titles == [
        "Office described differently: description",
        "Named: country Georgia (GE)",
        "Named: number of countries 10",
        "No longer named: number of countries 9",
        "Appeared: Title 1",
        "Worded differently: Employment policy in the spotlight in Astana",
        "Moved: Title 4",
        "Credited differently: Title 5",
        "No longer there: Title 2",
    ]
    edited = tree.findall("a:entry", ATOM)[5]
    assert edited.findtext(".//x:ins", namespaces=ATOM) == " in Astana"
    links = {each.get("rel"): each.get("href") for each in edited.iterfind("a:link", ATOM)}
    assert links == {"alternate": ITEM.format(3), "via": MEMENTO}


def test_atom_has_what_rfc_4287_asks_of_a_feed_and_of_an_entry() -> None:
    tree = feed(example())
    assert tree.tag == "{http://www.w3.org/2005/Atom}feed"
    for each in (tree, *tree.iterfind("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(each.findall(f"a:{name}", ATOM)) == 1
    assert tree.findtext("a:author/a:name", namespaces=ATOM) == "moscow.warc"
    ids = [each.text for each in tree.iterfind(".//a:id", ATOM)]
    assert len(set(ids)) == len(ids)
    assert all(each and each.startswith("urn:uuid:") for each in ids)


def test_atom_ids_stay_and_are_those_of_the_captures_compared() -> None:
    def ids(comparison: Comparison) -> list[str | None]:
        return [each.text for each in feed(comparison).iterfind(".//a:id", ATOM)]

    assert ids(example()) == ids(example())
    other = ids(compare(homepage(shown(2)), later(capture_id="another")))
    assert other[0] == ids(example())[0]  # the feed is of the page
    assert not set(other[1:]) & set(ids(example()))


def test_atom_without_a_change_is_an_empty_feed() -> None:
    tree = feed(compare(homepage(shown(1)), later(shown(1))))
    assert tree.findall("a:entry", ATOM) == []
    assert "Nothing differs" in (tree.findtext("a:subtitle", namespaces=ATOM) or "")


@pytest.mark.parametrize("text", [*HOSTILE, "\ufffe \uffff"])
def test_no_page_adds_to_the_atom_report(text: str) -> None:
    def elements(comparison: Comparison) -> Counter[Any]:
        tags = Counter(str(each.tag) for each in feed(comparison).iter())
        return Counter({tag: tags[tag] for tag in tags if not re.search(r"link|span|ins|del", tag)})

    assert elements(filled(text)) == elements(filled("plain text"))
    for link in feed(filled(text)).iterfind(".//a:link", ATOM):
        assert re.match(r"https?://", link.get("href", ""))
