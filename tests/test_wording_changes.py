"""Fields in which two wordings differ."""

import datetime
from dataclasses import dataclass

import pytest

from ilo_archive.queries.wording_changes import FieldChange, changed_fields
from tests.support.build import ymd

APRIL_14 = ymd("2015-04-14")


@dataclass(frozen=True, slots=True)
class Words:
    """A wording."""

    kicker: str | None = None
    title: str | None = "Seminar opens"
    dateline: str | None = "14 April 2015"
    date: datetime.date | None = APRIL_14
    date_end: datetime.date | None = None
    place: str | None = None
    summary: str | None = "It met."


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        (Words(), []),
        (Words(title="Seminar opened"), [("title", "Seminar opens", "Seminar opened")]),
        (Words(title="  Seminar\u00a0 OPENS"), []),
        (Words(dateline="14.04.2015"), []),  # how a date is printed is no wording
        (
            Words(dateline="15 April 2015", date=ymd("2015-04-15")),
            [("date", "2015-04-14", "2015-04-15")],
        ),
        (Words(date_end=ymd("2015-04-16")), [("date", "2015-04-14", "2015-04-14/2015-04-16")]),
        (Words(date=None, dateline="soon"), [("date", "2015-04-14", None)]),
        (
            Words(summary=None, kicker="Event"),
            [("kicker", None, "Event"), ("summary", "It met.", None)],
        ),
    ],
)
def test_a_wording_differs_in_its_words_and_days_only(
    after: Words, changes: list[tuple[str, str | None, str | None]]
) -> None:
    assert changed_fields(Words(), after) == tuple(FieldChange(*each) for each in changes)
