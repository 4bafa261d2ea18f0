"""The accounts in the database. A connection of its own writes them: seldom, and little."""

import asyncio
import json
import re
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiosqlite
import msgspec

from edge.accounts.roles import Role
from edge.agent.storage.database import OTHERS_WAIT_S, DatabaseError, open_writer

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


class AccountError(ValueError):
    """Something that cannot be done with an account; the text is one sentence that says why."""


class NotAName(AccountError):
    """It cannot be an account's name."""


class NameTaken(AccountError):
    """There is an account of this name."""


class NoSuchAccount(AccountError):
    """There is no account of this name."""


class LastAdmin(AccountError):
    """Nobody would be left who can look after the accounts."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account. `rooms` are a teacher's own; `disabled` is since when it is shut, or None."""

    name: str
    role: Role
    rooms: frozenset[str] = frozenset()
    disabled: float | None = None
    has_password: bool = False


def normal_name(name: str) -> str:
    """Return a name as it is kept: lower case.

    Raises:
        AccountError: it is no name.
    """
    lower = name.strip().lower()
    if not _NAME.fullmatch(lower):
        raise NotAName(f'"{name[:64]}" cannot be an account: 1 to 64 letters, digits and . _ @ + -')
    return lower


class Accounts:
    """The accounts of one database. Open it with `open`, and close it."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self.connection = connection
        self._one_at_a_time = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path, wait_s: float = OTHERS_WAIT_S) -> Self:
        """Open those of a database that was prepared before."""
        return cls(await open_writer(path, wait_s))

    async def close(self) -> None:
        """Let the database go."""
        await self.connection.close()

    async def add(
        self, name: str, role: Role, rooms: Iterable[str], password: str | None, now: float
    ) -> Account:
        """Make an account; `password` is a hash of passwords.py, None while there is none.

        Raises:
            AccountError: the name is taken or none, or the role needs no account.
        """
        name, kept = normal_name(name), _rooms_of(role, rooms)
        async with self.writing():
            if await self.find(name) is not None:
                raise NameTaken(f'there is an account "{name}" already')
            await self.connection.execute(
                "INSERT INTO accounts (name, role, rooms, password, made) VALUES (?, ?, ?, ?, ?)",
                (name, role.value, json.dumps(kept), password, now),
            )
        return Account(
            name=name, role=role, rooms=frozenset(kept), has_password=password is not None
        )

    async def find(self, name: str) -> Account | None:
        """One account, also a disabled one."""
        async with self.connection.execute(f"{SHOWN} WHERE name = ?", (name.lower(),)) as cursor:
            row = await cursor.fetchone()
        return None if row is None else account_of(row)

    async def all(self) -> list[Account]:
        """Every account, by name."""
        async with self.connection.execute(f"{SHOWN} ORDER BY name") as cursor:
            return [account_of(row) for row in await cursor.fetchall()]

    async def kept_password(self, name: str) -> str | None:
        """What is kept of the password of an account that may come in, or None."""
        query = "SELECT password FROM accounts WHERE name = ? AND disabled IS NULL"
        async with self.connection.execute(query, (name.lower(),)) as cursor:
            row = await cursor.fetchone()
        return None if row is None else row[0]

    async def is_claimed(self) -> bool:
        """Whether anybody can sign in: an account that is not disabled has a password."""
        query = "SELECT 1 FROM accounts WHERE password IS NOT NULL AND disabled IS NULL LIMIT 1"
        async with self.connection.execute(query) as cursor:
            return await cursor.fetchone() is not None

    async def set_password(self, name: str, password: str) -> None:
        """Keep another password (a hash), and end what was open under the old one."""
        async with self.writing():
            await self.replace_password(name, password)

    async def replace_password(self, name: str, password: str) -> None:
        """Do as `set_password`, within a `writing` that is open."""
        await self._change("UPDATE accounts SET password = ? WHERE name = ?", password, name)
        await self._end_all_of(name)

    async def set_role(self, name: str, role: Role, rooms: Iterable[str]) -> None:
        """Give an account another role, or a teacher other rooms; what is open goes on with them.

        Raises:
            AccountError: there is no such account or role, or no admin would be left.
        """
        kept = json.dumps(_rooms_of(role, rooms))
        async with self.writing():
            if role is not Role.ADMIN:
                await self._keep_an_admin_besides(name)
            await self._change("UPDATE accounts SET role = ? WHERE name = ?", role.value, name)
            await self._change("UPDATE accounts SET rooms = ? WHERE name = ?", kept, name)

    async def disable(self, name: str, now: float, *, keep_an_admin: bool = False) -> None:
        """Shut an account: its sessions and tokens are no longer taken.

        Raises:
            AccountError: there is no such account, or, if asked to, no admin would be left.
        """
        async with self.writing():
            if keep_an_admin:
                await self._keep_an_admin_besides(name)
            await self._change("UPDATE accounts SET disabled = ? WHERE name = ?", now, name)
            await self._end_all_of(name)

    async def enable(self, name: str) -> None:
        """Open an account again."""
        async with self.writing():
            await self._change("UPDATE accounts SET disabled = ? WHERE name = ?", None, name)

    async def _change(self, statement: str, value: object, name: str) -> None:
        async with self.connection.execute(statement, (value, name.lower())) as cursor:
            if not cursor.rowcount:
                raise NoSuchAccount(f'there is no account "{name}"')

    async def _keep_an_admin_besides(self, name: str) -> None:
        query = (
            "SELECT max(name = ?1), max(name <> ?1 AND password IS NOT NULL) FROM accounts"
            " WHERE role = 'admin' AND disabled IS NULL"
        )
        async with self.connection.execute(query, (name.lower(),)) as cursor:
            row = await cursor.fetchone()
        is_one, another = tuple(row or (0, 0))
        if is_one and not another:
            raise LastAdmin(f'"{name}" is the last admin that may come in')

    async def _end_all_of(self, name: str) -> None:
        for table in ("sessions", "invitations", "tokens"):
            statement = f"DELETE FROM {table} WHERE account = ?"
            await self.connection.execute(statement, (name.lower(),))

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Write all that is done meanwhile, or nothing of it.

        Raises:
            DatabaseError: it cannot be written now.
        """
        async with self._one_at_a_time:
            try:
                await self.connection.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    await self.connection.execute("COMMIT")
                except BaseException:
                    await self.connection.execute("ROLLBACK")
                    raise
            except sqlite3.OperationalError as error:
                raise DatabaseError(f"the accounts cannot be written: {error}") from error


def _rooms_of(role: Role, rooms: Iterable[str]) -> list[str]:
    kept = sorted(set(rooms))
    if role is Role.BOARD:
        raise AccountError("the board needs no account: it is whoever is not signed in")
    if kept and role is not Role.TEACHER:
        raise AccountError(f"rooms are for a teacher; {role} sees every place")
    return kept


SHOWN = "SELECT name, role, rooms, disabled, password IS NOT NULL FROM accounts"


def account_of(row: Sequence[Any]) -> Account:
    """Make an account of a row of `SHOWN`."""
    name, role, rooms, disabled, has_password = row
    return Account(
        name=name,
        role=Role(role),
        rooms=frozenset(json.loads(rooms)),
        disabled=disabled,
        has_password=bool(has_password),
    )
