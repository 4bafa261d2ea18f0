"""What a score is made of: truth and events sorted out, those taken back left aside."""

from collections.abc import Iterable

import msgspec

from edge.contracts.events import (
    Alert,
    Closed,
    Crossed,
    Docked,
    Event,
    Located,
    Retracted,
    Undocked,
)
from edge.contracts.school import School
from edge.contracts.truth import Start, TrueCrossing, TrueDocked, TrueUndocked, Truth

TOLERANCE_S = 5.0  # |t - truth| of a match
UNSET_CLOCK_TOLERANCE_S = 30.0  # at a gateway whose clock was never set


class Facts(msgspec.Struct, frozen=True):
    """Truth and events of one log, by kind.

    Crossings and alerts are those that stood at the end; `moves` and `docks` are all that was
    said of rooms and carts, in the order of saying. `span` is the time the log covers.
    """

    school: School
    span: tuple[float, float]
    starts: list[Start]
    true_crossings: list[TrueCrossing]
    true_docks: list[TrueDocked | TrueUndocked]
    crossings: list[Crossed]
    alerts: list[Alert]
    closed: dict[str, float]
    moves: list[Located]
    docks: list[Docked | Undocked | Retracted]

    def tolerance_s(self, doorway: str) -> float:
        """How far apart in time a statement and its truth may lie."""
        known = self.school.doorways.get(doorway)
        unset = self.school.raw_simulator.get("clocks_never_set", [])
        if known is not None and known.gateway in unset:
            return UNSET_CLOCK_TOLERANCE_S
        return TOLERANCE_S


def sort_out(school: School, events: Iterable[Event], truth: Iterable[Truth]) -> Facts:
    """Sort events and truth by kind."""
    said, true = list(events), list(truth)
    retracted = {event.of for event in said if isinstance(event, Retracted)}
    times = [fact.t for fact in true] + [event.t for event in said]
    return Facts(
        school=school,
        span=(min((f.t for f in true), default=min(times, default=0.0)), max(times, default=0.0)),
        starts=[f for f in true if isinstance(f, Start)],
        true_crossings=[f for f in true if isinstance(f, TrueCrossing)],
        true_docks=[f for f in true if isinstance(f, TrueDocked | TrueUndocked)],
        crossings=[e for e in said if isinstance(e, Crossed) and e.id not in retracted],
        alerts=[e for e in said if isinstance(e, Alert) and e.id not in retracted],
        closed={e.of: e.t for e in said if isinstance(e, Closed)},
        moves=[e for e in said if isinstance(e, Located)],
        docks=[e for e in said if isinstance(e, Docked | Undocked | Retracted)],
    )
