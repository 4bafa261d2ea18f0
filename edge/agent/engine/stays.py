"""From what is thought of an EPC's nodes to its stays: in which room it was since when.

Moves that nobody saw are dated by how long devices stay in rooms of each kind.
"""

import msgspec

from edge.agent.engine.building import Building
from edge.agent.engine.node import Node

# Where nobody saw the moves, a stay between two of them is right for so much of its time, and a
# walk through a hall of some 30 s can be anywhere between two passes.
_RIGHT_OF_A_STAY = 0.8
_WALK_MS = 30_000


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
        if node.came_then and choice.before not in (room, None):
            found.append(Stay(max(node.at_ms, known_until + 1), choice.before, sure))
        elif choice.before != room and choice.before is not None:
            for at, unseen in _unseen(building, room, choice.before, known_until, node):
                goes_on = room is None or unseen == choice.before == choice.after
                gap_ms = max(0, node.first - known_until)
                share = 1.0 if goes_on else _right_share(building, unseen, gap_ms)
                found.append(Stay(at, unseen, round(choice.stay * share, 3)))
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


def _right_share(building: Building, room: str, gap_ms: int) -> float:
    """How much of a stay is right that began and ended unseen in a gap between passes."""
    return _WALK_MS / (_WALK_MS + gap_ms) if building.is_passage(room) else _RIGHT_OF_A_STAY


def _tidy(stays: list[Stay]) -> list[Stay]:
    """Keep the last of stays that begin at once."""
    return [
        stay
        for k, stay in enumerate(stays)
        if k + 1 == len(stays) or stays[k + 1].at_ms > stay.at_ms
    ]
