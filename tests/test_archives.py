"""The list of archives: its form, and what of it is meant by a name or an address."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ilo_archive.sources import archives
from ilo_archive.sources.archives import (
    UnknownArchive,
    archive_at,
    commoncrawl_at,
    limits_of,
    memento_archives,
)

LIST: dict[str, Any] = tomllib.loads(
    Path(archives.__file__).with_suffix(".toml").read_text(encoding="utf-8")
)
URL = "http://www.ilo.org/moscow/"


@pytest.mark.parametrize(("host", "row"), LIST["memento"].items())
def test_every_memento_archive_of_the_list_has_the_form(host: str, row: dict[str, Any]) -> None:
    assert row.keys() <= {"name", "timemap", "timegate", "raw", "hosts"}
    assert row["name"]
    assert {"timemap", "timegate"} & row.keys()
    for kind in ("timemap", "timegate"):
        address = row.get(kind, f"https://{host}/{{url}}")
        assert address.count("{url}") == 1
        assert address.endswith("{url}")
        assert (urlsplit(address).scheme, urlsplit(address).netloc) == ("https", host)
    assert row.get("raw") in (None, "id_")
    assert all(urlsplit(f"//{each}").hostname == each for each in row.get("hosts", ()))


def test_the_archives_that_most_captures_are_in_are_listed() -> None:
    names = {each.title for each in memento_archives(None)}
    assert names >= {
        "Internet Archive",
        "Arquivo.pt",
        "UK Web Archive",
        "Library of Congress",
        "Stanford Web Archive Portal",
        "archive.today",
    }


@pytest.mark.parametrize(("host", "row"), LIST["limits"].items())
def test_limits_are_requests_a_minute_and_seconds(host: str, row: dict[str, Any]) -> None:
    assert row.keys() <= {"listing", "playback", "pause"}
    assert all(value > 0 for value in row.values())
    assert row["pause"] == limits_of(host).pause if "." in host else True


def test_every_archive_but_this_machine_is_asked_with_limits() -> None:
    servers = [each.server for each in memento_archives(None)]
    for each in [*servers, commoncrawl_at(None), archive_at(None)]:
        assert each.limits.interval("listing") >= 1
        assert each.limits.interval("playback") > 0
        assert not each.is_local


@pytest.mark.parametrize(
    "which", ["arquivo.pt", "https://arquivo.pt", "http://arquivo.pt/wayback/"]
)
def test_an_archive_of_the_list_is_meant_by_its_host_or_an_address_of_it(which: str) -> None:
    [archive] = memento_archives(which)
    assert archive.timemap == "https://arquivo.pt/wayback/timemap/link/{url}"
    assert not archive.guessed


def test_the_addresses_of_another_archive_are_those_of_pywb() -> None:
    [archive] = memento_archives("http://127.0.0.1:8080/my-collection/")
    assert archive.timemap == "http://127.0.0.1:8080/my-collection/timemap/link/{url}"
    assert archive.timegate == "http://127.0.0.1:8080/my-collection/{url}"
    assert archive.guessed
    assert archive.server.is_local


def test_an_unknown_archive_name_is_refused() -> None:
    with pytest.raises(UnknownArchive, match=r"arquivo\.pt"):
        memento_archives("atlantis")


@pytest.mark.parametrize(
    ("uri", "home"),
    [
        ("https://archive.ph/20150414103217/" + URL, "https://archive.ph/20150414103217/" + URL),
        # Its names for one capture are many.
        ("http://archive.md/20150414103217/" + URL, "https://archive.ph/20150414103217/" + URL),
        ("http://archive.is:80/a", "https://archive.ph/a"),
        ("https://archive.ph.example.org/a", None),
        ("https://user@archive.is/a", None),
        ("https://archive.is:8443/a", None),
        ("https://127.0.0.1/a", None),
        ("http://[", None),
    ],
)
def test_an_archive_is_asked_under_its_own_name_only(uri: str, home: str | None) -> None:
    [archive] = memento_archives("archive.ph")
    assert archive.request_address(uri) == home


def test_common_crawl_has_two_servers_and_another_one_is_both() -> None:
    known = commoncrawl_at(None)
    assert (known.listing, known.playback) == (
        "https://index.commoncrawl.org",
        "https://data.commoncrawl.org",
    )
    other = commoncrawl_at("http://127.0.0.1:8080/")
    assert other.listing == other.playback == "http://127.0.0.1:8080"
