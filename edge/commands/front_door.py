"""The page of a running agent: its accounts, the first admin's link, its certificate, served."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from edge.commands.failure import Failure

if TYPE_CHECKING:
    from edge.accounts.single_sign_on import SingleSignOn
    from edge.accounts.store import Accounts
    from edge.api.door import Door
    from edge.api.ports import Agent
    from edge.api.server import PageServer, Tls
    from edge.contracts.settings import AgentSettings

FIRST = "admin"


class Page:
    """The page with all that belongs to it. `start` it once; `stop` may be called again."""

    def __init__(self) -> None:
        self._accounts: Accounts | None = None
        self._server: PageServer | None = None

    async def start(self, agent: Agent, settings: AgentSettings) -> None:
        """Open the accounts and serve.

        Raises:
            CannotListen, Failure: it cannot be served; the text says what to do.
        """
        from edge.accounts.store import Accounts
        from edge.agent.storage.database import AGENT_WAITS_S, FILE_NAME
        from edge.api.app import create_app
        from edge.api.server import PageServer

        tls = make_tls(settings, agent.school.name)
        self._accounts = await Accounts.open(settings.data / FILE_NAME, AGENT_WAITS_S)
        app = create_app(agent, door=await open_door(settings, self._accounts), data=settings.data)
        self._server = PageServer(app, settings.http.host, settings.http.port, tls)
        await self._server.start()

    async def stop(self) -> None:
        """End what is served, then let the accounts go."""
        if self._server is not None:
            await self._server.stop()
        if self._accounts is not None:
            await self._accounts.close()
            self._accounts = None


async def open_door(settings: AgentSettings, accounts: Accounts) -> Door:
    """Return the door to these accounts; where nobody can sign in yet, print the admin's link."""
    from edge.agent.storage.database import DatabaseError
    from edge.api.door import Door, DoorSettings

    http = settings.http
    door = Door(
        accounts,
        DoorSettings(
            board=http.board,
            tls_port=http.tls_port if http.serves_tls else None,
            public_url=http.public_url,
        ),
        single_sign_on=_single_sign_on(settings),
    )
    try:
        link = await _first_link(accounts, door, address_of_page(settings))
    except DatabaseError as error:
        raise Failure(str(error)) from error
    if link is not None:
        print(f"Nobody can sign in yet. Choose the password of {FIRST!r}, within 24 hours:")
        print(f"  {link}", flush=True)
    return door


def make_tls(settings: AgentSettings, school: str) -> Tls | None:
    """Return port and certificate for HTTPS where it is to be served, else None.

    Raises:
        Failure: the certificate cannot be made.
    """
    from edge.api.server import Tls
    from edge.provision.authority import AuthorityError
    from edge.provision.web import own_names, page_certificate

    http = settings.http
    if not http.serves_tls:
        return None
    try:
        names = own_names(http.host, http.public_url)
        made = page_certificate(settings.data, school, names)
    except AuthorityError as error:
        raise Failure(str(error)) from error
    return Tls(port=http.tls_port, certificate=made.certificate, key=made.key)


def address_of_page(settings: AgentSettings) -> str:
    """Return where one signs in, without the last slash."""
    http = settings.http
    if http.public_url:
        return http.public_url.rstrip("/")
    host = "rollcall.local" if http.host in ("0.0.0.0", "::") else http.host
    named = f"[{host}]" if ":" in host else host
    if http.on_loopback:
        return f"http://{named}:{http.port}"
    return f"https://{named}:{http.tls_port}"


def _single_sign_on(settings: AgentSettings) -> SingleSignOn | None:
    asked = settings.single_sign_on
    if asked is None:
        return None
    from edge.accounts.provider import GOOGLE, MICROSOFT, Provider
    from edge.accounts.single_sign_on import SingleSignOn

    try:
        secret = asked.client_secret_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Failure(f"{asked.client_secret_file}: {error.strerror}") from error
    issuers = {"google": GOOGLE, "microsoft": MICROSOFT.format(tenant=asked.tenant)}
    names = {"google": "Google", "microsoft": "Microsoft"}
    provider = Provider(
        name=names.get(asked.provider, asked.domain),
        issuer=issuers.get(asked.provider, asked.provider.rstrip("/")),
        client_id=asked.client_id,
        client_secret=secret,
        domain=asked.domain,
        tenant=asked.tenant if asked.provider == "microsoft" else "",
    )
    return SingleSignOn(provider, settings.http.public_url.rstrip("/") + "/sign-in/back")


async def _first_link(accounts: Accounts, door: Door, address: str) -> str | None:
    from edge.accounts.roles import Role

    if await accounts.is_claimed():
        return None
    now = time.time()
    if await accounts.find(FIRST) is None:
        await accounts.add(FIRST, Role.ADMIN, [], None, now)
    return f"{address}/welcome?key={await door.invitations.make(FIRST, now)}"
