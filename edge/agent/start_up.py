"""What the agent does before it takes batches: it learns again what its journal knows."""

from dataclasses import dataclass
from pathlib import Path

import aiosqlite
import structlog

from edge.agent.gateways.known import Gateways
from edge.agent.ingest import Ingest
from edge.agent.intake.queue import Fact
from edge.agent.intake.rows import BATCH, StoredRow, device_row
from edge.agent.journal.store import last_batches
from edge.agent.ledger.store import Ledger
from edge.agent.process.clock import Clock
from edge.agent.school.school_in_force import SchoolInForce
from edge.agent.snapshot.snapshots import Snapshots
from edge.contracts.devices import DevicesError, read_devices
from edge.contracts.readlog import GatewayRow, Row

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class StartUp:
    """The parts that a start fills. `devices` is the list for a journal that knows none, if any."""

    connection: aiosqlite.Connection
    ledger: Ledger
    snapshots: Snapshots
    ingest: Ingest
    gateways: Gateways
    in_force: SchoolInForce
    devices: Path | None
    clock: Clock

    async def know_the_journal(self, last_pos: int) -> None:
        """Work it through up to `last_pos`, then journal what the files say that it lacks."""
        await self._remember()
        await self.ledger.rebuild(last_pos, self._recall)
        rows: list[Row] = []
        if self.ledger.school_text != self.in_force.text:
            rows.append(self.in_force.row(self.clock.now()))
        if not self.ledger.has_devices:
            rows += self._devices_from_file()
        await self.ingest.take_over([Fact(row) for row in rows])

    async def _remember(self) -> None:
        """Learn what can be known without working the journal through."""
        if await self.snapshots.recall(self.ledger):
            for gateway, rx in (await last_batches(self.connection)).items():
                self.gateways.batch_of_earlier_run(gateway, rx)
            for row in self.ledger.gateway_rows:
                self.gateways.came_or_went(row)
        async with self.connection.execute(
            "SELECT DISTINCT gateway, hw FROM starts WHERE hw <> ''"
        ) as cursor:
            for gateway, hw in await cursor.fetchall():
                self.gateways.remember_board(gateway, hw)

    def _recall(self, stored: StoredRow, rows: list[Row]) -> None:
        """Learn from a row of an earlier run what is known of its gateway."""
        self.clock.journaled(stored.rx)
        if stored.kind == BATCH and stored.gateway is not None:
            self.gateways.batch_of_earlier_run(stored.gateway, stored.rx)
        for row in rows:
            if isinstance(row, GatewayRow):
                self.gateways.came_or_went(row)

    def _devices_from_file(self) -> list[Row]:
        if self.devices is None:
            return []
        try:
            devices, problems = read_devices(self.devices)
        except DevicesError as error:
            log.error("devices not imported", reason=str(error))
            return []
        for problem in problems:
            log.warning("devices", file=str(self.devices), problem=str(problem))
        log.info("devices imported", file=str(self.devices), count=len(devices))
        now = self.clock.now()
        return [device_row(device, now) for device in devices]
