"""What a page says of its office through time: wordings, and the countries they name."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from ilo_archive.queries.history import PageHistory
from ilo_archive.text.countries import Country
from ilo_archive.text.normalise import normalised
from ilo_archive.text.office_facts import parse_description


@dataclass(frozen=True, slots=True)
class Described:
    """One wording on good captures in a row, `shown`; one that came back is another. `joined` are
    countries that it names and the wording before that names any does not, `left` the reverse.
    """

    text: str
    shown: tuple[int, ...]
    countries: tuple[Country, ...] = ()
    joined: tuple[Country, ...] = ()
    left: tuple[Country, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedCountry:
    """A country in the latest form of its name, and the good captures that name it."""

    country: Country
    shown: tuple[int, ...]


def wordings(page: PageHistory, field: Literal["name", "description"]) -> list[Described]:
    """The wordings of a field by time. Captures without the field say nothing."""
    texts = [getattr(each, field) for each in page.good]
    stated = [(at, text, normalised(text)) for at, text in enumerate(texts) if text]
    runs = [list(run) for _, run in groupby(stated, key=lambda each: each[2])]
    found = []
    named: tuple[Country, ...] = ()
    for run in runs:
        text, shown = run[0][1], tuple(at for at, _, _ in run)
        countries = _countries(page, text) if field == "description" else ()
        joined, left = _only_in(countries, named), _only_in(named, countries)
        changes = (joined, left) if named and countries else ((), ())
        found.append(Described(text, shown, countries, *changes))
        named = countries or named
    return found


def named_countries(described: Sequence[Described]) -> list[NamedCountry]:
    """Every country that some wording names, those of the first wording first."""
    latest: dict[str, Country] = {}
    shown: dict[str, list[int]] = {}
    for each in described:
        for country in each.countries:
            latest[country.code] = country
            shown.setdefault(country.code, []).extend(each.shown)
    return [NamedCountry(latest[code], tuple(at)) for code, at in shown.items()]


def _countries(page: PageHistory, text: str) -> tuple[Country, ...]:
    return parse_description(text, page.language).countries


def _only_in(countries: Sequence[Country], others: Sequence[Country]) -> tuple[Country, ...]:
    known = {each.code for each in others}
    return tuple(each for each in countries if each.code not in known)
