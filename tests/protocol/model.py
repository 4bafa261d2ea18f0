"""The delivery protocol as a small model: gateways, a broker that keeps nothing, an agent.

What decides is the real thing: the gateway's outbox, uplink and flash, the agent's sorting, books,
journal and confirmations. What lies between them (network, power, disk) is a list or a flag here,
so that anything may happen at any point.
"""

import asyncio
import json
import sqlite3
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

import aiosqlite
from gateway.boot_id import next_boot_id
from gateway.lost import Lost
from gateway.outbox import Outbox
from gateway.packed import pack
from gateway.spool import Spool
from gateway.uplink import Uplink

from edge.agent.intake.confirm import confirmations
from edge.agent.intake.queue import Message
from edge.agent.journal.store import earlier_contents, load_sorter, write_commit
from edge.agent.storage.database import migrations
from edge.contracts.topics import Topics
from edge.contracts.wire import Ack
from tests.firmware.fakes import FakeClient, FakeClock
from tests.firmware.flash import TornFiles

SITE = "model"
TOPICS = Topics(SITE)
RAM_BYTES = 4000  # some eight batches of twenty reads
FLASH_BLOCKS = 3  # some twenty more
FEW = 3  # ranges that one batch tells, so that some must wait
LONG_MS = 61_000  # longer than any resend waits

T = TypeVar("T")
Name = tuple[str, int]  # boot and seq; no two gateways of the model share a boot
Arrival = tuple[str, int, dict[str, Any] | None]


class Flash(TornFiles):
    """The files of one board, whose boots are named for it."""

    def __init__(self, board: int) -> None:
        super().__init__()
        self._board = board

    def random_bytes(self, count: int) -> bytes:
        return bytes([self._board] * count)


class NotedLost(Lost):
    """Notes every batch that was ever given up."""

    def __init__(self, files: Flash, given_up: set[Name]) -> None:
        super().__init__(files)
        self._given_up = given_up

    def add(self, boot: str, first: int, last: int, reads: int, batches: int | None = None) -> None:
        self._given_up |= {(boot, seq) for seq in range(first, last + 1)}
        super().add(boot, first, last, reads, batches)


class Gateway:
    """One board over its boots. `said` holds the raw reads of each batch, `freed` what it let go.

    `cut` is set once its power went, `forgot` if it may have owed the word of a loss then.
    """

    def __init__(self, number: int) -> None:
        self.id = f"gw-{number}"
        self.said: dict[Name, int] = {}
        self.freed: set[Name] = set()
        self.given_up: set[Name] = set()
        self.forgot = False
        self.cut = False
        self._flash = Flash(number)
        self.boot()

    def boot(self) -> None:
        """Begin a boot with what stands on flash."""
        flash = self._flash.again()
        self._lost = NotedLost(flash, self.given_up)
        spool = Spool(flash, FLASH_BLOCKS)
        spool.recover(self._lost)
        name, _ = next_boot_id(flash, spool.last_boot())
        self.clock = FakeClock(1000)
        self.outbox = Outbox(name, RAM_BYTES, self.clock, spool, self._lost)
        self._client = FakeClient()
        self.uplink = Uplink(
            self.outbox, self._client, self.clock, f"rollcall/{SITE}/{self.id}/reads/"
        )

    def power_cut(self) -> None:
        """Lose what stood in RAM only."""
        self.cut = True
        self.forgot = self.forgot or bool(self.given_up)
        self.boot()

    def put(self, reads: int) -> None:
        """Close a batch of so many reads."""
        rows = [(bytes([0x34, n]) * 6, 1, -500, n, 1 + n % 3, 0, 0) for n in range(reads)]
        lost = self.outbox.untold(FEW)
        seq = self.outbox.put(pack(self.clock.ms, {1: (9, 900)}, rows, lost), lost)
        self.said[self.outbox.boot, seq] = sum(row[4] for row in rows)

    def send(self) -> list[tuple[str, bytes]]:
        """What goes out now."""
        self.uplink.step()
        return [(topic, bytes(payload)) for topic, payload in self._client.take()]

    def acked(self, ack: Ack) -> None:
        """Take a confirmation."""
        for boot, first, last in ((got.boot, got.first, got.last) for got in ack.got):
            held = self._held()
            self.uplink.acked(boot, first, last)
            self.freed |= held - self._held()

    @property
    def silent(self) -> bool:
        """Whether there is nothing left to say."""
        return not len(self.outbox) and not self.outbox.untold(1)

    def _held(self) -> set[Name]:
        return {(entry.boot, entry.seq) for entry in self.outbox.entries}


