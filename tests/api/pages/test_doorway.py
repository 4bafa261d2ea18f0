"""The doorway wizard's page: one trial from its buttons to the school file."""

import asyncio
import re
from html import unescape

import pytest

from edge.accounts.roles import Role
from edge.agent.school.school_book import Version, digest
from edge.api.app import create_app
from edge.api.words.doorway import heard, strongest_first
from edge.commissioning.power import Found, Tried
from edge.contracts.readlog import LooksRow, ReadRow
from edge.contracts.school_file import parse_school
from tests.api.asking import ask
from tests.api.fake_agent import FakeAgent, FakeBook, a_device, a_gateway
from tests.api.pages.asking_pages import text_of
from tests.api.visiting import HERE, Browser
from tests.api.who import a_viewer, always

PATH = "/gateways/gw-d1/doorway"
EPC = "3414257BF400000000000C01"
TEXT = """\
name = "Lincoln Elementary"
site = "lincoln"
timezone = "America/Denver"
epc_prefixes = ["3414257BF4"]
[rooms.hall]
name = "Hall A"
kind = "hall"
[rooms.r101]
name = "Room 101"
[doorways.d1]
between = ["hall", "r101"]
gateway = "gw-d1"
antennas = { 1 = "hall", 2 = "r101" }
[gateways.gw-d1]
power_dbm = { 1 = 20, 2 = 20 }
"""


class Book(FakeBook):
    """A school file that can be saved."""

    def __init__(self, text):
        super().__init__()
        self.all_versions = [Version(1, 0.0, text, by_page=False, account=None)]

    async def save(self, text, shown, account):
        assert shown == digest(self.text())
        self.all_versions.insert(0, Version(2, 1.0, text, by_page=True, account=account))


class Wizard:
    """The page, the person before it, and a gateway that reports what it is told to."""

    def __init__(self, text=TEXT, role=Role.TECH, **gateway):
        self.time = 1000.0
        self.agent = FakeAgent()
        self.agent.school = parse_school(text)
        self.agent.school_book = Book(text)
        self.agent.queries.all_gateways = [a_gateway("gw-d1", **gateway)]
        self.agent.answer = {"ok": True, "seconds": 600}
        self.app = create_app(self.agent, clock=lambda: self.time, who=always(a_viewer(role)))
        self.browser = Browser(self.app, HERE, "127.0.0.1")

    async def look(self):
        await asyncio.sleep(0.01)  # the trial's own task has its turn
        return unescape(text_of((await self.browser.get(PATH)).text))

    async def press(self, do, status=303, **fields):
        html = (await self.browser.get(PATH)).text
        number = re.search(r'name="number" value="(\d+)"', html)
        fields = {"do": do, "number": number[1] if number else "", **fields}
        answer = await self.browser.fill_in(PATH, fields)
        assert answer.status_code == status, answer.text
        return unescape(text_of(answer.text))

    async def walk(self, first, then):
        """Ten seconds through the door; these antennas hear it one after the other."""
        start = self.time
        self.time += 10
        rows = [LooksRow(gateway="gw-d1", looks={1: (9, 900), 2: (9, 900)}, t=self.time + 5)]
        for antenna, t in ((first, start + 3), (then, start + 6)):
            rows.append(ReadRow(gateway="gw-d1", antenna=antenna, epc=EPC, t=t, rssi=-50.0))
        await self.press("walked")
        self.agent.listening.tell("gw-d1", rows)
        await asyncio.sleep(0.01)


@pytest.mark.anyio
async def test_walks_tell_the_sides_and_the_next_thing_to_do():
    wizard = Wizard()
    await wizard.press("begin", epc=EPC.lower())
    said = await wizard.look()
    assert "Walk 1 of 4" in said
    assert "Walk with the tag from Hall A to Room 101, until four steps beyond the door." in said
    await wizard.walk(1, 2)
    said = await wizard.look()
    assert "Walk 2 of 4" in said and "from Room 101 to Hall A" in said
    assert "To Room 101: antenna 1: 1 read, antenna 2: 1 read – read" in said
    for first, then in ((2, 1), (1, 2), (2, 1)):
        await wizard.walk(first, then)
    said = await wizard.look()
    assert "Antenna 1 faces Hall A, as in the school file." in said
    assert "Now find the lowest power" in said and "Change the sides" not in said
    await wizard.press("search")
    assert "Wait until the antennas send with 20 dBm" in await wizard.look()
    sent = [(command.args.antenna, command.args.dbm) for _, command in wizard.agent.commanded]
    assert sent == [(1, 20), (2, 20)]
    await wizard.press("stop")
    assert "It was ended. The gateway goes back to its power." in await wizard.look()
    await wizard.app.state.trials.close()


