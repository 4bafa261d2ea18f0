"""What reads alone can tell: an oracle that knows the truth, and may say it once the log shows it.

It is never wrong and never guesses. What a read bears witness to it says when that read's row
arrives, one read being enough; of a passage without any it learns when the device is next heard
of, and then knows its moment too. So it bounds what is told by a device's own reads, and cannot be
reached there. A method that also guesses well, from a cart's tag or where a device belongs, may
stand above it on rooms and carts.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from edge.contracts.events import Alert, Crossed, Docked, Event, Located, Undocked
from edge.contracts.readlog import ReadRow, Row
from edge.contracts.school import School
from edge.contracts.truth import (
    READABLE_RAW,
    Start,
    TrueCrossing,
    TrueDocked,
    TrueUndocked,
    Truth,
)

_BESIDE_S = 5.0  # reads so near to a crossing are of it
_LATE_S = 40.0  # where no clock says which reads those are: what arrives so soon after it
_EARLY_S = 0.5  # a device may answer its cart's reader just before it lies there
# Who leaves a cart without a record that tells its silence is missed after so long: the issue of
# an oracle that hears nothing, set to what is asked of the engine.
_SILENT_S = 20.0
_TOLD_S = 45.0  # a still tag's end is told within so long

_Heard = tuple[float, float, float]  # arrival, first and last raw read


class Hearing:
    """The rows of each tag at each gateway, in order of arrival."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._at: dict[tuple[str, str], list[_Heard]] = defaultdict(list)
        self._ends: dict[tuple[str, str], list[_Heard]] = defaultdict(list)
        self._any: dict[str, list[float]] = defaultdict(list)
        for row in rows:
            if not isinstance(row, ReadRow):
                continue
            first = row.rx if row.t is None else row.t
            heard = (row.rx, first, first + row.span)
            if row.n:
                self._at[row.epc, row.gateway].append(heard)
                self._any[row.epc].append(row.rx)
            else:
                self._ends[row.epc, row.gateway].append(heard)

    def passing(self, epc: str, gateway: str, t: float) -> float | None:
        """When the first row of a read after `t` of a passage then arrived, else its last row."""
        rows = self._at[epc, gateway]
        here = [row for row in rows if row[2] >= t - _BESIDE_S and row[1] <= t + _BESIDE_S]
        if not here:
            here = [row for row in rows if t <= row[0] <= t + _LATE_S]
        after = [rx for rx, _, last in here if last >= t]
        return min(after) if after else max((rx for rx, *_ in here), default=None)

    def next(self, epc: str, t: float) -> float | None:
        """When the tag was next heard of, anywhere."""
        times = self._any[epc]
        k = bisect_left(times, t)
        return times[k] if k < len(times) else None

    def docked(self, epc: str, gateway: str, t: float) -> float | None:
        """When the first row of a tag put into a cart at `t` arrived."""
        rows = self._at[epc, gateway]
        return min((rx for rx, first, _ in rows if first >= t - _EARLY_S), default=None)

    def undocked(self, epc: str, gateway: str, t: float) -> float:
        """When its silence was told, or could have been noticed."""
        told = [
            rx
            for rx, last, _ in self._ends[epc, gateway]
            if rx >= t and t - _TOLD_S <= last <= t + _BESIDE_S
        ]
        return min([*told, t + _TOLD_S]) if told else t + _SILENT_S


def ceiling(school: School, rows: Sequence[Row], truth: Sequence[Truth]) -> list[Event]:
    """Return what the oracle says of a log, in order of saying."""
    hearing = Hearing(rows)
    said: list[Event] = []
    for number, fact in enumerate(truth):
        said.extend(_said(school, hearing, number, fact))
    return sorted(said, key=lambda event: (event.decided, event.t))


def _said(school: School, hearing: Hearing, number: int, fact: Truth) -> Iterator[Event]:
    name, t, epc = f"0.{number}", fact.t, fact.epc
    if isinstance(fact, Start):
        known = hearing.next(epc, t)
        if known is not None:
            yield Located(name, t, known, epc, fact.room, 1.0)
    elif isinstance(fact, TrueCrossing):
        yield from _crossing(school, hearing, name, fact)
    elif isinstance(fact, TrueDocked):
        known = hearing.docked(epc, school.carts[fact.cart].gateway, t)
        if known is not None:
            yield Docked(name, t, known, epc, fact.cart, 1.0)
    elif isinstance(fact, TrueUndocked):
        known = hearing.undocked(epc, school.carts[fact.cart].gateway, t)
        yield Undocked(name, t, known, epc, fact.cart, 1.0)


def _crossing(school: School, hearing: Hearing, name: str, fact: TrueCrossing) -> Iterator[Event]:
    t, epc, door = fact.t, fact.epc, fact.doorway
    gateway = school.doorways[door].gateway
    known = hearing.passing(epc, gateway, t) if fact.raw else hearing.next(epc, t)
    if known is None:
        return
    known = max(known, t)
    yield Located(name, t, known, epc, fact.to_room, 1.0)
    if fact.raw >= READABLE_RAW:
        yield Crossed(name, t, known, epc, door, fact.from_room, fact.to_room, 1.0)
        if school.is_outside(fact.to_room) and fact.allowed is not True:
            yield Alert(name, t, known, "left-building", False, epc, door)
