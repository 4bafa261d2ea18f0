"""What axe knows to look for (WCAG 2.2 A and AA), it does not find on any page."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from edge.api.app import create_app
from tests.api.fake_agent import FakeAgent, a_cart, a_device, a_gateway, away
from tests.api.pages.test_alerts import an_alert
from tests.api.pages.test_desk import SCHOOL
from tests.api.serving import Served

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PATHS = [
    "/",
    "/carts/c3",
    "/map",
    "/devices",
    "/devices?new=yes",
    f"/devices/{a_device(14).epc}",
    "/alerts",
    "/gateways",
    "/gateways/gw-c3",
    "/gateways/gw-new",
    "/school",
    "/school/versions/7",
    "/devices/import",
    "/gateways/gw-new/place",
    f"/devices/{a_device(14).epc}/record",
    "/desk/front",
    "/no-such-page",
]


@pytest.fixture(scope="module")
def served():
    agent = FakeAgent(a_cart("c3", missing=[away("14", "r204")], updated=time.time()), a_cart("c4"))
    agent.queries.all_devices = [a_device(n) for n in range(1, 61)]
    agent.queries.all_alerts = [an_alert(), an_alert(id="3.0", open=False, reason="returned")]
    agent.queries.all_gateways = [a_gateway(), a_gateway("gw-new", known=False)]
    agent.queries.all_gateways.append(a_gateway("gw-desk"))
    agent.school = SCHOOL
    agent.answer = {"ok": True, "clock": True}
    with Served(create_app(agent)) as running:
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, served, scheme):
    with browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        reports = []
        for path in PATHS:
            page.goto(served.url + path)
            found = Axe().run(page, options=RULES)
            if found.violations_count:
                reports.append(f"{path}\n{found.generate_report()}")
        page.goto(served.url + "/gateways/gw-c3")
        page.get_by_role("button", name="Self test").click()
        page.get_by_text("It tested itself:").wait_for()
        found = Axe().run(page, options=RULES)
        if found.violations_count:
            reports.append(f"an answer\n{found.generate_report()}")
        assert not reports, "\n".join(reports)
