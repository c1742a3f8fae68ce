"""Credits: the line that says who took a picture, and for whom.

The year of a credit is that of the capture, rendered anew every January (observed), so it is kept
as printed and left out of comparisons.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from unicodedata import category, normalize

# As printed: "OIL" is the ILO in Italian, "Oil" may be a surname.
_ACRONYMS = """
    ILO OIT BIT OIL IAO IAA МОТ МБТ ITCILO UN ONU ООН EU IOM IMF IFC ADB WHO FAO WFP OECD GIZ
    UNICEF UNHCR UNDP UNESCO UNFPA UNOPS USAID AFP AP EPA DPA TASS ТАСС
"""
_NAMES = """
    world bank; european union; european commission; un photo; un women; better work; red cross
    afp; dpa; epa; ansa; efe; lusa; notimex; reuters; associated press; xinhua; sputnik
    itar-tass; ria novosti; риа новости; 新华社
    flickr; getty images; shutterstock; istock; istockphoto; adobe stock; alamy; keystone; panos
    magnum; unsplash; pexels; pixabay; wikimedia; wikimedia commons
    international labour organization; international labour office; bureau international du travail
    organisation internationale du travail; organización internacional del trabajo
    organização internacional do trabalho; organizzazione internazionale del lavoro
    internationale arbeitsorganisation; международная организация труда; منظمة العمل الدولية
    国际劳工组织; 国際労働機関; องค์การแรงงานระหว่างประเทศ
