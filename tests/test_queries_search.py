"""Search: entries by their words, in any wording and any script."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive import Archive
from ilo_archive.queries.answers import (
    EntrySummary,
)
from tests.support.answers import ids
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item, news


@pytest.fixture(scope="module")
def archive_to_search(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    path = an_archive(
        tmp_path_factory.mktemp("archive_to_search"),
        a_snapshot(
            "201501",
            a_page(
                news(1, "Women’s Day: a “motherhood pay gap”", summary="Trade unions met."),
                news(2, "FNPR-ILO Arctic trade union school", summary="Employment policy."),
                news(3, "COVID-19: employers and workers (ten countries)"),
                news(4, "Économie sociale à Genève", summary="Union of the trade."),
            ),
        ),
        a_snapshot("201502", a_page(news(1, "Women’s Day revised"))),
        a_snapshot(
            "201501",
            a_page(an_entry("Вышел новый бюллетень «МОТ»", link=item(9, "ru")), language="ru"),
            language="ru",
        ),
    )
    with Archive(path) as archive:
        yield archive


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("school", {"2-en"}),
        ("SCHOOL", {"2-en"}),
        ("trade union", {"2-en", "4-en"}),
        ('"trade union"', {"2-en"}),
        ("trade union*", {"1-en", "2-en", "4-en"}),
        ("employ*", {"2-en", "3-en"}),
        ("employ", set()),
        ("FNPR-ILO", {"2-en"}),
        ("covid-19", {"3-en"}),
        ("women's", {"1-en"}),
        ("women’s", {"1-en"}),
        ("economie geneve", {"4-en"}),
        ("ÉCONOMIE", {"4-en"}),
        ("бюллетень", {"9-ru"}),
        ("Бюллетень «МОТ»", {"9-ru"}),
        ("бюлл*", {"9-ru"}),
        ("motherhood", {"1-en"}),  # in an earlier wording only
        ("motherhood revised", set()),  # in no wording both
        ("ten AND countries", {"3-en"}),  # "and" is a word of the entry
        ("school NOT arctic", set()),  # and these are words that no entry has
        ("school OR covid", set()),
        ('"arctic trade" school', {"2-en"}),
        ('"trade arctic"', set()),
        ("title:school", set()),
    ],
)
def test_entries_are_found_by_their_words(
    archive_to_search: Archive, query: str, numbers: set[str]
) -> None:
    assert set(ids(archive_to_search.search(query))) == {f"wcms-{n}" for n in numbers}


EVERYDAY = r'''
'|"|""|"""|'quoted|"quoted|quoted"|"a" "b|«кавычки»|don't|Côte d'Ivoire|o’clock|FNPR-ILO
-school|--school|- school|school -arctic|(school)|(|)|()|(school|school)|((a) OR (b))|AND|OR|NOT
NEAR|AND OR|NOT school|NEAR(a b)|NEAR/5|a NEAR b|school AND|OR school|*|**|*school|sch*ool|school*
school **|^school|^|a^b|:|title:school|title : school|a:b:c|{a b}|{title}: a|+school|a + b|school;
a;b|a,b|.|...|No. 60|24/7|50%|%|_|a_b|\\|a\\b|\\"|/|//|http://www.ilo.org/moscow?a=b&c=d|#hashtag
me@example.org|$100|€5|§ 7|№ 60|C++|~|`|!|?|what?
<script>|[a]|=|1=1|'; DROP TABLE entry; --|😀|😀 school|👩‍🔬|日本語|العربية|ไทย|Юникод|ё|İ|ß|ﬁ|½|²|①
'''
STRINGS = [each for line in EVERYDAY.strip().splitlines() for each in line.split("|")]
STRINGS += ["", " ", "\t\n", "\u00a0", "a\nb", "\u200b", "|", "x" * 10_000, "a " * 2_000, "\ufeff"]


@pytest.mark.parametrize("query", STRINGS)
def test_everyday_strings_are_searched_literally(archive_to_search: Archive, query: str) -> None:
    assert all(isinstance(each, EntrySummary) for each in archive_to_search.search(query))


def test_there_are_enough_everyday_strings() -> None:
    assert len(set(STRINGS)) > 100


@pytest.mark.parametrize("query", ["", " ", '"', "...", "- -", "😀", "*", '""', "()"])
def test_a_query_without_a_word_finds_nothing(archive_to_search: Archive, query: str) -> None:
    assert archive_to_search.search(query) == []


@given(st.text() | st.text(alphabet="ab \"'*-^:()\x00\x1b{}+\\NOTAND", max_size=25))
def test_any_text_is_a_query_and_raises_no_error(archive_to_search: Archive, query: str) -> None:
    assert isinstance(archive_to_search.search(query), list)


@pytest.mark.parametrize("query", ["a\x00b", "\x00", '"a\x00"', "caf\udce9", "\ud800", "a\udcffb*"])
def test_a_surrogate_or_a_nul_is_a_query(archive_to_search: Archive, query: str) -> None:
    """The shell hands over bytes that are no UTF-8 as surrogates."""
    assert isinstance(archive_to_search.search(query), list)


def test_a_match_in_the_title_ranks_first(archive_to_search: Archive) -> None:
    assert ids(archive_to_search.search("school", limit=1)) == ["wcms-2-en"]
