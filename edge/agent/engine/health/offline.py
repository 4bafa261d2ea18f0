"""Tells gateways that are gone."""

from edge.agent.engine.alerts import Alerts, Cause
from edge.contracts.readlog import GatewayRow

# A gateway that starts anew or changes its access point is back within a minute.
OFFLINE_S = 60.0


class Offline:
    """The gateways that are offline; only those that serve something give alerts."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts
        self._gone: dict[str, float] = {}  # since when, in s of arrival
        self._served: dict[str, list[str]] = {}  # by gateway: "doorway/d1", "cart/c1" ...

    def came(self, row: GatewayRow) -> None:
        """Take in that a gateway came online or went."""
        if row.online:
            self._gone.pop(row.gateway, None)
            self._alerts.end(_cause(row.gateway), "back online")
        elif row.gateway not in self._gone:
            self._gone[row.gateway] = row.rx
            self._watch(row.gateway)

    def use(self, served: dict[str, list[str]]) -> None:
        """Take in what gateways serve now."""
        for gateway in self._served.keys() - served.keys():
            self._alerts.end(_cause(gateway), "removed")
        self._served = served
        for gateway in self._gone:
            self._watch(gateway)

    def _watch(self, gateway: str) -> None:
        if gateway in self._served:
            since = self._gone[gateway]
            why: dict[str, object] = {"since": since, "blind": self._served[gateway]}
            self._alerts.after(_cause(gateway), since + OFFLINE_S, since, why)


def _cause(gateway: str) -> Cause:
    return Cause("gateway-offline", gateway=gateway)
