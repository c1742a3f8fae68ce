"""Near dates and near text: what makes two wordings those of one thing, measured on pairs."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.identity.candidates import (
    blocking_keys,
    lookup_keys,
    min_shared_keys,
    similar_pairs,
)
from ilo_archive.identity.similarity import FARTHEST, similarity
from ilo_archive.identity.wording import WordingText, parse_wording
from ilo_archive.text.normalise import folded
from tests.support.pairs import is_one, pairs, told_pair

PAIRS = list(pairs())
SEMINAR = "Seminar on wage policy held in Baku"


def words(
    title: str | None = SEMINAR,
    day: str | None = "2018-10-03",
    summary: str | None = None,
    language: str | None = "en",
) -> WordingText:
    return WordingText(language, day, title, summary)


# -- the labelled pairs --------------------------------------------------------------------


def test_the_labelled_pairs_are_many_in_six_languages_and_of_both_kinds() -> None:
    assert len(PAIRS) >= 400
    assert {each.one["language"] for each in PAIRS} >= {"en", "ru", "fr", "es", "ar", "zh"}
    same = sum(each.same for each in PAIRS)
    assert 0.4 < same / len(PAIRS) < 0.6


def test_no_labelled_pair_of_two_entries_is_joined_and_nearly_all_of_one_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Precision 1.00 and recall of 0.99 at least; the errors are printed as a table."""
    found = [(each, is_one(each)) for each in PAIRS]
    joined = sum(each.same and one for each, one in found)
    wrong = [each for each, one in found if one and not each.same]
    missed = [each for each, one in found if each.same and not one]
    precision = joined / (joined + len(wrong))
    recall = joined / (joined + len(missed))
    with capsys.disabled():
        print(f"\n{len(PAIRS)} pairs: precision {precision:.3f}, recall {recall:.3f}")  # noqa: T201
        for label, each in [("joined", e) for e in wrong] + [("missed", e) for e in missed]:
            print(f"  {label}: pairs.txt:{each.place}: {each.why}")  # noqa: T201
    assert not wrong
    assert recall >= 0.99


def test_similar_pairs_share_a_blocking_key() -> None:
    for each in PAIRS:
        one, other = told_pair(each)
        if similarity(one, other):
            shared = len(set(blocking_keys(one)) & set(lookup_keys(other)))
            assert shared >= min_shared_keys(one, other), f"pairs.txt:{each.place}"


def test_similarity_is_symmetric() -> None:
    for each in PAIRS:
        one, other = told_pair(each)
        assert similarity(one, other) == similarity(other, one), f"pairs.txt:{each.place}"


# -- a pair --------------------------------------------------------------------------------


def test_a_similarity_has_its_parts() -> None:
    alike = similarity(
        parse_wording(words(summary="Experts of three ministries spoke.")),
        parse_wording(words(day="2018-10-04", summary="Experts of three ministries spoke.")),
    )
    assert alike is not None
    assert (alike.score, alike.title, alike.summary, alike.days) == (100.0, 100.0, 100.0, 1)


@pytest.mark.parametrize(
    ("other", "is_alike"),
    [
        (words(day="2018-10-04"), True),
        (words(day="2018-10-06"), False),  # three days want the same summary
        (words(day=None), False),
        (words(language="fr"), False),
        (words(language=None), True),
        (words("Seminar on wage policies held in Baku"), True),
        (words("Seminar on wage policy held in Minsk"), False),
        (words("Seminar 2 on wage policy held in Baku"), False),
        (words(None), False),
    ],
)
def test_similarity_of_titles_without_summaries(other: WordingText, is_alike: bool) -> None:
    assert bool(similarity(parse_wording(words()), parse_wording(other))) == is_alike


# Of some length: what is alike but for the title has to say something itself.
FACT = "Experts of three ministries spoke of wages in the region."


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "ILO opens a centre in Osh", "International Labour Office opens a centre in Osh"),
        ("fr", "Le BIT forme des juges à Dakar", "L'OIT forme des juges à Dakar"),
        ("it", "L'OIL apre un centro a Bari", "L'ILO apre un centro a Bari"),
        ("de", "Internationale Arbeitsorganisation tagt in Bonn", "IAO tagt in Bonn"),
        ("zh", "国际劳工组织在北京举行会议", "ILO在北京举行会议"),
        ("en", "Forum on skills in Saint Petersburg", "Forum on skills in St. Petersburg"),
        ("ru", "Гай Райдер посетил Москву", "Г. Райдер посетил Москву"),
        ("ru", "Бюллетень № 7 о зарплате", "Бюллетень №7 о зарплате"),
        ("en", "Cooperation on skills grows in Osh", "Co-operation on skills grows in Osh"),
        ("en", "COP28 and the jobs of tomorrow", "COP 28 and the jobs of tomorrow"),
        ("fr", "Une œuvre au cœur de Dakar", "Une oeuvre au coeur de Dakar"),
        ("en", "The Kyrgyz Republic plans a pension law", "Kyrgyzstan plans a pension law"),
    ],
)
def test_two_spellings_of_one_name_are_one_title(language: str, one: str, other: str) -> None:
    apart = (parse_wording(words(title, summary=FACT, language=language)) for title in (one, other))
    assert similarity(*apart)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Module A1 of the course for judges", "Module B1 of the course for judges"),
        ("C188 and the work of fishers", "C189 and the work of fishers"),
        ("COP27 and the jobs of tomorrow", "COP 28 and the jobs of tomorrow"),
    ],
)
def test_letters_of_a_name_or_a_number_are_not_spelling_variants(one: str, other: str) -> None:
    assert not similarity(
        parse_wording(words(one, summary=FACT)), parse_wording(words(other, summary=FACT))
    )


