"""Tells a device of which there has been no sign for school days.

Only what was heard before: a device that came with a list may not have its tag yet. A day counts
only where the reader that heard it last heard any tag at all: behind a dark gateway, at a deaf
door or in a room that nobody used nothing is missed, so that one sick reader does not raise an
alert for each of its devices. Looked for once a school day, when it ends.
"""

from collections.abc import Iterable
from typing import NamedTuple

from edge.agent.engine.alerts import Alerts, Cause, Why
from edge.agent.engine.building import Building
from edge.agent.engine.rules.permissions import Permissions
from edge.agent.engine.school_time import SchoolTime
from edge.agent.engine.tag import Tag

_EACH_DAY = Cause("missing")  # stands for all devices
_REMEMBERED = 400  # days that a reader heard something: more than a school may ask for


class _Heard(NamedTuple):
    at: float
    place: str


class Missing:
    """The devices that have records, by EPC; `tags` are all that were ever heard."""

    def __init__(
        self, alerts: Alerts, permissions: Permissions, tags: dict[str, Tag], records: Iterable[str]
    ) -> None:
        self._alerts = alerts
        self._permissions = permissions
        self._tags = tags
        self._records = records
        # Doorways, desks (keys) and carts (ids) whose readers heard something since the last look.
        self._today: set[str] = set()
        self._carts_today: set[str] = set()
        self._days_of: dict[str, list[float]] = {}  # by place: the ends of the days they did

    def use(self, building: Building, time: SchoolTime) -> None:
        """Take in another school file."""
        self._building, self._time = building, time
        self._days = building.school.rules.missing_days

    def begin(self, now: float) -> None:
        """Plan the first look."""
        self._alerts.remind(self, _EACH_DAY, self._time.next_day_end(now))

    def heard(self, tag: Tag) -> None:
        """Take in that the readers of a tag's passes and carts heard something."""
        for p in tag.changed:
            self._today.add(p.spot.key)
        for visit in tag.visits:
            if visit.cart not in self._carts_today and visit.is_open:
                self._carts_today.add(visit.cart)

    def settled(self, tag: Tag) -> None:
        """A device was heard, or lent."""
        cause = Cause("missing", tag.epc)
        if self._alerts.is_open(cause) and not self._is_missing(tag):
            self._alerts.end(cause, "lent" if self._is_lent(tag) else "seen again")

    def reminded(self, cause: Cause) -> None:
        """Look at all devices."""
        places = self._today.union(f"cart/{cart}" for cart in self._carts_today)
        for place in places:
            self._days_of.setdefault(place, []).append(self._alerts.now)
            del self._days_of[place][:-_REMEMBERED]
        self._today.clear()
        self._carts_today.clear()
        for epc in self._records if self._days else ():
            tag = self._tags.get(epc)
            if tag is not None and self._is_missing(tag):
                self._tell(tag)
        self.begin(self._alerts.now)

    def _tell(self, tag: Tag) -> None:
        heard, stay = _last_heard(tag), tag.last_stay()
        if heard is not None:
            why: Why = {
                "last_heard": heard.at,
                "place": heard.place,
                "room": stay.room if stay is not None else None,
                "school_days": self._unheard_days(heard),
            }
            self._alerts.raise_for(Cause("missing", tag.epc), heard.at, why)

    def _is_missing(self, tag: Tag) -> bool:
        heard = _last_heard(tag)
        return (
            heard is not None
            and self._unheard_days(heard) >= self._days
            and not self._is_told(tag)
            and not self._is_lent(tag)
        )

    def _is_told(self, tag: Tag) -> bool:
        """Whether an alert says already that it left: that is the same cause."""
        rules = ("left-building", "not-back")
        return any(self._alerts.open_about(tag.epc, rule) for rule in rules)

    def _is_lent(self, tag: Tag) -> bool:
        """Whether it is away by leave: outside with leave, or lent and not overdue."""
        stay, now = tag.last_stay(), self._alerts.now
        if stay is not None and self._building.is_outside(stay.room):
            return self._permissions.allow(tag.epc, stay.at_ms / 1000)
        loans = self._permissions.loans(tag.epc, now)
        return bool(loans) and self._permissions.loan_due(tag.epc, now) > now

    def _unheard_days(self, heard: _Heard) -> int:
        """School days since, on which the reader that heard it heard others."""
        return sum(day > heard.at for day in self._days_of.get(heard.place, ()))


def _last_heard(tag: Tag) -> _Heard | None:
    heard = [_Heard(visit.last / 1000, f"cart/{visit.cart}") for visit in tag.visits]
    heard += [
        _Heard(node.last / 1000, "/".join(node.key.split("/")[:2]))
        for node in tag.whereabouts.nodes[-1:]
    ]
    return max(heard, default=None)
