"""The registry: every office can be found by any form of its addresses."""

import re
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.offices import (
    Address,
    BadRegistry,
    PageSeries,
    UnknownOffice,
    absolute,
    item_number,
    load_registry,
    registry,
)

OFFICES = list(registry().offices.values())
ALIASES = (
    *("www.ilo.org", "ilo.org", "WWW.ILO.ORG"),
    *("ilo.ch", "www.ilo.ch", "ilo.int", "www.ilo.int", "oit.org", "www.oit.org"),
)
HOME = "http://www.ilo.org/moscow/lang--en/index.htm"
LANGUAGES = {code for code in map(str, Locale("en").languages) if len(code) == 2}  # ISO 639-1


# -- the file ------------------------------------------------------------------------------


def test_an_office_has_the_form_that_the_registry_promises() -> None:
    for office in OFFICES:
        assert registry().offices[office.slug] is office
        assert re.fullmatch(r"[a-z][a-z0-9-]*", office.slug), office
        assert office.name == office.name.strip() != "", office
        assert office.languages, office
        assert len(set(office.languages)) == len(office.languages), office
        assert {*office.languages} <= LANGUAGES, office
        assert {each.language for each in office.addresses} >= set(office.languages), office


def test_the_addresses_of_an_office_are_web_addresses_in_its_languages() -> None:
    for address in (address for office in OFFICES for address in office.addresses):
        parts = urlsplit(address.url)
        assert parts.scheme in ("http", "https"), address
        assert parts.hostname, address
        assert "." in parts.hostname, address
        assert not parts.query, address
        assert not parts.fragment, address
        assert address.language in LANGUAGES, address
        assert 1995 <= (address.since or 1995) <= (address.until or 2030) <= 2030, address


def test_no_address_is_that_of_two_offices_or_two_languages() -> None:
    known = [registry().canonical(each.url) for office in OFFICES for each in office.addresses]
    assert sorted(known) == sorted(set(known))


def test_the_registry_names_the_offices_of_the_template() -> None:
    """Those that section 1 of the domain facts lists, in the spelling of addresses."""
    named = (
        "moscow budapest ankara newdelhi beijing jakarta manila hanoi asia islamabad dhaka "
        "kathmandu colombo suva tokyo beirut arabstates cairo algiers dakar abuja yaounde kinshasa "
        "addisababa pretoria harare lusaka daressalaam antananarivo brussels lisbon madrid rome "
        "paris berlin washington mexico sanjose lima brasilia buenosaires santiago caribbean"
    )
    assert {*named.split()} <= {office.slug for office in OFFICES}
    assert len(OFFICES) >= 45


def test_headquarters_and_every_region_have_their_address_of_each_site() -> None:
    regions = {
        "africa": "africa",
        "americas": "latin-america-and-caribbean",
        "arabstates": "arab-states",
        "asia": "asia-and-pacific",
        "europe": "europe-and-central-asia",
    }
    for slug, region in regions.items():
        office = registry().get(slug)
        now = f"https://www.ilo.org/regions-and-countries/{region}"
        assert office.address("en", 2025) == Address(now, "en", since=2024)
        assert office.address("en", 2015).url == f"http://www.ilo.org/{slug}/lang--en/index.htm"
    headquarters = registry().get("global")
    assert headquarters.address("fr", 2005).url == "http://www.ilo.org/public/french/index.htm"
    assert headquarters.address("fr", 2015).url == "http://www.ilo.org/global/lang--fr/index.htm"
    assert headquarters.address("fr").url == "https://www.ilo.org/fr"


def test_the_shipped_registry_is_sorted_by_slug() -> None:
    assert [*registry().offices] == sorted(registry().offices)


# -- locating ------------------------------------------------------------------------------


