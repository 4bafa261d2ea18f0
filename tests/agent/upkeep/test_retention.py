"""What is over its time goes, what is needed stays, and the agent goes on all the same."""

import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from edge.agent.process.clock import Clock
from edge.agent.service import Agent
from edge.agent.snapshot import snapshots
from edge.agent.storage.database import FILE_NAME, prepare
from edge.agent.upkeep.retention import DAY_S, purge
from edge.contracts.settings import RetentionSettings
from edge.custody.loans import holder_named, lend, take_back
from edge.custody.looks import add_look, first_break
from tests.agent.running import rows, running
from tests.agent.schools import BOOT, NEXT_BOOT, SITE, payloads, settings
from tests.agent.walks import doorway
from tests.support.broker import Broker
from tests.support.sender import Sender
from tests.support.waiting import eventually

NOW = 1_763_995_320.0
JOURNAL = [
    *(("school", 500), ("batch", 11), ("batch", 10.1), ("time", 11), ("loan", 500)),
    *(("batch", 9.9), ("batch", 50), ("time", 11)),
]
KEPT = RetentionSettings(reads_days=10, places_days=100, holders_days=20, logs_days=300)


class Past(Clock):
    """A clock that stands some days behind."""

    def __init__(self, days: float) -> None:
        super().__init__()
        self.days = days

    def now(self) -> float:
        return time.time() - self.days * DAY_S


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / FILE_NAME
    prepare(path)
    return path


def test_each_table_keeps_what_is_younger_than_its_days(database: Path) -> None:
    with closing(sqlite3.connect(database)) as c, c:
        c.execute("INSERT INTO origins VALUES (1, 'gw', 'boot')")
        for pos, (kind, days) in enumerate(JOURNAL, 1):
            origin, seq = (1, pos) if kind == "batch" else (None, None)
            row = (pos, NOW - days * DAY_S, kind, origin, seq, b"x")
            c.execute("INSERT INTO journal VALUES (?,?,?,?,?,NULL,?)", row)
        c.execute("UPDATE counters SET value = 6 WHERE name = 'ledger_pos'")
        for days in (99, 101):
            at = NOW - days * DAY_S
            c.execute(
                "INSERT INTO events (pos, count, t, decided, kind, body) VALUES (?,0,?,?,'x',x'')",
                (days, at, at),
            )
            for epc in ("moved", f"rested {days}"):
                c.execute("INSERT INTO stays VALUES (?,?,'r1',1)", (epc, at))
            for state, closed in (("open", None), ("closed", at)):
                c.execute(
                    "INSERT INTO alerts (id, t, decided, rule, late, why, closed_at)"
                    " VALUES (?,?,?,'x',0,'',?)",
                    (f"{state} {days}", at, at, closed),
                )
                c.execute(
                    "INSERT INTO acknowledged (alert, at, account, note) VALUES (?,?,'a','')",
                    (f"{state} {days}", at),
                )
            c.execute("INSERT INTO starts VALUES ('gw',?,'','','',?)", (str(days), at))
    gone = purge(database, KEPT, NOW)
    with closing(sqlite3.connect(database)) as c:

        def column(query: str) -> list[Any]:
            return [value for (value,) in c.execute(query)]

        # 7 is not worked through yet, 8 is the newest: the next position goes on from there.
        assert column("SELECT pos FROM journal ORDER BY pos") == [1, 5, 6, 7, 8]
        assert c.execute("SELECT * FROM forgotten").fetchall() == [(1, 2, 3)]
        assert column("SELECT pos FROM events") == [99]
        assert c.execute("SELECT epc FROM stays ORDER BY 1").fetchall() == [
            *(("moved",), ("rested 101",), ("rested 99",))
        ]
        left = ["closed 99", "open 101", "open 99"]
        assert column("SELECT id FROM alerts ORDER BY id") == left
        assert column("SELECT alert FROM acknowledged ORDER BY 1") == left
        assert column("SELECT boot FROM starts") == ["99"]
    assert (gone.journal, gone.events, gone.stays, gone.alerts) == (3, 1, 1, 2)
    assert purge(database, KEPT, NOW) == type(gone)()


