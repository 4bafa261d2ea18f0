"""A row that the engine cannot take costs that row: it is left out, kept, told, and all goes on."""

import io
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from edge.agent.engine import Engine
from edge.agent.export import export_reads
from edge.agent.replay import replay
from edge.agent.service import Agent
from edge.agent.storage.database import FILE_NAME
from edge.contracts.alert_kinds import KINDS
from edge.contracts.events import Event
from edge.contracts.readlog import BadLine, ReadRow, Row
from edge.contracts.school_file import parse_school
from tests.agent.running import rows, running
from tests.agent.schools import BOOT, SITE, TEXT, epc, settings
from tests.agent.walks import doorway
from tests.support.broker import Broker
from tests.support.sender import Sender
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio

POISON = epc(13)  # the first walker


class Stumbling(Engine):
    """An engine with a bug that one device brings out."""

    def feed(self, row: Row) -> list[Event]:
        if isinstance(row, ReadRow) and row.epc == POISON:
            raise ZeroDivisionError(f"a bug for {row.epc}")
        return super().feed(row)


def set_aside(folder: Path) -> Sequence[tuple[int, str, str]]:
    return rows(folder, "SELECT pos, kind, reason FROM set_aside ORDER BY pos")


async def deliver(folder: Path, broker: Broker) -> None:
    walks = doorway(0, 14)
    seconds = [*walks[:4], *walks[10:]]  # two devices, one after the other, just now
    script = [batch | {"t": None, "up": 1000 * at} for at, batch in enumerate(seconds)]
    async with running(Agent(settings(folder, broker.url), make_engine=Stumbling)) as agent:
        with Sender(broker.port, SITE, "gw-d1", BOOT, script) as sender:
            await eventually(lambda: sender.empty, 20.0, "the outbox to be empty")
        await eventually(lambda: epc(14) in crossed(folder), 20.0, "the other's crossing")
        (alert,) = [a for a in (await agent.queries.alerts()).items if a.rule == "set-aside"]
        totals = await agent.queries.totals()
    assert alert.why["reason"] == [f"ZeroDivisionError: a bug for {POISON}"]
    assert "{reason}" in KINDS[alert.rule].says
    assert totals.set_aside == len(set_aside(folder)) == 4  # batches that hold such a read


async def test_the_rest_goes_on_and_the_next_start_does_too(broker: Broker, tmp_path: Path) -> None:
    await deliver(tmp_path, broker)
    before = set_aside(tmp_path)
    assert {kind for _, kind, _ in before} == {"read"}
    async with running(Agent(settings(tmp_path, broker.url), make_engine=Stumbling)) as agent:
        assert (await agent.queries.totals()).set_aside == 4
    assert set_aside(tmp_path) == before
    assert POISON not in crossed(tmp_path)


async def test_a_replay_leaves_out_the_same(broker: Broker, tmp_path: Path) -> None:
    await deliver(tmp_path, broker)
    log = io.BytesIO()
    await export_reads(tmp_path / "data" / FILE_NAME, log)
    said: list[bytes] = []
    bad: list[BadLine] = []
    replay(
        log.getvalue().splitlines(),
        Stumbling(parse_school(TEXT)),
        said.append,
        bad.append,
        flush=False,
    )
    assert b"".join(said).splitlines() == events(tmp_path)
    assert bad and all("ZeroDivisionError" in line.reason for line in bad)


def crossed(folder: Path) -> set[str]:
    said = [json.loads(body) for body in events(folder)]
    return {event["epc"] for event in said if event["kind"] == "crossed"}


def events(folder: Path) -> list[bytes]:
    return [body for (body,) in rows(folder, "SELECT body FROM events ORDER BY pos, count")]


REFUSED = '{"kind":"school","rx":1,"text":"no toml ["}'


@pytest.mark.parametrize("damage", ["not json", "{}", REFUSED])
async def test_a_journal_row_that_cannot_be_read_does_not_stop_the_start(
    damage: str, tmp_path: Path
) -> None:
    """As one may be that a newer version wrote, or a school file that today's rules refuse."""
    async with running(Agent(settings(tmp_path)), connected=False):
        pass
    with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME)) as connection:
        row = "INSERT INTO journal (rx, kind, body) VALUES (1.0, 'school', ?)"
        connection.execute(row, (damage.encode(),))
        connection.commit()
    for _ in range(2):
        async with running(Agent(settings(tmp_path)), connected=False) as agent:
            assert (await agent.queries.totals()).set_aside == 1
