"""Which redirects of a live page may be followed: none of a public page to a private host."""

import asyncio
from ipaddress import ip_address
from urllib.parse import urlsplit

from scrapy.resolver import dnscache

from ilo_archive.sources.public_addresses import is_private_name, is_public_ip


async def reason_not_to_follow(first: str, target: str) -> str | None:
    """Why a redirect to `target` must not be followed, None if it may be; `first` is the address
    that the user asked for.

    A page of a private host may lead to any host. The address that was checked is the one that
    Scrapy connects to, even if the name has another address by then.
    """
    host = urlsplit(target).hostname or ""
    asked = urlsplit(first).hostname or ""
    if host == asked or await _is_private(asked):
        return None
    if await _is_private(host):
        return f"a redirect to the private address {target}"
    if not _is_ip_address(host) and not await _ip_addresses(host) and not _is_related(host, asked):
        return f"a redirect to {target}, a host that cannot be resolved here"
    return None


async def _is_private(host: str) -> bool:
    """True if a host is not public, by its IP address, its name, or the addresses of the name."""
    if _is_ip_address(host):
        return not is_public_ip(host)
    if is_private_name(host):
        return True
    addresses = await _ip_addresses(host)
    return not all(map(is_public_ip, addresses))


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


async def _ip_addresses(host: str) -> list[str]:
    """The IP addresses of a name; none if it cannot be resolved, as behind a proxy.

    The first IPv4 address is put into Scrapy's cache, which asks for no other.
    """
    try:
        resolved = await asyncio.get_running_loop().getaddrinfo(host, None)
    except OSError:
        return []
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in resolved))
    ipv4 = [each for each in addresses if ":" not in each]
    if ipv4 and dnscache.limit:
        dnscache[host] = ipv4[0]
    return addresses


def _is_related(host: str, other: str) -> bool:
    """True if one host name is a parent domain of the other, but for a leading "www."."""
    one, two = (f".{name.lower().rstrip('.').removeprefix('www.')}" for name in (host, other))
    return one.endswith(two) or two.endswith(one)
