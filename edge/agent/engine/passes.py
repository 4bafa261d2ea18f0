"""Cuts the reads of one EPC at one doorway or desk into passes, kept as sums.

Everything is summed in integers (milliseconds; powers in units of 1e-10 mW), so a pass does not
depend on the order in which its reads arrived, and two passes that a late read joins add up to
what they would have been.
"""

from bisect import insort
from collections.abc import Iterator
from typing import TYPE_CHECKING

from edge.agent.engine.building import Spot

if TYPE_CHECKING:
    from edge.agent.engine.crossing import Evidence
    from edge.agent.engine.node import Node
    from edge.contracts.events import Crossed

# 2-3 s cut real walks whole; by antenna instead of by EPC would tear 27-45 % of the slow ones.
GAP_MS = 2_500
# Nobody takes a minute through a door. A tag that is read on and on, by a gateway that does not
# merge reads, begins a new pass then: else an hour near the door would hide the walk after it.
LONGEST_MS = 60_000
# A still tag's records are up to 30 s apart, and it takes 10 s to be still.
STILL_GAP_MS = 45_000
# A record that spans more was merged from a tag lying still (fine records span 0.25 s).
STILL_SPAN_S = 2.0

# In which quarters of a second (2**8 ms) each side heard a pass is kept as bits of one number,
# the first of them so long before the pass began, because an earlier read may come later.
BIN_BITS = 8
_BINS_BEFORE = 512

_FLOOR_DBM = -100.0
_POWER_WITHOUT_RSSI = 10
_POWERS = [round(10 ** (tenths / 100)) for tenths in range(1201)]  # -100 .. +20 dBm by 0.1 dB


def power(rssi_dbm: float) -> int:
    """Received power in units of 1e-10 mW; odd levels count as -100 or +20 dBm."""
    if -100.0 <= rssi_dbm <= 20.0:
        return _POWERS[int((rssi_dbm - _FLOOR_DBM) * 10 + 0.5)]
    return _POWERS[0 if rssi_dbm < 0 else -1]


class Sums:
    """What one antenna read in a pass: times in ms, `w` power, moments weighted by power."""

    __slots__ = ("first", "last", "n", "peak", "peak_at", "side", "w", "wt", "wtt")

    def __init__(self, side: str, at_ms: int) -> None:
        self.side = side
        self.first = self.last = self.peak_at = at_ms
        self.n = self.w = self.wt = self.wtt = self.peak = 0

    def join(self, other: "Sums") -> None:
        """Take in what the same antenna read in another pass."""
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        self.n += other.n
        self.w += other.w
        self.wt += other.wt
        self.wtt += other.wtt
        self.peak, at = max((self.peak, -self.peak_at), (other.peak, -other.peak_at))
        self.peak_at = -at


