"""A gateway's own page: what it says of itself, and what it is asked from here."""

import asyncio
from html import unescape
from pathlib import Path

import pytest
from msgspec.structs import replace

from edge.accounts.roles import Role
from edge.agent.gateways.known import Crash
from edge.agent.gateways.rates import AntennaRate
from edge.agent.link.ask_gateway import NoReply
from edge.agent.link.mqtt_link import LinkError
from edge.agent.link.updating import CannotUpdate
from edge.agent.shown.views import AntennaView
from edge.api.app import create_app
from edge.contracts.commands import Reboot, SelfTest, SetPower, Sweep
from edge.contracts.settings import NotifySettings
from edge.contracts.wire import Health
from edge.notify.desk import NoticeDesk
from edge.provision.application import version_of
from tests.api.asking import ask
from tests.api.fake_agent import NOW, FakeAgent, a_cart, a_device, a_gateway
from tests.api.pages.asking_pages import html_of, said_by, text_of
from tests.api.pages.test_alerts import FORM, filled_in
from tests.api.visiting import HERE, Browser
from tests.api.who import a_viewer, always

PATH = "/gateways/gw-c3"


def an_agent(answer=None, **changes):
    agent = FakeAgent(a_cart("c3", expected=3))
    agent.queries.all_gateways = [a_gateway("gw-c3", **changes)]
    agent.queries.all_devices = [a_device(n) for n in (1, 2, 3)]
    agent.answer = answer or {"id": "9", "ok": True}
    return agent


def told(agent, form, *, path=PATH, status=200, role=Role.TECH, **headers):
    """What the page says after a form was sent."""
    app = create_app(agent, clock=lambda: NOW, who=always(a_viewer(role)))
    sent = {"content": filled_in(form), "headers": FORM | headers}
    answer = ask(app, path, method="POST", **sent)
    assert answer.status_code == status, answer.text
    return text_of(answer.text)


def seen_by(role, agent, path=PATH):
    return ask(create_app(agent, who=always(a_viewer(role))), path).text


def test_what_is_known_of_a_gateway_is_on_its_page():
    agent = an_agent(
        health=Health(v=1, up=9, outbox=4, rssi_wifi=-61.0),
        antennas=[AntennaView(antenna=2, place="c3", rounds=31, on_air_ms=900)],
    )
    text = said_by(agent, PATH)
    assert "Serves c3" in text and "Firmware 0.1.0" in text
    assert "In its outbox 4" in text and "Wi-Fi, dBm -61" in text
    assert "Antenna 2 (c3): 31 rounds, 900 ms on the air" in text
    assert f'href="{PATH}"' in html_of(agent, "/gateways")


def test_the_forms_are_for_those_who_keep_gateways():
    assert seen_by(Role.TECH, an_agent()).count(f'action="{PATH}"') == 6
    assert 'name="do"' not in seen_by(Role.OFFICE, an_agent())
    assert "Count again" in seen_by(Role.ADMIN, an_agent(), "/carts/c3")
    assert "Count again" not in seen_by(Role.TEACHER, an_agent(), "/carts/c3")


def test_what_a_form_asks_is_sent_and_the_answer_told():
    agent = an_agent()
    assert "Its light flickers for 20 s." in told(agent, b"do=identify&seconds=20")
    said = told(agent, b"do=set_power&antenna=2&dbm=18.5")
    assert "Antenna 2 sends with 18.5 dBm until it starts again" in said
    assert "It starts again now" in told(agent, b"do=reboot")
    power = SetPower(do="set_power", args={"antenna": 2, "dbm": 18.5})
    assert agent.commanded[1:] == [("gw-c3", power), ("gw-c3", Reboot(do="reboot"))]


def test_a_self_test_is_told_part_by_part():
    reader = {"family": "m100", "port": "uart1", "ready": False, "trouble": "no answer"}
    agent = an_agent({"ok": True, "readers": [reader], "clock": True, "region": None, "odd": 7})
    said = told(agent, b"do=selftest")
    assert "Reader uart1 m100, not ready, no answer" in said
    assert "Clock set yes" in said and "Region –" in said and "odd 7" in said
    assert agent.commanded == [("gw-c3", SelfTest(do="selftest"))]


