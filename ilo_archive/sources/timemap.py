"""Parse TimeMaps, the lists of captures of Memento archives (RFC 7089).

A TimeMap is in link format (RFC 6690, 8288), JSON (of an aggregator, the Internet Archive or pywb)
or CDXJ. The text itself decides which: the `Content-Type` of many archives is wrong.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from ilo_archive.sources.cdx import MAX_LISTING, CdxRow, is_page_address, parse_cdx
from ilo_archive.sources.links import Link, iterate_links
from ilo_archive.sources.listing_rows import lines_of
from ilo_archive.sources.odd_lines import OddLines, OddTally
from ilo_archive.sources.tolerant_json import json_or_none
from ilo_archive.times import BadTimestamp, Precision, check_captured, parse_timestamp

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
    not be parsed. `is_cut`: it goes on, but has more than MAX_LISTING bytes.
    """

    mementos: tuple[Memento, ...] = ()
    pages: tuple[str, ...] = ()
    odd: OddLines = field(default_factory=OddLines)
    is_cut: bool = False


def parse_timemap(body: bytes, address: str) -> TimeMap:
    """Parse one page of a TimeMap that came from `address`, the base of its relative links.

    An empty text is the answer of an archive without captures. Raises NotATimeMap: an HTML page
    does not mean that there are no captures.
    """
    is_cut = len(body) > MAX_LISTING
    text = body[:MAX_LISTING].decode("utf-8-sig", "replace").strip()
    if not text:
        return TimeMap()
    if text.startswith("<"):
        return replace(_from_links(text, address), is_cut=is_cut)
    parsed = json_or_none(text) if text.startswith("{") else None
    if isinstance(parsed, dict) and _is_timemap(parsed):
        return _from_object(parsed, address)
    del parsed
    if text.startswith(("{", "[")):
        return _from_rows(body)
    return replace(_from_lines(text, address), is_cut=is_cut)


def _from_links(text: str, address: str) -> TimeMap:
    """A TimeMap in link format. Raises NotATimeMap."""
    odd = OddTally()
    mementos: list[Memento] = []
    pages: list[str] = []
    is_timemap = False
    for link in iterate_links(text, odd):
        is_timemap = is_timemap or bool(link.relations & _RELATIONS)
        if is_page_link(link):
            pages.append(link.target)
        if "memento" not in link.relations:
            continue
        memento = memento_of(link.target, link.parameters.get("datetime"), address)
        if memento:
            mementos.append(memento)
        else:
            odd.add(link.target)
    if not is_timemap:
        raise NotATimeMap(f"no TimeMap link in it: {text[:60]!r}")
    return TimeMap(tuple(mementos), absolute_addresses(pages, address), odd.lines)


_RELATIONS = frozenset({"original", "timegate", "timemap", "memento"})


def is_page_link(link: Link) -> bool:
    """True if a link leads to another page of the TimeMap (RFC 7089, 5.1.1) in link format."""
    kind = link.parameters.get("type", "link-format")
    is_timemap = bool(link.relations & {"timemap", "next", "prev"}) and "self" not in link.relations
    return is_timemap and "memento" not in link.relations and "link-format" in kind


def memento_of(uri: str, moment: str | None, address: str) -> Memento | None:
    """A memento from its link; None without a web address or a time at which there was a web.

    The 14 digits of a URI-M count before its `datetime`: where they differ, as at the UK Web
    Archive, the archive plays back the capture of the digits.
    """
    absolute = next(iter(absolute_addresses([uri], address)), None)
    if absolute is None:
        return None
    replayed = _REPLAYED.search(absolute)
    captured_at = _captured(replayed[1] if replayed else "") or _captured(moment or "")
    url = original_url(absolute)
    if not all(map(is_page_address, filter(None, (absolute, url)))):
        return None
    if replayed and url:  # joining a relative URI-M loses a slash: http:/www.ilo.org
        absolute = absolute[: replayed.start(2)] + url
    return Memento(absolute, captured_at, url) if captured_at else None