def forms(url: str) -> list[str]:
    """The same page under the other addresses it has been captured at."""
    parts = urlsplit(url)
    path, _, page = parts.path.rpartition("/")
    hosts = ALIASES if parts.netloc == "www.ilo.org" else (parts.netloc, f"{parts.netloc}:80")
    some = [
        urlunsplit((scheme, host, parts.path, "", ""))
        for scheme in ("http", "https")
        for host in hosts
    ]
    some += [
        url.replace(parts.netloc, f"{parts.netloc}:80"),
        f"{url}?utm_source=x&y=%2F",
        f"{url}#top",
    ]
    some += [url.replace(parts.netloc, f"{parts.netloc}:443").replace("http:", "https:")]
    if "." in page:
        some += [f"http://{parts.netloc}{path}", f"http://{parts.netloc}{path}/"]
    return some  # fmt: skip


def test_every_variant_of_an_address_is_one_page_series() -> None:
    for office in OFFICES:
        for address in office.addresses:
            series = PageSeries(office.slug, address.language, f"{office.slug}/{address.language}")
            found = {form: registry().locate(form) for form in forms(address.url)}
            assert len(found) > 5
            assert found == dict.fromkeys(found, series)


def test_the_offset_list_of_an_office_belongs_to_it() -> None:
    for office in OFFICES:
        for language in office.languages:
            list_ = f"http://www.ilo.org/{office.slug}/lang--{language}/nextRow--40/index.htm"
            found = registry().locate(list_)
            assert (found.office, found.language) == (office.slug, language)


def test_an_offset_list_is_not_the_page_it_continues() -> None:
    """It shows different items in every capture: as one series with the homepage, what stands
    on one and not on the other would count as absent.
    """
    offset = registry().locate("http://www.ilo.org/moscow/lang--en/nextRow--40/index.htm")
    assert offset.page != registry().locate(HOME).page


def test_languages_of_one_office_are_pages_of_their_own() -> None:
    assert registry().locate(HOME) == PageSeries("moscow", "en", "moscow/en")
    russian = HOME.replace("lang--en", "lang--ru")
    assert registry().locate(russian) == PageSeries("moscow", "ru", "moscow/ru")


def test_homepages_of_two_eras_are_one_series() -> None:
    old = registry().locate("http://ilo.ru/")
    assert old == registry().locate(HOME.replace("lang--en", "lang--ru"))


@pytest.mark.parametrize(
    ("url", "slug", "language"),
    [
        ("http://www.ilo.org/rivers/lang--en/index.htm", "rivers", "en"),
        ("https://ilo.org:443/rivers/lang--fr/index.htm?x=1", "rivers", "fr"),
        ("http://www.ilo.org/rivers/", "rivers", None),
        ("http://www.ilo.org/Two%20Words/lang--en/index.htm", "two-20words", "en"),
        ("http://www.ilo.org/africa/countries/lang--en/index.htm", "africa-countries", "en"),
        ("http://example.org", "example-org", None),
        ("http://example.org/index.html", "example-org", None),
        ("file:///rivers", "rivers", None),
    ],
)
def test_an_unknown_address_has_an_office_made_from_it(
    url: str, slug: str, language: str | None
) -> None:
    place = registry().locate(url)
    assert (place.office, place.language) == (slug, language)


def test_two_unknown_sites_with_paths_in_no_latin_letters_are_two_offices() -> None:
    one, other = (registry().locate(f"http://example.org/{path}/") for path in ("москва", "киев"))
    assert one.office != other.office


def test_an_office_can_be_named_for_an_unknown_address() -> None:
    url = "http://example.org/x/lang--en/index.htm"
    assert registry().locate(url, "rivers") == PageSeries(
        "rivers", "en", registry().locate(url).page
    )
    assert registry().locate(HOME, "moscow") == registry().locate(HOME)


def test_an_unknown_slug_is_refused_with_a_hint() -> None:
    with pytest.raises(UnknownOffice, match="ilo-archive offices"):
        registry().get("nosuch")


