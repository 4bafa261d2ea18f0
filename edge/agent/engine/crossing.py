"""Weighs one pass at a doorway: which way it went, if it went through at all.

The main evidence is the time centroid of each side's reads, weighted by received power: on real
walks past two antennas it names the direction in 100 % of the cases where the path runs from one
to the other and in 84-86 % where both stand to one side; the order in which the antennas first
saw the tag does no better than chance (47-74 %). Each antenna is weighed against itself only, so
no level, gain or cable loss has to be known.
"""

from dataclasses import dataclass, replace
from math import copysign, log, log10, sqrt

import msgspec

from edge.agent.engine.hearing import UNKNOWN, Hearing, Shown
from edge.agent.engine.passes import Pass, Sums


# The order of a pass is the correlation, -1 .. 1, between a read's side and its time. Walks by two
# antennas 4.6 m apart show orders of about _Shape.through, spread by `spread`, whichever way they
# go; a tag that goes by on one side, or turns round, shows orders about 0.
@dataclass(frozen=True, slots=True)
class _Shape:
    through: float
    spread: float
    stay_spread: float
    reads_a_fact: float  # weighting by power lets the few strongest reads decide


_WITH_RSSI = _Shape(through=0.6, spread=0.28, stay_spread=0.18, reads_a_fact=2.0)
_WITHOUT = _Shape(through=0.3, spread=0.22, stay_spread=0.12, reads_a_fact=1.0)
# Reads come more evenly than by chance, so they leave less noise than their number would.
_EVEN_NOISE = 0.4
_BURST_MS2 = 250.0**2  # one read stands for a burst at least so wide
_MOST_LOG_ODDS = 8.0  # no pass alone is surer than 1 in 3,000
# With levels, who turns round shows any order: the body hides the tag on the way back.
_TURNS = 1.0
_TURN_SPREAD = 0.5
_STAYS = -2.5  # seen on both sides: so much less likely to stay than to go through
# Slow walks are seen by both sides for as long; each 10 s more speak for loitering.
_LINGERS_MS = 20_000
_LINGERING_MS = 10_000
_LOITERS = 4.0
_BRISK_MS = 12_000  # the moment of a shorter pass is near enough, and no later read should move it
# Who goes through is heard by the side before, then by the side behind; who turns round, or stands
# in the doorway, by one, the other and the first again. Of 4,200 passes through simulated doorways
# one in a hundred was ahead by less than 0.67 where its sides overlap little, of those that turned
# three in four. Where sides stand so close that they hear together it says nothing, nor without
# levels: simple loggers tell none.
_AHEAD = 0.8
_AHEAD_OVERLAPPING = 0.5
_AHEAD_FEW = 0.4  # one bin more or less of those that a side heard
_DOUBT = 25.0
_MOST_DOUBT = 9.0
_MINGLED = 0.6  # overlap: so much of a pass both sides heard together
_APART = 0.3  # ahead: so far it must usually run at a doorway, for a shortfall to be telling
_LOPSIDED = 2.4  # the most that one side being heard better says
_EVEN_DECADES = 0.6  # sides whose powers, or numbers of reads, differ by less are heard alike
_TELLING_DECADES = 0.6

# Seen on one side only, a tag passed by or its carrier's body hid it from the other side. Halls
# are passed along; who is seen at a door from within a room mostly goes through it. The more
# reads, the less likely that the other side's antenna had no share in them; in a hall, where
# passing by brings the most reads, the more so.
_PAST = -0.6
_A_READ_PAST = 0.08
_AT_A_ROOMS_DOOR = -0.2
_BETWEEN_ROOMS = 0.4  # no hall on either side, so nobody to walk past
_A_READ = 0.06
_MANY = 20
_SLOPE = 1.7
_SHORT_MS = 500

# What lies near a door is on the side that hears it louder, or, without levels, more often.
_LIES_LOUDER = 1.25  # for each power of ten
_LIES_OFTENER = 2.0

_STRAY = -6.0  # the tag was in neither room: a reader saw it through walls


