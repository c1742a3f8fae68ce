"""The descriptor of a data package (https://specs.frictionlessdata.io/data-package/)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ilo_archive.export.manifest import FileSum
from ilo_archive.export.package_files import package_files
from ilo_archive.published.codebook import Column, Table
from ilo_archive.times import iso

_TYPES = {
    "integer": "integer",
    "number": "number",
    "date": "date",
    "time": "datetime",
}


def descriptor(
    title: str, description: str, files: Mapping[str, FileSum], now: datetime
) -> dict[str, Any]:
    """`datapackage.json` of a package with these files, by their paths."""
    return {
        "profile": "data-package",
        "name": "office-homepages",
        "title": title,
        "description": description,
        "created": iso(now),
        "resources": list(_resources(files)),
    }


def _resources(files: Mapping[str, FileSum]) -> Iterator[dict[str, Any]]:
    described = {each.path: each for each in package_files()}
    by_path = {each.path: each.table for each in described.values() if each.table}
    for path, found in files.items():
        file = described[path]
        table = by_path.get(path) if file.format == "csv" else None
        yield {
            "name": file.name,
            "path": path,
            "title": file.title,
            "description": file.description,
            "format": file.format,
            "mediatype": file.media_type,
            "bytes": found.bytes,
            "hash": f"sha256:{found.sha256}",
            **(_tabular(table) if table else {"type": "file"}),
        }


def _tabular(table: Table) -> dict[str, Any]:
    return {
        "type": "table",
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "header": True},
        "schema": table_schema(table),
    }


def table_schema(table: Table) -> dict[str, Any]:
    """The schema of a table: types, keys and meanings from the codebook."""
    keys = [
        {
            "fields": [each.name],
            "reference": {"resource": f"{each.references}-csv", "fields": ["id"]},
        }
        for each in table.columns
        if each.references
    ]
    schema: dict[str, Any] = {
        "fields": [_field(each) for each in table.columns],
        "primaryKey": ["id"],
        "missingValues": [""],
    }
    return schema | ({"foreignKeys": keys} if keys else {})


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES.get(column.type, "string"),
        "description": column.meaning,
    }
    if column.unit:
        field["unit"] = column.unit
    if column.name == "id" or column.unique:
        field["constraints"] = {"required": True, "unique": True}
    return field
