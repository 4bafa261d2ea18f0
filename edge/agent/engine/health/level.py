"""Notices an antenna whose level drifts: a plug that works loose, water in a cable, a cupboard.

Levels differ from pass to pass by ten dB and more, so only each antenna's own mean over many
occasions is looked at, of passes that both sides of its doorway heard well: who walks by along the
hall is heard weaker, and how many do depends on the time of day. What passes within a minute is one
occasion; a bag that stays beside the door is none.
"""

from math import log10

from edge.agent.engine.alerts import Alerts, Cause, Why
from edge.agent.engine.passes import Pass

_OCCASION_MS = 60_000
_READS = 6  # of all antennas together; fewer were heard in passing
_KNOWN = 20  # occasions, before a level is known
_SLOW = 0.002  # then it follows by so much: the school year's furniture
_LATELY = 0.1  # weight of the newest occasion in what it is now
_DRIFT_DB = 6.0  # chance makes it 3.6 at most in a day of an ordinary school (seeds 4 and 6)
_BACK_DB = 3.0
_LASTS = 6  # occasions in a row


class Level:
    """One antenna's level: what is usual, what it is lately, both in dBm."""

    def __init__(self, doorway: str, gateway: str, antenna: int) -> None:
        self._cause = Cause("level-drift", None, doorway, gateway, str(antenna))
        self._antenna = antenna
        self._usual = self._lately = 0.0
        self._occasions = 0
        self._since: int | None = None  # ms: when it began to be off
        self._off = 0  # occasions in a row
        self._began: int | None = None  # the occasion under way: its first pass, ms; sum and count
        self._sum = 0.0
        self._count = 0

    @property
    def drift_db(self) -> float:
        """By how much it is louder than usual."""
        return self._lately - self._usual

    def passed(self, p: Pass, alerts: Alerts) -> None:
        """Take in a pass."""
        sums = p.antennas.get(self._antenna)
        if sums is None or sums.peak <= 0:
            return
        if self._began is not None and p.first > self._began + _OCCASION_MS:
            self._conclude(self._began, alerts)
            self._began = None
        if self._began is None:
            self._began, self._sum, self._count = p.first, 0.0, 0
        self._sum += 10 * log10(sums.peak) - 100
        self._count += 1

    def end(self, alerts: Alerts) -> None:
        """The doorway is no more, or another."""
        alerts.end(self._cause, "removed")

    def _conclude(self, at_ms: int, alerts: Alerts) -> None:
        mean = self._sum / self._count
        self._occasions += 1
        known = self._occasions > _KNOWN
        self._usual += (mean - self._usual) * (_SLOW if known else 1 / self._occasions)
        self._lately = self._lately + (mean - self._lately) * _LATELY if known else self._usual
        is_off = abs(self.drift_db) >= _DRIFT_DB
        self._off = self._off + 1 if is_off else 0
        if self._off == 1:
            self._since = at_ms
        if self._off >= _LASTS and self._since is not None:
            why: Why = {
                "antenna": self._antenna,
                "drift_db": round(self.drift_db, 1),
                "usual_dbm": round(self._usual, 1),
            }
            alerts.raise_for(self._cause, self._since / 1000, why)
        elif abs(self.drift_db) < _BACK_DB:
            alerts.close(self._cause, "as usual again", at_ms / 1000)


def shows_level(p: Pass) -> bool:
    """Whether a pass is of somebody who went close by all antennas."""
    heard = {sums.side for sums in p.antennas.values()}
    return (
        p.has_rssi
        and len(heard) == p.spot.faced
        and sum(sums.n for sums in p.antennas.values()) >= _READS
    )
