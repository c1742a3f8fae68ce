from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections import Counter
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html
from markdown_it import MarkdownIt
from rich.cells import cell_len

from ilo_archive.cli.formats import COMPARISON, load
from ilo_archive.queries.answers import (
    Homepage,
    PrintedEntry,
)
from ilo_archive.queries.comparison import Change, Comparison, compare
from ilo_archive.queries.json_types import to_json_types
from ilo_archive.queries.wording_changes import FieldChange
from ilo_archive.report import as_atom, as_html, as_json, as_markdown, as_text
from ilo_archive.report.safe_links import web_address
from ilo_archive.report.word_diff import word_changes
from ilo_archive.text.printable import printable, safe_json
from tests.build import utc, ymd

FORMATS = {name: load(writer) for name, writer in COMPARISON.items()}
ITEM = "http://www.ilo.org/moscow/news/WCMS_{}/lang--en/index.htm"
MEMENTO = "https://web.archive.org/web/20150414103217/http://www.ilo.org/moscow/lang--en/index.htm"

# -- a small builder -----------------------------------------------------------------------


def shown(number: int, **more: Any) -> PrintedEntry:
    """An entry with a title, a day and a link; its place is its number unless told."""
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


# -- the facts, form by form ---------------------------------------------------------------


def test_text_head_names_office_captures_times_and_addresses() -> None:
    head = as_text(example()).partition("\n\nName")[0]
    assert head.splitlines() == [
        "ILO Moscow",
        "",
        "From  14 April 2015, 10:32 UTC (6 entries, moscow.warc)",
        f"      {MEMENTO}",
        "To    11 June 2021, 09:06 UTC (6 entries, moscow.warc)",
        "      http://www.ilo.org/moscow/lang--en/index.htm",
    ]


def test_text_groups_changes_in_their_order() -> None:
    headings = [line for line in as_text(example()).splitlines() if re.search(r"\(\d\)$", line)]
    assert headings == [
        "Name and description of the office (1)",
        "Named on the capture of 11 June 2021, not on that of 14 April 2015 (2)",
        "Named on the capture of 14 April 2015, not on that of 11 June 2021 (1)",
        "On the capture of 11 June 2021, not on that of 14 April 2015 (1)",
        "On both, worded differently (1)",
        "On both, at another position (1)",
        "On both, credited differently (1)",
        "On the capture of 14 April 2015, not on that of 11 June 2021 (1)",
    ]


def test_text_tells_each_change_in_its_words() -> None:
    told = paragraphs(as_text(example()))
    assert (
        "description: At work in Moscow since 1959, for [-nine-]{+ten+} countries"
        "{+, Georgia among them+}." in told
    )
    assert "country: {+Georgia (GE)+} number of countries: {+10+}" in told
    assert "number of countries: [-9-]" in told
    assert "+ Title 1 News · 10 June 2021 · wcms-1-en" in told
    assert (
        "- Title 2 News · 2 April 2015 · wcms-2-en"
        " Pushed below the fold, 6 newer entries fill the list." in told
    )
    assert any(
        each.endswith("title: Employment policy in the spotlight{+ in Astana+}") for each in told
    )
    assert any(each.endswith("from position 4 to position 9") for each in told)
    assert any(
        each.endswith("credit: © [-M. Crozet-]{+Olga Sedova+} / ILO [-2015-]{+2021+}")
        for each in told
    )


def test_text_ends_with_the_sums_and_counts_rendered_credit_years() -> None:
    assert paragraphs(as_text(example()))[-1] == (
        "1 appeared, 1 no longer there, 1 edited, 1 moved, 1 credited differently, 2 unchanged;"
        " 10 captures in between show 27 entries that are on neither page."
        " In 1 credit only the year differs: the site prints the current year."
    )
    assert "Waddington" not in as_text(example())


@pytest.mark.parametrize("name", ["text", "md", "html"])
def test_absence_is_never_worded_as_an_act(name: str) -> None:
    assert not re.search(r"delet|remov|added|new on", FORMATS[name](example()), re.IGNORECASE)


def test_color_marks_words_by_color_and_strike_instead_of_brackets() -> None:
    report = as_text(example(), color=True)
    assert "\x1b[9;31mM. Crozet\x1b[0m\x1b[32mOlga Sedova\x1b[0m" in report
    assert "[-" not in report
    assert "{+" not in report


def test_text_is_the_same_with_and_without_color_but_for_the_marks() -> None:
    same = compare(homepage(shown(1)), later(shown(2)), 0, 0)
    colored = as_text(same, color=True)
    assert colored != as_text(same)
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == as_text(same)


