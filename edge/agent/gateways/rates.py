"""How much each antenna reads, hour by hour, held against what it read in those hours before. Pure.

Reads a minute on the air, over the last three whole hours, against the median of the same hours of
the days before. A holiday quietens all antennas alike, so one is called low only while the others
do as they usually do.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import msgspec

from edge.contracts.wire import Batch

HOUR_S = 3600
WINDOW_HOURS = 3  # a doorway hears the changes of lessons: one hour has one or two
DAYS = 28
KNOWN_DAYS = 5
ENOUGH_READS = 30  # usually, in the window: what hears less tells nothing
ENOUGH_AIR_MS = 10 * 60_000
LOW = 0.3  # of its usual, beside that of the others; as the engine has it for whole places
QUIET_SCHOOL = 0.3
OTHERS = 3  # antennas whose usual is known: fewer cannot tell a holiday

Antenna = tuple[str, int]  # gateway and number


class HourCount(msgspec.Struct):
    """What an antenna did in an hour."""

    reads: int = 0
    on_air_ms: int = 0

    def add(self, other: "HourCount") -> None:
        """Take in more of it."""
        self.reads += other.reads
        self.on_air_ms += other.on_air_ms

    @property
    def rate(self) -> float:
        """Reads a minute on the air."""
        return 60_000 * self.reads / self.on_air_ms if self.on_air_ms else 0.0


class AntennaRate(msgspec.Struct, frozen=True, kw_only=True):
    """An antenna's reads a minute on the air from `start` to `end` (Unix s), and what is usual.

    `usual` is None while fewer than `KNOWN_DAYS` of the days before are known (`days` are), or
    where it usually reads too little to tell. `low`: far less than usual, and the others are not.
    """

    antenna: int
    start: float
    end: float
    rate: float
    days: int
    usual: float | None
    low: bool = False


Hours = Mapping[int, Mapping[Antenna, HourCount]]  # by Unix hour


class Counts:
    """What antennas did since the last `take`, by hour. Late batches count in their own hour."""

    def __init__(self) -> None:
        self._hours: dict[int, dict[Antenna, HourCount]] = {}

    def batch(self, gateway: str, batch: Batch, place_ms: int | None) -> None:
        """Take in a batch; one without a place in time counts nowhere."""
        if place_ms is None:
            return
        hour = self._hours.setdefault(place_ms // (HOUR_S * 1000), {})
        for name, look in batch.looks.items():
            _of(hour, gateway, int(name)).on_air_ms += look.on_air_ms
        for read in batch.reads:
            _of(hour, gateway, read.antenna).reads += read.n

    def take(self) -> dict[int, dict[Antenna, HourCount]]:
        """Return what was counted, and begin anew."""
        taken, self._hours = self._hours, {}
        return taken

    def give_back(self, hours: Hours) -> None:
        """Count again what could not be written."""
        for hour, counts in hours.items():
            there = self._hours.setdefault(hour, {})
            for (gateway, antenna), count in counts.items():
                _of(there, gateway, antenna).add(count)


def window(now: float, zone: ZoneInfo) -> list[list[int]]:
    """Return the Unix hours to compare: the last whole ones, then those of each day before."""
    last = datetime.fromtimestamp(now // HOUR_S * HOUR_S - HOUR_S, zone)
    days = [last - timedelta(days=day) for day in range(DAYS + 1)]  # the same hour by the wall
    return [[int(day.timestamp()) // HOUR_S - back for back in range(WINDOW_HOURS)] for day in days]


def judged(hours: Hours, wanted: Sequence[Sequence[int]]) -> dict[Antenna, AntennaRate]:
    """Hold the first of the `wanted` windows against the others, for every antenna in it or known.

    An antenna that was on the air for less than ten minutes of it has no rate.
    """
    now, *before = [_summed(hours, each) for each in wanted]
    start, end = wanted[0][-1] * HOUR_S, (wanted[0][0] + 1) * HOUR_S
    found: dict[Antenna, AntennaRate] = {}
    for antenna, count in sorted(now.items()):
        if count.on_air_ms < ENOUGH_AIR_MS:
            continue
        days = [day[antenna] for day in before if _is_known(day.get(antenna))]
        usual = None
        if len(days) >= KNOWN_DAYS and median(day.reads for day in days) >= ENOUGH_READS:
            usual = median(day.rate for day in days)
        found[antenna] = AntennaRate(
            antenna=antenna[1],
            start=start,
            end=end,
            rate=count.rate,
            days=len(days),
            usual=usual,
        )
    return _with_low(found)


def _with_low(rates: dict[Antenna, AntennaRate]) -> dict[Antenna, AntennaRate]:
    shares = {a: one.rate / one.usual for a, one in rates.items() if one.usual}
    found = dict(rates)
    for antenna, share in shares.items():
        others = [other for a, other in shares.items() if a != antenna]
        if len(others) < OTHERS or (school := median(others)) < QUIET_SCHOOL:
            continue
        if share < LOW * min(school, 1.0):
            found[antenna] = msgspec.structs.replace(rates[antenna], low=True)
    return found


def _is_known(count: HourCount | None) -> bool:
    return count is not None and count.on_air_ms >= ENOUGH_AIR_MS


def _summed(hours: Hours, wanted: Iterable[int]) -> dict[Antenna, HourCount]:
    total: dict[Antenna, HourCount] = {}
    for hour in wanted:
        for antenna, count in hours.get(hour, {}).items():
            total.setdefault(antenna, HourCount()).add(count)
    return total


def _of(hour: dict[Antenna, HourCount], gateway: str, antenna: int) -> HourCount:
    count = hour.get((gateway, antenna))
    if count is None:
        count = hour[gateway, antenna] = HourCount()
    return count
