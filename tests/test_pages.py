"""Pages and their expected readings, side by side: ours, and those beside the checkout."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ilo_archive.page import as_record, read_page

FIXTURES = Path(__file__).parent / "fixtures"
HOMEPAGE = "http://www.ilo.org/moscow/lang--{}/index.htm"


def fields(record: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field of a reading by its path."""
    if isinstance(record, dict) and record:
        for key, value in record.items():
            yield from fields(value, f"{path}.{key}")
    elif isinstance(record, list):
        yield f"{path}.count", len(record)
        for number, value in enumerate(record):
            yield from fields(value, f"{path}[{number}]")
    else:
        yield path, record


def reading(page: Path, url: str | None = None) -> dict[str, Any]:
    record = as_record(read_page(page.read_bytes(), url), page.name)
    return json.loads(json.dumps(record, ensure_ascii=False))  # type: ignore[no-any-return]


NO_PAGES = ("20170823140912.html",)  # an archived 503


def pages_of(folder: str) -> list[Path]:
    pages = (FIXTURES / folder).iterdir()
    return sorted(p for p in pages if p.suffix in (".html", ".txt") and p.name not in NO_PAGES)


@pytest.mark.parametrize("page", pages_of("moscow"), ids=lambda page: page.name)
def test_a_page_reads_as_the_reading_beside_it_says(page: Path) -> None:
    russian = "windows-1251" in page.read_bytes()[:2000].decode("ascii", "ignore")
    got = reading(page, HOMEPAGE.format("ru" if russian else "en"))
    beside = page.with_suffix(".json")
    if not beside.exists():
        beside.write_text(json.dumps(got, ensure_ascii=False, indent=1), encoding="utf-8")
        pytest.fail(f"{beside.name} is new: look at it")
    assert dict(fields(got)) == dict(fields(json.loads(beside.read_text(encoding="utf-8"))))


def comparable(expected: dict[str, Any], got: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """The fields that `expected` names; in the layouts `credit` is the printed text alone."""
    for section in got["sections"]:
        for entry, wanted in zip(
            section["entries"], _entries(expected, got["sections"].index(section)), strict=False
        ):
            if isinstance(wanted.get("credit"), str) and entry["credit"]:
                entry["credit"] = entry["credit"]["text"]
            wanted.pop("cut", None)
            for name in set(entry) - set(wanted):
                del entry[name]
    kept = {name: got[name] for name in expected}
    return list(fields(expected)), list(fields(kept))


def _entries(record: dict[str, Any], section: int) -> list[dict[str, Any]]:
    sections = record["sections"]
    return sections[section]["entries"] if section < len(sections) else []


def shared_pages(folder: Path) -> Iterator[tuple[str, list[Any], list[Any]]]:
    for beside in sorted(folder.glob("*.json")):
        expected = json.loads(beside.read_text(encoding="utf-8"))
        yield (beside.stem, *comparable(expected, reading(beside.with_suffix(".txt"))))


@pytest.mark.parametrize("folder", ["seeds", "layouts"])
def test_every_field_of_the_pages_beside_the_checkout_is_read(shared: Path, folder: str) -> None:
    wrong = [
        (name, *pair)
        for name, expected, got in shared_pages(shared / folder)
        for pair in set(map(repr, expected)) ^ set(map(repr, got))
    ]
    assert wrong == []
