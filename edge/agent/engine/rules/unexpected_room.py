"""Tells a device that has stood for long in a room that is not its own.

Devices are carried from room to room all day, and nobody wants to hear of that. What an office
wants to know is what was left behind: in one room, not its own, for hours of lessons. A hall is no
such room: devices thought to stay there went on unseen.
"""

from edge.agent.engine.alerts import Alerts, Cause, Why
from edge.agent.engine.building import Building
from edge.agent.engine.carts import Carts
from edge.agent.engine.rules.permissions import Permissions
from edge.agent.engine.school_time import SchoolTime
from edge.agent.engine.stays import Stay
from edge.agent.engine.tag import Tag
from edge.contracts.devices import Device

_SURE = 0.7  # a room that is less certain is not worth the walk


class UnexpectedRoom:
    """Devices in rooms of others; `devices` are those with records, by EPC."""

    def __init__(
        self,
        alerts: Alerts,
        permissions: Permissions,
        devices: dict[str, Device],
        carts: Carts,
    ) -> None:
        self._alerts = alerts
        self._permissions = permissions
        self._devices = devices
        self._carts = carts
        self._standing: dict[str, Tag] = {}  # by EPC: those that will be looked at again

    def use(self, building: Building, time: SchoolTime) -> None:
        """Take in another school file."""
        self._building, self._time = building, time
        self._lesson_s = building.school.rules.unexpected_room_hours * 3600

    def settled(self, tag: Tag) -> None:
        """Look at a device of which something else is thought now."""
        stay, own = tag.last_stay(), self._own_rooms(tag.epc)
        odd = self._is_odd(tag, stay, own)
        for cause in self._alerts.open_about(tag.epc, "unexpected-room"):
            if not odd or stay is None or cause.part != stay.room:
                home = stay is not None and stay.room in own
                self._alerts.end(cause, "home" if home else "moved")
        if odd and stay is not None and tag.epc not in self._standing:
            # Lessons pass no faster than time: when they have is worked out then.
            self._look_again(tag, stay.at_ms / 1000 + self._lesson_s)

    def reminded(self, cause: Cause) -> None:
        """Raise it if the device has stood there for so long."""
        tag = self._standing.pop(cause.epc or "")
        stay, own = tag.last_stay(), self._own_rooms(tag.epc)
        if stay is None or not self._is_odd(tag, stay, own):
            return
        since = stay.at_ms / 1000
        stood_s = self._time.lesson_s(since, self._alerts.now)
        if stood_s >= self._lesson_s:
            why: Why = {
                "room": stay.room,
                "own": sorted(own),
                "lesson_hours": round(stood_s / 3600, 1),
            }
            cause = Cause("unexpected-room", tag.epc, part=stay.room or "")
            self._alerts.raise_for(cause, since, why)
        else:
            until = self._time.after_lessons(since, self._lesson_s)
            self._look_again(tag, max(until, self._alerts.now + 1))

    def _look_again(self, tag: Tag, at: float) -> None:
        self._standing[tag.epc] = tag
        self._alerts.remind(self, Cause("unexpected-room", tag.epc), at)

    def _own_rooms(self, epc: str) -> frozenset[str]:
        """Where a device may stand for ever: its home, and where its cart lives or is now."""
        device = self._devices.get(epc)
        if device is None:
            return frozenset()
        rooms = {device.home}
        cart = self._building.school.carts.get(device.cart or "")
        if cart is not None:
            rooms |= {cart.home, self._carts.room_of(cart.id)}
        return frozenset(room for room in rooms if room)

    def _is_odd(self, tag: Tag, stay: Stay | None, own: frozenset[str]) -> bool:
        return (
            self._lesson_s > 0
            and bool(own)
            and stay is not None
            and stay.room is not None
            and stay.room not in own
            and stay.confidence >= _SURE
            and not self._building.is_outside(stay.room)
            and not self._building.is_passage(stay.room)
            and not self._permissions.loans(tag.epc, self._alerts.now)
        )
