"""Tells the engine that time passed when nothing else does: a row of kind `time`."""

import asyncio

from edge.agent.ingest import Ingest
from edge.agent.intake.queue import Fact, Intake
from edge.agent.ledger.store import Ledger
from edge.agent.process.clock import Clock
from edge.contracts.readlog import TimeRow

QUIET_S = 1.0  # the engine thinks at whole seconds: more rows would tell it nothing
LOOK_EVERY_S = 0.25


async def keep_time(ledger: Ledger, ingest: Ingest, intake: Intake, clock: Clock) -> None:
    """Journal a time row whenever the engine waits and no row has come for a second."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        quiet = clock.monotonic() - ingest.last_row_at >= QUIET_S
        if quiet and ledger.pending and not len(intake):
            intake.offer_fact(Fact(TimeRow(rx=clock.now())))
