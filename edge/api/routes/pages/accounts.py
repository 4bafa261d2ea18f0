"""`/accounts` and `/accounts/NAME`: who may come in, as what, and with which tokens; for admins."""

import re

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from edge.accounts.roles import SIGNED_IN, Role
from edge.accounts.store import Account, AccountError
from edge.accounts.tokens import MOST_DAYS, SCOPES
from edge.agent.storage.database import DatabaseError
from edge.api.access import AccountKeeper, Viewer
from edge.api.door import Door
from edge.api.forms import CheckedForm, Form, page_with_form
from edge.api.routes.pages.sign_in import NOT_WRITTEN, door_of
from edge.api.words import accounts as words
from edge.api.words.commanding import Told
from edge.api.words.times import moment

log = structlog.get_logger()
router = APIRouter()

YEAR_DAYS = 365

_DAYS = re.compile("[0-9]{1,5}")


@router.get("/accounts")
async def accounts_page(request: Request, viewer: AccountKeeper) -> HTMLResponse:
    """Every account, and the form for another one."""
    return await _listed(request)


@router.post("/accounts")
async def add_account(request: Request, viewer: AccountKeeper, form: CheckedForm) -> HTMLResponse:
    """Make an account without a password, and show the link with which its owner chooses one."""
    door, now = door_of(request), request.app.state.clock()
    try:
        role, rooms = _role(request, form)
        account = await door.accounts.add(form["name"], role, rooms, None, now)
        told = words.link_made(account.name, await _link(request, door, account.name))
    except AccountError as error:
        return await _listed(request, words.refused(error, form["name"]), form, status=409)
    except DatabaseError as error:
        raise HTTPException(503, NOT_WRITTEN) from error
    log.info("account", did="add", account=account.name, role=role.value, by=_name_of(viewer))
    return await _listed(request, told, status=201)


@router.get("/accounts/{account}")
async def account_page(account: str, request: Request, viewer: AccountKeeper) -> HTMLResponse:
    """One account, and what can be done with it."""
    return await _one(request, await _find(request, account))


@router.post("/accounts/{account}")
async def change_account(
    account: str, request: Request, viewer: AccountKeeper, form: CheckedForm
) -> HTMLResponse:
    """Do what a form says, and show the same page with what came of it."""
    found = await _find(request, account)
    try:
        told = await _do(request, found.name, form)
    except AccountError as error:
        told = words.refused(error, found.name)
        return await _one(request, found, told, status=409)
    except DatabaseError as error:
        raise HTTPException(503, NOT_WRITTEN) from error
    log.info("account", did=form["do"], account=found.name, by=_name_of(viewer))
    return await _one(request, await _find(request, account), told)


async def _do(request: Request, name: str, form: Form) -> Told:
    door, now, what = door_of(request), request.app.state.clock(), form["do"]
    if what == "role":
        role, rooms = _role(request, form)
        await door.accounts.set_role(name, role, rooms)
    elif what == "lock":
        await door.accounts.disable(name, now, keep_an_admin=True)
    elif what == "unlock":
        await door.accounts.enable(name)
    elif what == "end":
        await door.sessions.end_all_of(name)
    elif what == "link":
        return words.link_made(name, await _link(request, door, name))
    elif what == "token":
        days = int(form["days"]) if _DAYS.fullmatch(form["days"]) else 0
        token, secret = await door.tokens.make(name, form.all("scope"), days, now)
        return words.token_made(token.id, name, secret)
    elif what == "revoke":
        await door.tokens.revoke(form["token"])
    else:
        raise HTTPException(422, "do: role, lock, unlock, end, link, token or revoke.")
    return words.done(what, name)


def _role(request: Request, form: Form) -> tuple[Role, set[str]]:
    """Which role a form gives, and of a teacher which rooms; others have none of their own."""
    if form["role"] not in SIGNED_IN:
        raise HTTPException(422, f"role: one of {', '.join(SIGNED_IN)}.")
    role = Role(form["role"])
    known = request.app.state.agent.school.rooms.keys()
    return role, set(form.all("room")) & known if role is Role.TEACHER else set()


async def _link(request: Request, door: Door, account: str) -> str:
    secret = await door.invitations.make(account, request.app.state.clock())
    path = f"/welcome?key={secret}"
    here = f"{request.url.scheme}://{request.url.netloc}{path}"
    return door.https_address(request, path) or here


async def _find(request: Request, name: str) -> Account:
    found = await door_of(request).accounts.find(name)
    if found is None:
        raise HTTPException(404, f'There is no account "{name}".')
    return found


def _name_of(viewer: Viewer) -> str:
    return viewer.account or viewer.by


async def _listed(
    request: Request, told: Told | None = None, form: Form | None = None, status: int = 200
) -> HTMLResponse:
    context: dict[str, object] = {
        "accounts": await door_of(request).accounts.all(),
        "typed": form["name"] if form else "",
        "told": told,
        **_words(request),
    }
    return page_with_form(request, "accounts.html", context, status=status)


async def _one(
    request: Request, account: Account, told: Told | None = None, status: int = 200
) -> HTMLResponse:
    door, now, zone = (
        door_of(request),
        request.app.state.clock(),
        request.app.state.agent.school.zone,
    )
    tokens = [token for token in await door.tokens.all() if token.account == account.name]
    context: dict[str, object] = {
        "one": account,
        "sessions": await door.sessions.open_of(account.name, now),
        "tokens": tokens,
        "moment": lambda t: moment(t, now, zone),
        "scopes": SCOPES,
        "year": YEAR_DAYS,
        "most_days": MOST_DAYS,
        "told": told,
        **_words(request),
    }
    return page_with_form(request, "account.html", context, status=status)


def _words(request: Request) -> dict[str, object]:
    return {
        "roles": words.roles(),
        "role_name": words.role_name,
        "state": words.state,
        "rooms": list(request.app.state.agent.school.rooms.values()),
    }
