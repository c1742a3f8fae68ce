"""Measure reading of pages, compared with other tools: `python benchmarks/read.py`.

CPU time of one core, tools in turn, medians; bare parsing is the lower bound. Tools that are not
installed are left out: `pip install trafilatura newspaper4k readability-lxml resiliparse`.
"""

import argparse
import gc
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from lxml import html

from ilo_archive import read_page
from ilo_archive.text.credits import parse_credit
from ilo_archive.text.datelines import parse_dateline

FIXTURES = Path(__file__).parent.parent / "tests" / "fixtures"
PAGES = {
    "old": FIXTURES / "old" / "moscow-2003.html",
    "wcms": FIXTURES / "moscow" / "20190613185730.html",
    "cards": FIXTURES / "cards" / "jakarta-2024.html",
}
SIZE = 40_000  # bytes of a page, like real ones
SCRIPT = 0.1  # share of the added bytes; the rest is a menu (the site's has 300 links)
TOPICS = """
    child labour, cooperatives, decent work, domestic workers, employment promotion, equality,
    forced labour, green jobs, informal economy, labour inspection, labour law, labour migration,
    maternity protection, rural economy, safety and health, skills, social protection, wages
"""

Tool = Callable[[bytes], int]
"""Reads a page; returns the number of entries, 0 if the tool does not find entries."""


def padded(page: Path) -> bytes:
    """The page with a script and a menu added, so that it has the size of a real one."""
    body = page.read_bytes()
    missing = max(0, SIZE - len(body))
    script = b"<script>%s</script>" % _repeated(b"var track = {page: 'home'};\n", missing * SCRIPT)
    lowered = body.lower()
    head, start = lowered.index(b"</head>"), lowered.index(b">", lowered.index(b"<body")) + 1
    menu = b"<ul>" + _repeated(_submenu(), missing * (1 - SCRIPT)) + b"</ul>\n"
    return body[:head] + script + body[head:start] + menu + body[start:]


def _repeated(part: bytes, size: float) -> bytes:
    return part * max(1, round(size / len(part)))


def _submenu() -> bytes:
    """A link with the links below it, 80 bytes each, as in the site's menu."""
    links = "".join(
        f'<li><a href="/global/topics/{each.replace(" ", "-")}/lang--en/index.htm">'
        f"{each.capitalize()}</a></li>\n"
        for each in " ".join(TOPICS.split()).split(", ")
    )
    top = '<a href="/global/topics/lang--en/index.htm">Topics</a>'
    return f'<li class="menu">{top}<ul>\n{links}</ul></li>\n'.encode()


def bare_parse(body: bytes) -> int:
    html.document_fromstring(body)
    return 0


def ours(body: bytes) -> int:
    return len(read_page(body).entries)


def ours_cold(body: bytes) -> int:
    """Read a page without the caches of earlier ones."""
    parse_dateline.cache_clear()
    parse_credit.cache_clear()
    return ours(body)


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


TOOLS: dict[str, tuple[Tool, str]] = {
    "lxml, bare parse": (bare_parse, "lxml"),
    "ours": (ours, "ilo_archive"),
    "ours, without caches": (ours_cold, "ilo_archive"),
    "BeautifulSoup (lxml)": (beautifulsoup, "bs4"),
    "Resiliparse, plain text": (resiliparse, "resiliparse"),
    "readability-lxml": (readability, "readability"),
    "trafilatura": (trafilatura, "trafilatura"),
    "newspaper4k": (newspaper, "newspaper"),
}


def cpu(tool: Tool, body: bytes) -> float:
    """Milliseconds of CPU for one page, read for the second time in a row."""
    gc.collect()
    tool(body)
    start = time.process_time_ns()
    tool(body)
    return (time.process_time_ns() - start) / 1e6


def main() -> None:
    """Print a table for each era."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50, help="times each tool reads each page")
    rounds = parser.parse_args().rounds
    tools = {name: tool for name, (tool, module) in TOOLS.items() if find_spec(module)}
    for era, page in PAGES.items():
        body = padded(page)
        entries = {name: tool(body) for name, tool in tools.items()}
        times: dict[str, list[float]] = {name: [] for name in tools}
        for _ in range(rounds):
            for name, tool in tools.items():
                times[name].append(cpu(tool, body))
        floor = median(times["lxml, bare parse"])
        print(f"\n{era}, {len(body)} bytes")
        print("| tool | ms | x bare parse | entries |\n| --- | --- | --- | --- |")
        for name in tools:
            took = median(times[name])
            print(f"| {name} | {took:.2f} | {took / floor:.1f} | {entries[name] or '-'} |")


if __name__ == "__main__":
    main()
