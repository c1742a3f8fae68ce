"""Pages that were saved from an archive's playback, read as the pages that they show.

The archive puts a toolbar into the page and itself in front of every address.
"""

import re

_INSERTED = re.compile(
    rb"<!-- ?BEGIN WAYBACK TOOLBAR INSERT ?-->(?s:.*?)<!-- ?END WAYBACK TOOLBAR INSERT ?-->"
)
_IN_FRONT = re.compile(
    rb"""(?<=["'=\s(])(?:(?:https?:)?//[\w.:-]{1,80})?(?:/[\w-]{1,40}){0,3}/\d{14}(?:[a-z]{2}_)?/"""
    rb"""(?=https?:/)"""
)


def without_playback(body: bytes) -> bytes:
    """The body without an archive's toolbar, its addresses the original ones."""
    if b"WAYBACK TOOLBAR INSERT" in body:
        body = _INSERTED.sub(b"", body)
    if not _has_rewritten_links(body):
        return body
    return _IN_FRONT.sub(b"", body)


def _has_rewritten_links(body: bytes) -> bool:
    """Whether there is an address with fourteen digits in front; plain searches."""
    found = body.find(b"/http")
    while found >= 0:
        before = body[max(0, found - 17) : found]
        digits = before[:-3][-14:] if before.endswith(b"_") else before[-14:]
        if len(digits) == 14 and digits.isdigit():
            return True
        found = body.find(b"/http", found + 5)
    return False
