"""`ingest`: where and when saved pages are from."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from ilo_archive.queries.archive import (
    Archive,
)
from tests.support.answers import (
    assert_one_line,
)
from tests.support.homes import rows_in_order
from tests.support.paths import ENGLISH_PAGE, HOMEPAGE, LATER_PAGE, RUSSIAN_PAGE
from tests.support.run import ingest, run

PAGE = ENGLISH_PAGE.read_bytes()
CAPTURES = "SELECT office, language, url, captured_at, precision, state, quality FROM captures"


ROME = "http://www.ilo.org/rome/lang--it/index.htm"
LOOSE: dict[str, tuple[dict[str, str] | None, tuple[str, str, str]]] = {
    "moscow-2015-04.html": (None, ("moscow", "2015-04-01T00:00:00Z", "month")),
    "moscow-2015-06-19.htm": (None, ("moscow", "2015-06-19T00:00:00Z", "day")),
    "moscow-2015-07 again.html": (None, ("moscow", "2015-07-01T00:00:00Z", "month")),
    "moscow-2021-06.txt": (None, ("moscow", "2021-06-01T00:00:00Z", "month")),
    "rome-2016.html": (None, ("rome", "2016-01-01T00:00:00Z", "year")),
    "rivers-2014-02.html": (None, ("rivers", "2014-02-01T00:00:00Z", "month")),
    "20150414103217.html": ({"url": HOMEPAGE}, ("moscow", "2015-04-14T10:32:17Z", "second")),
    "saved 20150619074508 (1).html": (
        {"url": HOMEPAGE},
        ("moscow", "2015-06-19T07:45:08Z", "second"),
    ),
    # A sidecar goes before the name.
    "moscow-2015-05.html": (
        {"url": ROME, "captured_at": "2012-02-02"},
        ("rome", "2012-02-02T00:00:00Z", "day"),
    ),
    "20150414103218.html": (
        {"url": ROME, "captured_at": "20130303030303"},
        ("rome", "2013-03-03T03:03:03Z", "second"),
    ),
    # As JavaScript's toISOString and, in the zone of Moscow, Python's isoformat print it.
    "fraction.html": (
        {"url": HOMEPAGE, "captured_at": "2015-04-14T10:32:19.000Z"},
        ("moscow", "2015-04-14T10:32:19Z", "second"),
    ),
    "zone.html": (
        {"url": HOMEPAGE, "captured_at": "2015-04-14T13:32:20+03:00"},
        ("moscow", "2015-04-14T10:32:20Z", "second"),
    ),
    # A slug tells the office before any form of time; endings as Windows and DVDs have them.
    "moscow-20150414103221.html": (None, ("moscow", "2015-04-14T10:32:21Z", "second")),
    "moscow-2015-08.HTML": (None, ("moscow", "2015-08-01T00:00:00Z", "month")),
}
"""Names of saved pages, what the file beside each says, and where and when each is from."""
TEXT = """\
ILO Office for Rivers

The office advises seven countries of the region on work by the water.

News

  1. Ferrymen agree on hours

    10 June 2021

    The agreement was signed on board.
"""


@pytest.fixture(scope="session")
def loose_files_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the files of LOOSE, taken from one folder."""
    folder = tmp_path_factory.mktemp("loose")
    (folder / "pages" / "below").mkdir(parents=True)
    for number, (name, (sidecar, _)) in enumerate(LOOSE.items()):
        page = folder / "pages" / ("below" if number % 2 else "") / name
        page.write_bytes(TEXT.encode() if page.suffix == ".txt" else PAGE)
        if sidecar:
            beside = name if number % 3 else page.stem
            page.with_name(f"{beside}.meta.json").write_text(json.dumps(sidecar))
    (folder / "pages" / "notes.md").write_text("no page")
    ingest(folder / "home", folder / "pages")
    return folder / "home"


@pytest.mark.parametrize("name", LOOSE)
def test_office_and_time_of_a_file_are_read_from_its_sidecar_or_name(
    loose_files_home: Path, name: str
) -> None:
    printed = f"SELECT office, captured_at, precision FROM captures WHERE archive = '{name}'"
    assert rows_in_order(loose_files_home, printed) == [LOOSE[name][1]]


def test_a_text_file_is_read_as_a_page(loose_files_home: Path) -> None:
    printed = "SELECT title, date, office FROM news WHERE date > '2021'"
    assert rows_in_order(loose_files_home, printed) == [
        ("Ferrymen agree on hours", "2021-06-10", "moscow")
    ]


def test_options_override_sidecar_and_file_name(home: Path, tmp_path: Path) -> None:
    page = Path(shutil.copy(ENGLISH_PAGE, tmp_path / "moscow-20150414103217.html"))
    printed = {"url": ROME, "captured_at": "2012-02-02"}
    (tmp_path / f"{page.stem}.meta.json").write_text(json.dumps(printed))
    outcome = ingest(home, page, "--at", "2011", "--url", HOMEPAGE)
    assert "1 capture recorded" in outcome.out
    assert rows_in_order(home, CAPTURES) == [
        ("moscow", "en", HOMEPAGE, "2011-01-01T00:00:00Z", "year", "read", "good")
    ]


def test_a_page_without_an_address_gets_the_language_of_its_text(
    home: Path, tmp_path: Path
) -> None:
    """Taken for the English page, the Russian one would be evidence that entries left it."""
    months = {
        "moscow-2015-04": ENGLISH_PAGE,
        "moscow-2015-05": RUSSIAN_PAGE,
        "moscow-2015-06": ENGLISH_PAGE,
    }
    pages = [shutil.copy(page, tmp_path / f"{name}.html") for name, page in months.items()]
    ingest(home, *pages)
    assert [row[1:3] for row in rows_in_order(home, CAPTURES)] == [
        ("en", HOMEPAGE),
        ("ru", HOMEPAGE.replace("lang--en", "lang--ru")),
        ("en", HOMEPAGE),
    ]
    with Archive(home / "archive.sqlite") as archive:
        assert archive.story("wcms-356122-en").gaps == ()
        assert len(archive.entries("moscow", as_of="2015-05")) == 14


