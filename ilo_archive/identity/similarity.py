"""Decide whether two wordings describe the same item: by near dates and similar text, never by text
alone.

Numbers, names of countries and other names distinguish items however similar the rest is: "2014"
and "2015", "Part 1" and "Part 2", a seminar in Baku and one in Minsk. Otherwise it depends on how
many words the titles share, how similar the summaries are, and how far apart the dates are. Each
threshold has its reason next to it; tests/fixtures/pairs.txt (hand-labelled pairs) tests them
together.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product

from rapidfuzz import fuzz

from ilo_archive.identity.titles import (
    TitleComparison,
    Unshared,
    are_contrasting,
    compare_titles,
    senses,
)
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
"""Days; the largest difference of two dates of one item. Dates get corrected by a day; 3 days span
a weekend and are less than a week, so weekly items stay distinct.
"""

# rapidfuzz ratios of summaries, 0-100. In pairs.txt different items of one topic and language score
# 40 to 65, summaries with one rewritten sentence 72 or more, corrected or cut ones 90 or more.
_SUMMARY_EDITED = 70.0
_SUMMARY_REWORKED = 80.0
_SUMMARY_SAME = 90.0
_SUMMARY_IDENTICAL = 97.0
# Letters that a summary must have to be evidence; "Read more." and "Apply by 5 May." have fewer.
_LETTERS = 25
_LETTERS_WITHOUT_TITLE = 70
# A line below each item of a series ("A short guide for reporters.") has fewer letters.
_LETTERS_OF_SERIES = 40
# Words that a title must have to be evidence without a summary; "Press release" has fewer.
_TITLE_WORDS = 3
_TITLE_WORDS_MOVED = 5  # the same if the date differs, or if words were added
# Minimum share (0-1) of a title's words that the other title has too.
_SHARE_WITHOUT_SUMMARY = 0.75
_SHARE_WITH_REWORKED = 0.75


@dataclass(frozen=True, slots=True)
class Similarity:
    """The similarity of two wordings of one item.

    `score`, `title` and `summary` are 0 to 100; `summary` is None if one wording has none. `days`
    is the difference of the dates, None between two undated wordings.
    """

    score: float
    title: float
    summary: float | None
    days: int | None


def similarity(first: ParsedWording, second: ParsedWording) -> Similarity | None:
    """Compare two wordings. None if they do not describe the same item."""
    if first.language and second.language and first.language != second.language:
        return None
    days = _days(first, second)
    if days is not None and days > FARTHEST:
        return None
    if _have_little_in_common(first, second):
        return None
    titles = compare_titles(first, second)
    summary = _summary_similarity(first, second)
    if not _are_similar_enough(titles, summary, days, _summary_letters(first, second)):
        return None
    if _are_distinguished(first, second, titles, summary, days):
        return None
    title = fuzz.ratio(first.title, second.title)
    parts = [title] if summary is None else [title, summary]
    return Similarity(round(sum(parts) / len(parts), 1), round(title, 1), summary, days)


def _have_little_in_common(first: ParsedWording, second: ParsedWording) -> bool:
    """True if neither titles nor summaries have enough in common: a cheap test, done first."""
    if fuzz.token_sort_ratio(first.title, second.title, score_cutoff=_CUTOFF):
        return False
    short, long = sorted((first.summary, second.summary), key=len)
    return not short or not fuzz.ratio(short, long[: len(short)], score_cutoff=_CUTOFF)


# rapidfuzz ratio, 0-100, of titles or summaries. In pairs.txt all 531 similar pairs reach 98 or
# more in one of them, so 60 leaves a margin; it excludes 24 of the 500 pairs of different items.
_CUTOFF = 60.0


def _days(first: ParsedWording, second: ParsedWording) -> int | None:
    """Days between the dates; None if both are undated, too many if one is."""
    if first.day is None or second.day is None:
        return None if first.day == second.day else FARTHEST + 1
    return abs(first.day - second.day)


def _summary_similarity(first: ParsedWording, second: ParsedWording) -> float | None:
    """The similarity of two summaries (0 to 100), None if one is missing.

    If one is shorter, only the beginning of the other counts, since summaries get cut off.
    """
    short, long = sorted((first.summary, second.summary), key=len)
    if not short:
        return None
    score = fuzz.ratio(short, long)
    if score < _SUMMARY_SAME and _letters(short) >= _LETTERS:
        score = max(score, fuzz.ratio(short, long[: len(short)]))
        if score < _SUMMARY_SAME:
            score = max(score, min(_shared_words_score(short, long), _SUMMARY_SAME - 1))
    return round(score, 1)


def _shared_words_score(short: str, long: str) -> float:
    """The share of a summary's words that a longer one contains, 0 to 100."""
    words = content_words(short.split())
    return 100 * len(words & set(long.split())) / len(words) if len(words) >= 5 else 0.0


