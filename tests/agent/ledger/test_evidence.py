"""The reads behind a statement: that tag's, at that gateway, around then, known by then."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.agent.ledger.evidence import FARTHEST, Heard, Window, heard_before
from edge.agent.storage.database import FILE_NAME, open_reader, prepare
from tests.agent.schools import epc, payload

pytestmark = pytest.mark.anyio

TAG, OTHER = epc(1), epc(2)
T = 1_763_995_320.0


class Journal:
    """A journal with batches at positions that a test chooses."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        prepare(self.path)
        with closing(sqlite3.connect(self.path)) as connection:
            rows = [(1, "gw-d1", "0000000100000001"), (2, "gw-c1", "0000000100000002")]
            connection.executemany("INSERT INTO origins VALUES (?,?,?)", rows)
            connection.commit()

    def batch(self, pos: int, at: float, *reads: list[object], origin: int = 1) -> None:
        """A batch whose zero was at T + `at`."""
        t = round((T + at) * 1000)
        body = json.dumps(payload(list(reads), t=t, up=5000, sync=5, looks={}))
        row = (pos, T + at + 0.5, "batch", origin, pos, t, body.encode())
        with closing(sqlite3.connect(self.path)) as connection:
            query = "INSERT INTO journal (pos, rx, kind, origin, seq, place_ms, body)"
            connection.execute(f"{query} VALUES (?,?,?,?,?,?,?)", row)
            connection.commit()

    async def heard(self, pos: int, since: float = -5, until: float = 5) -> list[Heard]:
        connection = await open_reader(self.path)
        try:
            window = Window(pos, "gw-d1", T + since, T + until)
            return await heard_before(connection, TAG, window)
        finally:
            await connection.close()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path)


async def test_it_is_the_tags_own_reads_there_and_then_in_order_of_their_peaks(
    journal: Journal,
) -> None:
    journal.batch(1, -1.0, [TAG, 1, -60.0, 0, 3, 200, 150], [OTHER, 1, -50.0, 0, 3, 200, 100])
    journal.batch(2, -0.5, [TAG, 1, -40.0, 0, 3, 200, 150], origin=2)
    journal.batch(3, 1.0, [TAG, 2, None, 0, 2, 200, 0], [TAG, 2, None, 500, 0, 3000, 0])
    journal.batch(4, 30.0, [TAG, 2, -55.0, 0, 3, 200, 0])
    assert await journal.heard(4) == [Heard(T - 0.85, 1, -60.0, 3), Heard(T + 1.0, 2, None, 2)]


async def test_what_came_after_the_statement_is_not_behind_it(journal: Journal) -> None:
    journal.batch(1, -1.0, [TAG, 1, -60.0, 0, 3, 200, 0])
    journal.batch(2, 1.0, [TAG, 1, -50.0, 0, 3, 200, 0])
    assert [heard.rssi for heard in await journal.heard(1)] == [-60.0]


async def test_what_retention_took_or_lies_too_far_back_is_not_found(journal: Journal) -> None:
    assert await journal.heard(900) == []
    journal.batch(1, 0.0, [TAG, 1, -60.0, 0, 3, 200, 0])
    assert len(await journal.heard(FARTHEST)) == 1
    assert await journal.heard(FARTHEST + 600) == []