class Option(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A tag was in `before` when the pass began and in `after` when it ended, log-likelihood."""

    before: str
    after: str
    score: float


class Evidence(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a pass says. `at_ms`: when it went through, if it did.

    `stray` is the log-likelihood that the tag was in neither room; `log_odds` those of going from
    the doorway's first room to its second against the way back.
    """

    at_ms: int
    options: tuple[Option, ...]
    stray: float
    log_odds: float
    shown: Shown | None = None


def weigh(p: Pass, known: Hearing = UNKNOWN) -> Evidence:
    """Say what a pass at a doorway or desk is evidence of; `known` of the doorway's sides."""
    if len(p.spot.rooms) == 1:
        room = p.spot.rooms[0]
        return Evidence(p.first, (Option(room, room, 0.0),), 2 * _STRAY, 0.0)
    first, second = (_side(p, room, known.exchanged) for room in p.spot.rooms)
    if p.still:
        return _lying(p, first, second, known)
    if first is None or second is None:
        return _one_side(p, first or second)
    return _both_sides(p, first, second, known)


class _Side(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The antennas of one side together: ms, reads, variance in ms2, peak power per antenna.

    `heard`: in which bins of time, as a pass keeps them.
    """

    room: str
    heard: int
    reads: int
    centroid: float
    variance: float
    peak: int
    peak_at: int
    first: int
    last: int


def _side(p: Pass, room: str, exchanged: bool) -> _Side | None:
    faced = p.spot.other_side(room) if exchanged else room
    antennas = [sums for _, sums in sorted(p.antennas.items()) if sums.side == faced]
    if not antennas:
        return None
    weights = [min(sums.n, 8) for sums in antennas]  # an antenna that sees well counts more
    means = [_mean(sums) for sums in antennas]
    total = sum(weights)
    centroid = sum([k * mean for k, mean in zip(weights, means, strict=True)]) / total
    spreads = [
        _variance(sums) + (mean - centroid) ** 2 for sums, mean in zip(antennas, means, strict=True)
    ]
    variance = sum([k * spread for k, spread in zip(weights, spreads, strict=True)]) / total
    best = max(antennas, key=lambda sums: (sums.peak, -sums.peak_at))
    return _Side(
        room,
        p.heard.get(faced, 0),
        sum(sums.n for sums in antennas),
        centroid,
        variance,
        best.peak,
        best.peak_at,
        min(sums.first for sums in antennas),
        max(sums.last for sums in antennas),
    )


def _mean(sums: Sums) -> float:
    # The quotient of whole numbers is taken apart so that a float keeps its milliseconds.
    whole, rest = divmod(sums.wt, sums.w)
    return whole + rest / sums.w


def _variance(sums: Sums) -> float:
    return max(0.0, (sums.wtt * sums.w - sums.wt * sums.wt) / (sums.w * sums.w))


def _both_sides(p: Pass, first: _Side, second: _Side, known: Hearing) -> Evidence:
    shape = _WITH_RSSI if p.has_rssi else _shape_without(known)
    order, noise = _order(first, second, shape)
    through = shape.spread**2 + noise
    stays = shape.stay_spread**2 + noise
    log_odds = _limit(2 * shape.through * order / through, _MOST_LOG_ODDS)
    there = -((order - shape.through) ** 2) / (2 * through) - log(through) / 2
    back = -((order + shape.through) ** 2) / (2 * through) - log(through) / 2
    best = max(there, back)
    ahead = _ahead(first, second) if log_odds > 0 else _ahead(second, first)
    if p.has_rssi:
        best -= _doubt(first, second, ahead, known)
    stay = _STAYS - order**2 / (2 * stays) - log(stays) / 2
    if p.has_rssi:
        stay = max(stay, _STAYS - _TURNS - order**2 / (2 * _TURN_SPREAD**2) - log(_TURN_SPREAD))
    together = min(first.last, second.last) - max(first.first, second.first)
    stay += min(max(0, together - _LINGERS_MS) / _LINGERING_MS, _LOITERS)
    decades = _decades(p, first, second)
    tilt = _tilt(decades - _bias_decades(p, known))
    a, b = first.room, second.room
    options = (
        Option(a, b, best if log_odds > 0 else best + log_odds),
        Option(b, a, best if log_odds < 0 else best - log_odds),
        Option(a, a, stay + 0.35 * abs(tilt) + tilt),
        Option(b, b, stay + 0.35 * abs(tilt) - tilt),
    )
    shown = None
    if p.last - p.first < _BRISK_MS:  # what lies near a door says nothing of its antennas
        level_db = -10 * decades if known.exchanged else 10 * decades
        shown = Shown(p.has_rssi, level_db, ahead, order * order - _EVEN_NOISE * noise)
    return Evidence(_moment(p, first, second), options, _STRAY, log_odds, shown)


def _shape_without(known: Hearing) -> _Shape:
    """The orders to expect without levels; where antennas stand side by side they tell nothing."""
    if known.order_2 is None:
        return _WITHOUT
    share = sqrt(min(1.0, max(0.0, known.order_2) / _WITHOUT.through**2))
    return replace(_WITHOUT, through=share * _WITHOUT.through, spread=share * _WITHOUT.spread)


def _order(first: _Side, second: _Side, shape: _Shape) -> tuple[float, float]:
    """The order of the sides, and the variance that the number of reads leaves it."""
    apart = second.centroid - first.centroid
    reads = first.reads + second.reads
    pooled = (first.reads * first.variance + second.reads * second.variance) / reads + _BURST_MS2
    wide = [(s.reads * s.variance + pooled) / (s.reads + 1) for s in (first, second)]
    spread = sum(wide) / 2 + apart * apart / 4
    facts = [max(1.0, s.reads / shape.reads_a_fact) for s in (first, second)]
    noise = (wide[0] / facts[0] + wide[1] / facts[1]) / (4 * spread)
    return apart / 2 / sqrt(spread), noise


def _doubt(one: _Side, other: _Side, ahead: float, known: Hearing) -> float:
    """How much speaks against having gone through, by how far one side ran ahead of the other."""
    whole = max(one.last, other.last) - min(one.first, other.first)
    together = min(one.last, other.last) - max(one.first, other.first)
    overlap = max(0, together) / (whole + 1)
    few = 1 / one.heard.bit_count() + 1 / other.heard.bit_count()
    wanted = _AHEAD - _AHEAD_OVERLAPPING * overlap - _AHEAD_FEW * few
    apart = _MINGLED - overlap if known.ahead is None else known.ahead - _APART
    doubt = min(max(0.0, wanted - ahead) * _DOUBT, _MOST_DOUBT)
    return doubt * min(max(0.0, apart) * 5, 1.0)


def _ahead(near: _Side, far: _Side) -> float:
    """How far the near side's hearing ran ahead of the far side's, -1.5 .. 1.

    Both as shares of what each heard in all, so that no level counts (Kolmogorov and Smirnov's
    statistic): the most that it was ever ahead, less one and a half times what it ever fell behind.
    """
    here, there = near.heard, far.heard
    every = here | there
    begin = (every & -every).bit_length() - 1
    a_bin_here, a_bin_there = 1 / here.bit_count(), 1 / there.bit_count()
    ahead = lead = trail = 0.0
    for k in range(begin, every.bit_length()):
        ahead += a_bin_here * (here >> k & 1) - a_bin_there * (there >> k & 1)
        lead = max(lead, ahead)
        trail = min(trail, ahead)
    return lead + 1.5 * trail


def _decades(p: Pass, first: _Side, second: _Side) -> float:
    """How much more the first side heard, in powers of ten."""
    return log10(first.peak / second.peak if p.has_rssi else first.reads / second.reads)


def _bias_decades(p: Pass, known: Hearing) -> float:
    """How much more it usually does."""
    if not p.has_rssi:
        return 0.0
    return (-known.level_db if known.exchanged else known.level_db) / 10


def _tilt(decades: float) -> float:
    """How much speaks for the first side: who only passes by, or turns round, is there.

    Who goes through comes about as near to one side's antenna as to the other's.
    """
    beyond = max(0.0, abs(decades) - _EVEN_DECADES) / _TELLING_DECADES
    return copysign(min(beyond, _LOPSIDED), decades)


def _one_side(p: Pass, side: _Side | None) -> Evidence:
    if side is None:  # the sides of the doorway were changed while the pass was on
        return Evidence(p.first, (), 0.0, 0.0)
    here = side.room
    there = p.spot.other_side(here)
    leaving, arriving = _slope(p, side)
    if p.spot.faced == 1:
        # Nobody looks at the other side: who is seen probably goes through.
        through, stayed, beyond = 0.0, -0.7, -2.0
    else:
        reads = min(side.reads, _MANY)
        if here in p.spot.passages:
            through = _PAST - _A_READ_PAST * reads
        else:
            through = (_AT_A_ROOMS_DOOR if p.spot.passages else _BETWEEN_ROOMS) - _A_READ * reads
        stayed, beyond = 0.0, 2 * through - 1.0
    options = (
        Option(here, here, stayed),
        Option(here, there, through + leaving),
        Option(there, here, through + arriving),
        Option(there, there, beyond),
    )
    return Evidence(round(side.centroid), options, _STRAY, 0.0)


def _slope(p: Pass, side: _Side) -> tuple[float, float]:
    """How far leaving, or arriving, explains when in the pass the power came.

    Who leaves by a door is heard better and better until it shields the tag; who passes by is
    heard best half-way.
    """
    half = (side.last - side.first) / 2
    if not p.has_rssi or half < _SHORT_MS / 2:
        return 0.0, 0.0
    skew = (side.centroid - side.first - half) / half
    return _limit(_SLOPE * skew, 1.0), _limit(-_SLOPE * skew, 1.0)


def _lying(p: Pass, first: _Side | None, second: _Side | None, known: Hearing) -> Evidence:
    """A tag that lies near a door is on the side that hears it better, and goes nowhere."""
    if first is None or second is None:
        here = first or second
        if here is None:
            return Evidence(p.first, (), 0.0, 0.0)
        tilt = 2.5 if here is first else -2.5
    else:
        decades = _decades(p, first, second) - _bias_decades(p, known)
        tilt = _limit(decades * (_LIES_LOUDER if p.has_rssi else _LIES_OFTENER), 2.5)
    a, b = p.spot.rooms
    options = (Option(a, a, min(tilt, 0.0)), Option(b, b, min(-tilt, 0.0)))
    return Evidence(p.first, options, _STRAY / 2, 0.0)


def _moment(p: Pass, first: _Side, second: _Side) -> int:
    """When it went through: half-way between the two sides' strongest moments.

    Of who lingers on one side the other side's moment tells it, since that one was brief; without
    RSSI there is no strongest moment, so the centroids serve.
    """
    if not p.has_rssi:
        return round((first.centroid + second.centroid) / 2)
    if p.last - p.first < _BRISK_MS:
        return (first.peak_at + second.peak_at) // 2
    a, b = first.variance + _BURST_MS2, second.variance + _BURST_MS2
    return round((first.peak_at * b + second.peak_at * a) / (a + b))


def _limit(value: float, most: float) -> float:
    return max(-most, min(most, value))
