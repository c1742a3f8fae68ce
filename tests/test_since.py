"""`diff --since` and what `report` keeps of it: latest.html and the feed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import feedparser
import pytest

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.offices import registry
from ilo_archive.queries.archive import Archive
from ilo_archive.queries.since import Since, updates_of
from ilo_archive.reader.page import Page
from ilo_archive.reader.snapshot import Snapshot
from ilo_archive.report.feed import render_feed
from ilo_archive.report.updates import items
from tests.support.answers import Ask, assert_one_line
from tests.support.build import a_page, a_snapshot, an_empty_archive, news, utc
from tests.support.reports import HOSTILE, dom

NOW = utc("2026-01-01T00:00:00Z")
OLD = [news(n, day=f"2015-01-{10 - n:02}") for n in range(1, 6)]
NEW = [news(n, day=f"2015-02-{20 - n:02}") for n in range(11, 16)]

EIGHTH, NINTH = news(8, day="2015-03-08"), news(9, day="2015-03-01")


def record(
    home: Path, *snapshots: Snapshot, day: str = "2026-01-01", command: str = "crawl"
) -> None:
    """A run of that day that records these captures."""
    if not (home / "archive.sqlite").exists():
        an_empty_archive(home)
    writer = ArchiveWriter(home, registry())
    moment = utc(f"{day}T00:00:00Z")
    run = writer.start_run(command, moment)
    writer.record_many(snapshots, run)
    writer.end_run(run, "finished", moment)
    writer.close()


def since(home: Path, when: str = "last-run", office: str | None = None) -> Since:
    with Archive(home / "archive.sqlite") as archive:
        return archive.changes_since(when, office)


def found(
    home: Path, when: str = "last-run", office: str | None = None
) -> list[tuple[str, str, str]]:
    """Weight, kind and subject of every item."""
    updates = since(home, when, office).updates
    return [(each.weight, each.kind, each.subject) for one in updates for each in items(one)]


def redesigned(page: Page) -> Page:
    return replace(page, template="cards")


# -- which captures count ---------------------------------------------------------------------


def test_the_last_run_counts_its_own_captures(home: Path) -> None:
    record(home, a_snapshot("2015", a_page(*OLD)), day="2026-01-01")
    record(home, a_snapshot("2016", a_page(NINTH, *OLD)), day="2026-01-08")
    assert found(home) == [("major", "appeared", "Item 9")]


def test_a_date_counts_the_captures_recorded_from_then_on(home: Path) -> None:
    record(home, a_snapshot("2015", a_page(*OLD)), day="2026-01-01")
    record(home, a_snapshot("2016", a_page(NINTH, *OLD)), day="2026-01-08")
    record(home, a_snapshot("2017", a_page(EIGHTH, NINTH, *OLD)), day="2026-01-15")
    assert found(home, "2026-01-08") == [
        ("major", "appeared", "Item 9"),
        ("major", "appeared", "Item 8"),
    ]
    assert found(home, "2026-01-09") == [("major", "appeared", "Item 8")]
    assert since(home, "2026-02").captures == 0


def test_all_offices_count_or_one(home: Path) -> None:
    pages = [
        a_snapshot("2015", a_page(news(n)), office=office)
        for n, office in ((1, "moscow"), (2, "rome"))
    ]
    record(home, *pages)
    assert found(home) == [("major", "first", "moscow/en"), ("major", "first", "rome/en")]
    assert found(home, office="rome") == [("major", "first", "rome/en")]


def test_a_reading_anew_brings_nothing(home: Path) -> None:
    record(home, a_snapshot("2015", a_page(*OLD)))
    record(home, a_snapshot("2015", a_page(*OLD[:3])), day="2026-01-08", command="reread")
    assert since(home, "2026-01-02").captures == 0


def test_a_failed_capture_is_no_change(home: Path) -> None:
    record(home, a_snapshot("2015", a_page(*OLD)))
    record(home, a_snapshot("2016", None), day="2026-01-08")
    assert (since(home).captures, since(home).updates) == (1, ())


# -- weights ----------------------------------------------------------------------------------


def test_an_entry_pushed_off_the_list_is_minor_and_a_dropped_one_major(home: Path) -> None:
    record(home, a_snapshot("2015", a_page(*OLD)))
    kept = [*NEW[:2], OLD[0], *OLD[2:4]]  # 2 left while 3 and 4 stayed, 5 was the last
    record(home, a_snapshot("2016", a_page(*kept)), day="2026-01-08")
    gone = {subject: weight for weight, kind, subject in found(home) if kind == "gone"}
    assert gone == {"Item 2": "major", "Item 5": "minor"}


def test_the_year_of_a_credit_is_noise(home: Path) -> None:
    record(home, a_snapshot("2015", a_page(news(1, credit="© M. Crozet 2015"))))
    record(home, a_snapshot("2016", a_page(news(1, credit="© M. Crozet 2016"))), day="2026-01-08")
    assert [each[:2] for each in found(home)] == [("noise", "credit-year")]
    assert not since(home).differs


def test_a_redesign_is_one_item(home: Path) -> None:
    record(home, a_snapshot("2015", a_page(*OLD)))
    record(home, a_snapshot("2016", redesigned(a_page(*NEW))), day="2026-01-08")
    assert found(home) == [("major", "layout", "wcms to cards")]
    (layout,) = items(since(home).updates[0])
    assert layout.note == "The page has 5 entries in the new layout. Of 5 before it none stayed."


def test_a_new_layout_that_keeps_the_entries_hides_no_news(home: Path) -> None:
    record(home, a_snapshot("2015", a_page(*OLD)))
    record(home, a_snapshot("2016", redesigned(a_page(NINTH, *OLD))), day="2026-01-08")
    assert found(home) == [("major", "appeared", "Item 9"), ("minor", "layout", "wcms to cards")]


# -- the command ------------------------------------------------------------------------------


def test_without_changes_the_answer_is_one_line(in_process: Ask, home: Path) -> None:
    record(home, a_snapshot("2015", a_page(*OLD)))
    record(home, a_snapshot("2016", a_page(*OLD)), day="2026-01-08")
    outcome = in_process("--home", home, "diff", "--since", "last-run", "--exit-code")
    assert outcome.code == 0
    assert outcome.out == "1 capture recorded since 8 January 2026, 00:00 UTC, nothing changed\n"


@pytest.mark.parametrize("format_", ["text", "json", "html", "atom"])
def test_every_format_has_every_change(in_process: Ask, sample_home: Path, format_: str) -> None:
    ask = ("--home", sample_home, "diff", "--since", "last-run", "--format", format_)
    outcome = in_process(*ask, "--exit-code")
    assert outcome.code == 1
    for title in ("Child labour rises to 160 million", "Minsk seminar looks at pay systems"):
        assert title in outcome.out


def test_json_names_both_captures_of_a_change(in_process: Ask, home: Path) -> None:
    record(home, a_snapshot("2015", a_page(*OLD)), a_snapshot("2016", a_page(NINTH, *OLD)))
    answer = json.loads(
        in_process("--home", home, "diff", "--since", "2026", "--format", "json").out
    )
    first, second = answer["updates"]
    assert (first["from"], first["to"]["captured_at"]) == (None, "2015-01-01T00:00:00Z")
    assert second["from"]["captured_at"] == "2015-01-01T00:00:00Z"
    assert [each["entry_id"] for each in second["changes"]] == ["wcms-9-en"]


def test_since_goes_with_nothing_else(in_process: Ask, home: Path) -> None:
    record(home, a_snapshot("2015", a_page(*OLD)))
    ask = ("--home", home, "diff")
    assert_one_line(in_process(*ask), 2)
    assert_one_line(in_process(*ask, "moscow", "2015", "2016", "--since", "2026"), 2)
    assert_one_line(in_process(*ask, "--since", "2026", "--format", "md"), 2)
    assert_one_line(in_process(*ask, "--since", "yesterday"), 2)
    assert_one_line(in_process(*ask, "mosow", "--since", "2026"), 2)


# -- the feed ---------------------------------------------------------------------------------


def feed_of(home: Path) -> feedparser.FeedParserDict:
    """The feed as a feed reader has it, which complains of nothing."""
    parsed = feedparser.parse((home / "reports" / "feed.atom").read_bytes())
    assert not parsed.bozo, parsed.bozo_exception
    assert parsed.version == "atom10"
    return parsed


def test_a_feed_reader_sees_each_item_once(in_process: Ask, home: Path) -> None:
    record(home, a_snapshot("2015", a_page(*OLD)))
    record(home, a_snapshot("2016", a_page(NINTH, *OLD)), day="2026-01-08")
    assert in_process("--home", home, "report").code == 0
    before = feed_of(home)
    assert [each.title for each in before.entries] == [
        "moscow: Appeared: Item 9",
        "moscow: First capture: moscow/en",
    ]
    record(home, a_snapshot("2017", a_page(EIGHTH, NINTH, *OLD)), day="2026-01-15")
    assert in_process("--home", home, "report").code == 0
    after = feed_of(home)
    assert [each.id for each in after.entries[1:]] == [each.id for each in before.entries]
    assert len({each.id for each in after.entries}) == 3
    assert after.feed.id == before.feed.id
    assert after.feed.updated == "2017-01-01T00:00:00Z"


def test_the_latest_page_has_the_last_run(in_process: Ask, home: Path) -> None:
    record(home, a_snapshot("2015", a_page(*OLD)))
    record(home, a_snapshot("2016", a_page(NINTH, *OLD)), day="2026-01-08")
    assert in_process("--home", home, "report").code == 0
    page = dom((home / "reports" / "latest.html").read_text(encoding="utf-8"))
    assert page.xpath("//p[@class='subject']/a/text()") == ["Item 9"]


def test_any_text_is_text_in_the_feed(home: Path) -> None:
    texts = [each for each in HOSTILE if "\ud83d" not in each]
    page = a_page(*(news(n, f"{n} {text}") for n, text in enumerate(texts, 1)), office=texts[0])
    record(home, a_snapshot("2015", a_page()), a_snapshot("2016", page))
    with Archive(home / "archive.sqlite") as archive:
        feed = render_feed(updates_of(archive.history("moscow")), NOW)
    parsed = feedparser.parse(feed.encode())
    assert not parsed.bozo, parsed.bozo_exception
    assert len([each for each in parsed.entries if "Appeared" in each.title]) == len(texts)


def test_an_empty_feed_is_valid() -> None:
    assert not feedparser.parse(render_feed([], NOW).encode()).bozo
