"""Format the citation of an entry: its text, its page, and the capture that proves it."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ilo_archive.queries.answers import (
    Cited,
)
from ilo_archive.times import as_known


def as_plain(cited: Cited) -> str:
    """One paragraph: author, title, date, address; page, capture time, URI-M or archive."""
    parts = (
        cited.author,
        f"“{cited.title}”" if cited.title else "(without a title)",
        _days(cited) or "undated",
        cited.link,
        f"{_note(cited)} ({cited.archive})",
        cited.uri_m,
    )
    return ". ".join(part.rstrip(".") for part in parts if part) + "\n"


def as_bibtex(cited: Cited) -> str:
    """An entry of type `online` for biblatex, with all texts escaped."""
    fields = {
        "author": f"{{{_latex(cited.author)}}}",
        "title": f"{{{_latex(cited.title or '(without a title)')}}}",
        "date": _days(cited),
        "url": _verbatim(cited.link or cited.url),
        "language": cited.language or "",
        "note": _latex(_note(cited)),
        "eprint": _verbatim(cited.uri_m or ""),
        "eprinttype": "memento" if cited.uri_m else "",
        "howpublished": _latex("" if cited.uri_m else cited.archive),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join((f"@online{{{_key(cited)},", *lines, "}")) + "\n"


def as_csl_json(cited: Cited) -> str:
    """A list with one item of CSL-JSON 1.0, which reference managers import."""
    item = {
        "id": _key(cited),
        "type": "webpage",
        "title": cited.title,
        "author": [{"literal": cited.author}],
        "container-title": cited.author,
        "issued": _csl_date([cited.date, cited.date_end]),
        "URL": cited.link or cited.url,
        "language": cited.language,
        "archive": cited.archive,
        "archive_location": cited.uri_m,
        "accessed": {"date-parts": [[int(part) for part in _captured(cited)[:10].split("-")]]},
        "note": _note(cited),
    }
    known = {name: value for name, value in item.items() if value}
    return json.dumps([known], ensure_ascii=False, indent=1) + "\n"


def _key(cited: Cited) -> str:
    return re.sub(r"[^\w@-]", "-", cited.revision_id).replace("@", "-")


def _note(cited: Cited) -> str:
    """The page, the capture and what is wrong with its record, if anything is."""
    fault = f"; {cited.fault}" if cited.fault else ""
    return f"Listed on {cited.url}, captured {_captured(cited)}{fault}"


def _captured(cited: Cited) -> str:
    return as_known(cited.captured_at, cited.precision)


def _days(cited: Cited) -> str:
    """A day, or first and last day as an ISO 8601 interval; empty without a date."""
    return "/".join(day.isoformat() for day in (cited.date, cited.date_end) if day)


def _csl_date(days: Sequence[date | None]) -> Mapping[str, Any] | None:
    known = [day for day in days if day]
    return {"date-parts": [[day.year, day.month, day.day] for day in known]} if known else None


_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "{": r"\textbraceleft{}",  # BibTeX also counts braces after a backslash
    "}": r"\textbraceright{}",
    **{each: f"\\{each}" for each in "&%$#_"},
}


def _latex(words: str) -> str:
    """A text in which no character has a meaning to LaTeX."""
    return re.sub(r"[\\~^&%$#_{}]", lambda found: _LATEX[found[0]], words)


def _verbatim(url: str) -> str:
    """An address for a verbatim field, which a brace would end."""
    return url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")
