"""Notices a doorway or cart whose reads become few, day by day.

What the other rules cannot see: the only antenna of a doorway, all of them at once, a cart's. Each
place's minutes in which it heard any tag are counted; a school day's are held against the median
of the days before, in proportion to how the other places did that day. One odd day is a trip, two
in a row are worth a look.
"""

from dataclasses import dataclass, field
from statistics import median

from edge.agent.engine.alerts import Alerts, Cause, Why
from edge.agent.engine.building import Building, Spot
from edge.agent.engine.school_time import SchoolTime
from edge.agent.engine.tag import Tag

_EACH_DAY = Cause("read-rate")  # stands for all places
_KNOWN_DAYS = 5
_REMEMBERED_DAYS = 20
_FEW_MINUTES = 10.0  # a place that usually hears no more in a day tells nothing
_LOW = 0.3  # of what would be usual
_LOW_DAYS = 2
_QUIET_SCHOOL = 0.3  # a day on which half of the others had less of their usual is no school day
_JUST_NOW_S = 5.0
_SICK = ("gateway-offline", "gateway-silent", "not-looking")  # alerts that say it already


@dataclass(slots=True)
class _Place:
    minutes: int = 0  # today
    last_minute: int = -1
    days: list[int] = field(default_factory=list)  # minutes of usual days
    low_days: int = 0

    @property
    def usual(self) -> float | None:
        """Minutes of a usual day; None: not known, or too few to tell anything."""
        if len(self.days) < _KNOWN_DAYS:
            return None
        minutes = median(self.days)
        return minutes if minutes >= _FEW_MINUTES else None


class ReadRate:
    """The minutes in which each place heard something, of today and of the days before."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts
        self._places: dict[str, _Place] = {}
        self._carts: dict[str, int] = {}  # the last minute that was counted
        self._served: dict[str, tuple[str, Spot]] = {}  # by place: its gateway

    def use(self, building: Building) -> None:
        """Take in another school file: a place with another gateway begins anew."""
        self._time = SchoolTime(building.school)
        served = {
            spot.key: (gateway, spot)
            for (gateway, _), spot in sorted(building.spots.items())
            if spot.kind != "desk"
        }
        for key, (gateway, _) in self._served.items():
            if key not in served or served[key][0] != gateway:
                self._places.pop(key, None)
                self._alerts.end(self._cause(key), "removed")
        self._served = served

    def begin(self, now: float) -> None:
        """Plan the next look: when the school day ends."""
        self._alerts.remind(self, _EACH_DAY, self._time.next_day_end(now))

    def heard(self, tag: Tag, second: int) -> None:
        """Take in that a tag was heard just now."""
        minute = second // 60
        for p in tag.changed:
            self._count(p.spot.key, minute)
        for visit in tag.visits:
            # Most tags lie in carts: once a minute is enough of each cart.
            if self._carts.get(visit.cart) != minute and second - visit.touched <= _JUST_NOW_S:
                self._carts[visit.cart] = minute
                self._count(f"cart/{visit.cart}", minute)

    def reminded(self, cause: Cause) -> None:
        """Compare the day that ends with those before."""
        shares = {
            key: place.minutes / usual
            for key, place in self._places.items()
            if key in self._served and (usual := place.usual) is not None
        }
        for key, place in self._places.items():
            if key not in shares:
                _keep(place.days, place.minutes)
                continue
            others = [share for other, share in shares.items() if other != key]
            if others and (day := median(others)) >= _QUIET_SCHOOL:
                self._compare(key, place, day)
        for place in self._places.values():
            place.minutes = 0
        self.begin(self._alerts.now)

    def _count(self, key: str, minute: int) -> None:
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = _Place()
        if place.last_minute != minute:
            place.last_minute = minute
            place.minutes += 1

    def _compare(self, key: str, place: _Place, day: float) -> None:
        usual = (place.usual or 0.0) * min(day, 1.0)
        if place.minutes > _LOW * usual:
            place.low_days = 0
            _keep(place.days, place.minutes)
            self._alerts.end(self._cause(key), "as usual again")
        elif not self._is_told(self._served[key][0]):
            place.low_days += 1
            if place.low_days >= _LOW_DAYS:
                why: Why = {
                    "place": key,
                    "minutes": place.minutes,
                    "usual_minutes": round(usual),
                    "days": place.low_days,
                }
                self._alerts.raise_for(self._cause(key), self._alerts.now, why)

    def _is_told(self, gateway: str) -> bool:
        open_ = (cause for rule in _SICK for cause in self._alerts.open_of(rule))
        return any(cause.gateway == gateway for cause in open_)

    def _cause(self, key: str) -> Cause:
        gateway, spot = self._served[key]
        return Cause("read-rate", None, spot.id if spot.kind == "doorway" else None, gateway, key)


def _keep(days: list[int], minutes: int) -> None:
    days.append(minutes)
    del days[:-_REMEMBERED_DAYS]
