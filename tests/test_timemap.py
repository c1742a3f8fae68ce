"""TimeMaps of every form, Link headers, and the questions that a TimeGate is asked."""

from __future__ import annotations

import json
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.sources.links import parse_links
from ilo_archive.sources.timegate import (
    TimeGateReply,
    accept_datetime,
    parse_timegate,
    search_captures,
)
from ilo_archive.sources.timemap import (
    Memento,
    NotATimeMap,
    original_url,
    parse_moment,
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

MOMENTS = st.integers(820_454_400, 2_177_452_800).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)  # of the years 1996 to 2038
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


# -- forms ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [LINKS, json.dumps(OF_AN_AGGREGATOR), OF_LINES])
def test_links_json_and_cdxj_tell_the_same_mementos(text: str) -> None:
    told = parse_timemap(text.encode(), f"{BASE}/timemap/{PAGE}")
    assert (told.mementos, told.pages, told.odd) == (MEMENTOS, (), ())


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
def test_rows_of_a_cdx_tell_the_address_status_and_digest_but_no_uri_m(text: str) -> None:
    told = parse_timemap(text.encode(), f"{BASE}/timemap/json/{PAGE}")
    assert told.mementos == (Memento(None, FIRST, PAGE, 200, "Z24"),)
    assert told.odd == ()


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
def test_a_page_for_people_is_no_empty_timemap(text: str) -> None:
    with pytest.raises(NotATimeMap):
        parse_timemap(text.encode(), BASE)


@pytest.mark.parametrize("text", ["", "\n", "[]", f'<{PAGE}>; rel="original"', '{"mementos": {}}'])
def test_a_timemap_may_name_no_memento(text: str) -> None:
    assert parse_timemap(text.encode(), BASE).mementos == ()


def test_what_a_timemap_says_oddly_is_set_aside_and_the_rest_is_kept() -> None:
    text = (
        "stray words, "
        f'<{MEMENTOS[0].uri}>; rel="memento"; datetime="Tue, 14 Apr 2015 10:32:17 GMT"\n'
        f'<{BASE}/somewhere>; rel="memento"; datetime="some day",'
        f"<ftp://127.0.0.1/20150414103217/{PAGE}>; rel=memento,"
        f"<{MEMENTOS[1].uri}>; rel=memento"
    )
    told = parse_timemap(f'<{PAGE}>; rel="original", {text}'.encode(), BASE)
    assert told.mementos == MEMENTOS
    assert told.odd[0] == "stray words"
    assert len(told.odd) == 3


def test_the_time_told_of_a_memento_goes_before_the_digits_of_its_address() -> None:
    text = (
        f'<{BASE}/20150101000000/{PAGE}>; rel="memento"; datetime="Tue, 14 Apr 2015 10:32:17 GMT"'
    )
    [memento] = parse_timemap(text.encode(), BASE).mementos
    assert memento.captured_at == FIRST


# -- links ---------------------------------------------------------------------------------


def test_commas_semicolons_and_quotes_inside_quotes_belong_to_the_value() -> None:
    links, odd = parse_links('<a>; title="x, \\"y\\"; <z>"; REL=Next , <b>;rel = prev;rel=no;flag')
    assert [(each.target, dict(each.parameters)) for each in links] == [
        ("a", {"title": 'x, "y"; <z>', "rel": "Next"}),
        ("b", {"rel": "prev", "flag": ""}),
    ]
    assert links[0].relations == {"next"}
    assert odd == []


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="<>\r\n")).map(str.strip)
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)


@given(st.lists(st.tuples(TEXT, st.dictionaries(NAMES, TEXT, max_size=4)), max_size=6), TEXT)
def test_links_that_were_written_are_read_again(
    links: list[tuple[str, dict[str, str]]], between: str
) -> None:
    def quoted(value: str) -> str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    written = [
        f"<{target}>" + "".join(f"; {name}={quoted(value)}" for name, value in named.items())
        for target, named in links
    ]
    found, odd = parse_links(",\n".join(written))
    assert [(each.target, dict(each.parameters)) for each in found] == links
    assert odd == []


