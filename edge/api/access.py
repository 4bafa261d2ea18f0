"""Who is asking, and what they may see.

Nobody signs in yet. A person at this very machine may see all; everyone else is the `board`: counts
and missing numbers, no places. A web page from elsewhere must not borrow the first: a browser can
be talked into resolving a stranger's name to 127.0.0.1 (DNS rebinding), but it then still names the
stranger in `Host`, so that has to be a loopback name too. A proxy on this machine speaks for
others, so what it forwards is the board's.
"""

from ipaddress import IPv6Address, ip_address
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Viewer(msgspec.Struct, frozen=True):
    """One who asks: `sees_all` opens places, devices, gateways and alerts."""

    sees_all: bool


BOARD = Viewer(sees_all=False)
LOCAL = Viewer(sees_all=True)


def viewer_of(connection: HTTPConnection) -> Viewer:
    """Tell who asks; a FastAPI dependency."""
    client = connection.client.host if connection.client else ""
    forwarded = any(name in connection.headers for name in _FORWARDED)
    if forwarded or not _is_loopback(client):
        return BOARD
    return LOCAL if _is_loopback(_host_name(connection.headers.get("host", ""))) else BOARD


def sees_all(viewer: Annotated[Viewer, Depends(viewer_of)]) -> Viewer:
    """Let only those through who may see all; a FastAPI dependency.

    Raises:
        HTTPException: 403, with what to do.
    """
    if not viewer.sees_all:
        raise HTTPException(
            403, "This is not for the public board; ask from the machine Rollcall runs on."
        )
    return viewer


AnyViewer = Annotated[Viewer, Depends(viewer_of)]
FullViewer = Annotated[Viewer, Depends(sees_all)]


def _host_name(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:  # "[::1" and the like
        return ""


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
