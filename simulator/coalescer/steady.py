"""The quick way: tags that lie still through a whole stretch, all ticks at once.

Most reads come from parked tags, and of those only the mean interval and the ends of their coarse
records need working out. A tag is steady when it was still before, every new bin lies within
reach of a known anchor, and no gap of looking is a silence. Whatever is not
plainly steady goes tick by tick (stepping.py); both give the same records.
"""

import numpy as np

from simulator.coalescer.binning import SAMPLES, Bins
from simulator.coalescer.cuts import Cuts
from simulator.coalescer.shapes import NO_RSSI, Bools, CoalescerSettings, Ints, RawReads
from simulator.coalescer.state import STILL, UNSET, State

_BLOCK = 2048  # tags worked out together: at 240 ticks 4 MB a matrix


def find_calm(bins: Bins, slots: State, settings: CoalescerSettings) -> Bools:
    """By slot: still so far, and nothing in its bins speaks of moving."""
    antennas = slots.exists.shape[1]
    rows = np.flatnonzero(bins.last >= 0)
    track = bins.track[rows]
    rssi_end = bins.rssi_end[rows]
    begin = bins.sums_begin[track]
    restart = begin + bins.remembered[track]
    begin = np.where(slots.stale.ravel()[track] & (rssi_end > restart), restart, begin)
    count = np.minimum(rssi_end - begin, SAMPLES)
    level = (bins.sums[rssi_end] - bins.sums[rssi_end - count]) // np.maximum(count, 1)
    anchor = slots.anchor.ravel()[track]
    near = (
        slots.heard.ravel()[track]
        & (anchor != UNSET)
        & (bins.rssi[rows] != NO_RSSI)
        & (np.abs(level - anchor) <= settings.similar)
    )
    calm = (slots.state == STILL) & (slots.off_at < 0).all(axis=1)
    calm[track[~near] // antennas] = False
    found: Bools = calm
    return found


def run_steady(
    bins: Bins,
    reads: RawReads,
    slots: State,
    calm: Bools,
    air: Ints,
    first_tick: int,
    sent_to: Ints,
    cuts: Cuts,
    settings: CoalescerSettings,
) -> Bools:
    """Run the calm tags through the stretch; returns by slot which of them really were steady.

    `air` is ms on air by tick, gateway and antenna; `sent_to` (by track: the first row not yet
    sent) and the slots of steady tags are brought to the end of the stretch.
    """
    antennas = slots.exists.shape[1]
    steady = np.zeros(len(calm), np.bool_)
    local = np.full(len(calm), -1)
    rows = np.flatnonzero((bins.last >= 0) & calm[bins.track // antennas])
    rows_slot = bins.track[rows] // antennas
    all_calm = np.flatnonzero(calm)
    for at in range(0, len(all_calm), _BLOCK):
        block = all_calm[at : at + _BLOCK]
        local[:] = -1
        local[block] = np.arange(len(block))
        mine = local[rows_slot] >= 0
        here = local[rows_slot[mine]]
        at_tick = bins.tick[rows[mine]] - first_tick
        quiet, interval, is_steady = _intervals(
            bins.n[rows[mine]], here, at_tick, slots.pick(block), air, settings
        )
        good = block[is_steady]
        steady[good] = True
        slots.quiet[good] = quiet[is_steady]
        slots.interval[good] = interval[is_steady]
        limit = np.maximum(settings.silent_after_ms, settings.silent_intervals * interval // 16)
        answered = np.bincount(here, minlength=len(block)) > 0
        learned = is_steady & answered
        slots.limit[block[learned]] = np.minimum(limit, settings.silent_at_last_ms)[learned]
        last = np.full(len(block), -1)
        np.maximum.at(last, here, bins.last[rows[mine]])
        slots.last_ms[block[learned]] = reads.at_ms[last[learned]]
        slots.last_antenna[block[learned]] = reads.antenna[last[learned]]
    _cut_coarse(bins, slots, steady, first_tick + len(air) - 1, sent_to, cuts, settings)
    return steady


def _intervals(
    n: Ints, here: Ints, at_tick: Ints, block: State, air: Ints, settings: CoalescerSettings
) -> tuple[Ints, Ints, Bools]:
    """Quiet and mean interval at the end of the stretch, and who was never silent; by tag."""
    ticks, tags = len(air), len(block.state)
    answers = np.bincount(at_tick * tags + here, weights=n, minlength=ticks * tags)
    answers = answers.astype(np.int64).reshape(ticks, tags)
    looked = np.zeros((ticks, tags), np.int64)
    for antenna in range(air.shape[2]):
        looked += air[:, block.gateway, antenna] * block.exists[:, antenna]
    np.cumsum(looked, axis=0, out=looked)
    answered = answers > 0
    # looking up to the last answer before each tick; what was quiet before counts from below 0
    since = np.where(answered, looked, -block.quiet)
    np.maximum.accumulate(since, axis=0, out=since)
    quiet = looked
    quiet[0] += block.quiet
    quiet[1:] -= since[:-1]
    now = 16 * quiet // np.maximum(answers, 1)
    interval = block.interval
    before = np.empty_like(now)
    for tick in range(ticks):
        before[tick] = interval
        interval = interval + ((now[tick] - interval) >> 4) * answered[tick]
    limit = np.maximum(settings.silent_after_ms, settings.silent_intervals * before // 16)
    is_steady: Bools = np.asarray(
        (answered | (quiet < np.minimum(limit, settings.silent_at_last_ms))).all(axis=0)
    )
    return np.where(answered[-1], 0, quiet[-1]), interval, is_steady


def _cut_coarse(
    bins: Bins,
    slots: State,
    steady: Bools,
    last_tick: int,
    sent_to: Ints,
    cuts: Cuts,
    settings: CoalescerSettings,
) -> None:
    """Cut the coarse records of steady tags that fall due in the stretch."""
    antennas = slots.exists.shape[1]
    wait = settings.ticks(settings.coarse_ms) - 1
    track = np.flatnonzero(np.repeat(steady, antennas) & (sent_to < bins.begin[1:]))
    span = last_tick + 1
    key = bins.track * span + bins.tick
    while len(track):
        begin = sent_to[track]
        due = bins.tick[begin] + wait
        is_due = due <= last_tick
        track, begin, due = track[is_due], begin[is_due], due[is_due]
        end = np.searchsorted(key, track * span + due, side="right")
        cuts.send(begin, end, due, slots.entered[track // antennas], 0, True)
        sent_to[track] = end
        track = track[end < bins.begin[track + 1]]
