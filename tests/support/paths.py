"""Where things are: the checkout, the sample, the pages of the fixtures."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
PAGES = FIXTURES / "moscow"
"""Pages of one office, named by the time of their capture."""

ENGLISH_PAGE = PAGES / "20150414103217.html"
RUSSIAN_PAGE = PAGES / "20150414103355.html"
LATER_PAGE = PAGES / "20150619074508.html"

SAMPLE = ROOT / "data" / "sample" / "moscow.warc"
SAMPLE_CAPTURES = 14
SAMPLE_ENTRIES = 48

HOMEPAGE = "http://www.ilo.org/moscow/lang--en/index.htm"
RUSSIAN_HOMEPAGE = "http://www.ilo.org/moscow/lang--ru/index.htm"
