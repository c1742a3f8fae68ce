"""A limit gives the first of all rows, though not all of the archive is looked at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ilo_archive import Archive
from ilo_archive.queries import edits, gone
from tests.support.long_archive import make_long_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """A history of 300 captures, some of them bad, with edits and entries that come back."""
    with Archive(make_long_archive(tmp_path_factory.mktemp("long"), 300)) as opened:
        yield opened


@pytest.mark.parametrize("limit", [1, 2, 7, 40, 100, 10_000])
@pytest.mark.parametrize("at_once", [1, 3, 50])
def test_the_latest_edits_are_the_first_of_all(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, at_once: int, limit: int
) -> None:
    every = [*archive.edits()]
    assert len(every) > 10
    monkeypatch.setattr(edits, "_AT_ONCE", at_once)
    assert [*archive.edits(limit=limit)] == every[:limit]


@pytest.mark.parametrize("limit", [1, 2, 7, 40, 100, 10_000])
@pytest.mark.parametrize("captures", [1, 3, 50])
def test_the_entries_gone_last_are_the_first_of_all(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, captures: int, limit: int
) -> None:
    every = [*archive.gone()]
    assert len(every) > 20
    monkeypatch.setattr(gone, "_CAPTURES", captures)
    assert [*archive.gone(limit=limit)] == every[:limit]


def test_entries_gone_are_found_without_their_list_where_that_is_too_long(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = [*archive.gone()]
    monkeypatch.setattr(gone, "_MOST_ENTRIES", 0)
    assert [*archive.gone(limit=5)] == every[:5]
