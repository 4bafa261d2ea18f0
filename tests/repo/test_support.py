"""The tools that tests lean on must themselves hold."""

import asyncio
import subprocess

import paho.mqtt.client as mqtt
import pytest

from tests.support.broker import Broker
from tests.support.counts import count, seeded
from tests.support.ports import accepts
from tests.support.waiting import Deadline, eventually, wait_for


def test_the_broker_is_a_real_one_that_survives_a_kill_on_its_own_port(broker: Broker) -> None:
    port = broker.port
    heard: list[bytes] = []
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_connect = lambda *_: client.subscribe("room/#", qos=1)
    client.on_message = lambda _c, _u, message: heard.append(message.payload)
    client.reconnect_delay_set(min_delay=1, max_delay=1)
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        broker.restart()
        assert broker.port == port

        def heard_again() -> bool:
            client.publish("room/101", b"here", qos=1)
            return b"here" in heard

        wait_for(heard_again, 10, "a message after the kill")
    finally:
        client.disconnect()
        client.loop_stop()


def test_a_stopped_broker_takes_no_connections(broker: Broker) -> None:
    broker.stop()
    assert not accepts(broker.port)


def test_micropython_is_new_enough_and_has_what_the_firmware_uses(
    micropython_binary: list[str],
) -> None:
    program = (
        "import asyncio, binascii, hashlib, json, select, socket, struct, sys, tls\n"
        "print(sys.implementation.name, sys.implementation.version >= (1, 25, 0))"
    )
    said = subprocess.run(
        [*micropython_binary, "-X", "heapsize=100k", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    assert said.stdout.split() == ["micropython", "True"]


def test_chromium_draws_a_page(chromium_binary: str) -> None:
    page = "data:text/html,<p>27 of 30"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    said = subprocess.run(
        [chromium_binary, *options, page],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "27 of 30" in said.stdout


def test_waiting_gives_back_the_answer_and_fails_with_a_sentence_when_late() -> None:
    assert wait_for(lambda: [1], 1) == [1]
    with pytest.raises(AssertionError, match=r"the cart did not come within 0\.05 s"):
        wait_for(lambda: None, 0.05, "the cart")
    with pytest.raises(AssertionError, match="the last answer was 0"):
        asyncio.run(eventually(lambda: 0, Deadline(0.05)))


def test_chance_repeats_for_one_purpose_and_differs_between_two() -> None:
    assert seeded("kills", 1).random() == seeded("kills", 1).random()
    assert seeded("kills", 1).random() != seeded("kills", 2).random()
    assert count(3, 200) in (3, 200)
