"""Link headers and link-format."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.sources.links import parse_links
from ilo_archive.sources.timegate import accept_datetime
from ilo_archive.sources.timemap import (
    Memento,
    NotATimeMap,
    parse_moment,
    parse_timemap,
)

PAGE = "http://www.ilo.org/moscow/lang--en/index.htm"
BASE = "http://127.0.0.1:9/a"
FIRST = datetime(2015, 4, 14, 10, 32, 17, tzinfo=UTC)
MOMENTS = st.integers(820_454_400, 1_767_225_600).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)


def test_commas_semicolons_and_quotes_inside_quotes_belong_to_the_value() -> None:
    links, odd = parse_links('<a>; title="x, \\"y\\"; <z>"; REL=Next , <b>;rel = prev;rel=no;flag')
    assert [(each.target, dict(each.parameters)) for each in links] == [
        ("a", {"title": 'x, "y"; <z>', "rel": "Next"}),
        ("b", {"rel": "prev", "flag": ""}),
    ]
    assert links[0].relations == {"next"}
    assert not odd


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="<>\r\n")).map(str.strip)
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)


@pytest.mark.slow
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
    assert not odd


@given(st.lists(st.tuples(MOMENTS, st.sampled_from(["", "mp_", "id_", "im_"])), max_size=20))
def test_every_memento_is_parsed_in_every_form_of_timemap(
    printed: list[tuple[datetime, str]],
) -> None:
    rows = [(m, f"{BASE}/{m:%Y%m%d%H%M%S}{modifier}/{PAGE}") for m, modifier in printed]
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
def test_any_bytes_are_a_timemap_or_refused_and_raise_no_other_error(body: bytes) -> None:
    try:
        printed = parse_timemap(body, BASE)
    except NotATimeMap:
        return
    assert all(each.captured_at.tzinfo is UTC for each in printed.mementos)
    assert all(page.startswith(("http://", "https://")) for page in printed.pages)


@given(st.text())
def test_any_text_is_a_moment_or_none(text: str) -> None:
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
def test_moments_are_parsed_in_several_forms(text: str) -> None:
    assert parse_moment(text) == FIRST


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    ["<", "<a", "<a>;", '<a>;b="', '<a>;b="\\', "<a>;b   ", "<a>;b=", "<a>;b;c=d", '"', " "],
)
def test_a_megabyte_of_half_links_is_read_in_seconds(piece: str) -> None:
    start = time.process_time()
    parse_links(piece * (1_000_000 // len(piece)))
    assert time.process_time() - start < 5
