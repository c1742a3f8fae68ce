"""Parse TimeMaps, the lists of captures of Memento archives (RFC 7089).

A TimeMap is in link format (RFC 6690, 8288), JSON (of an aggregator, the Internet Archive or pywb)
or CDXJ. The text itself decides which: the `Content-Type` of many archives is wrong.
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
    """A text that is not a TimeMap of any known form: an error page, a bot check."""


@dataclass(frozen=True, slots=True)
class Memento:
    """A capture as a Memento archive lists it.

    `uri` is its URI-M, None if only a CDX row is listed. `url` is its URI-R, None if neither the
    archive nor the URI-M states it. `digest` is empty and `status` None if not listed.
    """

    uri: str | None
    captured_at: datetime
    url: str | None = None
    status: int | None = None
    digest: str = ""
    precision: Precision = "second"


@dataclass(frozen=True, slots=True)
class TimeMap:
    """One page of a TimeMap: its mementos, the addresses of further pages, and `odd`, what could
    not be parsed.
    """

    mementos: tuple[Memento, ...] = ()
    pages: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()


def parse_timemap(body: bytes, address: str) -> TimeMap:
    """Parse one page of a TimeMap that came from `address`, the base of its relative links.

    An empty text is the answer of an archive without captures. Raises NotATimeMap: an HTML page
    does not mean that there are no captures.
    """
    text = body.decode("utf-8-sig", "replace").strip()
    if not text:
        return TimeMap()
    if text.startswith("<"):
        return _from_links(text, address)
    parsed = json_or_none(text) if text.startswith("{") else None
    if isinstance(parsed, dict) and _is_timemap(parsed):
        return _from_object(parsed, address)
    if text.startswith(("{", "[")):
        return _from_rows(text.encode())
    return _from_lines(text, address)


def _from_links(text: str, address: str) -> TimeMap:
    """A TimeMap in link format. Raises NotATimeMap."""
    links, odd = parse_links(text)
    related = [each for each in links if each.relations & _RELATIONS]
    if not related:
        raise NotATimeMap(f"no TimeMap link in it: {text[:60]!r}")
    mementos: list[Memento] = []
    for link in related:
        if "memento" in link.relations:
            memento = memento_of(link.target, link.parameters.get("datetime"), address)
            if memento:
                mementos.append(memento)
            else:
                odd.append(link.target)
    pages = [each.target for each in links if is_page_link(each)]
    return TimeMap(tuple(mementos), absolute_addresses(pages, address), tuple(odd))


_RELATIONS = frozenset({"original", "timegate", "timemap", "memento"})


def is_page_link(link: Link) -> bool:
    """True if a link leads to another page of the TimeMap (RFC 7089, 5.1.1) in link format."""
    kind = link.parameters.get("type", "link-format")
    is_timemap = bool(link.relations & {"timemap", "next", "prev"}) and "self" not in link.relations
    return is_timemap and "memento" not in link.relations and "link-format" in kind


def memento_of(uri: str, moment: str | None, address: str) -> Memento | None:
    """A memento from its link; None without a web address or a time."""
    absolute = next(iter(absolute_addresses([uri], address)), None)
    if absolute is None:
        return None
    replayed = _REPLAYED.search(absolute)
    captured_at = parse_moment(moment or "") or parse_moment(replayed[1] if replayed else "")
    url = original_url(absolute)
    if replayed and url:  # joining a relative URI-M loses a slash: http:/www.ilo.org
        absolute = absolute[: replayed.start(2)] + url
    return Memento(absolute, captured_at, url) if captured_at else None


def absolute_addresses(targets: Iterable[str], address: str) -> tuple[str, ...]:
    """Resolve links against the address of their page; without those that are not web addresses."""
    joined = []
    for target in targets:
        try:
            absolute = urljoin(address, target)
        except ValueError:  # e.g. "http://["
            continue
        if absolute.startswith(("http://", "https://")):
            joined.append(absolute)
    return tuple(joined)


def parse_moment(text: str) -> datetime | None:
    """Parse a `datetime` of a TimeMap: RFC 1123 (RFC 7089, 2.1.1), 14 digits or ISO.

    None if it fails.
    """
    try:
        return parse_timestamp(text[:14] if text.isdigit() else text)[0]
    except BadTimestamp:
        pass
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _is_timemap(fields: Mapping[str, Any]) -> bool:
    """True for a JSON object with a key of a TimeMap."""
    return bool({"mementos", "timemap_index", "original_uri"} & fields.keys())


def _from_object(fields: Mapping[str, Any], address: str) -> TimeMap:
    """A TimeMap in the JSON of aggregators (Time Travel, MemGator)."""
    listed = fields.get("mementos") or {}
    if isinstance(listed, dict):
        listed = [*_list(listed.get("list")), *filter(None, map(listed.get, _ENDS))]
    mementos: dict[Memento, None] = {}  # without repetitions: first and last are in the list too
    odd: list[str] = []
    for listed_memento in _list(listed):
        uris = list(_uris(listed_memento))
        named = [memento_of(uri, str(listed_memento.get("datetime", "")), address) for uri in uris]
        if not all(named) or not named:
            odd.append(json.dumps(listed_memento))
        mementos |= dict.fromkeys(filter(None, named))
    return TimeMap(tuple(mementos), absolute_addresses(_pages(fields), address), tuple(odd))


_ENDS = ("first", "last", "closest", "next", "prev")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _uris(value: object) -> Iterator[str]:
    """Yield the `uri` of an object; Time Travel lists several for one memento."""
    uri = value.get("uri") if isinstance(value, dict) else None
    for each in uri if isinstance(uri, list) else [uri]:
        if isinstance(each, str):
            yield each


def _pages(fields: Mapping[str, Any]) -> Iterator[str]:
    """Yield the addresses of further pages in a JSON object."""
    for each in _list(fields.get("timemap_index")):
        yield from _uris(each)
    neighbours = fields.get("pages")
    if isinstance(neighbours, dict):
        for name in ("next", "prev"):
            yield from _uris(neighbours.get(name))


def _from_rows(body: bytes) -> TimeMap:
    """A TimeMap of CDX rows: the JSON of the Internet Archive (a table) and of pywb
    (JSON lines).
    """
    reply = parse_cdx(body)
    if reply.odd and not reply.rows:
        raise NotATimeMap(f"JSON, but not a TimeMap: {reply.odd[0][:60]!r}")
    return TimeMap(tuple(map(_from_row, reply.rows)), (), reply.odd)


def _from_row(row: CdxRow) -> Memento:
    moment = parse_timestamp(row.timestamp)[0]
    return Memento(None, moment, row.original, row.status, row.digest, row.precision)


def _from_lines(text: str, address: str) -> TimeMap:
    """A TimeMap in CDXJ. Raises NotATimeMap.

    Its lines are `!meta {…}`, `20150414103217 {"uri": …}` or `org,ilo)/ 20150414103217 {"url": …}`.
    """
    found: list[Memento] = []
    pages: list[str] = []
    odd: list[str] = []
    for line in filter(str.strip, text.splitlines()):
        if line[0] in "!@":  # metadata
            parsed = json_or_none(line.partition(" ")[2])
            pages += _pages(parsed) if isinstance(parsed, dict) else ()
        else:
            mementos, rest = _from_line(line, address)
            found += mementos
            odd += rest
    if odd and not found:
        raise NotATimeMap(f"no TimeMap line in it: {odd[0][:60]!r}")
    return TimeMap(tuple(found), absolute_addresses(pages, address), tuple(odd))


def _from_line(line: str, address: str) -> tuple[list[Memento], list[str]]:
    """The mementos of a CDXJ line, and the line itself if it could not be parsed."""
    parts = _CDXJ_LINE.fullmatch(line)
    fields = json_or_none(parts[2]) if parts else None
    if parts is None or not isinstance(fields, dict):
        return [], [line]
    if "url" in fields:
        reply = parse_cdx(json.dumps({**fields, "timestamp": parts[1]}).encode())
        return [_from_row(each) for each in reply.rows], list(reply.odd)
    moment = fields.get("datetime") or parts[1]
    mementos = [memento_of(uri, str(moment), address) for uri in _uris(fields)]
    return [each for each in mementos if each], [] if mementos and all(mementos) else [line]


def original_url(uri: str) -> str | None:
    """The URI-R inside a URI-M such as `…/20150414103217mp_/http://…`; None if it has
    another form.
    """
    found = _REPLAYED.search(uri)
    if found is None:
        return None
    scheme, _, rest = found[2].partition(":")
    return f"{scheme}://{rest.lstrip('/')}"


def with_modifier(uri: str, modifier: str) -> str:
    """A URI-M with another modifier: `id_` for the bytes as captured, empty for the rendered page.

    A URI-M of another form is returned unchanged.
    """
    found = _REPLAYED.search(uri)
    return f"{uri[: found.end(1)]}{modifier}/{found[2]}" if found else uri
