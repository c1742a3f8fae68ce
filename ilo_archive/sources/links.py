"""Parse Link headers and documents of type application/link-format (RFC 8288)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TOKEN = r"[\w!#$%&'*+.^`|~-]+"
_VALUE = r'"(?:[^"\\]|\\.)*"|[^\s;,"<]*'
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


def parse_links(text: str) -> tuple[list[Link], list[str]]:
    """The links of a header or document (RFC 8288, 3), and the texts in between that are not links.

    Never raises.
    """
    links: list[Link] = []
    odd: list[str] = []
    end = 0
    for found in _LINK.finditer(text):
        odd += _odd(text[end : found.start()])
        links.append(Link(found[1].strip(), _parameters(found[2])))
        end = found.end()
    return links, odd + _odd(text[end:])


def _odd(between: str) -> list[str]:
    """The text between two links, without separators; empty if nothing is left."""
    text = between.strip(" \t\r\n,;")
    return [text] if text else []


def _parameters(text: str) -> dict[str, str]:
    """The parameters of a link. The first of a repeated one counts (RFC 8288, 3.3)."""
    parameters: dict[str, str] = {}
    for name, value in _PARAMETER.findall(text):
        quoted = value.startswith('"')
        parameters.setdefault(name.lower(), _ESCAPED.sub(r"\1", value[1:-1]) if quoted else value)
    return parameters
