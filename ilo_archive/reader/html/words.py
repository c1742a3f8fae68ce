"""What the words of a line say it is: a button, a link to more, a note on author and date.

The words are data: `words.toml`.
"""

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path

_LONGEST_BUTTON = 40  # characters
_LONGEST_NOTE = 250  # characters; what is longer is not only a note of how many read it
_LONGEST_META = 200


@lru_cache(maxsize=8192)
def is_button(text: str) -> bool:
    """Whether a line is a link to more or a button, "Read more »", "3 comments", "Share"."""
    return len(text) <= _LONGEST_BUTTON and bool(_buttons().fullmatch(text))


@lru_cache(maxsize=8192)
def is_more(text: str) -> bool:
    """Whether a line leads to the whole of an entry: "Read more", "Download (pdf)"."""
    return len(text) <= _LONGEST_BUTTON and bool(_more().fullmatch(text))


@lru_cache(maxsize=4096)
def is_file(text: str) -> bool:
    """Whether a line names a kind of file ("PDF", "Video"), which as kicker is a kind of news."""
    return len(text) <= _LONGEST_BUTTON and bool(_files().fullmatch(text))


@lru_cache(maxsize=8192)
def begins_as_meta(text: str) -> bool:
    """Whether a line begins as a note on publication does: "Posted by", "Filed under:"."""
    return bool(_meta().match(text[:_LONGEST_NOTE])) or (
        len(text) < _LONGEST_NOTE and bool(_COUNTED.fullmatch(text))
    )


@lru_cache(maxsize=4096)
def leads_to_later_date(text: str) -> bool:
    """Whether the words before a date say that it is not that of publication: "Deadline:"."""
    return bool(_later().search(text[-40:]))


def names_title_column(text: str) -> bool:
    """Whether the heading of a table column says that titles are below."""
    return bool(_words("title_column", r"(?<!\w)(?:{})").search(text.casefold()))


def names_other_column(text: str) -> bool:
    """Whether the heading of a table column says that numbers, kinds or files are below."""
    return bool(_words("other_column", r"(?<!\w)(?:{})(?!\w)").search(text.casefold()))


_COUNTED = re.compile(
    r"\W*\d[\d.,]*\s*(?:comments?|replies|reply|responses?|views?|reads?|likes?|shares?|votes?"
    r"|posts?|kommentare?|commentaires?|comentarios?|comentários?|commenti|reacties|kommentarer"
    r"|комментари\w+|ответ\w*|просмотр\w*|komentarz\w*|komentář\w*|件|min(?:ute)?s?(?: read)?)\W*"
    r"|\W*\d*\W*",
    re.IGNORECASE,
)


@cache
def _more() -> re.Pattern[str]:
    return _lines("more", "files")


@cache
def _files() -> re.Pattern[str]:
    return _lines("files")


@cache
def _buttons() -> re.Pattern[str]:
    return _lines("more", "files", "buttons", counted=True)


def _lines(*tables: str, counted: bool = False) -> re.Pattern[str]:
    """Whole lines made of a phrase, with arrows or brackets around it."""
    phrases = [phrase for table in tables for phrase in _phrases(table)]
    exact = "|".join(_escaped(p) for p in phrases if not p.endswith("*"))
    open_ = "|".join(_escaped(p[:-1]) for p in phrases if p.endswith("*"))
    counts = rf"|{_COUNTED.pattern}" if counted else ""
    return re.compile(rf"\W*(?:(?:{exact})\W*|(?:{open_})(?:\W.*)?){counts}", re.IGNORECASE)


@cache
def _meta() -> re.Pattern[str]:
    phrases = "|".join(map(_escaped, _phrases("meta")))
    # A lone "By" or "In" begins a title as well: a colon or a short line decides.
    return re.compile(rf"\W*(?:{phrases})(?:\s*[:：|]|\s|$)", re.IGNORECASE)


@cache
def _later() -> re.Pattern[str]:
    return _words("later", r"(?<!\w)(?:{})\w*\W*(?:\w+\W+)?(?:\w+\W+)?$")


@cache
def _words(table: str, form: str) -> re.Pattern[str]:
    return re.compile(form.format("|".join(map(_escaped, _phrases(table)))), re.IGNORECASE)


def _escaped(phrase: str) -> str:
    return re.escape(phrase).replace(r"\ ", r"\s")


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def _phrases(table: str) -> list[str]:
    """The phrases of a table, the longest first."""
    found = {phrase for phrases in _tables()[table].values() for phrase in phrases}
    return sorted(found, key=lambda phrase: (-len(phrase), phrase))
