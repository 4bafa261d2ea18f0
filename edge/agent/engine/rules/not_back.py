"""Tells a device that left by leave and is not back when it should be."""

from math import inf

from edge.agent.engine.alerts import Alerts, Cause, Why
from edge.agent.engine.building import Building
from edge.agent.engine.rules.permissions import Permissions
from edge.agent.engine.school_time import SchoolTime
from edge.agent.engine.tag import Tag

# Not every exit is read, and the gateway of one may be dark. What is lent and was not heard for so
# long of lessons is away as well; what was seen to leave is away, but while an exit is dark only
# after that time: it may have come back there unseen, and a class would all be told at once.
_UNHEARD_LESSON_S = 4 * 3600.0
_EXITS_AGAIN_S = 300.0  # how often exits are looked at while one is dark; then late reads are in


class NotBack:
    """Who is away by leave, and by when to be back."""

    def __init__(self, alerts: Alerts, permissions: Permissions) -> None:
        self._alerts = alerts
        self._permissions = permissions
        self._tags: dict[Cause, Tag] = {}
        self._offline: set[str] = set()

    def use(self, building: Building, time: SchoolTime) -> None:
        """Take in another school file."""
        self._building, self._time = building, time
        doorways = building.school.doorways.values()
        self._exits = {d.gateway for d in doorways if any(map(building.is_outside, d.between))}

    def came(self, gateway: str, online: bool) -> None:
        """Take in that a gateway came online or went."""
        if online:
            self._offline.discard(gateway)
        else:
            self._offline.add(gateway)

    def settled(self, tag: Tag) -> None:
        """Look at a device of which something else is thought or heard now, or was agreed."""
        cause = Cause("not-back", tag.epc)
        now = self._alerts.now
        due = self._due(tag)
        if due == inf or due > now or not self._is_away(tag):
            self._alerts.end(cause, "returned" if due <= now or due == inf else "allowed")
        if due < inf:
            self._tags[cause] = tag
            self._alerts.remind(self, cause, max(due, now))

    def reminded(self, cause: Cause) -> None:
        """Raise what is due now."""
        tag = self._tags.pop(cause)
        now, due = self._alerts.now, self._due(tag)
        if due > now or self._alerts.is_open(cause):
            return
        if self._is_away(tag):
            self._tell(cause, tag, due)
        elif (again := self._look_again_at(tag)) is not None:
            self._tags[cause] = tag
            self._alerts.remind(self, cause, max(again, now + 1))

    def _tell(self, cause: Cause, tag: Tag, due: float) -> None:
        left, heard = self._left(tag), tag.last_heard_ms()
        why: Why = {"due": due}
        if left is not None:
            why["left"] = left
        elif heard is not None:
            why["last_heard"] = heard / 1000
        self._alerts.raise_for(cause, due, why)

    def _due(self, tag: Tag) -> float:
        left = self._left(tag)
        if left is not None:
            return self._permissions.back_by(tag.epc, left)
        return self._permissions.loan_due(tag.epc, self._alerts.now)

    def _is_away(self, tag: Tag) -> bool:
        again = self._look_again_at(tag)
        return again is not None and again <= self._alerts.now

    def _look_again_at(self, tag: Tag) -> float | None:
        """When it is away, as far as is known now; None: only something heard would tell."""
        heard = tag.last_heard_ms()
        if heard is None:
            return None
        silent = self._time.after_lessons(heard / 1000, _UNHEARD_LESSON_S)
        if self._left(tag) is not None:
            if not self._exits & self._offline:
                return self._alerts.now
            return min(silent, self._alerts.now + _EXITS_AGAIN_S)
        if heard / 1000 > self._time.day_end_before(self._due(tag)):
            return None  # heard inside on the very day: it may lie in a room
        return silent

    def _left(self, tag: Tag) -> float | None:
        """When it went out; None: it is thought inside."""
        stay = tag.last_stay()
        if stay is None or not self._building.is_outside(stay.room):
            return None
        return stay.at_ms / 1000
