"""The sample WARC is what its sources make, and its sources show what they were written to show."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from lxml import etree, html
from warcio.archiveiterator import ArchiveIterator

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample" / "moscow.warc"
SCRIPT = ROOT / "data" / "sample" / "make_sample.py"
PAGES = ROOT / "tests" / "fixtures" / "moscow"
SEEDS = ROOT.parent / "shared" / "seeds"

# What the office is called in full, now and formerly: a fact, however long.
FULL_NAMES = (
    "Decent Work Technical Support Team and Country Office for Eastern Europe and Central Asia",
    "Subregional Office for Eastern Europe and Central Asia",
)

READINGS = sorted(PAGES.glob("*.json"))
RUSSIAN = "20150414103355"
APRIL_2015, JUNE_2015, DECEMBER_2015 = "20150414103217", "20150619074508", "20151218160233"
JANUARY_2016, FEBRUARY_2016, DOWN_2017 = "20160115092847", "20160212051920", "20170823140912"
EARLY_JUNE_2021, JUNE_2021 = "20210603074142", "20210611090644"


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sample", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


make_sample = _script()


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _records() -> list[tuple[dict[str, str], str | None, bytes]]:
    """Header fields, status and body of each record, with every digest checked."""
    with SAMPLE.open("rb") as file:
        return [
            (
                dict(record.rec_headers.headers),
                record.http_headers and record.http_headers.get_statuscode(),
                record.raw_stream.read(),
            )
            for record in ArchiveIterator(file, check_digests="raise")
        ]


def _reading(stamp: str) -> dict[str, Any]:
    reading: dict[str, Any] = json.loads((PAGES / f"{stamp}.json").read_text(encoding="utf-8"))
    return reading


def _news(stamp: str) -> dict[str, dict[str, Any]]:
    """The entries of the first list by WCMS number, in their order."""
    entries = _reading(stamp)["sections"][0]["entries"]
    return {entry["link"].split("/")[-3]: entry for entry in entries}


def _printed(stamp: str) -> str:
    """All text of a page, white space folded, scripts and styles left out."""
    encoding = "windows-1251" if stamp == RUSSIAN else "utf-8"
    text = (PAGES / f"{stamp}.html").read_bytes().decode(encoding)
    tree = html.document_fromstring(text.encode(), html.HTMLParser(encoding="utf-8"))
    etree.strip_elements(tree, "script", "style", with_tail=False)
    return " ".join(" ".join(str(part) for part in tree.itertext(with_tail=True)).split())


def _parts(entry: dict[str, Any]) -> list[str]:
    credit = entry["credit"] and entry["credit"]["text"]
    parts = [credit, entry["kicker"], entry["title"], entry["dateline"], entry["summary"]]
    return [part for part in parts if part is not None]


# The file


def test_the_committed_file_is_what_the_script_makes() -> None:
    assert make_sample.make_sample() == SAMPLE.read_bytes()


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.warc", tmp_path / "second.warc"
    assert _run("-o", str(first), PYTHONHASHSEED="1", TZ="Asia/Tokyo").returncode == 0
    assert _run("-o", str(second), PYTHONHASHSEED="2", TZ="America/Lima").returncode == 0
    assert first.read_bytes() == second.read_bytes() == SAMPLE.read_bytes()


def test_check_accepts_the_committed_file() -> None:
    assert _run("--check").returncode == 0


def test_check_refuses_a_file_with_another_byte_and_leaves_it_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.warc"
    other.write_bytes(SAMPLE.read_bytes() + b"\n")
    answer = _run("--check", "-o", str(other))
    assert answer.returncode == 1
    assert "run make_sample.py" in answer.stderr
    assert other.read_bytes() == SAMPLE.read_bytes() + b"\n"


def test_every_record_is_read_and_its_digests_hold() -> None:
    kinds = [fields["WARC-Type"] for fields, _, _ in _records()]
    assert kinds == ["warcinfo", *["response"] * 5, "revisit", *["response"] * 8]


def test_every_record_has_its_own_id() -> None:
    ids = [fields["WARC-Record-ID"] for fields, _, _ in _records()]
    assert len(set(ids)) == len(ids) == 15


def test_records_stand_in_the_order_of_time_from_2015_to_2021() -> None:
    dates = [fields["WARC-Date"] for fields, _, _ in _records()[1:]]
    assert dates == sorted(dates)
    assert {date[:4] for date in dates} == {str(year) for year in range(2015, 2022)}


def test_bodies_are_the_pages_beside_their_readings() -> None:
    stamps = {
        "".join(filter(str.isdigit, fields["WARC-Date"])): body
        for fields, _, body in _records()
        if fields["WARC-Type"] == "response"
    }
    assert stamps == {page.stem: page.read_bytes() for page in PAGES.glob("*.html")}


def test_only_the_error_page_has_no_reading() -> None:
    pages = {page.stem for page in PAGES.glob("*.html")}
    assert pages - {reading.stem for reading in READINGS} == {DOWN_2017}


# The captures


def test_the_revisit_is_of_the_capture_four_weeks_before() -> None:
    records = _records()
    revisit = next(fields for fields, _, _ in records if fields["WARC-Type"] == "revisit")
    original = next(fields for fields, _, _ in records if fields["WARC-Date"][:7] == "2016-01")
    assert revisit["WARC-Date"] == "2016-02-12T05:19:20Z"
    assert revisit["WARC-Profile"].endswith("/revisit/identical-payload-digest")
    assert revisit["WARC-Refers-To-Target-URI"] == original["WARC-Target-URI"]
    assert revisit["WARC-Refers-To-Date"] == original["WARC-Date"] == "2016-01-15T09:28:47Z"
    assert revisit["WARC-Payload-Digest"] == original["WARC-Payload-Digest"]
    assert not (PAGES / f"{FEBRUARY_2016}.html").exists()


def test_one_capture_is_an_archived_503_and_all_others_are_200() -> None:
    status = {fields["WARC-Date"]: status for fields, status, _ in _records()[1:]}
    assert status.pop("2017-08-23T14:09:12Z") == "503"
    assert set(status.values()) == {"200"}


def test_the_503_is_short_and_has_no_list() -> None:
    body = (PAGES / f"{DOWN_2017}.html").read_bytes()
    assert b"Service Unavailable" in body
    assert b"<li" not in body
    assert len(body) < 300


@pytest.mark.parametrize("stamp", [path.stem for path in READINGS])
def test_a_page_has_the_size_of_a_page(stamp: str) -> None:
    assert 15_000 <= (PAGES / f"{stamp}.html").stat().st_size <= 25_000


def test_the_russian_page_is_windows_1251_and_only_the_page_says_so() -> None:
    body = (PAGES / f"{RUSSIAN}.html").read_bytes()
    assert b"charset=windows-1251" in body
    assert "14 апреля 2015".encode("cp1251") in body
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    source = next(s for s in make_sample.read_sources() if s.file == f"{RUSSIAN}.html")
    assert source.url == "http://www.ilo.org/moscow/lang--ru/index.htm"
    assert source.headers["Content-Type"] == "text/html"


# What changes between them


def test_a_title_was_edited_between_two_captures() -> None:
    before, after = _news(APRIL_2015)["WCMS_359871"], _news(JUNE_2015)["WCMS_359871"]
    assert before["title"] == "Employment policy in the spotlight"
    assert after["title"] == "Employment policy in the spotlight in Astana"
    assert {**before, "title": "", "position": 0} == {**after, "title": "", "position": 0}


def test_a_title_got_an_article_eight_days_later() -> None:
    before, after = _news(EARLY_JUNE_2021)["WCMS_795288"], _news(JUNE_2021)["WCMS_795288"]
    assert before["title"].replace("“PES", "“The PES") == after["title"] != before["title"]
    assert {**before, "title": "", "position": 0} == {**after, "title": "", "position": 0}


def test_an_entry_moved_though_nothing_newer_came() -> None:
    before, after = _news(DECEMBER_2015), _news(JANUARY_2016)
    assert [number for number in before if number in after] == [
        "WCMS_436207",
        "WCMS_428843",
        "WCMS_376018",
        "WCMS_356122",
    ]
    assert [number for number in after if number in before] == [
        "WCMS_436207",
        "WCMS_376018",
        "WCMS_428843",
        "WCMS_356122",
    ]
    newest = max(entry["date"] for entry in before.values())
    assert all(entry["date"] < newest for number, entry in after.items() if number not in before)


def test_an_entry_left_and_came_back() -> None:
    on = [
        "WCMS_356122" in _news(stamp)
        for stamp in (APRIL_2015, JUNE_2015, DECEMBER_2015, JANUARY_2016)
    ]
    assert on == [True, False, True, True]


def test_a_credit_changed_its_year_only() -> None:
    before, after = _news(DECEMBER_2015)["WCMS_436207"], _news(JANUARY_2016)["WCMS_436207"]
    assert before["credit"]["text"] == "© Olga Sedova 2015"
    assert after["credit"]["text"] == "© Olga Sedova 2016"
    assert {**before, "credit": None} == {**after, "credit": None}


def test_the_russian_page_shares_some_items_with_the_english_one() -> None:
    english, russian = set(_news(APRIL_2015)), set(_news(RUSSIAN))
    assert english & russian == {"WCMS_360214", "WCMS_359871", "WCMS_356122"}
    assert russian - english == {"WCMS_359422", "WCMS_355730"}


def test_the_same_title_returns_as_another_item_a_year_later() -> None:
    early, late = _news(APRIL_2015)["WCMS_359406"], _news("20161109213004")["WCMS_526118"]
    assert early["title"] == late["title"] == "New issue of ILO-Moscow Newsletter released"
    assert (early["date"], late["date"]) == ("2015-04-06", "2016-09-15")


def test_neighbouring_captures_share_entries_and_differ() -> None:
    stamps = [path.stem for path in READINGS if path.stem != RUSSIAN]
    assert len(stamps) == 11
    for before, after in pairwise(stamps):
        one, other = set(_news(before)), set(_news(after))
        assert len(one & other) >= 2, (before, after)
        assert one != other, (before, after)


def test_the_first_and_the_last_capture_share_no_news_but_the_office_and_a_resource() -> None:
    first, last = _reading(APRIL_2015), _reading(JUNE_2021)
    assert not set(_news(APRIL_2015)) & set(_news(JUNE_2021))
    assert first["office"] == last["office"]
    assert first["description"] == last["description"]
    resources = [
        {entry["title"] for entry in page["sections"][-1]["entries"]} for page in (first, last)
    ]
    assert resources[0] & resources[1] == {"Decent work in ten countries: an overview"}


# The expected readings


@pytest.mark.parametrize("stamp", [path.stem for path in READINGS])
def test_every_expected_part_is_printed_on_its_page_in_its_order(stamp: str) -> None:
    reading, text = _reading(stamp), _printed(stamp)
    at = 0
    parts = [reading["office"], reading["description"]]
    for section in reading["sections"]:
        parts += [section["heading"]] if section["heading"] else []
        parts += [part for entry in section["entries"] for part in _parts(entry)]
    for part in parts:
        found = text.find(part, at)
        assert found >= at, part
        at = found + len(part)


@pytest.mark.parametrize("stamp", [path.stem for path in READINGS])
def test_every_expected_link_and_image_is_on_its_page(stamp: str) -> None:
    page = (PAGES / f"{stamp}.html").read_bytes().replace(b"'", b'"').decode("ascii", "ignore")
    for section in _reading(stamp)["sections"]:
        for entry in section["entries"]:
            assert f'href="{entry["link"].removeprefix("http://www.ilo.org")}"' in page
            assert entry["image"] is None or (
                f'src="{entry["image"].removeprefix("http://www.ilo.org")}"' in page
            )


@pytest.mark.parametrize("stamp", [path.stem for path in READINGS])
def test_a_reading_has_the_form_of_the_contract(stamp: str) -> None:
    reading = _reading(stamp)
    assert " ".join(reading) == (
        "schema source template language office description sections warnings"
    )
    assert (reading["schema"], reading["template"], reading["warnings"]) == (1, "wcms", [])
    assert reading["source"] == f"{stamp}.html"
    assert reading["language"] == ("ru" if stamp == RUSSIAN else "en")
    for section in reading["sections"]:
        for position, entry in enumerate(section["entries"], 1):
            assert " ".join(entry) == (
                "position kicker title dateline date date_end place summary link image credit"
            )
            assert entry["position"] == position
            assert "" not in entry.values()


@pytest.mark.parametrize("stamp", [path.stem for path in READINGS if path.stem != RUSSIAN])
def test_an_expected_date_is_the_printed_one_and_the_credit_year_that_of_the_capture(
    stamp: str,
) -> None:
    for number, entry in _news(stamp).items():
        printed = datetime.strptime(entry["dateline"] + " +0000", "%d %B %Y %z")
        assert entry["date"] == printed.date().isoformat(), number
        credit = entry["credit"]
        assert credit is None or credit["text"].endswith(str(credit["year"]))
        assert credit is None or str(credit["year"]) == stamp[:4]


def test_a_meeting_has_two_days_and_a_place() -> None:
    (meeting,) = _reading("20180517064451")["sections"][2]["entries"]
    assert meeting["dateline"] == "24 - 25 May 2018, Moscow"
    assert (meeting["date"], meeting["date_end"]) == ("2018-05-24", "2018-05-25")
    assert meeting["place"] == "Moscow"


@pytest.mark.parametrize("stamp", [path.stem for path in READINGS])
def test_key_resources_have_a_title_and_a_link_alone(stamp: str) -> None:
    section = _reading(stamp)["sections"][-1]
    assert section["heading"] in {"Key resources", "Основные материалы"}
    for entry in section["entries"]:
        output = {name for name, value in entry.items() if value is not None}
        assert output == {"position", "title", "link"}


# Facts carry over from the seeds, sentences do not


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seeds are not beside this checkout")
@pytest.mark.parametrize(
    ("stamp", "seed"), [(APRIL_2015, "moscow-2015-04"), (JUNE_2021, "moscow-2021-06")]
)
def test_facts_are_those_of_the_seed(stamp: str, seed: str) -> None:
    seeded = json.loads((SEEDS / f"{seed}.json").read_text(encoding="utf-8"))
    reading = _reading(stamp)
    facts = ("position", "kicker", "title", "dateline", "date", "date_end", "place", "credit")
    assert reading["office"] == seeded["office"]
    assert reading["sections"][0]["heading"] == seeded["sections"][0]["heading"]
    assert [
        {fact: entry[fact] for fact in facts} for entry in reading["sections"][0]["entries"]
    ] == [{fact: entry[fact] for fact in facts} for entry in seeded["sections"][0]["entries"]]


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seeds are not beside this checkout")
@pytest.mark.parametrize("stamp", [path.stem for path in READINGS])
def test_no_seven_words_of_a_seeds_sentence_are_on_a_page(stamp: str) -> None:
    text = _printed(stamp)
    seeds = [*SEEDS.glob("*.json")]
    assert len(seeds) == 2
    for path in seeds:
        seeded = json.loads(path.read_text(encoding="utf-8"))
        entries = [entry for section in seeded["sections"] for entry in section["entries"]]
        names = " | ".join([*FULL_NAMES, *(entry["title"] for entry in entries)])
        for sentence in [entry["summary"] for entry in entries] + [seeded["description"]]:
            words = sentence.replace(";", "").split()
            for start in range(len(words) - 6):
                run = " ".join(words[start : start + 7]).rstrip(".,)")
                assert run in names or run not in text
