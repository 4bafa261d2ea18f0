"""Chooses the language of each request, and keeps a choice made by hand in a cookie."""

from http.cookies import SimpleCookie

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.api.words.language import LANGUAGES, preferred, speaking

COOKIE = "language"
_YEAR_S = 365 * 86_400
_HOW_KEPT = {"path": "/", "max-age": str(_YEAR_S), "samesite": "lax", "httponly": "true"}


class Languages:
    """Lets a request be answered in its language; plain ASGI, so that streams pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on in its language."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        by_hand = asked.query_params.get("lang")
        if by_hand not in LANGUAGES:
            by_hand = None
        kept = asked.cookies.get(COOKIE)
        code = by_hand or (kept if kept in LANGUAGES else None)

        async def send_with_choice(message: Message) -> None:
            if message["type"] == "http.response.start" and by_hand is not None:
                MutableHeaders(scope=message).append("set-cookie", _cookie(by_hand))
            await send(message)

        with speaking(code or preferred(asked.headers.get("accept-language", ""))):
            await self.app(scope, receive, send_with_choice)


def _cookie(code: str) -> str:
    cookie: SimpleCookie = SimpleCookie({COOKIE: code})
    for name, value in _HOW_KEPT.items():
        cookie[COOKIE][name] = value
    return cookie[COOKIE].OutputString()