def test_who_had_a_device_is_forgotten_some_time_after_it_came_back(database: Path) -> None:
    def day(days: float) -> float:
        return NOW - days * DAY_S

    with closing(sqlite3.connect(database)) as c, c:
        for number, (name, returned) in enumerate(
            [("gone", 21), ("came back lately", 19), ("has it", None), ("long gone", 150)]
        ):
            holder = holder_named(c, name, day(400))
            loan = lend(c, f"E{number}", holder, day(400), None, day(400))
            if returned is not None:
                take_back(c, loan.id, day(returned), NOW)
        for age in (301, 299):
            add_look(c, day(age), "office", "cust_1", "overdue loan")
            c.execute("INSERT INTO school_saved VALUES ('h', ?, 'office')", (day(age),))
    purge(database, KEPT, NOW)
    with closing(sqlite3.connect(database)) as c:
        names = {name for (name,) in c.execute("SELECT name FROM holder_names")}
        assert names == {"came back lately", "has it"}
        assert c.execute("SELECT count(*) FROM holders").fetchone() == (2,)
        query = "SELECT epc, holder IS NULL FROM loans ORDER BY epc"
        assert c.execute(query).fetchall() == [("E0", 1), ("E1", 0), ("E2", 0)]
        assert c.execute("SELECT number FROM looks").fetchall() == [(2,)]
        assert c.execute("SELECT at FROM school_saved").fetchall() == [(day(299),)]
        assert first_break(c) is None
    assert b"long gone" not in database.read_bytes()


@pytest.mark.anyio
@pytest.mark.parametrize("with_snapshot", [True, False])
async def test_the_agent_goes_on_and_nothing_counts_twice_after_a_purge(
    broker: Broker, tmp_path: Path, with_snapshot: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound in ("FIRST_S", "EVERY_S", "FEWEST_ROWS"):
        monkeypatch.setattr(snapshots, bound, 0)
    old = payloads(random.Random(1), 60)
    chosen = settings(tmp_path, broker.url)
    async with running(Agent(chosen, clock=Past(20))):
        with Sender(broker.port, SITE, "gw-d1", BOOT, old) as sender:
            await eventually(lambda: sender.empty, 20.0, "the outbox to be empty")
    database = tmp_path / "data" / FILE_NAME
    snapshot = tmp_path / "data" / snapshots.FILE_NAME
    assert snapshot.exists()  # of the newest row, which stays
    ((before,),) = rows(tmp_path, "SELECT max(pos) FROM journal")
    assert purge(database, chosen.retention, time.time()).journal >= 58
    if not with_snapshot:
        snapshot.unlink()
    with capture_logs() as said:
        await goes_on(Agent(chosen), broker, tmp_path, old, before)
    taken_up = [line for line in said if line["event"] == "snapshot taken up"]
    assert len(taken_up) == with_snapshot


async def goes_on(chosen: Agent, broker: Broker, folder: Path, old: list[Any], before: int) -> None:
    walks = doorway(round(time.time() * 1000) - 30_000, 30)
    for walk in walks:
        walk.update(t=None, sent=35_000)
    async with running(chosen) as agent:
        with Sender(broker.port, SITE, "gw-d1", BOOT, old) as again:
            await eventually(lambda: again.empty, 20.0, "the old outbox to be empty again")
        totals = await agent.queries.totals()
        assert (totals.batches, totals.quarantined, totals.lost) == (60, 0, 0)
        assert totals.repeats >= 60
        with Sender(broker.port, SITE, "gw-d1", NEXT_BOOT, walks) as sender:
            await eventually(lambda: sender.empty, 20.0, "the new outbox to be empty")

            async def crossed() -> bool:
                query = "SELECT 1 FROM events WHERE kind = 'crossed' AND pos > ?"
                return bool(rows(folder, query, (before,)))

            await eventually(crossed, 30.0, "a crossing")
