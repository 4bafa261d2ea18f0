"""What somebody likes the pages to be: kept in this browser's cookies, for a year."""

from http.cookies import SimpleCookie
from typing import Literal, get_args

import msgspec
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from edge.api.words.language import LANGUAGES

Colours = Literal["light", "dark"]
Text = Literal["large"]

LANGUAGE = "language"
COLOURS = "colours"
TEXT = "text"
_YEAR_S = 365 * 86_400


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """None: as browser and device have it."""

    language: str | None = None
    colours: Colours | None = None
    text: Text | None = None


def preferences(connection: HTTPConnection) -> Preferences:
    """Read what a browser keeps; what is not known is as if it were not there."""
    kept = connection.cookies
    return chosen(kept.get(LANGUAGE), kept.get(COLOURS), kept.get(TEXT))


def chosen(language: str | None, colours: str | None, text: str | None) -> Preferences:
    """Return preferences by their names; a name that is not known is none."""
    return Preferences(
        language=language if language in LANGUAGES else None,
        colours=colours if colours in get_args(Colours) else None,  # type: ignore[arg-type]
        text=text if text in get_args(Text) else None,  # type: ignore[arg-type]
    )


def keep(headers: MutableHeaders, preferences: Preferences) -> None:
    """Let the browser keep them, and forget what is not set."""
    for name, value in msgspec.structs.asdict(preferences).items():
        headers.append("set-cookie", kept_cookie(name, value))


def kept_cookie(name: str, value: str | None) -> str:
    """Return the header that keeps a choice for a year, or drops it; no script can read it."""
    cookie: SimpleCookie = SimpleCookie({name: value or ""})
    how = {"path": "/", "max-age": str(_YEAR_S if value else 0), "samesite": "lax"}
    for key, said in (how | {"httponly": "true"}).items():
        cookie[name][key] = said
    return cookie[name].OutputString()
