"""Measure reading against the bare parse: `python benchmarks/read.py [FOLDER_OF_PAGES]`.

It reads pages of many shapes (`../shared/prototypes/shapes.py`) and real list pages
(`../shared/listings/pages`, or a folder), those that are there.
CPU time of one core, parse included, the least of some rounds; bare is what lxml takes to parse the
same bytes. `--others` compares other readers on the project's own small fixtures, those that are
installed: `pip install trafilatura newspaper4k readability-lxml resiliparse`.
"""

import argparse
import gc
import runpy
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from lxml import etree

from ilo_archive import read_page
from ilo_archive.reader.block import PageRefused
from ilo_archive.reader.charset import charset_of

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "tests" / "fixtures"
SHARED = ROOT.parent / "shared"
SHAPES = SHARED / "prototypes" / "shapes.py"
PAGES = SHARED / "listings" / "pages"
WORST = 15  # pages of a folder that are printed, the slowest

Tool = Callable[[bytes], int]
"""Reads a page; returns the number of entries, 0 if the tool does not find entries."""


def bare_parse(body: bytes, charset: str) -> None:
    etree.fromstring(body, etree.HTMLParser(encoding=charset))


def ours(body: bytes) -> int:
    return len(read_page(body).entries)


def beautifulsoup(body: bytes) -> int:
    from bs4 import BeautifulSoup

    return len(BeautifulSoup(body, "lxml").find_all("h5", class_="item-title"))


def trafilatura(body: bytes) -> int:
    from trafilatura import bare_extraction

    bare_extraction(body.decode("utf-8", "replace"))
    return 0


def newspaper(body: bytes) -> int:
    from newspaper import Article

    article = Article("http://www.ilo.org/")
    article.download(input_html=body.decode("utf-8", "replace"))
    article.parse()
    return 0


def readability(body: bytes) -> int:
    from readability import Document

    Document(body.decode("utf-8", "replace")).summary()
    return 0


def resiliparse(body: bytes) -> int:
    from resiliparse.extract.html2text import extract_plain_text

    extract_plain_text(body.decode("utf-8", "replace"))
    return 0


OTHERS: dict[str, tuple[Tool, str]] = {
    "ours": (ours, "ilo_archive"),
    "BeautifulSoup (lxml)": (beautifulsoup, "bs4"),
    "Resiliparse, plain text": (resiliparse, "resiliparse"),
    "readability-lxml": (readability, "readability"),
    "trafilatura": (trafilatura, "trafilatura"),
    "newspaper4k": (newspaper, "newspaper"),
}


def least(call: Callable[[], object], rounds: int) -> float:
    """Milliseconds of CPU, the least of some rounds."""
    gc.collect()
    found = []
    for _ in range(rounds):
        start = time.process_time_ns()
        call()
        found.append(time.process_time_ns() - start)
    return min(found) / 1e6


def shapes() -> Iterator[tuple[str, bytes]]:
    """The shapes of page of the prototypes, where they are there."""
    if SHAPES.exists():
        made = runpy.run_path(str(SHAPES))["shapes"]()
        yield from ((name, body) for name, (body, _) in made.items())


def pages(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The HTML pages of a folder."""
    yield from ((path.name, path.read_bytes()) for path in sorted(folder.glob("**/*.html")))


def measured(bodies: Iterable[tuple[str, bytes]], tool: Tool, rounds: int) -> list[tuple[str, ...]]:
    """A row for each page: how often its bare parse, ms, ms of the parse, KB, entries, name."""
    rows = []
    for name, body in bodies:
        try:
            charset, entries = charset_of(body, None, []).name, ours(body)
            bare = least(lambda body=body, charset=charset: bare_parse(body, charset), rounds)
        except (PageRefused, LookupError, etree.XMLSyntaxError):
            continue  # nothing to compare
        took = least(lambda body=body: tool(body), rounds)
        cells = f"{took / bare:.1f}", f"{took:.2f}", f"{bare:.2f}", f"{len(body) / 1000:.0f}"
        rows.append((*cells, str(entries), name))
    return rows


def printed(title: str, rows: list[tuple[str, ...]], most: int | None = None) -> None:
    """Print a table with the median of its ratios, the slowest `most` rows of it."""
    if not rows:
        return
    ratios = [float(row[0]) for row in rows]
    above = sum(ratio > 10 for ratio in ratios)
    print(f"\n{title}: {len(rows)} pages, median {median(ratios):.1f} x the bare parse,", end=" ")
    print(f"worst {max(ratios):.1f}, {above} above 10\n")
    print("| x bare | ms | bare ms | KB | entries | page |\n| --- | --- | --- | --- | --- | --- |")
    for row in sorted(rows, key=lambda row: -float(row[0]))[:most]:
        print(f"| {' | '.join(row)} |")


def main() -> None:
    """Print a table for each set of pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=PAGES, help="of HTML pages")
    parser.add_argument("--rounds", type=int, default=7, help="times each page is read")
    parser.add_argument("--others", action="store_true", help="other readers, on the fixtures")
    asked = parser.parse_args()
    printed("shapes", measured(shapes(), ours, asked.rounds))
    printed(str(asked.folder), measured(pages(asked.folder), ours, asked.rounds), WORST)
    for name, (tool, module) in OTHERS.items() if asked.others else ():
        if find_spec(module):
            printed(f"fixtures, {name}", measured(pages(FIXTURES), tool, asked.rounds), 0)


if __name__ == "__main__":
    main()
