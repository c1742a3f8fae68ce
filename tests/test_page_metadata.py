"""Address and language that pages declare."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.http import HttpMessage
from ilo_archive.sources.page_metadata import DeclaredMetadata, declared_metadata

URL = "https://www.ilo.org/ru/a"


def printed(body: bytes, *headers: tuple[str, str]) -> DeclaredMetadata:
    return declared_metadata(HttpMessage(200, "OK", headers, body), URL)


@pytest.mark.parametrize(
    ("body", "language"),
    [
        (b'<!DOCTYPE html><html lang="ru-RU" dir=ltr><p>x', "ru"),
        (b'<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="fr"><p>x', "fr"),
        (b"<html><meta http-equiv=Content-Language content='es, en'><p>x", "es"),
        (b'<html lang=""><p>x', None),
        (b'<html lang="english"><p>x', None),
        (b"", None),
    ],
)
def test_the_language_is_that_of_the_markup(body: bytes, language: str | None) -> None:
    assert printed(body).language == language


def test_the_language_of_the_headers_is_used_if_the_markup_has_none() -> None:
    header = ("Content-Language", "en-GB")
    assert printed(b"<p>x", header).language == "en"
    assert printed(b'<html lang="ru"><p>x', header).language == "ru"


@pytest.mark.parametrize(
    ("body", "canonical"),
    [
        (b'<link rel="canonical" href="/ru/b"/>', "https://www.ilo.org/ru/b"),
        (b'<LINK REL="Canonical" HREF="http://ilo.org/b">', "http://ilo.org/b"),
        (b'<link rel="alternate" href="/en/b"/>', None),
        (b'<link rel="canonical" href="http://["/>', None),
        (b'<link rel="canonical" href=""/>', None),
    ],
)
def test_the_canonical_address_is_that_of_the_markup(body: bytes, canonical: str | None) -> None:
    assert printed(b"<html><head>" + body + b"</head><body>x").canonical == canonical


def test_the_canonical_address_may_stand_in_a_header() -> None:
    header = ("Link", '</a.css>; rel=preload, <https://ilo.org/b>; rel="canonical"')
    assert printed(b"<p>x", header).canonical == "https://ilo.org/b"


def test_a_compressed_body_is_decoded_and_a_broken_one_has_no_metadata() -> None:
    body = gzip.compress(b'<html lang="ru"><p>x')
    assert printed(body).language == "ru"
    assert printed(body[:-9]) == DeclaredMetadata()


@given(st.binary(max_size=200), st.text(max_size=50))
def test_any_page_and_any_header_raise_no_error(body: bytes, header: str) -> None:
    found = printed(body, ("Content-Language", header), ("Link", header))
    assert isinstance(found, DeclaredMetadata)
