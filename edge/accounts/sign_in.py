"""Signing in with a name and a password: verified slowly, and not endlessly."""

from collections.abc import Callable

from edge.accounts.lockout import Lockout
from edge.accounts.lockout_book import LockoutBook
from edge.accounts.passwords import Passwords
from edge.accounts.sessions import Sessions
from edge.accounts.store import Accounts


class WrongPassword(Exception):
    """Name or password is wrong, or the account is disabled: which of them is not told."""


class LockedOut(Exception):
    """Too many wrong tries of late; `wait_s` says how long to wait."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"wait {wait_s:.0f} s")
        self.wait_s = wait_s


class SignIn:
    """Opens sessions. `clock` gives Unix seconds, `monotonic` seconds that never jump."""

    def __init__(
        self,
        accounts: Accounts,
        passwords: Passwords,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._sessions = Sessions(accounts)
        self._lockout = Lockout()
        self._book = LockoutBook(accounts)
        self._clock = clock
        self._monotonic = monotonic

    async def with_password(self, name: str, password: str, address: str) -> str:
        """Open a session for whoever knows the password; return its secret.

        Raises:
            WrongPassword, LockedOut: no session; DatabaseError: it cannot be written now.
        """
        name = name.strip().lower()[:64]
        await self.verify(name, password, address)
        return await self._sessions.begin(name, self._clock())

    async def verify(self, name: str, password: str, address: str) -> None:
        """Let pass whoever knows an account's password; `name` is as it is kept.

        Raises:
            WrongPassword, LockedOut: it is not this, or too much was tried.
        """
        now = self._monotonic()
        await self._book.recall(self._lockout, self._clock(), now)
        wait_s = self._lockout.wait_s(name, address, now)
        if wait_s > 0:
            raise LockedOut(wait_s)
        self._lockout.failed(name, address, now)
        await self._book.keep(self._lockout, name, address, self._clock())
        kept = await self._accounts.kept_password(name)
        if not await self._passwords.verified(password, kept):
            raise WrongPassword
        self._lockout.succeeded(name, address)
        await self._book.keep(self._lockout, name, address, self._clock())
