"""How much the agent writes to its card in a day: a school of 1,000 devices, at work and at night.

A stretch of the school's life is journaled as fast as it goes, commit by commit as it would be
live (one each 200 ms), and what the process wrote is counted by the kernel (`wchar` of
/proc/self/io: database, WAL and checkpoints alike, and the packing of what is closed, here at once
instead of an hour later; snapshots are written only every ten minutes
and are counted where one falls in). A day is ten hours of the one and fourteen of the other.

    .venv/bin/python -m benchmarks.wear [--seconds 300]
"""

import argparse
import asyncio
import json
import random
import tempfile
from pathlib import Path

import aiosqlite

from edge.agent.engine import Engine
from edge.agent.gateways.known import Gateways
from edge.agent.gateways.listening import Listening
from edge.agent.gateways.rates import Counts
from edge.agent.ingest import Ingest
from edge.agent.intake.queue import COMMIT_AFTER_S, Intake, Item, Message
from edge.agent.journal.packing import CLOSED_AFTER_S, pack
from edge.agent.journal.store import load_sorter
from edge.agent.ledger.store import Ledger
from edge.agent.live import Live
from edge.agent.process.clock import Clock
from edge.agent.snapshot.snapshots import Snapshots
from edge.agent.storage.database import FILE_NAME, open_writer, prepare
from edge.contracts.school_file import parse_school
from edge.contracts.topics import Topics

SITE = "wear"
PREFIX = "3414257BF4"
CARTS = 35  # of 30 devices each
DOORWAYS = 40
CART_S = 5.0  # a cart's gateway sends; a parked tag's record covers 30 s on each of two antennas
IDLE_S = 9.5  # a gateway without reads sends its looks
WALKS_A_SECOND = 0.3  # 1,000 devices, ten passes each in a day of ten hours
PACKED_EVERY = 300  # commits: a minute
SETTLED_S = 120.0  # at first each device is new: not counted
START = 1_763_900_000.0
DAY_HOURS, NIGHT_HOURS = 10, 14


def main() -> None:
    """Measure both and print a day."""
    parser = argparse.ArgumentParser(description="Bytes written a day.")
    parser.add_argument("--seconds", type=int, default=600, help="of each, of the school's time")
    seconds = parser.parse_args().seconds
    day = measure(seconds, WALKS_A_SECOND) / seconds * 3600
    night = measure(seconds, 0.0) / seconds * 3600
    total = day * DAY_HOURS + night * NIGHT_HOURS
    print(f"at work {day / 1e6:,.0f} MB an hour, at night {night / 1e6:,.0f} MB an hour,", end=" ")
    print(f"{total / 1e9:.2f} GB a day")


def measure(seconds: int, walks: float) -> int:
    """Bytes written in so many seconds of the school's life."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_run(Path(folder), seconds, walks))


class Moved(Clock):
    """The school's time."""

    at = 0.0

    def now(self) -> float:
        return START + self.at

    def monotonic(self) -> float:
        return self.at


async def _run(folder: Path, seconds: int, walks: float) -> int:
    prepare(folder / FILE_NAME)
    connection = await open_writer(folder / FILE_NAME)
    clock = Moved()
    ingest = await writer(folder, connection, clock)
    life = Life(walks)
    before = 0
    while clock.at < SETTLED_S + seconds:
        if not before and clock.at >= SETTLED_S:
            before = _written()
        clock.at += COMMIT_AFTER_S
        await ingest.take_over(life.until(clock.at))
        if not round(clock.at / COMMIT_AFTER_S) % PACKED_EVERY:
            pack(folder / FILE_NAME, clock.now() + CLOSED_AFTER_S)
    await connection.close()
    return _written() - before