class Agent:
    """The agent's writer over a journal in memory that outlives its runs.

    `arrivals` is what it took over, told as it came, for the books by definition.
    """

    def __init__(self) -> None:
        self.boots = 0
        self.arrivals: list[Arrival] = []
        self._runner = asyncio.Runner()
        self._disk = self._run(aiosqlite.connect(":memory:", isolation_level=None))
        self._run(self._disk.executescript("\n".join(sql for _, sql in migrations())))
        self.start()

    def start(self) -> None:
        """Begin a run: all it knows is in the journal."""
        self.waiting: list[Message] = []
        self.boots += 1
        self._sorter = self._run(load_sorter(self._disk, TOPICS))

    def receive(self, topic: str, payload: bytes) -> None:
        self.waiting.append(Message(topic, payload, topic.split("/")[2], float(self.boots)))

    def commit(self, most: int, dies: str | None, full: bool) -> list[tuple[str, Ack]]:
        """Take over up to so many; what it confirms. `dies` "before" or "after" the commit.

        With `full` the first attempt finds no room on the disk.
        """
        items, self.waiting = self.waiting[:most], self.waiting[most:]
        decoded = self._sorter.decode(items)
        known = self._sorter.known(decoded)
        earlier = self._run(earlier_contents(self._disk, self._sorter, known))
        commit = self._sorter.sort(items, decoded, earlier)
        if full:
            self._cannot_write(commit)
        if dies != "before":
            self._run(write_commit(self._disk, commit))
            self.arrivals += [_arrival(item) for item in items]
        if dies is not None:
            self.start()
            return []
        self._sorter.committed(commit)
        return confirmations(commit.names, "model", None)

    def lost(self) -> int:
        return self._sorter.books.lost()

    def journaled(self) -> list[Name]:
        query = "SELECT boot, seq FROM journal JOIN origins AS o ON o.id = origin"
        return [(boot, seq) for boot, seq in self._rows(query)]

    def quarantined(self) -> set[Name]:
        query = "SELECT boot, seq FROM quarantine JOIN origins AS o ON o.id = origin"
        return {(boot, seq) for boot, seq in self._rows(query)}

    def known(self) -> set[Name]:
        """What is in the journal or in quarantine."""
        return {*self.journaled(), *self.quarantined()}

    def counters(self) -> dict[str, int]:
        return dict(self._rows("SELECT name, value FROM counters"))

    def back_up(self) -> tuple[aiosqlite.Connection, list[Arrival]]:
        copy = self._run(aiosqlite.connect(":memory:", isolation_level=None))
        self._run(self._disk.backup(copy))
        return copy, list(self.arrivals)

    def restore(self, backup: tuple[aiosqlite.Connection, list[Arrival]]) -> None:
        copy, arrivals = backup
        self._run(copy.backup(self._disk))
        self.arrivals = list(arrivals)
        self.start()

    def forget(self, backup: tuple[aiosqlite.Connection, list[Arrival]]) -> None:
        self._run(backup[0].close())

    def close(self) -> None:
        self._run(self._disk.close())
        self._runner.close()

    def _cannot_write(self, commit: Any) -> None:
        self._run(self._disk.execute("PRAGMA query_only=ON"))
        try:
            self._run(write_commit(self._disk, commit))
        except sqlite3.OperationalError:
            pass
        else:
            assert not (commit.journaled or commit.quarantined), "it wrote to a full disk"
        self._run(self._disk.execute("PRAGMA query_only=OFF"))

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._run(self._disk.execute_fetchall(query))]

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(_awaited(work))


async def _awaited(work: Any) -> Any:
    return await work


def _arrival(message: Message) -> Arrival:
    *_, boot, seq = message.topic.split("/")
    try:
        batch = json.loads(message.payload)
    except ValueError:
        batch = None
    return boot, int(seq), batch


def lost_by_definition(arrivals: Iterable[Arrival]) -> int:
    """How many batches are lost, in the words of the protocol and with plain sets."""
    have: set[Name] = set()
    told: set[Name] = set()
    first: dict[str, int] = {}
    base: dict[str, int] = {}
    for boot, seq, batch in arrivals:
        first.setdefault(boot, seq)
        if batch is not None:
            base[boot] = max(base.get(boot, 0), batch["base"])
            if (boot, seq) not in have:
                for of, low, high, _ in batch.get("lost", ()):
                    told |= {(of, number) for number in range(low, high + 1)}
        have.add((boot, seq))
    below = {(boot, number) for boot in base for number in range(first[boot], base[boot])}
    return len((told | below) - have)
