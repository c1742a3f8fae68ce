"""Every output format of the command line: its name, its file ending, and what writes it.

A format is listed here and nowhere else; `load` imports its writer when it is used.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path, PurePath
from typing import Any

import click

ROWS = ("table", "json", "jsonl", "csv")
"""Of commands that print rows (`cli.output`)."""

ANSWER = ("text", "json")
STATUS = (*ANSWER, "prometheus")
"""Of commands that print one answer (`show`, `profile`, `coverage`, `status`)."""

COMPARISON = {
    "text": "ilo_archive.report:as_text",
    "md": "ilo_archive.report:as_markdown",
    "html": "ilo_archive.report:as_html",
    "json": "ilo_archive.report:as_json",
    "atom": "ilo_archive.report:as_atom",
}
"""Of `diff`."""

SINCE = {
    "text": "ilo_archive.report.since_text:as_text",
    "html": "ilo_archive.report.latest_page:as_html",
    "json": "ilo_archive.report.since_text:as_json",
    "atom": "ilo_archive.report.feed:as_atom",
}
"""Of `diff --since`."""

CITATION = {
    "text": "ilo_archive.export.citations:as_prose",
    "bibtex": "ilo_archive.export.bibliographies:as_bibtex",
    "ris": "ilo_archive.export.bibliographies:as_ris",
    "csl-json": "ilo_archive.export.bibliographies:as_csl_json",
    "robustlinks": "ilo_archive.export.citations:as_robust_links",
}
"""Of `cite`."""

EXPORT = {
    ".wacz": "ilo_archive.cli.export:export_wacz_file",
    ".csv": "ilo_archive.cli.export:export_entries",
    ".jsonl": "ilo_archive.cli.export:export_entries",
    ".parquet": "ilo_archive.cli.export:export_parquet",
    ".sqlite": "ilo_archive.cli.export:export_copy",
}
"""Of `export`, by the ending of the file."""

PACKAGE = "ilo_archive.cli.export:export_folder"
"""Of `export` to a folder."""

_ENDINGS = {
    ".txt": "text", ".md": "md", ".markdown": "md", ".html": "html", ".htm": "html",
    ".json": "json", ".atom": "atom", ".xml": "atom",
}  # fmt: skip


def load(writer: str) -> Callable[..., Any]:
    """The function that a table above names as `module:function`."""
    module, _, name = writer.partition(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function


def comparison_format(path: PurePath) -> str:
    """The format of a comparison that the ending of a file means, text without an ending.

    Raises click.UsageError for an ending that means none.
    """
    if not path.suffix:
        return "text"
    try:
        return _ENDINGS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(_ENDINGS)
        message = f"{path.name}: unknown ending; use --format, or one of {known}"
        raise click.UsageError(message) from None


def export_writer(path: Path) -> Callable[..., Any]:
    """What writes an export to a file of that ending, or a data package to a folder: what is one,
    or is not there and has no ending.

    Raises click.UsageError for an ending that means none.
    """
    if path.is_dir() or not (path.suffix or path.exists()):
        return load(PACKAGE)
    try:
        return load(EXPORT[path.suffix.lower()])
    except KeyError:
        known = ", ".join(EXPORT)
        message = f"{path.name}: unknown ending; use one of {known}, or none for a data package"
        raise click.UsageError(message) from None
