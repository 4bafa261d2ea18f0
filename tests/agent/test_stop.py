"""The agent with its page stops within 3 s, whatever is open or under way."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge.agent import service
from edge.agent.service import Agent
from edge.agent.upkeep import retention
from edge.api.app import create_app
from edge.api.server import PageServer
from tests.agent.running import START_S
from tests.agent.schools import settings
from tests.support.waiting import eventually

STREAMS = ("/live/carts", "/api/v1/stream", "/live/changes?of=alert")
TABS = 8  # of each: what a browser allows, several times over

Stuck = Callable[[object, str], threading.Event]

STOP_S = 3.0  # what stopping may take, with everything open


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[Agent, int]]:
    """The agent and its page, as `rollcall agent` puts them together."""
    agent = Agent(settings(folder))
    page = PageServer(create_app(agent), "127.0.0.1", 0)
    agent.let_go = page.stop
    running = asyncio.create_task(agent.run(), name="agent")
    await eventually(agent.ready.is_set, START_S, "the agent")
    await page.start()
    try:
        yield agent, page.port
    finally:
        agent.stop()
        await running


async def open_stream(port: int, path: str) -> asyncio.StreamReader:
    """A stream that has begun, and that nobody reads any further."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n".encode())
    assert b" 200 " in await reader.readline()
    return reader


def test_with_open_streams(tmp_path: Path) -> None:
    async def live() -> float:
        async with serving(tmp_path) as (_, port):
            opening = [open_stream(port, path) for path in STREAMS for _ in range(TABS)]
            streams = await asyncio.gather(*opening)
            began = time.monotonic()
        for stream in streams:
            await stream.read()  # to its end: the server closed it
        return began

    began = asyncio.run(live())
    assert time.monotonic() - began < STOP_S


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stuck]:
    """Something of the agent's that takes a minute once it began."""
    over = threading.Event()

    def get_stuck(module: object, name: str) -> threading.Event:
        began = threading.Event()

        def work(*_: object) -> None:
            began.set()
            over.wait(60.0)

        monkeypatch.setattr(module, name, work)
        return began

    yield get_stuck
    over.set()


def test_while_old_data_is_deleted(
    stuck: Stuck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "FIRST_S", 0.0)
    purging = stuck(retention, "purge")

    async def live() -> float:
        async with serving(tmp_path):
            await eventually(purging.is_set, START_S, "the purge")
            return time.monotonic()

    began = asyncio.run(live())
    assert time.monotonic() - began < STOP_S


def test_while_it_starts(stuck: Stuck, tmp_path: Path) -> None:
    checking = stuck(service, "prepare")

    async def live() -> float:
        agent = Agent(settings(tmp_path))
        running = asyncio.create_task(agent.run(), name="agent")
        await eventually(checking.is_set, START_S, "the check")
        agent.stop()
        began = time.monotonic()
        await running
        return began

    began = asyncio.run(live())
    assert time.monotonic() - began < STOP_S
