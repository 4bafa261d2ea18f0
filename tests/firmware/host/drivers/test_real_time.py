"""Every driver under the MicroPython binary, in real time, on a pty and over TCP."""

import asyncio
import json
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulator.modules.module import EmulatedModule
from simulator.modules.port import PtyPort, TcpPort, serve_pty, serve_tcp
from simulator.modules.tag import Tag
from tests.firmware.host.drivers.bench import PlacedField
from tests.firmware.host.drivers.cases import FAMILIES, antennas_of
from tests.support.loop_thread import LoopThread

HERE = Path(__file__).resolve().parent
TALK = HERE / "talk.py"
OLD, OTHER, NEW = (bytes.fromhex("3414257BF4000000000000" + end) for end in ("0A", "0B", "0C"))


@contextmanager
def served(family: str, tags: list[Tag], kind: str) -> Iterator[str]:
    """The address of an emulated module with the tags before its first antenna."""
    rng, antennas = random.Random(5), antennas_of(family)
    placed = {number: tags if number == antennas[0] else [] for number in antennas}

    async def serve() -> PtyPort | TcpPort:
        module = EmulatedModule(family, PlacedField(placed, rng), antennas=antennas, rng=rng)
        return serve_pty(module) if kind == "pty" else await serve_tcp(module)

    async def close() -> None:
        port.close()
        await asyncio.sleep(0)

    with LoopThread("module") as thread:
        port = thread.call(serve())
        try:
            yield port.address
        finally:
            thread.call(close())


@pytest.mark.parametrize("kind", ["pty", "tcp"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_tag_is_read_written_and_read_again_by_the_real_interpreter(
    family: str, kind: str, micropython_binary: list[str]
) -> None:
    antennas = antennas_of(family)
    tags = [Tag(OLD, tid=bytes(range(0xE0, 0xEC))), Tag(OTHER, tid=bytes(range(12)))]
    with served(family, tags, kind) as address:
        words = [family, address, "+".join(map(str, antennas)), OLD.hex(), NEW.hex()]
        command = [*micropython_binary, str(TALK), str(HERE.parents[3]), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    place = f"@{antennas[0]}"
    assert set(told["before"]) == {OLD.hex() + place, OTHER.hex() + place}
    assert set(told["after"]) == {NEW.hex() + place, OTHER.hex() + place}
    assert min(*told["before"].values(), *told["after"].values()) >= 3
    assert told["tid"] == bytes(range(0xE0, 0xEC)).hex()
    assert [tag.epc for tag in tags] == [NEW, OTHER]
    assert told["version"]
    assert told["rounds"] > 10
    assert told["damaged"] == 0
