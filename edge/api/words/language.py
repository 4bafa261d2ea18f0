"""The language a page is told in: English stands in the code, others in catalogues of `locale/`.

A request speaks one language from its first word to its last: the `lang` of its address if it has
one (kept in a cookie from then on), else the cookie's, else what its browser prefers.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = {"en": "English", "es": "Español"}
DEFAULT = "en"

FOLDER = Path(__file__).resolve().parents[1] / "locale"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT)


def language() -> str:
    """Return the code of the language spoken now."""
    return _language.get()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language of `LANGUAGES` for as long as the context lasts, in this task alone."""
    before = _language.set(code)
    try:
        yield
    finally:
        _language.reset(before)


def gettext(text: str) -> str:
    """Return a text in the language spoken now."""
    return _translations(_language.get()).gettext(text)


def ngettext(one: str, many: str, n: int) -> str:
    """Return the form of a text for `n` things, in the language spoken now."""
    return _translations(_language.get()).ngettext(one, many, n)


def preferred(accept_language: str) -> str:
    """Choose by an `Accept-Language` header (RFC 9110, 12.5.4); `DEFAULT` if nothing fits."""
    wanted: list[tuple[float, str]] = []
    for part in accept_language.split(","):
        tag, _, weight = part.partition(";")
        code = tag.strip().lower().partition("-")[0]
        if code in LANGUAGES:
            wanted.append((_weight(weight), code))
    best = max(wanted, key=lambda one: one[0], default=(0.0, DEFAULT))
    return best[1] if best[0] > 0 else DEFAULT


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


@cache
def _translations(code: str) -> NullTranslations:
    if code == DEFAULT:
        return NullTranslations()
    with (FOLDER / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    packed = io.BytesIO()
    write_mo(packed, catalogue)
    packed.seek(0)
    return GNUTranslations(packed)
