"""Watches the installation itself: gateways that are gone, antennas that have fallen deaf."""

from collections import defaultdict
from collections.abc import Iterable
from math import ceil

from edge.agent.engine.building import Building
from edge.agent.engine.deaf import Doorway
from edge.agent.engine.passes import GAP_MS, Pass
from edge.agent.engine.speaker import Speaker
from edge.contracts.events import Alert
from edge.contracts.readlog import GatewayRow, LooksRow

# A gateway that starts anew or changes its access point is back within a minute.
OFFLINE_S = 60.0


class Health:
    """The gateways of a school; only those that its file names give alerts.

    `due`: the second at which there is something to say, None while there is not.
    """

    def __init__(self) -> None:
        self.due: int | None = None
        self._gone: dict[str, float] = {}  # since when, in s of arrival
        self._offline: dict[str, Alert] = {}
        self._over: list[tuple[Alert, str]] = []  # to be closed, and why
        self._resting: dict[str, frozenset[int]] = {}  # antennas that made no round lately
        self._served: dict[str, list[str]] = {}  # by gateway: doorways, carts and desks
        self._doorways: dict[str, Doorway] = {}

    def came(self, row: GatewayRow) -> None:
        """Take in that a gateway came online or went."""
        if row.online:
            self._gone.pop(row.gateway, None)
            self._end(row.gateway, "back online")
        else:
            self._gone.setdefault(row.gateway, row.rx)
        self._plan()

    def looked(self, row: LooksRow) -> None:
        """Take in a gateway's looks."""
        if all(rounds for rounds, _ in row.looks.values()):
            self._resting.pop(row.gateway, None)
        else:
            self._resting[row.gateway] = frozenset(a for a, (n, _) in row.looks.items() if not n)

    def use(self, building: Building) -> None:
        """Take in another school file: what it names no more is of no interest."""
        served: dict[str, dict[str, None]] = defaultdict(dict)
        antennas: dict[tuple[str, str], list[int]] = defaultdict(list)
        for (gateway, antenna), spot in sorted(building.spots.items()):
            served[gateway][spot.id] = None
            if spot.kind == "doorway":
                antennas[gateway, spot.id].append(antenna)
        self._served = {gateway: list(ids) for gateway, ids in served.items()}
        for gateway in [g for g in self._offline if g not in served]:
            self._end(gateway, "removed")
        before = self._doorways
        self._doorways = {}
        for (gateway, doorway), numbers in antennas.items():
            known = before.get(doorway)
            if known is None or (known.gateway, known.antennas) != (gateway, tuple(numbers)):
                known = Doorway(doorway, gateway, tuple(numbers))
            self._doorways[doorway] = known
        for doorway, known in before.items():
            if self._doorways.get(doorway) is not known:
                self._over += [(alert, "removed") for alert in known.open_alerts()]
        self._plan()

    def passed(self, passes: Iterable[Pass], now_ms: int, speaker: Speaker) -> None:
        """Take in those passes of one EPC that are over now; late ones tell of another time."""
        for p in passes:
            if p.late or p.still or p.last + GAP_MS > now_ms:
                continue
            doorway = self._doorways.get(p.spot.id)
            if doorway is not None and p.spot.kind == "doorway":
                doorway.passed(p, self._resting.get(doorway.gateway, frozenset()), speaker)

    def settle(self, second: int, speaker: Speaker) -> None:
        """Say which gateways are gone and which are back."""
        if self.due is None or self.due > second:
            return
        for alert, reason in self._over:
            speaker.closed(speaker.decided, alert, reason)
        self._over.clear()
        for gateway, since in self._unsaid():
            if since + OFFLINE_S <= second:
                why: dict[str, object] = {"since": since, "blind": self._served[gateway]}
                alert = speaker.of_gateway("gateway-offline", since, gateway, None, why)
                self._offline[gateway] = alert
        self._plan()

    def _end(self, gateway: str, reason: str) -> None:
        alert = self._offline.pop(gateway, None)
        if alert is not None:
            self._over.append((alert, reason))

    def _unsaid(self) -> list[tuple[str, float]]:
        return [
            (gateway, since)
            for gateway, since in self._gone.items()
            if gateway not in self._offline and gateway in self._served
        ]

    def _plan(self) -> None:
        if self._over:
            self.due = 0
            return
        gone = min((since for _, since in self._unsaid()), default=None)
        self.due = None if gone is None else ceil(gone + OFFLINE_S)
