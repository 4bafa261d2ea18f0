"""The engine's events as rows of the ledger, each under an id of its own whatever the engine says.

An id is a journal position and a count within it, so two events of one id mean a fault: of the
engine, or of a database that was put together by hand. An IntegrityError would stop the agent, at
each start again. So the second stands under the next count that is free, and that is told.
"""

import aiosqlite
import msgspec

from edge.contracts.events import Event, Retracted, encode_event

_INSERT = (
    "INSERT OR IGNORE INTO events (pos, count, t, decided, kind, epc, body) VALUES (?,?,?,?,?,?,?)"
)


async def write_events(connection: aiosqlite.Connection, events: list[Event]) -> list[Event]:
    """Write events, within a transaction; return them as they stand: some under another id.

    One that stands there already, to the letter, is not written twice.
    """
    if not events:
        return events
    done = await connection.executemany(_INSERT, [_row(event) for event in events])
    if done.rowcount != len(events):
        events = [await _find_room(connection, event) for event in events]
    await connection.executemany(
        "UPDATE events SET retracted = 1 WHERE pos = ? AND count = ?",
        [split_id(event.of) for event in events if isinstance(event, Retracted)],
    )
    return events


def split_id(event_id: str) -> tuple[int, int]:
    """An event's journal position and its count within it."""
    pos, _, count = event_id.partition(".")
    return int(pos), int(count)


async def _find_room(connection: aiosqlite.Connection, event: Event) -> Event:
    pos, count = split_id(event.id)
    query = "SELECT body FROM events WHERE pos = ? AND count = ?"
    if await _one(connection, query, (pos, count)) == encode_event(event):
        return event
    free = await _one(connection, "SELECT max(count) + 1 FROM events WHERE pos = ?", (pos,))
    moved = msgspec.structs.replace(event, id=f"{pos}.{free}")
    await connection.execute(_INSERT, _row(moved))
    return moved


async def _one(connection: aiosqlite.Connection, query: str, values: tuple[int, ...]) -> object:
    async with connection.execute(query, values) as cursor:
        row = await cursor.fetchone()
    return None if row is None else row[0]


def _row(event: Event) -> tuple[object, ...]:
    kind = str(event.__struct_config__.tag)
    epc = getattr(event, "epc", None)
    return (*split_id(event.id), event.t, event.decided, kind, epc, encode_event(event))
