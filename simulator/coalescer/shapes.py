"""What goes into the simulated gateways' coalescer and what comes out: arrays, one item a read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

TICK_MS = 250
NO_RSSI = -32768


@dataclass(frozen=True)
class CoalescerSettings:
    """The numbers of the rule (docs/coalescing.md): ms in whole ticks, levels in tenths of a dB.

    `tags` is how many tags a real gateway's table holds. The simulated one has no such bound; it
    counts where it went past it (`VectorCoalescer.overfull`).
    """

    tags: int = 64
    similar: int = 60
    still_after_ms: int = 10_000
    off_for_ms: int = 1_000
    ring_ms: int = 2_000
    coarse_ms: int = 30_000
    silent_after_ms: int = 3_000
    silent_intervals: int = 8
    silent_at_last_ms: int = 600_000
    forget_ms: int = 60_000
    burst: int = 30
    token_ms: int = 2_000

    def ticks(self, ms: int) -> int:
        """A time of these settings in ticks."""
        return ms // TICK_MS


@dataclass(frozen=True)
class RawReads:
    """Raw reads of all gateways, sorted by `at_ms`; equal stamps keep the order of the input.

    `gateway`, `tag`, `antenna` are indices from 0 (antenna indices ascend with antenna numbers),
    `rssi_tenths` is in tenths of dBm with `NO_RSSI` where there is none, `at_ms` is milliseconds
    of the uptime that all gateways share. Any integer dtype; one length.
    """

    gateway: Ints
    tag: Ints
    antenna: Ints
    rssi_tenths: Ints
    at_ms: Ints

    @classmethod
    def empty(cls) -> "RawReads":
        """No reads at all."""
        none = np.empty(0, np.int64)
        return cls(none, none, none, none, none)

    def between(self, start: int, stop: int) -> "RawReads":
        """The reads with these places in the arrays, as int64."""
        part = slice(start, stop)
        return RawReads(
            np.asarray(self.gateway[part], np.int64),
            np.asarray(self.tag[part], np.int64),
            np.asarray(self.antenna[part], np.int64),
            np.asarray(self.rssi_tenths[part], np.int64),
            np.asarray(self.at_ms[part], np.int64),
        )


@dataclass(frozen=True)
class Records:
    """Records in the order of sending: by the tick end `sent_ms`, then gateway, then as the
    firmware sends them. Times in ms, `rssi_tenths` `NO_RSSI` where the record has none;
    `n` = 0 marks a tag that stopped answering.
    """

    gateway: Ints
    tag: Ints
    antenna: Ints
    rssi_tenths: Ints
    first_ms: Ints
    n: Ints
    span_ms: Ints
    peak_ms: Ints
    coarse: Bools
    sent_ms: Ints

    def __len__(self) -> int:
        return len(self.n)


def join_records(parts: list[Records]) -> Records:
    """Records of consecutive times, one after the other."""
    if len(parts) == 1:
        return parts[0]
    return Records(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Records.__dataclass_fields__
        )
    )
