"""What systemd hears on its socket: ready once batches are taken, alive meanwhile, stopping."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.agent.service import Agent
from edge.agent.systemd import Systemd
from tests.agent.running import running
from tests.agent.schools import settings
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def words(heard: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(heard.recv(100).decode())
        except BlockingIOError:
            return found


async def test_it_hears_ready_alive_and_stopping(heard: socket.socket, tmp_path: Path) -> None:
    environment = {"NOTIFY_SOCKET": heard.getsockname(), "WATCHDOG_USEC": "100000"}
    systemd = Systemd(environment)
    assert systemd.alive_every_s == 0.05
    agent = Agent(settings(tmp_path))
    follows = asyncio.create_task(systemd.follow(agent))
    said: list[str] = []

    async def alive_since_ready() -> bool:
        said.extend(words(heard))
        return "READY=1" in said and said[said.index("READY=1") :].count("WATCHDOG=1") >= 3

    await asyncio.sleep(0)
    assert "READY=1" not in words(heard)  # the agent does not run yet
    async with running(agent, connected=False):
        await eventually(alive_since_ready, 10.0, "three signs of life")
        assert "STOPPING=1" not in said

    async def stopping() -> bool:
        said.extend(words(heard))
        return "STOPPING=1" in said

    await eventually(stopping, 10.0, "STOPPING=1")
    follows.cancel()


@pytest.mark.parametrize("address", ["", "/nowhere/notify", "@rollcall-nobody-listens"])
async def test_without_a_listener_nothing_happens(address: str) -> None:
    Systemd({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "x"}).tell("READY=1")


async def test_without_a_watchdog_it_is_told_ready_alone(heard: socket.socket) -> None:
    Systemd({"NOTIFY_SOCKET": heard.getsockname()}).tell("READY=1")
    assert words(heard) == ["READY=1"]