@pytest.mark.parametrize(("language", "is_alike"), [("it", True), ("en", False)])
def test_oil_means_the_organisation_in_italian_only(language: str, is_alike: bool) -> None:
    one, other = ("OIL: salari e norme dal 2015", "ILO: salari e norme dal 2015")
    apart = (parse_wording(words(title, language=language)) for title in (one, other))
    assert bool(similarity(*apart)) == is_alike


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "Vacancy: driver, Baku office", "Vacancy: security guard, Baku office"),
        ("en", "Statement by Guy Ryder on the quake", "Statement by Ban Ki-moon on the quake"),
        ("fr", "Appel d'offres : achat de bureaux", "Appel d'offres : achat de chaises"),
        ("ru", "Тендер: печать плакатов в Баку", "Тендер: перевод плакатов в Баку"),
        ("zh", "招聘：北京办公室司机", "招聘：北京办公室会计"),
    ],
)
def test_titles_of_one_pattern_with_one_summary_are_two_entries(
    language: str, one: str, other: str
) -> None:
    apart = (parse_wording(words(title, summary=FACT, language=language)) for title in (one, other))
    assert not similarity(*apart)


def test_titles_that_end_in_two_subjects_are_two_above_a_brief_summary() -> None:
    one, other = "What is meant by social dialogue?", "What is meant by social finance?"
    brief, long = "A guide for reporters.", "A guide of forty pages for reporters of all papers."
    assert not similarity(
        parse_wording(words(one, summary=brief)), parse_wording(words(other, summary=brief))
    )
    assert similarity(
        parse_wording(words(one, summary=long)), parse_wording(words(other, summary=long))
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A guide to wages is published", "A guide to wages is released"),
        ("ILO holds a course on wages", "ILO organizes a course on wages"),
    ],
)
def test_an_edited_verb_above_a_brief_summary_is_one_entry(one: str, other: str) -> None:
    brief = "It is meant for reporters."
    assert similarity(
        parse_wording(words(one, summary=brief)), parse_wording(words(other, summary=brief))
    )


def test_different_numbers_and_titles_distinguish_two_summaries() -> None:
    one = words("Guide to equal pay in firms", summary="The guide has twenty examples from firms.")
    other = words("Guide to equal care in firms", summary="The guide has ten examples from firms.")
    assert not similarity(parse_wording(one), parse_wording(other))


@pytest.mark.parametrize(
    ("printed", "plain"),
    [
        ("Égalité", "Egalite"),
        ("٢٠١٨", "2018"),
        ("1,000 and 1 000 and 1.000.000", "1000 and 1000 and 1000000"),
        ("COVID-19", "COVID"),
        ("الأدنى", "الادني"),
        ("2.5", "2.5"),
        (None, ""),
    ],
)
def test_text_is_folded(printed: str | None, plain: str) -> None:
    assert folded(printed) == plain


TITLES = st.sampled_from(
    [
        SEMINAR,
        "Seminar on wage policies held in Baku",
        "Seminar on wage policy was held in Baku today",
        "A seminar on wages",
        "Семинар по охране труда в Баку",
        "世界安全生产与健康日",
        "Guide",
        None,
    ]
)
SUMMARIES = st.sampled_from([None, "Experts of three ministries spoke of wages.", "Read more."])
DAYS = st.sampled_from([None, "2018-10-03", "2018-10-04", "2018-10-06", "2018-10-10"])
WORDINGS = st.lists(
    st.builds(WordingText, st.sampled_from(["en", None]), DAYS, TITLES, SUMMARIES), max_size=6
)


@given(WORDINGS)
def test_blocking_finds_the_pairs_that_comparing_all_finds(wordings: list[WordingText]) -> None:
    apart = [parse_wording(each) for each in wordings]
    every = {
        (one, other)
        for one, other in combinations(range(len(apart)), 2)
        if similarity(apart[one], apart[other])
    }
    found = {(one, other) for one, other, _ in similar_pairs(apart) if one != other}
    assert found == {
        (one, other)
        for one, other in every
        if len(set(blocking_keys(apart[one])) & set(lookup_keys(apart[other])))
        >= min_shared_keys(apart[one], apart[other])
    }


@given(WORDINGS)
def test_entries_with_dates_far_apart_are_never_similar(wordings: list[WordingText]) -> None:
    for one, other in combinations(map(parse_wording, wordings), 2):
        if one.day and other.day and abs(one.day - other.day) > FARTHEST:
            assert similarity(one, other) is None
