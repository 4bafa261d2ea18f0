"""What axe knows to look for (WCAG 2.2 A and AA), it does not find on any page."""

import sqlite3
import time
from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import replace
from playwright.sync_api import Browser, Page

from edge.accounts.roles import Role
from edge.accounts.store import Accounts
from edge.accounts.tokens import Tokens
from edge.agent.ledger.evidence import Heard
from edge.agent.storage.database import FILE_NAME, prepare
from edge.api.app import create_app
from edge.api.door import Door, DoorSettings
from edge.contracts.events import Crossed
from edge.contracts.school import Doorway, Room
from edge.custody.store import Custody
from tests.api.fake_agent import FakeAgent, a_cart, a_device, a_gateway, away
from tests.api.pages.test_alerts import an_alert
from tests.api.pages.test_desk import SCHOOL
from tests.api.serving import Served
from tests.support.loop_thread import LoopThread

RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}
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
    "/loans",
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
        loop.call(lend_and_show(agent, database))
        with Served(create_app(agent, door=Door(accounts, DoorSettings()))) as running:
            yield running
        loop.call(accounts.close())


async def lend_and_show(agent, database):
    """One of three devices on the desk is lent; one went through a door, heard on both sides."""
    epcs = [a_device(n).epc for n in (13, 14, 15)]
    with closing(sqlite3.connect(database)) as connection:
        rows = [(epc,) for epc in epcs]
        connection.executemany("INSERT INTO devices (epc, recorded) VALUES (?,1)", rows)
        connection.commit()
    agent.custody = Custody(database, lambda: 1.5e9)
    await agent.custody.lend(epcs[0], name="10045", due=1.6e9)
    agent.queries.on_desk = {"front": epcs}
    went = Crossed("9.0", 1.5e9, 1.5e9, epcs[1], "d1", "hall", "r101", 0.9)
    agent.queries.happened[epcs[1]] = [went]
    heard = [Heard(1.5e9 + n, 1 + n % 2, -50.0 - n, 3) for n in range(4)]
    agent.queries.all_heard[epcs[1], "gw-d1"] = heard


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
