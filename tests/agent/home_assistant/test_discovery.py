"""Home Assistant finds the school on a real broker, hears of changes, and is left nothing over."""

import json
import queue
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from jinja2 import Environment

from edge.agent.service import Agent
from edge.contracts.settings import HomeAssistantSettings
from tests.agent.running import running
from tests.agent.schools import BOOT, SITE, TEXT, read, settings
from tests.agent.test_delivery import say
from tests.support.broker import Broker
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio

HERE = f"rollcall-{SITE}"
ON = HomeAssistantSettings(discovery=True)
GATEWAY = f"homeassistant/binary_sensor/{HERE}/gateway-gw-d1/config"
PRESENT = f"homeassistant/sensor/{HERE}/cart-c1-present/config"
ALERTS = f"homeassistant/sensor/{HERE}/alerts/config"
CHANGE_S = 15.0


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.agent.home_assistant.link.SPACING_S", 0.1)
    monkeypatch.setattr("edge.agent.home_assistant.link.QUIET_S", 0.5)


class Home:
    """What Home Assistant would make of what stands retained on the broker."""

    def __init__(self, broker: Broker) -> None:
        self._payloads = standing(broker)

    @property
    def configs(self) -> dict[str, Any]:
        return {topic: json.loads(self._payloads[topic]) for topic in self._topics("/config")}

    @property
    def left_over(self) -> list[str]:
        return [topic for topic in self._topics() if HERE in topic]

    def shows(self, config: str) -> str | None:
        """An entity's state; None where there is no such entity, or it is not available."""
        entity = self.configs.get(config)
        if entity is None:
            return None
        for source in entity["availability"]:
            if self._rendered(source["topic"], source["value_template"]) != "online":
                return None
        return self._rendered(entity["state_topic"], entity["value_template"])

    def _topics(self, end: str = "") -> list[str]:
        return [t for t in self._payloads if t.startswith("homeassistant/") and t.endswith(end)]

    def _rendered(self, topic: str, template: str) -> str:
        value = json.loads(self._payloads[topic])
        return Environment().from_string(template).render(value_json=value)


def standing(broker: Broker) -> dict[str, bytes]:
    """Everything retained: what is retained comes before what is published after subscribing."""
    heard: queue.Queue[mqtt.MQTTMessage] = queue.Queue()
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_connect = lambda *_: client.subscribe("#", 1)
    client.on_subscribe = lambda *_: client.publish("that-is-all", b"", 1)
    client.on_message = lambda _c, _u, message: heard.put(message)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    try:
        found = {}
        while (message := heard.get(timeout=10)).topic != "that-is-all":
            if message.retain:
                found[message.topic] = message.payload
        return found
    finally:
        client.disconnect()
        client.loop_stop()


async def shown(broker: Broker, config: str, wanted: str | None) -> None:
    await eventually(lambda: Home(broker).shows(config) == wanted, CHANGE_S, f"{config}: {wanted}")


async def online(broker: Broker, gateway: str, hw: str = "a0b765c1d2e3") -> None:
    status = {"v": 1, "online": True, "boot": BOOT, "hw": hw, "firmware": "0.3.0"}
    await say(broker, f"{gateway}/status", status, retain=True)
    batch = {"v": 1, "t": None, "up": 1, "sent": 2, "sync": None, "base": 0}
    batch |= {"looks": {"1": [9, 900], "2": [9, 900]}, "reads": [read(1)]}
    await say(broker, f"{gateway}/reads/{BOOT}/0", batch)


async def test_gateways_carts_and_alerts_are_found_and_told_of(
    broker: Broker, tmp_path: Path
) -> None:
    async with running(Agent(settings(tmp_path, broker.url, home_assistant=ON))):
        await shown(broker, GATEWAY, "OFF")
        home = Home(broker)
        assert home.shows(PRESENT) is None  # never heard: no number, and not the number 0
        assert home.shows(ALERTS) == "0"
        ids = [entity["unique_id"] for entity in home.configs.values()]
        assert len(set(ids)) == len(ids) == 6
        await online(broker, "gw-d1")
        await online(broker, "gw-c1")
        await shown(broker, GATEWAY, "ON")
        await eventually(lambda: Home(broker).shows(PRESENT) is not None, CHANGE_S, "a count")
        await online(broker, "gw-d1", hw="ffffffffffff")  # two boards with one name: an alert
        await shown(broker, ALERTS, "1")
    assert Home(broker).shows(GATEWAY) is None  # the agent said farewell: nothing is known


async def test_what_leaves_the_school_file_leaves_home_assistant(
    broker: Broker, tmp_path: Path
) -> None:
    async with running(Agent(settings(tmp_path, broker.url, home_assistant=ON))) as agent:
        await eventually(lambda: PRESENT in Home(broker).configs, CHANGE_S, "the cart")
        before, _, after = TEXT.partition("[carts.c1]")
        (tmp_path / "school.toml").write_text(
            before + "[gateways" + after.partition("[gateways")[2]
        )
        agent.reload_school()
        await eventually(lambda: PRESENT not in Home(broker).configs, CHANGE_S, "no cart")
        assert [t for t in Home(broker).left_over if "c1" in t] == []
        assert GATEWAY in Home(broker).configs


async def test_switched_off_it_takes_away_what_an_earlier_run_left(
    broker: Broker, tmp_path: Path
) -> None:
    async with running(Agent(settings(tmp_path, broker.url, home_assistant=ON))):
        await eventually(lambda: ALERTS in Home(broker).configs, CHANGE_S, "the alerts")
    assert Home(broker).left_over
    async with running(Agent(settings(tmp_path, broker.url))) as agent:
        await eventually(lambda: not Home(broker).left_over, CHANGE_S, "nothing left over")
        assert (await agent.queries.totals()).quarantined == 0


async def test_a_broker_that_lost_everything_is_told_again(broker: Broker, tmp_path: Path) -> None:
    async with running(Agent(settings(tmp_path, broker.url, home_assistant=ON))):
        await eventually(lambda: ALERTS in Home(broker).configs, CHANGE_S, "the alerts")
        broker.restart()
        await eventually(lambda: ALERTS in Home(broker).configs, 40.0, "the alerts again")


async def test_another_schools_things_on_the_same_broker_are_left_alone(
    broker: Broker, tmp_path: Path
) -> None:
    other = "homeassistant/sensor/rollcall-test-two/alerts/config"
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    client.publish(other, b"{}", 1, retain=True).wait_for_publish(10)
    client.loop_stop()
    async with running(Agent(settings(tmp_path, broker.url, home_assistant=ON))):
        await eventually(lambda: ALERTS in Home(broker).configs, CHANGE_S, "the alerts")
        assert other in Home(broker).configs