@given(st.lists(st.tuples(MOMENTS, st.sampled_from(["", "mp_", "id_", "im_"])), max_size=20))
def test_every_memento_of_a_timemap_is_read_whatever_its_form(
    told: list[tuple[datetime, str]],
) -> None:
    rows = [(m, f"{BASE}/{m:%Y%m%d%H%M%S}{modifier}/{PAGE}") for m, modifier in told]
    wanted = [Memento(uri, moment, PAGE) for moment, uri in rows]
    links = [f'<{PAGE}>; rel="original"'] + [
        f'<{uri}>; rel="memento"; datetime="{accept_datetime(moment)}"' for moment, uri in rows
    ]
    listed = [{"datetime": accept_datetime(moment), "uri": uri} for moment, uri in rows]
    lines = [f"{moment:%Y%m%d%H%M%S} {json.dumps({'uri': uri})}" for moment, uri in rows]
    assert list(parse_timemap(",\n".join(links).encode(), BASE).mementos) == wanted
    assert list(parse_timemap("\n".join(lines).encode(), BASE).mementos) == wanted
    once = list(dict.fromkeys(wanted))
    in_json = json.dumps({"mementos": {"list": listed}})
    assert list(parse_timemap(in_json.encode(), BASE).mementos) == once


PIECES = ["<", ">", ";", ",", '"', "\\", "rel", "=", "memento", "datetime", "timemap", "[", "{",
          "}", "]", "http://[", "/20150414103217/http://a/", "99999999999999", " ", "\n", "!", ":",
          '"uri"', '"mementos"', "Tue, 14 Apr 2015", "\ufeff", "\x00", "é"]  # fmt: skip


@given(
    st.one_of(
        st.binary(), st.lists(st.sampled_from(PIECES)).map(lambda each: "".join(each).encode())
    )
)
def test_every_body_is_a_timemap_or_none_and_never_another_error(body: bytes) -> None:
    try:
        told = parse_timemap(body, BASE)
    except NotATimeMap:
        return
    assert all(each.captured_at.tzinfo is UTC for each in told.mementos)
    assert all(page.startswith(("http://", "https://")) for page in told.pages)


@given(st.text())
def test_every_text_is_a_moment_or_none(text: str) -> None:
    moment = parse_moment(text)
    assert moment is None or moment.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 14 Apr 2015 10:32:17 GMT",
        "Tue, 14 Apr 2015 12:32:17 +0200",
        "14 Apr 2015 10:32:17 -0000",
        "20150414103217",
        "2015041410321799",
        "2015-04-14T10:32:17Z",
        "2015-04-14T13:32:17+03:00",
    ],
)
def test_a_moment_has_several_forms(text: str) -> None:
    assert parse_moment(text) == FIRST


@pytest.mark.parametrize(
    "piece",
    ["<", "<a", "<a>;", '<a>;b="', '<a>;b="\\', "<a>;b   ", "<a>;b=", "<a>;b;c=d", '"', " "],
)
def test_a_megabyte_of_half_links_is_read_in_seconds(piece: str) -> None:
    start = time.process_time()
    parse_links(piece * (1_000_000 // len(piece)))
    assert time.process_time() - start < 5


# -- addresses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        (f"{BASE}/20150414103217mp_/{PAGE}", PAGE),
        (f"{BASE}/20150414103217/http:/www.ilo.org/a?b=/20160101000000/c", "http://www.ilo.org/a?b=/20160101000000/c"),
        ("https://perma.cc/ABCD-1234", None),
    ],
)  # fmt: skip
def test_the_address_of_a_page_stands_in_most_uri_ms(uri: str, url: str | None) -> None:
    assert original_url(uri) == url


def test_a_uri_m_is_told_for_people_and_for_the_bytes() -> None:
    assert (
        with_modifier(f"{BASE}/20150414103217mp_/{PAGE}", "id_")
        == f"{BASE}/20150414103217id_/{PAGE}"
    )
    assert with_modifier(f"{BASE}/20150414103217id_/{PAGE}", "") == MEMENTOS[0].uri
    assert with_modifier("https://perma.cc/ABCD-1234", "id_") == "https://perma.cc/ABCD-1234"


# -- TimeGates -----------------------------------------------------------------------------


