"""Keeps the antennas' hours in the database, and what they say of the last three whole ones.

Written every ten minutes, by a connection of its own: a stop or crash costs the counts since, reads
and time on the air alike, so that rates stay right.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from edge.agent.gateways.rates import (
    Antenna,
    AntennaRate,
    Counts,
    HourCount,
    Hours,
    judged,
    window,
)
from edge.agent.process.in_thread import in_thread
from edge.agent.storage.database import DatabaseError
from edge.custody.store import connected

log = structlog.get_logger()

EVERY_S = 600.0
FIRST_S = 30.0  # after a start: let it find its feet

_ADD = """
INSERT INTO antenna_hours (hour, gateway, antenna, reads, on_air_ms) VALUES (?,?,?,?,?)
ON CONFLICT DO UPDATE SET
    reads = reads + excluded.reads, on_air_ms = on_air_ms + excluded.on_air_ms
"""
_READ = "SELECT gateway, antenna, reads, on_air_ms FROM antenna_hours WHERE hour = ?"


class RateBook:
    """`counts` takes the batches in, `rates` has what was last worked out of them."""

    def __init__(self, database: Path) -> None:
        self.counts = Counts()
        self.rates: dict[Antenna, AntennaRate] = {}
        self._database = database

    def of(self, gateway: str) -> list[AntennaRate]:
        """The rates of a gateway's antennas, those that have one, by number."""
        return [rate for (each, _), rate in self.rates.items() if each == gateway]

    async def keep(self, now: Callable[[], float], zone: Callable[[], ZoneInfo]) -> None:
        """Write and judge now and then, for as long as the agent runs."""
        await asyncio.sleep(FIRST_S)
        while True:
            taken = self.counts.take()
            work = partial(self.work, taken, now(), zone())
            try:
                self.rates = await in_thread(work, "rates")
            except (DatabaseError, sqlite3.Error) as error:  # locked, disk full: the next time
                self.counts.give_back(taken)
                log.warning("read rates not kept", reason=str(error))
            await asyncio.sleep(EVERY_S)

    def work(self, taken: Hours, now: float, zone: ZoneInfo) -> dict[Antenna, AntennaRate]:
        """Write what was counted; return what the hours say at `now`.

        Raises:
            DatabaseError, sqlite3.Error: nothing was written.
        """
        rows = [
            (hour, gateway, antenna, count.reads, count.on_air_ms)
            for hour, counts in taken.items()
            for (gateway, antenna), count in counts.items()
        ]
        wanted = window(now, zone)
        hours: dict[int, dict[Antenna, HourCount]] = {}
        with connected(self._database) as connection:
            if rows:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(_ADD, rows)
                connection.execute("COMMIT")
            for hour in {hour for each in wanted for hour in each}:
                for gateway, antenna, reads, on_air_ms in connection.execute(_READ, (hour,)):
                    hours.setdefault(hour, {})[gateway, antenna] = HourCount(reads, on_air_ms)
        return judged(hours, wanted)
