"""The token of a form: worked out of a secret that the browser keeps and no other page can read."""

from hashlib import blake2b

from starlette.requests import HTTPConnection

from edge.accounts.secret import new_secret
from edge.api.cookies import FORM, SESSION, read_cookie

__all__ = ["browsers_secret", "form_token", "form_token_of", "new_secret"]


def browsers_secret(connection: HTTPConnection) -> str | None:
    """Return the session's secret, or before that the one made for forms."""
    return read_cookie(connection, SESSION) or read_cookie(connection, FORM)


def form_token(secret: str) -> str:
    """Return the token of a browser with this secret."""
    return blake2b(secret.encode(), digest_size=24, person=b"rollcall-form").hexdigest()


def form_token_of(connection: HTTPConnection) -> str:
    """Return the token for this browser's forms; "" where it keeps no secret yet."""
    secret = browsers_secret(connection)
    return form_token(secret) if secret else ""
