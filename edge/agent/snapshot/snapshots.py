"""The agent's memory on disk beside the database, so that a start need not replay the journal.

A snapshot is only ever a short cut: what it says can be worked out from the journal, so one that
is missing, damaged or does not fit costs time and nothing else. It says at which journal position
it was taken; from there on the journal is worked through as without one.
"""

import gc
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import aiosqlite
import msgspec
import structlog

from edge.agent.engine import Engine
from edge.agent.journal.store import arrival_at
from edge.agent.ledger.store import Ledger, LedgerMemory
from edge.agent.process.clock import Clock
from edge.agent.process.in_thread import in_thread
from edge.agent.snapshot import engine_snapshot
from edge.agent.snapshot.engine_snapshot import SnapshotError
from edge.agent.snapshot.plain import NotPlain
from edge.contracts.school_file import SchoolError, parse_school

log = structlog.get_logger()

FILE_NAME = "engine.snapshot"

# So much of the journal is worked through in a second or two.
EVERY_S = 600.0
FEWEST_ROWS = 1000
FIRST_S = 60.0  # the first of a run: a start that took long need not take long again
# Writing stands in the way of the reads that come meanwhile: a hundredth of the time at most.
TIMES_AS_LONG = 100.0
# At a stop the database must be closed within 1.5 s.
QUICK_S = 0.5


class _File(msgspec.Struct, frozen=True, array_like=True):
    """`newest_rx`: the latest arrival in the journal; `rx` that of the row at `pos`."""

    database: str
    pos: int
    rx: float
    newest_rx: float
    ledger: LedgerMemory
    engine: bytes


class Snapshots:
    """Writes and reads the snapshot of one database; `took_s` is what the last writing took."""

    def __init__(
        self, folder: Path, connection: aiosqlite.Connection, database_id: str, clock: Clock
    ) -> None:
        self.took_s: float | None = None
        self._path = folder / FILE_NAME
        self._connection = connection
        self._database_id = database_id
        self._clock = clock
        self._pos = 0
        self._at = clock.monotonic() - EVERY_S + FIRST_S

    async def recall(self, ledger: Ledger) -> bool:
        """Put a new ledger and its engine where the snapshot stands; False where none fits."""
        try:
            kept, engine = await in_thread(self._read, "snapshot")
            await self._check(kept, ledger)
        except FileNotFoundError:
            return False
        except (OSError, SnapshotError) as error:
            log.info("the journal is worked through whole", because=str(error))
            return False
        ledger.recall(engine, kept.ledger, kept.pos)
        gc.freeze()  # a large school's devices are there to stay: nobody need look for dead ones
        self._clock.journaled(kept.newest_rx)
        self._pos = kept.pos
        log.info("snapshot taken up", journal=kept.pos)
        return True

    def is_due(self, ledger: Ledger) -> bool:
        """Whether enough has come since the last one, and long enough ago."""
        if ledger.fed_pos - self._pos < FEWEST_ROWS:
            return False
        rest = max(EVERY_S, TIMES_AS_LONG * (self.took_s or 0.0))
        return self._clock.monotonic() - self._at >= rest

    def is_quick(self, ledger: Ledger) -> bool:
        """Whether there is something to write at a stop, and it is known to take no time."""
        news = ledger.fed_pos > self._pos
        return news and self.took_s is not None and self.took_s <= QUICK_S

    async def write(self, ledger: Ledger) -> None:
        """Write a snapshot. The ledger must have committed, and nobody may feed it meanwhile."""
        engine = ledger.engine
        rx = await arrival_at(self._connection, ledger.fed_pos)
        if not isinstance(engine, Engine) or rx is None or ledger.committed_pos != ledger.fed_pos:
            return
        began = self._clock.monotonic()
        try:
            await in_thread(lambda: self._write(ledger, engine, rx), "snapshot")
        except (OSError, NotPlain) as error:  # the next start takes longer, nothing else
            log.error("no snapshot written", reason=str(error))
        self._at = self._clock.monotonic()
        self._pos = ledger.fed_pos
        self.took_s = self._at - began

    def _write(self, ledger: Ledger, engine: Engine, rx: float) -> None:
        with _without_garbage_collection():
            state = engine_snapshot.write(engine, engine_build())
        kept = _File(
            self._database_id, ledger.fed_pos, rx, self._clock.newest, ledger.memory(), state
        )
        payload = zlib.compress(msgspec.msgpack.encode(kept), 1)
        whole = self._path.with_suffix(".new")
        with whole.open("wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        whole.replace(self._path)

    def _read(self) -> tuple[_File, Engine]:
        try:
            kept = msgspec.msgpack.decode(zlib.decompress(self._path.read_bytes()), type=_File)
            text = kept.ledger.school_text
            school = None if text is None else parse_school(text)
        except (zlib.error, msgspec.DecodeError, SchoolError) as error:
            raise SnapshotError(f"the snapshot is damaged: {error}") from error
        with _without_garbage_collection():
            return kept, engine_snapshot.read(kept.engine, engine_build(), school)

    async def _check(self, kept: _File, ledger: Ledger) -> None:
        if kept.database != self._database_id:
            raise SnapshotError("the snapshot is of another database")
        if kept.pos > ledger.committed_pos:
            raise SnapshotError("the snapshot knows more than the ledger")
        if await arrival_at(self._connection, kept.pos) != kept.rx:
            raise SnapshotError("the snapshot is of another journal")


@cache
def engine_build() -> str:
    """A digest of the code that decides what the engine says, and how its state is kept."""
    found = blake2b(digest_size=16)
    files: list[Traversable] = []
    for package in ("edge.agent.engine", "edge.contracts", "edge.agent.snapshot"):
        files += _sources(resources.files(package))
    for file in files:
        found.update(file.name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def _sources(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _sources(entry)
        elif entry.name.endswith(".py"):
            yield entry


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Millions of objects are made and none dies: looking for dead ones would double the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
