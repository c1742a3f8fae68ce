"""Real list pages of other sites are read at least as well as before, with or without classes."""

import pytest

from tests.support.page_scores import LISTINGS, lost_without_names, score, without_names

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not LISTINGS.is_dir(), reason="no ../shared/listings beside this checkout")
def test_no_figure_is_below_its_floor() -> None:
    found = score(LISTINGS)
    assert found.below() == []
    assert lost_without_names(found, score(LISTINGS, without_names)) == []


def test_names_are_deleted_however_they_are_quoted() -> None:
    page = b"""<p class="a b" title=x><i ID='c' class=d>grid=1 id = 2</i></p>"""
    assert without_names(page) == b"""<p title=x><i>grid=1 id = 2</i></p>"""
