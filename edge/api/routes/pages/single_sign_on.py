"""`/sign-in/with` and `/sign-in/back`: to the school's Google or Microsoft account, and back."""

from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from edge.accounts.provider import NotBelieved, ProviderAway
from edge.accounts.secret import new_secret
from edge.agent.storage.database import DatabaseError
from edge.api.access import PublicViewer
from edge.api.cookies import FORM, set_cookie
from edge.api.form_tokens import browsers_secret
from edge.api.routes.pages.sign_in import (
    NOT_WRITTEN,
    Next,
    door_of,
    enter,
    own_path,
    sign_in_form,
)
from edge.api.words import signing_in

if TYPE_CHECKING:
    from edge.accounts.single_sign_on import SingleSignOn

router = APIRouter()

_log = structlog.get_logger()

Word = Annotated[str, Query(max_length=4000)]


@router.get("/sign-in/with")
async def leave(request: Request, viewer: PublicViewer, next: Next = "/") -> Response:  # noqa: A002
    """Send the browser to the provider; at the school's https name, since it comes back there."""
    single = _single(request)
    door, on_to = door_of(request), own_path(next)
    start = door.public_address("/sign-in/with")
    if not start.startswith(f"{request.url.scheme}://{request.headers.get('host', '')}/"):
        return RedirectResponse(f"{start}?{urlencode({'next': on_to})}", 303)
    secret = browsers_secret(request)
    known, secret = secret is not None, secret or new_secret()
    try:
        there = await single.leave(secret, on_to)
    except ProviderAway as error:
        return _away(request, on_to, error)
    response = RedirectResponse(there, 303)
    if not known:
        set_cookie(response, request, FORM, secret)
    return response


@router.get("/sign-in/back")
async def come_back(
    request: Request, viewer: PublicViewer, state: Word = "", code: Word = ""
) -> Response:
    """Believe what the provider says, or not; open a session where there is an account."""
    single, door = _single(request), door_of(request)
    secret = browsers_secret(request)
    try:
        if secret is None:
            raise NotBelieved("this browser never left")
        name, on_to = await single.come_back(secret, state, code)
    except NotBelieved as refused:
        _log.warning("single-sign-on refused", reason=str(refused))
        said = signing_in.not_believed(single.provider.name, single.provider.domain)
        return sign_in_form(request, "/", said, status=403)
    except ProviderAway as error:
        return _away(request, "/", error)
    account = await door.accounts.find(name)
    if account is None or account.disabled is not None:
        return sign_in_form(request, "/", signing_in.no_account(name), status=403)
    try:
        session = await door.sessions.begin(account.name, request.app.state.clock())
    except DatabaseError as error:
        raise HTTPException(503, NOT_WRITTEN) from error
    return enter(request, session, on_to)


def _away(request: Request, on_to: str, error: ProviderAway) -> Response:
    single = _single(request)
    _log.warning("single-sign-on provider away", reason=str(error))
    return sign_in_form(request, on_to, signing_in.away(single.provider.name), status=503)


def _single(request: Request) -> "SingleSignOn":
    single = door_of(request).single_sign_on
    if single is None:
        raise HTTPException(404, "Nobody signs in with another account here.")
    return single