async def writer(folder: Path, connection: aiosqlite.Connection, clock: Moved) -> Ingest:
    """The agent's writer for the school, with nobody to confirm to."""
    return Ingest(
        connection=connection,
        sorter=await load_sorter(connection, Topics(SITE)),
        intake=Intake(clock.monotonic),
        ledger=Ledger(connection, Engine(parse_school(_school()))),
        snapshots=Snapshots(folder, connection, "wear", clock),
        gateways=Gateways(),
        live=Live(),
        listening=Listening(),
        counts=Counts(),
        clock=clock,
        agent_id="wear",
        confirm=lambda _: None,
    )


class Life:
    """What the gateways send: parked tags now and then, looks when nothing else, some walks."""

    def __init__(self, walks: float) -> None:
        self._rng = random.Random(1)
        self._walks = walks
        self._walk_at = 0.0
        self._seqs: dict[str, int] = {}
        self._due = {f"gw-c{n}": self._rng.uniform(0, CART_S) for n in range(CARTS)}
        self._due |= {f"gw-d{n}": self._rng.uniform(0, IDLE_S) for n in range(DOORWAYS)}

    def until(self, at: float) -> list[Item]:
        """The batches that come up to a time."""
        found: list[Item] = []
        for gateway, due in self._due.items():
            if at >= due:
                cart = gateway.startswith("gw-c")
                reads = self._parked(int(gateway[4:])) if cart else []
                found.append(self._batch(gateway, at, reads))
                self._due[gateway] = at + (CART_S if cart else IDLE_S)
        while self._walks and at >= self._walk_at:
            self._walk_at += self._rng.expovariate(self._walks)
            found.append(self._walk(at))
        return found

    def _parked(self, cart: int) -> list[list[object]]:
        """A third of a cart: each device each 15 s, on its antennas in turn."""
        batch = self._seqs.get(f"gw-c{cart}", -1) + 1
        return [
            [_epc(cart * 30 + n), 1 + (batch + n) // 3 % 2, -55.0, 40 * n, 60, 29_000, 900]
            for n in range(30)
            if (batch + n) % 3 == 0
        ]

    def _walk(self, at: float) -> Item:
        tag, door = self._rng.randrange(1000), self._rng.randrange(DOORWAYS)
        sides = [(1, -45 - 3 * n) for n in range(6)] + [(2, -63 + 3 * n) for n in range(6)]
        reads = [
            [_epc(tag), a, rssi, 250 * (n % 6), 3, 200, 90] for n, (a, rssi) in enumerate(sides)
        ]
        return self._batch(f"gw-d{door}", at, reads)

    def _batch(self, gateway: str, at: float, reads: list[list[object]]) -> Item:
        seq = self._seqs[gateway] = self._seqs.get(gateway, -1) + 1
        up = round(at * 1000) + 60_000
        body = {"v": 1, "t": None, "up": up - 1500, "sent": up, "sync": None, "base": seq}
        body |= {"looks": {"1": [90, 4800], "2": [91, 4790]}, "reads": reads}
        topic = f"rollcall/{SITE}/{gateway}/reads/0000000100000001/{seq}"
        payload = json.dumps(body, separators=(",", ":")).encode()
        return Message(topic, payload, gateway, START + at)


def _epc(number: int) -> str:
    return f"{PREFIX}{number:014X}"


def _school() -> str:
    head = f'name = "Wear"\nsite = "{SITE}"\ntimezone = "UTC"\nepc_prefixes = ["{PREFIX}"]\n'
    head += '[rooms.hall]\nkind = "hall"\n'
    doors = "".join(
        f'[rooms.r{n}]\nkind = "classroom"\n[doorways.d{n}]\nbetween = ["hall", "r{n}"]\n'
        f'gateway = "gw-d{n}"\nantennas = {{ 1 = "hall", 2 = "r{n}" }}\n'
        for n in range(DOORWAYS)
    )
    carts = "".join(
        f'[carts.c{n}]\nhome = "r{n}"\ngateway = "gw-c{n}"\ncapacity = 30\nantennas = [1, 2]\n'
        for n in range(CARTS)
    )
    return head + doors + carts


def _written() -> int:
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("wchar")).split()[1])


if __name__ == "__main__":
    main()