@pytest.mark.anyio
async def test_exchanged_antennas_can_be_put_right_in_the_school_file():
    wizard = Wizard()
    await wizard.press("begin", epc=EPC)
    for first, then in ((2, 1), (1, 2), (2, 1), (1, 2)):
        await wizard.walk(first, then)
    said = await wizard.look()
    assert "Antenna 1 faces Room 101. The school file says Hall A." in said
    assert "They are the other way round" in said
    assert "in force" in await wizard.press("file-sides", 200)
    doorway = parse_school(wizard.agent.school_book.text()).doorways["d1"]
    assert doorway.antennas == {1: "r101", 2: "hall"}
    await wizard.app.state.trials.close()


@pytest.mark.anyio
async def test_the_power_that_was_found_can_be_put_into_the_school_file():
    wizard = Wizard()
    await wizard.press("begin", epc=EPC)
    trial = wizard.app.state.trials.of("d1")
    trial.tried = [Tried(20, 3, 3), Tried(9, 0, 0, silent=(1,)), Tried(13, 2, 1)]
    trial.tried += [Tried(14, 3, 3, 3), Tried(14, 7, 7, 6)]
    trial.found = Found(14)
    trial.stop("found")
    said = await wizard.look()
    assert "14 dBm is the lowest power at which 10 walks of 10 were read" in said
    assert "Every side heard 9 of them" in said
    assert "13 dBm: 1 of 2 walks read" in said
    assert "9 dBm: not every antenna sends at this power." in said
    assert "[gateways.gw-d1] power_dbm = { 1 = 14, 2 = 14 }" in said
    assert "in force" in await wizard.press("file-power", 200)
    powers = parse_school(wizard.agent.school_book.text()).gateways["gw-d1"].power_dbm
    assert powers == {1: 14, 2: 14}
    trial.found = Found(None)
    assert "Not even 20 dBm was enough" in await wizard.look()
    await wizard.app.state.trials.close()


@pytest.mark.anyio
async def test_without_a_power_in_the_file_the_page_says_what_to_do():
    wizard = Wizard(TEXT.replace("power_dbm = { 1 = 20, 2 = 20 }", ""))
    await wizard.press("begin", epc=EPC)
    wizard.app.state.trials.of("d1").phase = "told"
    said = await wizard.look()
    assert "give these antennas a power in the school file first" in said
    assert "Now find the lowest power" not in said
    await wizard.app.state.trials.close()


@pytest.mark.anyio
async def test_the_tag_in_the_hand_is_chosen_from_what_is_heard():
    wizard = Wizard()
    known = a_device(14)
    wizard.agent.queries.all_devices = [known]
    tags = [[known.epc, 1, 90, -40.0], [EPC, 1, 9, -48.5], [EPC, 2, 1, None]]
    wizard.agent.answer = {"ok": True, "tags": tags, "more": 0}
    said = await wizard.press("listen", 200)
    assert said.index("Walk with 00000C01 (new tag, -48.5 dBm)") < said.index(
        "(device 14, -40 dBm)"
    )
    wizard.agent.answer = {"ok": True, "tags": []}
    assert "It hears no tag of the school's now." in await wizard.press("listen", 200)
    offline = Wizard(state="offline")
    assert "nothing was sent" in await offline.press("listen", 409)


def test_without_levels_the_most_read_comes_first():
    reply = {"tags": [["AA", 1, 3, None], ["BB", 1, 9, None]]}
    assert strongest_first(reply) == ["BB", "AA"]
    assert [one.says for one in heard(reply, {})] == ["BB (new tag)", "AA (new tag)"]


@pytest.mark.anyio
@pytest.mark.parametrize("epc", ["", "34", "3414XX", "E2801160600002000000ABCD"])
async def test_a_tag_that_the_gateway_would_drop_is_not_walked(epc):
    wizard = Wizard()
    assert "no tag that the gateway would report" in await wizard.press("begin", 422, epc=epc)
    assert wizard.app.state.trials.of("d1") is None


@pytest.mark.anyio
async def test_buttons_that_are_not_there_do_nothing():
    wizard = Wizard()
    for do in ("walked", "fly", "file-power"):
        await wizard.press(do, 422)
    await wizard.press("begin", epc=EPC)
    await wizard.press("walked", number="7")
    await wizard.press("walked", number="x")
    assert "Walk 1 of 4" in await wizard.look()
    assert "laid out in another way" in await wizard.press("file-power", 409)
    await wizard.app.state.trials.close()


def test_a_gateway_without_a_doorway_has_no_such_page():
    wizard = Wizard()
    wizard.agent.queries.all_gateways.append(a_gateway("gw-c3"))
    assert ask(wizard.app, "/gateways/gw-c3/doorway").status_code == 404
    assert ask(wizard.app, f"{PATH}?doorway=d9").status_code == 404
    assert f'href="{PATH}"' in ask(wizard.app, "/gateways/gw-d1").text


def test_a_doorway_that_leads_out_says_what_a_walk_does():
    wizard = Wizard(TEXT.replace('kind = "hall"', 'kind = "outside"'))
    assert "the walks may raise an alert" in text_of(ask(wizard.app, PATH).text)
