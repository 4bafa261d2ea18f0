"""Accounts: made, listed, shut, and nothing kept of a password but its hash."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edge.accounts.roles import Role
from edge.accounts.store import AccountError, Accounts
from edge.agent.storage.database import FILE_NAME, prepare

NOW = 1763995320.0


def with_accounts(folder: Path, action: Callable[[Accounts], Coroutine[None, None, Any]]) -> Any:
    """Do something with the accounts of a new or kept database."""
    path = folder / FILE_NAME

    async def act() -> Any:
        prepare(path)
        accounts = await Accounts.open(path)
        try:
            return await action(accounts)
        finally:
            await accounts.close()

    return asyncio.run(act())


def test_an_account_is_found_by_its_name_in_any_case(tmp_path: Path) -> None:
    async def act(accounts: Accounts) -> None:
        await accounts.add("Front.Desk@school.example", Role.OFFICE, [], "hash", NOW)
        found = await accounts.find("FRONT.desk@school.example")
        assert found is not None and found.name == "front.desk@school.example"
        assert await accounts.kept_password("Front.Desk@school.example") == "hash"

    with_accounts(tmp_path, act)


@pytest.mark.parametrize(
    ("name", "role", "rooms", "why"),
    [
        ("", Role.ADMIN, [], "cannot be an account"),
        ("a b", Role.ADMIN, [], "cannot be an account"),
        ("x" * 65, Role.ADMIN, [], "cannot be an account"),
        ("wall", Role.BOARD, [], "needs no account"),
        ("desk", Role.OFFICE, ["r101"], "rooms are for a teacher"),
        ("taken", Role.OFFICE, [], "already"),
    ],
)
def test_what_cannot_be_an_account_is_refused_with_the_reason(
    tmp_path: Path, name: str, role: Role, rooms: list[str], why: str
) -> None:
    async def act(accounts: Accounts) -> None:
        await accounts.add("taken", Role.TECH, [], None, NOW)
        with pytest.raises(AccountError, match=why):
            await accounts.add(name, role, rooms, None, NOW)
        assert [account.name for account in await accounts.all()] == ["taken"]

    with_accounts(tmp_path, act)


def test_a_disabled_account_has_no_password_that_could_be_right(tmp_path: Path) -> None:
    async def act(accounts: Accounts) -> None:
        await accounts.add("tech", Role.TECH, [], "hash", NOW)
        assert await accounts.is_claimed()
        await accounts.disable("tech", NOW)
        assert await accounts.kept_password("tech") is None
        assert not await accounts.is_claimed()
        await accounts.enable("tech")
        assert await accounts.kept_password("tech") == "hash"
        with pytest.raises(AccountError, match="no account"):
            await accounts.disable("nobody", NOW)

    with_accounts(tmp_path, act)


def test_writing_at_once_from_several_requests_is_put_in_a_row(tmp_path: Path) -> None:
    async def act(accounts: Accounts) -> None:
        made = [accounts.add(f"tech{n}", Role.TECH, [], None, NOW) for n in range(20)]
        await asyncio.gather(*made)
        assert len(await accounts.all()) == 20

    with_accounts(tmp_path, act)


def test_a_teachers_rooms_are_kept(tmp_path: Path) -> None:
    async def act(accounts: Accounts) -> None:
        await accounts.add("teacher", Role.TEACHER, ["r204", "r101", "r101"], None, NOW)

    with_accounts(tmp_path, act)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert connection.execute("SELECT rooms FROM accounts").fetchone() == ('["r101", "r204"]',)