def _letters(text: str) -> int:
    """The number of letters; one of an unspaced script counts three."""
    return len(text) + 2 * len(IS_UNSPACED.findall(text))


def _summary_letters(first: ParsedWording, second: ParsedWording) -> int:
    """The letters of the shorter summary."""
    return min(_letters(first.summary), _letters(second.summary))


def _are_similar_enough(
    titles: TitleComparison, summary: float | None, days: int | None, letters: int
) -> bool:
    """True if so much agrees that it is one item, unless numbers or names distinguish them.

    `letters` are those of the shorter summary.
    """
    title_alone = summary is None and days is not None  # enough only with a date
    days = 1 if days is None else days
    same = summary is not None and summary >= _SUMMARY_SAME and letters >= _LETTERS
    edited = summary is not None and summary >= _SUMMARY_EDITED
    if titles.relation == "same":
        if days == 0:
            return True
        return same if days > 1 else edited or (title_alone and titles.words >= _TITLE_WORDS)
    if titles.relation == "close":
        required = _TITLE_WORDS if days == 0 else _TITLE_WORDS_MOVED
        return same if days > 1 else edited or (title_alone and titles.words >= required)
    if titles.relation == "grown":
        much = titles.shared_share >= _SHARE_WITHOUT_SUMMARY and titles.words >= _TITLE_WORDS_MOVED
        return days <= 1 and (same or (days == 0 and (edited or (title_alone and much))))
    if summary is None or days > 1:
        return False
    if titles.relation == "reworded":
        reworked = summary >= _SUMMARY_REWORKED and titles.shared_share >= _SHARE_WITH_REWORKED
        return same or (days == 0 and reworked)
    return days == 0 and summary >= _SUMMARY_IDENTICAL and letters >= _LETTERS_WITHOUT_TITLE


def _are_distinguished(
    first: ParsedWording,
    second: ParsedWording,
    titles: TitleComparison,
    summary: float | None,
    days: int | None,
) -> bool:
    """True if numbers or names show that these are two items."""
    same = summary is not None and summary >= _SUMMARY_SAME
    if titles.relation != "missing" and _numbers_differ(first, second, same=same):
        return True
    if days and (_summaries_differ(first, second) or (summary is None and _is_daily(first))):
        return True
    if titles.relation in ("same", "missing"):
        return False
    if _countries_differ(first, second):
        return True
    left, right = _without_countries(first, second, titles.unshared)
    if left and right and _are_of_a_series(first, second, (left, right)):
        return True
    if any(are_contrasting(*pair) for pair in product(left, right)):
        return True
    names = left & names_in(first.printed), right & names_in(second.printed)
    if summary is None:
        return bool(names[0] or names[1])
    words, other_words = all_words(first), all_words(second)
    if (names[0] - other_words) and (names[1] - words):
        return True
    # Each title has a word that also only its own summary has: Baku here, Minsk there.
    return bool(left & words - other_words and right & other_words - words)


_DAILY = re.compile(
    r"\b(?:daily|of the day|ежедневн|quotidien|du jour|diari[oa]|del dia)|每日|يوميه?\b"
)


def _is_daily(wording: ParsedWording) -> bool:
    """True if the title is that of a daily item ("photo of the day")."""
    return bool(_DAILY.search(wording.title))


def _numbers_differ(first: ParsedWording, second: ParsedWording, *, same: bool) -> bool:
    """True if the titles have different numbers.

    The year of the date does not count. Neither does a number added to one title if the summaries
    are the same.
    """
    first_numbers, second_numbers = numbers_in(first.printed), numbers_in(second.printed)
    left, right = first_numbers - second_numbers, second_numbers - first_numbers
    left, right = _not_joined(left, right), _not_joined(right, left)
    if left and right:
        return True
    return not same and bool((left | right) - {first.year, second.year})


