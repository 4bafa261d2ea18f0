"""What came into a cart and left it, as is now thought."""

from typing import Final

import aiosqlite

from edge.contracts.events import Docked, Undocked, decode_event

Docking = Docked | Undocked

_SINCE: Final = """
SELECT body FROM events
WHERE kind IN ('docked', 'undocked') AND retracted = 0 AND t >= :since
AND body ->> '$.cart' = :cart
ORDER BY t, pos, count
"""


async def docking(connection: aiosqlite.Connection, cart: str, since: float) -> list[Docking]:
    """Return a cart's comings and goings since `since`, the oldest first."""
    async with connection.execute(_SINCE, {"cart": cart, "since": since}) as cursor:
        events = [decode_event(body) for (body,) in await cursor.fetchall()]
    return [event for event in events if isinstance(event, Docked | Undocked)]