class Pass:
    """The reads of one EPC at one place without a gap of `GAP_MS`; times in ms.

    `still`: a tag lying there, told by merged records. `has_rssi`: none of its reads lacked it.
    `heard`: in which bins of time each room's side heard it, bits from the bin `zero` on. `late`:
    reads that came past the lag are in it. `node` is what whereabouts was told of it,
    `said` the crossing that was said of it, `weighed` what it is evidence of, None when something
    came since.
    """

    __slots__ = (
        "antennas",
        "first",
        "has_rssi",
        "heard",
        "last",
        "late",
        "node",
        "said",
        "spot",
        "still",
        "weighed",
        "zero",
    )

    def __init__(self, spot: Spot, first: int, last: int, still: bool) -> None:
        self.spot = spot
        self.first = first
        self.last = last
        self.still = still
        self.antennas: dict[int, Sums] = {}
        self.zero = (first >> BIN_BITS) - _BINS_BEFORE
        self.heard: dict[str, int] = {}
        self.has_rssi = True
        self.late = False
        self.node: Node | None = None
        self.said: Crossed | None = None
        self.weighed: Evidence | None = None

    def __lt__(self, other: "Pass") -> bool:
        return self.first < other.first

    def seen_alone_by(self) -> str | None:
        """The one side that saw it, at a doorway that both sides look at."""
        if self.still or self.spot.faced < 2:
            return None
        sides = {sums.side for sums in self.antennas.values()}
        return sides.pop() if len(sides) == 1 else None

    def add(
        self, antenna: int, side: str, start: int, end: int, at: int, n: int, rssi: float | None
    ) -> None:
        """Take a record in: `at` its strongest moment, `n` reads, `rssi` in dBm."""
        self.weighed = None
        sums = self.antennas.get(antenna)
        if sums is None:
            sums = self.antennas[antenna] = Sums(side, start)
            sums.peak_at = at
        if start < self.first:
            self.first = start
        if end > self.last:
            self.last = end
        if start < sums.first:
            sums.first = start
        if end > sums.last:
            sums.last = end
        if rssi is None:
            self.has_rssi = False
            w = 10
        else:
            w = power(rssi)
        if w > sums.peak or (w == sums.peak and at < sums.peak_at):
            sums.peak = w
            sums.peak_at = at
        sums.n += n
        w *= n
        sums.w += w
        if not self.still:
            self.heard[side] = self.heard.get(side, 0) | 1 << (at >> BIN_BITS) - self.zero
        w *= at
        sums.wt += w
        sums.wtt += w * at

    def join(self, other: "Pass") -> None:
        """Take in another pass at the same place."""
        self.weighed = None
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        self.has_rssi = self.has_rssi and other.has_rssi
        self.late = self.late or other.late
        for antenna, sums in other.antennas.items():
            if antenna in self.antennas:
                self.antennas[antenna].join(sums)
            else:
                self.antennas[antenna] = sums
        if other.zero < self.zero:
            self._count_from(other.zero)
        for side, bins in other.heard.items():
            self.heard[side] = self.heard.get(side, 0) | bins << other.zero - self.zero

    def _count_from(self, zero: int) -> None:
        """Let the bins count from an earlier one."""
        self.heard = {side: bins << self.zero - zero for side, bins in self.heard.items()}
        self.zero = zero


class Passes:
    """The passes of one EPC at one place, oldest first: those on the move, or those lying still."""

    __slots__ = ("_gap", "_passes", "spot", "still")

    def __init__(self, spot: Spot, still: bool) -> None:
        self.spot = spot
        self.still = still
        self._gap = STILL_GAP_MS if still else GAP_MS
        self._passes: list[Pass] = []

    def __iter__(self) -> Iterator[Pass]:
        return iter(self._passes)

    def take(self, start: int, end: int) -> tuple[Pass, list[Pass]]:
        """Return the pass that a record of [start, end] ms belongs to, made if need be.

        Also the passes that the record joined to it: they are no more.
        """
        near = self._near(start, end)
        if not near:
            found = Pass(self.spot, start, end, self.still)
            insort(self._passes, found)
            return found, []
        found = near.pop()
        joined = []
        for later in reversed(near):
            if self.still or later.last - found.first <= LONGEST_MS:
                found.join(later)
                self._passes.remove(later)
                joined.append(later)
        return found, joined

    def within(self, start: int, end: int) -> Iterator[Pass]:
        """Give the passes that touch a time."""
        for p in reversed(self._passes):
            if p.last < start and not self.still:
                break
            if p.first <= end and p.last >= start:
                yield p

    def forget_before(self, at_ms: int) -> None:
        """Drop the passes that ended before."""
        self._passes = [p for p in self._passes if p.last >= at_ms]

    def _near(self, start: int, end: int) -> list[Pass]:
        """Passes within the gap of a record, latest first."""
        near = []
        for p in reversed(self._passes):
            if p.last + self._gap < start:
                break
            if p.first - self._gap <= end and (self.still or start <= p.first + LONGEST_MS):
                near.append(p)
        return near
