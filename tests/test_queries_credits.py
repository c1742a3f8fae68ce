"""Credits: who is credited, where, when."""

from pathlib import Path

from ilo_archive import Archive
from ilo_archive.queries.answers import (
    Credited,
)
from tests.support.build import a_page, a_snapshot, an_archive, news, utc


def test_credits_have_holder_agency_offices_and_period(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(news(1, credit="© R. Aho / AFP"))),
        a_snapshot("2016", a_page(news(2, credit="© Rita Aho / AFP 2016")), office="rome"),
        a_snapshot("2017", a_page(news(3, credit="© ILO"))),
    )
    first, last = utc("2015-01-01T00:00:00Z"), utc("2016-01-01T00:00:00Z")
    rita = Credited(
        "Rita Aho", "AFP", 2, 2, first, last, ("R. Aho", "Rita Aho"), ("moscow", "rome")
    )
    with Archive(path) as archive:
        assert archive.credits("r. aho") == archive.credits("afp") == [rita]
        assert archive.credits("Rosa") == []
        assert [(each.holder, each.agency) for each in archive.credits()] == [
            ("Rita Aho", "AFP"),
            (None, "ILO"),
        ]
