"""Browsers that visit an app with accounts: cookies, forms and addresses, in this process."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher

from edge.accounts.passwords import Passwords
from edge.accounts.roles import Role
from edge.accounts.store import Accounts
from edge.agent.storage.database import FILE_NAME, prepare
from edge.api.app import create_app
from edge.api.door import Door, DoorSettings
from tests.api.asking import ELSEWHERE, LOOPBACK
from tests.api.fake_agent import NOW, FakeAgent, a_cart, away

GOOD = "correct horse battery"
HTTPS = "https://rollcall.local:8443"
PLAIN = "http://rollcall.local:8000"
HERE = "http://127.0.0.1:8000"


class Visit:
    """An app over accounts in a folder, and a clock that tests set."""

    def __init__(self, accounts: Accounts, settings: DoorSettings) -> None:
        self.now = NOW
        self.ticks = 1000.0
        self.accounts = accounts
        quick = Passwords(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))
        self.door = Door(accounts, settings, lambda: self.now, quick, lambda: self.ticks)
        self.agent = FakeAgent(a_cart("c3", missing=[away("14", "r204")]))
        self.app: FastAPI = create_app(
            self.agent, clock=lambda: self.now, beat_s=0.1, door=self.door
        )

    async def account(self, name: str, role: Role = Role.OFFICE, *rooms: str) -> None:
        """Make an account whose password is `GOOD`."""
        hashed = await self.door.passwords.hashed(GOOD)
        await self.accounts.add(name, role, rooms, hashed, self.now)

    def browser(self, at: str = HTTPS, client: str = ELSEWHERE) -> "Browser":
        """A browser that knows nothing yet."""
        return Browser(self.app, at, LOOPBACK if at == HERE else client)


class Browser:
    """Keeps cookies as a browser does, and fills in forms."""

    def __init__(self, app: FastAPI, at: str, client: str) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(client, 50123))
        self.http = httpx.AsyncClient(transport=transport, base_url=at)
        self.http.headers["accept"] = "text/html"

    async def get(self, path: str, **how: Any) -> httpx.Response:
        return await self.http.get(path, **how)

    async def fill_in(
        self, page: str, fields: dict[str, str], to: str | None = None, **how: Any
    ) -> httpx.Response:
        """Open a page, fill its form in, and send it."""
        shown = (await self.http.get(page)).text
        return await self.http.post(
            to or page.partition("?")[0], data={**hidden_fields(shown), **fields}, **how
        )

    async def sign_in(self, name: str, password: str = GOOD) -> httpx.Response:
        return await self.fill_in("/sign-in", {"name": name, "password": password})


def hidden_fields(html: str) -> dict[str, str]:
    """What the hidden fields of a page hold."""
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', html))


def visit(
    folder: Path,
    action: Callable[[Visit], Coroutine[None, None, None]],
    **settings: Any,
) -> None:
    """Do something with an app whose accounts lie in a folder."""

    async def act() -> None:
        path = folder / FILE_NAME
        prepare(path)
        accounts = await Accounts.open(path)
        try:
            await action(Visit(accounts, DoorSettings(**{"tls_port": 8443, **settings})))
        finally:
            await accounts.close()

    asyncio.run(act())
