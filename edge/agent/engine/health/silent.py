"""Tells gateways that are online but do not look, or send nothing at all.

A gateway sends its looks at least every 10 s. A module that is hot rests for minutes, and that ends
by itself. When all gateways are silent at once, it is the network or this computer: nothing is told
then, and each has its time again.
"""

from dataclasses import dataclass, field

from edge.agent.engine.alerts import Alerts, Cause, Why
from edge.contracts.readlog import GatewayRow, LooksRow

RESTS_S = 420.0  # without a round: longer than a module cools
SILENT_S = 300.0  # without a batch
_ALL_SILENT_S = 60.0
_LATE_S = 45.0  # looks that come later tell of another time


@dataclass(slots=True)
class _State:
    """Of one gateway: its last looks (s of arrival), and its antennas' last round (s).

    `told`: an alert says that it is silent; `idle`: the antennas of which one says, or soon will,
    that they do not look. Both spare asking at each row of a gateway that is well.
    """

    arrived: float
    online: bool = True
    looked: dict[int, float] = field(default_factory=dict)
    told: bool = False
    idle: set[int] = field(default_factory=set)


class Silent:
    """The gateways that ever sent looks; only those that serve something give alerts."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts
        self._states: dict[str, _State] = {}
        self._served: dict[str, list[str]] = {}  # by gateway: "doorway/d1", "cart/c1" ...
        self._any = 0.0  # when any gateway last sent looks

    def use(self, served: dict[str, list[str]]) -> None:
        """Take in what gateways serve now."""
        for gateway in self._served.keys() - served.keys():
            self._end(gateway, "removed")
        self._served = served

    def came(self, row: GatewayRow) -> None:
        """Take in that a gateway came online or went: that it is gone is told by another rule."""
        state = self._states.get(row.gateway)
        if state is None:
            return
        state.online = row.online
        state.arrived = max(state.arrived, row.rx)
        if not row.online:
            self._end(row.gateway, "offline")

    def looked(self, row: LooksRow) -> None:
        """Take in a gateway's looks."""
        self._any = max(self._any, row.rx)
        state = self._states.get(row.gateway)
        if state is None:
            state = self._states[row.gateway] = _State(row.rx)
            self._alerts.remind(self, _silent(row.gateway), row.rx + SILENT_S)
        elif row.rx > state.arrived:
            state.arrived = row.rx
        if state.told:
            state.told = False
            self._alerts.end(_silent(row.gateway), "sends again")
        at = row.rx if row.t is None else row.t
        if row.rx - at <= _LATE_S:
            self._take_rounds(row, state, at)

    def reminded(self, cause: Cause) -> None:
        """See whether a gateway still sends."""
        gateway, now = cause.gateway or "", self._alerts.now
        state = self._states[gateway]
        silent_s = now - state.arrived
        if now - self._any > _ALL_SILENT_S:
            self._alerts.remind(self, cause, now + SILENT_S)
            return
        if silent_s >= SILENT_S and state.online and gateway in self._served:
            state.told = True
            self._alerts.raise_for(cause, state.arrived, self._why(gateway, state.arrived))
        self._alerts.remind(self, cause, max(state.arrived, now - 1) + SILENT_S)

    def _take_rounds(self, row: LooksRow, state: _State, at: float) -> None:
        for antenna, (rounds, _) in row.looks.items():
            since = state.looked.setdefault(antenna, at)
            if rounds:
                state.looked[antenna] = at
                if antenna in state.idle and self._alerts.is_open(_idle(row.gateway, antenna)):
                    state.idle.discard(antenna)
                    self._alerts.end(_idle(row.gateway, antenna), "looks again")
            elif at - since >= RESTS_S and row.gateway in self._served:
                why = self._why(row.gateway, since) | {"antenna": antenna}
                state.idle.add(antenna)
                self._alerts.after(_idle(row.gateway, antenna), at, since, why)

    def _why(self, gateway: str, since: float) -> Why:
        return {"since": since, "blind": self._served[gateway]}

    def _end(self, gateway: str, reason: str) -> None:
        self._alerts.end(_silent(gateway), reason)
        state = self._states.get(gateway)
        for antenna in state.looked if state is not None else ():
            self._alerts.end(_idle(gateway, antenna), reason)


def _silent(gateway: str) -> Cause:
    return Cause("gateway-silent", gateway=gateway)


def _idle(gateway: str, antenna: int) -> Cause:
    return Cause("not-looking", gateway=gateway, part=str(antenna))
