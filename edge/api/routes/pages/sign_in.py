"""`/sign-in`, `/sign-out`, and `/welcome`, where the owner of an account chooses its password."""

import re
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from edge.accounts.passwords import LONGEST, SHORTEST, WeakPassword, check_password
from edge.accounts.sign_in import LockedOut, WrongPassword
from edge.accounts.store import AccountError
from edge.agent.storage.database import DatabaseError
from edge.api.access import PublicViewer
from edge.api.cookies import FORM, SESSION, drop_cookie, read_cookie, set_cookie
from edge.api.door import Door, takes_secrets
from edge.api.forms import CheckedForm, page_with_form
from edge.api.words import signing_in

router = APIRouter()

Next = Annotated[str, Query(max_length=500, description="The page to go on to.")]
Key = Annotated[str, Query(max_length=100, description="What stands in the one-time link.")]

_OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
NOT_WRITTEN = "Nobody can sign in for the moment: the database cannot be written."


@router.get("/sign-in")
async def sign_in_page(request: Request, viewer: PublicViewer, next: Next = "/") -> Response:  # noqa: A002
    """Ask for name and password; over plain HTTP from elsewhere, send to where that is safe."""
    door = door_of(request)
    if not takes_secrets(request):
        query = f"?{request.url.query}" if request.url.query else ""
        there = door.https_address(request, f"/sign-in{query}")
        if there is None:
            raise HTTPException(403, "Signing in needs HTTPS, which is not served here.")
        return RedirectResponse(there, 307)
    return sign_in_form(request, next)


@router.post("/sign-in")
async def sign_in(request: Request, viewer: PublicViewer, form: CheckedForm) -> Response:
    """Open a session, or say why not."""
    door = _safe_door(request)
    address = request.client.host if request.client else ""
    try:
        secret = await door.sign_in.with_password(form["name"], form["password"], address)
    except WrongPassword:
        return sign_in_form(
            request, form["next"], signing_in.wrong(), name=form["name"], status=403
        )
    except LockedOut as locked:
        wait = {"retry-after": str(round(locked.wait_s) + 1)}
        said = signing_in.locked(locked.wait_s)
        return sign_in_form(
            request, form["next"], said, name=form["name"], status=429, headers=wait
        )
    except DatabaseError as error:
        raise HTTPException(503, NOT_WRITTEN) from error
    return enter(request, secret, form["next"])


@router.post("/sign-out")
async def sign_out(request: Request, viewer: PublicViewer, form: CheckedForm) -> Response:
    """Close the session."""
    door, secret = door_of(request), read_cookie(request, SESSION)
    if secret is not None:
        try:
            await door.sessions.end(secret)
        except DatabaseError as error:
            raise HTTPException(503, NOT_WRITTEN) from error
    response = RedirectResponse("/", 303)
    drop_cookie(response, request, SESSION)
    return response


@router.get("/welcome")
async def welcome_page(request: Request, viewer: PublicViewer, key: Key = "") -> HTMLResponse:
    """Ask the owner of an account for its password."""
    return await _welcome(request, key)


@router.post("/welcome")
async def welcome(request: Request, viewer: PublicViewer, form: CheckedForm) -> Response:
    """Take the password, void the link, and open a session."""
    door, now = _safe_door(request), request.app.state.clock()
    account = await door.invitations.find(form["key"], now)
    if account is None:
        return await _welcome(request, form["key"])
    if form["password"] != form["again"]:
        return await _welcome(request, form["key"], signing_in.differ())
    try:
        check_password(form["password"], account)
    except WeakPassword:
        return await _welcome(request, form["key"], signing_in.weak(SHORTEST, LONGEST))
    hashed = await door.passwords.hashed(form["password"])
    try:
        account = await door.invitations.use(form["key"], hashed, now)
        secret = await door.sessions.begin(account, now)
    except AccountError:
        return await _welcome(request, form["key"])
    except DatabaseError as error:
        raise HTTPException(503, NOT_WRITTEN) from error
    return enter(request, secret, "/")


async def _welcome(request: Request, key: str, said: str = "") -> HTMLResponse:
    account = await _safe_door(request).invitations.find(key, request.app.state.clock())
    context: dict[str, object] = {"key": key, "account": account, "said": said}
    context["shortest"] = SHORTEST
    status = 404 if account is None else 422 if said else 200
    return page_with_form(request, "welcome.html", context, status=status)


def sign_in_form(
    request: Request,
    on_to: str,
    said: str = "",
    *,
    name: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> HTMLResponse:
    """The page to sign in at, with what is to be said."""
    context: dict[str, object] = {"next": own_path(on_to), "said": said, "name": name[:64]}
    single = door_of(request).single_sign_on
    context["provider"] = single.provider.name if single else ""
    return page_with_form(request, "sign_in.html", context, status=status, headers=headers)


def enter(request: Request, secret: str, on_to: str) -> Response:
    """Let a session in: its cookie, and on to a page."""
    response = RedirectResponse(own_path(on_to), 303)
    set_cookie(response, request, SESSION, secret)
    drop_cookie(response, request, FORM)
    return response


def own_path(path: str) -> str:
    """Return the path if it is one of this server's: nobody is sent elsewhere from here."""
    return path if _OWN_PATH.fullmatch(path) else "/"


def door_of(request: Request) -> Door:
    """The door, where there are accounts; else HTTPException 404."""
    door: Door | None = request.app.state.door
    if door is None:
        raise HTTPException(404, "Nobody can sign in here: there are no accounts.")
    return door


def _safe_door(request: Request) -> Door:
    """The door, for what holds a secret.

    Raises:
        HTTPException: 403 where somebody on the way could read it.
    """
    if not takes_secrets(request):
        raise HTTPException(403, "A password is taken over HTTPS only; this one was sent openly.")
    return door_of(request)
