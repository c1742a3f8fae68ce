"""TimeMaps of every form."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from ilo_archive.sources.timemap import (
    Memento,
    NotATimeMap,
    original_url,
    parse_timemap,
    with_modifier,
)

PAGE = "http://www.ilo.org/moscow/lang--en/index.htm"
BASE = "http://127.0.0.1:9/a"
FIRST = datetime(2015, 4, 14, 10, 32, 17, tzinfo=UTC)
SECOND = datetime(2015, 6, 19, 7, 45, 8, tzinfo=UTC)
MEMENTOS = (
    Memento(f"{BASE}/20150414103217/{PAGE}", FIRST, PAGE),
    Memento(f"{BASE}/20150619074508/{PAGE}", SECOND, PAGE),
)
LINKS = f"""<{PAGE}>; rel="original",
<{BASE}/timemap/link/{PAGE}>; rel="self"; type="application/link-format"
  ; from="Tue, 14 Apr 2015 10:32:17 GMT"; until="Fri, 19 Jun 2015 07:45:08 GMT",
<{BASE}/{PAGE}>; rel="timegate",
<{BASE}/20150414103217/{PAGE}>; rel="first memento"; datetime="Tue, 14 Apr 2015 10:32:17 GMT",
<{BASE}/20150619074508/{PAGE}>;rel="last memento";datetime="Fri, 19 Jun 2015 07:45:08 GMT"
"""
OF_AN_AGGREGATOR = {
    "original_uri": PAGE,
    "mementos": {
        "list": [
            {"datetime": "2015-04-14T10:32:17Z", "uri": f"{BASE}/20150414103217/{PAGE}"},
            {"datetime": "2015-06-19T07:45:08Z", "uri": [f"{BASE}/20150619074508/{PAGE}"]},
        ],
        "last": {"datetime": "2015-06-19T07:45:08Z", "uri": [f"{BASE}/20150619074508/{PAGE}"]},
    },
}
OF_LINES = f"""!context ["http://tools.ietf.org/html/rfc7089"]
!meta {{"original_uri": "{PAGE}"}}
20150414103217 {{"uri": "{BASE}/20150414103217/{PAGE}", "rel": "first memento"}}
20150619074508 {{"uri": "{BASE}/20150619074508/{PAGE}", "datetime": "2015-06-19T07:45:08Z"}}
"""

# -- forms --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [LINKS, json.dumps(OF_AN_AGGREGATOR), OF_LINES])
def test_links_json_and_cdxj_have_the_same_mementos(text: str) -> None:
    printed = parse_timemap(text.encode(), f"{BASE}/timemap/{PAGE}")
    assert (printed.mementos, printed.pages, printed.odd.count) == (MEMENTOS, (), 0)


ROW = {"timestamp": "20150414103217", "url": PAGE, "status": "200", "digest": "Z24"}
TABLE = [
    ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest"],
    ["org,ilo)/moscow", "20150414103217", PAGE, "text/html", "200", "Z24"],
]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ROW) + "\n",
        json.dumps(TABLE),
        f"org,ilo)/moscow 20150414103217 {json.dumps(ROW)}\n",
        f"org,ilo)/moscow 20150414103217 {json.dumps(ROW | {'timestamp': ''})}",
    ],
)
def test_cdx_rows_have_address_status_and_digest_but_no_uri_m(text: str) -> None:
    printed = parse_timemap(text.encode(), f"{BASE}/timemap/json/{PAGE}")
    assert printed.mementos == (Memento(None, FIRST, PAGE, 200, "Z24"),)
    assert not printed.odd


def test_the_pages_of_a_timemap_are_named_and_the_page_at_hand_is_not() -> None:
    text = (
        f'<{BASE}/1/{PAGE}>;rel="self timemap";type="application/link-format",'
        f'<{BASE}/2/{PAGE}>;rel="timemap";type="application/link-format"'
        f';from="Fri, 19 Jun 2015 07:45:08 GMT",'
        f'</a/3/{PAGE}>;rel="next";type="application/link-format",'
        f'<{BASE}/json/{PAGE}>;rel="timemap";type="application/json"'
    )
    pages = parse_timemap(text.encode(), f"{BASE}/1/{PAGE}").pages
    assert pages == (f"{BASE}/2/{PAGE}", f"http://127.0.0.1:9/a/3/{PAGE}")


@pytest.mark.parametrize(
    "more",
    [
        {"timemap_index": [{"from": "2015", "uri": "http://127.0.0.1:9/2"}]},
        {"mementos": [], "pages": {"next": {"uri": "http://127.0.0.1:9/2"}}},
    ],
)
def test_the_pages_of_a_json_timemap_are_named(more: dict[str, object]) -> None:
    assert parse_timemap(json.dumps(more).encode(), BASE).pages == ("http://127.0.0.1:9/2",)


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><title>Just a moment...</title>",
        "<html><body><a href=/>home</a></body></html>",
        "Resource not in archive",
        '{"message": "slow down"}',
        '"a"',
    ],
)
def test_an_html_page_is_not_an_empty_timemap(text: str) -> None:
    with pytest.raises(NotATimeMap):
        parse_timemap(text.encode(), BASE)


@pytest.mark.parametrize("text", ["", "\n", "[]", f'<{PAGE}>; rel="original"', '{"mementos": {}}'])
def test_a_timemap_may_have_no_memento(text: str) -> None:
    assert parse_timemap(text.encode(), BASE).mementos == ()


def test_odd_lines_of_a_timemap_are_reported_and_the_rest_is_kept() -> None:
    text = (
        "stray words, "
        f'<{MEMENTOS[0].uri}>; rel="memento"; datetime="Tue, 14 Apr 2015 10:32:17 GMT"\n'
        f'<{BASE}/somewhere>; rel="memento"; datetime="some day",'
        f"<ftp://127.0.0.1/20150414103217/{PAGE}>; rel=memento,"
        f"<{MEMENTOS[1].uri}>; rel=memento"
    )
    printed = parse_timemap(f'<{PAGE}>; rel="original", {text}'.encode(), BASE)
    assert printed.mementos == MEMENTOS
    assert printed.odd.first == "stray words"
    assert len(printed.odd) == 3


def test_the_digits_of_an_address_override_the_datetime_beside_it() -> None:
    text = (
        f'<{BASE}/20150414103217/{PAGE}>; rel="memento"; datetime="Thu, 01 Jan 2015 00:00:00 GMT"'
    )
    [memento] = parse_timemap(text.encode(), BASE).mementos
    assert memento.captured_at == FIRST


# -- addresses ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        (f"{BASE}/20150414103217mp_/{PAGE}", PAGE),
        (f"{BASE}/20150414103217/http:/www.ilo.org/a?b=/20160101000000/c", "http://www.ilo.org/a?b=/20160101000000/c"),
        ("https://perma.cc/ABCD-1234", None),
    ],
)  # fmt: skip
def test_the_original_address_is_found_in_most_uri_ms(uri: str, url: str | None) -> None:
    assert original_url(uri) == url


def test_a_uri_m_is_written_for_people_and_for_raw_bytes() -> None:
    assert (
        with_modifier(f"{BASE}/20150414103217mp_/{PAGE}", "id_")
        == f"{BASE}/20150414103217id_/{PAGE}"
    )
    assert with_modifier(f"{BASE}/20150414103217id_/{PAGE}", "") == MEMENTOS[0].uri
    assert with_modifier("https://perma.cc/ABCD-1234", "id_") == "https://perma.cc/ABCD-1234"
