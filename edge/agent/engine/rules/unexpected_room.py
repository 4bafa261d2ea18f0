"""Tells a device that has stood for long in a room that is not its own.

Devices are carried from room to room all day, and nobody wants to hear of that. What an office
wants to know is what was left behind: in one room, not its own, for hours of lessons.
"""

from edge.agent.engine.alerts import Alerts, Cause
from edge.agent.engine.building import Building
from edge.agent.engine.rules.permissions import Permissions
from edge.agent.engine.school_time import SchoolTime
from edge.agent.engine.tag import Tag
from edge.agent.engine.whereabouts import Stay

_SURE = 0.7  # a room that is less certain is not worth the walk


class UnexpectedRoom:
    """Devices in rooms of others. `own` are the rooms that a device may stand in for ever."""

    def __init__(self, alerts: Alerts, permissions: Permissions) -> None:
        self._alerts = alerts
        self._permissions = permissions
        self._standing: dict[Cause, tuple[Tag, frozenset[str]]] = {}

    def use(self, building: Building, time: SchoolTime) -> None:
        """Take in another school file."""
        self._building, self._time = building, time
        self._lesson_s = building.school.rules.unexpected_room_hours * 3600

    def settled(self, tag: Tag, own: frozenset[str]) -> None:
        """Look at a device of which something else is thought now."""
        stay = tag.last_stay()
        odd = self._is_odd(tag, stay, own)
        for cause in self._alerts.open_about(tag.epc, "unexpected-room"):
            if not odd or stay is None or cause.part != stay.room:
                home = stay is not None and stay.room in own
                self._alerts.end(cause, "home" if home else "moved")
        if odd and stay is not None:
            cause = Cause("unexpected-room", tag.epc, part=stay.room or "")
            self._standing[cause] = tag, own
            # Lessons pass no faster than time: when they have is worked out then.
            self._alerts.remind(self, cause, stay.at_ms / 1000 + self._lesson_s)

    def reminded(self, cause: Cause) -> None:
        """Raise it if the device has stood there for so long."""
        tag, own = self._standing.pop(cause)
        stay = tag.last_stay()
        if stay is None or stay.room != cause.part or not self._is_odd(tag, stay, own):
            return
        since = stay.at_ms / 1000
        stood_s = self._time.lesson_s(since, self._alerts.now)
        if stood_s >= self._lesson_s:
            why = {"room": stay.room, "own": sorted(own), "lesson_hours": round(stood_s / 3600, 1)}
            self._alerts.raise_for(cause, since, why)
        else:
            self._standing[cause] = tag, own
            until = self._time.after_lessons(since, self._lesson_s)
            self._alerts.remind(self, cause, max(until, self._alerts.now + 1))

    def _is_odd(self, tag: Tag, stay: Stay | None, own: frozenset[str]) -> bool:
        return (
            self._lesson_s > 0
            and bool(own)
            and stay is not None
            and stay.room is not None
            and stay.room not in own
            and stay.confidence >= _SURE
            and not self._building.is_outside(stay.room)
            and not self._permissions.loans(tag.epc, self._alerts.now)
        )
