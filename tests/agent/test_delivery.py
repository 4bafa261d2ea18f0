"""From a gateway's outbox over a real mosquitto into the journal, and the confirmation back."""

import asyncio
import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import paho.mqtt.publish as mqtt_publish
import paho.mqtt.subscribe as mqtt_subscribe
import pytest

from edge.agent.link.publisher import config_mark, config_payloads
from edge.agent.service import Agent, TaskDied
from edge.agent.shown.views import Totals
from edge.agent.storage.database import FILE_NAME
from edge.contracts.events import Event
from edge.contracts.readlog import Row
from tests.agent.running import STOP_S, names, rows, running
from tests.agent.schools import BOOT, NEXT_BOOT, SITE, payload, payloads, read, settings, sum_n
from tests.support.broker import Broker
from tests.support.sender import Sender
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio


def publish(broker: Broker, topic: str, body: Any, retain: bool = False) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    mqtt_publish.single(
        f"rollcall/{SITE}/{topic}", data, 1, retain, hostname="127.0.0.1", port=broker.port
    )


async def say(broker: Broker, topic: str, body: Any, retain: bool = False) -> None:
    await asyncio.to_thread(publish, broker, topic, body, retain)


async def totals_reach(agent: Agent, **wanted: int) -> Totals:
    async def reached() -> Totals | None:
        totals = await agent.queries.totals()
        return totals if all(getattr(totals, k) >= v for k, v in wanted.items()) else None

    found = await eventually(reached, 10.0, f"totals {wanted}")
    assert found is not None
    return found


async def test_everything_sent_is_journaled_once_and_confirmed(
    broker: Broker, tmp_path: Path
) -> None:
    script = payloads(random.Random(1), 120)
    async with running(Agent(settings(tmp_path, broker.url))) as agent:
        with Sender(broker.port, SITE, "gw-d1", BOOT, script) as sender:
            await eventually(lambda: sender.empty, 20.0, "the outbox to be empty")
        totals = await agent.queries.totals()
    assert names(tmp_path) == [("gw-d1", BOOT, seq) for seq in range(120)]
    assert (totals.batches, totals.sum_n) == (120, sum_n(script))
    assert (totals.quarantined, totals.lost) == (0, 0)
    assert {ack["agent"] for ack in sender.acks} == {agent_id(tmp_path)}


def agent_id(folder: Path) -> str:
    return str(rows(folder, "SELECT value FROM meta WHERE name = 'id'")[0][0])


