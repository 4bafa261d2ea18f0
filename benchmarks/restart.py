"""How soon an agent answers again after a kill: 40,000 devices, 200 gateways, a week of journal.

Six days are put into the journal's blocks as the packing does, a batch of each gateway every ten
seconds. The seventh goes through the agent's own writer, engine and ledger: every device is known
and walks some times; ten minutes of it came after the last snapshot. Then `rollcall agent` is
started on that database, three times, killed each time, and timed until `/health/ready` says so;
each part of a start is timed apart besides.

    .venv/bin/python -m benchmarks.restart [--folder KEPT] [--devices 40000] [--walks 2]
"""

import argparse
import asyncio
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.wear import Moved
from edge.agent.engine import Engine
from edge.agent.gateways.known import Gateways
from edge.agent.gateways.listening import Listening
from edge.agent.gateways.rates import Counts
from edge.agent.ingest import Ingest
from edge.agent.intake.queue import Fact, Intake, Item, Message
from edge.agent.journal.blocks import PackedRow, pack_rows
from edge.agent.journal.packing import ROWS, put_away
from edge.agent.journal.store import load_sorter
from edge.agent.ledger.store import Ledger
from edge.agent.live import Live
from edge.agent.snapshot.snapshots import Snapshots
from edge.agent.storage.database import FILE_NAME, open_writer, prepare
from edge.contracts.readlog import DeviceRow, SchoolRow
from edge.contracts.topics import Topics
from tests.support.ports import free_port

SITE = "restart"
PREFIX = "3414257BF4"
BOOT = "0000000100000001"
GATEWAYS = 200  # a doorway each, from the hall into a room
DAY_S = 86_400.0
IDLE_S = 10.0  # a gateway without reads sends its looks
AFTER_S = 600.0  # the longest that comes after a snapshot
PASS_S = 3.0
RUNS = 3


def main() -> None:
    """Build the database where there is none, start agents on it, print what each part takes."""
    args = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = args.folder or Path(name)
        if not (folder / "data").exists():
            _build(folder, args.devices, args.walks, args.days)
        size = (folder / "data" / FILE_NAME).stat().st_size
        print(f"{args.devices:,} devices, {GATEWAYS} gateways, database {size / 1e6:,.0f} MB")
        for part, seconds in asyncio.run(_parts(folder)):
            print(f"{part:35} {seconds:6.2f} s")
        starts = [_start(folder) for _ in range(RUNS)]
        print(f"{'from the command to ready':35}", " ".join(f"{s:6.2f} s" for s in starts))


async def _parts(folder: Path) -> list[tuple[str, float]]:
    """What a start does, one thing after the other, each timed."""
    path = folder / "data" / FILE_NAME
    found = []
    began = time.perf_counter()

    def lap(part: str) -> None:
        nonlocal began
        found.append((part, time.perf_counter() - began))
        began = time.perf_counter()

    prepare(path)
    lap("check of the database")
    connection = await open_writer(path)
    sorter = await load_sorter(connection, Topics(SITE))
    lap("names and books")
    ledger = Ledger(connection, Engine())
    await ledger.open()
    snapshots = Snapshots(path.parent, connection, _id(path), Moved())
    if not await snapshots.recall(ledger):
        sys.exit("benchmarks/restart.py: the snapshot was not taken up; build it anew")
    lap("engine from its snapshot")
    behind = sorter.last_pos - ledger.fed_pos
    await ledger.rebuild(sorter.last_pos, lambda stored, rows: None)
    lap(f"the {behind:,} rows since")
    await connection.close()
    return found


