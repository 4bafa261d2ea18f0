"""What axe knows to look for (WCAG 2.2 A and AA), it does not find on any page."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import replace
from playwright.sync_api import Browser, Page

from edge.accounts.roles import Role
from edge.accounts.store import Accounts
from edge.accounts.tokens import Tokens
from edge.agent.database import FILE_NAME, prepare
from edge.api.app import create_app
from edge.api.door import Door, DoorSettings
from edge.contracts.school import Doorway, Room
from tests.api.fake_agent import FakeAgent, a_cart, a_device, a_gateway, away
from tests.api.pages.test_alerts import an_alert
from tests.api.pages.test_desk import SCHOOL
from tests.api.serving import Served
from tests.support.loop_thread import LoopThread

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
ROOMS = {room: Room(id=room, name=room) for room in ("hall", "r101")}
DOOR = Doorway(id="d1", between=("hall", "r101"), gateway="gw-d1", antennas={1: "hall", 2: "r101"})
PATHS = [
    "/",
    "/carts/c3",
    "/map",
    "/devices?number=2",  # the last page of two: ten rows say what fifty would
    "/devices?new=yes",
    f"/devices/{a_device(14).epc}",
    "/alerts",
    "/gateways",
    "/gateways/gw-c3",
    "/gateways/gw-new",
    "/school",
    "/school/versions/7",
    "/devices/import",
    "/preferences",
    "/gateways/gw-new/place",
    f"/devices/{a_device(14).epc}/record",
    "/desk/front",
    "/notices",
    "/accounts",
    "/accounts/desk",
    "/gateways/gw-d1/doorway",
    "/no-such-page",
]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    database = tmp_path_factory.mktemp("accounts") / FILE_NAME
    prepare(database)
    agent = FakeAgent(a_cart("c3", missing=[away("14", "r204")], updated=time.time()), a_cart("c4"))
    agent.queries.all_devices = [a_device(n) for n in range(1, 61)]
    agent.queries.all_alerts = [an_alert(), an_alert(id="3.0", open=False, reason="returned")]
    agent.queries.all_gateways = [a_gateway(), a_gateway("gw-new", known=False)]
    agent.queries.all_gateways.append(a_gateway("gw-desk"))
    agent.school = replace(SCHOOL, rooms=SCHOOL.rooms | ROOMS, doorways={"d1": DOOR})
    agent.queries.all_gateways.append(a_gateway("gw-d1"))
    agent.answer = {"ok": True, "clock": True}
    with LoopThread("accounts") as loop:  # while Playwright runs, its own is this thread's
        accounts = loop.call(with_somebody(database))
        with Served(create_app(agent, door=Door(accounts, DoorSettings()))) as running:
            yield running
        loop.call(accounts.close())


async def with_somebody(database):
    accounts = await Accounts.open(database)
    await accounts.add("desk", Role.TEACHER, ["r101"], None, 1.5e9)
    await Tokens(accounts).make("desk", ["carts:read"], 30, 1.5e9)
    return accounts


def test_axe_finds_nothing(browser: Browser, served):
    with browser.new_context(
        viewport={"width": 390, "height": 844}, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        reports = []
        for path in PATHS:
            page.goto(served.url + path)
            reports += found_on(page, path)
        page.goto(served.url + "/gateways/gw-c3")
        page.get_by_role("button", name="Self test").click()
        page.get_by_text("It tested itself:").wait_for()
        reports += found_on(page, "an answer")
        assert not reports, "\n".join(reports)


def found_on(page: Page, what: str) -> list[str]:
    """What axe finds in the light theme, and in the dark one, where only colours differ."""
    reports = []
    for scheme, rules in (("light", RULES), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page, options=rules)
        assert found.response["passes"], f"axe looked at nothing on {what}"
        if found.violations_count:
            reports.append(f"{what}, {scheme}\n{found.generate_report()}")
    return reports
