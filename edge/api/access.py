"""Who is asking, and what they may see. Every route names the roles it lets through.

`Identify` finds out once for each request who asks; `Allowed`, a dependency of every route, holds
that against the route's roles. A route without one does not start: see guards.py.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final, Literal

import msgspec
from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from edge.accounts.roles import ALL, SEE_ALL_PLACES, SIGNED_IN, Role
from edge.agent.shown.views import CartView
from edge.api.this_machine import is_this_machine

# Who comes by what: nothing, this machine itself, a session's cookie, a program's token.
By = Literal["nothing", "machine", "session", "token", "bad token"]


class Places(msgspec.Struct, frozen=True):
    """Of which rooms one may see what is where."""

    everywhere: bool = False
    rooms: frozenset[str] = frozenset()

    def of(self, cart: CartView) -> bool:
        """Whether a cart's devices may be told by their places: it is homed or now in such."""
        return self.everywhere or cart.home in self.rooms or cart.room in self.rooms

    def hold(self, room: str) -> bool:
        """Whether a room is one of them."""
        return self.everywhere or room in self.rooms


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """One who asks. `role` is None for whoever is nobody where the board is switched off.

    `account` is there where somebody signed in; `scopes` where a token bounds what is asked;
    `can_sign_in` where signing in is to be had at all.
    """

    role: Role | None
    by: By = "nothing"
    account: str | None = None
    own_rooms: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None
    can_sign_in: bool = False

    @property
    def sees_all(self) -> bool:
        """Whether every place is open."""
        return self.role in SEE_ALL_PLACES

    @property
    def places(self) -> Places:
        """Which places are open."""
        return Places(self.sees_all, self.own_rooms if self.role is Role.TEACHER else frozenset())


BOARD = Viewer(role=Role.BOARD)
MACHINE = Viewer(role=Role.ADMIN, by="machine")

Who = Callable[[HTTPConnection], Awaitable[Viewer]]


async def without_accounts(connection: HTTPConnection) -> Viewer:
    """Where nobody can sign in: this machine may do all, everyone else is the board."""
    return MACHINE if is_this_machine(connection) else BOARD


class Identify:
    """Finds out who asks; plain ASGI, so that streams pass through untouched."""

    def __init__(self, app: ASGIApp, who: Who) -> None:
        self.app = app
        self.who = who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its viewer."""
        if scope["type"] == "http" and not scope["path"].startswith("/static/"):
            connection = HTTPConnection(scope)
            connection.state.who = self.who
            connection.state.viewer = await self.who(connection)
        await self.app(scope, receive, send)


def viewer_of(connection: HTTPConnection) -> Viewer:
    """Tell who asks; the board where nobody found out."""
    return getattr(connection.state, "viewer", BOARD)


async def is_still(connection: HTTPConnection, viewer: Viewer) -> bool:
    """Whether one who was let in would be let in the same way now: a stream lasts for hours."""
    return viewer.by != "session" or await connection.state.who(connection) == viewer


class Allowed:
    """A FastAPI dependency that lets only these roles through; None lets nobodies through too."""

    def __init__(self, *roles: Role | None) -> None:
        self.roles: Final = roles

    async def __call__(self, request: Request) -> Viewer:
        """Return who asks.

        Raises:
            HTTPException: 401 where signing in may help, else 403, with what to do.
        """
        viewer = viewer_of(request)
        if viewer.role not in self.roles:
            raise refusal(viewer)
        if viewer.scopes is not None and not needed_scopes(request) & viewer.scopes:
            raise HTTPException(403, "This is not within the scopes of this token.")
        if viewer.by in ("machine", "session") and _comes_from_elsewhere(request):
            raise HTTPException(403, "This was sent by a page from elsewhere; it is not done.")
        return viewer


def needed_scopes(request: Request) -> set[str]:
    """Which scopes of a token open this route, each by itself; a page opens to none."""
    what = "read" if request.method in ("GET", "HEAD") else "write"
    return {f"{tag}:{what}" for tag in request.scope["route"].tags}


def refusal(viewer: Viewer) -> HTTPException:
    """Say no, and what would help."""
    if viewer.by == "bad token":
        said = "This token is not good: unknown, too old, or sent without HTTPS."
        return HTTPException(401, said, {"www-authenticate": 'Bearer error="invalid_token"'})
    if viewer.account is not None:
        return HTTPException(403, f"This is not for the role of this account ({viewer.role}).")
    if viewer.can_sign_in:
        return HTTPException(401, "Sign in to see this.", {"www-authenticate": "Bearer"})
    return HTTPException(
        403, "This is not for the public board; ask from the machine Rollcall runs on."
    )


public = Allowed(None, *ALL)  # also where the board is switched off
counts = Allowed(*ALL)
signed_in = Allowed(*SIGNED_IN)
sees_all = Allowed(*SEE_ALL_PLACES)
manages = Allowed(Role.ADMIN)
lends = Allowed(Role.OFFICE, Role.ADMIN)
sees_loans = Allowed(Role.OFFICE, Role.AUDITOR, Role.ADMIN)
keeps_desk = Allowed(Role.OFFICE, Role.TECH, Role.ADMIN)
keeps_gateways = Allowed(Role.TECH, Role.ADMIN)
keeps_tags = keeps_gateways
sees_to_alerts = Allowed(Role.OFFICE, Role.TECH, Role.ADMIN)

PublicViewer = Annotated[Viewer, Depends(public)]
AnyViewer = Annotated[Viewer, Depends(counts)]
SignedIn = Annotated[Viewer, Depends(signed_in)]
FullViewer = Annotated[Viewer, Depends(sees_all)]
GatewayKeeper = Annotated[Viewer, Depends(keeps_gateways)]
DeskKeeper = Annotated[Viewer, Depends(keeps_desk)]
AccountKeeper = Annotated[Viewer, Depends(manages)]
AlertKeeper = Annotated[Viewer, Depends(sees_to_alerts)]


def _comes_from_elsewhere(request: Request) -> bool:
    """Tell whether a browser sends something that changes, for a page that is not ours."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return False
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site not in ("same-origin", "none"):
        return True
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")
