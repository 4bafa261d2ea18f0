"""What every radio command of an M6e needs: leave to transmit, an inventory, and its sightings."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from simulator.modules.line import UartLine
from simulator.modules.m6e.access import Access, parse_embedded, run_access
from simulator.modules.m6e.frames import Refused, Status
from simulator.modules.m6e.heat import Heat
from simulator.modules.m6e.inventory import Inventory, Read
from simulator.modules.m6e.models import NO_REGION
from simulator.modules.m6e.records import Sighting, TagBuffer
from simulator.modules.m6e.search import Filter, Search
from simulator.modules.m6e.settings import Settings
from simulator.modules.m6e.stats import Live
from simulator.modules.transmitter import Transmitter


@dataclass
class Air:
    """One module's radio with all that bears on it."""

    radio: Transmitter
    line: UartLine
    settings: Settings
    buffer: TagBuffer
    rng: random.Random
    quirks: Mapping[str, float]
    heat: Heat
    live: Live
    on_air_s: float = 0.0

    def demand_leave(self, at_s: float) -> None:
        """Raise `Refused` if the module must not transmit now."""
        if self.settings.region == NO_REGION:
            raise Refused(Status.BAD_REGION)
        if "antenna-missing" in self.quirks:
            raise Refused(Status.NO_ANTENNA)
        fault = self.fault(at_s)
        if fault is not None:
            raise Refused(fault)

    def fault(self, at_s: float) -> Status | None:
        """Return what keeps the module off the air for now, though it goes on trying."""
        if self.heat.is_hot(at_s):
            return Status.TOO_HOT
        if self.on_air_s >= self.quirks.get("return-loss", float("inf")):
            return Status.RETURN_LOSS
        return None

    def search(self, tags: Filter, at_s: float) -> Inventory:
        """Begin to look for tags at all ports that are set."""
        return Inventory(
            self.radio, self.line, self.settings, tags, self.settings.search_ports, at_s
        )

    def access(self, access: Access, at_s: float) -> Inventory:
        """Begin to look for the tag of an access, at the one port for that."""
        settings = self.settings
        return Inventory(
            self.radio,
            self.line,
            settings,
            access.filter,
            [settings.access_port],
            at_s,
            in_access=True,
            to_write=access.writes,
        )

    def note(self, inventory: Inventory, at_s: float) -> None:
        """Count what the inventory has been on the air since the last time."""
        spent_s, inventory.on_air_s = inventory.on_air_s, 0.0
        if spent_s:
            self.on_air_s += spent_s
            self.live.rf_on_ms += round(spent_s * 1000)
            self.heat.on_air(at_s - spent_s, at_s)

    def sighting(self, read: Read, began_s: float, data: bytes = b"") -> Sighting:
        """Return a read as a record shows it."""
        self.live.khz = read.khz
        return Sighting(
            read.answer.tag.pc_epc(),
            round(read.answer.rssi_dbm),
            read.tx,
            read.rx,
            read.khz,
            max(0, round((read.at_s - began_s) * 1000)),
            self.rng.randrange(181),
            read.q,
            self.settings.gen2[0x10][0],
            read.target_b,
            data,
        )


class EmbeddedWork:
    """The command embedded in a search, done on each tag found, and its counts."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._access: Access | None = None
        self.succeeded = self.failed = 0
        self.last = b""
        if search.embedded is not None:
            self._access = parse_embedded(search.embedded)

    def on(self, read: Read) -> bytes:
        """Do it on the tag; return what was read, nothing where it failed."""
        if self._access is None:
            return b""
        own = self._access.password
        try:
            data = run_access(self._access, read.answer.tag, own or self._search.password)
        except Refused:
            self.failed += 1
            return b""
        self.succeeded += 1
        self.last = data
        return data

    def counts(self) -> bytes:
        """Return how many commands, which, and how often it went well and ill."""
        if self._search.embedded is None:
            return b""
        return bytes((1, self._search.embedded.opcode)) + b"".join(
            min(count, 0xFFFF).to_bytes(2, "big") for count in (self.succeeded, self.failed)
        )
