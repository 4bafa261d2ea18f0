"""Tells gateways whose clock is not believed, for as long as that lasts.

Their reads are placed by when their batches came, so nothing else is wrong; but a gateway that
cannot set its clock often cannot reach its network, and what it delivers late has no time.
"""

from collections.abc import Container
from dataclasses import dataclass

from edge.agent.engine.alerts import Alerts, Cause, Why
from edge.contracts.readlog import LooksRow

# A clock that is set after a start, or jumps and is set again, is right within that time; and one
# at the edge of what is believed is not told again and again.
LASTS_S = 60.0


@dataclass(slots=True)
class _State:
    """Since when a gateway's clock is thought as it is, s of arrival."""

    is_wrong: bool
    since: float


class Clocks:
    """The clocks of the gateways that a school file names."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts
        self._states: dict[str, _State] = {}
        self._gateways: Container[str] = ()

    def use(self, served: dict[str, list[str]]) -> None:
        """Take in what gateways serve now."""
        self._gateways = served
        for gateway in list(self._states):
            if gateway not in served:
                del self._states[gateway]
                self._alerts.end(_cause(gateway), "removed")

    def looked(self, row: LooksRow) -> None:
        """Take in how far a gateway's clock was off where it was not believed."""
        if row.gateway not in self._gateways:
            return
        is_wrong = row.off is not None
        state = self._states.get(row.gateway)
        if state is None or state.is_wrong != is_wrong:
            self._states[row.gateway] = _State(is_wrong, row.rx)
        elif row.rx - state.since >= LASTS_S:
            cause = _cause(row.gateway)
            if row.off is None:
                self._alerts.end(cause, "right again")
            elif not self._alerts.is_open(cause):
                why: Why = {"off": round(row.off, 1), "since": state.since}
                self._alerts.after(cause, row.rx, state.since, why)


def _cause(gateway: str) -> Cause:
    return Cause("clock-wrong", gateway=gateway)
