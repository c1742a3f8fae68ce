"""References to entries, pages, descriptions and captures, with the capture that proves each."""

import json
import re
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string

from ilo_archive.cli.formats import CITATION, load
from ilo_archive.export.bibliographies import as_bibtex, as_csl_json, as_ris
from ilo_archive.export.citations import as_prose, as_robust_links, pwid
from ilo_archive.queries.answers import Cited
from ilo_archive.queries.archive import Archive
from ilo_archive.queries.cited import UnknownCapture
from ilo_archive.queries.entry_ids import UnknownEntry
from ilo_archive.queries.pages import NoCapture
from ilo_archive.times import Precision
from tests.support.answers import Ask
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item, utc, ymd

with warnings.catch_warnings():  # citeproc's own strings
    warnings.simplefilter("ignore")
    from citeproc import (
        Citation,
        CitationItem,
        CitationStylesBibliography,
        CitationStylesStyle,
        formatter,
    )
    from citeproc.source.json import CiteProcJSON

FORMATS = {name: load(writer) for name, writer in CITATION.items()}
PAGE = "http://www.ilo.org/moscow/lang--en/index.htm"
MEMENTO = f"https://web.archive.org/web/20150414103217/{PAGE}"
CITED = Cited(
    kind="entry",
    id="wcms-356122-en@2718c244",
    author="ILO Moscow",
    title="Arctic school",
    date=ymd("2015-03-17"),
    date_end=None,
    place="Murmansk",
    text="It opened.",
    language="en",
    link=item(356122),
    url=PAGE,
    archive="web.archive.org",
    uri_m=MEMENTO,
    capture_id="20150414103217-ABC",
    captured_at=utc("2015-04-14T10:32:17Z"),
    precision="second",
    digest="ABC",
)
BARE = replace(
    CITED, title=None, date=None, place=None, text=None, language=None, link=None, uri_m=None
)  # fmt: skip
PROVENANCE = (
    f"Listed on {PAGE}, captured 14 April 2015, 10:32 UTC"
    " (web.archive.org, capture 20150414103217-ABC, SHA-1 ABC)"
)
PWID = f"urn:pwid:archive.org:2015-04-14T10:32:17Z:page:{PAGE}"


def test_a_reference_in_words_ends_with_the_memento_and_the_pwid() -> None:
    assert as_prose([CITED]) == (
        f"ILO Moscow. “Arctic school”. 17 March 2015, Murmansk. {item(356122)}."
        f" {PROVENANCE}. {MEMENTO}. {PWID}\n"
    )


def test_quotation_marks_of_a_title_become_inner_ones() -> None:
    prose = as_prose([replace(CITED, title="“Cataclysmic” crisis, says the ILO’s head")])
    assert "“‘Cataclysmic’ crisis, says the ILO’s head”" in prose


def test_the_address_of_the_archive_comes_first_by_choice() -> None:
    assert f"Murmansk. {MEMENTO}. {PROVENANCE}. Original: {item(356122)}." in as_prose(
        [CITED], archive_url=True
    )
    assert f"url = {{{MEMENTO}}}" in as_bibtex([CITED], archive_url=True)
    assert json.loads(as_csl_json([CITED], archive_url=True))[0]["URL"] == MEMENTO
    assert f"UR  - {MEMENTO}\n" in as_ris([CITED], archive_url=True)


def test_a_fault_of_the_record_is_part_of_the_reference() -> None:
    faulty = replace(CITED, fault="digest does not fit")
    for write in FORMATS.values():
        if write is not as_robust_links:
            assert "digest does not fit" in write([faulty])


@pytest.mark.parametrize(
    ("precision", "printed", "day"),
    [
        ("minute", "14 April 2015, 10:32 UTC", [2015, 4, 14]),
        ("day", "14 April 2015", [2015, 4, 14]),
        ("month", "April 2015", [2015, 4]),
        ("year", "2015", [2015]),
    ],
)
def test_the_time_is_printed_with_its_known_precision_only(
    precision: Precision, printed: str, day: list[int]
) -> None:
    cited = replace(CITED, precision=precision)
    assert f"captured {printed} (" in as_prose([cited])
    (reference,) = json.loads(as_csl_json([cited]))
    assert reference["accessed"] == {"date-parts": [day]}
    assert parse_string(as_bibtex([cited]), "bibtex").entries
    assert f"urldate = {{{'-'.join(f'{each:02}' for each in day)}}}" in as_bibtex([cited])


def test_a_bibtex_processor_reads_every_field() -> None:
    """Biblatex's fields, with a title in which every character means something to LaTeX."""
    title = r"50% of {A} & B_c ~ \d #1 $x^2$"
    text = as_bibtex([replace(CITED, title=title), replace(CITED, kind="page", id="another")])
    entries = parse_string(text, "bibtex").entries
    assert list(entries) == ["wcms-356122-en-2718c244", "page-another"]
    fields = entries["wcms-356122-en-2718c244"].fields
    assert {name: fields[name] for name in ("date", "urldate", "langid", "eprinttype")} == {
        "date": "2015-03-17", "urldate": "2015-04-14", "langid": "english", "eprinttype": "memento",
    }  # fmt: skip
    assert (fields["url"], fields["eprint"]) == (item(356122), MEMENTO)
    marked = re.sub(r"\\([&%$#_])", r"\1", fields["title"][1:-1])
    names = {"backslash": "\\", "asciitilde": "~", "asciicircum": "^"}
    names |= {"braceleft": "{", "braceright": "}"}
    assert re.sub(r"\\text(\w+)\{\}", lambda found: names[found[1]], marked) == title


