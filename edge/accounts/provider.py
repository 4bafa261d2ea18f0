"""Whom the school lets say who somebody is, and which of its claims are the school's own. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

GOOGLE = "https://accounts.google.com"
MICROSOFT = "https://login.microsoftonline.com/{tenant}/v2.0"


class ProviderAway(Exception):
    """The provider cannot be reached, or does not answer as one."""


class NotBelieved(Exception):
    """What came back is not to be believed; the text says why, for the log."""


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """Whom we ask, as which client. `tenant` is Microsoft's, "" elsewhere; `name` is shown."""

    name: str
    issuer: str
    client_id: str
    client_secret: str
    domain: str
    tenant: str = ""


def address_in(claims: Mapping[str, Any], provider: Provider) -> str:
    """Return the e-mail address that signed claims vouch for, if it is of the school's domain.

    Google names a hosted domain in `hd`, and nothing else shows that an address is the school's.
    Microsoft names the school's tenant in `tid`, and the address in `preferred_username`; its
    `email` anybody can set. Elsewhere the address must be verified.

    Raises:
        NotBelieved: it is somebody from elsewhere.
    """
    if provider.tenant:
        address, ours = claims.get("preferred_username"), claims.get("tid") == provider.tenant
    else:
        address = claims.get("email")
        hosted = claims.get("hd", "" if provider.issuer == GOOGLE else provider.domain)
        ours = hosted == provider.domain and claims.get("email_verified") is True
    if not isinstance(address, str) or not ours:
        raise NotBelieved("the account is not of the school's domain")
    if address.lower().rpartition("@")[2] != provider.domain.lower():
        raise NotBelieved("the address is not of the school's domain")
    return address.lower()
