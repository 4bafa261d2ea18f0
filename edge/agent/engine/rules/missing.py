"""Tells a device of which there has been no sign for school days.

Only what was heard before: a device that came with a list may not have its tag yet. Looked for
once a school day, when it ends.
"""

from collections.abc import Iterable

from edge.agent.engine.alerts import Alerts, Cause
from edge.agent.engine.building import Building
from edge.agent.engine.rules.permissions import Permissions
from edge.agent.engine.school_time import SchoolTime
from edge.agent.engine.tag import Tag

_EACH_DAY = Cause("missing")  # stands for all devices


class Missing:
    """The devices that have records, by EPC; `tags` are all that were ever heard."""

    def __init__(
        self, alerts: Alerts, permissions: Permissions, tags: dict[str, Tag], records: Iterable[str]
    ) -> None:
        self._alerts = alerts
        self._permissions = permissions
        self._tags = tags
        self._records = records
        self._offline: set[str] = set()

    def use(self, building: Building, time: SchoolTime) -> None:
        """Take in another school file."""
        self._building, self._time = building, time
        self._days = building.school.rules.missing_days

    def begin(self, now: float) -> None:
        """Plan the first look."""
        self._alerts.remind(self, _EACH_DAY, self._time.next_day_end(now))

    def came(self, gateway: str, online: bool) -> None:
        """Take in that a gateway came online or went: what it would hear, nobody hears."""
        if online:
            self._offline.discard(gateway)
        else:
            self._offline.add(gateway)

    def settled(self, tag: Tag) -> None:
        """A device was heard, or lent."""
        cause = Cause("missing", tag.epc)
        if self._alerts.is_open(cause) and not self._is_missing(tag):
            self._alerts.end(cause, "lent" if self._is_lent(tag) else "seen again")

    def reminded(self, cause: Cause) -> None:
        """Look at all devices."""
        if self._days:
            for epc in self._records:
                tag = self._tags.get(epc)
                heard = tag.last_heard_ms() if tag is not None else None
                if tag is not None and heard is not None and self._is_missing(tag):
                    stay = tag.last_stay()
                    self._alerts.raise_for(
                        Cause("missing", epc),
                        heard / 1000,
                        {
                            "last_heard": heard / 1000,
                            "room": stay.room if stay is not None else None,
                            "school_days": self._unheard_days(heard / 1000),
                        },
                    )
        self.begin(self._alerts.now)

    def _is_missing(self, tag: Tag) -> bool:
        heard = tag.last_heard_ms()
        return (
            heard is not None
            and self._unheard_days(heard / 1000) >= self._days
            and not self._is_told(tag)
            and not self._is_lent(tag)
            and not self._is_unheard_of(tag)
        )

    def _is_told(self, tag: Tag) -> bool:
        """Whether an alert says already that it left: that is the same cause."""
        rules = ("left-building", "not-back")
        return any(self._alerts.open_about(tag.epc, rule) for rule in rules)

    def _is_lent(self, tag: Tag) -> bool:
        """Whether it is away by leave; an overdue one is told by another rule."""
        stay = tag.last_stay()
        if stay is not None and self._building.is_outside(stay.room):
            return self._permissions.allow(tag.epc, stay.at_ms / 1000)
        return bool(self._permissions.loans(tag.epc, self._alerts.now))

    def _is_unheard_of(self, tag: Tag) -> bool:
        """Whether a gateway that would hear it where it was last is offline."""
        nodes = tag.whereabouts.nodes
        key = nodes[-1].key.split("/") if nodes else []
        return any(
            spot.key.split("/") == key[:2] and gateway in self._offline
            for (gateway, _), spot in self._building.spots.items()
        )

    def _unheard_days(self, heard: float) -> int:
        return len(self._time.day_ends(heard, self._alerts.now))
