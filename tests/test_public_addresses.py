"""Public hosts and those that only one machine or network reaches."""

import asyncio
from typing import Any

import pytest
from scrapy.resolver import dnscache

from ilo_archive.sources.public_addresses import is_private_name, is_public_ip
from spiders.redirect_targets import reason_not_to_follow

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "0.0.0.0",
    "224.0.0.1",
    "239.255.255.250",
    "::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "2002:7f00:1::",
    "2002:a01:203::1",
    "2002:808:808::1",
    "2001:0:7f00:1::1",  # Teredo: the server
]
PUBLIC = ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_hide_in_no_other_form(address: str) -> None:
    assert not is_public_ip(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_stay_public_in_other_forms(address: str) -> None:
    assert is_public_ip(address)


@pytest.mark.parametrize(
    ("name", "private"),
    [
        ("localhost.", True),
        ("www.LOCALHOST", True),
        ("metadata.google.internal", True),
        ("router.home.arpa", True),
        ("intranet", True),
        ("2130706433", True),  # 127.0.0.1 as one number
        ("www.ilo.org", False),
        ("internal.example.org", False),
    ],
)
def test_names_of_one_network(name: str, private: bool) -> None:
    assert is_private_name(name) == private


def reason(target: str, names: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str | None:
    """The reason against a redirect from www.ilo.org where a resolver knows these names."""

    async def resolve(_: object, host: str, *_more: object) -> list[Any]:
        if host not in names:
            raise OSError("unknown")
        return [(2, 1, 6, "", (names[host], 0))]

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.getaddrinfo", resolve)
    return asyncio.run(reason_not_to_follow("http://www.ilo.org/moscow", target))


def test_a_redirect_leads_to_public_hosts_only(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"www.ilo.org": "8.8.8.8", "cdn.example.org": "8.8.4.4", "evil.example.org": "10.0.0.1"}
    assert reason("https://cdn.example.org/", names, monkeypatch) is None
    found = reason("http://evil.example.org/", names, monkeypatch)
    assert found == "a redirect to the private address http://evil.example.org/"


@pytest.mark.parametrize(
    ("target", "followed"),
    [
        ("https://www.ilo.org/moscow", True),
        ("https://ilo.org/moscow", True),
        ("https://webapps.ilo.org/", True),
        ("https://example.org/", False),
        ("https://notilo.org/", False),
    ],
)
def test_where_no_name_resolves_a_redirect_stays_on_the_site(
    target: str, followed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a proxy, which resolves the names itself."""
    assert (reason(target, {}, monkeypatch) is None) == followed


def test_the_address_that_was_checked_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dnscache, "limit", 100)
    names = {"www.ilo.org": "8.8.8.8", "cdn.example.org": "8.8.4.4"}
    assert reason("https://cdn.example.org/", names, monkeypatch) is None
    assert dnscache.pop("cdn.example.org") == "8.8.4.4"
    dnscache.pop("www.ilo.org")
