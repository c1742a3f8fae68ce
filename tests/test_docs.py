"""The documentation: links within the repository, and those of a release."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tools.release_check import absolute_links

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)#?([^)\s]*)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_to_files(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    missing = [name for name, _ in _LINK.findall(text) if not (page.parent / name).exists()]
    assert missing == []


def test_links_of_a_release_are_absolute() -> None:
    text = "[a](docs/a.md#b) [c](#d) [e](https://example.org/) ![f](docs/images/f.png)"
    assert absolute_links(text, "https://example.org/me/it/", "1.2") == (
        "[a](https://example.org/me/it/blob/v1.2/docs/a.md#b) [c](#d) [e](https://example.org/)"
        " ![f](https://example.org/me/it/raw/v1.2/docs/images/f.png)"
    )


def test_pages_of_the_site_link_to_pages_of_the_site() -> None:
    hooks = pytest.importorskip("tools.site_hooks", reason="needs the extra docs")
    relinked = hooks.relinked
    assert relinked("[a](../README.md#b)", "docs") == "[a](readme.md#b)"
    assert relinked("[a](../../CONTRIBUTING.md)", "docs/how-to") == "[a](../contributing.md)"
    assert relinked("[a](docs/asking.md)", "") == "[a](asking.md)"
    assert relinked("[a](../ilo_archive/x.toml)", "docs") == "a"
    assert (
        relinked("[a](https://example.org) [b](#c)", "docs") == "[a](https://example.org) [b](#c)"
    )
