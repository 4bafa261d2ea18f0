"""What the journal means: the engine's events and what follows from them, in SQLite.

The engine is fed every journal row in order, after the row is on the disk. Its events are written
with the position up to which they are complete, in one transaction. After a crash the engine is
fed from the start again: what was written is not written twice, what is missing is added.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import aiosqlite
import msgspec
import structlog

from edge.agent.intake.rows import StoredRow, expand_stored
from edge.agent.journal.store import read_journal
from edge.agent.ledger.event_rows import split_id, write_events
from edge.agent.ledger.set_aside import SetAside, reason_of
from edge.agent.ledger.told import AgentAlert, Start
from edge.agent.live import Change
from edge.contracts.events import (
    Alert,
    Closed,
    Crossed,
    Docked,
    Event,
    Located,
    Retracted,
    Undocked,
)
from edge.contracts.readlog import DeviceRow, GatewayRow, ReadRow, Row, SchoolRow
from edge.contracts.school import School
from edge.contracts.school_file import parse_school

log = structlog.get_logger()

# A commit while the journal is worked through again: enough to be quick, little to hold.
EVENTS_AT_ONCE = 5000


class EngineLike(Protocol):
    """What the ledger asks of the engine: rows in, events out."""

    @property
    def pending(self) -> bool:
        """Whether time alone would bring more events."""

    def feed(self, row: Row) -> Sequence[Event]:
        """Take one row; return what follows from it."""


class LedgerMemory(msgspec.Struct, frozen=True):
    """What the ledger holds besides the engine and the database, for a snapshot.

    `gateways`: of each the last row that told it online, and the last of all.
    """

    school_text: str | None
    has_devices: bool
    known_tags: list[str]
    cart_of: dict[str, str]
    gateways: list[GatewayRow]


class Ledger:
    """The engine and its books. One task feeds and commits; `sightings` may be read by others.

    `sightings` holds the newest read of each tag where that is newer than the `observed` table:
    it is written only now and then, because a parked device is seen all day and each write wears
    the card.
    """

    def __init__(self, connection: aiosqlite.Connection, engine: EngineLike) -> None:
        self.sightings: dict[str, ReadRow] = {}
        self._connection = connection
        self.engine = engine
        self.fed_pos = 0  # the journal position that was fed last
        self.committed_pos = 0  # what follows from the journal up to here is in the database
        self._events: list[Event] = []
        self.school_text: str | None = None  # the school file as last journaled
        self.has_devices = False
        self._school: School | None = None
        self._antennas: frozenset[tuple[str, int]] = frozenset()
        self._devices: dict[str, DeviceRow] = {}
        self._known_tags: set[str] = set()
        self._new_tags: list[str] = []
        self._starts: list[Start] = []
        self._alerts: list[AgentAlert] = []
        self._aside: list[SetAside] = []
        self._told: set[str] = set()
        self._cart_of: dict[str, str] = {}
        self._gateways: dict[tuple[str, bool], GatewayRow] = {}

    @property
    def pending(self) -> bool:
        """Whether the engine waits for time to pass."""
        return self.engine.pending

    @property
    def dirty(self) -> bool:
        """Whether there is something to commit besides sightings."""
        return bool(self._events or self._devices or self._new_tags or self._starts or self._alerts)

    @property
    def complete_pos(self) -> int:
        """The journal position up to which everything that follows is committed."""
        return self.committed_pos if self.dirty else self.fed_pos

    async def open(self) -> None:
        """Read up to where the events are complete."""
        query = "SELECT value FROM counters WHERE name = 'ledger_pos'"
        async with self._connection.execute(query) as cursor:
            row = await cursor.fetchone()
        self.committed_pos = int(row[0]) if row else 0

    async def rebuild(self, up_to: int, watch: Callable[[StoredRow, list[Row]], None]) -> None:
        """Feed the engine the journal from where it stands, and add what the ledger lacks.

        `watch` sees each journal row and what it expands to.
        """
        async for part in read_journal(self._connection, self.fed_pos, up_to):
            for stored in part:
                try:
                    rows = expand_stored(stored)
                except Exception as error:  # noqa: BLE001 - see _set_aside
                    rows = []
                    self._set_aside(stored.pos, stored.rx, stored.kind, error)
                self.feed(stored.pos, rows)
                watch(stored, rows)
            if len(self._events) >= EVENTS_AT_ONCE:
                await self.commit()
        await self.commit(with_sightings=True)

    def feed(self, pos: int, rows: Iterable[Row]) -> None:
        """Give the engine the rows of one journal position; their events wait for `commit`."""
        wanted = pos > self.committed_pos
        feed = self.engine.feed
        for row in rows:
            try:
                events = feed(row)
                if events and wanted:
                    self._events.extend(events)
                if type(row) is ReadRow:  # nearly every row; checked the quickest way
                    self._sight(row)
                else:
                    self._learn(row, wanted)
            except Exception as error:  # noqa: BLE001 - see _set_aside
                kind = type(row).__name__.removesuffix("Row").lower()
                self._set_aside(pos, row.rx, kind, error)
        self.fed_pos = pos

    @property
    def gateway_rows(self) -> list[GatewayRow]:
        """How gateways came and went, as far as it still matters, in the order of the journal."""
        return list(self._gateways.values())

    def memory(self) -> LedgerMemory:
        """What a snapshot must hold beside the engine; the database must have the rest."""
        return LedgerMemory(
            self.school_text,
            self.has_devices,
            sorted(self._known_tags),
            self._cart_of,
            self.gateway_rows,
        )

    def recall(self, engine: EngineLike, memory: LedgerMemory, pos: int) -> None:
        """Go on at a journal position, with the engine and the memory of then."""
        self.engine = engine
        self.fed_pos = pos
        if memory.school_text is not None:
            self._use_school(memory.school_text)
        self.has_devices = memory.has_devices
        self._known_tags = set(memory.known_tags)
        self._cart_of = dict(memory.cart_of)
        self._gateways = {(row.gateway, row.online): row for row in memory.gateways}

    def started(self, start: Start) -> None:
        """A gateway announced itself; one that was announced before is written once."""
        self._starts.append(start)

    def raise_alert(self, alert: AgentAlert) -> None:
        """Raise an alert of the agent's own; one with the same id is raised once."""
        self._alerts.append(alert)

    async def commit(self, with_sightings: bool = False) -> list[Change]:
        """Write what waits, in one transaction; return what it changed."""
        behind = self.sightings or self.committed_pos < self.fed_pos
        if not (self.dirty or (with_sightings and behind)):
            return []
        await self._connection.execute("BEGIN IMMEDIATE")
        try:
            changes = await self._write(with_sightings)
            await self._connection.commit()
        except BaseException:
            await self._connection.rollback()
            raise
        self.committed_pos = self.fed_pos
        self._events.clear()
        self._devices.clear()
        self._new_tags.clear()
        self._starts.clear()
        self._alerts.clear()
        self._aside.clear()
        if with_sightings:
            self.sightings.clear()
        return changes

    def _learn(self, row: Row, wanted: bool) -> None:
        if isinstance(row, DeviceRow):
            self._learn_device(row, wanted)
        elif isinstance(row, SchoolRow):
            self._use_school(row.text)
        elif isinstance(row, GatewayRow):
            self._gateways.pop((row.gateway, row.online), None)  # the newest stands last
            self._gateways[row.gateway, row.online] = row

    def _set_aside(self, pos: int, rx: float, kind: str, error: Exception) -> None:
        """Leave a row out: whatever it brings, it would bring at every start again."""
        aside = SetAside(pos, rx, kind, reason_of(error))
        if pos > self.committed_pos:
            self._aside.append(aside)
            self._alerts.append(aside.alert())
        if aside.reason not in self._told:  # a bug may show with each read
            self._told.add(aside.reason)
            log.error("row set aside", pos=pos, kind=kind, reason=aside.reason, exc_info=error)

    def _use_school(self, text: str) -> None:
        self.school_text = text
        self._school = parse_school(text)
        self._antennas = frozenset(self._school.places)

    def _sight(self, row: ReadRow) -> None:
        epc = row.epc
        if row.t is None or not row.n or (row.gateway, row.antenna) not in self._antennas:
            return
        before = self.sightings.get(epc)
        if before is not None:
            if row.t >= (before.t or 0.0):
                self.sightings[epc] = row
        elif epc in self._known_tags:
            self.sightings[epc] = row
        elif self._school is not None and self._school.accepts(epc):
            self._known_tags.add(epc)
            self._new_tags.append(epc)
            self.sightings[epc] = row

    def _learn_device(self, row: DeviceRow, wanted: bool) -> None:
        self.has_devices = True
        if wanted:
            waiting = self._devices.get(row.epc)
            if waiting is not None and row.tid is None and not row.removed:
                row = msgspec.structs.replace(row, tid=waiting.tid)
            self._devices[row.epc] = row
        if row.cart is not None and not row.removed:
            self._cart_of[row.epc] = row.cart
        else:
            self._cart_of.pop(row.epc, None)
        if row.removed:
            self._known_tags.discard(row.epc)  # seen again, it is a tag without a record

    async def _write(self, with_sightings: bool) -> list[Change]:
        events = await self._write_events()
        await self._write_stays(events)
        await self._write_presence(events)
        await self._write_alerts(events)
        await self._write_devices()
        if with_sightings:
            await self._write_sightings()
        await self._many(
            "INSERT OR IGNORE INTO starts (gateway, boot, hw, reset, firmware, at)"
            " VALUES (?,?,?,?,?,?)",
            [msgspec.structs.astuple(start) for start in self._starts],
        )
        await self._many(
            "INSERT OR IGNORE INTO set_aside (pos, at, kind, reason) VALUES (?,?,?,?)",
            [msgspec.structs.astuple(aside) for aside in self._aside],
        )
        await self._many(
            "UPDATE counters SET value = ? WHERE name = 'ledger_pos'", [(self.fed_pos,)]
        )
        return await self._changes(events)

    async def _write_events(self) -> list[Event]:
        stand = await write_events(self._connection, self._events)
        for said, event in zip(self._events, stand, strict=True):
            if said is not event:
                self._renamed(said, event)
        self._events = stand
        return stand

    def _renamed(self, said: Event, event: Event) -> None:
        """Tell of an event whose id was taken: each is kept, and no later start stumbles."""
        pos, _ = split_id(event.id)
        aside = SetAside(
            pos, said.decided, "event", "an event's id was taken; it stands under another"
        )
        self._aside.append(aside)
        self._alerts.append(aside.alert())
        log.error("event id taken", id=said.id, stands_as=event.id, kind=type(event).__name__)

    async def _write_stays(self, events: list[Event]) -> None:
        """Each `located` erases what was thought of its device from its time on."""
        erased: dict[str, float] = {}
        stays: dict[str, list[Located]] = {}
        for event in events:
            if isinstance(event, Located):
                erased[event.epc] = min(event.t, erased.get(event.epc, event.t))
                kept = [stay for stay in stays.get(event.epc, []) if stay.t < event.t]
                stays[event.epc] = [*kept, event]
        await self._many("DELETE FROM stays WHERE epc = ? AND t >= ?", list(erased.items()))
        await self._many(
            "INSERT INTO stays (epc, t, room, confidence) VALUES (?,?,?,?)",
            [(s.epc, s.t, s.room, s.confidence) for said in stays.values() for s in said],
        )
        await self._many(
            "INSERT OR REPLACE INTO whereabouts (epc, room, since, confidence) VALUES (?,?,?,?)",
            [(s.epc, s.room, s.t, s.confidence) for s in (said[-1] for said in stays.values())],
        )

    async def _write_presence(self, events: list[Event]) -> None:
        """The last word on each device that was put into a cart or taken out, as now known."""
        touched = [(e.epc,) for e in events if isinstance(e, Docked | Undocked)]
        for event in events:
            if isinstance(event, Retracted):
                touched += [(epc,) for epc in await self._epc_of(event.of)]
        touched = list(dict.fromkeys(touched))
        await self._many("DELETE FROM presence WHERE epc = ?", touched)
        await self._many(
            "INSERT INTO presence (epc, cart, since, confidence)"
            " SELECT epc, iif(kind = 'docked', body ->> '$.cart', NULL), t,"
            " body ->> '$.confidence' FROM events"
            " WHERE epc = ? AND kind IN ('docked', 'undocked') AND retracted = 0"
            " ORDER BY t DESC, pos DESC, count DESC LIMIT 1",
            touched,
        )

    async def _write_alerts(self, events: list[Event]) -> None:
        insert = (
            "INSERT OR IGNORE INTO alerts"
            " (id, t, decided, rule, late, epc, doorway, gateway, why) VALUES (?,?,?,?,?,?,?,?,?)"
        )
        await self._many(
            insert,
            [
                (e.id, e.t, e.decided, e.rule, e.late, e.epc, e.doorway, e.gateway, _text(e.why))
                for e in events
                if isinstance(e, Alert)
            ],
        )
        await self._many(
            insert,
            [
                (a.id, a.t, a.t, a.rule, False, None, None, a.gateway, _text(a.why))
                for a in self._alerts
            ],
        )
        await self._many(
            "UPDATE alerts SET closed_at = ?, reason = ? WHERE id = ?",
            [(e.decided, e.reason, e.of) for e in events if isinstance(e, Closed)],
        )
        await self._many(
            "UPDATE alerts SET retracted = 1 WHERE id = ?",
            [(e.of,) for e in events if isinstance(e, Retracted)],
        )

    async def _write_devices(self) -> None:
        rows = self._devices.values()
        await self._many(
            # A record without a TID (a list of devices has none) leaves the one that was read.
            "INSERT OR REPLACE INTO devices VALUES (?1,1,?2,?3,?4,?5,?6,?7,"
            " coalesce(?8, (SELECT tid FROM devices WHERE epc = ?1)))",
            [
                (d.epc, d.asset_tag, d.serial, d.model, d.home, d.cart, d.number, d.tid)
                for d in rows
                if not d.removed
            ],
        )
        await self._many("DELETE FROM devices WHERE epc = ?", [(d.epc,) for d in rows if d.removed])
        await self._many(
            "INSERT OR IGNORE INTO devices (epc, recorded) VALUES (?,0)",
            [(epc,) for epc in self._new_tags],
        )

    async def _write_sightings(self) -> None:
        await self._many(
            "INSERT INTO observed (epc, t, gateway, antenna) VALUES (?,?,?,?)"
            " ON CONFLICT (epc) DO UPDATE SET"
            " t = excluded.t, gateway = excluded.gateway, antenna = excluded.antenna"
            " WHERE excluded.t >= observed.t",
            [(epc, s.t, s.gateway, s.antenna) for epc, s in self.sightings.items()],
        )

    async def _changes(self, events: list[Event]) -> list[Change]:
        changes = [Change("event", event.id, event) for event in events]
        epcs: list[str] = list(self._devices)
        for event in events:
            if isinstance(event, Crossed | Located | Docked | Undocked):
                epcs.append(event.epc)
            elif isinstance(event, Alert):
                changes.append(Change("alert", event.id))
            elif isinstance(event, Closed | Retracted):
                changes.append(Change("alert", event.of))
            if isinstance(event, Docked | Undocked):
                changes.append(Change("cart", event.cart))
            if isinstance(event, Retracted):
                epcs += await self._epc_of(event.of)
        for epc in dict.fromkeys(epcs):
            changes.append(Change("device", epc))
            if epc in self._cart_of:
                changes.append(Change("cart", self._cart_of[epc]))
        changes += [Change("alert", alert.id) for alert in self._alerts]
        return _once(changes)

    async def _epc_of(self, event_id: str) -> list[str]:
        query = "SELECT epc FROM events WHERE pos = ? AND count = ? AND epc IS NOT NULL"
        async with self._connection.execute(query, split_id(event_id)) as cursor:
            return [str(row[0]) for row in await cursor.fetchall()]

    async def _many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        if rows:
            await self._connection.executemany(statement, rows)


def _once(changes: list[Change]) -> list[Change]:
    seen: dict[tuple[str, str], Change] = {}
    for change in changes:
        seen.setdefault((change.topic, change.id), change)
    return list(seen.values())


def _text(why: object) -> str:
    return json.dumps(why, separators=(",", ":"))
