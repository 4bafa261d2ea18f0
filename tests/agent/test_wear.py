"""What the journal writes to the card for a batch stays within a budget. Counted, not timed."""

from pathlib import Path

import pytest

from benchmarks.wear import Life, Moved, writer
from edge.agent.intake.queue import COMMIT_AFTER_S
from edge.agent.storage.database import FILE_NAME, open_writer, prepare

pytestmark = pytest.mark.anyio

SETTLED_S = 30.0
MEASURED_S = 60.0
# Pages of 1 KiB: the journal, its names, the counters; two to three batches share a commit.
BUDGET_BYTES = 3_700


async def test_a_batch_costs_no_more_bytes_than_budgeted(tmp_path: Path) -> None:
    prepare(tmp_path / FILE_NAME)
    wal = tmp_path / f"{FILE_NAME}-wal"
    connection = await open_writer(tmp_path / FILE_NAME)
    await connection.execute("PRAGMA wal_autocheckpoint=0")  # so that the WAL holds every write
    clock = Moved()
    ingest = await writer(tmp_path, connection, clock)
    school = Life(walks=0.3)
    before = batches = 0
    while clock.at < SETTLED_S + MEASURED_S:
        clock.at += COMMIT_AFTER_S
        items = school.until(clock.at)
        await ingest.take_over(items)
        if clock.at < SETTLED_S:
            before = wal.stat().st_size
        else:
            batches += len(items)
    written = wal.stat().st_size - before
    await connection.close()
    assert batches > 500
    assert written / batches < BUDGET_BYTES
