"""Gives the readers their turns on the air, so that no two of a gateway ever transmit at once."""

import asyncio

SHARED_SLOT_MS = 80  # 60 to 100: a few rounds each, and a walker is seen several times by each
LONE_SLOT_MS = 400  # a single reader runs on; the pause between two of its slots is a few ms
_NOBODY_S = 0.1


class Turns:
    """Round robin over stations that may transmit; `stop` ends it after the running slot."""

    def __init__(self, stations):
        self._stations = stations
        self._stopping = False
        self._air = asyncio.Lock()  # fair: who waits for it comes after the running slot

    async def run(self):
        while not self._stopping:
            waiting = [station for station in self._stations if station.may_transmit]
            if not waiting:
                await asyncio.sleep(_NOBODY_S)
                continue
            slot_ms = LONE_SLOT_MS if len(waiting) == 1 else SHARED_SLOT_MS
            for station in waiting:
                if station.may_transmit and not self._stopping:
                    async with self._air:
                        await station.turn(slot_ms)

    async def alone(self, work):
        """What `work()` returns, done between two slots, while nothing else is on the air."""
        async with self._air:
            return await work()

    def stop(self):
        self._stopping = True