@pytest.mark.parametrize("width", [40, 60, 88])
def test_text_wraps_at_the_width_also_where_letters_are_wide(width: int) -> None:
    wide = compare(
        homepage(), later(shown(1, title="国际劳工组织" * 30), shown(2, title="word " * 60))
    )
    lines = as_text(wide, width=width).splitlines()
    assert all(cell_len(line) <= width for line in lines if "://" not in line)
    assert width - 5 < max(map(cell_len, lines))


def test_text_never_breaks_an_address() -> None:
    assert MEMENTO in as_text(example(), width=40)


def test_text_is_one_sentence_where_nothing_differs() -> None:
    same = compare(homepage(shown(1)), later(shown(1)), 3, 0)
    assert as_text(same, width=200) == (
        "Nothing differs between the captures of 14 April 2015 and 11 June 2021:"
        " 1 entry on both; 3 captures in between show no other entries.\n"
    )


def test_a_capture_compared_with_itself_is_called_one_capture() -> None:
    same = compare(homepage(shown(1)), homepage(shown(1)))
    assert as_text(same, width=200) == (
        "Both dates lead to the same capture (14 April 2015, 10:32 UTC): nothing to compare.\n"
    )


@pytest.mark.parametrize(
    ("precision", "known"),
    [
        ("second", "14 April 2015, 10:32 UTC"),
        ("minute", "14 April 2015, 10:32 UTC"),
        ("day", "14 April 2015"),
        ("month", "April 2015"),
        ("year", "2015"),
    ],
)
def test_capture_time_tells_what_is_known_of_it(precision: str, known: str) -> None:
    partly = compare(homepage(shown(1), precision=precision), later())
    assert f"From  {known} (1 entry, moscow.warc)" in as_text(partly).splitlines()
    assert f"- From {known}: " in as_markdown(partly)
    assert f"From {known}" in map(words_of, dom(as_html(partly)).iter("h3"))


@pytest.mark.parametrize(
    ("time", "names"),
    [
        ("2015-04-14T18:00:00Z", ("14 April 2015, 18:00 UTC", "14 April 2015, 10:32 UTC")),
        ("2015-04-14T10:32:59Z", ("14 April 2015, 10:32:59 UTC", "14 April 2015, 10:32:17 UTC")),
        ("2015-04-14T10:32:17Z", ("14 April 2015 (the second)", "14 April 2015 (the first)")),
    ],
)
def test_captures_of_one_day_are_told_apart(time: str, names: tuple[str, str]) -> None:
    report = as_text(compare(homepage(), later(shown(1), captured_at=utc(time))), width=120)
    assert f"On the capture of {names[0]}, not on that of {names[1]} (1)" in report


@pytest.mark.parametrize(
    ("days", "printed"),
    [
        ({"date": ymd("2015-09-21"), "date_end": ymd("2015-09-22")}, "21–22 September 2015"),
        ({"date": ymd("2015-04-01"), "date_end": ymd("2015-07-31")}, "1 April – 31 July 2015"),
        (
            {"date": ymd("2014-12-28"), "date_end": ymd("2015-01-03")},
            "28 December 2014 – 3 January 2015",
        ),
        ({"date": ymd("2015-04-24"), "place": "Harbour City"}, "24 April 2015, Harbour City"),
        ({"date": None, "dateline": "in the spring"}, "in the spring"),
    ],
)
def test_entry_shows_its_date_with_range_and_place(days: dict[str, Any], printed: str) -> None:
    report = as_text(compare(homepage(), later(shown(1, **days))))
    assert f"  News · {printed} · wcms-1-en" in report.splitlines()


def test_move_to_another_section_names_both() -> None:
    entries = shown(1), shown(1, position=2, section=None)
    moved = Comparison(
        homepage(entries[0]), later(entries[1]), (Change("moved", *entries),), unchanged=0
    )
    assert "from position 1 of “News” to position 2 of a list without a heading" in as_text(moved)


def test_entry_without_a_title_is_told_as_such() -> None:
    bare = compare(homepage(), later(shown(1, title=None)))
    assert "+ (no title)" in as_text(bare)
    assert "- **[(no title)](http" in as_markdown(bare)
    assert "(no title)" in map(words_of, dom(as_html(bare)).iter("h3"))


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