def _not_joined(numbers: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    """The numbers that no other one repeats with or without letters before it: COP28, COP 28."""
    return frozenset(
        each
        for each in numbers
        if not any(_is_joined(each, other) or _is_joined(other, each) for other in others)
    )


def _is_joined(code: str, number: str) -> bool:
    """True if `code` is letters followed by `number`."""
    return number.isdigit() and code.endswith(number) and code[: -len(number)].isalpha()


def _summaries_differ(first: ParsedWording, second: ParsedWording) -> bool:
    """True if each of two summaries has a number, or a name, that the other does not have."""
    return any(_each_has_own(facts, first, second) for facts in (_summary_numbers, _summary_names))


def _each_has_own(
    facts: Callable[[ParsedWording], frozenset[str]], first: ParsedWording, second: ParsedWording
) -> bool:
    """True if `facts` finds something in each summary that is not in the other."""
    if not first.summary or not second.summary:
        return False
    left, right = facts(first), facts(second)
    return bool(left - right and right - left)


def _summary_numbers(wording: ParsedWording) -> frozenset[str]:
    return numbers_in(wording.printed_summary)


_INNER_CAPITAL = re.compile(r"(?<=[\w,;:] )[^\W\d_]\w+")


def _summary_names(wording: ParsedWording) -> frozenset[str]:
    found = _INNER_CAPITAL.findall(folded(wording.printed_summary))
    return frozenset(word.casefold() for word in found if word[0].isupper())


def _countries_differ(first: ParsedWording, second: ParsedWording) -> bool:
    """True if each title names a country that the other does not name."""
    left, right = _countries(first).keys(), _countries(second).keys()
    return bool(left - right and right - left)


def _without_countries(first: ParsedWording, second: ParsedWording, unshared: Unshared) -> Unshared:
    """The unshared words without names of shared countries: "Kyrgyzstan", "the Kyrgyz Republic"."""
    first_countries, second_countries = _countries(first), _countries(second)
    both = first_countries.keys() & second_countries.keys()
    left, right = (
        frozenset(word for code in both for word in at[code])
        for at in (first_countries, second_countries)
    )
    return unshared[0] - left, unshared[1] - right


def _countries(wording: ParsedWording) -> Mapping[str, frozenset[str]]:
    return _countries_of(wording.printed, wording.language)


@lru_cache(maxsize=16_384)
def _countries_of(printed: str, language: str | None) -> Mapping[str, frozenset[str]]:
    """The codes of the countries that a title names, each with the words of its name."""
    found = parse_description(printed, language).countries
    return {each.code: frozenset(tokens(folded(each.name).casefold())) for each in found}


# Standard titles of which many exist (vacancies, tenders, statements): only the post, the goods or
# the speaker distinguish one from the next.
_STANDARD_TITLES = """
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
def _standard_titles() -> re.Pattern[str]:
    phrases = (each.strip() for each in _STANDARD_TITLES.replace("\n", "|").split("|"))
    plain = {" ".join(tokens(folded(each).casefold())) for each in phrases if each}
    return re.compile(rf"(?<!\S)(?:{'|'.join(sorted(plain))})(?!\S)")


def _are_of_a_series(first: ParsedWording, second: ParsedWording, unshared: Unshared) -> bool:
    """True if titles with unshared words are two of a series.

    Evidence: different numbers in the summaries, a standard title, or different last words above a
    short summary. The subject is mostly last ("What is decent work?", "What is green work?"), while
    edits mostly concern the verb.
    """
    if _each_has_own(_summary_numbers, first, second):
        return True
    if _are_synonyms(*unshared):
        return False
    are_standard = _is_standard(first) and _is_standard(second)
    return are_standard or _end_differently(first, second, unshared)


def _end_differently(first: ParsedWording, second: ParsedWording, unshared: Unshared) -> bool:
    """True if titles above a short summary differ in their last words.

    Not for unspaced scripts, where the verb may be last.
    """
    ends = first.words[-1], second.words[-1]
    if _summary_letters(first, second) >= _LETTERS_OF_SERIES or IS_UNSPACED.match(ends[0]):
        return False
    return ends[0] in unshared[0] and ends[1] in unshared[1]


def _is_standard(wording: ParsedWording) -> bool:
    return bool(_standard_titles().search(wording.title))


def _are_synonyms(left: frozenset[str], right: frozenset[str]) -> bool:
    """True if each word has a synonym on the other side (contrasts.txt)."""
    first_senses = {meaning for word in left for meaning in senses(word)}
    second_senses = {meaning for word in right for meaning in senses(word)}
    both = first_senses & second_senses
    return all(both.intersection(senses(word)) for word in left | right)
