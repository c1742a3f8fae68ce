"""What mkdocs needs besides docs/: pages that lie at the top of the repository, and links to them.

README.md, CONTRIBUTING.md and CHANGELOG.md become pages; a link to another file of the repository
is left as text, since a site does not have it.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

PAGES = {
    "README.md": "readme.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
ROOT = Path(__file__).parent.parent
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)#\s]*)(#[^)\s]*)?\)")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages from the top of the repository."""
    for source, target in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        text = relinked(text, "").replace("](docs/images/", "](images/")
        files.append(File.generated(config, target, content=text))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - mkdocs'
    """Point links at the pages of the site."""
    if page.file.src_uri in PAGES.values():
        return markdown
    return relinked(markdown, posixpath.join("docs", posixpath.dirname(page.file.src_uri)))


def relinked(markdown: str, folder: str) -> str:
    """With each link to a file of the repository, from a page in this folder of it, pointing at
    the page of the site that has it; as text if none has.
    """

    def relink(found: re.Match[str]) -> str:
        words, address, anchor = found[1], found[2], found[3] or ""
        if not address or re.match(r"[a-z]+:", address):
            return found[0]
        target = posixpath.normpath(posixpath.join(folder, address))
        if target.startswith("docs/"):
            target = target.removeprefix("docs/")
        elif target in PAGES:
            target = PAGES[target]
        else:
            return words
        here = folder.removeprefix("docs").lstrip("/")
        return f"[{words}]({posixpath.relpath(target, here or '.')}{anchor})"

    return _LINK.sub(relink, markdown)
