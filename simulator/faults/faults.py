"""All faults of a run, put into the chain: on the air, and on the way from gateway to agent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Protocol

from edge.contracts.school import School
from simulator.air.antennas import Antennas
from simulator.air.chance import Floats
from simulator.air.radio import Stretch
from simulator.faults.way import WayFault
from simulator.gateways.batching import Notice, SentBatch


class AirFault(Protocol):
    """Changes what antennas hear and how long they look."""

    def hear(self, stretch: Stretch, begin_ms: int, end_ms: int) -> Stretch:
        """Return a stretch as the gateways have it."""


class Faults:
    """The faults of one run. Without any, everything goes through as it is.

    `loss_db` is what each antenna's cable takes, one way, in the order of the school's antennas;
    `cuts` are (gateway, ms, ms) between which it has no power.
    """

    def __init__(
        self,
        on_air: Sequence[AirFault] = (),
        on_way: Sequence[WayFault] = (),
        loss_db: Floats | float = 0.0,
        cuts: Sequence[tuple[str, int, int]] = (),
    ) -> None:
        self.loss_db = loss_db
        self.cuts = cuts
        self._on_air = on_air
        self._on_way = on_way
        self._batches: list[SentBatch] = []
        self._notices: list[Notice] = []
        self._until_ms = 0

    def hear(self, stretch: Stretch, begin_ms: int, end_ms: int) -> Stretch:
        """Apply the faults on the air to a stretch."""
        for fault in self._on_air:
            stretch = fault.hear(stretch, begin_ms, end_ms)
        return stretch

    def carry(self, batches: Sequence[SentBatch], until_ms: int) -> list[SentBatch]:
        """Apply the faults on the way; return what arrives before `until_ms`."""
        if not self._on_way:
            return list(batches)
        carried = list(batches)
        for fault in self._on_way:
            carried = [after for batch in carried for after in fault.carry(batch)]
        self._batches += carried
        self._batches.sort(key=attrgetter("rx_ms", "gateway", "boot", "seq"))
        arrived = [batch for batch in self._batches if batch.rx_ms < until_ms]
        self._batches = self._batches[len(arrived) :]
        return arrived

    def tell(self, notices: Sequence[Notice], until_ms: int) -> list[Notice]:
        """Apply the faults to notices, add their own; return those of before `until_ms`."""
        told = list(notices)
        for fault in self._on_way:
            told = [fault.notice(notice) for notice in told]
            told += fault.notices(self._until_ms, until_ms)
        self._until_ms = until_ms
        self._notices += told
        self._notices.sort(key=attrgetter("rx_ms", "gateway"))
        due = [notice for notice in self._notices if notice.rx_ms < until_ms]
        self._notices = self._notices[len(due) :]
        return due


Boots = Mapping[str, str]  # of each gateway when the log begins
FaultMaker = Callable[[School, Antennas, Boots, int], Faults]


def no_faults(school: School, antennas: Antennas, boots: Boots, seed: int) -> Faults:
    """Return the faults of a run in which nothing is broken."""
    return Faults()
