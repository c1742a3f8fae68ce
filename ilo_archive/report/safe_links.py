"""Which addresses from web pages may become links, and how they are written."""

from urllib.parse import quote, urlsplit

_AS_IS = "%!#$&'*+,/:;=?@~"  # characters that quote() would escape but an address needs


def web_address(url: str | None) -> str | None:
    """The address in plain ASCII; None unless it is an http(s) address.

    None of its characters can end an attribute, a pair of angle brackets or a Markdown link.
    """
    try:
        parts = urlsplit(url or "")
    except ValueError:  # e.g. "http://["
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return quote((url or "").strip(), safe=_AS_IS, errors="replace")
