"""From the loan by API to the exit: who is lent out raises no alert, who is not does."""

from pathlib import Path

import httpx
import pytest

from edge.agent.service import Agent
from edge.api.app import create_app
from edge.contracts.settings import AgentSettings, MqttSettings
from tests.agent.running import running
from tests.agent.schools import BOOT, SITE, TEXT, epc, payload
from tests.support.broker import Broker
from tests.support.sender import Sender
from tests.support.waiting import eventually

LENT, TAKEN = epc(1), epc(2)
EXIT = """
[rooms.outside]
kind = "outside"
[doorways.front]
between = ["hall", "outside"]
gateway = "gw-front"
antennas = { 1 = "hall", 2 = "outside" }
"""
LONG_MS = 25_000  # the walks began so long before they are sent: the engine need not wait


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def walk_out(tag: str, second: int) -> list[dict]:
    """Four seconds from the hall to the outside, a batch a second."""
    batches = []
    for step in range(4):
        reads = []
        for part in range(4):
            reads.append([tag, 1, -45.0 - 6 * step - part, part * 250, 3, 200, 100])
            reads.append([tag, 2, -63.0 + 6 * step + part, part * 250 + 20, 3, 200, 100])
        at = 5000 + (second + step) * 1000
        looks = {"1": [14, 480], "2": [13, 480]}
        batches.append(payload(reads, up=at, sent=5000 + LONG_MS, looks=looks))
    return batches


@pytest.mark.anyio
async def test_a_device_on_loan_leaves_without_an_alert(broker: Broker, tmp_path: Path) -> None:
    school, devices = tmp_path / "school.toml", tmp_path / "devices.csv"
    school.write_text(TEXT + EXIT)
    devices.write_text(f"epc,asset_tag\n{LENT},LIN-1\n{TAKEN},LIN-2\n")
    mqtt = MqttSettings(url=broker.url)
    settings = AgentSettings(school=school, devices=devices, data=tmp_path / "data", mqtt=mqtt)
    async with running(Agent(settings)) as agent:
        transport = httpx.ASGITransport(create_app(agent))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:

            async def lend() -> bool:
                said = {"device": "LIN-1", "name": "Somebody", "taken": 1_763_900_000}
                return (await http.post("/api/v1/loans", json=said)).status_code == 201

            async def taken_in() -> bool:
                return (await agent.queries.totals()).journal_pos >= 4  # school, devices, loan

            await eventually(lend, 20.0, "the loan")
            await eventually(taken_in, 20.0, "the loan in the journal")

            async def alerts() -> list[dict]:
                found = (await http.get("/api/v1/alerts?open_only=false")).json()["items"]
                return [a for a in found if a["rule"] == "left-building"]

            script = [*walk_out(LENT, 0), *walk_out(TAKEN, 6)]
            with Sender(broker.port, SITE, "gw-front", BOOT, script) as sender:
                await eventually(lambda: sender.empty, 20.0, "the outbox to be empty")
                await eventually(alerts, 30.0, "an alert")
            assert {alert["epc"] for alert in await alerts()} == {TAKEN}
            # The office lets the other one out for the day: its alert closes by itself.
            await agent.allow_exits([TAKEN], 1_763_900_000, 4_000_000_000)

            async def closed() -> bool:
                return [alert["reason"] for alert in await alerts()] == ["allowed"]

            await eventually(closed, 30.0, "the alert to close")
            out = [(await agent.queries.device(tag)) for tag in (LENT, TAKEN)]
            assert [device.room for device in out if device] == ["outside", "outside"]
