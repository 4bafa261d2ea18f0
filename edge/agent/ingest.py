"""The writer: takes what waits, journals it, confirms it, lets the engine learn of it.

One task does all of this in turn, so that nothing can come out of order: decode and sort, one
transaction, `ack`, engine, the ledger's transaction, the live stream.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import aiosqlite
import structlog

from edge.agent.gateways.known import Gateways
from edge.agent.gateways.listening import Listening
from edge.agent.gateways.rates import Counts
from edge.agent.intake.confirm import confirmations
from edge.agent.intake.queue import Intake, Item
from edge.agent.intake.rows import expand_batch
from edge.agent.intake.sorting import Commit, Journaled, Sorter
from edge.agent.journal.store import earlier_contents, write_commit
from edge.agent.ledger.store import Ledger
from edge.agent.live import Live
from edge.agent.process.clock import Clock
from edge.agent.snapshot.snapshots import Snapshots
from edge.contracts.readlog import Row
from edge.contracts.wire import Ack

log = structlog.get_logger()

T = TypeVar("T")

RETRY_S = 1.0  # after a full disk or a locked database; meanwhile the gateways hold the reads
SIGHTINGS_S = 30.0  # how old "last observed" may be on the disk; a crash works it out again

# Work between two looks at the socket: the broker has at most 20 messages on their way to us, and
# stands still while nobody takes them.
SLICE = 16

Confirm = Callable[[list[tuple[str, Ack]]], None]


class Ingest:
    """The one task that writes. `failing` says why nothing can be written, while that is so."""

    def __init__(
        self,
        connection: aiosqlite.Connection,
        sorter: Sorter,
        intake: Intake,
        ledger: Ledger,
        snapshots: Snapshots,
        gateways: Gateways,
        live: Live,
        listening: Listening,
        counts: Counts,
        clock: Clock,
        agent_id: str,
        confirm: Confirm,
    ) -> None:
        self.failing: str | None = None
        self.last_row_at = clock.monotonic()
        self._connection = connection
        self._sorter = sorter
        self._intake = intake
        self._ledger = ledger
        self._snapshots = snapshots
        self._gateways = gateways
        self._live = live
        self._listening = listening
        self._counts = counts
        self._clock = clock
        self._agent_id = agent_id
        self._confirm = confirm
        self._sightings_at = clock.monotonic()

    async def run(self) -> None:
        """Write until the intake is closed and empty, then the ledger's last words."""
        while not self._intake.finished:
            await self.take_over(await self._intake.take())
        await self._retried(lambda: self._ledger.commit(with_sightings=True))
        if self._snapshots.is_quick(self._ledger):
            await self._snapshots.write(self._ledger)

    async def take_over(self, items: Sequence[Item]) -> None:
        """Journal these, confirm them, and feed them to the engine."""
        if items:
            decoded = []
            for start in range(0, len(items), SLICE):
                decoded += self._sorter.decode(items[start : start + SLICE])
                await asyncio.sleep(0)
            known = self._sorter.known(decoded)
            earlier = await self._retried(
                lambda: earlier_contents(self._connection, self._sorter, known)
            )
            commit = self._sorter.sort(items, decoded, earlier)
            await self._retried(lambda: write_commit(self._connection, commit))
            self._sorter.committed(commit)
            now_ms = self._clock.now_ms()
            self._confirm(confirmations(commit.names, self._agent_id, now_ms))
            await self._feed(commit)
            self._report(commit)
        keep = self._snapshots.is_due(self._ledger)
        due = keep or self._clock.monotonic() - self._sightings_at >= SIGHTINGS_S
        changes = await self._retried(lambda: self._ledger.commit(with_sightings=due))
        if due:
            self._sightings_at = self._clock.monotonic()
        self._live.publish(changes)
        if keep:
            await self._snapshots.write(self._ledger)

    async def _feed(self, commit: Commit) -> None:
        for number, journaled in enumerate(commit.journaled, 1):
            if not number % SLICE:
                await asyncio.sleep(0)
            self._ledger.feed(journaled.pos, self._rows(journaled))
            self._clock.journaled(journaled.rx)
        if commit.journaled:
            self.last_row_at = self._clock.monotonic()

    def _rows(self, journaled: Journaled) -> list[Row]:
        name, batch = journaled.name, journaled.batch
        if name is None or batch is None:
            return [journaled.row] if journaled.row is not None else []
        self._gateways.batch(name.gateway, batch, journaled.place_ms, journaled.rx)
        rows = expand_batch(
            batch,
            journaled.pos,
            journaled.rx,
            name.gateway,
            name.boot,
            name.seq,
            journaled.place_ms,
        )
        self._listening.tell(name.gateway, rows)
        self._counts.batch(name.gateway, batch, journaled.place_ms)
        return rows

    def _report(self, commit: Commit) -> None:
        for quarantined in commit.quarantined:
            log.warning(
                "quarantined",
                topic=quarantined.topic,
                part=quarantined.part,
                reason=quarantined.reason,
            )
        for name, reason in commit.odd:
            log.warning("odd time", gateway=name.gateway, seq=name.seq, batch_is=reason)
            self._gateways.odd_time(name.gateway, reason)

    async def _retried(self, write: Callable[[], Awaitable[T]]) -> T:
        """Write until it works: nothing is confirmed meanwhile, so nothing is lost."""
        while True:
            try:
                result = await write()
            except sqlite3.OperationalError as error:
                if self.failing is None:
                    log.error("cannot write; confirming nothing until it works", reason=str(error))
                self.failing = str(error)
                await asyncio.sleep(RETRY_S)
            else:
                if self.failing is not None:
                    log.info("writing works again")
                    self.failing = None
                return result
