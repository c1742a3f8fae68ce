"""The registry: every office can be found by any form of its addresses."""

import re
from urllib.parse import urlsplit, urlunsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.offices import Office, Place, UnknownOffice, absolute, item_number, registry

OFFICES = list(registry().offices.values())
ALIASES = (
    *("www.ilo.org", "ilo.org", "WWW.ILO.ORG"),
    *("ilo.ch", "www.ilo.ch", "ilo.int", "www.ilo.int", "oit.org", "www.oit.org"),
)
HOME = "http://www.ilo.org/moscow/lang--en/index.htm"


# -- the file ------------------------------------------------------------------------------


@pytest.mark.parametrize("office", OFFICES, ids=lambda office: office.slug)
def test_an_office_has_the_form_that_the_registry_promises(office: Office) -> None:
    assert registry().offices[office.slug] is office
    assert re.fullmatch(r"[a-z][a-z0-9-]*", office.slug)
    assert office.name == office.name.strip() != ""
    assert office.languages
    assert len(set(office.languages)) == len(office.languages)
    assert all(re.fullmatch(r"[a-z]{2}", each) for each in office.languages)
    assert {each.language for each in office.addresses} >= set(office.languages)


@pytest.mark.parametrize("office", OFFICES, ids=lambda office: office.slug)
def test_the_addresses_of_an_office_are_web_addresses_in_its_languages(office: Office) -> None:
    for address in office.addresses:
        parts = urlsplit(address.url)
        assert parts.scheme in ("http", "https")
        assert parts.hostname
        assert "." in parts.hostname
        assert not parts.query
        assert not parts.fragment
        assert re.fullmatch(r"[a-z]{2}", address.language)
        assert address.until is None or 1995 <= address.until <= 2030


def test_no_address_is_that_of_two_offices_or_two_languages() -> None:
    known = [registry().canonical(each.url) for office in OFFICES for each in office.addresses]
    assert sorted(known) == sorted(set(known))


def test_the_registry_names_the_offices_of_the_template() -> None:
    """A sample of the list of section 1 of the domain facts, in the spelling of addresses."""
    named = {"moscow", "budapest", "ankara", "newdelhi", "beijing", "jakarta", "asia", "arabstates"}
    assert named <= {office.slug for office in OFFICES}
    assert len(OFFICES) >= 40


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
    if page:
        some += [f"http://{parts.netloc}{path}", f"http://{parts.netloc}{path}/"]
    return some  # fmt: skip


@pytest.mark.parametrize("office", OFFICES, ids=lambda office: office.slug)
def test_every_form_of_an_address_is_one_place(office: Office) -> None:
    for address in office.addresses:
        place = Place(office.slug, address.language, f"{office.slug}/{address.language}")
        assert {form: registry().locate(form) for form in forms(address.url)} == dict.fromkeys(
            forms(address.url), place
        )


@pytest.mark.parametrize("office", OFFICES, ids=lambda office: office.slug)
def test_the_offset_list_of_an_office_belongs_to_it(office: Office) -> None:
    for language in office.languages:
        found = registry().locate(
            f"http://www.ilo.org/{office.slug}/lang--{language}/nextRow--40/index.htm"
        )
        assert (found.office, found.language) == (office.slug, language)


def test_an_offset_list_is_not_the_page_it_continues() -> None:
    """It shows different items in every capture: as one series with the homepage, what stands
    on one and not on the other would be told as absent.
    """
    offset = registry().locate("http://www.ilo.org/moscow/lang--en/nextRow--40/index.htm")
    assert offset.page != registry().locate(HOME).page


def test_languages_of_one_office_are_pages_of_their_own() -> None:
    assert registry().locate(HOME) == Place("moscow", "en", "moscow/en")
    russian = HOME.replace("lang--en", "lang--ru")
    assert registry().locate(russian) == Place("moscow", "ru", "moscow/ru")


def test_a_homepage_of_an_earlier_era_goes_on_in_the_later_one() -> None:
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
def test_an_address_nobody_knows_is_an_office_of_its_own(
    url: str, slug: str, language: str | None
) -> None:
    place = registry().locate(url)
    assert (place.office, place.language) == (slug, language)


def test_two_unknown_sites_with_paths_in_no_latin_letters_are_two_offices() -> None:
    one, other = (registry().locate(f"http://example.org/{path}/") for path in ("москва", "киев"))
    assert one.office != other.office


def test_an_office_can_be_named_for_an_unknown_address() -> None:
    url = "http://example.org/x/lang--en/index.htm"
    assert registry().locate(url, "rivers") == Place("rivers", "en", registry().locate(url).page)
    assert registry().locate(HOME, "moscow") == registry().locate(HOME)


def test_a_slug_that_nobody_knows_is_refused_with_a_hint() -> None:
    with pytest.raises(UnknownOffice, match="ilo-archive offices"):
        registry().get("nosuch")


def test_the_address_of_an_office_is_that_of_the_year_and_language() -> None:
    moscow = registry().get("moscow")
    assert moscow.address().url == HOME
    assert moscow.address("ru").url == HOME.replace("lang--en", "lang--ru")
    assert moscow.address("ru", 2008).url == "http://www.ilo.ru/"
    assert moscow.address("ru", 2015).url == HOME.replace("lang--en", "lang--ru")


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
def test_a_link_is_absolute_and_of_the_web_or_none(
    url: str | None, base: str | None, expected: str | None
) -> None:
    assert absolute(url, base) == expected


JUNK = st.text() | st.text(alphabet="htps:/[]@?#.%\\ \n\t\x00\x1bа１", max_size=30)


@given(JUNK | st.none(), JUNK | st.none() | st.just(HOME))
def test_whatever_a_page_links_to_the_outcome_is_a_web_address_or_none(
    url: str | None, base: str | None
) -> None:
    found = absolute(url, base)
    assert found is None or urlsplit(found).scheme in ("http", "https")


@given(JUNK.map(lambda rest: f"http://{rest}"))
def test_whatever_address_is_absolute_has_a_place(url: str) -> None:
    found = absolute(url, HOME)
    if found:
        assert registry().locate(found).office
        assert registry().canonical(found, with_language=False) is not None
