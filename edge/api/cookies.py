"""The two cookies: a session's, and the one that ties a form to the browser it was sent to.

Over HTTPS both are `__Host-`: no other host and no plain connection can set or read them. Plain
HTTP has them on this machine alone, under other names, since a browser keeps no ports apart.
"""

from starlette.requests import HTTPConnection
from starlette.responses import Response

SESSION, FORM = "session", "form"


def read_cookie(connection: HTTPConnection, kind: str) -> str | None:
    """Return what the browser keeps, or None."""
    return connection.cookies.get(_name(connection, kind))


def set_cookie(response: Response, connection: HTTPConnection, kind: str, value: str) -> None:
    """Let the browser keep it until it is closed; no script can read it."""
    response.set_cookie(
        _name(connection, kind),
        value,
        path="/",
        secure=_is_secure(connection),
        httponly=True,
        samesite="lax",  # strict would show a link in a message as the board
    )


def drop_cookie(response: Response, connection: HTTPConnection, kind: str) -> None:
    """Let the browser forget it."""
    name = _name(connection, kind)
    response.delete_cookie(name, path="/", secure=_is_secure(connection), httponly=True)


def _name(connection: HTTPConnection, kind: str) -> str:
    return f"__Host-{kind}" if _is_secure(connection) else kind


def _is_secure(connection: HTTPConnection) -> bool:
    return connection.url.scheme == "https"
