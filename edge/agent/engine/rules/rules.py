"""Hands what the engine learns to the rules that watch the devices."""

from edge.agent.engine.alerts import Alerts
from edge.agent.engine.building import Building, Spot
from edge.agent.engine.carts import Carts
from edge.agent.engine.rules.clone import Clone
from edge.agent.engine.rules.missing import Missing
from edge.agent.engine.rules.not_back import NotBack
from edge.agent.engine.rules.permissions import Permissions
from edge.agent.engine.rules.unexpected_room import UnexpectedRoom
from edge.agent.engine.school_time import SchoolTime
from edge.agent.engine.tag import Tag
from edge.contracts.devices import Device
from edge.contracts.readlog import CalendarRow, DeviceRow, GatewayRow, LoanRow, ReadRow

_RULES_OF_A_RECORD = ("missing", "unexpected-room")


class Rules:
    """The rules on devices; `tags`, `devices` (by EPC) and `carts` are the engine's."""

    def __init__(
        self, alerts: Alerts, tags: dict[str, Tag], devices: dict[str, Device], carts: Carts
    ) -> None:
        self.permissions = Permissions()
        self._alerts = alerts
        self._devices = devices
        self._building: Building | None = None
        self._agreed: set[str] = set()  # EPCs for which a loan was told just now
        self._not_back = NotBack(alerts, self.permissions)
        self._unexpected = UnexpectedRoom(alerts, self.permissions, devices, carts)
        self._missing = Missing(alerts, self.permissions, tags, devices)
        self._clone = Clone(alerts, carts)

    def use(self, building: Building) -> None:
        """Take in another school file."""
        self._building = building
        time = SchoolTime(building.school)
        self.permissions.use(building.school.rules, time)
        self._not_back.use(building, time)
        self._unexpected.use(building, time)
        self._missing.use(building, time)
        self._clone.use(building)

    def begin(self, now: float) -> None:
        """The first row came, or a school file after it."""
        if self._building is not None:
            self._missing.begin(now)

    def came(self, row: GatewayRow) -> None:
        """Take in that a gateway came online or went."""
        self._not_back.came(row.gateway, row.online)

    def heard(self, tag: Tag, now_ms: int) -> None:
        """Take in that a tag was just heard, at the places of its passes and visits."""
        self._missing.heard(tag)
        if self._clone.may_jump(tag):
            self._clone.heard(tag, now_ms)

    def lend(self, row: LoanRow) -> None:
        """Take in a loan; its device is to be looked at."""
        self.permissions.lend(row)
        self._agreed.add(row.epc)

    def plan(self, row: CalendarRow) -> None:
        """Take in a calendar entry; devices that an alert concerns are to be looked at."""
        self.permissions.plan(row)

    def recorded(self, row: DeviceRow) -> None:
        """Take in a device's record, or that it is no longer the school's."""
        self._clone.recorded(row)
        if row.removed:
            for rule in _RULES_OF_A_RECORD:
                for cause in self._alerts.open_about(row.epc.upper(), rule):
                    self._alerts.end(cause, "removed")

    def told_tid(self, row: ReadRow, spot: Spot) -> None:
        """Take in a read that carries its tag's TID."""
        self._clone.told_tid(row, spot)

    def concern(self, tag: Tag) -> bool:
        """Whether a tag is to be looked at though nothing else is thought of it."""
        return tag.epc in self._agreed or self._alerts.concern(tag.epc)

    def settled(self, tag: Tag) -> None:
        """Look at a tag of which something else is thought now, or that these rules concern."""
        self._agreed.discard(tag.epc)
        self._not_back.settled(tag)
        if tag.epc in self._devices:
            self._unexpected.settled(tag)
            self._missing.settled(tag)