def test_a_sweep_names_devices_by_what_they_are_called_and_others_by_their_epc():
    tags = [[a_device(2).epc, 1, 40, -52.5], [a_device(2).epc, 2, 3, None], ["E280", 1, 1, None]]
    said = told(an_agent({"ok": True, "tags": tags, "more": 0}), b"do=sweep&seconds=5")
    assert "It heard 2 tags." in said
    assert "2 antenna 1: 40 reads, -52.5 dBm; antenna 2: 3 reads" in said
    assert "E280 antenna 1: 1 read " in said


def test_counting_again_says_which_numbers_were_not_heard():
    tags = [[a_device(2).epc, 1, 40, -52.5], ["E280", 1, 1, None]]
    agent = an_agent({"ok": True, "tags": tags, "more": 0})
    said = told(agent, b"", path="/carts/c3")
    assert "Counted again: 1 of 3 heard just now. Not heard: 1, 3. And 1 other tag." in said
    assert agent.commanded == [("gw-c3", Sweep(do="sweep"))]


def test_a_sweep_that_heard_too_much_claims_nobody_missing():
    agent = an_agent({"ok": True, "tags": [[a_device(2).epc, 1, 40, None]], "more": 12})
    said = told(agent, b"", path="/carts/c3")
    assert "It heard more than its answer can hold." in said
    assert "Not heard" not in said


@pytest.mark.parametrize(("path", "form"), [(PATH, b"do=selftest"), ("/carts/c3", b"")])
def test_no_answer_and_a_refusal_are_told_in_words(path, form):
    refusing = an_agent({"ok": False, "error": "no region set"})
    assert "It did not do it: no region set" in told(refusing, form, path=path)
    offline = an_agent(state="offline")
    assert "nothing was sent" in told(offline, form, path=path, status=409)
    assert offline.commanded == []
    silent = an_agent(NoReply("gw-c3 did not answer."))
    assert "No answer came in time." in told(silent, form, path=path, status=504)
    cut_off = an_agent(LinkError("refused"))
    assert "The broker cannot be reached." in told(cut_off, form, path=path, status=503)


@pytest.mark.parametrize(
    "form",
    [b"do=fly", b"", b"do=set_power&antenna=1&dbm=60", b"do=identify&seconds="],
)
def test_nothing_wrong_is_sent(form):
    agent = an_agent()
    told(agent, form, status=422)
    assert agent.commanded == []


@pytest.mark.parametrize("path", [PATH, "/carts/c3"])
def test_a_form_from_elsewhere_or_of_the_office_is_not_taken(path):
    agent = an_agent()
    form = b"do=reboot"
    told(agent, form, path=path, status=403, origin="http://elsewhere.example")
    told(agent, form, path=path, status=403, role=Role.OFFICE)
    told(agent, form, path=path, status=403, cookie="form=another-browsers")
    assert agent.commanded == []


def test_a_new_gateway_leads_to_where_it_is_placed_and_others_do_not():
    for path in (PATH, "/gateways"):
        assert f'href="{PATH}/place"' in seen_by(Role.TECH, an_agent(known=False), path)
        assert "/place" not in seen_by(Role.OFFICE, an_agent(known=False), path)
        assert "/place" not in seen_by(Role.TECH, an_agent(), path)


def test_a_gateway_nobody_knows_has_no_page():
    html_of(an_agent(), "/gateways/gw-no", status=404)


def test_what_an_antenna_reads_stands_beside_its_usual():
    known = AntennaRate(antenna=1, start=NOW - 9000, end=NOW, rate=8.0, days=9, usual=9.25)
    low = replace(known, antenna=2, rate=0.8, usual=8.0, low=True)
    new = replace(known, antenna=3, days=2, usual=None)
    quiet = replace(known, antenna=4, usual=None)
    agent = an_agent(rates=[known, low, new, quiet])
    text = said_by(agent, PATH)
    assert (
        "Antenna 1, 05:12 to 07:42: 8 reads a minute on the air. Usual at this hour: 9.25." in text
    )
    assert "That is 10 % of its usual, and the others hear as they do: its cable?" in text
    assert "known after 5 days; 2 are." in text and "too little at this hour" in text
    assert "online, antenna 2 hears little" in said_by(agent, "/gateways")


