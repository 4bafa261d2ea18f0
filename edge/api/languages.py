"""Chooses the language of each request, and keeps a choice made by hand in a cookie."""

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.api.preferences import LANGUAGE, kept_cookie, preferences
from edge.api.words.language import LANGUAGES, preferred, speaking


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
        code = by_hand or preferences(asked).language

        async def send_with_choice(message: Message) -> None:
            if message["type"] == "http.response.start" and by_hand is not None:
                cookie = kept_cookie(LANGUAGE, by_hand)
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        with speaking(code or preferred(asked.headers.get("accept-language", ""))):
            await self.app(scope, receive, send_with_choice)
