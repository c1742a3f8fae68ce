"""`read_page` takes the bytes of a page, its text, or a file; what it cannot take it names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ilo_archive import PageRefused, read_page

TEXT = (
    '<html><head><meta charset="windows-1251"></head><body><h1>Бюро МОТ</h1>'
    '<ul><li><a href="/a">Мосты встречаются</a> 4 мая 2015</li>'
    '<li><a href="/b">Лодки встречаются</a> 3 мая 2015</li></ul></body></html>'
)


GIVEN: dict[str, Callable[[Path], Any]] = {
    "bytes": Path.read_bytes,
    "bytearray": lambda path: bytearray(path.read_bytes()),
    "memoryview": lambda path: memoryview(path.read_bytes()),
    "text": lambda path: path.read_text("cp1251"),
    "text with a mark": lambda path: "\ufeff" + path.read_text("cp1251"),
    "path": lambda path: path,
}


@pytest.mark.parametrize("form", GIVEN)
def test_a_page_is_the_same_however_it_is_given(form: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(TEXT, "cp1251")
    found = read_page(GIVEN[form](path))
    assert found.office == "Бюро МОТ"
    assert [entry.title for _, entry in found.entries] == ["Мосты встречаются", "Лодки встречаются"]
    assert not [warning for warning in found.warnings if "charset" in warning]


@pytest.mark.parametrize("text", ["", "River Office", "What is new in http://www.example.org/"])
def test_a_short_text_is_a_page(text: str) -> None:
    assert read_page(text).template == "text"


def test_a_path_given_as_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(TEXT)
    with pytest.raises(PageRefused, match=r"is the name of a file: pass pathlib.Path of it"):
        read_page(str(path))


@pytest.mark.parametrize("url", ["http://www.ilo.org/moscow/", ["HTTPS://www.ilo.org/a", "b"][0]])
def test_an_address_given_as_text_is_named(url: str) -> None:
    with pytest.raises(PageRefused, match="is an address: fetch the page"):
        read_page(url)


@pytest.mark.parametrize("name", ["absent.html", "."])
def test_a_file_that_cannot_be_opened_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(PageRefused, match=r"cannot open .*: (No such file|Is a directory)"):
        read_page(tmp_path / name)


@pytest.mark.parametrize("given", [None, 5, ["<p>"], {"body": b""}])
def test_anything_else_is_refused_by_its_type(given: Any) -> None:
    with pytest.raises(TypeError, match=f"bytes, text or a path .*not {type(given).__name__}"):
        read_page(given)
