"""The certificate of the page and of updates: made at start, by the school's own authority.

Its names are what this machine may be called: rollcall.local, its host name, its addresses. When
an address changes another is made; what carries the authority goes on trusting it.
"""

import ipaddress
import socket
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from edge.provision.authority import Authority, AuthorityError, Certificate

FOLDER = "broker"  # in the data folder: the one authority is the broker's and the page's
NAME = "page"
ALWAYS = ("rollcall.local", "localhost", "127.0.0.1", "::1")


def page_certificate(
    data: Path, school: str, names: Iterable[str], now: datetime | None = None
) -> Certificate:
    """Return the certificate for these names and those of every machine; make it if need be.

    Raises:
        AuthorityError: the files cannot be read or written; the text says which.
    """
    folder = data / FOLDER
    now = now or datetime.now(UTC)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise AuthorityError(f"{folder}: {error.strerror}") from error
    authority = Authority(folder, school, now)
    kept = authority.issued(NAME)
    wanted = dict.fromkeys([*ALWAYS, *names])
    if kept is not None and set(wanted) <= set(kept.hosts) and not kept.worn(now):
        return kept
    return authority.issue(NAME, tuple(wanted))


def own_names(host: str, public_url: str) -> list[str]:
    """Return what this machine may be called from elsewhere: names and addresses."""
    name = socket.gethostname().lower()
    found = [name, name.partition(".")[0] + ".local", *_addresses(host)]
    public = urlsplit(public_url).hostname
    return [*found, public] if public else found


def _addresses(host: str) -> list[str]:
    try:
        served = ipaddress.ip_address(host)
    except ValueError:
        return [host] if host else []
    if not served.is_unspecified:
        return [str(served)]
    return [address for address in map(_towards, (socket.AF_INET, socket.AF_INET6)) if address]


def _towards(family: socket.AddressFamily) -> str | None:
    """Return the address with which this machine would go out; nothing is sent to find out."""
    outside = "192.0.2.1" if family == socket.AF_INET else "2001:db8::1"  # RFC 5737, RFC 3849
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((outside, 9))
            return str(probe.getsockname()[0])
        except OSError:  # no network of this family
            return None
