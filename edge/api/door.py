"""The door of the pages and the API: who comes in by a session, a token or from this machine.

Secrets pass over HTTPS, or on this machine; whatever comes over plain HTTP from elsewhere is the
board, cookies or not. While nobody can sign in yet this machine may do all, as its owner can
anyway; from the first password on it signs in like everyone else.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import HTTPConnection

from edge.accounts.invitations import Invitations
from edge.accounts.passwords import Passwords
from edge.accounts.roles import Role
from edge.accounts.sessions import Sessions
from edge.accounts.sign_in import SignIn
from edge.accounts.store import Account, Accounts
from edge.accounts.tokens import Tokens
from edge.api.access import MACHINE, Viewer
from edge.api.cookies import SESSION, read_cookie
from edge.api.this_machine import host_name, is_this_machine

if TYPE_CHECKING:  # it loads Authlib, which only those need who use it
    from edge.accounts.single_sign_on import SingleSignOn

_HOST = re.compile(r"[a-z0-9.-]{1,253}|[0-9a-f:.]{2,45}")


class DoorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`tls_port` is None where HTTPS is not served; `public_url` is the school's name for it."""

    board: bool = True
    tls_port: int | None = None
    public_url: str = ""


class Door:
    """Tells who asks, and holds what signing in needs. `clock` gives Unix seconds."""

    def __init__(
        self,
        accounts: Accounts,
        settings: DoorSettings,
        clock: Callable[[], float] = time.time,
        passwords: Passwords | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        single_sign_on: SingleSignOn | None = None,
    ) -> None:
        self.accounts = accounts
        self.settings = settings
        self.passwords = passwords or Passwords()
        self.sessions = Sessions(accounts)
        self.invitations = Invitations(accounts)
        self.tokens = Tokens(accounts)
        self.sign_in = SignIn(accounts, self.passwords, clock, monotonic)
        self.single_sign_on = single_sign_on
        self._clock = clock

    async def who(self, connection: HTTPConnection) -> Viewer:
        """Tell who asks."""
        kind, _, token = connection.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return await self._by_token(connection, token.strip())
        if takes_secrets(connection):
            secret = read_cookie(connection, SESSION)
            account = await self.sessions.find(secret, self._clock()) if secret else None
            if account is not None:
                return _signed_in(account)
        if is_this_machine(connection) and not await self.accounts.is_claimed():
            return MACHINE
        can = self.settings.tls_port is not None or takes_secrets(connection)
        return Viewer(role=Role.BOARD if self.settings.board else None, can_sign_in=can)

    def public_address(self, path: str) -> str:
        """Return a path at the school's https name."""
        return self.settings.public_url.rstrip("/") + path

    async def _by_token(self, connection: HTTPConnection, secret: str) -> Viewer:
        safe = takes_secrets(connection)
        found = await self.tokens.find(secret, self._clock()) if safe else None
        if found is None:
            return Viewer(role=None, by="bad token")
        account, scopes = found
        return Viewer(
            role=account.role,
            by="token",
            account=account.name,
            own_rooms=account.rooms,
            scopes=scopes,
        )

    def https_address(self, connection: HTTPConnection, path: str) -> str | None:
        """Return where a path is served over HTTPS, or None where it is not."""
        if self.settings.public_url:
            return self.public_address(path)
        host = host_name(connection.headers.get("host", "")).lower()
        if self.settings.tls_port is None or not _HOST.fullmatch(host):
            return None
        named = f"[{host}]" if ":" in host else host
        return f"https://{named}:{self.settings.tls_port}{path}"


def takes_secrets(connection: HTTPConnection) -> bool:
    """Whether passwords, cookies and tokens may pass: over HTTPS, or on this machine."""
    return connection.url.scheme == "https" or is_this_machine(connection)


def _signed_in(account: Account) -> Viewer:
    return Viewer(
        role=account.role,
        by="session",
        account=account.name,
        own_rooms=account.rooms,
        can_sign_in=True,
    )