BAD_SIDECARS = [
    '{"url": 5, "captured_at": "2015-04-14"}',
    '{"url": ["x"], "captured_at": "2015-04-14"}',
    '{"url": "http://[", "captured_at": "2015-04-14"}',
    '{"url": "http://\\udcff/", "captured_at": "2015-04-14"}',
    f'{{"url": "{HOMEPAGE}", "captured_at": null}}',
    f'{{"url": "{HOMEPAGE}", "captured_at": {{}}}}',
    f'{{"url": "{HOMEPAGE}", "captured_at": "banana"}}',
    "[]",
    "{",
    "\\",
]


def test_an_unusable_sidecar_does_not_stop_other_files(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number, sidecar in enumerate(BAD_SIDECARS):
        shutil.copy(ENGLISH_PAGE, folder / f"bad{number}.html")
        (folder / f"bad{number}.meta.json").write_text(sidecar)
    (folder / "folder.html").write_bytes(PAGE)
    (folder / "folder.meta.json").mkdir()
    shutil.copy(LATER_PAGE, folder / "moscow-2015-06.html")
    outcome = ingest(home, folder)
    assert [row[3] for row in rows_in_order(home, CAPTURES)] == ["2015-06-01T00:00:00Z"]
    named = re.findall(r"^(\w+)\.(?:html|meta\.json): ", outcome.err, re.MULTILINE)
    assert sorted(named) == ["bad0", "bad1", "bad2", "bad3", "folder"]
    manifest = (home / "manifest.csv").read_text()
    assert re.findall(r"(\w+)\.html", manifest) == [f"bad{n}" for n in range(4, 10)]


def test_a_time_in_a_sidecar_may_be_a_number(home: Path, tmp_path: Path) -> None:
    page = shutil.copy(ENGLISH_PAGE, tmp_path / "page.html")
    printed = {"url": HOMEPAGE, "captured_at": 20150414103217}
    (tmp_path / "page.meta.json").write_text(json.dumps(printed))
    ingest(home, page)
    assert [row[3] for row in rows_in_order(home, CAPTURES)] == ["2015-04-14T10:32:17Z"]


def test_an_unknown_address_becomes_an_office(home: Path, tmp_path: Path) -> None:
    rivers = "http://www.ilo.org/rivers/lang--en/index.htm"
    page = shutil.copy(ENGLISH_PAGE, tmp_path / "page.html")
    ingest(home, page, "--url", rivers, "--at", "2015-04-14")
    ingest(home, page, "--url", "http://example.org/x", "--at", "2015", "--office", "lakes")
    assert sorted(row[:3] for row in rows_in_order(home, CAPTURES)) == [
        ("lakes", "en", "http://example.org/x"),
        ("rivers", "en", rivers),
    ]


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://www.ilo.org/moskow/lang--en/index.htm", f"{HOMEPAGE} (moscow)"),
        ("http://www.ilo.org/mosco/", "(moscow)"),
        ("http://www.ilo.org/moscow/lang--de/index.htm", f"{HOMEPAGE} (moscow)"),
        ("http://www.ilo.org/eurpro/moscow/", f"{HOMEPAGE} (moscow)"),
        ("http://www.il.org/moscow/lang--en/index.htm", f"{HOMEPAGE} (moscow)"),
        ("http://www.ilo.org/rivers/lang--en/index.htm", None),
        ("http://www.example.org/moscow-and-more", None),
        (HOMEPAGE, None),
    ],
)
def test_an_address_that_no_office_has_is_compared_with_the_known_ones(
    home: Path, url: str, near: str | None
) -> None:
    outcome = ingest(home, ENGLISH_PAGE, "--url", url, "--at", "2015-04-14")
    said = [line for line in outcome.err.splitlines() if "no office has the address" in line]
    assert len(said) == (near is not None)
    assert (near or "") in "".join(said)


@pytest.mark.parametrize("url", ["http://[", "www.ilo.org/moscow", ""])
def test_an_invalid_address_is_wrong_use(home: Path, url: str) -> None:
    """Recorded, it would be a page that no later capture belongs to."""
    assert_one_line(run(home, "ingest", ENGLISH_PAGE, "--at", "2015", "--url", url), 2)


def test_ingest_exits_with_3_if_no_file_is_usable(home: Path, tmp_path: Path) -> None:
    contents = [b"", b"\n", b"\x89PNG\r\n\x1a\n\0\0" + bytes(range(256)), b"<html><p>Gone.</html>"]
    files = [tmp_path / f"moscow-2015-0{n}.html" for n in range(1, len(contents) + 1)]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    outcome = ingest(home, *files, code=3)
    assert outcome.err.splitlines()[-1].startswith("ilo-archive: ")
    assert "good" not in {row[6] for row in rows_in_order(home, CAPTURES)}


def test_a_file_without_time_or_address_is_reported_with_what_to_do(
    home: Path, tmp_path: Path
) -> None:
    pages = [
        shutil.copy(ENGLISH_PAGE, tmp_path / name) for name in ("page.html", "20150414103217.html")
    ]
    outcome = ingest(home, *pages, code=3)
    assert re.search(r"^page\.html: .*--at", outcome.err, re.MULTILINE)
    assert re.search(r"^20150414103217\.html: .*--url", outcome.err, re.MULTILINE)
