"""Read what a page declares about itself: its canonical address and its language.

Neither is proof of its content: the reader detects the language from the text.
"""

import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from ilo_archive.http import BodyRefused, HttpMessage, decoded_body
from ilo_archive.offices import absolute
from ilo_archive.sources.links import parse_links

_HEAD = 262_144  # bytes searched from the start of a page: declarations are in its head
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class DeclaredMetadata:
    """`canonical` is an absolute address, `language` an ISO 639 code; None if not declared."""

    canonical: str | None = None
    language: str | None = None


def declared_metadata(message: HttpMessage, url: str) -> DeclaredMetadata:
    """Read the declarations of the page at `url`.

    Markup counts before headers, which are often those of the whole server.
    """
    head = _head(message)
    link = head.xpath("string(//link[translate(@rel, 'CANOIL', 'canoil') = 'canonical']/@href)")
    return DeclaredMetadata(
        absolute(link, url) if link else _linked(message, url),
        _language(head.get("lang"))
        or _language(head.get("{http://www.w3.org/XML/1998/namespace}lang"))
        or _language(head.get("xml:lang"))
        or _language(head.xpath(_META_LANGUAGE))
        or _language(message.header("Content-Language")),
    )


_META_LANGUAGE = (
    "string(//meta[translate(@http-equiv, 'CONTELAGU', 'contelagu') = 'content-language']/@content)"
)


def _head(message: HttpMessage) -> HtmlElement:
    """The parsed beginning of a page; an empty document if it cannot be parsed."""
    try:
        body = decoded_body(message)[:_HEAD]
        return document_fromstring(body, parser=HTMLParser())
    except (BodyRefused, etree.ParserError, etree.XMLSyntaxError):
        return document_fromstring("<html></html>")


def _linked(message: HttpMessage, url: str) -> str | None:
    """The canonical link in the headers (RFC 6596, 3), None if there is none."""
    links, _ = parse_links(message.header("Link") or "")
    targets = [each.target for each in links if "canonical" in each.relations]
    return absolute(targets[0], url) if targets else None


def _language(text: str | None) -> str | None:
    """The primary tag (RFC 5646, 2.1) of the first language: `en-GB, fr` becomes `en`."""
    found = _LANGUAGE.match((text or "").strip())
    return found[0].lower() if found else None
