"""Parse credits: the lines that name who took a picture, and for whom.

The site prints the current year in its credits whenever it renders a page, so a capture shows the
year of its own date. The year is kept as printed and left out of comparisons.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from unicodedata import category, normalize

# Compared with their case: "OIL" is the ILO in Italian, "Oil" may be a surname.
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
        |   \([cс]\) (?=\s*(?-i:[^\sa-zа-я]))          # "(c) training of ..." is an item of a list
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
_YEAR_LAST = re.compile(r"[\s,(]{0,9}\b((?:19|20)\d\d)\)?\.?$")
_YEAR_FIRST = re.compile(r"((?:19|20)\d\d)\b[\s,]*(?=\S)")
_FULL_STOP = re.compile(r"(?<=\w{3})\.$")  # not the point of an initial
_SLASH = re.compile(r"\s{0,9}[/／|]\s*|(?<!\s)\s+[-–—]\s+")
_AFTER_AGENCY = re.compile(r"\s{0,9}[,:;]\s*")
_PEOPLE = re.compile(r"\s{0,9}(?:[,;&]|\band\b)\s*")
_ORGANISATION = re.compile(r"\b(?:of|for)\b")


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit. `text` is the printed line with white space folded.

    `holder` names the photographer; several are joined with "; ". `agency` is the organisation they
    work for, or the one that distributed the picture. `year` is as printed. Each of the three is
    None if the line does not have it.
    """

    text: str
    holder: str | None
    agency: str | None
    year: int | None


@lru_cache(maxsize=4096)  # captures of one page repeat their credits
def parse_credit(text: str) -> Credit | None:
    """Parse a paragraph as a credit. None if it is not one, e.g. the copyright notice of a page."""
    mark = _MARK.match(text)
    if mark is None:
        return None
    text = _without_repetition(" ".join(text.split()))
    if len(text) >= _LONGEST or _NOTICE.search(text):
        return None
    names, year = _without_year(_without_mark(text))
    if "©" not in text and len(_PROSE.findall(names)) > 2:  # a caption: "Photo: Women sorting tea"
        return None
    holder, agency = _holder_and_agency(names)
    if holder is None and _YEAR_FIRST.match(_without_mark(text)):  # © 2015 ILO
        return None
    return Credit(text, holder, agency, year)


def credit_without_year(credit: Credit) -> str:
    """A key that is equal for credits that differ only in case, spacing, mark or year."""
    names, _ = _without_year(_without_mark(credit.text))
    return "".join(names.split()).casefold()


def holders_of(credited: str) -> list[str]:
    """The people named in `Credit.holder`, without repetitions."""
    return list(dict.fromkeys(filter(None, credited.split("; "))))


def surname(name: str) -> str:
    """The surname in lower case without accents: the word that all forms of a name share."""
    return _name_words(name)[-1]


def shown_holders(forms: Iterable[str]) -> dict[str, str]:
    """Map each printed form of a name to the form shown for its holder: the fullest one.

    "M. Crozet", "Marcel Crozet" and "CROZET Marcel" are forms of one name, as are "Jann Huizenga"
    and "JannHuizenga": the surnames are equal, and every other word is equal or an initial of its
    counterpart. A form that fits two different people ("R. Aho" with Rita and Rosa Aho) is joined
    with neither. The result depends only on the set of forms, not on their order.
    """
    by_words: dict[_NameWords, list[str]] = {}
    for form in sorted(set(forms)):
        by_words.setdefault(_name_words(form), []).append(form)
    fits = {each: [other for other in by_words if _agree(each, other)] for each in by_words}
    clear = {each for each in fits if all(_agree(*pair) for pair in combinations(fits[each], 2))}
    shown = {}
    for words, printed in by_words.items():
        same = [other for other in fits[words] if other in clear] if words in clear else [words]
        fullest = min((form for each in same for form in by_words[each]), key=_fullness)
        shown.update(dict.fromkeys(printed, fullest))
    return shown


_NameWords = tuple[str, ...]
_SURNAME_FIRST = re.compile(r"([^\W\d_]{3,})\s+(.*[^\W\d_].*)")


