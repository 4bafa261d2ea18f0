"""Who may say and hear what, on a real mosquitto with the files of `broker provision`."""

import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from edge.provision.authority import Authority
from edge.provision.broker import password_of
from tests.agent.schools import BOOT, SITE
from tests.provision.people import WAIT_S, Person
from tests.support.broker import Broker
from tests.support.waiting import wait_for

ROOT = f"rollcall/{SITE}"
UP = [f"reads/{BOOT}/7", "status", "health", "log", "reply"]
DOWN = ["ack", "config", "cmd"]


def arrive(speaker: Person, topics: list[str], listener: Person, own: str) -> list[str]:
    """Which of these topics the listener hears; `own` is one that it surely does, said last."""
    listener.heard.clear()
    for topic in topics:
        speaker.say(topic)
    speaker.say(own)
    wait_for(lambda: own in listener.heard, WAIT_S, own)
    return [topic for topic in listener.heard if topic != own]


def test_a_gateway_writes_its_own_channels_and_no_others(enter: Callable[[str], Person]) -> None:
    agent, gateway = enter("agent"), enter("gw-d1")
    agent.hear(*(f"{ROOT}/+/{c}" for c in ["reads/+/+", *UP[1:]]), f"{ROOT}/agent/status")
    own = f"{ROOT}/gw-d1/health"
    mine = [f"{ROOT}/gw-d1/{channel}" for channel in UP if channel != "health"]
    assert arrive(gateway, mine, agent, own) == mine
    others = [f"{ROOT}/{who}/{channel}" for who in ("gw-c1", "agent", "gw-new") for channel in UP]
    assert arrive(gateway, others, agent, own) == []


def test_a_gateway_hears_its_own_channels_and_the_agent_and_nothing_else(
    enter: Callable[[str], Person],
) -> None:
    agent, gateway, other = enter("agent"), enter("gw-d1"), enter("gw-c1")
    gateway.hear("#", "rollcall/#", f"{ROOT}/+/ack", f"{ROOT}/gw-c1/ack", f"{ROOT}/gw-c1/cmd")
    own = f"{ROOT}/gw-d1/cmd"
    mine = [f"{ROOT}/gw-d1/ack", f"{ROOT}/gw-d1/config", f"{ROOT}/agent/status"]
    assert sorted(set(arrive(agent, mine, gateway, own))) == sorted(mine)
    theirs = [f"{ROOT}/gw-c1/{channel}" for channel in DOWN]
    assert arrive(agent, theirs, gateway, own) == []
    for channel in UP:  # what another gateway says is for the agent alone
        other.say(f"{ROOT}/gw-c1/{channel}", retain=True)
    assert arrive(agent, [], gateway, own) == []
    gateway.leave()
    late = enter("gw-d1")
    late.hear("#")
    assert arrive(agent, [], late, own) == []


def test_a_gateway_commands_nobody_not_even_itself(enter: Callable[[str], Person]) -> None:
    agent, gateway, other = enter("agent"), enter("gw-d1"), enter("gw-c1")
    other.hear(f"{ROOT}/gw-c1/+")
    down = [f"{ROOT}/{who}/{channel}" for who in ("gw-c1", "gw-d1") for channel in DOWN]
    for topic in [*down, f"{ROOT}/agent/status", "homeassistant/sensor/x/config", "$SYS/x", "x"]:
        gateway.say(topic)
    assert arrive(agent, [], other, f"{ROOT}/gw-c1/cmd") == []


def test_the_agent_does_not_speak_for_a_gateway(enter: Callable[[str], Person]) -> None:
    agent, gateway = enter("agent"), enter("gw-d1")
    agent.hear(f"{ROOT}/+/reads/+/+", f"{ROOT}/+/status", f"{ROOT}/+/health", "homeassistant/#")
    false = [f"{ROOT}/gw-d1/{channel}" for channel in UP[:3]]
    home = "homeassistant/sensor/x/config"
    assert arrive(agent, [*false], agent, home) == []
    assert arrive(gateway, [], agent, f"{ROOT}/gw-d1/health") == []


