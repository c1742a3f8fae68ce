"""Whether two wordings tell of one thing: near dates and near text, and never by text alone.

A wording is taken apart into the words of its title, its numbers, its names and its summary.
Numbers, names of countries and other names tell two things apart whatever else is alike: "2014"
and "2015", "Part 1" and "Part 2", a seminar in Baku and one in Minsk. What is left is a matter of
how much of the title stayed, how near the summaries are, and how far the dates lie apart. Each
threshold stands below with its reason; tests/fixtures/pairs.txt measures them together.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product

from rapidfuzz import fuzz

from ilo_archive.identity.titles import Only, Titles, are_contrasting, compare_titles, senses
from ilo_archive.identity.wording import (
    ParsedWording,
    all_words,
    content_words,
    names_in,
    numbers_in,
)
from ilo_archive.text.normalise import IS_UNSPACED, folded, tokens
from ilo_archive.text.office_facts import parse_description

FARTHEST = 3
"""Days between two dates of one thing: a date was seen moved by a day; three bridge a weekend.
Anything weekly lies beyond."""

# Summaries, 0 to 100. Two of one topic and language that tell of different things came to 40 to
# 65 in the labelled set, a rewritten sentence among several to 72 and more, corrected words and
# cut ends to 90 and more.
_SUMMARY_EDITED = 70.0
_SUMMARY_REWORKED = 80.0
_SUMMARY_SAME = 90.0
_SUMMARY_IDENTICAL = 97.0
# Letters of a summary that is more than "Read more." or "Apply by 5 May.".
_TELLING = 25
_TELLING_ALONE = 70
# "A short guide for reporters." may stand below each of a series; a sentence with a fact has more.
_TELLING_OF_SERIES = 40
# Words of a title that says enough without a summary; "Newsletter", "Press release" do not.
_ENOUGH_WORDS = 3
_ENOUGH_WORDS_MOVED = 5
# Share of a title's words that the other has too.
_KEPT_WITHOUT_SUMMARY = 0.75
_KEPT_BESIDE_REWORKED = 0.75


@dataclass(frozen=True, slots=True)
class Similarity:
    """Two wordings are alike: how much, 0 to 100, and what of them was compared.

    `summary` is None where one of them has none; `days` lie between the dates, None between
    two undated ones.
    """

    score: float
    title: float
    summary: float | None
    days: int | None


def similarity(one: ParsedWording, other: ParsedWording) -> Similarity | None:
    """How alike two wordings are, None where they are not those of one thing."""
    if one.language and other.language and one.language != other.language:
        return None
    days = _days(one, other)
    if days is not None and days > FARTHEST:
        return None
    if _are_unlike(one, other):
        return None
    titles = compare_titles(one, other)
    summary = _summaries(one, other)
    if not _is_one(titles, summary, days, _telling(one, other)):
        return None
    if _tell_apart(one, other, titles, summary, days):
        return None
    title = fuzz.ratio(one.title, other.title)
    parts = [title] if summary is None else [title, summary]
    return Similarity(round(sum(parts) / len(parts), 1), round(title, 1), summary, days)


def _are_unlike(one: ParsedWording, other: ParsedWording) -> bool:
    """Whether neither titles nor summaries have enough in common: a cheap look that spares the
    closer one.
    """
    if fuzz.token_sort_ratio(one.title, other.title, score_cutoff=_UNLIKE):
        return False
    short, long = sorted((one.summary, other.summary), key=len)
    return not short or not fuzz.ratio(short, long[: len(short)], score_cutoff=_UNLIKE)


_UNLIKE = 60.0


def _days(one: ParsedWording, other: ParsedWording) -> int | None:
    if one.day is None or other.day is None:
        return None if one.day == other.day else FARTHEST + 1
    return abs(one.day - other.day)


def _summaries(one: ParsedWording, other: ParsedWording) -> float | None:
    """How alike two summaries are; of a cut one only what is left counts."""
    short, long = sorted((one.summary, other.summary), key=len)
    if not short:
        return None
    whole = fuzz.ratio(short, long)
    if whole < _SUMMARY_SAME and _letters(short) >= _TELLING:
        whole = max(whole, fuzz.ratio(short, long[: len(short)]))
        if whole < _SUMMARY_SAME:
            whole = max(whole, min(_contained(short, long), _SUMMARY_SAME - 1))
    return round(whole, 1)


def _contained(short: str, long: str) -> float:
    """How much of a summary the words of a longer one hold, 0 to 100."""
    words = content_words(short.split())
    return 100 * len(words & set(long.split())) / len(words) if len(words) >= 5 else 0.0


def _letters(text: str) -> int:
    """Letters of a text; one of an unspaced script says as much as three."""
    return len(text) + 2 * len(IS_UNSPACED.findall(text))


def _telling(one: ParsedWording, other: ParsedWording) -> int:
    return min(_letters(one.summary), _letters(other.summary))


def _is_one(titles: Titles, summary: float | None, days: int | None, telling: int) -> bool:
    """Whether so much is alike that it is one thing, if nothing tells them apart."""
    if days is None:  # nothing but the words says that it is one thing
        days = 1
        alone = False
    else:
        alone = summary is None
    same = summary is not None and summary >= _SUMMARY_SAME and telling >= _TELLING
    edited = summary is not None and summary >= _SUMMARY_EDITED
    if titles.relation == "same":
        if days == 0:
            return True
        return same if days > 1 else edited or (alone and titles.words >= _ENOUGH_WORDS)
    if titles.relation == "close":
        enough = _ENOUGH_WORDS if days == 0 else _ENOUGH_WORDS_MOVED
        return same if days > 1 else edited or (alone and titles.words >= enough)
    if titles.relation == "grown":
        much = titles.kept >= _KEPT_WITHOUT_SUMMARY and titles.words >= _ENOUGH_WORDS_MOVED
        return days <= 1 and (same or (days == 0 and (edited or (alone and much))))
    if summary is None or days > 1:
        return False
    if titles.relation == "reworded":
        reworked = summary >= _SUMMARY_REWORKED and titles.kept >= _KEPT_BESIDE_REWORKED
        return same or (days == 0 and reworked)
    return days == 0 and summary >= _SUMMARY_IDENTICAL and telling >= _TELLING_ALONE


def _tell_apart(
    one: ParsedWording,
    other: ParsedWording,
    titles: Titles,
    summary: float | None,
    days: int | None,
) -> bool:
    """Whether numbers or names say that these are two things."""
    same = summary is not None and summary >= _SUMMARY_SAME
    if titles.relation != "missing" and _numbers_differ(one, other, same=same):
        return True
    if days and (_summaries_differ(one, other) or (summary is None and _is_daily(one))):
        return True
    if titles.relation in ("same", "missing"):
        return False
    if _countries_differ(one, other):
        return True
    left, right = _without_countries(one, other, titles.only)
    if left and right and _are_of_a_series(one, other, (left, right)):
        return True
    if any(are_contrasting(*pair) for pair in product(left, right)):
        return True
    names = left & names_in(one.printed), right & names_in(other.printed)
    if summary is None:
        return bool(names[0] or names[1])
    if (names[0] - all_words(other)) and (names[1] - all_words(one)):
        return True
    # A word that only its own summary knows, on both sides: Baku here, Minsk there.
    own = left & all_words(one) - all_words(other), right & all_words(other) - all_words(one)
    return bool(own[0] and own[1])


_DAILY = re.compile(
    r"\b(?:daily|of the day|ежедневн|quotidien|du jour|diari[oa]|del dia)|每日|يوميه?\b"
)


def _is_daily(wording: ParsedWording) -> bool:
    return bool(_DAILY.search(wording.title))


def _numbers_differ(one: ParsedWording, other: ParsedWording, *, same: bool) -> bool:
    """Whether the titles bear different numbers. One that only repeats the year of the date says
    nothing; one that was added beside the same summary is an edit.
    """
    mine, theirs = numbers_in(one.printed), numbers_in(other.printed)
    left, right = mine - theirs, theirs - mine
    left, right = _not_joined(left, right), _not_joined(right, left)
    if left and right:
        return True
    return not same and bool((left | right) - {one.year, other.year})


def _not_joined(numbers: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    """Numbers that are not those of others with or without the letters before: COP28, COP 28."""
    return frozenset(
        each
        for each in numbers
        if not any(_is_joined(each, other) or _is_joined(other, each) for other in others)
    )


def _is_joined(code: str, number: str) -> bool:
    return number.isdigit() and code.endswith(number) and code[: -len(number)].isalpha()


def _summaries_differ(one: ParsedWording, other: ParsedWording) -> bool:
    """Whether each of two summaries has a number, or a name, that the other lacks."""
    return any(_own_in_each(facts, one, other) for facts in (_summary_numbers, _summary_names))


def _own_in_each(
    facts: Callable[[ParsedWording], frozenset[str]], one: ParsedWording, other: ParsedWording
) -> bool:
    if not one.summary or not other.summary:
        return False
    left, right = facts(one), facts(other)
    return bool(left - right and right - left)


def _summary_numbers(wording: ParsedWording) -> frozenset[str]:
    return numbers_in(wording.printed_summary)


_INNER_CAPITAL = re.compile(r"(?<=[\w,;:] )[^\W\d_]\w+")


def _summary_names(wording: ParsedWording) -> frozenset[str]:
    found = _INNER_CAPITAL.findall(folded(wording.printed_summary))
    return frozenset(word.casefold() for word in found if word[0].isupper())


def _countries_differ(one: ParsedWording, other: ParsedWording) -> bool:
    left, right = _countries(one).keys(), _countries(other).keys()
    return bool(left - right and right - left)


def _without_countries(one: ParsedWording, other: ParsedWording, only: Only) -> Only:
    """The same without names of countries that both name: Kyrgyzstan, the Kyrgyz Republic."""
    mine, theirs = _countries(one), _countries(other)
    both = mine.keys() & theirs.keys()
    left, right = (frozenset(word for code in both for word in at[code]) for at in (mine, theirs))
    return only[0] - left, only[1] - right


def _countries(wording: ParsedWording) -> Mapping[str, frozenset[str]]:
    return _countries_of(wording.printed, wording.language)


@lru_cache(maxsize=16_384)
def _countries_of(printed: str, language: str | None) -> Mapping[str, frozenset[str]]:
    """The codes of the countries that a title names, each with the words of its name."""
    found = parse_description(printed, language).countries
    return {each.code: frozenset(tokens(folded(each.name).casefold())) for each in found}


# What comes in numbers under one form of words: the post, the goods, the speaker and the
# occasion are all that tells one from the next, and nothing else of the title is theirs.
_FORMS = """
    vacancy|vacancies|job opening|call for expression|call for expressions|call for proposals
    call for applications|call for tenders|request for proposals|request for quotations|tender
    invitation to bid|terms of reference|internship|statement|message|speech|remarks|interview
    appel a candidatures|appel a propositions|appel a manifestation|appel d offres|offre d emploi
    avis de vacance|poste vacant|declaration de|declaration du|discours|allocution|entretien
    convocatoria|vacante|licitacion|declaracion de|declaracion del|mensaje|discurso|entrevista
    vaga|edital|licitacao|declaracao da|declaracao do|mensagem
    bando|dichiarazione del|messaggio|intervista
    stellenausschreibung|ausschreibung|botschaft|grusswort
    вакансия|вакансии|тендер|запрос предложений|запрос котировок|заявление|обращение|послание
    выступление|интервью
    وظيفة|وظائف|مناقصة|دعوة لتقديم|طلب عروض|بيان|رسالة|كلمة|مقابلة
    招聘|招标|招募|声明|致辞|讲话|采访|募集|入札|挨拶|メッセージ|รับสมัคร|แถลงการณ์
