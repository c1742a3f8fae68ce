"""The registry of offices: their names, languages and addresses through time.

An address the registry does not know is an office of its own; its slug comes from the address.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

_LANGUAGE_PART = re.compile(r"/lang--([a-z]{2})(?=/|$)")
_OFFSET_PART = re.compile(r"/nextRow--\d+(?=/|$)")
_INDEX_PAGE = re.compile(r"/(?:index|default)\.[a-z]{3,5}$")
_LANGUAGE_FOLDER = re.compile(r"^(?:ar|de|en|es|fr|it|ja|pt|ru|zh(?:-hans)?)(?:/|$)")  # since 2024
_NAMES_ITEM = re.compile(r"p|v|(?:\w*_)?(?:id|nid|newsid|articleid|item|article)")
_NAMES_ANYTHING = re.compile(r"(?!utm_|mc_|pk_|fbclid|gclid|yclid|ref$|share|from$|lang$|hl$).+")
_FRAME = re.compile(r"^!?/")  # of pages that a script fills: "#!/news/7"
_SLUG = re.compile(r"[\W_]+")  # letters of any script: two Russian sites are two offices


class UnknownOffice(LookupError):
    """A slug that neither the registry nor the archive knows."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a capture belongs. `page` names the series of captures that show one page:
    presence on one and absence from the next say something only within a series.
    """

    office: str
    language: str | None
    page: str


@dataclass(frozen=True, slots=True)
class Address:
    """A homepage of an office in one language; in use from one year to another, when known."""

    url: str
    language: str
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Office:
    """An office of the registry. The first language is the one a question means by default."""

    slug: str
    name: str
    languages: tuple[str, ...]
    addresses: tuple[Address, ...]

    def address(self, language: str | None = None, year: int | None = None) -> Address:
        """The homepage in that language (default: the first), as it was in that year."""
        wanted = language or self.languages[0]
        fitting = [each for each in self.addresses if each.language == wanted]
        dated = [each for each in fitting if year and each.until and year <= each.until]
        return (dated or [each for each in fitting if not each.until] or fitting)[0]


class Registry:
    """Offices by slug, and the way from an address to its office."""

    def __init__(self, offices: Mapping[str, Office], hosts: Mapping[str, str]) -> None:
        """`hosts` maps each host to the one it is an alias of."""
        self.offices = offices
        self._hosts = hosts
        self._known = {
            self.canonical(address.url): Place(
                office.slug, address.language, f"{office.slug}/{address.language}"
            )
            for office in offices.values()
            for address in office.addresses
        }

    def get(self, slug: str) -> Office:
        """The office of that slug. Raises UnknownOffice."""
        try:
            return self.offices[slug]
        except KeyError:
            raise UnknownOffice(
                f"no office {slug!r} in the registry: see `ilo-archive offices`"
            ) from None

    def canonical(self, url: str, *, with_language: bool = True) -> str:
        """The address without what varies between captures of one thing: scheme, port, host
        alias, query, offset part and index page. `ilo.org/moscow/lang--en`.
        """
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
        path = _OFFSET_PART.sub("", parts.path)
        path = _INDEX_PAGE.sub("", path).rstrip("/")
        if not with_language:
            path = _LANGUAGE_PART.sub("", path)
        return self._hosts.get(host, host) + path

    def address_of_item(self, link: str) -> str | None:
        """The canonical address of what a link leads to, in whatever language; None for one that
        leads to no item: no address of the web, a host, the homepage of an office.

        Queries of the organisation's own hosts are stray, but for what programs read there
        (`f?p=1000:12100`, `?id=7`); elsewhere they may name the item (`watch?v=...`).
        """
        if not is_address(link) or self.canonical(link) in self._known:
            return None
        host, slash, path = self.canonical(link, with_language=False).partition("/")
        is_own = host in self._hosts.values()
        if is_own:
            path = _LANGUAGE_FOLDER.sub("", path)
        told = _FRAME.search(urlsplit(link).fragment) is not None
        query = [
            pair
            for pair in parse_qsl(urlsplit(link).query, keep_blank_values=True)
            if (_NAMES_ITEM if is_own else _NAMES_ANYTHING).fullmatch(pair[0].lower())
        ]
        if not (path or query):
            return None
        asked = f"?{urlencode(sorted(query))}" if query else ""
        return f"{host}{slash}{path}{asked}" + (f"#{urlsplit(link).fragment}" if told else "")

    def locate(self, url: str, office: str | None = None) -> Place:
        """The place of an address; `office` names one that the registry does not know.

        The offset part makes a page of its own: what such a list shows and the homepage does
        not is no absence.
        """
        canonical, path = self.canonical(url), urlsplit(url).path
        offset = "".join(_OFFSET_PART.findall(path))
        known = self._known.get(canonical)
        if known and office in (None, known.office):
            return replace(known, page=known.page + offset) if offset else known
        language = _LANGUAGE_PART.search(path)
        slug = office or _slug_of(self.canonical(url, with_language=False))
        return Place(slug, language.group(1) if language else None, canonical + offset)


def item_number(url: str | None) -> str | None:
    """The number that names an item of the 2010-2024 site: `.../WCMS_358390/...` -> `358390`."""
    found = re.search(r"WCMS_([0-9]+)", url or "", re.IGNORECASE)
    return found.group(1) if found else None


def absolute(url: str | None, base: str | None) -> str | None:
    """`url` as seen from `base`; None unless the outcome is an http(s) address."""
    try:
        joined = urljoin(base or "", (url or "").strip())
        scheme = urlsplit(joined).scheme
    except ValueError:  # observed: "http://[" in a hand-made page
        return None
    return joined if scheme in ("http", "https") else None


def is_address(url: str) -> bool:
    """Whether it is a whole address of the web."""
    try:
        url.encode()
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


@cache
def registry() -> Registry:
    """The registry that the program ships."""
    return load_registry(Path(__file__).with_name("offices.toml"))


def load_registry(path: Path) -> Registry:
    """Read a registry file; its form is described at its head."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    pattern = data["address"]
    offices = {slug: _office(slug, row, pattern) for slug, row in data["office"].items()}
    hosts = {alias: host for host, aliases in data["hosts"].items() for alias in aliases}
    return Registry(offices, hosts)


def _office(slug: str, row: Mapping[str, Any], pattern: str) -> Office:
    languages = tuple(row["languages"])
    usual = [Address(pattern.format(slug=slug, language=each), each) for each in languages]
    earlier = [Address(**each) for each in row.get("earlier", ())]
    return Office(slug, row["name"], languages, (*usual, *earlier))


def _slug_of(canonical: str) -> str:
    host, _, path = canonical.partition("/")
    return _SLUG.sub("-", (path or host).lower()).strip("-") or "unnamed"
