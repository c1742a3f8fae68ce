"""References to an entry and the capture that shows it."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.cli.formats import CITATION, load
from ilo_archive.export.citations import as_bibtex, as_csl_json, as_plain
from ilo_archive.queries.answers import (
    Cited,
)
from ilo_archive.queries.archive import Archive
from ilo_archive.queries.entry_ids import UnknownEntry
from ilo_archive.times import Precision
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item, utc, ymd

FORMATS = {name: load(writer) for name, writer in CITATION.items()}
PAGE = "http://www.ilo.org/moscow/lang--en/index.htm"
MEMENTO = f"https://web.archive.org/web/20150414103217/{PAGE}"
CITED = Cited(
    entry_id="wcms-356122-en",
    revision_id="wcms-356122-en@2718c244",
    author="ILO Moscow",
    title="Arctic school",
    date=ymd("2015-03-17"),
    date_end=None,
    language="en",
    link=item(356122),
    url=PAGE,
    archive="web.archive.org",
    uri_m=MEMENTO,
    captured_at=utc("2015-04-14T10:32:17Z"),
    precision="second",
)


def test_a_reference_in_words_ends_with_the_memento() -> None:
    assert as_plain(CITED) == (
        f"ILO Moscow. “Arctic school”. 2015-03-17. {item(356122)}."
        f" Listed on {PAGE}, captured 2015-04-14T10:32:17Z (web.archive.org). {MEMENTO}\n"
    )


@pytest.mark.parametrize(
    ("precision", "told"),
    [
        ("second", "2015-04-14T10:32:17Z"),
        ("minute", "2015-04-14T10:32Z"),
        ("day", "2015-04-14"),
        ("month", "2015-04"),
        ("year", "2015"),
    ],
)
def test_the_time_is_printed_with_its_known_precision_only(precision: Precision, told: str) -> None:
    cited = replace(CITED, precision=precision)
    assert f"captured {told} (" in as_plain(cited)
    assert f"captured {told}}}" in as_bibtex(cited)
    (reference,) = json.loads(as_csl_json(cited))
    length = {"year": 1, "month": 2}.get(precision, 3)
    assert reference["accessed"] == {"date-parts": [[2015, 4, 14][:length]]}


def test_a_reference_in_bibtex_has_every_field() -> None:
    assert as_bibtex(CITED).splitlines() == [
        "@online{wcms-356122-en-2718c244,",
        "  author = {{ILO Moscow}},",
        "  title = {{Arctic school}},",
        "  date = {2015-03-17},",
        f"  url = {{{item(356122)}}},",
        "  language = {en},",
        f"  note = {{Listed on {PAGE}, captured 2015-04-14T10:32:17Z}},",
        f"  eprint = {{{MEMENTO}}},",
        "  eprinttype = {memento},",
        "}",
    ]


def test_a_reference_in_csl_json_has_both_days_of_a_range() -> None:
    (reference,) = json.loads(as_csl_json(replace(CITED, date_end=ymd("2015-03-20"))))
    assert reference["issued"] == {"date-parts": [[2015, 3, 17], [2015, 3, 20]]}
    assert (reference["type"], reference["title"]) == ("webpage", "Arctic school")
    assert (reference["archive"], reference["archive_location"]) == ("web.archive.org", MEMENTO)
    assert reference["author"] == [{"literal": "ILO Moscow"}]


def test_missing_fields_are_omitted() -> None:
    bare = replace(CITED, title=None, date=None, language=None, link=None, uri_m=None)
    assert as_plain(bare) == (
        "ILO Moscow. (without a title). undated."
        f" Listed on {PAGE}, captured 2015-04-14T10:32:17Z (web.archive.org)\n"
    )
    assert "date = " not in as_bibtex(bare)
    assert "howpublished = {web.archive.org}" in as_bibtex(bare)
    (reference,) = json.loads(as_csl_json(bare))
    assert not {"issued", "title", "language", "archive_location"} & set(reference)
    assert reference["URL"] == PAGE


def test_every_character_of_a_title_is_escaped_for_latex() -> None:
    told = as_bibtex(replace(CITED, title=r"50% of {A} & B_c ~ \d"))
    assert (
        r"  title = {{50\% of \textbraceleft{}A\textbraceright{} \& B\_c \textasciitilde{} "
        r"\textbackslash{}d}}," in told
    )


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])), st.text())
def test_braces_of_bibtex_are_balanced_for_any_text(title: str, link: str) -> None:
    depth = 0
    for brace in re.findall(r"[{}]", as_bibtex(replace(CITED, title=title, link=link))):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_with_one_line_break(name: str) -> None:
    told = FORMATS[name](CITED)
    assert told.endswith("\n")
    assert not told.endswith("\n\n")


def test_an_entry_is_cited_by_its_last_capture_and_a_revision_by_its_own(tmp_path: Path) -> None:
    path = an_archive(
        tmp_path,
        a_snapshot("20150101", a_page(an_entry("Old", link=item(1)))),
        a_snapshot("20150201", a_page(an_entry("Old", link=item(1)))),
        a_snapshot("20150301", a_page(an_entry("New", link=item(1)))),
    )
    with Archive(path) as archive:
        latest = archive.cited("wcms-1-en")
        old = archive.story("wcms-1-en").wordings[0].revision_id
        earlier = archive.cited(old)
        assert archive.cited(latest.revision_id) == latest
        for unknown in ("wcms-2-en", "wcms-1-en@00000000", "", "\udcff"):
            with pytest.raises(UnknownEntry):
                archive.cited(unknown)
    assert (latest.title, latest.captured_at) == ("New", utc("2015-03-01T00:00:00Z"))
    assert (earlier.title, earlier.captured_at) == ("Old", utc("2015-02-01T00:00:00Z"))
    assert (latest.author, latest.url, latest.link) == ("ILO Moscow", PAGE, item(1))
