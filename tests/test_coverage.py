"""`coverage`: captures of each month by outcome, and months without any."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Failure, NotFetched
from ilo_archive.cli import cli
from ilo_archive.offices import UnknownOffice, registry
from ilo_archive.queries.answers import (
    Coverage,
    Month,
)
from ilo_archive.queries.archive import Archive
from ilo_archive.queries.pages import NoCapture
from ilo_archive.reader.snapshot import Quality, Snapshot
from ilo_archive.times import Precision
from tests.support.build import NOW, a_page, a_snapshot, an_archive, an_entry, utc


def bad(when: str, quality: Quality) -> Snapshot:
    """A fetched capture that is not good."""
    return replace(a_snapshot(when, None), quality=quality)


def good(when: str, *, office: str = "moscow", language: str = "en") -> Snapshot:
    return a_snapshot(when, a_page(an_entry()), office=office, language=language)


def covered(home: Path, *snapshots: Snapshot, office: str = "moscow") -> list[Coverage]:
    with Archive(an_archive(home, *snapshots)) as archive:
        return archive.coverage(office)


def test_every_month_from_the_first_capture_to_the_last_is_listed(home: Path) -> None:
    [page] = covered(home, good("20151103"), good("20160201"), good("20151130"))
    assert (page.office, page.language, page.page) == ("moscow", "en", "moscow/en")
    assert (page.first, page.last) == (
        utc("2015-11-03T00:00:00Z"),
        utc("2016-02-01T00:00:00Z"),
    )
    assert page.months == (
        Month("2015-11", good=2),
        Month("2015-12"),
        Month("2016-01"),
        Month("2016-02", good=1),
    )


@pytest.mark.parametrize(
    ("quality", "kind"),
    [
        ("captcha", "blocked"),
        ("denied", "blocked"),
        ("login", "blocked"),
        ("redirect", "redirected"),
        ("error", "failed"),
        ("damaged", "failed"),
        ("empty", "failed"),
        ("parked", "failed"),
        ("soft404", "failed"),
        ("shell", "failed"),
        ("elsewhere", "failed"),
    ],
)
def test_a_capture_without_a_homepage_is_of_one_kind(
    home: Path, quality: Quality, kind: str
) -> None:
    [page] = covered(home, bad("20150401", quality))
    counts = asdict(page.months[0])
    assert {name for name, number in counts.items() if number == 1} == {kind}
    assert sorted(map(str, counts.values())) == ["0", "0", "0", "0", "1", "2015-04"]


def test_captures_not_fetched_are_counted_by_the_kind_of_failure(home: Path) -> None:
    kinds = {
        Failure.BLOCKED: "blocked",
        Failure.ROBOTS: "blocked",
        Failure.OTHER_CAPTURE: "redirected",
        Failure.NEVER_ARCHIVED: "missing",
        Failure.NOT_PLAYABLE: "failed",
        Failure.TURNED_AWAY: "failed",
        Failure.TOO_LARGE: "failed",
        Failure.ARCHIVE_ERROR: "failed",
        Failure.NO_ANSWER: "failed",
    }
    assert set(kinds) == set(Failure)
    writer = ArchiveWriter(home, registry())
    run = writer.start_run("test", NOW)
    for number, failure in enumerate(kinds, start=1):
        capture = a_snapshot(f"2015{number:02}", None).capture
        writer.record_failure(NotFetched(capture, failure, "a reason"), run)
    writer.list_captures([a_snapshot(f"2015{len(kinds) + 1:02}", None).capture])
    writer.close()
    with Archive(home / "archive.sqlite") as archive:
        [page] = archive.coverage("moscow")
    found = [max(kinds.values(), key=partial(getattr, month)) for month in page.months]
    assert found == [*kinds.values(), "missing"]


def test_each_language_has_a_calendar(home: Path) -> None:
    russian = good("201504", language="ru")
    pages = covered(home, good("201503"), russian, good("201505", office="rome"))
    assert [(page.page, page.months) for page in pages] == [
        ("moscow/en", (Month("2015-03", good=1),)),
        ("moscow/ru", (Month("2015-04", good=1),)),
    ]
    with Archive(home / "archive.sqlite") as archive:
        assert archive.coverage("moscow", "ru") == pages[1:]


def of_the(precision: Precision, when: str) -> Snapshot:
    snapshot = good(when)
    return replace(snapshot, capture=replace(snapshot.capture, precision=precision))


def test_a_capture_known_to_the_year_counts_for_no_month(home: Path) -> None:
    [page] = covered(home, of_the("year", "2015"), of_the("month", "201502"))
    assert page.months == (
        Month("2015", good=1),
        Month("2015-01"),
        Month("2015-02", good=1),
    )


def test_an_office_without_captures_has_no_calendar(home: Path) -> None:
    with Archive(an_archive(home, good("2015"))) as archive:
        with pytest.raises(NoCapture, match="rome"):
            archive.coverage("rome")
        with pytest.raises(NoCapture):
            archive.coverage("moscow", "fr")
        with pytest.raises(UnknownOffice):
            archive.coverage("atlantis")


# -- printed -------------------------------------------------------------------------------


@pytest.fixture
def printed(home: Path) -> Callable[..., str]:
    """A function: options -> what the command prints of the snapshots."""

    def ask(*snapshots: Snapshot, options: str = "") -> str:
        an_archive(home, *snapshots)
        command = ["--home", str(home), "coverage", "moscow", *options.split()]
        done = CliRunner().invoke(cli, command, catch_exceptions=False)
        assert done.exit_code == 0
        return done.output

    return ask


def test_the_calendar_has_a_line_a_year_and_a_cell_a_month(printed: Callable[..., str]) -> None:
    answer_text = printed(
        *(good(f"2015040{day}") for day in range(1, 4)),
        bad("20150409", "redirect"),
        bad("20150410", "redirect"),
        bad("20150601", "denied"),
        good("20160101"),
    )
    assert answer_text.splitlines() == [
        "moscow/en: 7 captures from 2015-04 to 2016-01: 4 good, 1 blocked, 2 redirected",
        "      Jan   Feb   Mar   Apr   May   Jun   Jul   Aug   Sep   Oct   Nov   Dec",
        "2015                    3,2r  .     1b    .     .     .     .     .     .",
        "2016  1",
        "",
        (
            "Key: a number = good captures in that month; b = blocked, r = redirected, f = failed,"
            " m = listed but not fetched; . = none known"
        ),
    ]


def test_no_month_is_left_out_where_the_terminal_is_narrow(
    printed: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert re.search(r"^2015 .* 1$", printed(good("201501"), good("201512")), re.MULTILINE)


def test_captures_of_an_unknown_month_are_printed_after_december(
    printed: Callable[..., str],
) -> None:
    lines = printed(of_the("year", "2015"), good("201512")).splitlines()
    assert lines[1].endswith("Dec  month unknown")
    assert re.fullmatch(r"2015( +\.){11} +1 +1", lines[2])


def test_json_has_every_month_with_every_kind(printed: Callable[..., str]) -> None:
    [page] = json.loads(printed(good("201504"), good("201506"), options="--format json"))
    assert page["page"] == "moscow/en"
    none = {"good": 0, "blocked": 0, "redirected": 0, "failed": 0, "missing": 0}
    assert page["months"] == [
        {"month": "2015-04", **none, "good": 1},
        {"month": "2015-05", **none},
        {"month": "2015-06", **none, "good": 1},
    ]