def _name_words(name: str) -> _NameWords:
    """The words of a name for comparison, surname last. Never empty."""
    first = _surname_first(name)
    ordered = f"{first[2]} {first[1].lower()}" if first else name
    spaced = re.sub(r"(?<=[^\W\d_A-ZА-Я])(?=[A-ZА-Я])", " ", ordered)
    plain = re.sub(r"[\u0300-\u036f]", "", normalize("NFKD", spaced.casefold()))
    parts = "".join(each if each.isalnum() or category(each)[0] == "M" else " " for each in plain)
    return tuple(parts.split()) or (plain,)


def _surname_first(name: str) -> re.Match[str] | None:
    """Match a name that begins with the surname, printed in capitals: "CROZET Marcel"."""
    found = _SURNAME_FIRST.fullmatch(name)
    return found if found and found[1].isupper() and not found[2].isupper() else None


def _agree(words: _NameWords, others: _NameWords) -> bool:
    """True if two names can be forms of one."""
    return (
        len(words) == len(others)
        and words[-1] == others[-1]
        and all(
            a == b or (_is_initial(a) and b.startswith(a)) or (_is_initial(b) and a.startswith(b))
            for a, b in zip(words, others, strict=True)
        )
    )


def _is_initial(word: str) -> bool:
    return len(word) == 1 and word.upper() != word  # scripts without case have no initials


def _fullness(form: str) -> tuple[int, bool, bool, int, bool, str]:
    """A sort key for the forms of one name; the smallest is shown.

    In this order: most letters, given name first, mixed case, separate words, accents.
    """
    words = _name_words(form)
    return (
        -sum(map(len, words)),
        _surname_first(form) is not None,
        form.isupper() or form.islower(),
        -len(form.split()),
        form.isascii(),
        form,
    )


def _without_repetition(text: str) -> str:
    """The credit once if the element prints it twice (as the 2024 template does)."""
    first, again, second = text.lstrip("©").partition("©")
    return f"©{first}".rstrip() if again and first.strip() == second.strip() else text


def _without_mark(text: str) -> str:
    """A credit without its mark ("©", "Photo:") and its full stop."""
    mark = _MARK.match(text)
    return _FULL_STOP.sub("", text[mark.end() if mark else 0 :])


def _without_year(names: str) -> tuple[str, int | None]:
    """The text without a year at its end or beginning, and that year, or None."""
    year = _YEAR_LAST.search(names) or _YEAR_FIRST.match(names)
    if year is None:
        return names, None
    return names[: year.start()] + names[year.end() :], int(year[1])


def _holder_and_agency(names: str) -> tuple[str | None, str | None]:
    """Split a credit.

    Of parts between slashes the known agencies or acronyms are the agency, else the last part.
    """
    names = names.strip(" ,")
    parts = [part for part in _SLASH.split(names) if part]
    if len(parts) < 2:
        return _unseparated(names)
    agencies = [part for part in parts if _is_agency(part)] or parts[-1:]
    holders = [part for part in parts if part not in agencies]
    people = filter(None, map(_people, holders))
    return "; ".join(people) or None, "; ".join(agencies)


def _unseparated(names: str) -> tuple[str | None, str | None]:
    """Split a credit without slashes: a holder, an agency or both ("J. Marten World Bank")."""
    if _is_agency(names):
        return None, names
    head, *others = _AFTER_AGENCY.split(names, maxsplit=1)
    if others and _is_known(head):
        return _people(others[0]) or None, head
    words = names.split()
    for at in range(1, len(words)):
        rest = " ".join(words[at:]).strip("()")
        if _is_known(rest):
            return _people(" ".join(words[:at])) or None, rest
    return _people(names) or None, None


def _is_agency(part: str) -> bool:
    """True for an acronym or what begins with an agency: "ILO Moscow", not "AP Singh"."""
    if 2 <= len(part) <= 6 and part.isalnum() and part.isupper():
        return True
    words = part.split()
    starts = (" ".join(words[:n]) for n in range(1, 5))
    return _is_known(part) or any(len(start) > 2 and _is_known(start) for start in starts)


def _is_known(part: str) -> bool:
    return part in AGENCIES or part.casefold() in AGENCIES


def _people(names: str) -> str:
    """The people in a part, joined with "; ". An organisation stays whole."""
    if _ORGANISATION.search(names):  # Ministry of Labour and Social Protection
        return names
    return "; ".join(filter(None, _PEOPLE.split(names)))