def test_html_tells_each_change_under_its_heading() -> None:
    tree = dom(as_html(example()))
    told = {each.get("class"): words_of(each) for each in tree.iter("section")}
    assert "for nineten countries, Georgia among them." in told["page"]
    assert "Country Georgia (GE) Number of countries 10" in told["named"]
    assert told["not-named"].endswith("not on that of 11 June 2021 (1) Number of countries 9")
    assert "On the capture of 11 June 2021, not on that of 14 April 2015" in told["appeared"]
    assert "A joint warning." in told["appeared"]
    assert "Young trade unionists met in Murmansk." in told["gone"]
    assert "Moved from position 4 to position 9." in told["moved"]
    assert [words_of(each) for each in tree.iter("ins")] == [
        "ten", ", Georgia among them", "Georgia (GE)", "10", "in Astana", "Olga Sedova", "2021",
    ]  # fmt: skip
    assert [words_of(each) for each in tree.iter("del")] == ["nine", "9", "M. Crozet", "2015"]


def test_html_cites_both_captures() -> None:
    tree = dom(as_html(example()))
    cited = [words_of(each) for each in tree.cssselect(".capture")]
    assert cited[0].startswith(
        f"From 14 April 2015, 10:32 UTC Memento {MEMENTO} Page http://www.ilo"
    )
    assert "To 11 June 2021, 09:06 UTC Memento none (read from a file)" in cited[1]


def test_html_headings_do_not_skip_a_level() -> None:
    levels = [
        int(str(each.tag)[1]) for each in dom(as_html(example())).iter("h1", "h2", "h3", "h4")
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_html_asks_for_nothing_and_allows_nothing_but_its_own_style() -> None:
    tree = dom(as_html(example()))
    policy = tree.cssselect('meta[http-equiv="Content-Security-Policy"]')[0].get("content")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert not tree.xpath("//script | //link | //iframe | //object | //@src | //@style")
    assert not re.search(r"url\(|@import", "".join(tree.xpath("//style/text()")))


@pytest.mark.parametrize(
    ("language", "attributes"),
    [
        ("ar", {"lang": "ar", "dir": "rtl"}),
        ("ru", {"lang": "ru", "dir": "auto"}),
        (None, {"lang": "", "dir": "auto"}),
        ('"><b>', {"lang": "", "dir": "auto"}),
    ],
)
def test_html_gives_page_text_its_language_and_direction(
    language: str | None, attributes: dict[str, str]
) -> None:
    pages = homepage(language=language), later(shown(1, summary="نص"), language=language)
    tree = dom(as_html(compare(*pages)))
    for each in tree.cssselect("h1, li h3, .summary"):
        assert {name: each.get(name) for name in ("lang", "dir")} == attributes
    assert tree.get("lang") == "en"


def test_html_joins_the_places_of_an_entry_on_both_captures() -> None:
    tree = dom(as_html(compare(homepage(shown(1), shown(2)), later(shown(3), shown(2), shown(1)))))
    marks = [(each.get("class"), words_of(each)) for each in tree.iter("circle")]
    assert marks == [
        ("shared", "Title 1"), ("shared", "Title 2"),
        (None, "Title 3"), ("shared", "Title 2"), ("shared", "Title 1"),
    ]  # fmt: skip
    assert sorted(each.get("class") or "" for each in tree.iter("line")) == ["", "moved"]


def test_json_says_what_the_comparison_holds() -> None:
    compared = example()
    told = json.loads(as_json(compared))
    changes = told.pop("changes")
    assert told == {
        "schema": 1,
        "office": "moscow",
        "from": told["from"],
        "to": told["to"],
        "unchanged": 2,
        "captures_between": 10,
        "passed": 27,
        "differs": True,
    }
    assert told["from"]["captured_at"] == "2015-04-14T10:32:17Z"
    assert told["from"]["uri_m"] == MEMENTO
    assert told["to"]["name"] == "ILO Moscow"
    assert told["to"]["entries"] == 6
    assert [(each["kind"], each["weight"], each["entry_id"]) for each in changes] == [
        ("page", 3, None),
        ("named", 3, None),
        ("named", 3, None),
        ("not-named", 3, None),
        ("appeared", 3, "wcms-1-en"),
        ("edited", 2, "wcms-3-en"),
        ("credit", 1, "wcms-5-en"),
        ("credit-year", 0, "wcms-6-en"),
        ("moved", 1, "wcms-4-en"),
        ("gone", 3, "wcms-2-en"),
    ]
    assert changes[1]["fields"] == [{"field": "country", "before": None, "after": "Georgia (GE)"}]
    assert changes[5]["fields"] == [
        {
            "field": "title",
            "before": "Employment policy in the spotlight",
            "after": "Employment policy in the spotlight in Astana",
        }
    ]
    assert changes[4]["before"] is None
    assert changes[4]["after"] == to_json_types(compared.after.entries[0])


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


def test_atom_without_a_change_is_an_empty_feed_that_says_so() -> None:
    tree = feed(compare(homepage(shown(1)), later(shown(1))))
    assert tree.findall("a:entry", ATOM) == []
    assert "Nothing differs" in (tree.findtext("a:subtitle", namespaces=ATOM) or "")


@pytest.mark.parametrize("name", FORMATS)
def test_every_form_ends_with_one_line_break(name: str) -> None:
    report = FORMATS[name](example())
    assert report.endswith("\n")
    assert not report.endswith("\n\n")


def test_importing_the_package_loads_no_library() -> None:
    heavy = "{'jinja2', 'rapidfuzz', 'rich', 'sqlalchemy'} & set(sys.modules)"
    script = f"import sys, ilo_archive.report; print({heavy} or 'none')"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "none\n"


# -- words ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ("the old house", "the new house", ["the ", "-old", "+new", " house"]),
        ("a quick brown fox", "a slow red fox", ["a ", "-quick brown", "+slow red", " fox"]),
        ("18 countries", "20 countries", ["-18", "+20", " countries"]),
        ("Albania, Bulgaria", "Albania, Bulgaria.", ["Albania, Bulgaria", "+."]),
        ("COVID-19 crisis", "COVID-20 crisis", ["-COVID-19", "+COVID-20", " crisis"]),
        ("国际劳工组织北京局", "国际劳工组织驻北京局", ["国际劳工组织", "+驻", "北京局"]),
        ("東京事務所の案内", "東京事務所の紹介", ["東京事務所の", "-案内", "+紹介"]),
        ("งานที่มีคุณค่า", "งานที่ดีมีคุณค่า", ["งานที่", "+ดี", "มีคุณค่า"]),
        (
            "one thing entirely",
            "quite another matter",
            ["-one thing entirely", "+quite another matter"],
        ),
        ("same", "same", ["same"]),
        (None, "new", ["+new"]),
        ("gone", None, ["-gone"]),
        (None, None, []),
        ("", None, []),
    ],
)
def test_words_that_changed(before: str | None, after: str | None, parts: list[str]) -> None:
    signs = {"same": "", "gone": "-", "new": "+"}
    assert [signs[kind] + text for kind, text in word_changes(before, after)] == parts


