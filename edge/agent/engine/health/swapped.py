"""Notices two gateways that stand at each other's places.

Whoever goes from door to door is seen at each; a few doorways are missed. Where a gateway stands
elsewhere than the school file says, nearly all who come to it, and go on from it, seem to have
gone through doorways unseen, and no longer do if two gateways are thought to have changed places.
Doors of one hall cannot be told apart by that, save by the carts behind them. A class that goes
the same way together is one occasion.
"""

from collections.abc import Iterable

from edge.agent.engine.alerts import Alerts, Cause, Why
from edge.agent.engine.building import Building, Spot
from edge.agent.engine.health.ways import Way, unseen

_WAYS = 30  # so many of a gateway's last ways are looked at
_OCCASION_MS = 120_000
_UNSEEN_EACH = 3  # doorways that seem gone through unseen, at each of two gateways
# By so many they must be fewer if the two have changed places: with none swapped it is 1 at most
# (seeds 4-6 of fifteen scenarios). No other pair may explain half as much.
_EXPLAINED = 10
_TIMES_NEXT = 2


class Swapped:
    """The last ways to and from gateways that serve one place each."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts
        self._places: dict[str, Spot] = {}  # by gateway
        self._alike: dict[str, tuple[str, ...]] = {}  # by gateway: with which it may be confused
        self._others: dict[str, list[Spot]] = {}  # by gateway: the other ends of its last ways
        self._went_at: dict[tuple[str, str], int] = {}  # from where to where: when last, ms

    def use(self, building: Building) -> None:
        """Take in another school file."""
        served: dict[str, dict[str, Spot]] = {}
        numbers: dict[str, list[int]] = {}
        for (gateway, antenna), spot in sorted(building.spots.items()):
            served.setdefault(gateway, {})[spot.key] = spot
            numbers.setdefault(gateway, []).append(antenna)
        self._building = building
        single = {gateway: next(iter(s.values())) for gateway, s in served.items() if len(s) == 1}
        like = {gateway: (spot.kind, numbers[gateway]) for gateway, spot in single.items()}
        before = {gateway: spot.key for gateway, spot in self._places.items()}
        if before != {gateway: spot.key for gateway, spot in single.items()}:
            self._others.clear()
            for cause in self._alerts.open_of("swapped-gateways"):
                self._alerts.end(cause, "put right")
        self._places = single
        self._alike = {
            one: tuple(other for other in single if other != one and like[other] == like[one])
            for one in single
        }
        self._gateway_of = {spot.key: gateway for gateway, spot in single.items()}

    def went(self, ways: Iterable[Way]) -> None:
        """Take in where tags went."""
        for way in ways:
            went = way.start.key, way.goal.key
            is_same_occasion = way.at_ms - self._went_at.get(went, -_OCCASION_MS) < _OCCASION_MS
            self._went_at[went] = way.at_ms
            if is_same_occasion:
                continue
            ends = (way.start, way.goal), (way.goal, way.start)
            for here, there in ends:
                gateway = self._gateway_of.get(here.key)
                if gateway is not None:
                    others = self._others.setdefault(gateway, [])
                    others.append(there)
                    del others[:-_WAYS]
            gateways = {self._gateway_of.get(here.key) for here, _ in ends} - {None}
            self._see_again(gateways)
            if unseen(self._building, way.start, way.goal):
                self._judge(way)

    def _judge(self, way: Way) -> None:
        """See whether one pair explains what was unseen, and better than any other."""
        odd = {gateway: self._unseen_at(gateway) for gateway in self._others}
        odd = {gateway: count for gateway, count in odd.items() if count >= _UNSEEN_EACH}
        explained = sorted(
            (odd[one] + odd[other] - self._unseen_if_swapped(one, other), one, other)
            for one in odd
            for other in self._alike[one]
            if one < other and other in odd
        )
        if not explained:
            return
        gain, one, other = explained[-1]
        next_gain = explained[-2][0] if len(explained) > 1 else 0
        if gain >= _EXPLAINED and gain >= _TIMES_NEXT * next_gain:
            both = odd[one] + odd[other]
            self._tell(one, other, way, both, both - gain)

    def _tell(self, one: str, other: str, way: Way, both: int, left: int) -> None:
        why: Why = {
            "other": other,
            "places": [self._places[one].key, self._places[other].key],
            "unseen": both,
            "unseen_if_swapped": left,
            "ways": len(self._others[one]) + len(self._others[other]),
        }
        self._alerts.raise_for(_cause(one, other), way.at_ms / 1000, why)

    def _see_again(self, gateways: set[str | None]) -> None:
        """Close what new ways no longer bear out."""
        for cause in self._alerts.open_of("swapped-gateways"):
            one, other = cause.gateway or "", cause.part
            if not {one, other} & gateways:
                continue
            both = self._unseen_at(one) + self._unseen_at(other)
            if both <= self._unseen_if_swapped(one, other):
                self._alerts.close(cause, "put right")

    def _unseen_at(self, gateway: str) -> int:
        here = self._places[gateway]
        return sum(unseen(self._building, here, o) for o in self._others.get(gateway, ()))

    def _unseen_if_swapped(self, one: str, other: str) -> int:
        a, b = self._places[one], self._places[other]
        swap = {a.key: b, b.key: a}
        ends = [(b, o) for o in self._others.get(one, ())]
        ends += [(a, o) for o in self._others.get(other, ())]
        return sum(unseen(self._building, here, swap.get(o.key, o)) for here, o in ends)


def _cause(one: str, other: str) -> Cause:
    return Cause("swapped-gateways", gateway=one, part=other)
