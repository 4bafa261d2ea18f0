"""Writes down what really happened, each fact once it is known whole; counts what is no fact."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from edge.contracts.school import School
from edge.contracts.truth import Start, TrueCrossing, TrueDocked, TrueUndocked, Truth
from simulator.people.itinerary import (
    Dock,
    Happening,
    Leave,
    OpenCart,
    Placement,
    Undock,
    Unplug,
    Walk,
)


class TruthKeeper:
    """Takes happenings as they are told, counts raw reads, hands out facts in order of time."""

    def __init__(self, school: School, epcs: Sequence[str]) -> None:
        self._school = school
        self._epc = epcs
        # (time, order of telling, known from, happening): heapq never compares further
        self._waiting: list[tuple[float, int, float, Walk | Dock | Undock]] = []
        self._raw: dict[int, int] = {}  # by order of telling, walks only
        self._leaves: dict[int, list[Leave]] = {}
        self._told = 0
        self.passes = 0  # walks past a door, along its wall
        self.turns = 0  # to a door and back, standing before it, lying beside it

    def begin(self, placements: Sequence[Placement], start_s: float) -> list[Truth]:
        """Return where everything is at the start."""
        rooms = [Start(t=start_s, epc=self._epc[p.device], room=p.room) for p in placements]
        docked = [
            TrueDocked(t=start_s, epc=self._epc[p.device], cart=p.cart)
            for p in placements
            if p.cart is not None
        ]
        return [*rooms, *docked]

    def tell(self, happening: Happening) -> int:
        """Take a happening; return a number by which `count_raw` knows it.

        Nobody asks where foreign tags go: of tags without an EPC nothing is written down.
        """
        self._told += 1
        if isinstance(happening, Leave):
            for device in happening.devices:
                self._leaves.setdefault(device, []).append(happening)
        elif isinstance(happening, Unplug | OpenCart) or happening.device >= len(self._epc):
            pass
        elif not isinstance(happening, Walk):
            known_s = happening.at_s
            heapq.heappush(self._waiting, (happening.at_s, self._told, known_s, happening))
        elif happening.kind == "through":
            self._raw[self._told] = 0
            known_s = happening.end_s
            heapq.heappush(self._waiting, (happening.at_s, self._told, known_s, happening))
        elif happening.kind == "past":
            self.passes += 1
        else:
            self.turns += 1
        return self._told

    def count_raw(self, told: int, reads: int) -> None:
        """Add raw reads of a walk."""
        if told in self._raw:
            self._raw[told] += reads

    def facts(self, now_s: float) -> list[Truth]:
        """Return what is known for good, all raw reads up to `now_s` being counted."""
        known: list[Truth] = []
        while self._waiting and self._waiting[0][2] < now_s:
            _, told, _, happening = heapq.heappop(self._waiting)
            epc = self._epc[happening.device]
            if isinstance(happening, Dock):
                known.append(TrueDocked(t=_ms(happening.at_s), epc=epc, cart=happening.cart))
            elif isinstance(happening, Undock):
                known.append(TrueUndocked(t=_ms(happening.at_s), epc=epc, cart=happening.cart))
            else:
                known.append(self._crossing(happening, epc, self._raw.pop(told)))
        return known

    def _crossing(self, walk: Walk, epc: str, raw: int) -> TrueCrossing:
        is_exit = self._school.is_outside(walk.to_room)
        return TrueCrossing(
            t=_ms(walk.at_s),
            epc=epc,
            doorway=walk.doorway,
            from_room=walk.from_room,
            to_room=walk.to_room,
            raw=raw,
            allowed=self._allowed(walk.device, walk.at_s) if is_exit else None,
        )

    def _allowed(self, device: int, at_s: float) -> bool:
        """Whether a loan is open, or the calendar says so."""
        entered = [leave for leave in self._leaves.get(device, []) if leave.at_s <= at_s]
        ended = {leave.from_s for leave in entered if leave.ended_s is not None}
        return any(
            at_s < leave.until_s if leave.calendar else leave.from_s not in ended
            for leave in entered
            if leave.from_s <= at_s
        )


def _ms(at_s: float) -> float:
    return round(at_s, 3)
