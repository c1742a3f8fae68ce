"""Pages of structures that no other test has are read right."""

import pytest

from ilo_archive.reader.page import read_page
from tests.support.unseen_pages import PAGES, TOLD, Expected


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_as_it_was_noted_down_before(name: str) -> None:
    body, expected = PAGES[name]
    entries = [entry for _, entry in read_page(body).entries]
    assert [Expected(e.title or "", str(e.date), e.link) for e in entries] == expected
    assert {entry.summary for entry in entries} <= {None, *TOLD}
