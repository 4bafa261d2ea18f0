"""`rollcall user`: accounts, whether the agent runs or not. No password on a command line."""

from __future__ import annotations

import asyncio
import getpass
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge.accounts.roles import SIGNED_IN, Role
from edge.commands.failure import Failure
from edge.commands.school_argument import school_or_failure
from edge.commands.settings_argument import settings_or_failure

if TYPE_CHECKING:
    from edge.accounts.store import Accounts

app = typer.Typer(help="Accounts: who may sign in, and as what.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The account's name; an e-mail address is one too.")]
Config = Annotated[Path, typer.Option(help="The agent's settings (rollcall.toml).")]
SETTINGS = Path("rollcall.toml")
_ROLES = ", ".join(SIGNED_IN)


@app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help=f"One of {_ROLES}.", show_choices=False)],
    rooms: Annotated[str, typer.Option(help="A teacher's own rooms, as r101,r102.")] = "",
    without_password: Annotated[
        bool, typer.Option("--without-password", help="For who signs in with the school's account.")
    ] = False,
    config: Config = SETTINGS,
) -> None:
    """Make an account; its password is asked for, or is the first line of stdin."""
    settings = settings_or_failure(config)
    own = [room.strip() for room in rooms.split(",") if room.strip()]
    unknown = sorted(set(own) - school_or_failure(settings.school).rooms.keys())
    if unknown:
        raise Failure(f"{settings.school} has no room {', '.join(unknown)}")
    hashed = None if without_password else asyncio.run(_hashed(_ask_password(name)))
    _do(config, lambda kept: kept.add(name, role, own, hashed, time.time()))
    print(f"{name}: {role}{', rooms ' + ', '.join(own) if own else ''}")


@app.command("list")
def list_(config: Config = SETTINGS) -> None:
    """List the accounts: name, role, rooms, and whether one may come in."""
    for account in _do(config, lambda kept: kept.all()):
        state = "" if account.has_password else "no password yet"
        if account.disabled is not None:
            state = f"disabled since {datetime.fromtimestamp(account.disabled):%Y-%m-%d %H:%M}"
        words = [account.name, account.role, ",".join(sorted(account.rooms)) or "-", state]
        print("\t".join(words).rstrip())


@app.command()
def disable(name: Name, config: Config = SETTINGS) -> None:
    """Shut an account at once: its sessions end, its tokens are void."""
    _do(config, lambda kept: kept.disable(name, time.time()))
    print(f"{name}: disabled")


@app.command()
def enable(name: Name, config: Config = SETTINGS) -> None:
    """Open an account that was disabled."""
    _do(config, lambda kept: kept.enable(name))
    print(f"{name}: may come in again")


@app.command()
def password(name: Name, config: Config = SETTINGS) -> None:
    """Give an account another password; its sessions end, its tokens are void."""
    hashed = asyncio.run(_hashed(_ask_password(name)))
    _do(config, lambda kept: kept.set_password(name, hashed))
    print(f"{name}: has another password")


@app.command()
def token(
    name: Name,
    scope: Annotated[list[str], typer.Option(help="As devices:read; repeatable.")],
    days: Annotated[int, typer.Option(help="How long it is good.")] = 365,
    config: Config = SETTINGS,
) -> None:
    """Make a token with which a program acts for an account. It is shown this once."""
    from edge.accounts.tokens import Tokens

    made, secret = _do(config, lambda kept: Tokens(kept).make(name, scope, days, time.time()))
    print(f"{made.id}: for {made.account}, {', '.join(sorted(made.scopes))},", end=" ")
    print(f"until {datetime.fromtimestamp(made.until):%Y-%m-%d}; send it as Authorization: Bearer")
    print(secret)


@app.command()
def tokens(config: Config = SETTINGS) -> None:
    """List the tokens: id, account, scopes, until when. What they are is not kept."""
    from edge.accounts.tokens import Tokens

    for one in _do(config, lambda kept: Tokens(kept).all()):
        until = f"{datetime.fromtimestamp(one.until):%Y-%m-%d}"
        print("\t".join([one.id, one.account, ",".join(sorted(one.scopes)), until]))


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="As `tokens` lists it.")],
    config: Config = SETTINGS,
) -> None:
    """Void a token at once."""
    from edge.accounts.tokens import Tokens

    _do(config, lambda kept: Tokens(kept).revoke(token_id))
    print(f"{token_id}: void")


def _do(config: Path, action: Callable[[Accounts], Coroutine[None, None, Any]]) -> Any:
    """Do something with the accounts of an installation, or fail in one line."""
    from edge.accounts.store import AccountError, Accounts
    from edge.agent.storage.database import FILE_NAME, DatabaseError, prepare

    path = settings_or_failure(config).data / FILE_NAME

    async def act() -> Any:
        await asyncio.to_thread(prepare, path)
        accounts = await Accounts.open(path)
        try:
            return await action(accounts)
        finally:
            await accounts.close()

    try:
        return asyncio.run(act())
    except (AccountError, DatabaseError) as error:
        raise Failure(str(error)) from error


async def _hashed(password: str) -> str:
    from edge.accounts.passwords import Passwords

    return await Passwords().hashed(password)


def _ask_password(name: str) -> str:
    from edge.accounts.passwords import WeakPassword, check_password

    if sys.stdin.isatty():
        password = getpass.getpass(f"Password for {name}: ")
        if getpass.getpass("Once more: ") != password:
            raise Failure("the two passwords differ; nothing was changed")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    try:
        check_password(password, name)
    except WeakPassword as error:
        raise Failure(f"{error}; nothing was changed") from error
    return password