def _captured(text: str) -> datetime | None:
    """The time of a capture; None if it cannot be parsed or there was no web then."""
    moment = parse_moment(text)
    try:
        if moment:
            check_captured(moment)
    except BadTimestamp:
        return None
    return moment


def absolute_addresses(targets: Iterable[str], address: str) -> tuple[str, ...]:
    """Resolve links against the address of their page; without those that are not web addresses."""
    joined = []
    for target in targets:
        if target.startswith(("http://", "https://")):  # joining takes half of the time
            joined.append(target)
            continue
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
    odd = OddTally()
    for listed_memento in _list(listed):
        uris = list(_uris(listed_memento))
        named = [memento_of(uri, str(listed_memento.get("datetime", "")), address) for uri in uris]
        if not all(named) or not named:
            odd.add(json.dumps(listed_memento))
        mementos |= dict.fromkeys(filter(None, named))
    return TimeMap(tuple(mementos), absolute_addresses(_pages(fields), address), odd.lines)


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
        raise NotATimeMap(f"JSON, but not a TimeMap: {reply.odd.first[:60]!r}")
    return TimeMap(tuple(map(_from_row, reply.rows)), (), reply.odd, reply.is_cut)


def _from_row(row: CdxRow) -> Memento:
    moment = parse_timestamp(row.timestamp)[0]
    return Memento(None, moment, row.original, row.status, row.digest, row.precision)


def _from_lines(text: str, address: str) -> TimeMap:
    """A TimeMap in CDXJ. Raises NotATimeMap.

    Its lines are `!meta {…}`, `20150414103217 {"uri": …}` or `org,ilo)/ 20150414103217 {"url": …}`.
    """
    found: list[Memento] = []
    pages: list[str] = []
    odd = OddTally()
    for line in lines_of(text, len(text)):
        if line[0] in "!@":  # metadata
            parsed = json_or_none(line.partition(" ")[2])
            pages += _pages(parsed) if isinstance(parsed, dict) else ()
        else:
            mementos = _from_line(line, address)
            found += filter(None, mementos)
            if not (mementos and all(mementos)):
                odd.add(line)
    if odd.count and not found:
        raise NotATimeMap(f"no TimeMap line in it: {odd.lines.first[:60]!r}")
    return TimeMap(tuple(found), absolute_addresses(pages, address), odd.lines)


def _from_line(line: str, address: str) -> list[Memento | None]:
    """The mementos of a CDXJ line, None for one that could not be parsed."""
    parts = _CDXJ_LINE.fullmatch(line)
    fields = json_or_none(parts[2]) if parts else None
    if parts is None or not isinstance(fields, dict):
        return []
    if "url" in fields:
        reply = parse_cdx(json.dumps({**fields, "timestamp": parts[1]}).encode())
        return [_from_row(each) for each in reply.rows]
    moment = fields.get("datetime") or parts[1]
    return [memento_of(uri, str(moment), address) for uri in _uris(fields)]


def original_url(uri: str) -> str | None:
    """The URI-R inside a URI-M such as `…/20150414103217mp_/http://…`; None if it has
    another form.
    """
    found = _REPLAYED.search(uri)
    if found is None:
        return None
    scheme, _, rest = found[2].partition(":")
    return f"{scheme}://{rest.lstrip('/')}"


def split_uri_m(uri: str) -> tuple[str, str] | None:
    """The 14 digits and the URI-R of a URI-M; None if it has another form."""
    found, url = _REPLAYED.search(uri), original_url(uri)
    return (found[1], url) if found and url else None


def with_modifier(uri: str, modifier: str) -> str:
    """A URI-M with another modifier: `id_` for the bytes as captured, empty for the rendered page.

    A URI-M of another form is returned unchanged.
    """
    found = _REPLAYED.search(uri)
    return f"{uri[: found.end(1)]}{modifier}/{found[2]}" if found else uri
