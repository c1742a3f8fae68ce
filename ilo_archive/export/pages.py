"""The pages of an export, from templates."""

from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from ilo_archive.text.counted import counted
from ilo_archive.text.printable import printable
from ilo_archive.times import iso


def render(name: str, **values: Any) -> str:
    """A page from the template of that name; HTML escapes what was on archived pages."""
    return _environment().get_template(f"{name}.jinja").render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ilo_archive.export"),
        autoescape=select_autoescape(["html.jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"counted": counted, "day": _day, "iso": iso, "cell": _cell}
    return environment


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else "unknown"


def _cell(text: str | None) -> str:
    """A text in a cell of a Markdown table."""
    return printable(text or "").replace("|", "\\|").replace("\n", " ")
