"""Notices an antenna that no longer hears what the others of its doorway hear.

What passes a doorway within a minute is one occasion, however many: a class that walks by along
the hall is missed by the room's side all at once, so its tags say no more than one. Each antenna is
only compared with its own past: how often it heard occasions that others heard, and how many in a
row it has missed before.
"""

from math import log

from edge.agent.engine.alerts import Alerts, Cause
from edge.agent.engine.passes import Pass

_OCCASION_MS = 60_000
_READS = 6  # of others; weaker passes are often heard on one side alone
_KNOWN = 10  # occasions that an antenna heard, before a silence can be odd
_LONGEST_MEMORY = 400  # occasions; what is older weighs less
# A silence must be as unlikely as that (1 in 6e7: the doorways of a district for a year),
_LOG_ODDS = 18.0
# far longer than the longest before (occasions are not independent), and not of the last hour only.
_TIMES_LONGEST = 2
_BEYOND_LONGEST = 3
_SILENT_MS = 3_600_000


class _Occasion:
    __slots__ = ("first", "last", "reads")

    def __init__(self, p: Pass) -> None:
        self.first = p.first
        self.last = p.last
        self.reads: dict[int, int] = {}


class _Ear:
    """One antenna: occasions that others heard, of these heard; since when it has heard nothing."""

    __slots__ = ("heard", "last_heard", "longest", "missed", "occasions")

    def __init__(self) -> None:
        self.occasions = self.heard = 0.0
        self.missed = self.longest = 0
        self.last_heard = 0

    @property
    def usual(self) -> float:
        """Share of occasions that it heard, a little low while little is known."""
        return (self.heard + 1) / (self.occasions + 3)

    def hear(self, at_ms: int, others_too: bool) -> None:
        self.occasions += self.missed + others_too
        self.heard += others_too
        self.longest = max(self.longest, self.missed)
        self.missed = 0
        self.last_heard = max(self.last_heard, at_ms)
        if self.occasions > _LONGEST_MEMORY:
            self.occasions /= 2
            self.heard /= 2

    def is_deaf(self, now_ms: int) -> bool:
        return (
            self.heard >= _KNOWN
            and self.missed > _TIMES_LONGEST * self.longest + _BEYOND_LONGEST
            and -self.missed * log(1 - self.usual) >= _LOG_ODDS
            and now_ms - self.last_heard >= _SILENT_MS
        )


class Doorway:
    """The antennas of one doorway, as its passes show them."""

    def __init__(self, doorway: str, gateway: str, antennas: tuple[int, ...]) -> None:
        self.id = doorway
        self.gateway = gateway
        self.antennas = antennas
        self._ears = {antenna: _Ear() for antenna in antennas}
        self._occasion: _Occasion | None = None

    def passed(self, p: Pass, resting: frozenset[int], alerts: Alerts) -> None:
        """Take in a pass that is over; antennas `resting` do not look now, so they miss nothing."""
        occasion = self._occasion
        if occasion is not None and p.first > occasion.last + _OCCASION_MS:
            self._conclude(occasion, resting, alerts)
            occasion = None
        if occasion is None:
            occasion = self._occasion = _Occasion(p)
        occasion.last = max(occasion.last, p.last)
        for antenna, sums in p.antennas.items():
            occasion.reads[antenna] = occasion.reads.get(antenna, 0) + sums.n

    def end(self, alerts: Alerts) -> None:
        """The doorway is no more, or another."""
        for antenna in self.antennas:
            alerts.end(self._cause(antenna), "removed")

    def _conclude(self, occasion: _Occasion, resting: frozenset[int], alerts: Alerts) -> None:
        reads = sum(occasion.reads.values())
        for antenna, ear in self._ears.items():
            mine = occasion.reads.get(antenna, 0)
            others_heard = reads - mine >= _READS
            if mine:
                ear.hear(occasion.last, others_heard)
                alerts.close(self._cause(antenna), "reads again", occasion.last / 1000)
            elif others_heard and antenna not in resting:
                ear.missed += 1
                if ear.is_deaf(occasion.last):
                    alerts.raise_for(
                        self._cause(antenna),
                        ear.last_heard / 1000,
                        {
                            "antenna": antenna,
                            "missed": ear.missed,
                            "usually_heard": round(ear.usual, 2),
                            "last_heard": ear.last_heard / 1000,
                        },
                    )

    def _cause(self, antenna: int) -> Cause:
        return Cause("deaf-antenna", None, self.id, self.gateway, str(antenna))
