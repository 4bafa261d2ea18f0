"""Notices doorways whose antennas are plugged in the wrong way round, and reads them the right way.

A pass that both sides heard claims to have gone from one room to the other. Where the tag was heard
before it and after it, at another doorway or in a cart, tells independently which room that was:
the one from which the other place is reached without going through this doorway. A doorway wired as
the school file says agrees nearly always, one that is exchanged contradicts nearly always.

Each minute's contradictions, however many tags made them, are one hint. The likeliest account of
all hints in order of time says from when to when a doorway was exchanged. It depends on what was
heard, not on the order in which that became known; and not on how another doorway is wired, since
only that a tag was heard there counts, not which way it went.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from edge.agent.engine.alerts import Alerts, Cause
from edge.agent.engine.building import Building
from edge.agent.engine.hearing import UNKNOWN, Hearing, Taught
from edge.agent.engine.node import Node

_MINUTE_MS = 60_000
_CLEAR_LOG_ODDS = 3.0  # of a pass's direction
_READS = 3  # of the pass elsewhere; fewer may be a reader that hears through a wall
# One pass in seven misleads (its direction was wrong, or the tag went on unseen): log(0.86 / 0.14).
_TOLD = 1.8
_MOST_A_MINUTE = 2.5
# What it takes to believe in a change, either way: it has odds of 1 in 100, and 99 to 1 are sure.
_CHANGE = 9.2
_TAGS = 3  # at least so many devices must tell it

Period = tuple[int, int | None]  # from, until (None: it lasts), ms


class Wiring:
    """The doorways of a school that have antennas on both sides."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts
        self._building: Building | None = None
        self._doorways: dict[str, _Doorway] = {}
        self._changed: dict[str, None] = {}  # doorways with new hints
        self.due: int | None = None  # the second at which new hints are weighed

    def use(self, building: Building) -> None:
        """Take in another school file: who plugs antennas in anew, or writes down how they are
        plugged in, begins anew.
        """
        before = self._doorways
        self._building = building
        self._doorways = {}
        for id_, doorway in building.school.doorways.items():
            if len(set(doorway.antennas.values())) == 2:
                new = _Doorway(id_, doorway.gateway, dict(doorway.antennas))
                known = before.get(id_, new)
                is_same = (known.gateway, known.antennas) == (new.gateway, new.antennas)
                self._doorways[id_] = known if is_same else new
        for id_, known in before.items():
            if self._doorways.get(id_) is not known:
                self._alerts.end(known.cause, "removed")

    def is_exchanged(self, doorway: str, at_ms: int) -> bool:
        """Whether a doorway's sides are taken to be exchanged at a time."""
        known = self._doorways.get(doorway)
        return known is not None and any(
            start <= at_ms and (until is None or at_ms < until) for start, until in known.periods
        )

    def known(self, doorway: str, at_ms: int) -> Hearing:
        """What is known of a doorway's sides for a pass that began then."""
        known = self._doorways.get(doorway)
        if known is None:
            return UNKNOWN
        hearing = known.taught.hearing(at_ms)
        return replace(hearing, exchanged=True) if self.is_exchanged(doorway, at_ms) else hearing

    def heard(
        self, epc: str, lost: Iterable[Node], nodes: list[Node], start: int, second: int
    ) -> None:
        """Take in what a tag's nodes from place `start` on tell, and the one before them; those
        that are `lost` tell nothing any more.
        """
        for node in lost:
            self._take_back(epc, node)
        for k in range(max(0, start - 1), len(nodes)):
            self._take_back(epc, nodes[k])
            self._hint(epc, nodes, k)
        if self._changed and self.due is None:
            self.due = second // 60 * 60 + 60

    def settle(self, second: int) -> list[str]:
        """Weigh new hints; return the doorways of which something else is thought now."""
        if self.due is None or second < self.due:
            return []
        self.due = None
        turned = []
        for id_ in self._changed:
            known = self._doorways.get(id_)
            if known is None:
                continue
            periods = known.account()
            if periods != known.periods:
                known.periods = periods
                turned.append(id_)
                self._tell(known)
        self._changed.clear()
        return turned

    def forget_before(self, at_ms: int) -> None:
        """Let go of hints on passes that can no longer change."""
        for known in self._doorways.values():
            known.forget_before(at_ms)

    def _tell(self, known: "_Doorway") -> None:
        if known.periods and known.periods[-1][1] is None:
            why = known.why()
            self._alerts.raise_for(known.cause, known.since(), why)
        else:
            self._alerts.close(known.cause, "wired as the school file says")

    def _hint(self, epc: str, nodes: list[Node], k: int) -> None:
        """Note what the places before and after a pass say of the direction that it claims."""
        p = nodes[k].source
        if p is None or self._building is None or p.spot.id not in self._doorways:
            return
        if p.spot.kind != "doorway":
            return
        shown = nodes[k].evidence.shown
        if shown is not None:
            self._doorways[p.spot.id].taught.show(epc, p, nodes[k].first, shown)
        claim = nodes[k].evidence.log_odds
        if self.is_exchanged(p.spot.id, p.first):
            claim = -claim
        if abs(claim) < _CLEAR_LOG_ODDS:
            return
        first, second = p.spot.rooms if claim > 0 else p.spot.rooms[::-1]
        told = 0
        if k > 0 and nodes[k - 1].last < p.first:
            told += self._nearer(first, second, nodes[k - 1])
        if k + 1 < len(nodes) and nodes[k + 1].first > p.last:
            told -= self._nearer(first, second, nodes[k + 1])
        if told:
            known = self._doorways[p.spot.id]
            minute = known.minutes.setdefault(nodes[k].first // _MINUTE_MS, _Minute())
            minute.told[epc, nodes[k].first] = -_TOLD * told
            self._changed[p.spot.id] = None

    def _take_back(self, epc: str, node: Node) -> None:
        known = self._doorways.get(node.source.spot.id) if node.source is not None else None
        if known:
            known.taught.take_back(epc, node.first)
        minute = known and known.minutes.get(node.first // _MINUTE_MS)
        if known and minute and minute.told.pop((epc, node.first), None) is not None:
            self._changed[known.id] = None

    def _nearer(self, first: str, second: str, node: Node) -> int:
        """1 where a node's place is nearer to the first of two rooms, -1 to the second."""
        p = node.source
        if p is not None and sum(sums.n for sums in p.antennas.values()) < _READS:
            return 0
        if p is not None and {first, second} <= set(p.spot.rooms):
            return 0
        rooms = [option.before for option in node.evidence.options] if p is None else p.spot.rooms
        from_first, from_second = (self._doorways_to(room, rooms) for room in (first, second))
        if from_first is None or from_second is None:
            return 0
        return (from_second > from_first) - (from_first > from_second)

    def _doorways_to(self, room: str, goals: Iterable[str]) -> int | None:
        assert self._building is not None
        ways = [self._building.doorways_between(room, goal) for goal in goals]
        return min((way for way in ways if way is not None), default=None)


@dataclass(slots=True)
class _Minute:
    """What the passes of a minute told, by EPC and begin: above 0 for exchanged sides."""

    told: dict[tuple[str, int], float] = field(default_factory=dict)

    @property
    def weight(self) -> float:
        every = sum(self.told[key] for key in sorted(self.told))
        return max(-_MOST_A_MINUTE, min(_MOST_A_MINUTE, every))


@dataclass(slots=True)
class _Doorway:
    """`periods`: when its sides are taken to be exchanged. `lead`: log-odds of being exchanged
    before the oldest minute that is kept.
    """

    id: str
    gateway: str
    antennas: dict[int, str]
    minutes: dict[int, _Minute] = field(default_factory=dict)
    periods: list[Period] = field(default_factory=list)
    lead: float = -_CHANGE
    taught: Taught = field(default_factory=Taught)

    @property
    def cause(self) -> Cause:
        return Cause("exchanged-antennas", doorway=self.id, gateway=self.gateway)

    def account(self) -> list[Period]:
        """The likeliest periods, all hints considered (Viterbi; the difference of two states)."""
        order = sorted(self.minutes)
        lead = self.lead
        leads = []
        for minute in order:
            leads.append(lead)
            lead = _limit(lead) + self.minutes[minute].weight
        is_exchanged = lead > 0
        periods: list[Period] = []
        until: int | None = None
        for minute, lead in zip(reversed(order), reversed(leads), strict=True):
            if lead < -_CHANGE if is_exchanged else lead > _CHANGE:
                if is_exchanged:
                    periods.append((minute * _MINUTE_MS, until))
                until = minute * _MINUTE_MS
                is_exchanged = not is_exchanged
        if is_exchanged:
            periods.append((0, until))
        periods.reverse()
        was = self.lead > 0
        return [p for p in periods if (was and p[0] == 0) or len(self._tellers(p)) >= _TAGS]

    def since(self) -> float:
        """When the first pass contradicted in the period that lasts, Unix s."""
        tellers = self._tellers(self.periods[-1])
        return min((at for told in tellers.values() for at in told), default=0) / 1000

    def why(self) -> dict[str, object]:
        """What speaks for the period that lasts."""
        tellers = self._tellers(self.periods[-1])
        return {
            "antennas": sorted(self.antennas),
            "passes": sum(map(len, tellers.values())),
            "devices": len(tellers),
        }

    def forget_before(self, at_ms: int) -> None:
        """Sum hints up that are older."""
        self.taught.forget_before(at_ms)
        for minute in sorted(m for m in self.minutes if (m + 1) * _MINUTE_MS < at_ms):
            self.lead = _limit(self.lead) + self.minutes.pop(minute).weight
        self.periods = [p for p in self.periods if p[1] is None or p[1] >= at_ms]

    def _tellers(self, period: Period) -> dict[str, list[int]]:
        """The passes that contradicted in a period: by EPC, when, ms."""
        start, until = period
        found: dict[str, list[int]] = {}
        for minute, hints in self.minutes.items():
            if start <= minute * _MINUTE_MS and (until is None or minute * _MINUTE_MS < until):
                for (epc, at_ms), weight in hints.told.items():
                    if weight > 0:
                        found.setdefault(epc, []).append(at_ms)
        return found


def _limit(lead: float) -> float:
    return max(-_CHANGE, min(_CHANGE, lead))
