"""The Link header and its format (RFC 8288, application/link-format)."""

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
    """A link of a Link header or of a link-format document; parameter names in lower case."""

    target: str
    parameters: Mapping[str, str]

    @property
    def relations(self) -> frozenset[str]:
        """The relation types, in lower case: `first memento` is two."""
        return frozenset(self.parameters.get("rel", "").lower().split())


def parse_links(text: str) -> tuple[list[Link], list[str]]:
    """The links of a Link header or document (RFC 8288, 3), and what stands between them that
    is no link. Every text has an answer.
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
    told = between.strip(" \t\r\n,;")
    return [told] if told else []


def _parameters(text: str) -> dict[str, str]:
    """The parameters of a link; of a repeated one the first counts (RFC 8288, 3.3)."""
    named: dict[str, str] = {}
    for name, value in _PARAMETER.findall(text):
        quoted = value.startswith('"')
        named.setdefault(name.lower(), _ESCAPED.sub(r"\1", value[1:-1]) if quoted else value)
    return named
