"""Which language a page is told in, and whether the other one is whole."""

import re
from gettext import NullTranslations

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from edge.api.app import create_app
from edge.api.words.language import FOLDER, LANGUAGES, gettext, language, preferred, speaking
from tests.api.asking import ask
from tests.api.fake_agent import NOW, FakeAgent, a_cart, away

OTHERS = sorted(set(LANGUAGES) - {"en"})
_PLACES = re.compile(r"%\(\w+\)s|\{\w*\}|</?\w+>")


def said_in_the_code():
    with (FOLDER / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    keywords = {"_": None, "_n": (1, 2), "gettext": None, "ngettext": (1, 2), "Kind": (1,)}
    return {
        message
        for _file, _line, message, _comments, _context in extract_from_dir(
            FOLDER.parents[1], methods, options, keywords
        )
    }


def catalogue(code):
    with (FOLDER / f"{code}.po").open("rb") as file:
        return {tuple(m.id) if m.pluralizable else m.id: m for m in read_po(file, locale=code)}


@pytest.mark.parametrize("code", OTHERS)
def test_everything_the_pages_say_is_translated(code):
    known = catalogue(code)
    wanted = said_in_the_code()
    assert len(wanted) > 100
    assert {m for m in wanted if m not in known} == set(), "run `make words`, then translate"
    for message in wanted:
        translated = known[message].string
        forms = translated if isinstance(translated, tuple) else (translated,)
        assert all(forms) and not known[message].fuzzy, message


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_same_places_for_names_and_numbers(code):
    for message, found in catalogue(code).items():
        texts = (message,) if isinstance(message, str) else message
        forms = found.string if isinstance(found.string, tuple) else (found.string,)
        wanted = set(_PLACES.findall(texts[-1]))
        if wanted:  # the form for one thing may leave its number out
            assert set(_PLACES.findall(forms[-1])) == wanted, message
            assert all(set(_PLACES.findall(form)) <= wanted for form in forms), message


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"),
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("en-US,en;q=0.9,es;q=0.8", "en"),
        ("fr,es;q=0.5", "es"),
        ("fr;q=0.9", "en"),
        ("es;q=0", "en"),
        ("es;q=x,,;", "en"),
    ],
)
def test_the_browser_chooses_among_the_languages_there_are(header, code):
    assert preferred(header) == code


def test_a_language_is_spoken_for_as_long_as_its_context_lasts():
    assert gettext("Carts") == "Carts"
    with speaking("es"):
        assert (language(), gettext("Carts")) == ("es", "Carritos")
    assert gettext("Carts") == NullTranslations().gettext("Carts")


def test_a_choice_by_hand_is_kept_in_a_cookie():
    app = create_app(FakeAgent(a_cart(missing=[away("14", "r204")])), clock=lambda: NOW)
    first = ask(app, "/?lang=es")
    assert '<html lang="es"' in first.text
    assert "No están aquí 1:" in first.text
    cookie = first.headers["set-cookie"]
    assert cookie.startswith("language=es;") and "HttpOnly" in cookie
    kept = ask(app, "/", headers={"cookie": "language=es", "accept-language": "en"})
    assert '<html lang="es"' in kept.text
    assert "set-cookie" not in kept.headers


def test_a_language_that_is_not_there_changes_nothing():
    answer = ask(create_app(FakeAgent()), "/?lang=xx")
    assert '<html lang="en"' in answer.text and "set-cookie" not in answer.headers
