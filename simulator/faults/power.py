"""Gateways without power for a while: nothing looks, nothing is kept, and then a new boot."""

from __future__ import annotations

from simulator.air.antennas import Antennas
from simulator.air.radio import Stretch
from simulator.faults.radio import off_air
from simulator.gateways.batching import Gateways
from simulator.gateways.coalescing import Coalescing


class Power:
    """Takes a gateway off the air, and has its coalescer and its batches begin anew.

    A cut must be told before the stretch in which it begins, and last a stretch at least.
    """

    def __init__(self, antennas: Antennas, coalescing: Coalescing, gateways: Gateways) -> None:
        self._antennas, self._coalescing, self._gateways = antennas, coalescing, gateways
        self._cuts: list[tuple[str, int, int]] = []
        self._to_forget: list[tuple[str, int]] = []

    def cut(self, gateway: str, off_ms: int, on_ms: int) -> None:
        """Let a gateway be without power for a while."""
        self._cuts.append((gateway, off_ms, on_ms))
        self._to_forget.append((gateway, off_ms))
        self._gateways.cut(gateway, off_ms, on_ms)

    def hear(self, stretch: Stretch, begin_ms: int) -> Stretch:
        """Return a stretch as gateways hear it that have power."""
        for gateway, off_ms in [gone for gone in self._to_forget if gone[1] <= begin_ms]:
            self._to_forget.remove((gateway, off_ms))
            self._coalescing.forget(gateway)
        self._cuts = [cut for cut in self._cuts if cut[2] > begin_ms]
        for gateway, off_ms, on_ms in self._cuts:
            for antenna in self._antennas.all:
                if antenna.gateway == gateway:
                    window = (off_ms, on_ms)
                    stretch = off_air(stretch, self._antennas, antenna.index, window)
        return stretch
