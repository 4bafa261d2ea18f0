"""The lists in a real browser: found while one types, and fitting every window."""

import time

import pytest
from playwright.sync_api import Browser, expect

from edge.agent.live import Change
from edge.api.app import create_app
from tests.api.fake_agent import FakeAgent, a_cart, a_device, a_gateway, away
from tests.api.pages.test_alerts import an_alert
from tests.api.serving import Served

PHONE = {"width": 390, "height": 844}
PATHS = ["/devices", f"/devices/{a_device(14).epc}", "/alerts", "/carts/c3", "/map"]
PATHS += ["/gateways", "/gateways/gw-c3", "/gateways/gw-c3/place", "/school", "/school/versions/7"]
PATHS += ["/devices/import", f"/devices/{a_device(14).epc}/record", "/preferences"]


@pytest.fixture
def served():
    agent = FakeAgent(a_cart("c3", missing=[away("14", "r204")], updated=time.time()))
    agent.queries.all_devices = [a_device(n) for n in range(1, 91)]
    agent.queries.all_gateways = [a_gateway()]
    with Served(create_app(agent)) as running:
        yield running


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_fits_the_window(browser: Browser, served, language):
    with browser.new_context(locale=language) as context:
        page = context.new_page()
        for path in PATHS:
            page.goto(served.url + path)
            assert page.evaluate("document.documentElement.lang") == language
            for width in (320, 390, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") == width, path


def test_a_device_is_found_while_one_types_and_the_field_keeps_the_focus(browser, served):
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{served.url}/devices")
        expect(page.locator(".summary")).to_have_text("90 devices")
        field = page.get_by_role("searchbox")
        field.type(a_device(14).epc)
        expect(page.locator(".summary")).to_have_text("1 device")
        expect(field).to_be_focused()
        assert page.url.endswith(f"/devices?q={a_device(14).epc}")
        page.get_by_role("link", name="14", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Device 14")


def test_a_line_that_is_wrong_is_shown_in_the_text_that_is_being_written(browser, served):
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{served.url}/school")
        text = page.get_by_role("textbox")
        text.fill(f"{text.input_value()}# more\nkind = 'loft'\n")
        page.get_by_role("button", name="Check it").click()
        expect(page.get_by_role("alert").first).to_contain_text("One thing is wrong.")
        page.get_by_role("link", name="Line 6").click()
        selected = "getSelection().toString()"
        assert page.evaluate(selected) == "kind = 'loft'"
        expect(text).to_be_focused()


def test_without_scripts_the_search_is_a_form_and_pages_are_links(browser, served):
    with browser.new_context(viewport=PHONE, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{served.url}/devices")
        page.get_by_role("link", name="Next").click()
        expect(page.locator(".pager")).to_contain_text("Page 2 of 2")
        page.get_by_role("searchbox").fill(a_device(7).epc)
        page.get_by_role("button", name="Search").click()
        expect(page.locator(".summary")).to_have_text("1 device")


def test_a_language_chosen_at_the_foot_holds_on_every_page(browser, served):
    with browser.new_context(viewport=PHONE, locale="en") as context:
        page = context.new_page()
        page.goto(f"{served.url}/devices?q=3414")
        page.get_by_role("link", name="Español").click()
        expect(page.get_by_role("searchbox")).to_have_value("3414")
        page.get_by_role("link", name="Avisos").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Avisos")


def test_an_alert_shows_by_itself_and_the_title_counts_it(browser: Browser):
    agent = FakeAgent()
    with Served(create_app(agent)) as served, browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{served.url}/alerts")
        expect(page.get_by_text("Nothing needs you now.")).to_be_visible()
        agent.queries.all_alerts = [an_alert()]
        served.do(lambda: agent.live.publish([Change("alert", "640.0")]))
        expect(page.get_by_text("1 alert is open.")).to_be_visible()
        expect(page).to_have_title("(1) Alerts – Lincoln Elementary")


def test_what_comes_in_before_it_leaves_the_focus_where_it_is(browser: Browser):
    agent = FakeAgent()
    agent.queries.all_alerts = [an_alert(id="1.0")]
    with Served(create_app(agent)) as served, browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{served.url}/alerts")
        link = page.locator("[id='alert-1.0'] a")
        link.focus()
        elsewhere = an_alert(id="2.0", epc=a_device(15).epc, doorway="back")  # so not one bundle
        agent.queries.all_alerts = [elsewhere, an_alert(id="1.0")]
        served.do(lambda: agent.live.publish([Change("alert", "2.0")]))
        expect(page.locator(".alert")).to_have_count(2)
        expect(link).to_be_focused()


def test_a_page_greys_out_when_no_news_comes(browser: Browser):
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        with Served(create_app(FakeAgent(), beat_s=0.5)) as served:
            page.goto(f"{served.url}/map")
            expect(page.locator("#banner")).to_be_hidden()
        expect(page.locator("#banner")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_gateway_is_asked_and_its_answer_stays(browser: Browser, scripts):
    agent = FakeAgent()
    agent.queries.all_gateways = [a_gateway()]
    context = browser.new_context(viewport=PHONE, java_script_enabled=scripts)
    with Served(create_app(agent)) as served, context:
        page = context.new_page()
        page.goto(f"{served.url}/gateways")
        page.get_by_role("link", name="gw-c3").click()
        page.get_by_role("button", name="Let its light flicker").click()
        answer = page.get_by_text("Its light flickers for 30 s.")
        expect(answer).to_be_visible()
        assert page.locator("meta[http-equiv=refresh]").count() == 0
        if scripts:
            agent.queries.all_gateways = [a_gateway(state="silent")]
            served.do(lambda: agent.live.publish([Change("gateway", "gw-c3")]))
            expect(page.locator(".summary")).to_have_text("silent")
            expect(answer).to_be_visible()


def test_what_somebody_unfolded_stays_unfolded(browser: Browser):
    agent = FakeAgent()
    agent.queries.all_alerts = [an_alert(id=f"{9 - n}.0") for n in range(3)]
    with Served(create_app(agent)) as served, browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{served.url}/alerts")
        page.locator("summary").click()
        agent.queries.all_alerts += [an_alert("gateway-offline", id="1.0")]
        served.do(lambda: agent.live.publish([Change("alert", "1.0")]))
        expect(page.get_by_text("4 alerts are open.")).to_be_visible()
        expect(page.locator("details")).to_have_attribute("open", "")
