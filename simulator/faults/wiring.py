"""Antennas on the wrong plugs, and gateways that were put back at each other's place."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from simulator.faults.way import WayFault
from simulator.gateways.batching import Notice, Read, SentBatch


class Crossed(WayFault):
    """Gateways whose antennas are plugged in the wrong way round, from the first second on."""

    def __init__(self, numbers: Mapping[str, Mapping[int, int]]) -> None:
        self._numbers = numbers

    def carry(self, batch: SentBatch) -> list[SentBatch]:
        """Give reads and looks the number of the plug that their antenna is on."""
        told_as = self._numbers.get(batch.gateway)
        if told_as is None:
            return [batch]
        reads: list[Read] = [
            (read[0], told_as.get(read[1], read[1]), *read[2:]) for read in batch.reads
        ]
        looks = {told_as.get(antenna, antenna): look for antenna, look in batch.looks.items()}
        return [replace(batch, reads=reads, looks=dict(sorted(looks.items())))]


class Exchanged(WayFault):
    """Two gateways that were unplugged and put back at each other's place at `since_ms`."""

    def __init__(self, first: str, second: str, since_ms: int) -> None:
        self._other = {first: second, second: first}
        self._since_ms = since_ms

    def carry(self, batch: SentBatch) -> list[SentBatch]:
        """Give a batch the name of the gateway that stands there now."""
        if batch.up_ms < self._since_ms:
            return [batch]
        return [replace(batch, gateway=self._other.get(batch.gateway, batch.gateway))]

    def notice(self, notice: Notice) -> Notice:
        """Let each gateway say for itself that it is back."""
        if notice.rx_ms < self._since_ms:
            return notice
        return replace(notice, gateway=self._other.get(notice.gateway, notice.gateway))
