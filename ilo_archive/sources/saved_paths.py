"""Find out address and time of saved pages from the folders that downloaders make.

waybackpack: `20150414103217/www.ilo.org/moscow/index.htm`; pywaybackup and
wayback_machine_downloader: `www.ilo.org/20150414103217/moscow/index.htm`; wget and HTTrack:
`www.ilo.org/moscow/index.htm`, and of a playback `web/20150414103217id_/http:/www.ilo.org/…`.
"""

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from ilo_archive.offices import is_address
from ilo_archive.sources.saved_page import Evidence

BACKUP = ".orig"
"""What wget adds to the name of a page that it keeps as it was, before it rewrites the links."""

_TIMESTAMP = re.compile(r"(\d{14})(?:[a-z]{2,3}_)?")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,62})\.)+[a-z]{2,24}(?::\d{1,5})?", re.IGNORECASE)
_SCHEME = re.compile(r"https?[:_]?", re.IGNORECASE)
_USUAL_ENDINGS = frozenset({"com", "edu", "eu", "gov", "int", "net", "org"})
_NO_HOST_ENDINGS = frozenset({"cc", "db", "gz", "js", "md", "pl", "ps", "py", "rs", "sh", "so"})
"""Endings of files that are also those of countries: a folder `notes.md` is no site."""

_SERVER_PROGRAM = r"\.(?:aspx?|cfm|cgi|do|jspx?|php\d?|pl|shtml)"
# wget: a second download gets a number, `-E` adds the ending that a page had not
# (`page.php?id=7.html`), Windows has no `?` in names.
_REPEAT = re.compile(r"(\.x?html?)\.\d{1,3}$", re.IGNORECASE)
_ADDED_ENDING = re.compile(rf"(\?.*|{_SERVER_PROGRAM})\.html$", re.IGNORECASE)
_QUERY_ON_WINDOWS = re.compile(rf"({_SERVER_PROGRAM}|\.html?)@(?=[^/]*=)", re.IGNORECASE)
_SAFE = "/?:@!$&'()*+,;=~-._"  # what an address has unencoded (RFC 3986, 3.3 and 3.4)

# What Windows and browsers name the folder of a page's pictures and frames, by their language.
_COMPANION = re.compile(
    r"(.+)(?:[-_ .](?:archivos|arquivos|bestanden|bylos|dateien|datoteke|dosyalar|elemei|failid"
    r"|fails|fajlovi|ficheros|fichiers|filer?|files|fitxategiak|fitxers|pliki|soubory|tiedostot))",
    re.IGNORECASE,
)
_PAGE_ENDINGS = (".htm", ".html", ".xhtml", ".mht", ".mhtml")


def evidence_of_path(path: Path) -> Evidence:
    """What the folders above a file say; empty if they are not those of a downloader."""
    *folders, name = path.parts
    for at in reversed(range(len(folders))):
        evidence = _beginning_at(folders, at, name)
        if evidence:
            return evidence
    return Evidence()


def is_companion(folder: str, siblings: Collection[str]) -> bool:
    """True for the folder in which a browser put the pictures and frames of a page beside it:
    `News_files` beside `News.html`. `siblings` are the names of files beside the folder.
    """
    found = _COMPANION.fullmatch(folder)
    return found is not None and any(found[1] + ending in siblings for ending in _PAGE_ENDINGS)


def is_replaced(name: str, siblings: Collection[str]) -> bool:
    """True for a page that wget rewrote after it had kept it as it was (`index.html.orig`)."""
    return f"{name}{BACKUP}" in siblings or f"{name.removesuffix('.html')}{BACKUP}" in siblings


def is_no_page(path: Path) -> bool:
    """True for the `robots.txt` that wget saves beside the pages of a site."""
    return path.name.lower() == "robots.txt" and is_host(path.parent.name)


def _beginning_at(folders: Sequence[str], at: int, name: str) -> Evidence | None:
    """The evidence of a path whose folder number `at` is a host; None if it is not."""
    if not is_host(folders[at]):
        return None
    before = list(folders[:at])
    scheme = "http"
    if before and _SCHEME.fullmatch(before[-1]):
        scheme = "https" if before.pop().lower().startswith("https") else "http"
    rest = [*folders[at + 1 :]]
    time = _timestamp(before[-1]) if before else None
    if time is None and rest and (time := _timestamp(rest[0])):
        rest = rest[1:]
    if time is None and not _is_surely_host(folders[at]):
        return None
    path = "/".join(map(_address_part, [*map(unquote, rest), _name_on_the_site(name)]))
    url = f"{scheme}://{folders[at]}/{path}"
    return Evidence(url, time, "names of folders") if is_address(url) else None


def _name_on_the_site(name: str) -> str:
    """The name of a file without what downloaders add; pywaybackup encodes `?`, as `%3f`."""
    name = _REPEAT.sub(r"\1", unquote(name).removesuffix(BACKUP))
    name = _QUERY_ON_WINDOWS.sub(r"\1?", name)
    return _ADDED_ENDING.sub(r"\1", name)


def _address_part(name: str) -> str:
    """A name as an address has it; bytes that are not UTF-8 become what they were."""
    return quote(name, safe=_SAFE, errors="surrogateescape")


def _timestamp(folder: str) -> str | None:
    found = _TIMESTAMP.fullmatch(folder)
    return found[1] if found else None


def is_host(folder: str) -> bool:
    """True for the name of a folder that may be that of a host."""
    return bool(_HOST.fullmatch(folder))


def _is_surely_host(folder: str) -> bool:
    """True for a folder that without a time beside it is one of a site, not `notes.backup`."""
    ending = folder.partition(":")[0].rpartition(".")[2].lower()
    is_ending_of_hosts = ending in _USUAL_ENDINGS or len(ending) == 2
    return folder.lower().startswith("www.") or (
        is_ending_of_hosts and ending not in _NO_HOST_ENDINGS
    )
