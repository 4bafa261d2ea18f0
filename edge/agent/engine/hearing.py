"""Learns how the two sides of a doorway hear: one louder than the other, apart, or mingled.

Where antennas stand, what cables take and how a doorway reflects differs from one to the next, so
no number holds for all of them. What passes showed until some minutes ago is the measure for the
next one. Those minutes are longer than a read may be late, so that what was known when a pass began
does not depend on the order in which reads arrived.
"""

from bisect import bisect_left, insort
from dataclasses import dataclass

import msgspec

from edge.agent.engine.passes import Pass

_EPOCH_MS = 300_000  # what is known changes so often
_SETTLED_MS = 180_000  # a pass (60 s) and the lag (45 s), and some more
_LAST = 48  # passes; what is older weighs nothing
_ENOUGH = 5
# Without levels: the square of the usual order, and how many passes that is worth.
_USUAL_ORDER_2 = 0.3**2
_PRIOR_ORDERS = 4
_MOST_DB = 15.0


class Shown(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one pass that both sides heard showed of them.

    `has_rssi`: of the rest only the order means something without levels. `level_db`: how much
    louder the first side's antenna was, as plugged in; `ahead`: how far one side's hearing ran
    ahead of the other's, -1.5 .. 1; `order_2`: the square of the order less its noise.
    """

    has_rssi: bool
    level_db: float
    ahead: float
    order_2: float


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is known of a doorway's sides. `level_db` as in `Shown`; `ahead`: what a clear walk
    reaches, `order_2`: the mean square of orders without levels (None: unknown). `exchanged`: its
    antennas are plugged in the wrong way round.
    """

    exchanged: bool = False
    level_db: float = 0.0
    ahead: float | None = None
    order_2: float | None = None


UNKNOWN = Hearing()


class Taught:
    """What the passes at one doorway have shown, in order of time."""

    __slots__ = ("_known", "_shown")

    def __init__(self) -> None:
        self._shown: list[tuple[int, str, Shown]] = []
        self._known: tuple[int, Hearing] = (-1, UNKNOWN)

    def show(self, epc: str, p: Pass, first_ms: int, shown: Shown) -> None:
        """Take in what a pass showed; late ones were not known when others were judged."""
        if not p.late:
            insort(self._shown, (first_ms, epc, shown), key=_when)

    def take_back(self, epc: str, first_ms: int) -> None:
        """Forget a pass: it is no more, or another."""
        at = bisect_left(self._shown, (first_ms, epc), key=_when)
        if at < len(self._shown) and _when(self._shown[at]) == (first_ms, epc):
            del self._shown[at]

    def hearing(self, at_ms: int) -> Hearing:
        """What was known when a pass began."""
        epoch = at_ms // _EPOCH_MS
        if self._known[0] != epoch:
            self._known = (epoch, self._learnt(epoch * _EPOCH_MS - _SETTLED_MS))
        return self._known[1]

    def forget_before(self, at_ms: int) -> None:
        """Let go of passes that nothing is judged by any more."""
        old = bisect_left(self._shown, (at_ms, ""), key=_when) - _LAST
        if old > 0:
            del self._shown[:old]

    def _learnt(self, until_ms: int) -> Hearing:
        until = bisect_left(self._shown, (until_ms, ""), key=_when)
        last = [shown for _, _, shown in self._shown[max(0, until - _LAST) : until]]
        told = [shown for shown in last if shown.has_rssi]
        silent = [shown.order_2 for shown in last if not shown.has_rssi]
        level_db, ahead, order_2 = 0.0, None, None
        if len(told) >= _ENOUGH:
            level_db = sorted(shown.level_db for shown in told)[len(told) // 2]
            # Many turn round or stand at some doors; those that go through do best.
            ahead = sorted(shown.ahead for shown in told)[3 * len(told) // 4]
        if silent:
            usual = _PRIOR_ORDERS * _USUAL_ORDER_2
            order_2 = (usual + sum(silent)) / (_PRIOR_ORDERS + len(silent))
        return Hearing(
            level_db=max(-_MOST_DB, min(_MOST_DB, level_db)), ahead=ahead, order_2=order_2
        )


def _when(one: tuple[int, str, Shown]) -> tuple[int, str]:
    return one[0], one[1]
