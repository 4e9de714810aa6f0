"""Which addresses a client may be led to: those that are public, whatever they are wrapped in."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits
_NOT_PUBLIC = (
    ip_network("192.0.0.0/24"),  # RFC 6890: protocol assignments
    ip_network("64:ff9b:1::/48"),  # RFC 8215: NAT64 of the local network
    ip_network("2001::/32"),  # RFC 4380: Teredo, whose addresses hold two others
)


def is_public(text: str) -> bool:
    """Whether anyone on the internet has this address, and no address of a local network is embedded in it.

    >>> [is_public(each) for each in ("8.8.8.8", "10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "224.0.0.1")]
    [True, False, False, False, False]
    """
    address = ip_address(text.partition("%")[0])
    inner = _embedded(address)
    if inner is not None:
        return is_public(str(inner))
    is_special = address.is_multicast or address.is_reserved or getattr(address, "is_site_local", False)
    return address.is_global and not is_special and not any(address in network for network in _NOT_PUBLIC)


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
