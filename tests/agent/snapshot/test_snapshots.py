"""A start from a snapshot leaves the same ledger as one from the whole journal, only sooner."""

import random
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.agent.engine import Engine
from edge.agent.ledger.store import Ledger
from edge.agent.process.clock import Clock
from edge.agent.service import Agent
from edge.agent.snapshot import snapshots as snapshots_module
from edge.agent.snapshot.snapshots import FILE_NAME as SNAPSHOT
from edge.agent.snapshot.snapshots import Snapshots, engine_build
from edge.agent.start_up import StartUp
from edge.agent.storage.database import FILE_NAME, open_writer, prepare
from edge.contracts.readlog import DeviceRow, GatewayRow, Row, SchoolRow, TimeRow, encode_row
from tests.agent.running import rows, running
from tests.agent.schools import BOOT, SITE, payloads, settings
from tests.engine.scenes import (
    NOON,
    OTHER,
    SCHOOL_TEXT,
    TAG,
    fell_silent,
    lies_in_cart,
    looks,
    numbered,
    walk,
)
from tests.support.broker import Broker
from tests.support.sender import Sender
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio

JOURNAL: list[Row] = numbered(
    [
        SchoolRow(rx=NOON - 60, text=SCHOOL_TEXT),
        DeviceRow(rx=NOON - 59, epc=TAG, home="r1", cart="c1"),
        GatewayRow(rx=NOON - 50, gateway="gw-d1", online=True, boot=BOOT),
        *walk("d1", NOON, 1),
        GatewayRow(rx=NOON + 4, gateway="gw-d1", online=False, boot=BOOT),
        *walk("front", NOON + 8, 2, epc=OTHER),
        *lies_in_cart("c1", NOON + 20, NOON + 95),
        *looks("gw-c1", NOON + 20, NOON + 130),
        fell_silent("c1", NOON + 95),
        *walk("front", NOON + 150, 1, epc=OTHER),
        TimeRow(rx=NOON + 300),
    ]
)
TABLES = ("events", "stays", "whereabouts", "presence", "alerts", "devices", "observed", "counters")
CUT = len(JOURNAL) // 2


def journal(folder: Path) -> None:
    path = folder / "data" / FILE_NAME
    prepare(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO journal (pos, rx, kind, body) VALUES (?,?,?,?)",
            [(row.pos, row.rx, "row", encode_row(row)) for row in JOURNAL],
        )


@asynccontextmanager
async def opened(
    folder: Path, database_id: str = "mine"
) -> AsyncIterator[tuple[Ledger, Snapshots]]:
    connection = await open_writer(folder / "data" / FILE_NAME)
    try:
        ledger = Ledger(connection, Engine())
        await ledger.open()
        yield ledger, Snapshots(folder / "data", connection, database_id, Clock())
    finally:
        await connection.close()


async def work_through(ledger: Ledger, up_to: int) -> list[int]:
    """Work the journal through; return the positions that were."""
    seen: list[int] = []
    await ledger.rebuild(up_to, lambda stored, _: seen.append(stored.pos))
    return seen


async def stopped_at(folder: Path, cut: int) -> None:
    """An agent that stopped at a position, with a snapshot of then."""
    journal(folder)
    async with opened(folder) as (ledger, snapshots):
        await work_through(ledger, cut)
        await snapshots.write(ledger)


def tables(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {table: rows(folder, f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def expected(tmp_path: Path) -> dict[str, list[tuple[Any, ...]]]:
    whole = tmp_path / "whole"
    journal(whole)
    async with opened(whole) as (ledger, _):
        await work_through(ledger, len(JOURNAL))
    return tables(whole)


@pytest.mark.parametrize("cut", range(1, len(JOURNAL), 29))
async def test_the_ledger_is_the_same_wherever_the_snapshot_was_taken(
    cut: int, tmp_path: Path, expected: dict[str, list[tuple[Any, ...]]]
) -> None:
    await stopped_at(tmp_path, cut)
    async with opened(tmp_path) as (ledger, snapshots):
        assert await snapshots.recall(ledger)
        assert await work_through(ledger, len(JOURNAL)) == list(range(cut + 1, len(JOURNAL) + 1))
        assert ledger.school_text == SCHOOL_TEXT
        assert [row.online for row in ledger.gateway_rows] == [True, False]
    assert tables(tmp_path) == expected


def forget_the_ledger(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "data" / FILE_NAME)) as connection, connection:
        for table in TABLES[:-1]:
            connection.execute(f"DELETE FROM {table}")
        connection.execute("UPDATE counters SET value = 0 WHERE name = 'ledger_pos'")


def damage(folder: Path) -> None:
    path = folder / "data" / SNAPSHOT
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def take_away(folder: Path) -> None:
    (folder / "data" / SNAPSHOT).unlink()


@pytest.mark.parametrize("spoil", [damage, take_away, forget_the_ledger])
async def test_without_a_snapshot_that_fits_the_journal_is_worked_through(
    spoil: Callable[[Path], None], tmp_path: Path, expected: dict[str, list[tuple[Any, ...]]]
) -> None:
    await stopped_at(tmp_path, CUT)
    spoil(tmp_path)
    async with opened(tmp_path) as (ledger, snapshots):
        assert not await snapshots.recall(ledger)
        assert len(await work_through(ledger, len(JOURNAL))) == len(JOURNAL)
    assert tables(tmp_path) == expected


async def test_a_snapshot_of_another_database_journal_or_build_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stopped_at(tmp_path, CUT)
    async with opened(tmp_path, "restored") as (ledger, snapshots):
        assert not await snapshots.recall(ledger)
    with monkeypatch.context() as patch:
        patch.setattr(snapshots_module, "engine_build", lambda: "another")
        async with opened(tmp_path) as (ledger, snapshots):
            assert not await snapshots.recall(ledger)
    with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME)) as connection, connection:
        connection.execute("UPDATE journal SET rx = rx + 1 WHERE pos = ?", (CUT,))
    async with opened(tmp_path) as (ledger, snapshots):
        assert not await snapshots.recall(ledger)


def test_the_build_is_a_digest_of_the_engine_that_stays_the_same() -> None:
    assert engine_build() == engine_build.__wrapped__()
    assert len(engine_build()) == 32


async def test_an_agent_that_starts_again_goes_on_from_its_snapshot(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots_module, "FIRST_S", 0.0)
    monkeypatch.setattr(snapshots_module, "FEWEST_ROWS", 10)
    script = payloads(random.Random(1), 60)
    async with running(Agent(settings(tmp_path, broker.url))) as agent:
        with Sender(broker.port, SITE, "gw-d1", BOOT, script) as sender:
            await eventually(lambda: sender.empty, 20.0, "the outbox to be empty")
        before = await agent.queries.totals()
    said = tables(tmp_path)
    worked_through: list[int] = []
    recall = StartUp._recall

    def watched(self: StartUp, stored: Any, expanded: list[Row]) -> None:
        worked_through.append(stored.pos)
        recall(self, stored, expanded)

    monkeypatch.setattr(StartUp, "_recall", watched)
    async with running(Agent(settings(tmp_path, broker.url))) as agent:
        totals = await agent.queries.totals()
        assert totals == msgspec.structs.replace(before, commits=0)  # of this run
        assert agent._gateways.get("gw-d1").last_batch is not None
    assert len(worked_through) < len(script)
    assert tables(tmp_path)["events"] == said["events"]
