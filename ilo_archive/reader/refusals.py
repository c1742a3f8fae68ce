"""Pages that are none although the archive answered 200: parked domains, robot tests, shut
doors, soft 404s, empty shells, other sites. They are named, so that nobody takes one for a
page without news. What they are recognised by is data: `refusals.toml`.
"""

import ipaddress
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_args
from urllib.parse import urlsplit

from ilo_archive.offices import Registry, registry
from ilo_archive.reader.block import Block
from ilo_archive.text.normalise import fold_space, spoken

Verdict = Literal["parked", "captcha", "denied", "login", "soft404", "shell", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a page is none. `reason` is one line that names the evidence."""

    verdict: Verdict
    reason: str


def refusal(
    body: bytes,
    blocks: Sequence[Block],
    title: str | None,
    url: str | None,
    entries: int,
    offices: Registry | None = None,
) -> Refusal | None:
    """What the page is instead of a page, or None; never for a page with dated entries.

    `blocks` are its paragraphs, `title` the content of its `<title>`, `url` its address (None:
    another site is not recognised) and `entries` the number of entries found, dated or not.
    `offices` says which sites are one, as for `elsewhere`.
    """
    if entries and _is_dated(blocks):
        return None
    if sum(len(block.text) for block in blocks if not block.bare) > _LONG:
        return elsewhere(body, title, url, offices)
    if not entries and _FRAMESET.search(body):
        return Refusal("shell", "a frameset: what it shows is in other pages")
    seen = _look(body, blocks, title)
    found = [each for rule in _rules() if (each := _judge(rule, seen))]
    if found:
        best = max(found, key=lambda each: each.points)
        return Refusal(best.rule.verdict, _printable(_told(best)))
    return elsewhere(body, title, url, offices)


def page_title(body: bytes, encoding: str) -> str | None:
    """The content of the first `<title>` of a page, folded; None without one."""
    head = body[:_HEAD]
    try:
        if b"\0" in head[:64]:
            head = head.decode(encoding, "replace").encode()
            encoding = "utf-8"
        found = _TITLE.search(head)
        text = found[1].decode(encoding, "replace") if found else ""
    except (LookupError, UnicodeError):  # a charset that Python does not know, or is none
        return page_title(body, "utf-8") if encoding != "utf-8" else None
    return fold_space(unescape(text)) or None


_FRAMESET = re.compile(
    rb"<frameset\b[^<>]{0,300}>\s*(?:<!--.{0,200}?-->\s*)?<frame", re.IGNORECASE | re.DOTALL
)
_HEAD = 65_536  # bytes; where a title is looked for
_LONG = 8000  # characters; no page that is none says more, and searching more would cost
_MARKUP = 262_144  # bytes; where marks are looked for: more is script and style sheet
_TITLE = re.compile(rb"<title\b[^>]{0,200}>([^<]{0,2000})", re.IGNORECASE)


# -- what the page shows -------------------------------------------------------------------

_DATED = re.compile(r"(?<!\d)\d{4}(?!\d)|\d[./-]\d{1,2}[./-]\d\d|年")
_FULL_DATE = re.compile(r"(?<!\d)(?:\d{1,2}\D{1,30}\d{4}|\d{4}\D{1,15}\d{1,2})(?!\d)")
_RIGHTS = re.compile(r"©|\(c\)|copyright", re.IGNORECASE)
_DATELINE_LENGTH = 90  # characters; the longest seen has two days and a place
_SCRIPT_LETTER = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
_NOSCRIPT = re.compile(rb"<noscript\b[^<>]{0,200}>", re.IGNORECASE)
_END_NOSCRIPT = re.compile(rb"</noscript", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_SEPARATED = re.compile(r" [-–—:/] |[|·»«•]")


class _Seen(NamedTuple):
    """A page as its judges see it: texts in lower case, white space folded."""

    titles: list[str]
    headings: list[str]
    lesser: list[str]
    texts: list[tuple[str, bool]]
    unscripted: str
    words: int
    markup: bytes


def _is_dated(blocks: Sequence[Block]) -> bool:
    """Whether a line looks like a dateline: of an item, or of a paragraph where entries are
    printed without a list (observed until 2010). Links come last, they are menus.
    """
    return (
        any(block.role == "dateline" and block.item for block in blocks)
        or any(not block.bare and _looks_dated(block) for block in blocks)
        or any(block.bare and _looks_dated(block) for block in blocks)
    )


def _looks_dated(block: Block) -> bool:
    pattern = _DATED if block.item else _FULL_DATE
    if len(block.text) < _DATELINE_LENGTH or "\n" in block.text:
        lines = block.text.split("\n")
        return any(
            len(line) < _DATELINE_LENGTH and pattern.search(line) and not _RIGHTS.search(line)
            for line in lines
        )
    return False


def _look(body: bytes, blocks: Sequence[Block], title: str | None) -> _Seen:
    texts = [(spoken(block.text), block.bare) for block in blocks]
    markup = body[:_MARKUP]
    return _Seen(
        titles=_parts(title),
        headings=[spoken(text) for text in _main_headings(blocks)],
        lesser=[spoken(block.text) for block in blocks if block.level and not block.item],
        texts=texts,
        unscripted=spoken(_without_scripts(markup)),
        words=sum(_words(text) for text, _ in texts),
        markup=markup,
    )


def _without_scripts(markup: bytes) -> str:
    """The first words for readers without JavaScript."""
    found = islice(_NOSCRIPT.finditer(markup), 4)
    said = [_END_NOSCRIPT.split(markup[each.end() : each.end() + 2000], 1)[0] for each in found]
    return fold_space(_TAG.sub(" ", unescape(b" ".join(said).decode("utf-8", "replace"))))


def _parts(title: str | None) -> list[str]:
    """A title whole and in the parts that sites join in it: "404 | ILO"."""
    lowered = spoken(title or "")
    parts = (part.strip() for part in _SEPARATED.split(lowered))
    return list(filter(None, {lowered: 0, **dict.fromkeys(parts)}))


def _main_headings(blocks: Sequence[Block]) -> list[str]:
    """The headings of the first level, or the first heading, or the first paragraphs."""
    headings = [block for block in blocks if block.level and not block.item]
    first = [block for block in headings if block.level == 1] or headings[:1]
    plain = (block for block in blocks if not block.bare and not block.item)
    chosen = first or [block for block, _ in zip(plain, range(2), strict=False)]
    return [block.text for block in chosen]


def _words(text: str) -> int:
    """Words, or what would be: two letters in scripts that put no space between them."""
    spaced = text.count(" ") + 1
    return spaced if text.isascii() else spaced + len(_SCRIPT_LETTER.findall(text)) // 2


# -- the rules -----------------------------------------------------------------------------

_Pattern = re.Pattern[str] | None
_Bytes = re.Pattern[bytes] | None


class _Rule(NamedTuple):
    """A verdict and what speaks for it; see the head of refusals.toml."""

    verdict: Verdict
    means: str
    limit: int
    words: int
    silent: bool
    telling: _Pattern
    phrases: _Pattern
    hints: _Pattern
    any: _Pattern
    proofs: _Bytes
    marks: _Bytes


@cache
def _rules() -> list[_Rule]:
    path = Path(__file__).with_name("refusals.toml")
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return [_rule(verdict, table) for verdict, table in tables.items()]


def _rule(name: str, table: Mapping[str, Any]) -> _Rule:
    verdict = table.get("verdict", name)
    if verdict not in get_args(Verdict):
        raise ValueError(f"refusals.toml: no verdict {verdict!r}")
    titles, phrases, hints = (
        list(chain.from_iterable(table[kind].values())) for kind in ("titles", "phrases", "hints")
    )
    return _Rule(
        cast("Verdict", verdict),
        table["means"],
        table["limit"],
        table.get("words", 1_000_000),
        table.get("silent", False),
        _spoken([*titles, *phrases]),
        _spoken(phrases),
        _spoken(hints),
        _spoken([*titles, *phrases, *hints]),
        _written(table["proofs"]),
        _written(table["marks"]),
    )


def _spoken(phrases: Sequence[str]) -> _Pattern:
    """One expression, its branches by first letter: half of them would be tried in vain."""
    longest_first = sorted(map(spoken, phrases), key=len, reverse=True)
    branches: dict[str, list[str]] = {}
    for phrase in longest_first:
        branches.setdefault(phrase[0], []).append(_phrase(phrase))
    each = [
        f"{_edge(first, '<')}{re.escape(first)}(?:{'|'.join(rest)})"
        for first, rest in branches.items()
    ]
    return re.compile("|".join(each)) if each else None


_ANY = r"(?:[^.!?。]|\.(?=\w)){0,60}?"  # a full stop inside of a host name ends no sentence


def _phrase(phrase: str) -> str:
    """An expression for all but the first letter; words end where they end, but in scripts
    without spaces.
    """
    pattern = re.escape(phrase[1:]).replace(r"\ ", " ")
    pattern = pattern.replace(r" \* ", rf"(?: {_ANY})? ").replace(r"\*", _ANY)
    return f"{pattern}{_edge(phrase[-1], '')}"


def _edge(letter: str, side: str) -> str:
    bounded = letter == "*" or (letter.isalnum() and letter < "\u0590")
    return rf"(?{side}!\w)" if bounded else ""


def _written(marks: Sequence[str]) -> _Bytes:
    return re.compile("|".join(marks).encode(), re.IGNORECASE) if marks else None


# -- judging -------------------------------------------------------------------------------

_ENOUGH = 3  # points
_FEW = 40  # words of prose: less than the shortest description of an office with its address
_MOST = 0.45  # of a title or heading: "404 not found" yes, "page not found: how ..." no
_SILENT = 3  # words; "Loading ..." or a name
_SOME = 0.15  # of a paragraph; less is a description that mentions a password
_TOLD = 20  # words of prose under a heading of its own make a page


class _Case(NamedTuple):
    """What speaks for a verdict. `front`, `said` and `mark` quote it."""

    rule: _Rule
    points: int
    front: str | None
    said: str | None
    mark: str | None
    prose: int


def _judge(rule: _Rule, seen: _Seen) -> _Case | None:
    """Points: 3 or 2 for the title or main heading, 2 for a phrase, 2 or 1 for markup, 1 for
    a hint, 1 for few words.
    """
    if seen.words > rule.words or not (seen.markup or seen.texts):
        return None
    prose = sum(_words(text) for text, bare in seen.texts if not bare and _is_other(rule, text))
    if prose > rule.limit:
        return None
    front, worth = _front(rule, seen)
    texts = [*(text for text, bare in seen.texts if not bare), *_unscripted(seen)]
    said = next((hit for text in texts if (hit := _hit(rule.phrases, text))), None)
    hint = any(_hit(rule.hints, text) for text in texts)
    proof, mark = _mark(rule.proofs, seen), _mark(rule.marks, seen)
    if rule.silent and not proof:
        proof = _silence(seen)
    if not (front or said or proof):
        return None
    if not front and not proof and _speaks(rule, seen, prose, marked=bool(mark)):
        return None
    points = worth + 2 * bool(said) + hint + 2 * bool(proof) + bool(mark) + (prose <= _FEW)
    return _Case(rule, points, front, said, proof or mark, prose) if points >= _ENOUGH else None


def _front(rule: _Rule, seen: _Seen) -> tuple[str | None, int]:
    """The title or main heading that says it, and its worth."""
    for text in (*seen.titles, *seen.headings):
        if _covered(rule, text):
            return text, 3 if _hit(rule.phrases, text) else 2
    return None, 0


def _covered(rule: _Rule, text: str) -> bool:
    """Whether most of a title or heading is what such pages say."""
    if len(text) > 200 or not _hit(rule.telling, text) or rule.any is None:
        return False
    return sum(len(hit[0]) for hit in rule.any.finditer(text)) >= _MOST * len(text)


def _is_other(rule: _Rule, text: str) -> bool:
    """Whether a paragraph says something else, whatever words of such pages it may use."""
    if rule.any is None:
        return True
    return sum(len(hit[0]) for hit in rule.any.finditer(text)) < _SOME * len(text)


def _unscripted(seen: _Seen) -> list[str]:
    """What is shown without JavaScript; it counts where little else is shown."""
    return [seen.unscripted] if seen.words <= _FEW else []


def _speaks(rule: _Rule, seen: _Seen, prose: int, *, marked: bool) -> bool:
    """Whether the page has a heading of its own, and below it a description; or little below
    it, but neither markup nor another heading that would bear the phrase out.
    """
    if all(_hit(rule.any, text) or _is_host(text) for text in seen.headings):
        return False
    return prose >= _TOLD or not (marked or any(_covered(rule, text) for text in seen.lesser))


def _is_host(heading: str) -> bool:
    """Whether a heading names an address: "ilo.ru", "Welcome to ilo.ru"."""
    return bool(_HOST_NAME.search(heading)) and _words(heading) <= 4


_SCRIPT = re.compile(rb"<script\b", re.IGNORECASE)
_SHOWN = re.compile(rb"<(?:img|i?frame|area|object|embed|applet|video|canvas|svg)\b", re.IGNORECASE)


def _silence(seen: _Seen) -> str | None:
    """The scripts of a page that shows neither words nor pictures."""
    if seen.words > _SILENT or _REFRESH.search(seen.markup) or _SHOWN.search(seen.markup):
        return None
    return "<script" if len(_SCRIPT.findall(seen.markup)) > 1 else None


def _hit(pattern: _Pattern, text: str) -> str | None:
    found = pattern.search(text) if pattern else None
    return found[0] if found else None


def _mark(pattern: _Bytes, seen: _Seen) -> str | None:
    found = pattern.search(seen.markup) if pattern else None
    return found[0].decode("ascii", "replace")[:60] if found else None


def _told(case: _Case) -> str:
    evidence = [f"it says “{case.front or case.said}”" if case.front or case.said else ""]
    evidence.append(f"its markup holds {case.mark!r}" if case.mark else "")
    evidence.append(f"{case.prose} other words of prose")
    return f"{case.rule.means}: {', '.join(filter(None, evidence))} and no dated entries"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in fold_space(text))


# -- another site --------------------------------------------------------------------------

_HEAD_TAG = re.compile(rb"<(?:link|meta|base)\b[^<>]{1,900}>", re.IGNORECASE)
_NAMING = re.compile(
    rb"""rel\s*=\s*["']?canonical|(?:property|name)\s*=\s*["']?og:url|^<base""", re.IGNORECASE
)
_ADDRESS = re.compile(rb"""\b(?:href|content)\s*=\s*["']?([^"'\s>]{1,500})""", re.IGNORECASE)
_REFRESH = re.compile(
    rb"""<meta\b[^<>]{0,100}\brefresh\b[^<>]{0,100}\burl\s*=\s*["']?([^"'\s>]{1,500})"""
    rb"""|\blocation(?:\.href)?\s*=\s*["'](https?://[^"'\s]{1,500})"""
    rb"""|\blocation\.replace\(\s*["'](https?://[^"'\s]{1,500})""",
    re.IGNORECASE,
)
_SITE_NAME = re.compile(rb"""\bcontent\s*=\s*["']([^"'<>]{1,200})""", re.IGNORECASE)
_REPLAYED = re.compile(r"^https?://[^/]+/(?:[a-z-]+/)?\d{14}(?:[a-z]{2}_)?/(?=https?:)")
_HOST_NAME = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,12}(?![\w.])")
_SECOND_LEVEL = {"ac", "co", "com", "edu", "go", "gob", "gov", "gouv", "int", "net", "or", "org"}
_REFRESH_TAG = re.compile(
    rb"""<meta\b[^<>]{0,100}\brefresh\b[^<>]{0,100}\burl\s*=\s*["']?([^"'\s>]{1,500})""",
    re.IGNORECASE,
)
_FEW_WORDS = 12  # of a page that only sends its reader on: "If nothing happens, click here"
_FEW_BYTES = 4096  # a page that only sends its reader on is shorter


