"""Menus are cut from a page before it is parsed: a homepage has 300 links in them and ten entries.

To parse and to walk what is thrown away afterwards takes two thirds of the time of reading.
"""

import re

# A tag ends at the first ">", a text at the first "<": to exclude both from each takes twice as
# long, and what is odd enough to differ does not match as a whole. Tags have a longest length,
# else one that never ends would be searched from each "<" before it.
_REST = rb"[^>]{0,500}+>"
_LINK = (
    rb"<a\s[^>]{0,500}?\bhref" + _REST + rb"\s*+(?:<(?:span|b|i|em)\b" + _REST + rb")*+"
    rb"[^<]*+(?:</(?:span|b|i|em)>)*+</a>\s*+"
)
_ITEM = rb"<li\b" + _REST + rb"\s*+" + _LINK
_LIST = rb"<ul\b" + _REST + rb"\s*+"
_BELOW = rb"(?:" + _LIST + rb"(?:" + _ITEM + rb"</li>\s*+)++</ul>\s*+)?+</li>\s*+"

_MENU = re.compile(
    rb"(?P<first>" + _LIST + _ITEM + rb")" + _BELOW + rb"(?:" + _ITEM + _BELOW + rb"){3,}+</ul>",
    re.IGNORECASE,
)
"""A list of four links or more and nothing else, each with a list of links below it or without.
What is closed and nested as it should be means the same to every parser.
"""

_ITEM_TAG = re.compile(rb"<(/?)li\b", re.IGNORECASE)
_LARGEST = 2**20  # bytes; larger ones are no homepages
_NOT_ASCII = ("utf-16", "utf-32", "utf-7", "iso2022", "hz")


def without_menus(body: bytes, charset: str) -> bytes:
    """The page, of each menu only its first link. A list within an item of another is kept: an
    entry may have links below it.

    `charset` is a codec of Python; where `<` may be a part of another character nothing is cut.
    """
    if len(body) > _LARGEST or charset.startswith(_NOT_ASCII):
        return body
    kept, at, depth = [], 0, 0
    for found in _MENU.finditer(body):
        between = body[at : found.start()]
        depth += sum(-1 if end else 1 for end in _ITEM_TAG.findall(between))
        kept += [between, found[0] if depth else found["first"] + b"</li></ul>"]
        at = found.end()
    return b"".join([*kept, body[at:]])
