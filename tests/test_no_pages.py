"""Each kind of answer that is no page of the office: none of it passes for a page without news."""

from __future__ import annotations

import io
import zipfile

import pytest

from ilo_archive.reader.page import read_page
from tests.test_snapshot import snapshot_of

FRENCH = "http://www.ilo.org/dakar/lang--fr/index.htm"


def html(title: str, body: str, head: str = "") -> bytes:
    text = f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    return text.encode()


def archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("index.html", "<h1>ILO Office</h1>")
    return stream.getvalue()


FILES = {
    "PDF": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj <</Type /Catalog>>",
    "PNG": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10",
    "JPEG": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1",
    "GIF": b"GIF89a\1\0\1\0\x80\0\0",
    "ZIP": archive(),
    "JSON": b'{"nodes": [{"title": "Bridges meet", "date": "2015-05-01"}]}',
    "feed": b'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title></channel></rss>',
    "Atom": b'<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title></feed>',
}
SHOWN_INSTEAD = {
    "maintenance": html(
        "Site under maintenance",
        "<h1>We'll be back soon</h1><p>The site is down for scheduled maintenance.</p>",
    ),
    "maintenance, French": html(
        "Maintenance en cours",
        "<h1>Site en maintenance</h1><p>Le site est momentanément indisponible.</p>",
        '<meta charset="utf-8">',
    ),
    "consent": html(
        "Before you continue",
        "<h1>Before you continue</h1><p>We use cookies and data to run this site.</p>"
        "<form><button>Accept all</button><button>Reject all</button></form>",
    ),
    "consent, German": html(
        "Ihre Einwilligung",
        "<h1>Wir verwenden Cookies</h1><p>Bitte stimmen Sie der Verwendung von Cookies zu.</p>"
        "<button>Alle akzeptieren</button>",
    ),
    "Apache": html("", "<h1>It works!</h1>"),
    "nginx": html(
        "Welcome to nginx!",
        "<h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is successfully "
        "installed and working. Further configuration is required.</p>",
    ),
    "IIS": html("IIS Windows Server", '<a href="http://go.microsoft.com/"><img src="iis.png"></a>'),
    "PHP error": html(
        "",
        "<b>Fatal error</b>: Uncaught Error: Call to undefined function mysql_connect() in "
        "<b>/var/www/html/index.php</b> on line <b>12</b>",
    ),
    "PHP database": html("Database Error", "<h1>Error establishing a database connection</h1>"),
    "frameset": b"<html><head><title>ILO</title></head><frameset cols='20%,80%'>"
    b"<frame src='menu.htm'><frame src='main.htm'></frameset></html>",
    "refresh": html("", "", '<meta http-equiv="refresh" content="0; url=/moscow/home.htm">'),
    "refresh with a link": html(
        "Redirecting",
        '<p>Please <a href="/new/">click here</a>.</p>',
        '<meta http-equiv="Refresh" content="5;URL=\'/new/\'">',
    ),
    "another site": html(
        "River Society",
        "<h1>River Society</h1><ul><li><a href='/a'>Bridges meet</a> 1 May 2015</li>"
        "<li><a href='/b'>Boats meet</a> 2 May 2015</li></ul>",
        '<link rel="canonical" href="http://www.river-society.example.org/">',
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_another_kind_is_no_page(kind: str) -> None:
    taken = snapshot_of(FILES[kind])
    assert (taken.state, taken.quality, taken.page) == ("unreadable", "damaged", None)
    assert "not a page" in (taken.reason or "")


@pytest.mark.parametrize("kind", SHOWN_INSTEAD)
def test_what_is_shown_instead_of_a_page_is_named(kind: str) -> None:
    taken = snapshot_of(SHOWN_INSTEAD[kind])
    assert taken.state == "unreadable", taken.quality
    assert taken.quality not in ("good", "empty")
    assert taken.reason


FRENCH_PAGE = html(
    "Bureau",
    "<h1>Bureau de l'OIT pour les fleuves</h1><p>Le Bureau soutient le travail des pêcheurs et des "
    "bateliers dans les villes qui sont au bord du fleuve, et il forme les jeunes gens.</p>"
    "<ul><li><a href='/a'>Les ponts se rencontrent dans la ville</a> 1 mai 2015<p>Tous les ponts "
    "de la ville se sont rencontrés, et ils ont parlé des crues de la saison.</p></li>"
    "<li><a href='/b'>Les bateaux ne passent plus</a> 2 mai 2015<p>Les bateaux de la ville ne "
    "passent plus sous le pont, parce que le fleuve est trop haut pour eux.</p></li></ul>",
    '<meta charset="utf-8">',
)


def test_a_page_in_another_language_than_its_address_says_is_doubted() -> None:
    taken = snapshot_of(FRENCH_PAGE)
    assert taken.page
    assert "the address says language en, the text is fr" in taken.page.warnings
    assert not any("language" in each for each in read_page(FRENCH_PAGE, FRENCH).warnings)


@pytest.mark.parametrize(
    ("name", "city"),
    [("ILO Office for Jakarta", "Jakarta"), ("ILO Country Office in Abuja", "Abuja")],
)
def test_a_page_of_another_office_than_its_address_says_is_doubted(name: str, city: str) -> None:
    page = html(name, f"<h1>{name}</h1><ul><li><a href='/a'>Bridges meet</a> 1 May 2015</li></ul>")
    taken = snapshot_of(page)
    assert taken.page
    assert any(f"the page names the office of {city}" in each for each in taken.page.warnings)
