"""What is now thought to have happened to a device: events that stand, and stays between them."""

from typing import Final

import aiosqlite
import msgspec

from edge.contracts.events import Alert, Crossed, Docked, Event, Undocked, decode_event


class StayView(msgspec.Struct, frozen=True, kw_only=True):
    """A device was in `room` (None: not known) from `t` on, though no passage said so."""

    t: float
    room: str | None
    confidence: float


Happening = Crossed | Docked | Undocked | Alert | StayView

# What a crossing's own line says already is left out: a stay that begins with one.
_BOTH: Final = """
SELECT t, pos, count, body, NULL AS room, NULL AS confidence FROM events
WHERE epc = :epc AND kind IN ('crossed', 'docked', 'undocked', 'alert') AND retracted = 0
UNION ALL
SELECT s.t, -1, 0, NULL, s.room, s.confidence FROM stays AS s
WHERE s.epc = :epc AND NOT EXISTS (
    SELECT 1 FROM events AS e WHERE e.epc = :epc AND e.kind = 'crossed' AND e.retracted = 0
    AND e.t = s.t
)
"""


async def timeline(
    connection: aiosqlite.Connection, epc: str, offset: int, limit: int
) -> tuple[list[Happening], int]:
    """Return what happened to a device, the newest first, a page at a time, and how much in all."""
    values = {"epc": epc, "limit": limit, "offset": offset}
    ordered = f"{_BOTH} ORDER BY t DESC, pos DESC, count DESC LIMIT :limit OFFSET :offset"
    async with connection.execute(ordered, values) as cursor:
        rows = await cursor.fetchall()
    async with connection.execute(f"SELECT count(*) FROM ({_BOTH})", values) as cursor:
        (total,) = await cursor.fetchone() or (0,)
    found: list[Happening] = []
    for t, _, _, body, room, confidence in rows:
        if body is None:
            found.append(StayView(t=t, room=room, confidence=confidence))
        else:
            found.append(_decoded(body))
    return found, int(total)


def _decoded(body: bytes) -> Happening:
    event: Event = decode_event(body)
    if not isinstance(event, Crossed | Docked | Undocked | Alert):
        raise TypeError(f"not an event of a device: {event!r}")
    return event
