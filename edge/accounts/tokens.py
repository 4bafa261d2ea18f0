"""Tokens for programs: each acts for an account, within the scopes it was made for.

Shown once, kept as a hash. What its account may not do it may not do either, and with the account's
password or when the account is disabled it ends.
"""

import json
import secrets

import msgspec

from edge.accounts.secret import kept, new_secret
from edge.accounts.store import SHOWN, Account, AccountError, Accounts, account_of

MARK = "rollcall_"  # so that a token that lies around is known for what it is
ABOUT = ("carts", "custody", "devices", "health", "installation")  # the tags of the API's routes
SCOPES = tuple(f"{about}:{what}" for about in ABOUT for what in ("read", "write"))
DAY_S = 86_400.0
MOST_DAYS = 3660


class NoScope(AccountError):
    """A token must be for something."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """One token, without its secret. Times are Unix seconds."""

    id: str
    account: str
    scopes: frozenset[str]
    made: float
    until: float


class Tokens:
    """The tokens of these accounts. `now` is Unix seconds."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def make(
        self, account: str, scopes: list[str], days: int, now: float
    ) -> tuple[Token, str]:
        """Make a token; return it with its secret, which nobody can show again.

        Raises:
            AccountError: no such account or scope, or it would be good for too long.
        """
        unknown = sorted(set(scopes) - set(SCOPES))
        if not scopes:
            raise NoScope(f"a token needs a scope; there are {', '.join(SCOPES)}")
        if unknown:
            raise AccountError(f"no scope {', '.join(unknown)}; there are {', '.join(SCOPES)}")
        if not 1 <= days <= MOST_DAYS:
            raise AccountError(f"a token is good for 1 to {MOST_DAYS} days")
        secret = MARK + new_secret()
        async with self._accounts.writing():
            owner = await self._accounts.find(account)
            if owner is None or owner.disabled is not None:
                raise AccountError(f'there is no account "{account}" that may come in')
            token = Token(
                id=secrets.token_hex(4),
                account=owner.name,
                scopes=frozenset(scopes),
                made=now,
                until=now + days * DAY_S,
            )
            listed = json.dumps(sorted(token.scopes))
            await self._accounts.connection.execute(
                "INSERT INTO tokens (id, hash, account, scopes, made, until)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (token.id, kept(secret), token.account, listed, token.made, token.until),
            )
        return token, secret

    async def find(self, secret: str, now: float) -> tuple[Account, frozenset[str]] | None:
        """For whom a token acts, and within which scopes; None where it is not good."""
        query = (
            f"SELECT scopes, {SHOWN.removeprefix('SELECT ')} JOIN tokens ON account = name"
            " WHERE hash = ? AND disabled IS NULL AND until > ?"
        )
        async with self._accounts.connection.execute(query, (kept(secret), now)) as cursor:
            row = await cursor.fetchone()
        if row is None:
            return None
        scopes, *account = tuple(row)
        return account_of(account), frozenset(json.loads(scopes))

    async def all(self) -> list[Token]:
        """Every token, by account, also those that are too old."""
        query = "SELECT id, account, scopes, made, until FROM tokens ORDER BY account, made"
        async with self._accounts.connection.execute(query) as cursor:
            return [
                Token(
                    id=id_, account=account, scopes=frozenset(json.loads(s)), made=made, until=until
                )
                for id_, account, s, made, until in await cursor.fetchall()
            ]

    async def revoke(self, token: str) -> None:
        """Void a token, by its id.

        Raises:
            AccountError: there is none with this id.
        """
        async with (
            self._accounts.writing(),
            self._accounts.connection.execute("DELETE FROM tokens WHERE id = ?", (token,)) as found,
        ):
            if not found.rowcount:
                raise AccountError(f'there is no token "{token}"')
