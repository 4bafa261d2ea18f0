"""From what is thought of an EPC's nodes to its stays: in which room it was since when.

Moves that nobody saw are dated by how long devices stay in rooms of each kind.
"""

import msgspec

from edge.agent.engine.building import Building
from edge.agent.engine.whereabouts import Node


class Stay(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """From `at_ms` on the tag is in `room` (None: unknown)."""

    at_ms: int
    room: str | None
    confidence: float


def stays(
    nodes: list[Node], earlier: Node | None, building: Building, origin_ms: int
) -> list[Stay]:
    """Return the stays that begin after `earlier`, the node before these.

    `origin_ms` is when a tag first seen leaving a room is taken to have been there.
    """
    found: list[Stay] = []
    room: str | None = None
    known_until = origin_ms - 1
    if earlier is not None:
        room = earlier.choice.after
        known_until = earlier.at_ms
    for node in nodes:
        choice = node.choice
        sure = round(choice.stay, 3)
        if choice.before != room and choice.before is not None:
            for at, unseen in _unseen(building, room, choice.before, known_until, node):
                found.append(Stay(at, unseen, sure))
        room = choice.before if choice.before is not None else room
        if choice.after != room and choice.after is not None:
            found.append(Stay(max(node.at_ms, known_until + 1), choice.after, sure))
            room = choice.after
        known_until = max(known_until, node.at_ms)
    return _tidy(found)


def _unseen(
    building: Building, room: str | None, goal: str, known_until: int, node: Node
) -> list[tuple[int, str]]:
    """When a tag that was in `room` at `known_until` came into each room on its way to `goal`.

    The time between is shared out by how long devices stay in rooms of each kind.
    """
    start = known_until + 1
    end = max(start, min(node.first, node.at_ms))
    if room is None:
        return [(start if not building.is_passage(goal) else end, goal)]
    way = building.way(room, goal) or [room, goal]
    weights = [building.stay_weight(r) for r in way]
    total = sum(weights)
    passed = 0.0
    moves = []
    for k in range(1, len(way)):
        passed += weights[k - 1]
        moves.append((start + round((end - start) * passed / total), way[k]))
    return moves


def _tidy(stays: list[Stay]) -> list[Stay]:
    """Keep the last of stays that begin at once."""
    return [
        stay
        for k, stay in enumerate(stays)
        if k + 1 == len(stays) or stays[k + 1].at_ms > stay.at_ms
    ]
