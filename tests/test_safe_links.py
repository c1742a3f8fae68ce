"""Addresses that may become links."""

from __future__ import annotations

import pytest

from ilo_archive.report.safe_links import web_address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://www.ilo.org/a_b?c=d&e#f", "http://www.ilo.org/a_b?c=d&e#f"),
        ('https://ilo.org/a b<c>(d)"e\\f', "https://ilo.org/a%20b%3Cc%3E%28d%29%22e%5Cf"),
        ("HTTP://ilo.org/é", "HTTP://ilo.org/%C3%A9"),
        ("javascript:alert(1)", None),
        (" \x01javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//ilo.org/", None),
        ("http:alert(1)", None),
        ("http://[", None),
        (None, None),
    ],
)
def test_only_web_addresses_become_links(url: str | None, address: str | None) -> None:
    assert web_address(url) == address
