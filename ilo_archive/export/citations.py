"""References in prose and as Robust Links, and what every form of a reference says."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from ilo_archive.queries.answers import Cited
from ilo_archive.text.printable import printable
from ilo_archive.text.prose_dates import days_in_words, moment_in_words
from ilo_archive.times import as_known

_PWID_NAMES = {"web.archive.org": "archive.org"}
"""The names of web archives in PWIDs, where they are not their hosts."""


_INNER_QUOTES = str.maketrans("“”", "‘’")


def as_prose(references: Sequence[Cited], *, archive_url: bool = False) -> str:
    """A paragraph for each: author, title, date and place, address; page, capture, URI-M, PWID."""
    return "".join(f"{_paragraph(each, archive_url)}\n" for each in references)


def _paragraph(cited: Cited, archive_url: bool) -> str:
    parts = (
        cited.author,
        f"“{title_of(cited).translate(_INNER_QUOTES)}”",
        _date_and_place(cited),
        main_address(cited, archive_url=archive_url),
        provenance(cited),
        other_address(cited, archive_url=archive_url),
        pwid(cited),
    )
    return ". ".join(part.rstrip(".") for part in parts if part)


def _date_and_place(cited: Cited) -> str:
    if cited.kind != "entry":
        return ""
    day = days_in_words(cited.date, cited.date_end) if cited.date else "undated"
    return f"{day}, {cited.place}" if cited.place else day


# -- Robust Links --------------------------------------------------------------------------


def as_robust_links(references: Sequence[Cited], *, archive_url: bool = False) -> str:
    """An HTML link for each, to the page or its capture, with both addresses and the time.

    As https://robustlinks.mementoweb.org/spec/ describes: where the page is gone, a script or a
    reader finds the capture. Both addresses are those of the page, as `data-versionurl` has to be
    a capture of `data-originalurl`.
    """
    return "".join(f"{_robust_link(each, archive_url)}\n" for each in references)


def _robust_link(cited: Cited, archive_url: bool) -> str:
    attributes = {
        "href": cited.uri_m if archive_url and cited.uri_m else cited.url,
        "data-originalurl": cited.url,
        "data-versionurl": cited.uri_m,
        "data-versiondate": as_known(cited.captured_at, cited.precision),
    }
    written = " ".join(
        f'{name}="{escape(printable(value))}"' for name, value in attributes.items() if value
    )
    return f"<a {written}>{escape(printable(title_of(cited)))}</a>"


# -- what every form says ------------------------------------------------------------------


def title_of(cited: Cited) -> str:
    """The title; of a capture its address, of an entry whose title is damaged a remark."""
    return cited.title or (cited.url if cited.kind == "capture" else "(without a title)")


def main_address(cited: Cited, *, archive_url: bool) -> str:
    """The address of the item or page; with `archive_url` that of the capture, if it has one."""
    return (archive_url and cited.uri_m) or cited.link or cited.url


def other_address(cited: Cited, *, archive_url: bool) -> str | None:
    """The URI-M, or the address of the item where the URI-M is the main address; None without."""
    if archive_url and cited.uri_m:
        return f"Original: {cited.link or cited.url}"
    return cited.uri_m


def provenance(cited: Cited) -> str:
    """The page, the capture, its digest and what is wrong with its record, in a sentence without
    its full stop.
    """
    where = f"Listed on {cited.url}, captured" if cited.kind == "entry" else "Captured"
    digest = f", SHA-1 {cited.digest}" if cited.digest else ""
    captured = moment_in_words(cited.captured_at, cited.precision)
    fault = f"; {cited.fault}" if cited.fault else ""
    return f"{where} {captured} ({cited.archive}, capture {cited.capture_id}{digest}{fault})"


def pwid(cited: Cited) -> str | None:
    """The persistent web identifier of the capture; None for one that no web archive shows.

    `urn:pwid:<archive>:<UTC time>:page:<url>` as in the draft of the PWID URN namespace.
    """
    archive = urlsplit(cited.uri_m or "").hostname
    if not archive:
        return None
    moment = as_known(cited.captured_at, cited.precision)
    return f"urn:pwid:{_PWID_NAMES.get(archive, archive)}:{moment}:page:{cited.url}"