def test_the_address_of_an_office_is_that_of_the_year_and_language() -> None:
    moscow = registry().get("moscow")
    assert moscow.address().url == HOME
    assert moscow.address("ru").url == HOME.replace("lang--en", "lang--ru")
    assert moscow.address("ru", 2008).url == "http://www.ilo.ru/"
    assert moscow.address("ru", 2015).url == HOME.replace("lang--en", "lang--ru")
    assert moscow.address("en", 2026).url == HOME  # that of the new site is not known


# -- files of the user's own ---------------------------------------------------------------

MUSEUM = """
[hosts]
"museum.example" = ["museum.test", "www.musee.example"]

[office.museum]
name = "Museum of Work"
languages = ["en", "fr"]
addresses = [
    { url = "http://www.museum.example/", language = "en" },
    { url = "http://www.museum.example/fr/index.html", language = "fr", since = 2012 },
    { url = "http://old.example/museum/", language = "en", until = 2009 },
]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_adds_offices_of_another_organisation_to_those_shipped(tmp_path: Path) -> None:
    path = written(tmp_path, MUSEUM)
    mine = load_registry(path)
    assert {*mine.offices} == {*registry().offices, "museum"}
    assert (mine.file, registry().file) == (path, None)
    assert mine.get("museum").name == "Museum of Work"
    assert mine.get("museum").address("en", 2005).url == "http://old.example/museum/"
    for url in ("https://museum.example", "http://old.example/museum", "http://MUSEUM.test/?x"):
        assert mine.locate(url) == PageSeries("museum", "en", "museum/en")
    assert mine.locate("http://musee.example/fr/") == PageSeries("museum", "fr", "museum/fr")
    assert mine.locate(HOME) == registry().locate(HOME)
    assert registry().locate("http://museum.test/") == PageSeries(
        "museum-test", None, "museum.test"
    )


def test_without_a_file_the_registry_is_the_one_shipped() -> None:
    assert load_registry() is load_registry("") is registry()


def test_a_homepage_that_offices_have_in_common_is_written_once(tmp_path: Path) -> None:
    text = """
        homepage = { url = "http://union.example/{slug}/{language}.html", until = 2015 }
        [office.north]
        name = "North"
        languages = ["en", "de"]
        [office.south]
        name = "South"
        languages = ["en"]"""
    mine = load_registry(written(tmp_path, text))
    assert mine.get("north").addresses == (
        Address("http://union.example/north/en.html", "en", until=2015),
        Address("http://union.example/north/de.html", "de", until=2015),
    )
    assert mine.locate("http://union.example/south/en.html").office == "south"


def test_a_file_may_add_addresses_to_an_office_that_is_shipped(tmp_path: Path) -> None:
    url = "https://www.ilo.org/es/moscu"
    text = f'office.moscow.addresses = [{{ url = "{url}", language = "es", since = 2024 }}]'
    mine = load_registry(written(tmp_path, text))
    moscow = registry().get("moscow")
    assert mine.get("moscow").languages == ("en", "ru", "es")
    assert mine.get("moscow").addresses == (*moscow.addresses, Address(url, "es", since=2024))
    assert mine.locate(url) == PageSeries("moscow", "es", "moscow/es")
    assert mine.locate(HOME) == PageSeries("moscow", "en", "moscow/en")


def a_file(
    slug: str = "a", url: str = "http://a.b/", language: str = "en", more: str = "", of: str = ""
) -> str:
    """A file of one valid office, except for the arguments."""
    address = f'{{ url = "{url}", language = "{language}"{of} }}'
    office = f'name = "A", languages = ["en"], addresses = [{address}]{more}'
    return f"office.{slug} = {{ {office} }}\n"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("office = 1", "office: must be a table"),
        ("[office.a", "Expected ']'"),
        ("# nothing", "no office in it"),
        ("[hosts]", "no office in it"),
        ("[offices.a]", "unknown key 'offices'; known are homepage, hosts, office"),
        ("office.a = 7", "office 'a': must be a table"),
        (a_file("'Two Words'"), "office 'Two Words': a slug has"),
        ("office.a = {}", "office 'a': name: must be a text"),
        ("office.a = { name = 7 }", "office 'a': name: must be a text"),
        ("office.a = { name = 'A' }", "office 'a': languages: must be a list"),
        ("office.a = { name = 'A', languages = 'en' }", "office 'a': languages: must be a list"),
        ("office.a = { name = 'A', languages = [] }", "office 'a': needs a name and at least one"),
        ("office.a = { name = ' ', languages = ['en'] }", "office 'a': needs a name"),
        ("office.a = { name = 'A', languages = ['en'] }", "office 'a': no address in en"),
        (
            a_file(more=", adress = []"),
            "office 'a': unknown key 'adress'; known are name, lang",
        ),
        (a_file(url="//a.b/"), "office 'a': '//a.b/' is not an address: write it in full"),
        (a_file(url="ftp://a.b/"), "'ftp://a.b/' is not an address"),
        (a_file(language="eng"), "office 'a': http://a.b/ has language 'eng': use two"),
        (a_file(of=", until = '2010'"), "office 'a': until of http://a.b/: must be a year"),
        (
            a_file(of=", from = 2010"),
            "an address: unknown key 'from'; known are url, language",
        ),
        ("office.a = { name = 'A', languages = ['en'], addresses = ['x'] }", "must be a table"),
        (a_file() + a_file("b", url="https://a.b:80/?x"), "is the homepage of a/en already"),
        (a_file(url=HOME), f"office 'a': {HOME} is the homepage of moscow/en already"),
        (a_file("moscow"), "office 'moscow' comes with the program: choose another slug"),
        (a_file() + "hosts = []", "hosts: must be a table"),
        (a_file() + "hosts = { b = 'c' }", "hosts: 'b': must be a list of texts"),
        (
            a_file() + "hosts = { b = ['ilo.org'] }",
            "'ilo.org' or 'b' is already an alias",
        ),
        (a_file() + "hosts = { b = ['c'], c = ['d'] }", "'d' or 'c' is already an alias"),
        (a_file() + "homepage = 'x'", "homepage: must be a table"),
        (a_file() + "homepage = {}", "homepage: url: must be an address"),
    ],
)
def test_an_invalid_file_is_refused_in_one_line_with_file_and_place(
    tmp_path: Path, text: str, printed: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(BadRegistry) as refused:
        load_registry(path)
    line = str(refused.value)
    assert line.startswith(f"{path}: ")
    assert printed in line
    assert "\n" not in line


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadRegistry, match="utf-8"):
        load_registry(path)


# -- addresses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        (HOME, "ilo.org/moscow/lang--en"),
        ("https://WWW.ilo.CH:8080/moscow/lang--en/?q#f", "ilo.org/moscow/lang--en"),
        ("http://oit.org/moscow/lang--en/nextRow--10/index.htm", "ilo.org/moscow/lang--en"),
        ("http://example.org/default.aspx", "example.org"),
        ("http://example.org/a/index.html/", "example.org/a/index.html"),
    ],
)
def test_the_canonical_form_leaves_out_what_varies(url: str, canonical: str) -> None:
    assert registry().canonical(url) == canonical


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("http://www.ilo.org/moscow/news/WCMS_358390/lang--en/index.htm", "358390"),
        ("/wcmsp5/groups/public/documents/publication/wcms_359401.pdf", "359401"),
        ("WCMS_7", "7"),
        ("http://www.ilo.org/moscow/news/WCMS_/lang--en", None),
        ("http://www.ilo.org/moscow/lang--en/index.htm", None),
        ("http://www.ilo.org/WCMS_٣٤", None),
        ("", None),
        (None, None),
    ],
)
def test_an_item_is_known_by_the_number_in_its_address(url: str | None, number: str | None) -> None:
    assert item_number(url) == number


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        ("/a", HOME, "http://www.ilo.org/a"),
        ("b.htm", HOME, "http://www.ilo.org/moscow/lang--en/b.htm"),
        ("//ilo.ch/a", HOME, "http://ilo.ch/a"),
        (" http://x.org/a \n", HOME, "http://x.org/a"),
        ("?q=1", HOME, f"{HOME}?q=1"),
        ("javascript:void(0)", HOME, None),
        ("JaVaScRiPt:alert(1)", HOME, None),
        ("java\nscript:alert(1)", HOME, None),
        ("mailto:a@b", HOME, None),
        ("data:text/html,x", HOME, None),
        ("ftp://x.org/", HOME, None),
        ("http://[", HOME, None),
        ("http://[::1", HOME, None),
        ("/a", None, None),
        ("", None, None),
        (None, None, None),
        (None, HOME, HOME),
    ],
)
def test_a_link_is_made_absolute_or_none(
    url: str | None, base: str | None, expected: str | None
) -> None:
    assert absolute(url, base) == expected


JUNK = st.text() | st.text(alphabet="htps:/[]@?#.%\\ \n\t\x00\x1bа１", max_size=30)


@given(JUNK | st.none(), JUNK | st.none() | st.just(HOME))
def test_any_link_becomes_a_web_address_or_none(url: str | None, base: str | None) -> None:
    found = absolute(url, base)
    assert found is None or urlsplit(found).scheme in ("http", "https")


@given(JUNK.map(lambda rest: f"http://{rest}"))
def test_every_absolute_address_has_a_page_series(url: str) -> None:
    found = absolute(url, HOME)
    if found:
        assert registry().locate(found).office
        assert registry().canonical(found, with_language=False) is not None


# -- addresses of items --------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        "http://www.ilo.org/moscow/lang--en/index.htm",  # a homepage
        "https://ilo.ch/",
        "/moscow/news/a",
        "mailto:moscow@ilo.org",
        "",
    ],
)
def test_a_link_to_another_page_is_not_the_address_of_an_item(link: str) -> None:
    assert registry().address_of_item(link) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.ilo.org/x/news/a/lang--en/index.htm", "https://ilo.ch/x/news/a/lang--ru"),
        ("https://www.ilo.org/fr/resource/news/a", "https://www.ilo.org/resource/news/a?x=1"),
        ("http://oit.org/list/nextRow--10/index.htm", "https://www.ilo.org/list/"),
        ("http://www.youtube.com/watch?v=a&utm_source=b", "https://youtube.com/watch?v=a"),
        ("http://un.org/n?b=2&a=1", "https://un.org/n?a=1&b=2#top"),
        ("http://www.ilo.ru/a.htm#content", "http://www.ilo.ru/a.htm#.Vx3Yz2"),
    ],
)
def test_variants_of_a_link_are_one_address_of_an_item(one: str, other: str) -> None:
    assert registry().address_of_item(one) == registry().address_of_item(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://youtube.com/watch?v=a", "https://youtube.com/watch?v=b"),
        ("http://www.ilo.org/dyn/normlex/en/f?p=1:2", "http://www.ilo.org/dyn/normlex/en/f?p=1:3"),
        ("http://www.ilo.ru/news.php?id=7", "http://www.ilo.ru/news.php?id=8"),
        ("http://app.ilo.org/#!/news/7", "http://app.ilo.org/#!/news/8"),
        ("http://www.ilo.ru/news/index.htm#2", "http://www.ilo.ru/news/index.htm#3"),
        ("http://www.ilo.ru/news.htm#news2", "http://www.ilo.ru/news.htm#news3"),
        ("http://www.ilo.ru/news.htm#14-04-2005", "http://www.ilo.ru/news.htm"),
    ],
)
def test_the_part_that_names_the_item_stays_in_its_address(one: str, other: str) -> None:
    assert registry().address_of_item(one) != registry().address_of_item(other)
