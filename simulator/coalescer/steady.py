"""The quick way: tags that lie still through a whole stretch, all ticks at once.

Most reads come from parked tags, and of those only the mean interval and the ends of their coarse
records need working out. A tag is steady when it was still before, no antenna finds it off its
anchor for long enough to be moving, and no gap of looking is a silence. Whatever is not plainly
steady goes answer by answer (tag.py); both give the same records.
"""

from dataclasses import dataclass

import numpy as np

from simulator.coalescer.binning import SAMPLES, Bins
from simulator.coalescer.cuts import Cuts
from simulator.coalescer.shapes import NO_RSSI, Bools, CoalescerSettings, Ints, RawReads
from simulator.coalescer.state import STILL, UNSET, State

_BLOCK = 2048  # tags worked out together: at 240 ticks 4 MB a matrix


@dataclass(frozen=True)
class Calm:
    """The tags (by slot) that nothing in their bins speaks of moving.

    `off` of each row: whether the tag is found off its anchor there; `off_at` of each track: the
    tick since which it is at the end of the stretch, or -1.
    """

    tags: Bools
    off: Bools
    off_at: Ints


@dataclass(frozen=True)
class _Cut:
    """Runs of rows that fall due as coarse records."""

    track: Ints
    begin: Ints
    end: Ints
    due: Ints


def find_calm(bins: Bins, slots: State, settings: CoalescerSettings) -> Calm:
    """Judge all tags that were still before by the levels of their new bins."""
    antennas = slots.exists.shape[1]
    rows = np.flatnonzero(bins.last >= 0)
    track, tick, rssi_end = bins.track[rows], bins.tick[rows], bins.rssi_end[rows]
    begin = bins.sums_begin[track]
    restart = begin + bins.remembered[track]
    begin = np.where(slots.stale.ravel()[track] & (rssi_end > restart), restart, begin)
    count = np.minimum(rssi_end - begin, SAMPLES)
    level = (bins.sums[rssi_end] - bins.sums[rssi_end - count]) // np.maximum(count, 1)
    anchor = slots.anchor.ravel()[track]
    known = slots.heard.ravel()[track] & (anchor != UNSET) & (bins.rssi[rows] != NO_RSSI)
    is_off = known & (np.abs(level - anchor) > settings.similar)
    since = _off_since(is_off, track, tick, slots.off_at.ravel())
    is_long = is_off & (tick - since >= settings.ticks(settings.off_for_ms))
    calm = slots.state == STILL
    calm[track[~known | is_long] // antennas] = False
    off = np.zeros(len(bins.track), np.bool_)
    off[rows] = is_off
    off_at = slots.off_at.ravel().copy()
    is_last = np.append(track[1:] != track[:-1], True)[: len(track)]
    off_at[track[is_last]] = since[is_last]
    return Calm(calm, off, off_at)


def run_steady(
    bins: Bins,
    reads: RawReads,
    slots: State,
    calm: Calm,
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
    last_tick = first_tick + len(air) - 1
    cut = _coarse_cuts(bins, calm.tags, antennas, last_tick, sent_to, settings)
    is_calm = calm.tags.copy()
    # what is cut while the tag is off its anchor keeps the last 2 s back: by the full rule
    is_calm[cut.track[_is_off(bins, slots, calm, cut, last_tick)] // antennas] = False
    steady = _run_calm(bins, reads, slots, is_calm, air, first_tick, settings)
    is_sent = steady[cut.track // antennas]
    track, end = cut.track[is_sent], cut.end[is_sent]
    entered = slots.entered[track // antennas]
    cuts.send_coarse(cut.begin[is_sent], end, cut.due[is_sent], entered)
    np.maximum.at(sent_to, track, end)
    slots.off_at[steady] = calm.off_at.reshape(slots.off_at.shape)[steady]
    return steady


def _off_since(is_off: Bools, track: Ints, tick: Ints, before: Ints) -> Ints:
    """By row: the tick since which its track has been off, or -1; `before`, by track, likewise."""
    is_first = np.append(True, track[1:] != track[:-1])[: len(track)]
    goes_on = np.append(False, is_off[:-1])[: len(track)] & ~is_first
    since = np.where(is_first & (before[track] >= 0), before[track], tick)
    begun = np.maximum.accumulate(np.where(goes_on, 0, np.arange(len(track))))
    found: Ints = np.where(is_off, since[begun], -1)
    return found


def _coarse_cuts(
    bins: Bins,
    calm: Bools,
    antennas: int,
    last_tick: int,
    sent_to: Ints,
    settings: CoalescerSettings,
) -> _Cut:
    """The coarse records of calm tags that fall due in the stretch."""
    wait = settings.ticks(settings.coarse_ms) - 1
    begin = sent_to
    track = np.flatnonzero(np.repeat(calm, antennas) & (begin < bins.begin[1:]))
    begin = begin[track]
    span = last_tick + 1
    key = bins.track * span + bins.tick
    parts = [np.zeros((4, 0), np.int64)]
    while len(track):
        due = bins.tick[begin] + wait
        is_due = due <= last_tick
        track, begin, due = track[is_due], begin[is_due], due[is_due]
        end = np.searchsorted(key, track * span + due, side="right")
        parts.append(np.stack([track, begin, end, due]))
        more = end < bins.begin[track + 1]
        track, begin = track[more], end[more]
    return _Cut(*np.concatenate(parts, axis=1))


def _is_off(bins: Bins, slots: State, calm: Calm, cut: _Cut, last_tick: int) -> Bools:
    """By cut: whether any antenna finds the tag off its anchor as the record falls due."""
    antennas = slots.exists.shape[1]
    span = last_tick + 1
    key = bins.track * span + bins.tick
    before = slots.off_at.ravel() >= 0
    is_off = np.zeros(len(cut.track), np.bool_)
    for antenna in range(antennas):
        track = cut.track // antennas * antennas + antenna
        last = np.searchsorted(key, track * span + cut.due, side="right") - 1
        is_new = last >= bins.begin[track] + bins.held[track]
        is_off |= np.where(is_new, calm.off[last], before[track])
    return is_off


def _run_calm(
    bins: Bins,
    reads: RawReads,
    slots: State,
    calm: Bools,
    air: Ints,
    first_tick: int,
    settings: CoalescerSettings,
) -> Bools:
    """Bring the slots of calm tags that were never silent to the end; returns which they are."""
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