"""
AGENCIES = frozenset(
    _ACRONYMS.split() + [name.strip() for name in re.split("[;\n]", _NAMES) if name.strip()]
)

_LONGEST = 160  # characters
_PHOTO = (
    r"(?:photo(?:graph(?:er|y)?)?s?|images?|pictures?|credits?|crédits?|créditos?|crediti"
    r"|foto(?:s|graf[íi]as?|grafi[ae]?)?|bild(?:nachweis)?|фото(?:граф(?:ия)?)?"
    r"|(?:ال)?صورة|تصوير|照片|图片|摄影|写真|撮影|ภาพ(?:ถ่าย)?)"
)
_MARK = re.compile(
    rf"""\s*(?:
        (?: [©ⓒ]
        |   \([cс]\) (?=\s*(?-i:[^\sa-zа-я]))          # "(c) training of ..." is a point of a list
        |   {_PHOTO} (?:\s+{_PHOTO})? (?: \s*[:：] | \s+(?:by|courtesy\s+of)\b | (?=\s*[©ⓒ(]) )
        |   photo\s+credits?\b
        ) \s*:?\s*
    )+""",
    re.VERBOSE | re.IGNORECASE,
)
_NOTICE = re.compile(
    r"copyright|permissions|disclaimer|rights reserved|droits r|derechos r|direitos r|diritti r"
    r"|rechte v|все права|права защ|حقوق|版权|版權|著作権|สงวน"
    r"|\b\d{4}\s*[-–—]\s*\d{2,4}\b"  # © 1996-2015
    r"|(?:organi|организаци).*\(\w{3}\)",  # International Labour Organization (ILO)
    re.IGNORECASE,
)
_PROSE = re.compile(r"\b(?:[a-zß-ÿ]{4,}|[а-яё]{4,})\b")
_YEAR_LAST = re.compile(r"[\s,(]*\b((?:19|20)\d\d)\)?\.?$")
_YEAR_FIRST = re.compile(r"((?:19|20)\d\d)\b[\s,]*(?=\S)")
_FULL_STOP = re.compile(r"(?<=\w{3})\.$")  # not that of initials
_SLASH = re.compile(r"\s*[/／|]\s*|\s+[-–—]\s+")
_AFTER_AGENCY = re.compile(r"\s*[,:;]\s*")
_PEOPLE = re.compile(r"\s*(?:[,;&]|\band\b)\s*")
_ORGANISED = re.compile(r"\b(?:of|for)\b")


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit. `text` is the line as printed, white space folded.

    `holder` names the photographer, several of them with "; " between where the print separates
    them; `agency` whom they work for or who spread the picture; `year` is the printed one.
    """

    text: str
    holder: str | None
    agency: str | None
    year: int | None


@lru_cache(maxsize=4096)  # captures of one page repeat their credits
def parse_credit(text: str) -> Credit | None:
    """Read a paragraph as a credit; None when it is none, as the notice at a page's foot."""
    mark = _MARK.match(text)
    if mark is None:
        return None
    text = _once(" ".join(text.split()))
    if len(text) >= _LONGEST or _NOTICE.search(text):
        return None
    body, year = _without_year(_body(text))
    if "©" not in text and len(_PROSE.findall(body)) > 2:  # Photo: Women sorting leaves of tea
        return None
    holder, agency = _holder_and_agency(body)
    if holder is None and _YEAR_FIRST.match(_body(text)):  # © 2015 ILO
        return None
    return Credit(text, holder, agency, year)


def credit_without_year(credit: Credit) -> str:
    """A form to compare: equal for credits that differ in case, spacing, mark or year only."""
    body, _ = _without_year(_body(credit.text))
    return "".join(body.split()).casefold()


def holders_of(credited: str) -> list[str]:
    """The people of `Credit.holder`, each once."""
    return list(dict.fromkeys(filter(None, credited.split("; "))))


def surname(name: str) -> str:
    """The word on which all forms of a name agree, in lower case without accents."""
    return _words(name)[-1]


def shown_holders(forms: Iterable[str]) -> dict[str, str]:
    """The name that each of these forms is shown under: the fullest form of its holder.

    Forms of one name are "M. Crozet", "Marcel Crozet", "CROZET Marcel"; "JannHuizenga": the surname
    agrees, each other word too or is the initial of its counterpart. The answer depends on the
    set of forms alone. A form that fits two people who are not one ("R. Aho"
    beside Rita and Rosa Aho) belongs to neither.
    """
    by_words: dict[_Words, list[str]] = {}
    for form in sorted(set(forms)):
        by_words.setdefault(_words(form), []).append(form)
    fits = {each: [other for other in by_words if _agree(each, other)] for each in by_words}
    clear = {each for each in fits if all(_agree(*pair) for pair in combinations(fits[each], 2))}
    shown = {}
    for words, printed in by_words.items():
        same = [other for other in fits[words] if other in clear] if words in clear else [words]
        fullest = min((form for each in same for form in by_words[each]), key=_fullness)
        shown.update(dict.fromkeys(printed, fullest))
    return shown


_Words = tuple[str, ...]
_SURNAME_FIRST = re.compile(r"([^\W\d_]{3,})\s+(.*[^\W\d_].*)")


def _words(name: str) -> _Words:
    """The words of a name to compare, never none, the surname last."""
    first = _surname_first(name)
    ordered = f"{first[2]} {first[1].lower()}" if first else name
    spaced = re.sub(r"(?<=[^\W\d_A-ZА-Я])(?=[A-ZА-Я])", " ", ordered)
    plain = re.sub(r"[\u0300-\u036f]", "", normalize("NFKD", spaced.casefold()))
    parts = "".join(each if each.isalnum() or category(each)[0] == "M" else " " for each in plain)
    return tuple(parts.split()) or (plain,)


def _surname_first(name: str) -> re.Match[str] | None:
    """A name that begins with the surname, which then stands in capitals: "CROZET Marcel"."""
    found = _SURNAME_FIRST.fullmatch(name)
    return found if found and found[1].isupper() and not found[2].isupper() else None


def _agree(words: _Words, others: _Words) -> bool:
    return (
        len(words) == len(others)
        and words[-1] == others[-1]
        and all(
            a == b or (_is_initial(a) and b.startswith(a)) or (_is_initial(b) and a.startswith(b))
            for a, b in zip(words, others, strict=True)
        )
    )


def _is_initial(word: str) -> bool:
    return len(word) == 1 and word.upper() != word  # a script without case has no initials


def _fullness(form: str) -> tuple[int, bool, bool, int, bool, str]:
    """What orders the forms of one name: the one with the most letters first, then the one in
    plain order, in upper and lower case, in separate words, with its accents.
    """
    words = _words(form)
    return (
        -sum(map(len, words)),
        _surname_first(form) is not None,
        form.isupper() or form.islower(),
        -len(form.split()),
        form.isascii(),
        form,
    )


def _once(text: str) -> str:
    """A credit that a page prints twice in one element (2024 template), once."""
    first, again, second = text.lstrip("©").partition("©")
    return f"©{first}".rstrip() if again and first.strip() == second.strip() else text


def _body(text: str) -> str:
    mark = _MARK.match(text)
    return _FULL_STOP.sub("", text[mark.end() if mark else 0 :])


def _without_year(body: str) -> tuple[str, int | None]:
    year = _YEAR_LAST.search(body) or _YEAR_FIRST.match(body)
    if year is None:
        return body, None
    return body[: year.start()] + body[year.end() :], int(year[1])


def _holder_and_agency(body: str) -> tuple[str | None, str | None]:
    """Of the two sides of a slash the agency is the known one, an acronym, else the last."""
    body = body.strip(" ,")
    parts = [part for part in _SLASH.split(body) if part]
    if len(parts) < 2:
        return _unseparated(body)
    agencies = [part for part in parts if _is_agency(part)] or parts[-1:]
    holders = [part for part in parts if part not in agencies]
    people = filter(None, map(_people, holders))
    return "; ".join(people) or None, "; ".join(agencies)


def _unseparated(body: str) -> tuple[str | None, str | None]:
    """A name, an agency, or both without a slash: "J. Marten World Bank", "ILO, M. Crozet"."""
    if _is_agency(body):
        return None, body
    head, *others = _AFTER_AGENCY.split(body, maxsplit=1)
    if others and _is_known(head):
        return _people(others[0]) or None, head
    words = body.split()
    for at in range(1, len(words)):
        behind = " ".join(words[at:]).strip("()")
        if _is_known(behind):
            return _people(" ".join(words[:at])) or None, behind
    return _people(body) or None, None


def _is_agency(part: str) -> bool:
    """An acronym, or what starts with the name of an agency: "ILO Moscow", not "AP Singh"."""
    if 2 <= len(part) <= 6 and part.isalnum() and part.isupper():
        return True
    words = part.split()
    starts = (" ".join(words[:n]) for n in range(1, 5))
    return _is_known(part) or any(len(start) > 2 and _is_known(start) for start in starts)


def _is_known(part: str) -> bool:
    return part in AGENCIES or part.casefold() in AGENCIES


def _people(names: str) -> str:
    if _ORGANISED.search(names):  # Ministry of Labour and Social Protection
        return names
    return "; ".join(filter(None, _PEOPLE.split(names)))