def test_the_last_start_after_a_fault_and_the_last_crash_are_told():
    agent = an_agent(crash=Crash(NOW - 60, "Traceback ... MemoryError"))
    agent.queries.odd_starts["gw-c3"] = (NOW - 3600, "watchdog")
    text = said_by(agent, PATH)
    assert "Last start after a fault watchdog, 06:42" in text
    assert "Its last crash, told at 07:41" in text and "MemoryError" in text
    assert "crash" not in said_by(an_agent(), PATH)


class Sending:
    """A page whose button sends an update that ends when the test says so."""

    def __init__(self, **gateway):
        self.agent = an_agent(boot="1" * 16, firmware="0.0.9", **gateway)
        self.ended = asyncio.Event()
        self.agent.update = self.update
        self.app = create_app(self.agent, clock=lambda: NOW, who=always(a_viewer(Role.TECH)))
        self.browser = Browser(self.app, HERE, "127.0.0.1")
        self.sent = 0

    async def update(self, gateway):
        self.sent += 1
        await self.ended.wait()
        if isinstance(self.agent.answer, Exception):
            raise self.agent.answer
        return self.agent.answer

    async def press(self, status=200):
        answer = await self.browser.fill_in(PATH, {"do": "update"})
        await asyncio.sleep(0.01)  # the update's own task has its turn
        assert answer.status_code == status, answer.text
        return unescape(text_of(answer.text))

    async def end(self, answer=None, **gateway):
        """It answers, and is then as told; what the page says."""
        self.agent.answer = answer or {"ok": True, "version": version_of()}
        self.ended.set()
        await asyncio.sleep(0.01)
        view = self.agent.queries.all_gateways[0]
        self.agent.queries.all_gateways = [replace(view, **gateway)]
        return unescape(text_of((await self.browser.get(PATH)).text))


@pytest.mark.anyio
async def test_an_update_is_sent_once_and_followed_to_its_end():
    page = Sending()
    assert f"It runs 0.0.9; this agent has {version_of()}." in await page.press()
    said = await page.press()
    assert "was sent at 07:42" in said and "Send it this agent's firmware" not in said
    assert page.sent == 1
    assert "starts it, on trial" in await page.end()
    new = {"boot": "2" * 16, "firmware": version_of(), "state_since": NOW, "last_batch": NOW - 9}
    assert "on trial until a batch of it is confirmed" in await page.end(**new)
    said = await page.end(last_batch=NOW + 5)
    assert "its batches are confirmed" in said and "which is what this agent has" in said
    assert "It did not keep" in await page.end(boot="3" * 16, firmware="0.0.9")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "answer", [{"ok": False, "error": "no update key"}, CannotUpdate("no update key")]
)
async def test_an_update_that_came_to_nothing_says_why_and_can_be_sent_again(answer):
    page = Sending()
    await page.press()
    said = await page.end(answer)
    assert "did not come about: no update key" in said
    await page.press()
    assert page.sent == 2
    await page.app.state.updates.close()


@pytest.mark.anyio
async def test_a_gateway_that_is_away_is_sent_nothing():
    page = Sending(state="offline")
    assert "nothing was sent" in await page.press(409)
    assert page.sent == 0


def test_safe_mode_is_told_as_such():
    agent = an_agent(reset="safe mode")
    assert "It is in safe mode: it reads no tags" in said_by(agent, PATH)
    assert "online, safe mode" in said_by(agent, "/gateways")


def named(agent):
    """With somebody named who looks at gateways."""
    settings = NotifySettings(contact="the technician, ext. 12")
    agent.notices = NoticeDesk(Path("no-database"), settings, lambda: "School")
    return agent


def test_a_gateway_that_is_away_says_since_when_and_who_looks():
    agent = an_agent(state="offline", state_since=NOW - 600)
    assert "Offline since 07:32. To look: the technician, ext. 12." in said_by(named(agent), PATH)
    assert "To look" not in said_by(an_agent(state="offline", state_since=NOW - 600), PATH)
    silent = an_agent(state="silent", last_batch=NOW - 120)
    assert "Nothing came from it since 07:40. To look:" in said_by(named(silent), PATH)
    assert "To look" not in said_by(named(an_agent()), PATH)
    odd = an_agent(clock_odd="an hour ahead")
    assert "Clock wrong: an hour ahead" in said_by(odd, PATH)
