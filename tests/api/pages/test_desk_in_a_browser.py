"""The desk in a real browser: over the real agent from a tag on the reader to a loan, and live."""

import time

import httpx
from playwright.sync_api import Browser, expect

from edge.agent.live import Change
from edge.api.app import create_app
from tests.api.pages.test_desk import ONE, PATH, TWO, an_agent
from tests.api.real_agent import CartGateway, RealAgent, epc_of
from tests.api.serving import Served
from tests.support.broker import Broker

PHONE = {"width": 390, "height": 844}
PERSON = "10045"  # what a scanner types off a card, and Enter


def test_a_device_on_the_reader_is_lent_by_one_scan_and_taken_back_by_one_press(
    browser: Browser, broker: Broker, tmp_path
):
    with (
        RealAgent(tmp_path, broker.url, [7, 14]) as agent,
        CartGateway(broker.port, "gw-desk") as reader,
        browser.new_context(viewport=PHONE) as context,
    ):
        page = context.new_page()
        page.goto(f"{agent.url}/desk")
        expect(page.locator("#summary")).to_have_text("Nothing lies on the reader.")
        expect(page.locator("#holder")).to_be_focused()

        reader.inside = {14}
        laid = time.monotonic()
        expect(page.locator("#summary")).to_have_text("Device 14 lies on the reader.")
        page.keyboard.type(PERSON)
        page.keyboard.press("Enter")
        expect(page.locator(".told")).to_contain_text("14 is lent to cust_")
        print(f"from tag to loan: 1 scan, {time.monotonic() - laid:.1f} s")
        (loan,) = httpx.get(f"{agent.url}/api/v1/loans").json()["items"]
        assert loan["epc"] == epc_of(14) and loan["due"] is not None

        page.get_by_role("button", name="Take back 14").click()
        expect(page.locator(".told")).to_have_text("14 is back.")
        assert httpx.get(f"{agent.url}/api/v1/loans").json()["total"] == 0


def test_what_one_types_stays_when_something_is_put_down_and_goes_with_what_lies_there_then(
    browser: Browser, tmp_path
):
    agent = an_agent(tmp_path)
    with Served(create_app(agent)) as served, browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(served.url + PATH)
        page.locator("#due").fill("2099-06-10")
        page.locator("#holder").fill(PERSON)
        agent.queries.on_desk = {"front": [TWO.epc]}
        served.do(lambda: agent.live.publish([Change("desk", "front")]))
        expect(page.locator("#on-desk h2")).to_have_text("22")
        expect(page.locator("#holder")).to_have_value(PERSON)
        expect(page.locator("#due")).to_have_value("2099-06-10")
        agent.queries.on_desk = {"front": [ONE.epc]}
        served.do(lambda: agent.live.publish([Change("desk", "front")]))
        expect(page.locator("#on-desk h2")).to_have_text("14")
        expect(page.locator("#holder")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".told")).to_contain_text("14 is lent to cust_")
        expect(page.locator(".told")).to_contain_text("due Jun 10, 2099")


def test_without_scripts_a_device_is_lent_and_several_are_told_apart(browser: Browser, tmp_path):
    agent = an_agent(tmp_path, ONE, TWO)
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="es")
    with Served(create_app(agent)) as served, context:
        page = context.new_page()
        page.goto(served.url + PATH)
        page.get_by_role("radio", name="22").check()
        page.locator("#holder").fill(PERSON)
        page.locator("#lend-it").click()
        expect(page.locator(".told")).to_contain_text("22 queda prestado a cust_")
        page.get_by_role("button", name="Recibir de vuelta 22").click()
        expect(page.locator(".told")).to_have_text("22 está de vuelta.")