def test_a_csl_processor_prints_the_reference() -> None:
    ranged = replace(CITED, date_end=ymd("2015-03-20"))
    items = json.loads(as_csl_json([ranged]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        library = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
        library.register(Citation([CitationItem(items[0]["id"])]))
        printed = str(library.bibliography()[0])
    assert "ILO Moscow" in printed
    assert "Arctic school" in printed
    assert items[0]["issued"] == {"date-parts": [[2015, 3, 17], [2015, 3, 20]]}
    assert items[0]["archive_location"] == MEMENTO


def test_ris_has_a_tag_a_line_and_ends_each_record() -> None:
    lines = as_ris([CITED, BARE]).splitlines()
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines if line)
    assert lines[0] == "TY  - ELEC"
    assert lines.count("ER  - ") == 2
    assert {"DA  - 2015/03/17/", "Y2  - 2015/04/14", f"AV  - {MEMENTO}"} <= set(lines)


def test_robust_links_have_both_addresses_and_the_time() -> None:
    (link,) = as_robust_links([replace(CITED, title='A "B" <i>')]).splitlines()
    assert link.startswith("<a ")
    assert f'data-originalurl="{PAGE}"' in link
    assert f'data-versionurl="{MEMENTO}"' in link
    assert 'data-versiondate="2015-04-14T10:32:17Z"' in link
    assert "<i>" not in link


def test_missing_fields_are_omitted() -> None:
    assert pwid(BARE) is None
    assert "undated" in as_prose([BARE])
    assert "\n  date = " not in as_bibtex([BARE])
    (reference,) = json.loads(as_csl_json([BARE]))
    assert not {"issued", "language", "archive_location", "abstract"} & set(reference)
    assert reference["URL"] == PAGE


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])), st.text())
def test_braces_of_bibtex_are_balanced_for_any_text(title: str, link: str) -> None:
    depth = 0
    for brace in re.findall(r"[{}]", as_bibtex([replace(CITED, title=title, link=link)])):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_with_one_line_break(name: str) -> None:
    text = FORMATS[name]([CITED, BARE])
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


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
        assert archive.cited(latest.id) == latest
        first = archive.cited("wcms-1-en", "2015-01")
        assert (first.title, first.captured_at) == ("Old", utc("2015-01-01T00:00:00Z"))
        for unknown in ("wcms-2-en", "wcms-1-en@00000000", "", "\udcff"):
            with pytest.raises(UnknownEntry):
                archive.cited(unknown)
    assert (latest.title, latest.captured_at) == ("New", utc("2015-03-01T00:00:00Z"))
    assert (earlier.title, earlier.captured_at) == ("Old", utc("2015-02-01T00:00:00Z"))
    assert (latest.author, latest.url, latest.link) == ("ILO Moscow", PAGE, item(1))


def test_pages_descriptions_and_captures_are_cited(tmp_path: Path) -> None:
    path = an_archive(tmp_path, *(a_snapshot(f"20150{n}01", a_page(an_entry())) for n in (1, 2)))
    with Archive(path) as archive:
        page = archive.cited_page("moscow", "2015-01")
        assert (page.kind, page.captured_at) == ("page", utc("2015-01-01T00:00:00Z"))
        described = archive.cited_description("moscow")
        assert (described.text, described.captured_at) == (
            "It works.", utc("2015-02-01T00:00:00Z"),
        )  # fmt: skip
        capture = archive.cited_capture(page.capture_id)
        assert (capture.kind, capture.url) == ("capture", PAGE)
        with pytest.raises(UnknownCapture):
            archive.cited_capture("2016")
        with pytest.raises(NoCapture):
            archive.cited_page("moscow", "2014")


@pytest.mark.slow
def test_a_citation_is_verified_against_the_kept_capture(
    in_process: Ask, sample_home: Path, tmp_path: Path
) -> None:
    ask = ("cite", "wcms-356122-en", "--verify")
    outcome = in_process("--home", sample_home, *ask)
    assert outcome.code == 0
    assert "verified" in outcome.lines[-1]
    assert any("digest" in line and "agrees" in line for line in outcome.lines)


def test_several_are_cited_at_once_each_once(in_process: Ask, sample_home: Path) -> None:
    names = ("wcms-356122-en", "wcms-359871-en", "wcms-356122-en")
    outcome = in_process("--home", sample_home, "cite", *names, "--format", "bibtex")
    assert outcome.out.count("@online") == 2
    assert in_process("--home", sample_home, "cite").code == 2
