"""Whether a row stands in the journal's table or in a block: nobody can tell, but by its size."""

import asyncio
import io
import json
import multiprocessing
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from aiosqlite import Connection

from edge.agent.export import export_reads
from edge.agent.intake.queue import Message
from edge.agent.intake.rows import StoredRow
from edge.agent.intake.sorting import Commit
from edge.agent.journal.packing import CLOSED_AFTER_S, ROWS, pack
from edge.agent.journal.store import (
    arrival_at,
    earlier_contents,
    last_batches,
    last_position,
    load_sorter,
    read_journal,
)
from edge.agent.storage.database import FILE_NAME, open_reader, open_writer, prepare
from edge.agent.upkeep.retention import DAY_S, purge
from edge.contracts.settings import RetentionSettings
from edge.contracts.topics import Topics
from tests.agent.schools import BOOT, SITE, read
from tests.support.counts import count, seeded

pytestmark = pytest.mark.anyio

GATEWAYS = 3
BATCHES = 3 * ROWS - 100  # two blocks are packed; what is left is less than one
START = 1_763_900_000.0
LATER = START + BATCHES + CLOSED_AFTER_S + 1
SCHOOL = b'{"kind":"school","rx":1.0,"text":"x"}'
CAME = b'{"kind":"gateway","rx":1.0,"gateway":"gw-0","online":true}'
TIME = b'{"kind":"time","rx":1.0}'
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A journal of a batch a second, other rows between them, all worked through."""
    path = tmp_path / FILE_NAME
    prepare(path)
    rows: list[tuple[Any, ...]] = [(START, "school", None, None, None, SCHOOL)]
    for number in range(BATCHES):
        at = START + number
        seq, gateway = divmod(number, GATEWAYS)
        rows.append((at, "batch", gateway + 1, seq, round(at * 1000), payload(number)))
        if not number % 500:
            rows.append((at, "gateway", None, None, None, CAME))
            rows.append((at, "time", None, None, None, TIME))
    with closing(sqlite3.connect(path)) as c, c:
        for number in range(GATEWAYS):
            c.execute("INSERT INTO origins VALUES (?,?,?)", (number + 1, f"gw-{number}", BOOT))
        c.executemany(
            "INSERT INTO journal (pos, rx, kind, origin, seq, place_ms, body)"
            " VALUES (?,?,?,?,?,?,?)",
            [(pos, *row) for pos, row in enumerate(rows, 1)],
        )
        c.execute("UPDATE counters SET value = ? WHERE name = 'ledger_pos'", (len(rows),))
    return path


def payload(number: int) -> bytes:
    reads = [read(tag, dt=number % 250) for tag in range(5)]
    batch = {"v": 1, "t": 1, "up": number, "sent": number, "sync": 1, "base": 0}
    return json.dumps(batch | {"looks": {"1": [14, 980]}, "reads": reads}).encode()


async def whole(database: Path) -> list[StoredRow]:
    async with reading(database) as connection:
        parts = read_journal(connection, 0, await last_position(connection))
        return [stored async for part in parts for stored in part]


@asynccontextmanager
async def reading(database: Path) -> AsyncIterator[Connection]:
    connection = await open_reader(database)
    try:
        yield connection
    finally:
        await connection.close()


def held(database: Path, table: str) -> int:
    with closing(sqlite3.connect(database)) as c:
        return int(c.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


async def again(database: Path, messages: Sequence[Message]) -> Commit:
    """What an agent that starts now would commit of these messages."""
    connection = await open_writer(database)
    try:
        sorter = await load_sorter(connection, Topics(SITE))
        decoded = sorter.decode(messages)
        earlier = await earlier_contents(connection, sorter, sorter.known(decoded))
        return sorter.sort(messages, decoded, earlier)
    finally:
        await connection.close()


def message(number: int, body: bytes) -> Message:
    seq, gateway = divmod(number, GATEWAYS)
    return Message(f"rollcall/{SITE}/gw-{gateway}/reads/{BOOT}/{seq}", body, f"gw-{gateway}", LATER)


async def test_the_journal_reads_the_same_from_blocks(database: Path) -> None:
    before = await whole(database)
    async with reading(database) as connection:
        batches = await last_batches(connection)
    assert pack(database, LATER) == 2 * ROWS
    assert held(database, "journal") == len(before) - 2 * ROWS
    assert await whole(database) == before
    async with reading(database) as connection:
        assert await last_batches(connection) == batches
        for pos in (1, 2, 700, ROWS + 3, 2 * ROWS, len(before)):
            assert await arrival_at(connection, pos) == before[pos - 1].rx
        middle = [r async for part in read_journal(connection, 900, 2200) for r in part]
    assert middle == before[900:2200]
    assert pack(database, LATER) == 0


def test_what_is_young_or_not_worked_through_stays(database: Path) -> None:
    assert pack(database, START + CLOSED_AFTER_S + ROWS - 10) == 0
    with closing(sqlite3.connect(database)) as c, c:
        c.execute("UPDATE counters SET value = 1000 WHERE name = 'ledger_pos'")
    assert pack(database, LATER) == 0


async def test_a_batch_that_sits_in_a_block_does_not_count_again(database: Path) -> None:
    pack(database, LATER)
    numbers = [0, 5, 1000, ROWS, 2 * ROWS - 50, BATCHES - 1]
    commit = await again(database, [message(number, payload(number)) for number in numbers])
    assert (commit.batches, commit.repeats, len(commit.quarantined)) == (0, len(numbers), 0)
    other = await again(database, [message(5, payload(6000))])
    assert (other.batches, other.repeats) == (0, 0)
    assert [q.reason for q in other.quarantined] == [
        "the same name again with other content; the first stays"
    ]
    new = await again(database, [message(BATCHES, payload(BATCHES))])
    assert (new.batches, new.repeats) == (1, 0)


async def test_blocks_go_when_their_time_is_over_to_the_second(database: Path) -> None:
    pack(database, LATER)
    before = await whole(database)
    kept = RetentionSettings(reads_days=2)
    cut = START + 700.5  # in the middle of the first block
    assert purge(database, kept, cut + 2 * DAY_S).journal == 703  # two of them tell the time
    after = await whole(database)
    assert after == [r for r in before if r.rx >= cut or r.kind in ("school", "gateway")]
    commit = await again(database, [message(5, payload(6000)), message(701, payload(701))])
    assert (commit.batches, commit.repeats, len(commit.quarantined)) == (0, 2, 0)
    purge(database, kept, LATER + 3 * DAY_S)
    assert held(database, "journal_blocks") == held(database, "block_names") == 0
    assert [r.kind for r in await whole(database)].count("batch") == 1  # the newest stays
    assert held(database, "forgotten") == GATEWAYS


async def test_a_damaged_block_costs_its_rows_and_nothing_else(database: Path) -> None:
    before = await whole(database)
    pack(database, LATER)
    with closing(sqlite3.connect(database)) as c, c:
        (first,) = c.execute("SELECT min(first) FROM journal_blocks").fetchone()
        c.execute("UPDATE journal_blocks SET body = x'00' WHERE first = ?", (first,))
    left = await whole(database)
    assert [r.kind for r in left].count("block") == 1
    assert len(left) == len(before) - ROWS + 1
    out = io.BytesIO()
    assert await export_reads(database, out) > 5 * ROWS  # five reads a batch
    commit = await again(database, [message(5, payload(6000))])
    assert (commit.batches, commit.repeats) == (0, 1)  # its name is known all the same
    purge(database, RetentionSettings(reads_days=2), LATER + 3 * DAY_S)
    assert held(database, "journal_blocks") == held(database, "block_names") == 0


def _pack_for_ever(database: Path, started: Any) -> None:
    started.set()
    pack(database, LATER)


@pytest.mark.parametrize("run", range(count(2, 100)))
def test_a_kill_at_any_moment_costs_nothing(database: Path, run: int) -> None:
    chance = seeded("packing kills", run)
    before = asyncio.run(whole(database))
    started = SPAWN.Event()
    packing = SPAWN.Process(target=_pack_for_ever, args=(database, started))
    packing.start()
    assert started.wait(30.0)
    packing.join(chance.uniform(0.0, 0.2))
    packing.kill()
    packing.join()
    assert asyncio.run(whole(database)) == before
    pack(database, LATER)
    assert asyncio.run(whole(database)) == before
    assert held(database, "journal") == len(before) - 2 * ROWS