TEXTS = st.text(st.one_of(st.sampled_from(" ab,.国ท่\u0301\u200d"), st.characters()))


@given(TEXTS, TEXTS)
def test_parts_join_to_both_wordings(before: str, after: str) -> None:
    parts = word_changes(before, after)
    assert "".join(text for kind, text in parts if kind != "new") == before
    assert "".join(text for kind, text in parts if kind != "gone") == after
    assert all(text for _, text in parts)


def test_two_texts_of_a_million_words_are_not_compared_word_by_word() -> None:
    texts = "one " * 1_000_000, "two " * 1_000_000
    assert [kind for kind, _ in word_changes(*texts)] == ["gone", "new"]


# -- text of strangers ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("\x1b[31mred\x1b]0;title\x07", "\ufffd[31mred\ufffd]0;title\ufffd"),
        ("\x9b31m\x90", "\ufffd31m\ufffd"),
        ("2015\x962016", "2015\ufffd2016"),
        ("a\x00b\x7f", "a\ufffdb\ufffd"),
        (
            "one\ntwo\r\nthree\tfour\u2028five\u2029six\x85seven",
            "one two three four five six seven",
        ),
        ("safe\u202eexe.\u2066txt\u2069", "safeexe.txt"),
        ("half \ud800 a letter", "half \ufffd a letter"),
        ("می\u200cخواهم 👩\u200d💻 नमस्ते", "می\u200cخواهم 👩\u200d💻 नमस्ते"),
    ],
)
def test_printable(text: str, printed: str) -> None:
    assert printable(text) == printed


def test_safe_json_keeps_the_value() -> None:
    value = {"title": "a\x9b\u202e\u2066\u2028\x7fß\x1b"}
    written = safe_json(json.dumps(value, ensure_ascii=False))
    assert written == r'{"title": "a\u009b\u202e\u2066\u2028\u007fß\u001b"}'
    assert json.loads(written) == value


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://www.ilo.org/a_b?c=d&e#f", "http://www.ilo.org/a_b?c=d&e#f"),
        ('https://ilo.org/a b<c>(d)"e\\f', "https://ilo.org/a%20b%3Cc%3E%28d%29%22e%5Cf"),
        ("HTTP://ilo.org/é", "HTTP://ilo.org/%C3%A9"),
        ("javascript:alert(1)", None),
        (" \x01javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//ilo.org/", None),
        ("http:alert(1)", None),
        ("http://[", None),
        (None, None),
    ],
)
def test_only_web_addresses_become_links(url: str | None, address: str | None) -> None:
    assert web_address(url) == address


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
    """One change of every kind, this text in every field that a page or an archive gives."""

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
    " h1 h2 h3 p dl dt dd div ol ul li a bdi span ins del"
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
        if not re.match(r"https?://", each.get("href", "http://")):
            faults.append(each.get("href", ""))
        if each.tag == "a" and each.get("rel") != "noopener noreferrer nofollow":
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