def test_a_redirecting_timegate_tells_the_capture_chosen_and_those_beside_it() -> None:
    link = (
        f'<{PAGE}>; rel="original", <{BASE}/timemap/link/{PAGE}>; rel="timemap"; '
        f'type="application/link-format", '
        f'<{MEMENTOS[0].uri}>; rel="prev memento"; datetime="Tue, 14 Apr 2015 10:32:17 GMT"'
    )
    told = parse_timegate(link, f"{BASE}/{PAGE}", f"/a/20150619074508/{PAGE}", None)
    assert told.memento == MEMENTOS[1]
    assert told.named == MEMENTOS
    assert told.timemaps == (f"{BASE}/timemap/link/{PAGE}",)
    assert told.neighbours == {(FIRST, SECOND)}


def test_a_timegate_that_answers_itself_names_the_capture_by_its_time() -> None:
    link = f'<{MEMENTOS[0].uri}>; rel="memento"; datetime="Tue, 14 Apr 2015 10:32:17 GMT"'
    told = parse_timegate(link, f"{BASE}/{PAGE}", None, "Tue, 14 Apr 2015 10:32:17 GMT")
    assert (told.memento, told.named) == (MEMENTOS[0], (MEMENTOS[0],))


def test_a_timegate_may_answer_with_nothing() -> None:
    assert parse_timegate("", BASE, None, None) == TimeGateReply()
    assert parse_timegate("", BASE, "/login", None) == TimeGateReply()


def nearest(held: Sequence[datetime], moment: datetime) -> datetime | None:
    return min(held, key=lambda each: abs(each - moment), default=None)


def last_before(held: Sequence[datetime], moment: datetime) -> datetime | None:
    number = bisect_right(held, moment)
    return held[number - 1] if number else None


def first_after(held: Sequence[datetime], moment: datetime) -> datetime | None:
    number = bisect_left(held, moment)
    return held[number] if number < len(held) else None


def asked(
    held: Sequence[datetime],
    choose: Callable[[Sequence[datetime], datetime], datetime | None],
    period: tuple[datetime, datetime],
    *,
    tells_neighbours: bool,
) -> tuple[set[datetime], int]:
    """What a survey of a TimeGate finds, and with how many questions."""
    found: set[datetime] = set()
    questions = search_captures(*period)
    number = 0
    try:
        moment = next(questions)
        while True:
            number += 1
            chosen = choose(held, moment.replace(microsecond=0))
            named = {chosen} - {None}
            beside: set[tuple[datetime, datetime]] = set()
            if chosen and tells_neighbours:
                at = held.index(chosen)
                around = held[max(0, at - 1) : at + 2]
                named |= set(around)
                beside = set(pairwise(around))
            mementos = {each: Memento(None, each) for each in named if each}
            found |= mementos.keys()
            memento = mementos[chosen] if chosen else None
            told = TimeGateReply(memento, tuple(mementos.values()), (), frozenset(beside))
            moment = questions.send(told)
    except StopIteration:
        return found, number


@pytest.mark.parametrize("choose", [nearest, last_before, first_after])
@pytest.mark.parametrize("tells_neighbours", [False, True])
@given(st.lists(MOMENTS, max_size=12, unique=True).map(sorted))
def test_a_survey_finds_every_capture_of_a_timegate(
    choose: Callable[[Sequence[datetime], datetime], datetime | None],
    tells_neighbours: bool,
    held: list[datetime],
) -> None:
    period = datetime(1995, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
    found, number = asked(held, choose, period, tells_neighbours=tells_neighbours)
    assert found == set(held)
    assert number <= 6 * len(held) + 3


def test_a_survey_of_a_timegate_that_tells_neighbours_asks_less() -> None:
    held = [FIRST + timedelta(days=each * each) for each in range(60)]
    period = datetime(2014, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    alone, many = asked(held, nearest, period, tells_neighbours=False)
    beside, few = asked(held, nearest, period, tells_neighbours=True)
    assert alone == beside == set(held)
    assert few < many / 2


def test_a_survey_leaves_gaps_outside_its_period_alone() -> None:
    held = [FIRST + timedelta(days=each) for each in range(100)]
    period = FIRST + timedelta(days=40), FIRST + timedelta(days=42, hours=1)
    found, number = asked(held, nearest, period, tells_neighbours=False)
    assert found >= {held[41]}
    assert number < 20
