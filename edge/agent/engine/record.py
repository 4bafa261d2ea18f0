"""What has been said of one EPC's whereabouts, and what must be said to change it.

A `located` line erases everything said of the EPC from its time on.
"""

from bisect import bisect_right
from operator import attrgetter

from edge.agent.engine.stays import Stay

_at = attrgetter("at_ms")


def corrections(said: list[Stay], after_ms: int, wanted: list[Stay]) -> list[Stay]:
    """Make `said` tell the `wanted` stays after `after_ms`; return the lines to say, in order.

    `said` is changed in place. Nothing is said when both tell the same; else the first line is
    for the moment at which they part, and each later stay is said again after it.
    """
    kept = bisect_right(said, after_ms, key=_at)
    base = said[kept - 1] if kept else Stay(after_ms, None, 1.0)
    old = _changes(base, said[kept:])
    new = _changes(base, wanted)
    same = 0
    while same < min(len(old), len(new)) and _tells(old[same]) == _tells(new[same]):
        same += 1
    if same == len(old) == len(new):
        return []
    lines = new[same:]
    if same < len(old) and (not lines or old[same].at_ms < lines[0].at_ms):
        until_now = new[same - 1] if same else base
        lines = [Stay(old[same].at_ms, until_now.room, until_now.confidence), *lines]
    said[bisect_right(said, lines[0].at_ms - 1, key=_at) :] = lines
    return lines


def _changes(base: Stay, stays: list[Stay]) -> list[Stay]:
    """Leave out stays in the room that the tag is in already."""
    changes = []
    room = base.room
    for stay in stays:
        if stay.room != room:
            changes.append(stay)
            room = stay.room
    return changes


def _tells(stay: Stay) -> tuple[int, str | None]:
    return stay.at_ms, stay.room