@pytest.mark.parametrize("text", HOSTILE)
def test_no_page_adds_to_the_html_report(text: str) -> None:
    assert html_faults(as_html(filled(text))) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_every_page_gives_the_html_report_the_same_elements(text: str) -> None:
    def elements(report: str) -> Counter[Any]:
        return Counter(
            each.tag for each in dom(report).iter() if each.tag not in ("a", "ins", "del")
        )

    assert elements(as_html(filled(text))) == elements(as_html(filled("plain text")))


@pytest.mark.parametrize("text", [*HOSTILE, "\ufffe \uffff"])
def test_no_page_adds_to_the_atom_report(text: str) -> None:
    def elements(comparison: Comparison) -> Counter[Any]:
        tags = Counter(str(each.tag) for each in feed(comparison).iter())
        return Counter({tag: tags[tag] for tag in tags if not re.search(r"link|span|ins|del", tag)})

    assert elements(filled(text)) == elements(filled("plain text"))
    for link in feed(filled(text)).iterfind(".//a:link", ATOM):
        assert re.match(r"https?://", link.get("href", ""))


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


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_page_acts_on_the_terminal(text: str, color: bool) -> None:
    printed = as_text(filled(text), color=color)
    own = re.compile(r"\x1b\[(?:0|1|2|3[12]|1;3[12]|9;31)m" if color else r"(?!)")
    assert terminal_faults(own.sub("", printed)) == set()


@pytest.mark.parametrize("name", ["md", "html", "json", "atom"])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_form_acts_on_the_terminal_it_is_shown_on(text: str, name: str) -> None:
    assert terminal_faults(FORMATS[name](filled(text))) == set()


@pytest.mark.parametrize("text", HOSTILE)
def test_json_keeps_every_text_as_it_was(text: str) -> None:
    told = json.loads(as_json(filled(text)))
    assert told["from"]["name"] == text
    assert told["changes"][1]["after"]["summary"] == text
    assert told["changes"][0]["fields"][1] == {"field": text, "before": None, "after": text}


STRANGE = st.text(
    st.one_of(
        st.sampled_from(
            "<>&\"'`*_[](){}#|~\\!:/.@=+-$^;1a \n\r\t\x00\x1b\x9b\x85\u2028\u202e\u2066\ud800"
        ),
        st.characters(),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=60)
@given(STRANGE)
def test_any_text_is_only_text_in_every_form(text: str) -> None:
    compared = filled(text)
    for form in FORMATS.values():
        report = form(compared)
        report.encode()
        assert terminal_faults(report) == set()
    assert html_faults(as_html(compared)) == []
    assert json.loads(as_json(compared))["from"]["description"] == text


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


# -- a browser -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> str:
    """Headless Chromium; a machine without it skips, but not the one that decides."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        assert not os.environ.get("CI"), "no chromium: the report must be seen in a browser"
        pytest.skip("no chromium")
    return found


def opened(browser: str, page: Path, profile: Path) -> html.HtmlElement:
    """The page after Chromium has opened it and run what it would run."""
    flags = "headless no-sandbox disable-gpu no-first-run disable-background-networking"
    flags += " disable-component-update disable-sync dump-dom"
    command = [browser, *(f"--{flag}" for flag in flags.split()), f"--user-data-dir={profile}"]
    done = subprocess.run(
        [*command, page.as_uri()], capture_output=True, timeout=120, check=True, text=True
    )
    return dom(done.stdout)


@pytest.mark.slow
def test_browser_runs_nothing_that_a_page_brought(browser: str, tmp_path: Path) -> None:
    text = " ".join(HOSTILE[:5])
    bare = tmp_path / "bare.html"
    bare.write_text(f"<title>bare</title>{text}", encoding="utf-8")
    assert opened(browser, bare, tmp_path / "one").findtext(".//title") == "pwned"

    report = as_html(filled(text))
    page = tmp_path / "report.html"
    page.write_text(report, encoding="utf-8")
    seen = opened(browser, page, tmp_path / "two")
    assert seen.findtext(".//title") == dom(report).findtext(".//title")
    assert seen.xpath("//*[@id='pwned'] | //script | //img | //iframe") == []
    assert html_faults(html.tostring(seen, encoding="unicode")) == []
