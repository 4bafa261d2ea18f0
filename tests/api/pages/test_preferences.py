"""What somebody likes the pages to be holds from then on, in that browser."""

import pytest

from edge.accounts.roles import Role
from edge.api.app import create_app
from tests.api.asking import ask
from tests.api.fake_agent import NOW, FakeAgent
from tests.api.visiting import HERE, Browser
from tests.api.who import a_viewer, always

DARK = '<link rel="stylesheet" href="/static/dark.css"'


@pytest.mark.anyio
async def test_what_is_chosen_holds_on_every_page_and_can_be_taken_back():
    browser = Browser(create_app(FakeAgent(), who=always(a_viewer(Role.BOARD))), HERE, "127.0.0.1")
    before = (await browser.get("/")).text
    assert f'{DARK} media="(prefers-color-scheme: dark)">' in before and "data-text" not in before

    chosen = {"language": "es", "colours": "dark", "text": "large"}
    answer = await browser.fill_in("/preferences", chosen)
    assert (answer.status_code, answer.headers["location"]) == (303, "/preferences?kept")
    assert all("HttpOnly" in cookie for cookie in answer.headers.get_list("set-cookie"))
    after = (await browser.get("/")).text
    assert '<html lang="es"' in after and 'data-text="large"' in after and f"{DARK}>" in after
    shown = (await browser.get("/preferences?kept")).text
    assert "Se guardó en este navegador." in shown and shown.count(" checked") == 3

    await browser.fill_in("/preferences", {"language": "", "colours": "light", "text": ""})
    after = (await browser.get("/")).text
    assert '<html lang="en"' in after and "data-text" not in after and DARK not in after


def test_an_odd_choice_is_none():
    cookie = {"cookie": 'language=xx; colours="><b>; text=huge'}
    html = ask(create_app(FakeAgent(), clock=lambda: NOW), "/", headers=cookie).text
    assert '<html lang="en"' in html and "<b>" not in html and "huge" not in html
