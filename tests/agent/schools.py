"""A small school and payloads for the agent's tests."""

import random
from pathlib import Path
from typing import Any

from edge.contracts.school import School
from edge.contracts.school_file import parse_school
from edge.contracts.settings import AgentSettings, MqttSettings

SITE = "test"
PREFIX = "3414257BF4"
BOOT = "0000001f9a3c12e4"
NEXT_BOOT = "00000020aaaaaaaa"
TEXT = f"""
name = "Test"
site = "{SITE}"
timezone = "UTC"
epc_prefixes = ["{PREFIX}"]
region = "US"
[rooms.hall]
kind = "hall"
[rooms.r1]
kind = "classroom"
name = "Room 1"
[doorways.d1]
between = ["hall", "r1"]
gateway = "gw-d1"
antennas = {{ 1 = "hall", 2 = "r1" }}
[carts.c1]
home = "r1"
gateway = "gw-c1"
capacity = 30
antennas = [1, 2]
[gateways.gw-d1]
readers = [{{ family = "m100", antennas = [1] }}, {{ family = "m100", antennas = [2] }}]
power_dbm = {{ 1 = 20, 2 = 20 }}
session = 0
"""


def school() -> School:
    return parse_school(TEXT)


def settings(folder: Path, url: str = "mqtt://127.0.0.1:1", **changes: Any) -> AgentSettings:
    """Settings of an agent in a folder of its own, its school file written."""
    path = folder / "school.toml"
    if not path.exists():
        path.write_text(TEXT)
    return AgentSettings(school=path, data=folder / "data", mqtt=MqttSettings(url=url), **changes)


def epc(number: int) -> str:
    return f"{PREFIX}{number:014X}"


def read(tag: int, antenna: int = 1, dt: int = 0, n: int = 1, rssi: float | None = -57.5) -> Any:
    return [epc(tag), antenna, rssi, dt, n, 0 if n == 1 else 100, 0]


def payload(reads: list[Any] | None = None, **changes: Any) -> dict[str, Any]:
    """What a gateway sends; `t` null unless given, so that it is placed by arrival."""
    batch: dict[str, Any] = {
        "v": 1,
        "t": None,
        "up": 10_000,
        "sent": 10_100,
        "sync": None,
        "base": 0,
        "looks": {"1": [14, 980], "2": [13, 910]},
        "reads": [read(1)] if reads is None else reads,
    }
    return batch | changes


def payloads(rng: random.Random, count: int, tags: int = 30) -> list[dict[str, Any]]:
    """Batches of a gateway at work: up to 20 reads each, a quarter of a second apart."""
    return [
        payload(
            [
                read(rng.randrange(tags), rng.choice([1, 2]), rng.randrange(250), rng.randint(1, 5))
                for _ in range(rng.randint(0, 20))
            ],
            up=10_000 + 250 * number,
        )
        for number in range(count)
    ]


def sum_n(batches: list[dict[str, Any]]) -> int:
    return sum(row[4] for batch in batches for row in batch["reads"])
