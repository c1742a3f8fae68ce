"""`--offices FILE`: the homepages of another organisation, from the command line to the reader."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ilo_archive.capture import Capture, Kept, Position
from ilo_archive.http import HttpMessage
from ilo_archive.offices import Registry, load_registry, registry
from ilo_archive.reader.snapshot import take_snapshot
from ilo_archive.times import parse_timestamp
from tests.support.homes import OF_THE_SOURCE, assert_same_archive, column
from tests.support.paths import PAGES, ROOT
from tests.support.run import run
from tests.support.web_archive import Answer, Front, is_playback

pytestmark = pytest.mark.slow

PAGE_ON_CRAWLING = (ROOT / "docs" / "crawling.md").read_text(encoding="utf-8")
[EXAMPLE] = re.findall(r"```toml\n(# museum\.toml\n.*?)```", PAGE_ON_CRAWLING, re.DOTALL)
HOMEPAGE = "http://www.museum.example/"
PAGE = (PAGES / "20150414103217.html").read_bytes()


@pytest.fixture
def museum_file(tmp_path: Path) -> Path:
    """The file that docs/crawling.md shows."""
    path = tmp_path / "museum.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    return path


@pytest.fixture
def front() -> Iterator[Front]:
    """An archive with two captures of the museum's homepages: an alias and an old address."""
    held = {
        "20100101000000": "http://old.example/~museum/index.html",
        "20150414103217": "https://museum-of-work.example/?x=1",
    }
    rows = [
        {"timestamp": when, "url": url, "status": "200", "mime": "text/html", "digest": when}
        for when, url in held.items()
    ]
    dates = {"20100101000000": "Fri, 01 Jan 2010 00:00:00 GMT"}
    dates["20150414103217"] = "Tue, 14 Apr 2015 10:32:17 GMT"

    def answer(path: str) -> Answer:
        if not is_playback(path):
            listed = [row for row in rows if row["url"] == HOMEPAGE] or rows
            return Answer(200, "\n".join(map(json.dumps, listed)).encode())
        when = path.partition("id_/")[0].rpartition("/")[2]
        return Answer(200, PAGE, {"Memento-Datetime": dates[when], "Content-Type": "text/html"})

    with Front().serving() as server:
        server.rule = answer
        yield server


def test_the_documented_example_is_a_valid_registry(museum_file: Path) -> None:
    mine = load_registry(museum_file)
    assert set(mine.offices) - set(registry().offices) == {"museum"}
    assert mine.locate("https://museum-of-work.example/fr").page == "museum/fr"
    assert mine.locate("http://old.example/~museum/").page == "museum/en"
    assert mine.locate("http://mirror.example/jakarta").page == "jakarta/id"
    assert len(registry().offices) == int(
        re.findall(r"(\d+) offices of the ILO", PAGE_ON_CRAWLING)[0]
    )


def test_the_shipped_file_is_an_example_of_a_common_homepage() -> None:
    shipped = tomllib.loads((ROOT / "ilo_archive" / "offices.toml").read_text(encoding="utf-8"))
    assert "{slug}" in shipped["homepage"]["url"]


def test_an_office_of_the_file_is_crawled_at_every_address_and_asked_by_its_slug(
    home: Path, museum_file: Path, front: Front
) -> None:
    ask = ("--offices", museum_file)
    done = run(home, *ask, "crawl", "museum", "--archive", front.address)
    assert (done.code, done.messages) == (0, [])
    assert front.playbacks == ["20100101000000", "20150414103217"]
    assert len(front.listings) == 5  # three addresses, two of them at a host with an alias
    assert set(column(home, "SELECT page FROM captures")) == {"museum/en"}
    assert set(column(home, "SELECT state FROM captures")) == {"read"}
    listed = json.loads(run(home, *ask, "offices", "--format", "json").out)
    [museum] = [each for each in listed if each["slug"] == "museum"]
    assert (museum["name"], museum["good"]) == ("Museum of Work", 2)
    for command in ("profile museum", "diff museum", "entries --office museum", "status"):
        assert run(home, *ask, *command.split()).code == 0, command
    assert len(column(home, "SELECT * FROM news")) == 7


def test_the_environment_variable_equals_the_option(home: Path, museum_file: Path) -> None:
    page = ("ingest", PAGES / "20150414103217.html", "--url", HOMEPAGE)
    assert run(home, *page, ILO_ARCHIVE_OFFICES=str(museum_file)).code == 0
    assert column(home, "SELECT page FROM captures") == ["museum/en"]
    other = home.with_name("other")
    assert run(other, "--offices", museum_file, *page).code == 0
    assert_same_archive(home, other, without=OF_THE_SOURCE)


def test_without_the_file_the_office_is_not_known(home: Path, museum_file: Path) -> None:
    done = run(home, "crawl", "museum", "--archive", "http://127.0.0.1:9/none")
    assert (done.code, len(done.messages)) == (2, 1)


@pytest.mark.parametrize("command", ["offices", "crawl museum", "ingest data/sample", "status"])
def test_an_invalid_file_prints_one_line_and_nothing_is_written(
    home: Path, museum_file: Path, command: str
) -> None:
    museum_file.write_text("[office.museum]\nname = 7\n", encoding="utf-8")
    done = run(home, "--offices", museum_file, *command.split())
    assert (done.code, done.out) == (2, "")
    assert done.err == f"ilo-archive: {museum_file}: office 'museum': name: must be a text\n"
    assert list(home.iterdir()) == []


def test_a_missing_file_prints_one_line(home: Path) -> None:
    done = run(home, "--offices", home / "none.toml", "offices")
    assert (done.code, len(done.messages), len(done.err.splitlines())) == (2, 1, 1)


def test_a_schedule_passes_the_offices_file_on(home: Path, museum_file: Path) -> None:
    done = run(home, "--offices", museum_file, "schedule", "museum", "--contact", "a@b.example")
    assert done.out.count(f"--offices {museum_file} crawl museum") == 2


# -- the reader ----------------------------------------------------------------------------


def quality(offices: Registry, canonical: str) -> str:
    """That of a page of the museum which names itself that address."""
    head = f'<link rel="canonical" href="{canonical}">'.encode()
    body = PAGE.replace(b"</head>", head + b"</head>")
    moment, _ = parse_timestamp("2015")
    capture = Capture(offices.locate(HOMEPAGE), HOMEPAGE, moment, "test")
    message = HttpMessage(200, "OK", (("Content-Type", "text/html"),), body)
    return take_snapshot(Kept(capture, message, Position("file", 0, 1)), offices).quality


def test_a_canonical_link_to_an_old_or_alias_host_is_not_another_site(museum_file: Path) -> None:
    mine = load_registry(museum_file)
    for url in ("http://old.example/~museum/", "http://museum-of-work.example/", HOMEPAGE):
        assert quality(mine, url) == "good"
    assert quality(mine, "http://casino.test/") == "elsewhere"
    assert quality(registry(), "http://old.example/~museum/") == "elsewhere"
