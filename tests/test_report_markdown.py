"""The report as Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from lxml import html
from markdown_it import MarkdownIt

from ilo_archive.queries.comparison import compare
from ilo_archive.report import as_markdown
from ilo_archive.text.printable import printable
from tests.support.reports import (
    HOSTILE,
    ITEM,
    MEMENTO,
    RENDERERS,
    STRANGE,
    example,
    filled,
    homepage,
    later,
    markdown_faults,
    shown,
    words_of,
)


def test_markdown_links_titles_and_cites_both_captures() -> None:
    report = as_markdown(example())
    assert f"- From 14 April 2015, 10:32 UTC: <{MEMENTO}> in moscow\\.warc, 6 entries\n" in report
    assert f"- **[Title 1]({ITEM.format(1)})**\n" in report
    assert "- title: Employment policy in the spotlight<ins> in Astana</ins>\n" in report
    assert (
        "© <del>M. Crozet</del><ins>Olga Sedova</ins> / ILO <del>2015</del><ins>2021</ins>"
        in report
    )
    assert "Young trade unionists met in Murmansk." in report
    assert (
        "## Named on the capture of 11 June 2021, not on that of 14 April 2015 (2)\n\n"
        "- country: <ins>Georgia (GE)</ins>\n- number of countries: <ins>10</ins>\n" in report
    )


@pytest.mark.parametrize("renderer", RENDERERS.values(), ids=RENDERERS)
@pytest.mark.parametrize("text", HOSTILE)
def test_no_page_adds_to_the_markdown_report(text: str, renderer: MarkdownIt) -> None:
    assert markdown_faults(as_markdown(filled(text)), renderer, text) == []


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("see http://evil.example/a", r"see http\://evil\.example/a"),
        ("see www.evil.example", r"see www\.evil\.example"),
        ("see WWW.", r"see WWW\."),  # observed: cmark-gfm links it
        ("write to me@evil.example", r"write to me@&#8288;evil\.example"),
        ("Geneva. Unions met: 3.5 per cent.", r"Geneva. Unions met: 3\.5 per cent."),
    ],
)
def test_github_finds_no_address_to_link_in_markdown(text: str, source: str) -> None:
    report = as_markdown(compare(homepage(), later(shown(1, summary=text))))
    assert f"  {source}" in report.splitlines()


@settings(deadline=None, max_examples=200)
@given(STRANGE)
def test_markdown_reads_back_as_the_text_of_the_page(text: str) -> None:
    entry = shown(1, title=None, summary=f"{text} .")
    rendered = RENDERERS["html"].render(as_markdown(compare(homepage(), later(entry))))
    summary = html.fragment_fromstring(rendered, create_parent="div").xpath("//li/p")[-1]
    assert words_of(summary).replace("\u2060", "") == " ".join(
        f"{printable(text)} .".split()
    ).replace("\u2060", "")
    assert len(summary) == 0