"""


@cache
def _forms() -> re.Pattern[str]:
    phrases = (each.strip() for each in _FORMS.replace("\n", "|").split("|"))
    plain = {" ".join(tokens(folded(each).casefold())) for each in phrases if each}
    return re.compile(rf"(?<!\S)(?:{'|'.join(sorted(plain))})(?!\S)")


def _are_of_a_series(one: ParsedWording, other: ParsedWording, only: Only) -> bool:
    """Whether titles that each have words of their own are two of a series: of one form, with
    other numbers in their summaries, or about two subjects above one brief line. A subject stands
    last ("What is decent work?", "What is green work?"); what is edited is mostly the verb.
    """
    if _own_in_each(_summary_numbers, one, other):
        return True
    of_one_form = _is_one_of_many(one) and _is_one_of_many(other)
    return (of_one_form or _end_apart(one, other, only)) and not _are_other_words(*only)


def _end_apart(one: ParsedWording, other: ParsedWording, only: Only) -> bool:
    """Whether titles above a brief line differ in their last words; in an unspaced script the
    verb may stand last.
    """
    ends = one.words[-1], other.words[-1]
    if _telling(one, other) >= _TELLING_OF_SERIES or IS_UNSPACED.match(ends[0]):
        return False
    return ends[0] in only[0] and ends[1] in only[1]


def _is_one_of_many(wording: ParsedWording) -> bool:
    return bool(_forms().search(wording.title))


def _are_other_words(left: frozenset[str], right: frozenset[str]) -> bool:
    """Whether words say what the others say: each has one beside it that means the same."""
    mine = {meaning for word in left for meaning in senses(word)}
    theirs = {meaning for word in right for meaning in senses(word)}
    both = mine & theirs
    return all(both.intersection(senses(word)) for word in left | right)
