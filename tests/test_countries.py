"""Names of countries in every language, as CLDR has them and as printed."""

import json
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

from ilo_archive.text.countries import Country
from ilo_archive.text.office_facts import parse_description
from tools.make_countries import COUNTRIES, LOCALES, NOT_ISO, russian

ROOT = Path(__file__).parent.parent
NAMES: dict[str, dict[str, Any]] = json.loads(COUNTRIES.read_text("utf-8"))
CODES = {code for code in map(str, Locale("en").territories) if len(code) == 2} - NOT_ISO


def test_country_names_are_those_of_babel(tmp_path: Path) -> None:
    fresh = tmp_path / "countries.json"
    # In a process of its own: what was asked of Babel before changes its answers.
    subprocess.run([sys.executable, "-m", "tools.make_countries", fresh], cwd=ROOT, check=True)
    assert COUNTRIES.read_text("utf-8") == fresh.read_text("utf-8")


def test_babel_is_not_needed_at_run_time() -> None:
    program = (
        "import sys; sys.modules['babel'] = None\n"
        "from ilo_archive.text.office_facts import parse_description\n"
        "assert parse_description('in Peru', 'en').countries"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize("language", LOCALES)
def test_every_country_has_a_name_and_no_name_two_countries(language: str) -> None:
    names = NAMES[language]["names"]
    assert names.keys() == CODES
    forms = list(chain(*names.values()))
    assert len(forms) == len(set(forms))
    assert not set(forms) & set(NAMES[language]["none"])
    assert set(NAMES[language]["words"]) <= set(forms)


@pytest.mark.parametrize("language", LOCALES)
def test_every_form_of_every_name_is_found_whole(language: str) -> None:
    lead = {"th": "ประเทศ", "zh": "在", "ar": "بلدان ", "ru": "в ", "ja": "、"}.get(language, "in ")
    assert NAMES[language]["names"].keys() == CODES
    for code, forms in NAMES[language]["names"].items():
        for form in forms:
            found = parse_description(lead + form + ".", language).countries
            assert found == (Country(code, form),), form


def test_russian_names_are_declined() -> None:
    assert {"Беларуси", "Беларусью"} <= set(russian("Беларусь"))
    assert {"Польшей", "Польше"} <= set(russian("Польша"))
    assert {"Уругвая", "Уругвае"} <= set(russian("Уругвай"))
    assert {"Шри-Ланки", "Шри-Ланке"} <= set(russian("Шри-Ланка"))
    assert {"Республике Молдова", "Республике Молдове"} <= set(russian("Республика Молдова"))
    assert {"Боснии и Герцеговине"} <= set(russian("Босния и Герцеговина"))
    assert {"Соломоновых Островах"} <= set(russian("Соломоновы Острова"))
    assert set(russian("Чили")) == {"Чили"}
