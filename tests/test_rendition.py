"""The plain text of a page, as Resiliparse extracts it, says what its HTML says."""

import json
from pathlib import Path
from typing import Any

import pytest
from resiliparse.extract.html2text import extract_plain_text

from ilo_archive.reader.charset import charset_of
from ilo_archive.reader.page import as_record, read_page

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parent / "fixtures"
FOLDERS = ("moscow", "wcms", "cards", "plain", "old")
PAGES = [p.with_suffix(".html") for f in FOLDERS for p in sorted((FIXTURES / f).glob("*.json"))]
LISTED = [page for page in PAGES if page.parent.name in ("moscow", "wcms")]


def name_of(page: Path) -> str:
    return f"{page.parent.name}/{page.stem}"


def rendition(page: Path, *, main_content: bool) -> bytes:
    body = page.read_bytes()
    text = extract_plain_text(
        body.decode(charset_of(body, None, []).name, "replace"),
        main_content=main_content,
        alt_texts=False,
        links=False,
    )
    return str(text).encode()


def reading(body: bytes) -> dict[str, Any]:
    """What a page says, links and images aside."""
    record = json.loads(json.dumps(as_record(read_page(body), "page")))
    for section in record["sections"]:
        for entry in section["entries"]:
            del entry["link"], entry["image"]
    return {name: record[name] for name in ("office", "description", "language", "sections")}


# Numbered lists of bare links: where menus are kept they look like lists of titles.
LINK_BOXES = {
    "moscow/20161109213004": "Quick links",
    "moscow/20170921113006": "Quick links",
    "moscow/20180517064451": "Quick links",
}

# What a text without lists does not tell: `bare`, headings and elements are gone.
UNTOLD = {
    "cards/newsroom-2024": "cut page: the last summary is no sentence; the name is a heading",
    "plain/brasilia-2019": "entries without a date",
    "plain/budapest-2013": "the office stands above the first title as a kicker does",
    "plain/colombo-2023": "entries without a date",
    "plain/dakar-2014": "the description stands below the last summary",
    "plain/hanoi-2011": "entries without a date",
    "plain/jakarta-2024": "entries without a date",
    "plain/rome-2016": "entries without a date",
    "old/lisbon-2005": "entries without a date",
    "plain/beirut-2021": "parts of one line",
    "plain/bern-2019": "documents without a date",
    "plain/caracas-2021": "parts of one line",
    "plain/harare-2017": "documents without a date",
    "plain/islamabad-2015": "documents without a date",
    "plain/lima-2021": "names of columns",
    "plain/rome-2023": "parts of one line",
    "plain/tokyo-2022": "parts of one line",
    "plain/vienna-2023": "parts of one line",
    "old/bangkok-2003": "parts of one line",
}


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(
            page,
            id=name_of(page),
            marks=pytest.mark.xfail(reason=UNTOLD[name_of(page)], strict=True)
            if name_of(page) in UNTOLD
            else (),
        )
        for page in PAGES
    ],
)
def test_the_whole_text_of_a_page_reads_as_its_html(page: Path) -> None:
    expected, got = reading(page.read_bytes()), reading(rendition(page, main_content=False))
    if box := LINK_BOXES.get(name_of(page)):
        assert got["sections"].pop()["heading"] == box
    assert got == expected


# The last list of a side column, which the extractor takes for no main content.
DROPPED = {name_of(page): "Key resources" for page in LISTED if page.parent.name == "moscow"} | {
    "moscow/20150414103355": "Основные материалы",
    "wcms/rome-2016": "Risorse",
}


@pytest.mark.parametrize("page", LISTED, ids=name_of)
def test_the_main_text_of_a_page_reads_as_its_html_without_a_side_box(page: Path) -> None:
    expected, got = reading(page.read_bytes()), reading(rendition(page, main_content=True))
    if box := DROPPED.get(name_of(page)):
        assert expected["sections"].pop()["heading"] == box
    assert got == expected
