"""The cart page in a real browser: live, honest when news stays out, and usable by everyone."""

import time

import pytest
from playwright.sync_api import Browser, Page, expect

from edge.api.app import create_app
from edge.api.words.times import age, age_words
from tests.api.fake_agent import FakeAgent, a_cart, away, unreadable
from tests.api.serving import Served
from tests.support.waiting import wait_for

BEAT_S = 0.4  # instead of 15 s, so that missing two of them does not take half a minute
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}


@pytest.fixture
def agent():
    now = time.time()
    return FakeAgent(
        a_cart("c1", updated=now),
        a_cart("c2", missing=[away("14", "r204"), away("7", "r204")], updated=now),
        unreadable("c3", updated=now - 1200),
    )


@pytest.fixture
def served(agent):
    with Served(create_app(agent, beat_s=BEAT_S)) as running:
        yield running


@pytest.fixture
def page(browser: Browser):
    """A phone's page that may not fail in silence."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Policy" in said.text else None)
    yield page
    context.close()
    assert not wrong


def listening(page: Page, served: Served) -> None:
    """Open the page and wait until its stream has begun."""
    with page.expect_response("**/live/carts"):
        page.goto(served.url)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP, {"width": 320, "height": 640}])
def test_the_page_fits_every_window_in_both_themes(browser, served, size, scheme):
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        page = context.new_page()
        listening(page, served)
        expect(page.locator("#cart-c2 .count")).to_have_text("28 of 30")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width == size["width"], "nothing sticks out to the side"
        big = page.locator("#cart-c2 .count .here").bounding_box()
        assert big["height"] >= 64, "the count is the largest thing on the card"
        ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert (ground == "rgb(14, 20, 19)") == (scheme == "dark")


def test_without_scripts_everything_is_there(browser, served):
    with browser.new_context(viewport=PHONE, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(served.url)
        expect(page.locator("#cart-c1 .count")).to_have_text("30 of 30")
        expect(page.locator("#cart-c3")).to_contain_text("Cannot be read")
        expect(page.locator("#banner")).to_be_hidden()
        assert page.locator("noscript meta").count() == 1


def test_a_change_of_the_ledger_is_seen_within_a_second(agent, page, served):
    listening(page, served)
    page.evaluate("window.card = document.getElementById('cart-c1')")
    served.do(lambda: agent.change(a_cart("c1", missing=[away("22", "r204")])))
    expect(page.locator("#cart-c1 .count")).to_have_text("29 of 30", timeout=1000)
    expect(page.locator("#cart-c1 .sentence")).to_contain_text("22, last seen in Room 204")
    expect(page.locator("#summary")).to_contain_text("0 of 3 carts complete, 3 devices not here")
    same = "document.getElementById('cart-c1') === window.card"
    assert page.evaluate(same), "patched in place, not drawn anew"


def test_focus_stays_where_it_is_when_news_comes(agent, page, served):
    listening(page, served)
    link = page.get_by_role("link", name="Gateways")
    link.focus()
    served.do(lambda: agent.change(a_cart("c1", missing=[away("22")])))
    expect(page.locator("#cart-c1 .count")).to_have_text("29 of 30")
    expect(link).to_be_focused()


def seconds_of(words: str) -> int:
    """From "updated 2 s ago"."""
    return int(words.removeprefix("updated ").removesuffix(" s ago"))


def test_the_age_counts_by_itself(page, served):
    listening(page, served)
    age = page.locator("#cart-c1 .age")
    first = seconds_of(age.inner_text())
    wait_for(lambda: seconds_of(age.inner_text()) >= first + 2, 20, "two seconds more")


def test_the_browser_says_an_age_as_the_server_does(page, served):
    page.goto(served.url)
    seconds = [-1, 0, 59.9, 60, 3599, 3600, 86399, 86400, 200_000]
    said = page.evaluate(
        """async ([seconds, words]) => {
            const { inWords } = await import("/static/ages.js");
            return seconds.map((s) => inWords(s, words));
        }""",
        [seconds, age_words()],
    )
    assert said == [age(s) for s in seconds]


def test_news_that_stays_out_is_told_and_greyed_until_it_comes_back(agent, page):
    with Served(create_app(agent, beat_s=BEAT_S)) as served:
        listening(page, served)
        expect(page.locator("#cart-c1 .count")).to_have_text("30 of 30")
    banner = page.locator("#banner")
    expect(banner).to_be_visible(timeout=5000)
    expect(banner).to_contain_text("No news since ")
    expect(banner).to_contain_text("trying again")
    expect(page.locator("html")).to_have_class("stale")
    agent.queries.shown[0] = a_cart("c1", missing=[away("5")], updated=time.time())
    with Served(create_app(agent, beat_s=BEAT_S), port=served.port):
        expect(banner).to_be_hidden(timeout=10_000)
        expect(page.locator("#cart-c1 .count")).to_have_text("29 of 30")
        expect(page.locator("html")).not_to_have_class("stale")
        page.close()


def test_a_page_that_wakes_asks_again(agent, page, served):
    listening(page, served)
    with page.expect_response(f"{served.url}/"), page.expect_response("**/live/carts"):
        page.evaluate("dispatchEvent(new Event('online'))")


def test_a_laptop_that_slept_for_an_hour_shows_what_is_now(agent, page, served):
    page.clock.install()
    listening(page, served)
    expect(page.locator("#cart-c1 .count")).to_have_text("30 of 30")
    # No message of this reaches the tab: its stream is one of those that died in silence.
    agent.queries.shown[0] = a_cart("c1", missing=[away("5")], updated=time.time())
    with page.expect_response("**/live/carts"):
        page.clock.fast_forward("01:00:00")
    expect(page.locator("#cart-c1 .count")).to_have_text("29 of 30")
    expect(page.locator("html")).not_to_have_class("stale")


def test_a_cart_that_is_new_in_the_school_file_appears_by_itself(agent, page, served):
    listening(page, served)

    def add() -> None:
        agent.queries.shown.append(a_cart("c4", updated=time.time()))
        agent.change(agent.queries.shown[-1])

    served.do(add)
    expect(page.locator("#cart-c4 .count")).to_have_text("30 of 30", timeout=6000)
    assert page.locator(".cart").count() == 4


def test_a_screen_reader_is_told_the_counts_and_not_each_tag(agent, page, served):
    listening(page, served)
    expect(page.locator("#status")).to_have_text("")
    for count in (1, 2, 3):
        gone = [away(str(n)) for n in range(count)]
        served.do(lambda gone=gone: agent.change(a_cart("c1", missing=gone)))
        expect(page.locator("#cart-c1 .count")).to_have_text(f"{30 - count} of 30")
    # The first change at once; the others wait for ten seconds to pass.
    expect(page.locator("#status")).to_have_text(
        "0 of 3 carts complete, 3 devices not here, 1 cart cannot be read."
    )


def test_the_keyboard_reaches_the_content_first(page, served):
    page.goto(served.url)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#board")).to_be_focused()
