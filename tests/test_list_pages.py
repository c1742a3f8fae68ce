"""Real list pages of other sites are read at least as well as before."""

import pytest

from tests.support.page_scores import LISTINGS, score


@pytest.mark.skipif(not LISTINGS.is_dir(), reason="no ../shared/listings beside this checkout")
def test_no_figure_is_below_its_floor() -> None:
    assert score(LISTINGS).below() == []
