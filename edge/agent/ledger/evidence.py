"""The reads behind one statement: what an engine had heard of a tag when it decided."""

from typing import TypeGuard

import aiosqlite
import msgspec

from edge.agent.intake.rows import expand_stored
from edge.agent.journal.store import read_journal
from edge.contracts.readlog import ReadRow, Row

FARTHEST = 10_000  # journal rows that are looked through; a school's busiest minute has fewer
_STEP = 500
_SLACK_S = 15.0  # a batch comes up to so long after its first read while its gateway is well


class Window(msgspec.Struct, frozen=True):
    """At which gateway the reads behind a statement were, between which times (Unix s).

    `pos` is the journal position it came of: what was heard later it does not rest on.
    """

    pos: int
    gateway: str
    since: float
    until: float


class Heard(msgspec.Struct, frozen=True):
    """One merged read: its strongest raw read at `t` (Unix s), `rssi` dBm or None, of `n`."""

    t: float
    antenna: int
    rssi: float | None
    n: int


async def heard_before(connection: aiosqlite.Connection, epc: str, window: Window) -> list[Heard]:
    """Reads of a tag in a window, in order.

    None where retention has deleted them, or they came more than `FARTHEST` rows before.
    """
    found: list[Heard] = []
    wanted = epc.encode()
    for up_to in range(window.pos, max(0, window.pos - FARTHEST), -_STEP):
        oldest = None
        async for part in read_journal(connection, max(0, up_to - _STEP), up_to):
            for stored in part:
                oldest = stored.rx if oldest is None else min(oldest, stored.rx)
                if stored.gateway == window.gateway and wanted in stored.body:
                    rows = expand_stored(stored)
                    found += [
                        Heard((row.t or 0.0) + row.peak, row.antenna, row.rssi, row.n)
                        for row in rows
                        if _is_meant(row, epc, window)
                    ]
        if oldest is not None and oldest < window.since - _SLACK_S:
            break
    return sorted(found, key=lambda heard: heard.t)


def _is_meant(row: Row, epc: str, window: Window) -> TypeGuard[ReadRow]:
    if not isinstance(row, ReadRow) or row.epc != epc or row.t is None or not row.n:
        return False
    return window.since <= row.t <= window.until
