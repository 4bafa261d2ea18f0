"""What gateways do with records: gather them into batches by the wire's rules, and send them.

A batch closes at 20 reads, 250 ms after its first fine read, 5 s after its first coarse one, and
after 10 s without any.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter

import msgspec
import numpy as np

from simulator.air.antennas import Antennas
from simulator.coalescer.shapes import NO_RSSI, Records
from simulator.gateways.looks import Looks

MAX_READS = 20
FINE_MS, COARSE_MS, IDLE_MS = 250, 5_000, 10_000
KEEP_ALIVE_MS = 22_000  # until the broker gives a gateway up that went without a word
HELLO_MS = 2_500  # from power to the gateway's own word, once it is on the network
NETWORK_MS = (4, 60)  # from a gateway's sending to the agent's having it, school Wi-Fi

# tag, antenna number, RSSI in tenths or NO_RSSI, first ms, n, span ms, peak ms
Read = tuple[int, int, int, int, int, int, int]


class SentBatch(msgspec.Struct, frozen=True):
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


class Notice(msgspec.Struct, frozen=True):
    """Word that the agent has at `rx_ms`: a gateway came online in a boot, or went."""

    rx_ms: int
    gateway: str
    online: bool
    boot: str


@dataclass
class _Open:
    place: int
    gateway: str
    boot: str
    network: random.Random
    reads: list[Read] = field(default_factory=list)
    due_ms: int = IDLE_MS
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
        self._closed: list[tuple[int, int, SentBatch | None]] = []  # gateway, when; None: a boot
        self._all = [
            _Open(
                place=place,
                gateway=gateway,
                boot=_boot(gateway, 1, seed),
                network=random.Random(f"network {gateway} {seed}"),
            )
            for place, gateway in enumerate(antennas.gateways)
        ]
        most = max((antenna.turns for antenna in antennas.all), default=1)
        self._numbers = np.zeros((len(antennas.gateways), most), np.int64)
        for antenna in antennas.all:
            self._numbers[antennas.gateway[antenna.index], antenna.turn] = antenna.number

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
        number = self._numbers[records.gateway, records.antenna]
        columns = (
            records.tag, number, records.rssi_tenths, records.first_ms, records.n,
            records.span_ms, records.peak_ms,
        )  # fmt: skip
        due_ms = records.sent_ms + np.where(records.coarse, COARSE_MS, FINE_MS)
        for which, read, sent, due in zip(
            records.gateway.tolist(),
            zip(*(column.tolist() for column in columns), strict=True),
            records.sent_ms.tolist(),
            due_ms.tolist(),
            strict=True,
        ):
            gateway = self._all[which]
            if gateway.due_ms <= sent or gateway.cuts:
                self._close_due(gateway, sent)
            if sent < gateway.boot_ms:
                continue  # of before the power went: what was only in RAM
            gateway.reads.append(read)
            if due < gateway.due_ms:
                gateway.due_ms = due
            if len(gateway.reads) >= MAX_READS:
                self._close(gateway, sent)
        for gateway in self._all:
            if gateway.due_ms <= until_ms or gateway.cuts:
                self._close_due(gateway, until_ms)
        arrived = [*self._waiting, *self._with_looks()]
        arrived.sort(key=attrgetter("rx_ms", "gateway"))
        self._waiting = [batch for batch in arrived if batch.rx_ms >= until_ms]
        return arrived[: len(arrived) - len(self._waiting)]

    def _close_due(self, gateway: _Open, now_ms: int) -> None:
        while gateway.cuts and gateway.cuts[0][0] <= now_ms:
            off_ms, on_ms = gateway.cuts.pop(0)
            self._close_until(gateway, off_ms)
            self._reboot(gateway, off_ms, on_ms)
        self._close_until(gateway, now_ms)

    def _reboot(self, gateway: _Open, off_ms: int, on_ms: int) -> None:
        self._notices.append(Notice(off_ms + KEEP_ALIVE_MS, gateway.gateway, False, gateway.boot))
        gateway.boots += 1
        gateway.boot = _boot(gateway.gateway, gateway.boots, self._seed)
        gateway.reads, gateway.seq = [], 0
        gateway.boot_ms, gateway.due_ms = on_ms, on_ms + IDLE_MS
        gateway.rx_ms = on_ms + HELLO_MS  # nothing is sent before it is on the network
        self._closed.append((gateway.place, on_ms, None))
        self._notices.append(Notice(on_ms + HELLO_MS, gateway.gateway, True, gateway.boot))

    def _close_until(self, gateway: _Open, now_ms: int) -> None:
        while gateway.due_ms <= now_ms:
            self._close(gateway, gateway.due_ms)

    def _close(self, gateway: _Open, at_ms: int) -> None:
        shortest, longest = NETWORK_MS
        takes_ms = shortest + int((longest - shortest + 1) * gateway.network.random())
        gateway.rx_ms = max(at_ms + takes_ms, gateway.rx_ms)
        batch = SentBatch(
            gateway=gateway.gateway,
            boot=gateway.boot,
            seq=gateway.seq,
            up_ms=min((read[3] for read in gateway.reads), default=at_ms),
            rx_ms=gateway.rx_ms,
            looks={},
            reads=gateway.reads,
            sent_ms=at_ms,
            boot_ms=gateway.boot_ms,
        )
        self._closed.append((gateway.place, at_ms, batch))
        gateway.reads, gateway.due_ms, gateway.seq = [], at_ms + IDLE_MS, gateway.seq + 1

    def _with_looks(self) -> Iterator[SentBatch]:
        """Yield the batches closed in this stretch, with what their antennas have looked."""
        closed, self._closed = self._closed, []
        gateways = np.array([entry[0] for entry in closed], np.int64)
        at_ms = np.array([entry[1] for entry in closed], np.int64)
        for (_, _, batch), looks in zip(closed, self.looks.since(gateways, at_ms), strict=True):
            if batch is not None:
                batch.looks.update(looks)
                yield batch


def _boot(gateway: str, number: int, seed: int) -> str:
    """Return a boot's name: the count of boots, and chance."""
    told = f"boot {gateway} {seed}" if number == 1 else f"boot {gateway} {seed} {number}"
    return f"{number:08x}{random.Random(told).getrandbits(32):08x}"


def rssi_dbm(tenths: int) -> float | None:
    """Return a record's level in dBm, None where the module gives none."""
    return None if tenths == NO_RSSI else tenths / 10
