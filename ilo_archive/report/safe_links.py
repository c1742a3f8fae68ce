"""Addresses of strangers: which may become a link, and how it is written."""

from urllib.parse import quote, urlsplit

_AS_IS = "%!#$&'*+,/:;=?@~"  # what quote() would escape and an address needs


def web_address(url: str | None) -> str | None:
    """The address in plain ASCII, None unless it is one of the web (http, https).

    No character of it ends an attribute, a pair of angle brackets or a Markdown link.
    """
    try:
        parts = urlsplit(url or "")
    except ValueError:  # observed: "http://[" in a hand-made page
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return quote((url or "").strip(), safe=_AS_IS, errors="replace")