async def test_nothing_is_confirmed_that_is_not_on_the_disk(broker: Broker, tmp_path: Path) -> None:
    script = payloads(random.Random(2), 10)
    async with running(Agent(settings(tmp_path, broker.url))) as agent:
        other = sqlite3.connect(tmp_path / "data" / FILE_NAME, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # another process holds the database
        with Sender(broker.port, SITE, "gw-d1", BOOT, script) as sender:
            await eventually(lambda: sender.sent >= 10, 5.0, "all to be sent")
            assert sender.confirmed == 0
            other.execute("ROLLBACK")
            other.close()
            await eventually(lambda: sender.empty, 20.0, "the outbox to be empty")
        await totals_reach(agent, batches=10)
    assert len(names(tmp_path)) == 10


async def test_bad_payloads_are_quarantined_confirmed_and_cost_nothing(
    broker: Broker, tmp_path: Path
) -> None:
    async with running(Agent(settings(tmp_path, broker.url))) as agent:
        await say(broker, f"gw-d1/reads/{BOOT}/0", b"\xff\x00 not json")
        await say(broker, f"gw-d1/reads/{BOOT}/1", payload([read(1), ["bad"], read(2)]))
        await say(broker, f"gw-d1/reads/{BOOT}/2", payload([read(3)]))
        await say(broker, f"gw-d1/reads/{BOOT}/2", payload([read(4)]))
        await say(broker, "gw-d1/reads/nonsense/2", payload())
        await say(broker, "gw-d1/health", b"[]")
        await say(broker, "gw-d1/status", b'{"v":1}')
        totals = await totals_reach(agent, batches=2, quarantined=6)
    assert (totals.batches, totals.reads, totals.quarantined) == (2, 3, 6)
    found = rows(tmp_path, "SELECT part, seq FROM quarantine ORDER BY id")
    assert sorted(found, key=str) == sorted(
        [
            ("batch", 0),
            ("read", 1),
            ("batch", 2),
            ("batch", None),
            ("health", None),
            ("status", None),
        ],
        key=str,
    )


async def test_an_unknown_gateway_is_journaled_shown_and_gives_no_events(
    broker: Broker, tmp_path: Path
) -> None:
    script = payloads(random.Random(3), 5)
    async with running(Agent(settings(tmp_path, broker.url))) as agent:
        with Sender(broker.port, SITE, "gw-new", BOOT, script) as sender:
            await eventually(lambda: sender.empty, 10.0, "the outbox to be empty")
        shown = {view.id: view for view in await agent.queries.gateways()}
        totals = await agent.queries.totals()
    assert not shown["gw-new"].known
    assert (totals.batches, totals.events) == (5, 0)
    assert not rows(tmp_path, "SELECT * FROM devices")


async def test_gateways_come_and_go_and_a_late_will_changes_nothing(
    broker: Broker, tmp_path: Path
) -> None:
    def status(online: bool, boot: str) -> dict[str, Any]:
        return {"v": 1, "online": online, "boot": boot, "hw": "a"}

    async def journaled(count: int) -> list[tuple[Any, ...]]:
        query = "SELECT body FROM journal WHERE kind = 'gateway' ORDER BY pos"
        await eventually(lambda: len(rows(tmp_path, query)) >= count, 5.0, f"{count} rows")
        found = [json.loads(row[0]) for row in rows(tmp_path, query)]
        return [(row["boot"], row["online"]) for row in found]

    async with running(Agent(settings(tmp_path, broker.url))):
        await say(broker, "gw-d1/status", status(True, BOOT), retain=True)
        await say(broker, "gw-d1/status", status(True, NEXT_BOOT), retain=True)
        await say(broker, "gw-d1/status", status(False, BOOT), retain=True)
        await say(broker, "gw-d1/status", status(False, NEXT_BOOT), retain=True)
        assert await journaled(3) == [(BOOT, True), (NEXT_BOOT, True), (NEXT_BOOT, False)]
    async with running(Agent(settings(tmp_path, broker.url))):
        await say(broker, "gw-d1/status", status(True, BOOT), retain=True)
        assert len(await journaled(4)) == 4


async def test_two_boards_under_one_id_raise_an_alert(broker: Broker, tmp_path: Path) -> None:
    async with running(Agent(settings(tmp_path, broker.url))) as agent:
        for board in ("aa", "bb"):
            await say(broker, "gw-d1/status", {"v": 1, "online": True, "boot": BOOT, "hw": board})

        async def alerts() -> list[Any]:
            return (await agent.queries.alerts()).items

        (alert,) = await eventually(alerts, 5.0, "an alert")
        (view,) = [g for g in await agent.queries.gateways() if g.id == "gw-d1"]
    assert (alert.rule, alert.gateway, alert.why) == (
        "two-boards",
        "gw-d1",
        {"boards": ["aa", "bb"]},
    )
    assert view.conflict == ["aa", "bb"]


async def test_loss_is_counted_and_mended_by_what_arrives(broker: Broker, tmp_path: Path) -> None:
    async with running(Agent(settings(tmp_path, broker.url))) as agent:
        await say(broker, f"gw-d1/reads/{BOOT}/0", payload(base=0))
        await say(broker, f"gw-d1/reads/{BOOT}/5", payload(base=3, lost=[[BOOT, 1, 2, 40]]))
        assert (await totals_reach(agent, batches=2)).lost == 2
        await say(broker, f"gw-d1/reads/{BOOT}/6", payload(base=5))
        assert (await totals_reach(agent, batches=3)).lost == 4
        await say(broker, f"gw-d1/reads/{BOOT}/2", payload(base=2))
        assert (await totals_reach(agent, batches=4)).lost == 3
    async with running(Agent(settings(tmp_path, broker.url))) as agent:
        assert (await agent.queries.totals()).lost == 3


async def test_a_gateway_gets_its_settings_retained_and_the_agent_shows_whether_it_runs_them(
    broker: Broker, tmp_path: Path
) -> None:
    async with running(Agent(settings(tmp_path, broker.url))) as agent:
        wanted = config_payloads(agent.school)["gw-d1"]
        got = await asyncio.to_thread(one_message, broker, "gw-d1/config")
        assert got == wanted
        mark = config_mark(got)
        status = {"v": 1, "online": True, "boot": BOOT, "hw": "a", "config": mark}
        await say(broker, "gw-d1/status", status)

        async def current() -> bool | None:
            views = {view.id: view for view in await agent.queries.gateways()}
            return views["gw-d1"].config_current

        assert await eventually(current, 5.0, "config_current")


def one_message(broker: Broker, topic: str) -> bytes:
    message = mqtt_subscribe.simple(
        f"rollcall/{SITE}/{topic}", hostname="127.0.0.1", port=broker.port
    )
    return bytes(message.payload)


async def test_the_agent_says_that_it_goes(broker: Broker, tmp_path: Path) -> None:
    async with running(Agent(settings(tmp_path, broker.url))):
        online = json.loads(await asyncio.to_thread(one_message, broker, "agent/status"))
    gone = json.loads(await asyncio.to_thread(one_message, broker, "agent/status"))
    assert online["online"] is True
    assert gone["online"] is False
    assert online["id"] == gone["id"] == agent_id(tmp_path)
    assert online["boot"] == gone["boot"]


async def test_a_batch_without_time_keeps_its_place(broker: Broker, tmp_path: Path) -> None:
    async with running(Agent(settings(tmp_path, broker.url))) as agent:
        await say(broker, f"gw-d1/reads/{BOOT}/0", payload(up=52_000, sent=52_310))
        await say(broker, f"gw-d1/reads/{BOOT}/1", payload(up=53_000, sent=90_000))
        await say(broker, f"gw-d1/reads/{BOOT}/2", payload(up=54_000, sent=None))
        await say(broker, f"gw-d1/reads/{BOOT}/3", payload(t=99_999_999_999_999))
        await totals_reach(agent, batches=4)
        (view,) = [g for g in await agent.queries.gateways() if g.id == "gw-d1"]
    query = "SELECT rx, place_ms FROM journal WHERE kind = 'batch' ORDER BY pos"
    (rx, first), (_, second), (_, third), (_, odd) = rows(tmp_path, query)
    assert abs(rx * 1000 - 310 - first) <= 1
    assert second < first + 1000  # its boot began earlier than the first batch could tell
    assert third is None
    assert odd is not None
    assert "future" in str(view.clock_odd)


async def test_it_stops_in_time_also_while_the_database_is_locked(
    broker: Broker, tmp_path: Path
) -> None:
    async with running(Agent(settings(tmp_path, broker.url))) as agent:
        with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await say(broker, f"gw-d1/reads/{BOOT}/0", payload())
            await eventually(lambda: agent.not_ready_because, 5.0, "the failure to show")
            assert "locked" in str(agent.not_ready_because)
            agent.stop()
            await eventually(lambda: not agent.broker_connected, STOP_S, "its farewell")
    assert names(tmp_path) == []


class Broken:
    """An engine with a bug where nothing can be set aside."""

    @property
    def pending(self) -> bool:
        raise ZeroDivisionError("a bug")

    def feed(self, row: Row) -> list[Event]:
        return []


async def test_a_task_that_dies_takes_the_agent_down(broker: Broker, tmp_path: Path) -> None:
    agent = Agent(settings(tmp_path, broker.url), make_engine=Broken)
    with pytest.raises(TaskDied, match="time"):
        await asyncio.wait_for(agent.run(), 10.0)
    assert str(agent.not_ready_because) == "The agent is stopping."


async def test_an_unreachable_broker_does_not_stop_the_agent(tmp_path: Path) -> None:
    async with running(Agent(settings(tmp_path, "mqtt://127.0.0.1:1")), connected=False) as agent:
        assert await agent.queries.carts(0.0)
        assert not agent.broker_connected
        assert agent.not_ready_because is None


async def test_no_counts_that_a_gateway_may_claim_stop_the_agent(
    broker: Broker, tmp_path: Path
) -> None:
    """Their sum in one commit would not fit an integer of SQLite."""
    claimed = [["", 1, None, 0, 2**53, 0, 0]] * 140
    script = [payload(reads=claimed) for _ in range(8)]
    async with running(Agent(settings(tmp_path, broker.url))) as agent:
        with Sender(broker.port, SITE, "gw-d1", BOOT, script) as sender:
            await eventually(lambda: sender.empty, 20.0, "the outbox to be empty")
        totals = await agent.queries.totals()
    assert (totals.batches, totals.sum_n) == (8, 0)
    assert totals.quarantined == 8 * 140
