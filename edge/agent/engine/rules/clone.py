"""Tells an EPC that two tags seem to carry.

Two signs: it answers at two places sooner than anybody walks from one to the other, again and
again; or a read carries another TID than the device's record, or than a read before.

Radio crosses walls, so one tag may be heard at two doors at once. Doors of one room tell nothing
therefore, nor do two places at which several devices were heard at once: that is the radio there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from edge.agent.engine.alerts import Alerts, Cause, Why
from edge.agent.engine.building import Building, Spot
from edge.agent.engine.cart import Visit
from edge.agent.engine.carts import Carts
from edge.agent.engine.passes import GAP_MS, Pass
from edge.agent.engine.tag import Tag
from edge.contracts.readlog import DeviceRow, ReadRow

_DOORWAY_MS = 1_500  # nobody takes less from one doorway to the next: 3 m at 2 m/s
_CLOCKS_MS = 2_000  # by so much two gateways' clocks may differ unnoticed
_FARTHEST_MS = 30_000  # the longest way that is worth a comparison
_JUST_NOW_S = 60.0  # a visit whose record came by then is news: it may only now count as one
_READS = 4  # fewer in a pass are no proof that it was there
_JUMPS = 3  # one may be a stray read
_KEPT = 10  # of the jumps of a device
_APART_S = 60.0  # what comes sooner after the last jump is the same occasion
_MEMORY_S = 24 * 3600.0
# A device that has not been in two places for so long was mended, or lies where it is known.
_OVER_S = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class _Jump:
    """At two places at once: their keys, in order; `gap_ms` between (below 0: both at once)."""

    at: float
    places: tuple[str, str]
    gap_ms: int


@dataclass(frozen=True, slots=True)
class _Heard:
    spot: Spot
    first: int
    last: int


class Clone:
    """The jumps of the last day, and the TIDs that are known."""

    def __init__(self, alerts: Alerts, carts: Carts) -> None:
        self._alerts = alerts
        self._carts = carts
        self._jumps: dict[str, list[_Jump]] = {}
        self._at_once: dict[tuple[str, str], dict[str, float]] = {}  # by places: which EPCs, when
        self._tids: dict[str, str] = {}
        self._walks: dict[tuple[str, str], int] = {}  # by places: ms, as far as it was asked

    def use(self, building: Building) -> None:
        """Take in another school file."""
        self._building = building
        self._walks.clear()

    # TIDs

    def recorded(self, row: DeviceRow) -> None:
        """Take in a device's record; it says what TID is the right one."""
        epc = row.epc.upper()
        if row.removed:
            self._tids.pop(epc, None)
            self._alerts.end(_cause(epc), "removed")
        elif row.tid:
            if self._tids.get(epc, row.tid.upper()) != row.tid.upper():
                self._alerts.end(_cause(epc), "tag replaced")
            self._tids[epc] = row.tid.upper()

    def told_tid(self, row: ReadRow, spot: Spot) -> None:
        """Take in a read that carries the tag's own number."""
        epc, tid = row.epc.upper(), (row.tid or "").upper()
        expected = self._tids.setdefault(epc, tid)
        if tid != expected and row.t is not None:
            why: Why = {"place": spot.key, "tid": tid, "expected": expected}
            self._alerts.after(_cause(epc), self._alerts.now, row.t, why)

    # Places

    def may_jump(self, tag: Tag) -> bool:
        """Whether a tag was heard at more than one place lately: most lie in one cart for hours."""
        visits = tag.visits
        if tag.changed or len(visits) > 1:
            return True
        return bool(visits) and visits[0].latest[0] <= tag.walked_to + _FARTHEST_MS

    def heard(self, tag: Tag, now_ms: int) -> None:
        """Compare where a tag was just heard with where it was heard about then."""
        for p in tag.changed:
            if (p.still or p.last + GAP_MS <= now_ms) and _counts(p):
                here = _Heard(p.spot, p.first, p.last)
                for there in (*_walked_by(tag, here), *self._in_carts(tag.visits, here)):
                    self._compare(tag, here, there)
        since = self._carts.row_now - _JUST_NOW_S
        for place, visit in enumerate(tag.visits):
            if visit.touched < since or not self._is_in_a_cart(visit):
                continue
            here = _Heard(self._building.cart_spots[visit.cart], *visit.latest)
            others = [v for k, v in enumerate(tag.visits) if k > place or v.touched < since]
            walked = here.first <= tag.walked_to + _FARTHEST_MS
            for there in (
                *self._in_carts(others, here),
                *(_walked_by(tag, here) if walked else ()),
            ):
                self._compare(tag, here, there)

    def reminded(self, cause: Cause) -> None:
        """Close what is long over."""
        jumps = self._jumps.get(cause.epc or "", [])
        last = max((jump.at for jump in jumps), default=0.0)
        if last + _OVER_S <= self._alerts.now:
            self._jumps.pop(cause.epc or "", None)
            self._alerts.end(cause, "no more")
        else:
            self._alerts.remind(self, cause, last + _OVER_S)

    def _in_carts(self, visits: list[Visit], here: _Heard) -> Iterator[_Heard]:
        """Those that lie in carts, heard there about then."""
        earliest, latest = here.first - _FARTHEST_MS, here.last + _FARTHEST_MS
        for visit in visits:
            first, last = visit.latest
            if last >= earliest and first <= latest and self._is_in_a_cart(visit):
                yield _Heard(self._building.cart_spots[visit.cart], first, last)

    def _is_in_a_cart(self, visit: Visit) -> bool:
        return visit.cart in self._building.cart_spots and self._carts.holds(visit)

    def _compare(self, tag: Tag, one: _Heard, other: _Heard) -> None:
        gap_ms = max(one.first - other.last, other.first - one.last)
        walk_ms = self._walk_ms(one.spot, other.spot)
        if walk_ms == 0 or gap_ms >= walk_ms - _CLOCKS_MS:
            return
        first, second = sorted((one, other), key=lambda heard: (heard.last, heard.spot.key))
        low, high = sorted((first.spot.key, second.spot.key))
        jump = _Jump(second.last / 1000, (low, high), gap_ms)
        if self._note(tag.epc, jump):
            self._judge(tag.epc, second.spot)

    def _note(self, epc: str, jump: _Jump) -> bool:
        """Keep a jump; tell whether it is a new occasion."""
        at_once = self._at_once.setdefault(jump.places, {})
        for other in [o for o, at in at_once.items() if at < jump.at - _MEMORY_S]:
            del at_once[other]
        at_once[epc] = jump.at
        for other in at_once:
            if other != epc and not self._evidence(other, jump.at):
                self._alerts.end(_cause(other), "readers overlap")
        known = [j for j in self._jumps.get(epc, []) if j.at >= jump.at - _MEMORY_S]
        is_new = all(abs(j.at - jump.at) >= _APART_S for j in known)
        self._jumps[epc] = [*known, jump][-_KEPT:] if is_new else known
        return is_new

    def _judge(self, epc: str, latest: Spot) -> None:
        jumps = self._evidence(epc, self._jumps[epc][-1].at)
        if len(jumps) >= _JUMPS:
            cause = _cause(epc)
            why: Why = {
                "place": latest.key,
                "places": sorted({place for jump in jumps for place in jump.places}),
                "times": len(jumps),
                "seconds": round(min(jump.gap_ms for jump in jumps) / 1000, 1),
            }
            self._alerts.after(cause, self._alerts.now, jumps[0].at, why)
            self._alerts.remind(self, cause, jumps[-1].at + _OVER_S)

    def _evidence(self, epc: str, now: float) -> list[_Jump]:
        """The jumps of a day between places at which it alone was heard at once."""
        return [
            jump
            for jump in self._jumps.get(epc, [])
            if jump.at >= now - _MEMORY_S and len(self._at_once[jump.places]) == 1
        ]

    def _walk_ms(self, one: Spot, other: Spot) -> int:
        """The shortest time from one place to another; 0 where they have a room in common."""
        places = (one.key, other.key)
        walk_ms = self._walks.get(places)
        if walk_ms is None:
            ways = [self._building.doorways_between(a, b) for a in one.rooms for b in other.rooms]
            known = [way for way in ways if way is not None]
            walk_ms = self._walks[places] = min(known) * _DOORWAY_MS if known else 0
        return walk_ms


def _walked_by(tag: Tag, here: _Heard) -> Iterator[_Heard]:
    """Its passes at other places about then."""
    for p in tag.passes_within(here.first - _FARTHEST_MS, here.last + _FARTHEST_MS):
        if p.spot.key != here.spot.key and _counts(p):
            yield _Heard(p.spot, p.first, p.last)


def _counts(p: Pass) -> bool:
    """Whether a pass proves where its tag was; late reads may have the wrong time."""
    return not p.late and sum(sums.n for sums in p.antennas.values()) >= _READS


def _cause(epc: str) -> Cause:
    return Cause("clone", epc)
