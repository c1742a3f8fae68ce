"""What Memento archives tell of their captures (RFC 7089): TimeMaps, TimeGates, Link headers.

A TimeMap comes as links (RFC 6690, 8288), as JSON (of an aggregator, of the Internet Archive, of
pywb) or as CDXJ; which of them is told by the text itself, for the `Content-Type` of many archives
is wrong. Nothing here asks the network.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from ilo_archive.sources.cdx import CdxRow, parse_cdx
from ilo_archive.sources.links import Link, parse_links
from ilo_archive.sources.tolerant_json import json_or_none
from ilo_archive.times import BadTimestamp, Precision, parse_timestamp

_REPLAYED = re.compile(r"/(\d{14})(?:[a-z]{2,3}_)?/(https?:/{1,2}(?=[^/]).*)", re.DOTALL)
_CDXJ_LINE = re.compile(r"(?:\S+ )?(\d{4,17}) (\{.*\})\s*")


class NotATimeMap(ValueError):
    """A text that is no TimeMap of any known form: an error page, a robot test."""


@dataclass(frozen=True, slots=True)
class Memento:
    """One capture as a Memento archive tells it.

    `uri` is its URI-M, None where only a CDX row is told; `url` its URI-R where the archive or
    the URI-M names it; `digest` is empty and `status` None where a TimeMap tells neither.
    """

    uri: str | None
    captured_at: datetime
    url: str | None = None
    status: int | None = None
    digest: str = ""
    precision: Precision = "second"


@dataclass(frozen=True, slots=True)
class TimeMap:
    """The mementos of one page of a TimeMap, the pages it names beside itself, and what in
    it could not be understood.
    """

    mementos: tuple[Memento, ...] = ()
    pages: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()


def parse_timemap(body: bytes, address: str) -> TimeMap:
    """Read one page of a TimeMap that came from `address`, which relative links start from.

    An empty text is that of an archive that holds nothing. Raises NotATimeMap: an archive that
    answers with a page for people has not said that it holds nothing.
    """
    text = body.decode("utf-8-sig", "replace").strip()
    if not text:
        return TimeMap()
    if text.startswith("<"):
        return _of_links(text, address)
    told = json_or_none(text) if text.startswith("{") else None
    if isinstance(told, dict) and _is_timemap(told):
        return _of_object(told, address)
    if text.startswith(("{", "[")):
        return _of_rows(text.encode())
    return _of_lines(text, address)


def _of_links(text: str, address: str) -> TimeMap:
    links, odd = parse_links(text)
    related = [each for each in links if each.relations & _RELATIONS]
    if not related:
        raise NotATimeMap(f"no link of a TimeMap in it: {text[:60]!r}")
    mementos: list[Memento] = []
    for each in related:
        if "memento" in each.relations:
            memento = memento_of(each.target, each.parameters.get("datetime"), address)
            if memento:
                mementos.append(memento)
            else:
                odd.append(each.target)
    pages = [each.target for each in links if is_page_link(each)]
    return TimeMap(tuple(mementos), absolute_addresses(pages, address), tuple(odd))


_RELATIONS = frozenset({"original", "timegate", "timemap", "memento"})


def is_page_link(link: Link) -> bool:
    """Whether it leads to more of the TimeMap (RFC 7089, 5.1.1) in the form at hand."""
    kind = link.parameters.get("type", "link-format")
    is_timemap = bool(link.relations & {"timemap", "next", "prev"}) and "self" not in link.relations
    return is_timemap and "memento" not in link.relations and "link-format" in kind


def memento_of(uri: str, moment: str | None, address: str) -> Memento | None:
    """A memento; None without an address of the web or a time."""
    told = next(iter(absolute_addresses([uri], address)), None)
    if told is None:
        return None
    replayed = _REPLAYED.search(told)
    captured_at = parse_moment(moment or "") or parse_moment(replayed[1] if replayed else "")
    url = original(told)
    if replayed and url:  # joined from a relative one, it has lost a slash: http:/www.ilo.org
        told = told[: replayed.start(2)] + url
    return Memento(told, captured_at, url) if captured_at else None


def absolute_addresses(targets: Iterable[str], address: str) -> tuple[str, ...]:
    """Join links with the address of the page that has them; what is no address is dropped."""
    joined = []
    for each in targets:
        try:
            whole = urljoin(address, each)
        except ValueError:  # "http://[" is none
            continue
        if whole.startswith(("http://", "https://")):
            joined.append(whole)
    return tuple(joined)


def parse_moment(text: str) -> datetime | None:
    """A `datetime` of a TimeMap: RFC 1123 (RFC 7089, 2.1.1), 14 digits or ISO; None if none."""
    try:
        return parse_timestamp(text[:14] if text.isdigit() else text)[0]
    except BadTimestamp:
        pass
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _is_timemap(told: Mapping[str, Any]) -> bool:
    return bool({"mementos", "timemap_index", "original_uri"} & told.keys())


def _of_object(told: Mapping[str, Any], address: str) -> TimeMap:
    """The JSON of aggregators (Time Travel, MemGator)."""
    listed = told.get("mementos") or {}
    if isinstance(listed, dict):
        listed = [*_list(listed.get("list")), *filter(None, map(listed.get, _ENDS))]
    mementos: dict[Memento, None] = {}  # first and last are in the list as well
    odd: list[str] = []
    for each in _list(listed):
        uris = list(_uris(each))
        named = [memento_of(uri, str(each.get("datetime", "")), address) for uri in uris]
        if not all(named) or not named:
            odd.append(json.dumps(each))
        mementos |= dict.fromkeys(filter(None, named))
    return TimeMap(tuple(mementos), absolute_addresses(_pages(told), address), tuple(odd))


_ENDS = ("first", "last", "closest", "next", "prev")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _uris(told: object) -> Iterator[str]:
    """The `uri` of an object: Time Travel gives several of one memento in a list."""
    uri = told.get("uri") if isinstance(told, dict) else None
    for each in uri if isinstance(uri, list) else [uri]:
        if isinstance(each, str):
            yield each


def _pages(told: Mapping[str, Any]) -> Iterator[str]:
    for each in _list(told.get("timemap_index")):
        yield from _uris(each)
    around = told.get("pages")
    if isinstance(around, dict):
        for name in ("next", "prev"):
            yield from _uris(around.get(name))


def _of_rows(body: bytes) -> TimeMap:
    """The JSON of the Internet Archive (a table) and of pywb (an object a line): CDX rows."""
    listing = parse_cdx(body)
    if listing.odd and not listing.rows:
        raise NotATimeMap(f"JSON that is no TimeMap: {listing.odd[0][:60]!r}")
    return TimeMap(tuple(map(_of_row, listing.rows)), (), listing.odd)


def _of_row(row: CdxRow) -> Memento:
    moment = parse_timestamp(row.timestamp)[0]
    return Memento(None, moment, row.original, row.status, row.digest, row.precision)


def _of_lines(text: str, address: str) -> TimeMap:
    """CDXJ: `!meta {…}`, `20150414103217 {"uri": …}`, `org,ilo)/ 20150414103217 {"url": …}`."""
    found: list[Memento] = []
    pages: list[str] = []
    odd: list[str] = []
    for line in filter(str.strip, text.splitlines()):
        if line[0] in "!@":  # metadata
            told = json_or_none(line.partition(" ")[2])
            pages += _pages(told) if isinstance(told, dict) else ()
        else:
            mementos, rest = _of_line(line, address)
            found += mementos
            odd += rest
    if odd and not found:
        raise NotATimeMap(f"no line of a TimeMap in it: {odd[0][:60]!r}")
    return TimeMap(tuple(found), absolute_addresses(pages, address), tuple(odd))


def _of_line(line: str, address: str) -> tuple[list[Memento], list[str]]:
    parts = _CDXJ_LINE.fullmatch(line)
    told = json_or_none(parts[2]) if parts else None
    if parts is None or not isinstance(told, dict):
        return [], [line]
    if "url" in told:
        listing = parse_cdx(json.dumps({**told, "timestamp": parts[1]}).encode())
        return [_of_row(each) for each in listing.rows], list(listing.odd)
    moment = told.get("datetime") or parts[1]
    mementos = [memento_of(uri, str(moment), address) for uri in _uris(told)]
    return [each for each in mementos if each], [] if mementos and all(mementos) else [line]


def original(uri: str) -> str | None:
    """The URI-R inside a URI-M of the usual form `…/20150414103217mp_/http://…`."""
    found = _REPLAYED.search(uri)
    if found is None:
        return None
    scheme, _, rest = found[2].partition(":")
    return f"{scheme}://{rest.lstrip('/')}"


def modified(uri: str, modifier: str) -> str:
    """A URI-M with another modifier (`id_`: the bytes as captured; an empty one: for people).

    One of another form comes back as it is.
    """
    found = _REPLAYED.search(uri)
    return f"{uri[: found.end(1)]}{modifier}/{found[2]}" if found else uri
