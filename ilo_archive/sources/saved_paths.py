"""Find out address and time of saved pages from the folders that downloaders make.

waybackpack: `20150414103217/www.ilo.org/moscow/index.htm`; pywaybackup and
wayback_machine_downloader: `www.ilo.org/20150414103217/moscow/index.htm`; wget and HTTrack:
`www.ilo.org/moscow/index.htm`, and of a playback `web/20150414103217id_/http:/www.ilo.org/…`.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from ilo_archive.offices import is_address
from ilo_archive.sources.saved_page import Evidence

_TIMESTAMP = re.compile(r"(\d{14})(?:[a-z]{2,3}_)?")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,62})\.)+[a-z]{2,24}(?::\d{1,5})?", re.IGNORECASE)
_SCHEME = re.compile(r"https?[:_]?", re.IGNORECASE)
_USUAL_ENDINGS = frozenset({"com", "edu", "eu", "gov", "int", "net", "org"})


def evidence_of_path(path: Path) -> Evidence:
    """What the folders above a file say; empty if they are not those of a downloader."""
    *folders, name = path.parts
    for at in reversed(range(len(folders))):
        evidence = _beginning_at(folders, at, name)
        if evidence:
            return evidence
    return Evidence()


def _beginning_at(folders: Sequence[str], at: int, name: str) -> Evidence | None:
    """The evidence of a path whose folder number `at` is a host; None if it is not."""
    if not _is_host(folders[at]):
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
    url = f"{scheme}://{folders[at]}/{'/'.join([*rest, unquote(name)])}"
    return Evidence(url, time, "names of folders") if is_address(url) else None


def _timestamp(folder: str) -> str | None:
    found = _TIMESTAMP.fullmatch(folder)
    return found[1] if found else None


def _is_host(folder: str) -> bool:
    return bool(_HOST.fullmatch(folder))


def _is_surely_host(folder: str) -> bool:
    """True for a folder that without a time beside it is one of a site, not `notes.backup`."""
    ending = folder.rpartition(".")[2].lower()
    return folder.lower().startswith("www.") or ending in _USUAL_ENDINGS or len(ending) == 2