def _start(folder: Path) -> float:
    """Seconds from the command until the agent says that it is ready; then it is killed."""
    port = free_port()
    config = folder / "rollcall.toml"
    config.write_text(f'[mqtt]\nurl = "mqtt://127.0.0.1:1"\n[http]\nport = {port}\ntls_port = 0\n')
    command = [sys.executable, "-m", "edge.cli", "agent", "--config", str(config)]
    began = time.perf_counter()
    with (folder / "agent.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    while not _is_ready(port):
        if process.poll() is not None or time.perf_counter() - began > 300:
            sys.exit(f"benchmarks/restart.py: the agent did not start: {folder / 'agent.log'}")
        time.sleep(0.02)
    took = time.perf_counter() - began
    process.kill()
    process.wait()
    return took


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5.0):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _build(folder: Path, devices: int, walks: int, days: float) -> None:
    path = folder / "data" / FILE_NAME
    prepare(path)
    (folder / "school.toml").write_text(_school())
    now = time.time()
    began = time.perf_counter()
    packed = _fill_blocks(path, now - days * DAY_S, now - DAY_S)
    print(f"{packed:,} batches in blocks after {time.perf_counter() - began:.0f} s", flush=True)
    asyncio.run(_live_a_day(path, now, devices, walks, packed // GATEWAYS + 1))
    print(f"built after {time.perf_counter() - began:.0f} s", flush=True)


def _fill_blocks(path: Path, start: float, end: float) -> int:
    """Put a batch of each gateway each ten seconds into blocks; return how many."""
    rows: list[PackedRow] = []
    pos = 0
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        names = [(n + 1, f"gw-{n}", BOOT) for n in range(GATEWAYS)]
        connection.executemany("INSERT INTO origins VALUES (?,?,?)", names)
        for step in range(int((end - start) / IDLE_S)):
            for gateway in range(GATEWAYS):
                pos += 1
                at = start + step * IDLE_S + gateway * IDLE_S / GATEWAYS
                zero = round((at - PASS_S) * 1000)
                body = _payload(zero, step, [])
                rows.append(PackedRow(pos, at, "batch", gateway + 1, step, zero, body))
                if len(rows) == ROWS:
                    connection.execute("BEGIN")
                    put_away(connection, rows, pack_rows(rows))
                    connection.execute("COMMIT")
                    rows = []
        last = pos - len(rows)
        connection.execute("UPDATE counters SET value = ? WHERE name = 'ledger_pos'", (last,))
        row = (last + 1, end, '{"kind":"time","rx":1.0}')
        connection.execute("INSERT INTO journal (pos, rx, kind, body) VALUES (?,?,'time',?)", row)
    return pos


async def _live_a_day(path: Path, now: float, devices: int, walks: int, seq: int) -> None:
    """The last day, by the agent's own parts; the last ten minutes of it after the snapshot."""
    connection = await open_writer(path)
    await connection.execute("PRAGMA synchronous=OFF")
    clock = _At(now - DAY_S)
    ledger = Ledger(connection, Engine())
    await ledger.open()
    ledger.fed_pos = ledger.committed_pos
    still = Moved()  # by which none is due: the one that is wanted is asked for
    snapshots = Snapshots(path.parent, connection, _id(path), still)
    ingest = Ingest(
        connection=connection,
        sorter=await load_sorter(connection, Topics(SITE)),
        intake=Intake(clock.monotonic),
        ledger=ledger,
        snapshots=snapshots,
        gateways=Gateways(),
        live=Live(),
        listening=Listening(),
        counts=Counts(),
        clock=clock,
        agent_id="restart",
        confirm=lambda _: None,
    )
    facts: list[Item] = [Fact(SchoolRow(rx=clock.now(), text=_school()))]
    facts += [Fact(DeviceRow(rx=clock.now(), epc=_epc(n), number=str(n))) for n in range(devices)]
    for start in range(0, len(facts), 512):
        await ingest.take_over(facts[start : start + 512])
    written = False
    for at, items in _day(now, devices, walks, seq):
        if not written and at > now - AFTER_S:
            written = True
            still.journaled(clock.now())
            await _snapshot(snapshots, ledger)
        clock.at = at
        await ingest.take_over(items)
    await connection.close()


async def _snapshot(snapshots: Snapshots, ledger: Ledger) -> None:
    await ledger.commit(with_sightings=True)
    began = time.perf_counter()
    await snapshots.write(ledger)
    print(f"snapshot written in {time.perf_counter() - began:.1f} s", flush=True)


def _day(now: float, devices: int, walks: int, seq: int) -> Iterator[tuple[float, list[Item]]]:
    """Commits of the last day: each device's walks over all of it, then gateways that look too."""
    rng = random.Random(1)
    due = [(rng.uniform(now - DAY_S + 60, now), n, 0) for n in range(devices) for _ in range(walks)]
    due += [
        (now - AFTER_S + step * IDLE_S + rng.uniform(0, IDLE_S), gateway, 1)
        for step in range(int(AFTER_S / IDLE_S))
        for gateway in range(GATEWAYS)
    ]
    seqs = [seq] * GATEWAYS
    side = [0] * devices
    items: list[Item] = []
    for at, number, idle in sorted(due):
        gateway = number if idle else number % GATEWAYS
        reads = [] if idle else _walk(number, side[number])
        if not idle:
            side[number] ^= 1
        seqs[gateway] += 1
        topic = f"rollcall/{SITE}/gw-{gateway}/reads/{BOOT}/{seqs[gateway]}"
        body = _payload(round((at - PASS_S) * 1000), seqs[gateway], reads)
        items.append(Message(topic, body, f"gw-{gateway}", at))
        if len(items) == 64:
            yield at, items
            items = []
    yield now, items


def _walk(number: int, side: int) -> list[list[object]]:
    """A pass: louder on the first antenna, then on the other."""
    first = [-45 - 3 * n for n in range(6)]
    last = [-63 + 3 * n for n in range(6)]
    heard = ((1 + side, first), (2 - side, last))
    return [
        [_epc(number), antenna, level, 250 * n, 3, 200, 90]
        for antenna, levels in heard
        for n, level in enumerate(levels)
    ]


def _payload(t: int, seq: int, reads: list[list[object]]) -> bytes:
    up = t % 10**10
    body = {
        "v": 1,
        "t": t,
        "up": up,
        "sent": up + round(PASS_S * 1000),
        "sync": seq % 3600,
        "base": seq,
    }
    body |= {"looks": {"1": [90 + seq % 7, 4800], "2": [91, 4790]}, "reads": reads}
    return json.dumps(body, separators=(",", ":")).encode()


class _At(Moved):
    """The time of the newest commit."""

    def __init__(self, at: float) -> None:
        super().__init__()
        self.at = at

    def now(self) -> float:
        return self.at


def _id(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        (value,) = connection.execute("SELECT value FROM meta WHERE name = 'id'").fetchone()
    return str(value)


def _epc(number: int) -> str:
    return f"{PREFIX}{number:014X}"


def _school() -> str:
    head = f'name = "Restart"\nsite = "{SITE}"\ntimezone = "UTC"\nepc_prefixes = ["{PREFIX}"]\n'
    doorways = "".join(
        f'[rooms.r{n}]\nkind = "classroom"\n[doorways.d{n}]\nbetween = ["hall", "r{n}"]\n'
        f'gateway = "gw-{n}"\nantennas = {{ 1 = "hall", 2 = "r{n}" }}\n'
        for n in range(GATEWAYS)
    )
    return f'{head}[rooms.hall]\nkind = "hall"\n{doorways}'


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How soon an agent is there again.")
    parser.add_argument("--folder", type=Path, help="keep the database there, and use it again")
    parser.add_argument("--devices", type=int, default=40_000)
    parser.add_argument("--walks", type=int, default=2, help="of each device in the last day")
    parser.add_argument("--days", type=float, default=7.0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
