"""Hands what the engine learns to the rules that watch the installation."""

from collections import defaultdict

from edge.agent.engine.alerts import Alerts
from edge.agent.engine.building import Building
from edge.agent.engine.health.clocks import Clocks
from edge.agent.engine.health.deaf import Doorway
from edge.agent.engine.health.level import Level, shows_level
from edge.agent.engine.health.offline import Offline
from edge.agent.engine.health.rate import ReadRate
from edge.agent.engine.health.silent import Silent
from edge.agent.engine.health.swapped import Swapped
from edge.agent.engine.health.ways import new_ways
from edge.agent.engine.passes import GAP_MS, Pass
from edge.agent.engine.tag import Tag
from edge.contracts.readlog import GatewayRow, LooksRow

_STAYS_MS = 60_000


class Health:
    """The gateways and antennas of a school; only those that its file names give alerts."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts
        self._offline = Offline(alerts)
        self._silent = Silent(alerts)
        self._clocks = Clocks(alerts)
        self._swapped = Swapped(alerts)
        self._rate = ReadRate(alerts)
        self._building: Building | None = None
        self._resting: dict[str, frozenset[int]] = {}  # antennas that made no round lately
        self._doorways: dict[str, Doorway] = {}
        self._levels: dict[str, list[Level]] = {}  # by doorway

    def came(self, row: GatewayRow) -> None:
        """Take in that a gateway came online or went."""
        self._offline.came(row)
        self._silent.came(row)

    def looked(self, row: LooksRow) -> None:
        """Take in a gateway's looks."""
        self._silent.looked(row)
        self._clocks.looked(row)
        if all(rounds for rounds, _ in row.looks.values()):
            self._resting.pop(row.gateway, None)
        else:
            self._resting[row.gateway] = frozenset(a for a, (n, _) in row.looks.items() if not n)

    def use(self, building: Building) -> None:
        """Take in another school file: what it names no more is of no interest."""
        served: dict[str, dict[str, None]] = defaultdict(dict)
        antennas: dict[tuple[str, str], list[int]] = defaultdict(list)
        for (gateway, antenna), spot in sorted(building.spots.items()):
            served[gateway][spot.key] = None
            if spot.kind == "doorway":
                antennas[gateway, spot.id].append(antenna)
        blind = {gateway: list(keys) for gateway, keys in served.items()}
        self._offline.use(blind)
        self._silent.use(blind)
        self._clocks.use(blind)
        self._swapped.use(building)
        self._rate.use(building)
        self._building = building
        before = self._doorways
        self._doorways = {}
        for (gateway, doorway), numbers in antennas.items():
            known = before.get(doorway)
            if known is None or (known.gateway, known.antennas) != (gateway, tuple(numbers)):
                known = Doorway(doorway, gateway, tuple(numbers))
                for level in self._levels.pop(doorway, ()):
                    level.end(self._alerts)
                self._levels[doorway] = [Level(doorway, gateway, n) for n in numbers]
            self._doorways[doorway] = known
        for doorway, known in before.items():
            if self._doorways.get(doorway) is not known:
                known.end(self._alerts)
        for doorway in self._levels.keys() - self._doorways.keys():
            for level in self._levels.pop(doorway):
                level.end(self._alerts)

    def begin(self, now: float) -> None:
        """The first row came, or a school file after it."""
        if self._building is not None:
            self._rate.begin(now)

    def heard(self, tag: Tag, second: int) -> None:
        """Take in that a tag was heard just now."""
        self._rate.heard(tag, second)

    def passed(self, tag: Tag, now_ms: int) -> None:
        """Take in those passes of a tag that are over now; late ones tell of another time."""
        was_at = tag.was_at
        if self._building is not None:
            self._swapped.went(new_ways(tag, self._building, now_ms))
        for p in tag.changed:
            if p.late or p.still or p.last + GAP_MS > now_ms:
                continue
            doorway = self._doorways.get(p.spot.id)
            if doorway is not None and p.spot.kind == "doorway":
                resting = self._resting.get(doorway.gateway, frozenset())
                doorway.passed(p, resting, self._alerts)
                if shows_level(p) and not _stays(p, was_at):
                    for level in self._levels[doorway.id]:
                        level.passed(p, self._alerts)


def _stays(p: Pass, was_at: tuple[str, int] | None) -> bool:
    """Whether its tag was at the same place just before: it lies or waits there."""
    return was_at is not None and was_at[0] == p.spot.key and p.first - was_at[1] < _STAYS_MS
