"""The page and the API over the real agent: reads on MQTT in, numbers out, live."""

import time

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.api.real_agent import CartGateway, RealAgent, epc_of
from tests.support.broker import Broker
from tests.support.waiting import wait_for

SETTLED_S = 60  # the engine waits on purpose before it believes a cart


@pytest.fixture
def agent(broker: Broker, tmp_path):
    with RealAgent(tmp_path, broker.url, [7, 14, 22]) as running:
        yield running


def test_from_reads_to_the_page(agent: RealAgent, broker: Broker, browser: Browser):
    first, second = httpx.get(f"{agent.url}/api/v1/carts").json()
    assert (first["state"], first["present"], first["expected"]) == ("unreadable", None, 3)
    assert (second["state"], second["expected"]) == ("unreadable", 0)

    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(agent.url)
    card = page.locator("#cart-c3")
    expect(card).to_contain_text("Cannot be read")
    with CartGateway(broker.port) as gateway:
        gateway.inside = {7, 14}
        expect(card.locator(".count")).to_have_text("2 of 3", timeout=SETTLED_S * 1000)
        expect(card).to_contain_text("22, not seen yet.")

        (cart, _) = httpx.get(f"{agent.url}/api/v1/carts").json()
        assert (cart["present"], cart["expected"], cart["room"]) == (2, 3, "r101")
        assert cart["missing"] == [
            {"number": "22", "asset_tag": "LIN-0022", "last_room": None, "last_seen": None}
        ]
        assert abs(cart["updated"] - time.time()) < 5

        device = httpx.get(f"{agent.url}/api/v1/devices/{epc_of(14)}").json()
        assert device["assigned"]["cart"] == device["inferred"]["in_cart"] == "c3"
        assert device["observed"]["room"] == "r101"
        found = httpx.get(f"{agent.url}/api/v1/devices?q=LIN-0022").json()
        assert found["total"] == 1 and found["items"][0]["observed"] is None

        assert "Put into Cart 3" in httpx.get(f"{agent.url}/devices/{epc_of(14)}").text
        assert "Room 101: 2 devices" in httpx.get(f"{agent.url}/map").text
        room = httpx.get(f"{agent.url}/rooms/r101").text
        assert "Here, and expected: 2" in room and "Expected, and not here: 1" in room
        assert httpx.get(f"{agent.url}/carts/c3").text.count('class="slot here"') == 2
        by_name = httpx.get(f"{agent.url}/api/v1/devices?q=room 101").json()
        assert by_name["total"] == 2

        gateways = {g["id"]: g for g in httpx.get(f"{agent.url}/api/v1/gateways").json()}
        assert gateways["gw-c3"]["state"] == "online"
        assert gateways["gw-c4"]["state"] == "never heard"
        assert httpx.get(f"{agent.url}/api/v1/totals").json()["batches"] > 0
        assert httpx.get(f"{agent.url}/health/ready").json()["broker"] == "connected"
        assert httpx.get(f"{agent.url}/metrics").status_code == 200

        gateway.inside = {7, 14, 22}
        expect(card.locator(".count")).to_have_text("3 of 3", timeout=SETTLED_S * 1000)

        gateway.inside = {7, 14, 22, 30}  # 30 has no record
        new = f"{agent.url}/devices?new=yes"
        wait_for(lambda: epc_of(30) in httpx.get(new).text, SETTLED_S, "the tag without a record")
        assert epc_of(14) not in httpx.get(new).text
        assert epc_of(30) in httpx.get(f"{new}&q={epc_of(30)}").text
        assert epc_of(30) not in httpx.get(f"{new}&q=LIN-00").text

        gateway.go_offline()
        expect(card).to_contain_text("Cannot be read", timeout=5000)
        expect(card).to_contain_text("has been offline since")
    page.close()
