"""The charset a page is read in: what told it, and what happens when that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from ilo_archive.reader.charset import Charset
from ilo_archive.reader.html.paragraphs import paragraphs_of
from ilo_archive.reader.page import read_page

FIXTURES = Path(__file__).parent / "fixtures" / "charsets"
RUSSIAN = (
    "Бюро МОТ в Москве. Семинар об охране труда на стройках прошёл у реки, сообщает наш отдел."
)
ARABIC = "مكتب منظمة العمل الدولية في القاهرة يعقد ورشة عمل حول السلامة في المصانع"
THAI = "สำนักงานแรงงานระหว่างประเทศประจำกรุงเทพ จัดประชุมเรื่องความปลอดภัย"
CHINESE = "国际劳工组织北京局举行会议,讨论工厂的安全问题。"
JAPANESE = "国際労働機関の駐日事務所は、工場の安全について会議を開きました。"
FRENCH = "L’été à Dakar : une journée consacrée à la sécurité des pêcheurs, près du fleuve."


def html(text: str, head: str = "") -> str:
    return f"<html><head>{head}<title>x</title></head><body><p>{text}</p></body></html>"


def meta(charset: str) -> str:
    return f'<meta charset="{charset}">'


def paragraphs(body: bytes, content_type: str | None = None) -> list[str]:
    return [block.text for block in paragraphs_of(body, content_type)]


class Decoded(NamedTuple):
    """The charset of a page, what was unsure of it, and the first paragraph read in it."""

    charset: Charset
    warnings: tuple[str, ...]
    text: str


def decoded(body: bytes, content_type: str | None = None) -> Decoded:
    page = read_page(body, None, content_type)
    return Decoded(page.charset, page.warnings, paragraphs(body, content_type)[0])


def said(body: bytes, content_type: str | None = None) -> str:
    return " ".join(paragraphs(body, content_type))


DECLARED = [
    ("windows-1251", RUSSIAN),
    ("koi8-r", RUSSIAN),
    ("utf-8", RUSSIAN),
    ("UTF8", RUSSIAN),
    ("windows-1252", FRENCH),
    ("iso-8859-1", FRENCH.replace("’", "'")),
    ("gb18030", CHINESE),
    ("shift_jis", JAPANESE),
    ("euc-jp", JAPANESE),
    ("windows-1256", ARABIC),
    ("tis-620", THAI),
]


@pytest.mark.parametrize(("charset", "text"), DECLARED)
def test_a_declared_charset_is_used(charset: str, text: str) -> None:
    old = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    header = f"text/html; charset={charset}"
    assert said(html(text, meta(charset)).encode(charset)) == text
    assert said(html(text, old).encode(charset)) == text
    assert said(html(text).encode(charset), header) == text
    assert said(html(text).encode(charset), f'text/html; charset="{charset}"') == text


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_goes_before_header_and_page(charset: str) -> None:
    body = html(RUSSIAN, meta("windows-1251")).encode(charset)
    found = decoded(body, "text/html; charset=koi8-r")
    assert paragraphs(body, "text/html; charset=koi8-r") == [RUSSIAN]
    assert found.charset.reason == "bom"


def test_a_page_keeps_its_charset_and_what_told_it() -> None:
    russian = html(RUSSIAN, meta("windows-1251")).encode("windows-1251")
    assert read_page(russian).charset == ("cp1251", "meta")
    assert read_page(russian, None, "text/html; charset=windows-1251").charset.reason == "http"
    assert read_page(RUSSIAN.encode()).charset == ("utf-8", "utf-8")


def test_big_endian_utf_16_is_told_by_its_mark() -> None:
    assert said(b"\xfe\xff" + html(RUSSIAN).encode("utf-16-be")) == RUSSIAN


def test_utf_8_needs_no_declaration() -> None:
    found = decoded(html(RUSSIAN).encode())
    assert found.charset == ("utf-8", "utf-8")
    assert found.text == RUSSIAN


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("windows-1251", RUSSIAN),
        ("koi8-r", RUSSIAN),
        ("windows-1252", FRENCH),
        ("gb18030", CHINESE * 4),
        ("shift_jis", JAPANESE * 4),
    ],
)
def test_an_undeclared_charset_is_detected(charset: str, text: str) -> None:
    found = decoded(html(text).encode(charset))
    assert found.text == text
    assert found.charset.reason == "detected"


@pytest.mark.parametrize("name", ["x-user-defined", "none", "", "windows-9999"])
def test_an_unknown_charset_is_none(name: str) -> None:
    assert said(html(RUSSIAN, meta(name)).encode(), f"text/html; charset={name}") == RUSSIAN


def test_a_declaration_that_does_not_fit_is_doubted() -> None:
    found = decoded(html(RUSSIAN, meta("utf-8")).encode("windows-1251"))
    assert found.text == RUSSIAN
    assert found.charset.reason == "detected"
    assert any("utf-8" in warning for warning in found.warnings)


def test_a_page_that_fits_goes_before_a_header_that_does_not() -> None:
    body = html(RUSSIAN, meta("windows-1251")).encode("windows-1251")
    found = decoded(body, "text/html; charset=utf-8")
    assert found.charset == ("cp1251", "meta")
    assert any("header" in warning for warning in found.warnings)


def test_the_default_of_a_server_gives_way_to_the_page() -> None:
    body = html(RUSSIAN, meta("windows-1251")).encode("windows-1251")
    found = decoded(body, "text/html; charset=iso-8859-1")
    assert found.text == RUSSIAN
    assert any("header" in warning for warning in found.warnings)


def test_a_header_that_fits_goes_before_the_page() -> None:
    body = html(RUSSIAN, meta("windows-1251")).encode("koi8-r")
    found = decoded(body, "text/html; charset=koi8-r")
    assert found.text == RUSSIAN
    assert found.charset.reason == "http"


def test_a_page_that_declares_utf_16_in_ascii_is_utf_8() -> None:
    assert said(html(RUSSIAN, meta("utf-16")).encode()) == RUSSIAN


def test_one_broken_character_makes_no_other_charset() -> None:
    body = html(RUSSIAN, meta("utf-8")).encode().replace("ё".encode(), b"\xff")
    found = decoded(body)
    assert found.text.startswith("Бюро МОТ в Москве.")
    assert "characters that the charset does not know" in found.warnings


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Москва у реки", "latin-1"),
        ("Москва у реки", "cp1251"),
        ("the workers’ day", "cp1252"),
        ("une journée", "cp1252"),
    ],
)
def test_text_that_was_encoded_twice_is_warned_of_and_kept(text: str, wrong: str) -> None:
    twice = text.encode().decode(wrong)
    found = decoded(html(twice, meta("utf-8")).encode())
    assert any("twice" in warning for warning in found.warnings)
    if wrong != "latin-1":  # whose control characters no text has
        assert found.text == " ".join(twice.split())


@pytest.mark.parametrize(
    "text", [RUSSIAN, ARABIC, FRENCH, THAI, "SÃO PAULO, Ñandú, à gã", "РСФСР", "Србија, Ђорђе"]
)
def test_ordinary_text_is_no_mojibake(text: str) -> None:
    assert decoded(html(text, meta("utf-8")).encode()).warnings == ("no entries found",)


def pages() -> list[Path]:
    return sorted(FIXTURES.glob("*.html"))


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_says_what_the_same_page_in_utf_8_says(page: Path) -> None:
    beside = page.with_suffix(".said").read_text(encoding="utf-8").splitlines()
    assert paragraphs(page.read_bytes()) == beside


@pytest.mark.parametrize("codec", ["uu", "hex", "undefined", "rot13"])
def test_a_codec_of_python_that_is_no_charset_is_passed_over(codec: str) -> None:
    found = decoded(html(RUSSIAN, meta(codec)).encode(), f"text/html; charset={codec}")
    assert found.charset == ("utf-8", "utf-8")
