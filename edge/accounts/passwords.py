"""Passwords: which are taken, and how they are kept (argon2id, by pwdlib).

Length is what is asked for, and nothing about signs or digits (NIST SP 800-63B, 5.1.1.2). Hashing
is slow on purpose and takes 64 MB, so only one runs at a time, beside the loop.
"""

import asyncio

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST = 10
LONGEST = 200  # what is hashed must not be a way to keep the machine busy


class WeakPassword(ValueError):
    """A password that is not taken; the text says why."""


def check_password(password: str, name: str) -> None:
    """Refuse a password that is easy to guess.

    Raises:
        WeakPassword: with the reason.
    """
    if len(password) < SHORTEST:
        raise WeakPassword(f"a password has at least {SHORTEST} characters")
    if len(password) > LONGEST:
        raise WeakPassword(f"a password has at most {LONGEST} characters")
    if len(set(password)) < 4 or name.casefold() in password.casefold():
        raise WeakPassword("that password is too easy to guess")


class Passwords:
    """Hashes and verifies, one at a time. Tests pass a hasher that is quick."""

    def __init__(self, hasher: Argon2Hasher | None = None) -> None:
        self._hash = PasswordHash((hasher or Argon2Hasher(),))
        self._one_at_a_time = asyncio.Lock()
        self._nobodys: str | None = None

    async def hashed(self, password: str) -> str:
        """Return what is kept of a password."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._hash.hash, password)

    async def verified(self, password: str, kept: str | None) -> bool:
        """Tell whether this is the password; without a kept one it takes as long, and is not."""
        if kept is None:
            if self._nobodys is None:
                self._nobodys = await self.hashed("nobody's password")
            await self.verified(password, self._nobodys)
            return False
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._hash.verify, password[: LONGEST + 1], kept)
