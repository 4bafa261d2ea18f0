"""From where to where tags went, by their passes; those who doubt a reader's place ask it.

A way is one tag's pass at a place after it was at another. Weak passes prove no place, and late
reads tell of another time.
"""

from dataclasses import dataclass

from edge.agent.engine.building import Building, Spot
from edge.agent.engine.passes import GAP_MS, Pass
from edge.agent.engine.tag import Tag

_READS = 4  # fewer in a pass are no proof that it was there


@dataclass(frozen=True, slots=True)
class Way:
    """A tag was at `start`, then from `at_ms` on at `goal`."""

    start: Spot
    goal: Spot
    at_ms: int


def new_ways(tag: Tag, building: Building, now_ms: int) -> list[Way]:
    """Return the ways that a tag's passes of just now end; remember where it is."""
    ways = []
    for p in sorted(p for p in tag.changed if _counts(p, now_ms)):
        before = _before(tag, building, p)
        if before is not None and before.key != p.spot.key:
            ways.append(Way(before, p.spot, p.first))
        if tag.was_at is None or tag.was_at[1] < p.last:
            tag.was_at = (p.spot.key, p.last)
    return ways


def unseen(building: Building, one: Spot, other: Spot) -> int:
    """How many doorways a tag must have gone through unseen from one place to another."""
    ways = [building.doorways_between(a, b) for a in one.rooms for b in other.rooms]
    return min((way for way in ways if way is not None), default=0)


def _counts(p: Pass, now_ms: int) -> bool:
    over = p.still or p.last + GAP_MS <= now_ms
    return over and not p.late and sum(sums.n for sums in p.antennas.values()) >= _READS


def _before(tag: Tag, building: Building, p: Pass) -> Spot | None:
    """Where a tag was before a pass: at a doorway, a desk, or in a cart."""
    at = [(last, key) for key, last in [tag.was_at] if last < p.first] if tag.was_at else []
    at += [
        (visit.last, f"cart/{visit.cart}")
        for visit in tag.visits
        if visit.docked is not None and visit.last < p.first
    ]
    return building.spot_of.get(max(at)[1]) if at else None
