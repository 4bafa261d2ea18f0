"""What gateways do with records: gather them into batches by the wire's rules, and send them.

A batch closes at 20 reads, 250 ms after its first fine read, 5 s after its first coarse one, and
after 10 s without any.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np

from simulator.air.antennas import SLOT_MS, Antennas
from simulator.air.radio import Stretch
from simulator.coalescer.shapes import NO_RSSI, Records

MAX_READS = 20
FINE_MS, COARSE_MS, IDLE_MS = 250, 5_000, 10_000
KEEP_ALIVE_MS = 22_000  # until the broker gives a gateway up that went without a word
HELLO_MS = 2_500  # from power to the gateway's own word, once it is on the network
NETWORK_MS = (4, 60)  # from a gateway's sending to the agent's having it, school Wi-Fi

# tag, antenna number, RSSI in tenths or NO_RSSI, first ms, n, span ms, peak ms
Read = tuple[int, int, int, int, int, int, int]


@dataclass(frozen=True)
class SentBatch:
    """One batch; times in ms of the log's uptime. `looks` by antenna number: rounds, ms on air.

    The gateway booted at `boot_ms`. Its clock is `ahead_ms` of the truth and was set `sync_s`
    before the batch's zero; the log tells that, and the uptime, where `tells_up` is set.
    """

    gateway: str
    boot: str
    seq: int
    up_ms: int
    rx_ms: int
    looks: dict[int, tuple[int, int]]
    reads: list[Read]
    sent_ms: int = 0
    boot_ms: int = 0
    ahead_ms: int = 0
    sync_s: int | None = None
    tells_up: bool = False


@dataclass(frozen=True)
class Notice:
    """Word that the agent has at `rx_ms`: a gateway came online in a boot, or went."""

    rx_ms: int
    gateway: str
    online: bool
    boot: str


class Looks:
    """Counts rounds and slots of each antenna up to any moment of the stretch being worked on."""

    def __init__(self, antennas: Antennas) -> None:
        self._antennas = antennas
        self._before = [(0, 0)] * len(antennas.all)
        self._rounds: list[list[int]] = [[0]] * len(antennas.all)
        self._slots: list[list[int]] = [[0]] * len(antennas.all)
        self._stretch: Stretch | None = None

    def begin(self, stretch: Stretch) -> None:
        """Go on with the next stretch."""
        if self._stretch is not None:
            for antenna in range(len(self._before)):
                rounds, slots = self._before[antenna]
                self._before[antenna] = (
                    rounds + self._rounds[antenna][-1],
                    slots + self._slots[antenna][-1],
                )
        self._stretch = stretch
        self._rounds = [
            [0, *np.cumsum(stretch.rounds[a.index, : stretch.slots[a.index]]).tolist()]
            for a in self._antennas.all
        ]
        # a slot without a round was none: the antenna was off the air
        self._slots = [
            [0, *np.cumsum(stretch.rounds[a.index, : stretch.slots[a.index]] > 0).tolist()]
            for a in self._antennas.all
        ]

    def until(self, antenna: int, at_ms: int) -> tuple[int, int]:
        """Return rounds made and milliseconds on air from the log's start to `at_ms`."""
        rounds, slots = self._before[antenna]
        if self._stretch is not None:
            over_ms = at_ms - SLOT_MS - int(self._stretch.first_ms[antenna])
            turns_ms = int(self._antennas.turns_ms[antenna])
            here = min(max(over_ms // turns_ms + 1, 0), len(self._rounds[antenna]) - 1)
            rounds += self._rounds[antenna][here]
            slots += self._slots[antenna][here]
        return rounds, round(slots * self._antennas.usable_ms[antenna])


@dataclass
class _Open:
    gateway: str
    boot: str
    antennas: list[tuple[int, int]]  # number, index
    network: random.Random
    reads: list[Read] = field(default_factory=list)
    looked: dict[int, tuple[int, int]] = field(default_factory=dict)
    due_ms: int | None = None
    closed_ms: int = 0
    rx_ms: int = 0
    seq: int = 0
    boot_ms: int = 0
    boots: int = 1
    cuts: list[tuple[int, int]] = field(default_factory=list)  # off, on; the next one first


class Gateways:
    """All gateways of a school, all booted when the log begins.

    Where power is cut, what was not sent is lost, and a new boot begins when it is back.
    """

    def __init__(self, antennas: Antennas, seed: int) -> None:
        self.looks = Looks(antennas)
        self._seed = seed
        self._waiting: list[SentBatch] = []
        self._notices: list[Notice] = []
        self._all = [
            _Open(
                gateway=gateway,
                boot=_boot(gateway, 1, seed),
                antennas=[(a.number, a.index) for a in antennas.all if a.gateway == gateway],
                network=random.Random(f"network {gateway} {seed}"),
            )
            for gateway in antennas.gateways
        ]

    def boots(self) -> dict[str, str]:
        """Return each gateway's boot."""
        return {gateway.gateway: gateway.boot for gateway in self._all}

    def cut(self, gateway: str, off_ms: int, on_ms: int) -> None:
        """Let a gateway be without power for a while that is still to come."""
        of = next(one for one in self._all if one.gateway == gateway)
        of.cuts.append((off_ms, on_ms))

    def notices(self) -> list[Notice]:
        """Return the comings and goings that were not returned yet."""
        told, self._notices = self._notices, []
        return told

    def send(self, records: Records, until_ms: int) -> list[SentBatch]:
        """Take records sent before `until_ms`; return the batches that arrive before it."""
        arrived = self._waiting
        columns = (
            records.gateway, records.tag, records.antenna, records.rssi_tenths, records.first_ms,
            records.n, records.span_ms, records.peak_ms, records.coarse, records.sent_ms,
        )  # fmt: skip
        for which, tag, antenna, rssi, first, n, span, peak, coarse, sent in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            gateway = self._all[which]
            self._close_due(gateway, sent, arrived)
            if sent < gateway.boot_ms:
                continue  # of before the power went: what was only in RAM
            number = gateway.antennas[antenna][0]
            gateway.reads.append((tag, number, rssi, first, n, span, peak))
            due = sent + (COARSE_MS if coarse else FINE_MS)
            gateway.due_ms = due if gateway.due_ms is None else min(gateway.due_ms, due)
            if len(gateway.reads) >= MAX_READS:
                arrived.append(self._close(gateway, sent))
        for gateway in self._all:
            self._close_due(gateway, until_ms, arrived)
        arrived.sort(key=lambda batch: (batch.rx_ms, batch.gateway))
        self._waiting = [batch for batch in arrived if batch.rx_ms >= until_ms]
        return arrived[: len(arrived) - len(self._waiting)]

    def _close_due(self, gateway: _Open, now_ms: int, closed: list[SentBatch]) -> None:
        while gateway.cuts and gateway.cuts[0][0] <= now_ms:
            off_ms, on_ms = gateway.cuts.pop(0)
            self._close_until(gateway, off_ms, closed)
            self._reboot(gateway, off_ms, on_ms)
        self._close_until(gateway, now_ms, closed)

    def _reboot(self, gateway: _Open, off_ms: int, on_ms: int) -> None:
        self._notices.append(Notice(off_ms + KEEP_ALIVE_MS, gateway.gateway, False, gateway.boot))
        gateway.boots += 1
        gateway.boot = _boot(gateway.gateway, gateway.boots, self._seed)
        gateway.reads, gateway.due_ms, gateway.seq = [], None, 0
        gateway.closed_ms = gateway.boot_ms = on_ms
        gateway.rx_ms = on_ms + HELLO_MS  # nothing is sent before it is on the network
        gateway.looked = {index: self.looks.until(index, on_ms) for _, index in gateway.antennas}
        self._notices.append(Notice(on_ms + HELLO_MS, gateway.gateway, True, gateway.boot))

    def _close_until(self, gateway: _Open, now_ms: int, closed: list[SentBatch]) -> None:
        while True:
            due = gateway.closed_ms + IDLE_MS
            if gateway.due_ms is not None:
                due = min(due, gateway.due_ms)
            if due > now_ms:
                return
            closed.append(self._close(gateway, due))

    def _close(self, gateway: _Open, at_ms: int) -> SentBatch:
        looks = {}
        for number, index in gateway.antennas:
            rounds, on_air = self.looks.until(index, at_ms)
            rounds_before, on_air_before = gateway.looked.get(index, (0, 0))
            gateway.looked[index] = (rounds, on_air)
            looks[number] = (rounds - rounds_before, on_air - on_air_before)
        rx_ms = max(at_ms + gateway.network.randint(*NETWORK_MS), gateway.rx_ms)
        batch = SentBatch(
            gateway=gateway.gateway,
            boot=gateway.boot,
            seq=gateway.seq,
            up_ms=min((read[3] for read in gateway.reads), default=at_ms),
            rx_ms=rx_ms,
            looks=looks,
            reads=gateway.reads,
            sent_ms=at_ms,
            boot_ms=gateway.boot_ms,
        )
        gateway.reads, gateway.due_ms, gateway.closed_ms = [], None, at_ms
        gateway.seq, gateway.rx_ms = gateway.seq + 1, rx_ms
        return batch


def _boot(gateway: str, number: int, seed: int) -> str:
    """Return a boot's name: the count of boots, and chance."""
    told = f"boot {gateway} {seed}" if number == 1 else f"boot {gateway} {seed} {number}"
    return f"{number:08x}{random.Random(told).getrandbits(32):08x}"


def rssi_dbm(tenths: int) -> float | None:
    """Return a record's level in dBm, None where the module gives none."""
    return None if tenths == NO_RSSI else tenths / 10
