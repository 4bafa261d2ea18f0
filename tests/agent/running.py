"""An agent in the test's own loop, and what its database holds."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from edge.agent.service import Agent
from edge.agent.storage.database import FILE_NAME
from tests.support.waiting import eventually

START_S = 10.0
STOP_S = 10.0  # promised are 3 s (test_stop.py); a machine at many things at once takes longer


@asynccontextmanager
async def running(agent: Agent, connected: bool = True) -> AsyncIterator[Agent]:
    """Run an agent; stopping it in time is part of every test."""
    task = asyncio.create_task(agent.run(), name="agent")
    try:
        await eventually(lambda: agent.ready.is_set() or task.done(), START_S, "the agent")
        if connected:
            await eventually(lambda: agent.broker_connected or task.done(), START_S, "the broker")
        yield agent
    finally:
        agent.stop()
        async with asyncio.timeout(STOP_S):
            await task


def rows(folder: Path, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """Ask the agent's database from outside."""
    uri = f"file:{folder / 'data' / FILE_NAME}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        return connection.execute(query, values).fetchall()


def names(folder: Path) -> list[tuple[str, str, int]]:
    """Every journaled batch: gateway, boot, seq."""
    return rows(
        folder,
        "SELECT o.gateway, o.boot, j.seq FROM journal AS j JOIN origins AS o ON o.id = j.origin"
        " ORDER BY 1, 2, 3",
    )
