"""Tells a device that left by leave and is not back when it should be."""

from math import inf

from edge.agent.engine.alerts import Alerts, Cause, Why
from edge.agent.engine.building import Building
from edge.agent.engine.rules.permissions import Permissions
from edge.agent.engine.school_time import SchoolTime
from edge.agent.engine.tag import Tag

# Not every exit is read. What is lent and was not heard for so long of lessons is away as well.
_UNHEARD_LESSON_S = 4 * 3600.0


class NotBack:
    """Who is away by leave, and by when to be back."""

    def __init__(self, alerts: Alerts, permissions: Permissions) -> None:
        self._alerts = alerts
        self._permissions = permissions
        self._tags: dict[Cause, Tag] = {}

    def use(self, building: Building, time: SchoolTime) -> None:
        """Take in another school file."""
        self._building, self._time = building, time

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
        due = self._due(tag)
        if due > self._alerts.now or self._alerts.is_open(cause):
            return
        if self._is_away(tag):
            why: Why = {"due": due}
            stay, heard = tag.last_stay(), tag.last_heard_ms()
            if stay is not None and self._building.is_outside(stay.room):
                why["left"] = stay.at_ms / 1000
            elif heard is not None:
                why["last_heard"] = heard / 1000
            self._alerts.raise_for(cause, due, why)
        else:
            self._tags[cause] = tag
            heard = tag.last_heard_ms() or 0
            again = self._time.after_lessons(heard / 1000, _UNHEARD_LESSON_S)
            self._alerts.remind(self, cause, max(again, self._alerts.now + 1))

    def _due(self, tag: Tag) -> float:
        stay = tag.last_stay()
        if stay is not None and self._building.is_outside(stay.room):
            return self._permissions.back_by(tag.epc, stay.at_ms / 1000)
        return self._permissions.loan_due(tag.epc, self._alerts.now)

    def _is_away(self, tag: Tag) -> bool:
        stay, heard = tag.last_stay(), tag.last_heard_ms()
        if stay is None or heard is None:
            return False  # nobody ever heard it: that says nothing
        if self._building.is_outside(stay.room):
            return True
        return self._time.lesson_s(heard / 1000, self._alerts.now) >= _UNHEARD_LESSON_S
