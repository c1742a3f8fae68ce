"""Markup is only a hint: the same visible parts under other markup give the same reading."""

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from ilo_archive.reader.charset import charset_of
from ilo_archive.reader.page import as_record, read_page

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parent / "fixtures"
FOLDERS = ("moscow", "wcms", "cards", "plain", "old", "whole")
PAGES = [p.with_suffix(".html") for f in FOLDERS for p in sorted((FIXTURES / f).glob("*.json"))]

Change = Callable[[etree._Element], None]


def reading(body: bytes) -> dict[str, Any]:
    record = as_record(read_page(body, "http://www.ilo.org/office/index.htm"), "page")
    del record["template"]
    # Every page that was changed is written out with its end.
    record["warnings"] = [each for each in record["warnings"] if "has no end" not in each]
    return json.loads(json.dumps(record))  # type: ignore[no-any-return]


def changed(body: bytes, change: Change) -> bytes:
    text = body.decode(charset_of(body, None, []).name, "replace")
    root = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    for meta in root.iter("meta"):
        meta.attrib.clear()
    change(root)
    return html.tostring(root, encoding="utf-8", doctype="<!doctype html>")


def elements(root: etree._Element, *tags: str) -> list[etree._Element]:
    return [each for each in root.iter(*tags) if isinstance(each.tag, str)]


def with_other_classes(root: etree._Element) -> None:
    names: dict[str, str] = {}
    unknown = ("".join(letters) for letters in product("hjkq", repeat=5))
    for each in elements(root):
        if found := each.get("class"):
            each.set("class", names.get(found) or names.setdefault(found, next(unknown)))


def with_attributes_in_another_order(root: etree._Element) -> None:
    for each in elements(root):
        pairs = list(each.attrib.items())[::-1]
        each.attrib.clear()
        for name, value in pairs:
            each.set(name, value)


def with_wrappers_inside(root: etree._Element) -> None:
    for each in elements(root, "li", "td", "article", "section"):
        inner = etree.Element("div")
        inner.text, each.text = each.text, None
        inner.extend(list(each))
        each.append(inner)


def with_lists_in_sections(root: etree._Element) -> None:
    for each in elements(root, "ol", "ul", "table"):
        parent = each.getparent()
        if parent is not None:
            outer = etree.Element("section")
            outer.tail, each.tail = each.tail, None
            parent.replace(each, outer)
            outer.append(each)


def with_other_inline_tags(root: etree._Element) -> None:
    for each in elements(root, "span", "em", "i", "small", "time"):
        each.tag = {"span": "label", "em": "i", "i": "em"}.get(str(each.tag), "span")


def with_white_space(root: etree._Element) -> None:
    for each in elements(root, "p", "li", "h1", "h2", "h3", "h4", "h5", "td"):
        each.text = f"\n\t  {each.text or ''}"
        each.tail = f"\n\n{each.tail or ''}"


@pytest.mark.parametrize(
    "change",
    [
        with_attributes_in_another_order,
        with_wrappers_inside,
        with_lists_in_sections,
        with_other_inline_tags,
        with_white_space,
    ],
    ids=lambda change: change.__name__,
)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_the_same_parts_under_other_markup_read_the_same(page: Path, change: Change) -> None:
    body = page.read_bytes()
    assert reading(changed(body, change)) == reading(body)


@pytest.mark.parametrize(
    "page",
    PAGES,
    ids=lambda page: f"{page.parent.name}/{page.name}",
)
def test_a_page_with_unknown_classes_reads_the_same(page: Path) -> None:
    body = page.read_bytes()
    assert reading(changed(body, with_other_classes)) == reading(body)
