"""The registry of offices: their names, languages and addresses over time.

An address that the registry does not know counts as an office of its own; its slug is made from the
address.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from ilo_archive.errors import IloArchiveError
from ilo_archive.suggestions import did_you_mean

_LANGUAGE_PART = re.compile(r"/lang--([a-z]{2})(?=/|$)")
OFFSET_MARK = "/nextRow--"
"""The part of an address that marks an offset list; the number of its first row follows."""

_OFFSET_PART = re.compile(rf"{OFFSET_MARK}\d+(?=/|$)")
_INDEX_PAGE = re.compile(r"/(?:index|default)\.[a-z]{3,5}$")
_LANGUAGE_FOLDER = re.compile(r"^(?:ar|de|en|es|fr|it|ja|pt|ru|zh(?:-hans)?)(?:/|$)")  # since 2024
_NAMES_ITEM = re.compile(r"p|v|(?:\w*_)?(?:id|nid|newsid|articleid|item|article)")
_NAMES_ANYTHING = re.compile(r"(?!utm_|mc_|pk_|fbclid|gclid|yclid|ref$|share|from$|lang$|hl$).+")
# Fragments that name an item: a script loads it ("#!/news/7") or a hand-made list has it ("#2",
# "#news12").
_NAMES_PART = re.compile(r"!?/.*|[a-z]*[-_]?\d[\d_-]*", re.IGNORECASE)
_NO_SLUG = re.compile(r"[\W_]+")  # letters of any script: two Russian sites are two offices
_SLUG = re.compile(r"[a-z][a-z0-9-]*")
_OWN_SLUG = re.compile(r"[^\W_](?:[^\W_]|-)*")  # as made from addresses: letters of any script
_LONGEST_SLUG = 63  # letters, as in a label of a host name: slugs become names of files
_LANGUAGE = re.compile(r"[a-z]{2}")
# Of 1: `moskow` is nearly `moscow` (0.83), `il.org` nearly `ilo.org`; `rivers` and `rome` are two.
_NEAR_NAME = 0.8
_NEAR = 0.9
_EVER = 9999  # a year after the end of every address that has one
_SHIPPED = Path(__file__).with_name("offices.toml")
_T = TypeVar("_T")


class UnknownOffice(IloArchiveError, LookupError):
    """A slug that neither the registry nor the archive knows."""


class BadSlug(IloArchiveError, ValueError):
    """A text that cannot be the slug of an office."""


class BadRegistry(IloArchiveError, ValueError):
    """A file of offices that does not have the form described at the head of `offices.toml`."""


@dataclass(frozen=True, slots=True)
class PageSeries:
    """A series of captures of one page: the name of the page, its office and its language.

    Presence on one capture and absence from the next mean something only within a series.
    `language` is an ISO 639-1 code, None if the address does not state it. `page` is
    `office/language` for a homepage that the registry knows, else the canonical address.
    """

    office: str
    language: str | None
    page: str


@dataclass(frozen=True, slots=True)
class Address:
    """A homepage of an office in one language.

    `since` and `until` are the first and last year of its use, None if unknown.
    """

    url: str
    language: str
    since: int | None = None
    until: int | None = None

    def in_use(self, year: int) -> bool:
        """True if it was the homepage in that year, as far as is known."""
        return (self.since or 0) <= year <= (self.until or _EVER)


@dataclass(frozen=True, slots=True)
class Office:
    """An office of the registry. The first of `languages` is the default for questions."""

    slug: str
    name: str
    languages: tuple[str, ...]
    addresses: tuple[Address, ...]

    def address(self, language: str | None = None, year: int | None = None) -> Address:
        """The homepage in a language (default: the first) as of a year (default: today).

        If several were in use, the one that was abandoned first.
        """
        wanted = language or self.languages[0]
        fitting = [each for each in self.addresses if each.language == wanted]
        used = [each for each in fitting if each.in_use(year or _EVER)]
        return min(used or fitting[:1], key=lambda each: each.until or _EVER)


class Registry:
    """Offices by slug, and which office an address belongs to."""

    def __init__(
        self, offices: Mapping[str, Office], hosts: Mapping[str, str], file: Path | None = None
    ) -> None:
        """`hosts` maps each alias to its host; `file` is the user's own file, if one was loaded.

        Raises BadRegistry if two homepages share an address.
        """
        self.offices = offices
        self.hosts = hosts
        self.file = file
        self._known: dict[str, PageSeries] = {}
        for office in offices.values():
            for address in office.addresses:
                self._enter(office, address)

    def _enter(self, office: Office, address: Address) -> None:
        """Make an address known as a homepage of its office."""
        series = PageSeries(office.slug, address.language, f"{office.slug}/{address.language}")
        known = self._known.setdefault(self.canonical(address.url), series)
        if known != series:
            raise BadRegistry(
                f"office {office.slug!r}: {address.url} is the homepage of {known.page} already"
            )

    def get(self, slug: str) -> Office:
        """The office with this slug. Raises UnknownOffice."""
        try:
            return self.offices[slug]
        except KeyError:
            hint = did_you_mean(slug, self.offices)
            raise UnknownOffice(f"no office {slug!r}: see `ilo-archive offices`{hint}") from None

    def canonical(self, url: str, *, with_language: bool = True) -> str:
        """An address without what varies between captures of one page: `ilo.org/moscow/lang--en`.

        Left out are scheme, port, `www.`, query, offset part and index page; an alias becomes its
        host.
        """
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
        path = _OFFSET_PART.sub("", parts.path)
        path = _INDEX_PAGE.sub("", path).rstrip("/")
        if not with_language:
            path = _LANGUAGE_PART.sub("", path)
        return self.hosts.get(host, host) + path

    def near_address(self, url: str) -> Address | None:
        """The known homepage that an unknown address nearly is: a slip of the pen, a page below it.

        None if the address is known itself, or like none.
        """
        if self.canonical(url) in self._known:
            return None
        host, _, path = self.canonical(url, with_language=False).partition("/")
        office = self._office_named_in(path) if self._is_near_host(host) else None
        if office:
            language = self.locate(url).language
            spoken = language if language in office.languages else None
            return self._nearest(url, office.addresses) or office.address(spoken)
        every = [address for each in self.offices.values() for address in each.addresses]
        return self._nearest(url, every)

    def _is_near_host(self, host: str) -> bool:
        hosts = {each.partition("/")[0] for each in self._known}
        return bool(get_close_matches(host, hosts, 1, _NEAR_NAME))

    def _office_named_in(self, path: str) -> Office | None:
        """The office whose slug is nearly a part of a path, the last such part."""
        for part in reversed(path.lower().split("/")):
            slug = next(iter(get_close_matches(part, self.offices, 1, _NEAR_NAME)), None)
            if slug:
                return self.offices[slug]
        return None

    def _nearest(self, url: str, addresses: Iterable[Address]) -> Address | None:
        """The address most like `url`; None if none is much like it."""
        by_canonical = {self.canonical(each.url): each for each in addresses}
        close = get_close_matches(self.canonical(url), by_canonical, 1, _NEAR)
        return by_canonical[close[0]] if close else None

    def address_of_item(self, link: str) -> str | None:
        """The canonical address of the item that a link leads to, the same for every language.

        None if the link leads to no item: not a web address, a host without a path, an office's
        homepage. On the organisation's own hosts only query parameters that select an item count
        (`?id=7`, Oracle APEX's `f?p=1000:12100`); elsewhere any may (`watch?v=...`).
        """
        if not is_address(link) or self.canonical(link) in self._known:
            return None
        host, slash, path = self.canonical(link, with_language=False).partition("/")
        is_own = host in self.hosts.values()
        if is_own:
            path = _LANGUAGE_FOLDER.sub("", path)
        fragment = urlsplit(link).fragment
        anchor = f"#{fragment}" if _NAMES_PART.fullmatch(fragment) else ""
        query = [
            pair
            for pair in parse_qsl(urlsplit(link).query, keep_blank_values=True)
            if (_NAMES_ITEM if is_own else _NAMES_ANYTHING).fullmatch(pair[0].lower())
        ]
        if not (path or query or anchor):
            return None
        search = f"?{urlencode(sorted(query))}" if query else ""
        return f"{host}{slash}{path}{search}{anchor}"

    def locate(self, url: str, office: str | None = None) -> PageSeries:
        """The page series that an address belongs to; `office` is the slug to use for an unknown
        address.

        An offset list is a series of its own: it may lack an entry that the homepage shows. Raises
        BadSlug.
        """
        canonical, path = self.canonical(url), urlsplit(url).path
        offset = "".join(_OFFSET_PART.findall(path))
        known = self._known.get(canonical)
        if known and office in (None, known.office):
            return replace(known, page=known.page + offset) if offset else known
        language = _LANGUAGE_PART.search(path)
        slug = (
            checked_slug(office) if office else _slug_of(self.canonical(url, with_language=False))
        )
        return PageSeries(slug, language.group(1) if language else None, canonical + offset)


def is_offset_list(page: str) -> bool:
    """True if a page is one part of a moving list, which shows other items on every capture.

    The absence of an item from such a page proves nothing.
    """
    return OFFSET_MARK in page


def item_number(url: str | None) -> str | None:
    """The item number in an address of the 2010-2024 site: `.../WCMS_358390/...` -> `358390`.

    None for an address without one.
    """
    found = re.search(r"WCMS_([0-9]+)", url or "", re.IGNORECASE)
    return found.group(1) if found else None


def absolute(url: str | None, base: str | None) -> str | None:
    """Resolve `url` against `base`; None unless the result is an http(s) address."""
    try:
        joined = urljoin(base or "", (url or "").strip())
        scheme = urlsplit(joined).scheme
    except ValueError:  # observed: "http://[" in a hand-made page
        return None
    return joined if scheme in ("http", "https") else None


def is_address(url: str) -> bool:
    """True if the text is an absolute http(s) address."""
    try:
        url.encode()
        parts = urlsplit(url)
        _ = parts.port  # raises for a number over 65535
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


# -- the files -----------------------------------------------------------------------------


@cache
def registry() -> Registry:
    """The offices that come with the program."""
    return _joined(Registry({}, {}), _SHIPPED)


def load_registry(file: str | Path | None = None) -> Registry:
    """The offices that come with the program and those of the user's own file, if any.

    The head of `offices.toml` describes the form of the file. A new slug adds an office; under a
    slug that comes with the program the file may add addresses, nothing else. Raises BadRegistry
    and OSError.
    """
    return _joined(registry(), Path(file)) if file else registry()


def _joined(base: Registry, path: Path) -> Registry:
    """The offices of `base` together with those of a file."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        _check_keys("the file", data, "homepage", "hosts", "office")
        offices = dict(base.offices)
        for slug, row in _table("office", data.get("office", {})).items():
            offices[slug] = _office(slug, row, offices.get(slug), data.get("homepage"))
        if offices == base.offices:
            raise BadRegistry("no office in it: add a table [office.SLUG]")
        hosts = {**base.hosts, **_aliases(base, data.get("hosts", {}))}
        return Registry(offices, hosts, path if base.offices else None)
    except ValueError as error:  # not UTF-8, not TOML, or not of the form
        raise BadRegistry(f"{path}: {error}") from error


def _office(slug: str, row: Any, shipped: Office | None, homepage: Any) -> Office:
    where = f"office {slug!r}"
    if not _SLUG.fullmatch(slug):
        raise BadRegistry(
            f"{where}: a slug has only a-z, 0-9 and hyphens, and begins with a letter"
        )
    row = _table(where, row)
    if shipped:
        return _with_addresses(where, shipped, row)
    _check_keys(where, row, "name", "languages", "addresses")
    name = _typed(f"{where}: name", row.get("name"), str, "a text")
    languages = tuple(_list(f"{where}: languages", row.get("languages")))
    if not name.strip() or not languages:
        raise BadRegistry(f"{where}: needs a name and at least one language")
    usual = [_usual(slug, each, homepage) for each in languages if homepage is not None]
    addresses = (*usual, *_addresses(where, row))
    if missing := {*languages} - {each.language for each in addresses}:
        raise BadRegistry(f"{where}: no address in {', '.join(sorted(missing))}")
    return Office(slug, name, languages, addresses)


def _with_addresses(where: str, shipped: Office, row: Mapping[str, Any]) -> Office:
    if set(row) != {"addresses"}:
        raise BadRegistry(
            f"{where} comes with the program: choose another slug, or add only addresses to it"
        )
    more = _addresses(where, row)
    languages = dict.fromkeys((*shipped.languages, *(each.language for each in more)))
    return replace(shipped, languages=tuple(languages), addresses=(*shipped.addresses, *more))


def _usual(slug: str, language: str, homepage: Any) -> Address:
    row = _table("homepage", homepage)
    url = _typed("homepage: url", row.get("url"), str, "an address")
    filled = url.replace("{slug}", slug).replace("{language}", language)
    return _address("homepage", {**row, "url": filled, "language": language})


def _addresses(where: str, row: Mapping[str, Any]) -> list[Address]:
    rows = _typed(f"{where}: addresses", row.get("addresses", []), list, "a list of tables")
    return [_address(where, each) for each in rows]


def _address(where: str, row: Any) -> Address:
    row = _table(f"{where}: an address", row)
    _check_keys(f"{where}: an address", row, "url", "language", "since", "until")
    url, language = row.get("url"), row.get("language")
    if not isinstance(url, str) or not is_address(url):
        raise BadRegistry(f"{where}: {url!r} is not an address: write it in full, from http:// on")
    if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
        raise BadRegistry(
            f"{where}: {url} has language {language!r}: use two small letters, e.g. en"
        )
    for name in ("since", "until"):
        if name in row:
            _typed(f"{where}: {name} of {url}", row[name], int, "a year")
    return Address(url, language, row.get("since"), row.get("until"))


def _aliases(base: Registry, rows: Any) -> dict[str, str]:
    """The aliases that a file adds, each with its host. Those of the program cannot be changed."""
    aliases = {
        _host(alias): _host(host)
        for host, listed in _table("hosts", rows).items()
        for alias in _list(f"hosts: {host!r}", listed)
    }
    for alias, host in aliases.items():
        if alias in {*base.hosts, *base.hosts.values()} or host in {*base.hosts, *aliases}:
            raise BadRegistry(f"hosts: {alias!r} or {host!r} is already an alias or a host")
    return aliases


def _host(name: str) -> str:
    return name.lower().removeprefix("www.")


def _table(where: str, value: Any) -> Mapping[str, Any]:
    return _typed(where, value, dict, "a table")


def _list(where: str, value: Any) -> list[str]:
    texts = _typed(where, value, list, "a list of texts")
    return [_typed(where, each, str, "a list of texts") for each in texts]


def _typed(where: str, value: Any, kind: type[_T], expected: str) -> _T:
    if not isinstance(value, kind):
        raise BadRegistry(f"{where}: must be {expected}")
    return value


def _check_keys(where: str, row: Mapping[str, Any], *known: str) -> None:
    if unknown := sorted({*row} - {*known}):
        raise BadRegistry(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(known)}")


def checked_slug(text: str) -> str:
    """The text, if it can be a slug: letters, digits and hyphens, 63 at most. Raises BadSlug."""
    if len(text) > _LONGEST_SLUG or not _OWN_SLUG.fullmatch(text):
        raise BadSlug(
            f"{text!r} is no slug of an office: use letters, digits and hyphens,"
            f" {_LONGEST_SLUG} at most"
        )
    return text


def _slug_of(canonical: str) -> str:
    """The slug of an address; that of a long one ends in a digest, so that no two are the same."""
    host, _, path = canonical.partition("/")
    slug = _NO_SLUG.sub("-", (path or host).lower()).strip("-") or "unnamed"
    if len(slug) <= _LONGEST_SLUG:
        return slug
    end = f"-{sha256(canonical.encode()).hexdigest()[:16]}"
    return slug[: _LONGEST_SLUG - len(end)].rstrip("-") + end