def elsewhere(
    body: bytes, title: str | None, url: str | None, offices: Registry | None = None
) -> Refusal | None:
    """Whether a page names itself the page of another site than the one asked for.

    It asks nothing about entries: after a redirect another site's news may be dated too.
    `url` is the address asked for; without one, or for an IP address, the answer is None. The
    sites of `offices` (default: those that the program ships) are no strangers to each other.
    """
    known = offices or registry()
    asked = _site(url or "", known)
    if asked is None:
        return None
    head = body[:_HEAD]
    named = [site for each in _declared(head) if (site := _site(each, known))]
    if not named and asked in _sites(known):
        named = [site for each in _named_in(head, title) if (site := _site(each, known))]
    if not named or any(_is_same(asked, site, known) for site in named):
        return None
    return Refusal(
        "elsewhere",
        _printable(f"a page of another site: {asked} was asked for, it calls itself {named[0]}"),
    )


def refresh_of(body: bytes, blocks: Sequence[Block]) -> str | None:
    """The address that a page sends its reader to with hardly a word; None for any other page."""
    found = _REFRESH_TAG.search(body[:_FEW_BYTES]) if len(body) < _FEW_BYTES else None
    if found is None or sum(_words(block.text) for block in blocks) > _FEW_WORDS:
        return None
    return unescape(found[1].decode("utf-8", "replace"))


