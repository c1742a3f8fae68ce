"""References as bibliography programs read them: BibTeX for biblatex, RIS, CSL-JSON."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ilo_archive.export.citations import main_address, provenance, pwid, title_of
from ilo_archive.queries.answers import Cited
from ilo_archive.text.printable import printable
from ilo_archive.times import as_known

_BABEL_NAMES = {
    "ar": "arabic", "de": "german", "en": "english", "es": "spanish", "fr": "french",
    "id": "indonesian", "it": "italian", "ja": "japanese", "pt": "portuguese", "ru": "russian",
    "th": "thai", "tr": "turkish", "uk": "ukrainian", "vi": "vietnamese", "zh": "chinese",
}  # fmt: skip
"""`langid` of biblatex: languages as babel and polyglossia name them."""

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "{": r"\textbraceleft{}",  # BibTeX counts braces behind a backslash too
    "}": r"\textbraceright{}",
    **{each: f"\\{each}" for each in "&%$#_"},
}


# -- BibTeX --------------------------------------------------------------------------------


def as_bibtex(references: Sequence[Cited], *, archive_url: bool = False) -> str:
    """An `@online` for each, as biblatex reads it; every text is escaped.

    `urldate` is the day of the capture, `eprint` its URI-M, `langid` the language for hyphenation.
    """
    return "\n".join(_bibtex(key, cited, archive_url) for key, cited in _with_keys(references))


def _bibtex(key: str, cited: Cited, archive_url: bool) -> str:
    known_language = _BABEL_NAMES.get(cited.language or "")
    fields = {
        "author": f"{{{_latex(cited.author)}}}",
        "title": f"{{{_latex(title_of(cited))}}}",
        "date": _interval(cited),
        "location": _latex(cited.place or ""),
        "url": _verbatim(main_address(cited, archive_url=archive_url)),
        "urldate": as_known(cited.captured_at, cited.precision)[:10],
        "langid": known_language or "",
        "language": "" if known_language else _latex(cited.language or ""),
        "abstract": _latex(cited.text or ""),
        "note": _latex(_note(cited)),
        "eprint": _verbatim(cited.uri_m or ""),
        "eprinttype": "memento" if cited.uri_m else "",
        "eprintclass": _latex(cited.archive) if cited.uri_m else "",
        "howpublished": "" if cited.uri_m else _latex(cited.archive),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join((f"@online{{{key},", *lines, "}")) + "\n"


def _latex(words: str) -> str:
    """Words in which no character has a meaning to LaTeX."""
    return re.sub(r"[\\~^&%$#_{}]", lambda found: _LATEX[found[0]], printable(words))


def _verbatim(url: str) -> str:
    """An address in a verbatim field: braces would end it."""
    safe = printable(url).replace(" ", "%20")
    return safe.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _interval(cited: Cited) -> str:
    """A day, or first and last day as an interval of ISO 8601; empty without one."""
    return "/".join(day.isoformat() for day in (cited.date, cited.date_end) if day)


# -- RIS -----------------------------------------------------------------------------------


def as_ris(references: Sequence[Cited], *, archive_url: bool = False) -> str:
    """A record of type ELEC for each: `UR` the address, `Y2` the day of the capture, `AV` the
    URI-M, `AN` the capture.
    """
    return "\n".join(
        "".join(f"{tag}  - {printable(text)}\n" for tag, text in _ris(key, cited, archive_url))
        for key, cited in _with_keys(references)
    )


def _ris(key: str, cited: Cited, archive_url: bool) -> Iterator[tuple[str, str]]:
    fields = {
        "ID": key,
        "AU": cited.author,
        "TI": title_of(cited),
        "PY": str(cited.date.year) if cited.date else None,
        "DA": f"{cited.date:%Y/%m/%d}/" if cited.date else None,
        "CY": cited.place,
        "UR": main_address(cited, archive_url=archive_url),
        "Y2": as_known(cited.captured_at, cited.precision)[:10].replace("-", "/"),
        "LA": cited.language,
        "AB": cited.text,
        "DB": cited.archive,
        "AV": cited.uri_m,
        "AN": cited.capture_id,
        "N1": f"Until {cited.date_end}. {_note(cited)}" if cited.date_end else _note(cited),
    }
    yield "TY", "ELEC"
    yield from ((tag, text) for tag, text in fields.items() if text)
    yield "ER", ""


# -- CSL-JSON ------------------------------------------------------------------------------


def as_csl_json(references: Sequence[Cited], *, archive_url: bool = False) -> str:
    """A list of items of CSL-JSON 1.0, as reference managers import it."""
    items = [_csl_item(key, cited, archive_url) for key, cited in _with_keys(references)]
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def _csl_item(key: str, cited: Cited, archive_url: bool) -> Mapping[str, Any]:
    captured = as_known(cited.captured_at, cited.precision)[:10]
    item = {
        "id": key,
        "type": "webpage",
        "title": title_of(cited),
        "author": [{"literal": cited.author}],
        "container-title": cited.author,
        "issued": _csl_days(cited.date, cited.date_end),
        "publisher-place": cited.place,
        "URL": main_address(cited, archive_url=archive_url),
        "accessed": {"date-parts": [[int(part) for part in captured.split("-")]]},
        "language": cited.language,
        "abstract": cited.text,
        "archive": cited.archive,
        "archive_location": cited.uri_m,
        "call-number": cited.capture_id,
        "note": _note(cited),
    }
    return {name: value for name, value in item.items() if value}


def _csl_days(*days: date | None) -> Mapping[str, Any] | None:
    known = [[day.year, day.month, day.day] for day in days if day]
    return {"date-parts": known} if known else None


# -- notes and keys ------------------------------------------------------------------------


def _note(cited: Cited) -> str:
    return ". ".join(filter(None, (provenance(cited), pwid(cited))))


def _with_keys(references: Sequence[Cited]) -> Iterator[tuple[str, Cited]]:
    """Each with a key for the bibliography, which no two share: a page and its description are on
    one capture.
    """
    used: Counter[str] = Counter()
    for cited in references:
        key = re.sub(r"[^A-Za-z0-9-]", "-", cited.id)
        key = key if cited.kind == "entry" else f"{cited.kind}-{key}"
        used[key] += 1
        yield (key if used[key] == 1 else f"{key}-{used[key]}"), cited
