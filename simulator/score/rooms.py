"""Rooms, weighted by time: what was said at the time, and what the record says in the end."""

from collections import defaultdict

import msgspec

from simulator.score.facts import Facts
from simulator.score.intervals import (
    Interval,
    Steps,
    intersect,
    lessons,
    local_days,
    pieces,
    union,
)

AFTER_S = 600.0  # the ten minutes after a crossing, in which a wrong room hurts most


class RoomScore(msgspec.Struct, frozen=True):
    """Share of lesson time in the right room, of devices that moved that day.

    `online`: the room last said; `corrected`: the final record; `_after`: of the ten minutes
    after each true crossing only.
    """

    online: float | None
    corrected: float | None
    online_after: float | None
    corrected_after: float | None


class _Tally:
    """Seconds in all, and those in which online and record were right."""

    def __init__(self) -> None:
        self.seconds = self.online = self.corrected = 0.0

    def add(self, seconds: float, online: bool, corrected: bool) -> None:
        self.seconds += seconds
        self.online += seconds if online else 0.0
        self.corrected += seconds if corrected else 0.0


def score_rooms(facts: Facts) -> RoomScore:
    """Weigh every device's rooms by time; see `RoomScore`."""
    true = _true_rooms(facts)
    online, corrected = _said_rooms(facts)
    crossed = defaultdict(list)
    for crossing in facts.true_crossings:
        crossed[crossing.epc].append(crossing.t)
    whole, after = _Tally(), _Tally()
    for _, day in local_days(facts.school, facts.span):
        bells = lessons(facts.school, day)
        for epc, times in crossed.items():
            if epc not in true or not any(day[0] <= t < day[1] for t in times):
                continue
            steps = (true[epc], online[epc], corrected[epc])
            _weigh(bells, steps, whole)
            _weigh(intersect(bells, union((t, t + AFTER_S) for t in times)), steps, after)
    return RoomScore(
        online=_share(whole.online, whole.seconds),
        corrected=_share(whole.corrected, whole.seconds),
        online_after=_share(after.online, after.seconds),
        corrected_after=_share(after.corrected, after.seconds),
    )


def _true_rooms(facts: Facts) -> dict[str, Steps[str | None]]:
    rooms: dict[str, Steps[str | None]] = {}
    for start in facts.starts:
        rooms[start.epc] = Steps(start.room)
    for crossing in sorted(facts.true_crossings, key=lambda c: c.t):
        if crossing.epc not in rooms:
            rooms[crossing.epc] = Steps(crossing.from_room)
        rooms[crossing.epc].set_from(crossing.t, crossing.to_room)
    return rooms


def _said_rooms(
    facts: Facts,
) -> tuple[dict[str, Steps[str | None]], dict[str, Steps[str | None]]]:
    online: dict[str, Steps[str | None]] = defaultdict(lambda: Steps(None))
    corrected: dict[str, Steps[str | None]] = defaultdict(lambda: Steps(None))
    for move in facts.moves:
        online[move.epc].set_from(move.decided, move.room)
        corrected[move.epc].set_from(move.t, move.room)
    return online, corrected


def _weigh(
    window: list[Interval],
    steps: tuple[Steps[str | None], Steps[str | None], Steps[str | None]],
    tally: _Tally,
) -> None:
    true, online, corrected = steps
    changes = [t for step in steps for t in step.changes()]
    for start, end in pieces(window, changes):
        room = true.at(start)
        tally.add(end - start, online.at(start) == room, corrected.at(start) == room)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