def _declared(head: bytes) -> Iterator[str]:
    """Addresses by which a page names itself, or sends its reader to."""
    tags = [tag for tag in _HEAD_TAG.findall(head) if _NAMING.search(tag)]
    found = [named[1] for tag in tags if (named := _ADDRESS.search(tag))]
    if len(head) < _FEW_BYTES:
        found += [next(filter(None, sent.groups())) for sent in _REFRESH.finditer(head)]
    for address in found:
        yield _REPLAYED.sub("", unescape(address.decode("ascii", "replace")))


def _named_in(head: bytes, title: str | None) -> Iterator[str]:
    """Host names at the head of the title or the name of the site: "casino-x.com - slots"."""
    tags = [tag for tag in _HEAD_TAG.findall(head) if b"og:site_name" in tag]
    found = [name[1].decode("utf-8", "replace") for t in tags if (name := _SITE_NAME.search(t))]
    for text in (title or "", *found):
        if host := _HOST_NAME.match(text.lower()):
            yield f"http://{host[0]}/"


def _site(address: str, offices: Registry) -> str | None:
    """The registrable host of an absolute address, the aliases of the registry taken as one;
    None for relative addresses, IP addresses and hosts without a dot.
    """
    try:
        host = urlsplit(address.strip()).hostname or ""
    except ValueError:  # "http://["
        return None
    if "." not in host or _is_ip(host):
        return None
    labels = host.strip(".").split(".")
    size = 3 if len(labels[-1]) == 2 and labels[-2:-1] and labels[-2] in _SECOND_LEVEL else 2
    site = ".".join(labels[-size:])
    return offices.canonical(f"http://{site}/")


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@cache
def _sites(offices: Registry) -> frozenset[str]:
    addresses = [each.url for office in offices.offices.values() for each in office.addresses]
    return frozenset(site for each in addresses if (site := _site(each, offices)))


def _is_same(asked: str, named: str, offices: Registry) -> bool:
    """One site: the same host, the same name under another top level, or one of the offices'."""
    return (
        asked == named
        or asked.partition(".")[0] == named.partition(".")[0]
        or named in _sites(offices)
    )
