"""What the agent sends to gateways, byte for byte as the firmware's tests take it."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.agent.link.publisher import config_mark, config_payloads
from edge.contracts.school_file import parse_school
from edge.contracts.wire import Ack, AckRange

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "downlink.json").read_text())


@pytest.mark.parametrize("vector", VECTORS["acks"], ids=lambda v: v["name"])
def test_an_ack_is_written_as_the_vectors_say(vector: dict[str, Any]) -> None:
    got = [AckRange(*each) for each in vector["got"]]
    ack = Ack(v=1, agent=vector["agent"], now=vector["now"], got=got)
    assert msgspec.json.encode(ack).decode() == vector["payload"]


@pytest.mark.parametrize("vector", VECTORS["configs"], ids=lambda v: v["name"])
def test_a_config_is_written_and_marked_as_the_vectors_say(vector: dict[str, Any]) -> None:
    payload = config_payloads(parse_school(vector["school"]))["gw-1"]
    assert payload.decode() == vector["payload"]
    assert config_mark(payload) == vector["hash"]
