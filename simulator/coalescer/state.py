"""The state of every tag in a gateway's hearing: one slot a (gateway, tag), a struct of arrays."""

from dataclasses import dataclass, fields

import numpy as np

from simulator.coalescer.shapes import Bools, Ints

ABSENT, MOVING, STILL, SILENT = 0, 1, 2, 3
UNSET = -32768  # a level that is not known
UNKNOWN = -1  # a mean interval before the second answer


@dataclass
class State:
    """Columns by slot, and by slot and antenna. Ticks count from uptime 0.

    `interval` is the mean looking between answers in sixteenths of a ms, `quiet` and `limit` are
    ms of looking, `entered` orders the tags of a gateway; `off_at` is the tick at which a track
    was first found off its anchor, `full_at` the tick at which its token bucket is full.
    """

    gateway: Ints
    tag: Ints
    state: Ints
    since: Ints
    last_ms: Ints
    last_antenna: Ints
    quiet: Ints
    interval: Ints
    limit: Ints
    entered: Ints
    exists: Bools  # [slot, antenna] from here on
    heard: Bools  # has given an RSSI
    stale: Bools  # begins a new mean with its next RSSI
    merged: Bools  # the first of its held rows is a part, not a bin
    low: Ints
    high: Ints
    anchor: Ints
    off_at: Ints
    full_at: Ints

    @classmethod
    def sized(cls, slots: int, antennas: int) -> "State":
        """All slots absent."""
        made: dict[str, Ints | Bools] = {}
        for field in fields(cls):
            shape = (slots, antennas) if field.name in _BY_TRACK else (slots,)
            dtype = np.bool_ if field.name in _FLAGS else np.int64
            made[field.name] = np.full(shape, _EMPTY.get(field.name, 0), dtype)
        return cls(**made)  # type: ignore[arg-type]

    def pick(self, slots: Ints) -> "State":
        """A copy of some slots."""
        return State(*(getattr(self, field.name)[slots] for field in fields(self)))

    def put(self, slots: Ints, part: "State") -> None:
        """Write back what `pick` gave."""
        for field in fields(self):
            getattr(self, field.name)[slots] = getattr(part, field.name)

    def grown(self, slots: int) -> "State":
        """The same with room for more."""
        bigger = State.sized(slots, self.exists.shape[1])
        bigger.put(np.arange(len(self.state)), self)
        return bigger


_FLAGS = ("exists", "heard", "stale", "merged")
_BY_TRACK = (*_FLAGS, "low", "high", "anchor", "off_at", "full_at")
_EMPTY = {"gateway": -1, "low": UNSET, "anchor": UNSET, "off_at": -1, "interval": UNKNOWN}
