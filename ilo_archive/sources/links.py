"""Parse Link headers and documents of type application/link-format (RFC 8288)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ilo_archive.sources.odd_lines import OddLines, OddTally

_TOKEN = r"[\w!#$%&'*+.^`|~-]+"
_VALUE = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[^\s;,"<]*'
_LINK = re.compile(rf"<([^<>]*)>((?:\s*;\s*{_TOKEN}(?:\s*=\s*(?:{_VALUE}))?)*)", re.DOTALL)
_PARAMETER = re.compile(rf";\s*({_TOKEN})(?:\s*=\s*({_VALUE}))?", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a Link header or link-format document; parameter names are in lower case."""

    target: str
    parameters: Mapping[str, str]

    @property
    def relations(self) -> frozenset[str]:
        """The relation types in lower case; `first memento` has two."""
        return frozenset(self.parameters.get("rel", "").lower().split())


def parse_links(text: str) -> tuple[list[Link], OddLines]:
    """The links of a header or document (RFC 8288, 3), and the texts in between that are not links.

    Never raises.
    """
    odd = OddTally()
    return list(iterate_links(text, odd)), odd.lines


def iterate_links(text: str, odd: OddTally) -> Iterator[Link]:
    """Yield the links of a text; texts in between that are not links are added to `odd`."""
    end = 0
    for found in _LINK.finditer(text):
        _add_odd(text[end : found.start()], odd)
        yield Link(found[1].strip(), _parameters(found[2]))
        end = found.end()
    _add_odd(text[end:], odd)


def _add_odd(between: str, odd: OddTally) -> None:
    """Count the text between two links, without separators, if anything is left."""
    if text := between.strip(" \t\r\n,;"):
        odd.add(text)


def _parameters(text: str) -> dict[str, str]:
    """The parameters of a link. The first of a repeated one counts (RFC 8288, 3.3)."""
    parameters: dict[str, str] = {}
    for name, value in _PARAMETER.findall(text):
        quoted = value.startswith('"')
        parameters.setdefault(name.lower(), _ESCAPED.sub(r"\1", value[1:-1]) if quoted else value)
    return parameters
