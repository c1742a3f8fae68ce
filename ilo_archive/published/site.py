"""Datasette on the published copy: its metadata, from the codebook and the questions."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ilo_archive.published.codebook import Column, Table, tables

STATIC = Path(__file__).with_name("static")
"""The style sheet that the site adds to Datasette's."""

SETTINGS: Mapping[str, Any] = {
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "sql_time_limit_ms": 3000,
    "facet_time_limit_ms": 1000,
    "suggest_facets": False,  # it counts every column of a page: slow on large tables
    "allow_facet": True,
    "allow_download": True,
    "truncate_cells_html": 600,
}


def metadata(name: str) -> dict[str, Any]:
    """Datasette's metadata for a published copy that is served under a name."""
    return {
        "title": "Archive of office homepages",
        "description": "News entries on archived homepages: which were shown, when, and how they"
        " changed. Times are those of captures, in UTC; nothing is known of the time between two.",
        "extra_css_urls": ["/assets/published.css"],
        "databases": {
            name: {
                "tables": {each.name: _table(each) for each in tables()},
                "queries": _questions(),
            }
        },
    }


def _table(table: Table) -> dict[str, Any]:
    described: dict[str, Any] = {
        "title": table.title,
        "description": f"A row is {table.row}.",
        "columns": {each.name: _meaning(each) for each in table.columns},
        "facets": list(table.facets),
    }
    if table.label:
        described["label_column"] = table.label
    if table.sort:
        described["sort_desc" if table.sort.startswith("-") else "sort"] = table.sort.lstrip("-")
    if table.name in ("entries", "revisions"):
        described["fts_table"] = f"{table.name}_fts"
        described["fts_pk"] = "id"
    return described


def _meaning(column: Column) -> str:
    """The meaning with the unit: Datasette's own units are those of physics."""
    return f"{column.meaning} Unit: {column.unit}." if column.unit else column.meaning


def _questions() -> dict[str, Any]:
    text = Path(__file__).with_name("questions.toml").read_text(encoding="utf-8")
    return {name: question | {"hide_sql": True} for name, question in tomllib.loads(text).items()}
