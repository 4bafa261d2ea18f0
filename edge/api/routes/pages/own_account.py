"""`/account`: whoever is signed in changes the own password."""

from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from edge.accounts.passwords import LONGEST, SHORTEST, WeakPassword, check_password
from edge.accounts.sign_in import LockedOut, WrongPassword
from edge.accounts.store import Account
from edge.agent.storage.database import DatabaseError
from edge.api.access import SignedIn, Viewer
from edge.api.cookies import SESSION, set_cookie
from edge.api.forms import CheckedForm, page_with_form
from edge.api.routes.pages.sign_in import NOT_WRITTEN, door_of
from edge.api.words import accounts as words
from edge.api.words import signing_in
from edge.api.words.commanding import Told

log = structlog.get_logger()
router = APIRouter()

Changed = Annotated[Literal["yes"] | None, Query(description="The password was changed just now.")]


@router.get("/account")
async def own_account_page(
    request: Request, viewer: SignedIn, changed: Changed = None
) -> HTMLResponse:
    """Say who one is here, and ask for another password."""
    told = words.password_changed() if changed else None
    return _shown(request, await _own(request, viewer), told=told)


@router.post("/account")
async def change_password(request: Request, viewer: SignedIn, form: CheckedForm) -> Response:
    """Take another password from who knows the present one; only this browser stays signed in."""
    door, account = door_of(request), await _own(request, viewer)
    address = request.client.host if request.client else ""
    try:
        await door.sign_in.verify(account.name, form["present"], address)
    except WrongPassword:
        return _shown(request, account, said=words.wrong_password(), status=403)
    except LockedOut as locked:
        return _shown(request, account, said=signing_in.locked(locked.wait_s), status=429)
    if form["password"] != form["again"]:
        return _shown(request, account, said=signing_in.differ(), status=422)
    try:
        check_password(form["password"], account.name)
    except WeakPassword:
        said = signing_in.weak(SHORTEST, LONGEST)
        return _shown(request, account, said=said, status=422)
    hashed = await door.passwords.hashed(form["password"])
    try:
        await door.accounts.set_password(account.name, hashed)
        secret = await door.sessions.begin(account.name, request.app.state.clock())
    except DatabaseError as error:
        raise HTTPException(503, NOT_WRITTEN) from error
    log.info("account", did="password", account=account.name, by=account.name)
    response = RedirectResponse("/account?changed=yes", 303)
    set_cookie(response, request, SESSION, secret)
    return response


async def _own(request: Request, viewer: Viewer) -> Account:
    found = await door_of(request).accounts.find(viewer.account) if viewer.account else None
    if found is None:
        raise HTTPException(404, "Nobody is signed in here: this machine may do all.")
    return found


def _shown(
    request: Request,
    account: Account,
    *,
    told: Told | None = None,
    said: str = "",
    status: int = 200,
) -> HTMLResponse:
    context: dict[str, object] = {
        "one": account,
        "role": words.role_name(account.role),
        "no_password": words.no_password(),
        "shortest": SHORTEST,
        "told": told,
        "said": said,
    }
    return page_with_form(request, "own_account.html", context, status=status)
