"""Pages, files and arguments with control characters: nothing raw is printed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.answers import (
    Ask,
    assert_harmless,
    assert_one_line,
    control_characters,
    listed,
    on_a_terminal,
)
from tests.support.build import a_page, a_snapshot, an_archive, news
from tests.support.paths import ENGLISH_PAGE, HOMEPAGE
from tests.support.run import run
from tests.support.warcs import Response, write_warc

PAGE = ENGLISH_PAGE.read_bytes()
EVIL = (
    "\x1b]0;gone\x07\x1b[31mRED\x9b31m\u202egnp.exe\u2066\x08\x7f\x00\u2028\x85\r\n\t</td>\x1b[2J"
)


def hostile_page(version: str) -> bytes:
    """Control characters wherever a page can have them, as bytes and as entities."""
    entity = "".join(f"&#{ord(each)};" for each in EVIL if each not in "<>/td")
    text = f"{EVIL.replace('<', '&lt;')} {entity} {version}"
    entries = "".join(
        f"<li><a class='item-image'><img src='/i{text}.jpg'></a>"
        f"<span class='caption'>© Jo{text} / AFP 2015</span><p class='item-prehead'>Kick{text}</p>"
        f"<h5 class='item-title'><a href='/news{text}/WCMS_{number}/lang--en/'>Title{text}</a></h5>"
        f"<p class='item-info'>{number} April 2015, Har{text}bour</p>"
        f"<p>They met.{text} Indeed.</p></li>"
        for number in (1, 2, 3)
    )
    return (
        f"<html><head><meta charset=utf-8></head><body><h1>ILO Office{text}</h1>"
        f"<p>The office works in the region{text} and beyond.</p>"
        f"<div class='furniture'><h4>News{text}</h4><ol class='item-list'>{entries}</ol></div>"
        "</body></html>"
    ).encode()


EVIL_OFFICE = "mos\x1b[31m\u202ecow\x9b"
EVIL_NAME = "page \x1b[31m\u202e\x9b\n.html"


def make_hostile(folder: Path) -> None:
    """Record such pages into a home and keep what was printed."""
    pages = folder / "pages"
    pages.mkdir()
    for number, version in enumerate(("one", "two"), start=1):
        for url in (HOMEPAGE, "http://www.ilo.org/mos\x1b[31m\u202ecow/lang--en/"):
            page = pages / f"{number} {len(url)} {EVIL_NAME}"
            page.write_bytes(hostile_page(version))
            output = {"url": url, "captured_at": f"2015-0{number}-01"}
            page.with_name(f"{page.name}.meta.json").write_text(json.dumps(output))
    (pages / f"nothing {EVIL_NAME}").touch()
    headers = [("Location", "/x\x1b[31m\x9b\u202e"), ("Content-Type", "text/html")]
    moved = Response("20140101000000", b"", status="301 Mo\x1b[31mved", headers=headers)
    write_warc(folder / "moved.warc", moved)
    with (folder / "printed").open("wb") as printed:
        for arguments in (
            [pages, folder / "moved.warc"],
            [*pages.glob("[12]*.html"), "--url", "http://x.org/", "--office", "evil"],
        ):
            outcome = run(folder / "home", "ingest", *arguments)
            assert outcome.code == 0, outcome.err
            printed.write((outcome.out + outcome.err).encode())


@pytest.fixture(scope="session")
def hostile(make_once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """A folder with a home made of hostile pages, and what was printed meanwhile."""
    return make_once("hostile", make_hostile)


def test_recording_a_hostile_page_prints_nothing_raw(hostile: Path) -> None:
    printed = (hostile / "printed").read_bytes()
    assert b"archived redirect" in printed
    assert_harmless(printed)


@pytest.mark.parametrize(
    "arguments",
    [
        *(["entries", "--format", each] for each in ("table", "json", "jsonl", "csv")),
        *(["entries", "--as-of", "2015-03", "--format", each] for each in ("table", "json", "csv")),
        *(["entries", "--edited", "--format", each] for each in ("table", "json", "jsonl", "csv")),
        *(["profile", "moscow", "--format", each] for each in ("text", "json")),
        *(["search", "title", "--format", each] for each in ("table", "json", "jsonl", "csv")),
        *(["show", "wcms-1-en", "--format", each] for each in ("text", "json")),
        *(["cite", "wcms-1-en", "--format", each] for each in ("text", "bibtex", "csl-json")),
        *(["diff", "moscow", "--format", each] for each in ("text", "md", "html", "json", "atom")),
        *(["diff", "evil", "--format", each] for each in ("text", "md", "html", "json", "atom")),
        *(["offices", "--format", each] for each in ("table", "json", "jsonl", "csv")),
        *(["status", "--format", each] for each in ("text", "json")),
    ],
    ids=ascii,
)
def test_no_answer_contains_a_raw_control_character(
    in_process: Ask, hostile: Path, arguments: list[str], tmp_path: Path
) -> None:
    outcome = in_process("--home", hostile / "home", *arguments)
    assert (outcome.code, outcome.err) == (0, "")
    assert_harmless(outcome.out.encode())
    assert "RED" in outcome.out or arguments[0] in ("offices", "status")
    if "jsonl" in arguments:
        assert all(json.loads(line) for line in outcome.lines)
    elif "json" in arguments:
        json.loads(outcome.out)
    elif "csv" in arguments:
        assert len({len(row) for row in csv.reader(io.StringIO(outcome.out))}) == 1
    if arguments[0] == "diff":
        assert in_process("--home", hostile / "home", *arguments, "-o", tmp_path / "file").code == 0
        assert_harmless((tmp_path / "file").read_bytes())


@pytest.mark.parametrize("command", [["ingest", "."], ["crawl", "http://x.org/", "--plan"]])
@pytest.mark.parametrize("slug", ["../x", "a/b", EVIL_OFFICE, "-x", " ", "a" * 64, "a" * 100_000])
def test_an_own_slug_is_one_name_of_letters(
    in_process: Ask, tmp_path: Path, command: list[str], slug: str
) -> None:
    outcome = in_process("--home", tmp_path, *command, "--office", slug)
    assert_one_line(outcome, 2)
    assert_harmless(outcome.err.encode())
    assert len(outcome.err) < 400
    assert not list(tmp_path.iterdir())


FORMULAS = ["=HYPERLINK(1)", "+1 opens", "-1", "@SUM(1)", "＝1"]
PLAIN = ["1+1", "a=b", "'=1", "© 2015"]


def test_csv_holds_no_formula_unless_it_is_asked_for_raw(in_process: Ask, home: Path) -> None:
    titles = [*FORMULAS, *PLAIN]
    entries = (news(number, title) for number, title in enumerate(titles))
    an_archive(home, a_snapshot("20150401", a_page(*entries)))
    dest = home / "entries.csv"

    def printed(*arguments: str | Path) -> set[str]:
        outcome = in_process("--home", home, *arguments)
        text = dest.read_text() if "export" in arguments else outcome.out
        return {row["title"] for row in csv.DictReader(io.StringIO(text))}

    for ask in (("entries", "--format", "csv"), ("export", dest)):
        assert printed(*ask) == {*(f"'{each}" for each in FORMULAS), *PLAIN}
        assert printed(*ask, "--raw") == set(titles)


def test_json_keeps_control_characters_as_escapes(in_process: Ask, hostile: Path) -> None:
    """Made safe by escapes, which the reader of JSON takes back."""
    rows = listed(in_process("--home", hostile / "home", "entries", "--format", "json"))
    assert any("\u202e" in row["title"] for row in rows)


@pytest.mark.slow
def test_a_table_on_a_terminal_has_no_escape_sequence_of_the_page(hostile: Path) -> None:
    for command in (["entries"], ["diff", "moscow"], ["status"]):
        output = on_a_terminal(hostile / "home", *command)
        plain = re.sub(r"\x1b\[[\d;]*m", "", output).replace("\r\n", "\n")  # the program's own
        assert_harmless(plain.encode())


def test_reading_a_hostile_page_with_a_hostile_name_prints_nothing_raw(
    in_process: Ask, tmp_path: Path
) -> None:
    page = tmp_path / EVIL_NAME
    page.write_bytes(hostile_page("one").replace(b"\0", b""))
    outcome = in_process("read", page, f"{page}-missing", "--url", HOMEPAGE)
    assert (outcome.code, outcome.err, len(outcome.lines)) == (0, "", 2)
    assert_harmless(outcome.out.encode())
    good, bad = map(json.loads, outcome.lines)
    assert (good["source"], bad["source"]) == (str(page), f"{page}-missing")


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", EVIL],
        ["diff", EVIL],
        ["diff", "moscow", EVIL, "2015"],
        ["entries", "--as-of", EVIL],
        ["entries", "--format", EVIL],
        ["entries", f"--{EVIL}"],
        [EVIL],
        ["crawl", EVIL],
        ["ingest", EVIL],
        ["ingest", ".", "--at", EVIL],
        ["diff", "moscow", "-o", f"/dev/null/{EVIL}"],
    ],
    ids=ascii,
)
def test_no_error_repeats_a_control_character(
    in_process: Ask, sample_home: Path, arguments: list[str]
) -> None:
    safe = [each.replace("\0", "") for each in arguments]  # the kernel allows none
    outcome = in_process("--home", sample_home, *safe)
    assert_one_line(outcome, 2)
    assert_harmless(outcome.err.encode())


def test_a_home_with_a_hostile_name_is_printed_safely(in_process: Ask, tmp_path: Path) -> None:
    outcome = in_process("--home", tmp_path / EVIL_OFFICE, "entries")
    assert_one_line(outcome, 2)
    assert_harmless(outcome.err.encode())


def test_a_file_with_a_hostile_name_is_printed_in_one_safe_line(home: Path, tmp_path: Path) -> None:
    page = tmp_path / EVIL_NAME
    page.write_bytes(PAGE)
    outcome = run(home, "ingest", page)
    assert outcome.code == 3
    assert_harmless(outcome.err.encode())
    named = [line for line in outcome.err.splitlines() if "page " in line]
    assert len(named) == 1
    assert "--at" in named[0]


def test_the_hostile_page_has_control_characters() -> None:
    """With its control characters, or these tests mean nothing."""
    assert len(control_characters(hostile_page("x").decode())) > 100


@pytest.mark.parametrize(
    "command", [["diff", "moscow", "2015", "2021", "-o"], ["export"]], ids=["diff", "export"]
)
@pytest.mark.parametrize("name", ["none/x.html", "none/at/all/x.csv", "none/x.json"])
def test_no_command_makes_folders_unasked(
    in_process: Ask, sample_home: Path, tmp_path: Path, command: list[str], name: str
) -> None:
    outcome = in_process("--home", sample_home, *command, tmp_path / name)
    assert_one_line(outcome, 2)
    assert not list(tmp_path.iterdir())