def test_home_assistant_hears_what_is_made_for_it_and_no_gateway(
    enter: Callable[[str], Person],
) -> None:
    agent, gateway, home = enter("agent"), enter("gw-d1"), enter("home-assistant")
    home.hear("#")
    agent.hear("homeassistant/#")
    own = "homeassistant/sensor/x/config"
    mine = [f"{ROOT}/agent/status", "homeassistant/sensor/x/state"]
    assert arrive(agent, [*mine, f"{ROOT}/gw-d1/cmd"], home, own) == mine
    agent.hear(f"{ROOT}/+/health")
    theirs = [f"{ROOT}/gw-d1/{channel}" for channel in UP if channel != "health"]
    arrive(gateway, theirs, agent, f"{ROOT}/gw-d1/health")
    agent.say(own)
    wait_for(lambda: own in home.heard, WAIT_S, own)
    assert [topic for topic in home.heard if topic.startswith(f"{ROOT}/gw")] == []
    assert arrive(home, [own], agent, "homeassistant/status") == []


@pytest.mark.parametrize(
    ("user", "password"),
    [
        (None, None),
        ("agent", None),
        ("agent", ""),
        ("agent", "not-its-password"),
        ("gw-stranger", "x"),
    ],
)
def test_nobody_comes_in_without_a_name_and_its_password(
    secured: Broker, folder: Path, user: str | None, password: str | None
) -> None:
    person = Person(secured.port, folder / "ca.crt", user, password)
    person.leave()
    assert person.refused == "Not authorized"


def test_a_gateway_does_not_come_in_with_the_password_of_another(
    secured: Broker, folder: Path
) -> None:
    person = Person(
        secured.port, folder / "ca.crt", "gw-d1", password_of(folder, "gw-c1").read_text()
    )
    person.leave()
    assert person.refused is not None


def test_there_is_no_way_in_without_tls(secured: Broker, folder: Path) -> None:
    password = password_of(folder, "agent").read_text().strip()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv311)
    client.username_pw_set("agent", password)
    answers: list[object] = []
    client.on_connect = lambda *words: answers.append(words)
    client.connect("127.0.0.1", secured.port)
    with suppress(OSError):
        while client.loop(timeout=1.0) == 0:
            pass
    assert answers == []  # it closed the connection without a word of MQTT


def test_a_client_with_another_authority_refuses_the_broker(
    secured: Broker, folder: Path, tmp_path: Path
) -> None:
    other = Authority(tmp_path / "other", "Test")
    with pytest.raises(ssl.SSLCertVerificationError):
        Person(secured.port, other.certificate, "agent", password_of(folder, "agent").read_text())


def test_a_gateway_cannot_take_the_connection_of_another_nor_the_agents(
    enter: Callable[..., Person],
) -> None:
    mine = f"rollcall-{SITE}-agent-0011aabb"
    agent, asking = enter("agent", mine), enter("agent", f"rollcall-{SITE}-ask-1")
    gateway = enter("gw-c1", f"rollcall-{SITE}-gw-c1")
    gateway.hear(f"{ROOT}/gw-c1/cmd")
    for claims in (f"rollcall-{SITE}-gw-c1", mine, "gw-c1", "agent"):
        thief = enter("gw-d1", claims)
        assert arrive(agent, [], gateway, f"{ROOT}/gw-c1/cmd") == []
        thief.leave()
    assert [who.lost for who in (agent, asking, gateway)] == [0, 0, 0]


def test_a_gateway_that_comes_again_takes_the_place_of_its_own_old_connection(
    enter: Callable[..., Person],
) -> None:
    old = enter("gw-c1", "one")
    new = enter("gw-c1", "another")
    wait_for(lambda: old.lost, WAIT_S, "the old connection to be closed")
    old.leave()
    assert new.refused is None
