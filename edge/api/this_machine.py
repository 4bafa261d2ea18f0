"""Whether a request comes from this very machine.

A web page from elsewhere must not borrow that: a browser can be talked into resolving a stranger's
name to 127.0.0.1 (DNS rebinding), but it then still names the stranger in `Host`, so that has to be
a loopback name too. A proxy on this machine speaks for others, so what it forwards is theirs.
"""

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def is_this_machine(connection: HTTPConnection) -> bool:
    """Tell whether a person or program on this machine asks, by a name of this machine."""
    client = connection.client.host if connection.client else ""
    if any(name in connection.headers for name in _FORWARDED):
        return False
    return is_loopback(client) and is_loopback(host_name(connection.headers.get("host", "")))


def host_name(header: str) -> str:
    """Return the name in a `Host` header, without its port; "" where there is none."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:  # "[::1" and the like
        return ""


def is_loopback(name: str) -> bool:
    """Tell whether a name or address is this machine's own to itself."""
    if name == "localhost":
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
