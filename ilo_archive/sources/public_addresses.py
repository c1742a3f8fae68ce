"""IP addresses and host names that are reachable by everybody, and those that are not."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# The last 32 bits of an address in these networks are an IPv4 address: RFC 4291, 2.5.5.1 (embedded)
# and RFC 6052, 2.1 (NAT64).
_EMBEDDING = (IPv6Network("::/96"), IPv6Network("64:ff9b::/96"))
# NAT64 for local use (RFC 8215): the network behind it is nobody else's.
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
# RFC 6761, 6762, 8375 and 9476; "internal" is reserved by ICANN for private use.
_PRIVATE_DOMAINS = frozenset(
    ("localhost", "local", "internal", "home.arpa", "test", "invalid", "alt")
)


def is_public_ip(text: str) -> bool:
    """True if an IP address is one of the public internet, and so is any IPv4 address in it.

    A zone ("%eth0") is ignored. Raises ValueError for a text that is no IP address.
    """
    address = ip_address(text.partition("%")[0])
    return _is_public(address) and all(map(_is_public, _embedded(address)))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast


def _embedded(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses to which packets for an IPv6 address may be forwarded."""
    if isinstance(address, IPv4Address):
        return []
    if address in _LOCAL_NAT64:
        return [IPv4Address(0)]
    if address.sixtofour:  # deprecated (RFC 7526), and no longer global for Python 3.13
        return [IPv4Address(0)]
    found = [address.ipv4_mapped, *(address.teredo or ())]
    if any(address in network for network in _EMBEDDING):
        found.append(IPv4Address(int(address) & 0xFFFF_FFFF))
    return [each for each in found if each is not None]


def is_private_name(host: str) -> bool:
    """True for a host name that only one machine or network knows. No name is resolved.

    These are names without a dot and those of domains reserved for private use.
    """
    labels = host.lower().rstrip(".").split(".")
    return len(labels) == 1 or any(
        ".".join(labels[-count:]) in _PRIVATE_DOMAINS for count in (1, 2)
    )
