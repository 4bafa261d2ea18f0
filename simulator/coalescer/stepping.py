"""The full rule, answer by answer, for the tags that are not plainly still: all of them at once.

Each tag has a clock of its own: the n-th answers of all tags are one step, and before it each
tag's time is run up to its answer, with whatever falls due on the way. Columns are those of these
tags only; what is sent is told as cuts of rows, the rows themselves stay.
"""

import numpy as np

from simulator.coalescer.answers import Answer, list_answers
from simulator.coalescer.binning import SAMPLES, Bins
from simulator.coalescer.cuts import Cuts
from simulator.coalescer.sending import Sending, Tracks
from simulator.coalescer.shapes import NO_RSSI, TICK_MS, Bools, CoalescerSettings, Ints, RawReads
from simulator.coalescer.state import ABSENT, MOVING, SILENT, STILL, UNKNOWN, UNSET, State

_FAR = 1 << 40  # a tick that never comes
_UNKNOWN_INTERVAL = 0x3FFFFFFF  # what the firmware keeps for it; its level is the lowest of all


class Stepper:
    """Runs some tags through a stretch of ticks; `state` and `tracks` are brought to its end."""

    def __init__(
        self,
        bins: Bins,
        reads: RawReads,
        slots: Ints,
        state: State,
        tracks: Tracks,
        cuts: Cuts,
        read_base: int,
        settings: CoalescerSettings,
    ) -> None:
        self._bins = bins
        self._reads = reads
        self._slots = slots
        self.state = state
        self.tracks = tracks
        self._cuts = cuts
        self._read_base = read_base
        self._settings = settings
        self._closed = np.zeros(len(slots), np.int64)  # the last tick that each tag has closed
        self._sending = Sending(bins, state, tracks, cuts, self._closed, settings)
        self._looked: list[Ints] = []
        self._first_tick = 0

    def run(self, air: Ints, first_tick: int) -> None:
        """Close each tick; `air` is ms on air by tick, gateway and antenna."""
        state = self.state
        antennas = air.shape[2]
        self._first_tick = first_tick
        self._closed[:] = first_tick - 1
        self._looked = [_running(air[:, :, antenna]) for antenna in range(antennas)]
        for answer in list_answers(self._bins, self._slots, antennas):
            self._pass_time(answer.tag, answer.tick - 1)
            self._enter(answer)
            self._count_looking(answer.tag, answer.tick)
            self._answered(answer)
            self._sending.fine(answer.tag[state.state[answer.tag] == MOVING])
            self._sending.coarse(answer.tag[state.state[answer.tag] == STILL])
        everyone = np.arange(len(self._slots))
        self._pass_time(everyone, np.full(len(everyone), first_tick + len(air) - 1))

    # Time between answers

    def _pass_time(self, tags: Ints, until: Ints) -> None:
        """Close the ticks up to `until` of tags that nothing reads in them."""
        here = (self.state.state[tags] != ABSENT) & (self._closed[tags] < until)
        tag, end = tags[here], until[here]
        while len(tag):
            due = self._next_due(tag, end)
            is_due = due <= end
            self._count_looking(tag, np.minimum(due, end))
            tag, end = tag[is_due], end[is_due]
            if len(tag):
                self._fall_due(tag)
                more = (self._closed[tag] < end) & (self.state.state[tag] != ABSENT)
                tag, end = tag[more], end[more]
        self._closed[tags] = until

    def _count_looking(self, tag: Ints, until: Ints) -> None:
        """Close ticks up to `until`, with the looking in them."""
        self.state.quiet[tag] = self._quiet_at(tag, until)
        self._closed[tag] = until

    def _quiet_at(self, tag: Ints, until: Ints) -> Ints:
        state = self.state
        gateway = state.gateway[tag]
        begin = self._closed[tag] + 1 - self._first_tick
        end = until + 1 - self._first_tick
        quiet = state.quiet[tag]
        for antenna, looked in enumerate(self._looked):
            gain = looked[end, gateway] - looked[begin, gateway]
            quiet += gain * state.exists[tag, antenna]
        capped: Ints = np.minimum(quiet, self._settings.silent_at_last_ms)
        return capped

    def _next_due(self, tag: Ints, end: Ints) -> Ints:
        """The next tick at whose end something happens to each tag without a read."""
        state, tracks, settings = self.state, self.tracks, self._settings
        kind = state.state[tag]
        due = np.where(
            kind == MOVING,
            state.last_ms[tag] // TICK_MS,
            np.where(kind == SILENT, state.since[tag], _FAR),
        ) + settings.ticks(settings.forget_ms)
        waiting = tracks.seen_to[tag] > tracks.sent_to[tag]
        if np.count_nonzero(waiting):
            at, antenna = waiting.nonzero()
            whose = tag[at]
            reserve = (settings.burst - 1) * settings.ticks(settings.token_ms)
            oldest = self._bins.tick[tracks.sent_to[whose, antenna]]
            ready = np.where(
                kind[at] == MOVING,
                state.full_at[whose, antenna] - reserve,
                oldest + settings.ticks(settings.coarse_ms) - 1,
            )
            np.minimum.at(due, at, ready)
        silent = (kind == STILL) & (self._quiet_at(tag, end) >= state.limit[tag])
        for i in np.flatnonzero(silent).tolist():
            due[i] = min(due[i], self._silent_at(int(tag[i])))
        return due

    def _silent_at(self, tag: int) -> int:
        """The tick at whose end this tag's silence reaches its limit."""
        state = self.state
        begin = int(self._closed[tag]) + 1 - self._first_tick
        quiet = np.zeros(len(self._looked[0]) - begin, np.int64)
        for antenna in np.flatnonzero(state.exists[tag]):
            quiet += self._looked[antenna][begin:, state.gateway[tag]]
        missing = int(state.limit[tag] - state.quiet[tag])
        steps = int(np.searchsorted(quiet, quiet[0] + missing))
        return int(self._closed[tag]) + steps

    def _fall_due(self, tag: Ints) -> None:
        """What follows from the time alone, at the tick just closed."""
        state, settings = self.state, self._settings
        kind = state.state[tag]
        tick = self._closed[tag]
        silent = (kind == STILL) & (state.quiet[tag] >= state.limit[tag])
        since = np.where(kind == MOVING, state.last_ms[tag] // TICK_MS, state.since[tag])
        forgotten = (kind != STILL) & (tick - since >= settings.ticks(settings.forget_ms))
        if np.count_nonzero(silent):
            self._fall_silent(tag[silent])
        if np.count_nonzero(forgotten):
            gone = tag[forgotten]
            self._sending.everything(gone)
            state.state[gone] = ABSENT
            state.exists[gone] = False
        self._sending.fine(tag[(kind == MOVING) & ~forgotten])
        self._sending.coarse(tag[(kind == STILL) & ~silent])

    def _fall_silent(self, tag: Ints) -> None:
        state, tracks = self.state, self.tracks
        self._sending.everything(tag)
        self._cuts.tell_silence(
            self._slots[tag],
            state.last_antenna[tag],
            state.last_ms[tag],
            self._closed[tag],
            state.entered[tag],
        )
        state.state[tag] = SILENT
        state.since[tag] = self._closed[tag]
        state.off_at[tag] = -1
        tracks.restart[tag] = tracks.rssi_to[tag]

    # What answers say

    def _enter(self, answer: Answer) -> None:
        """Begin the stay of tags that were not there, and the tracks of antennas that are new."""
        state, tracks = self.state, self.tracks
        tag, antenna = answer.row_tag, answer.row_antenna
        is_new = state.state[answer.tag] == ABSENT
        if np.count_nonzero(is_new):
            new = answer.tag[is_new]
            state.entered[new] = self._read_base + answer.first[is_new]
            state.quiet[new] = 0
            state.interval[new] = UNKNOWN
            state.limit[new] = self._settings.silent_after_ms
            state.exists[new] = False
            state.heard[new] = False
            state.anchor[new] = UNSET
            state.low[new] = UNSET
            state.off_at[new] = -1
            state.full_at[new] = 0
            tracks.mean_from[new] = tracks.restart[new] = tracks.rssi_to[new]
        answer.is_new = is_new
        state.exists[tag, antenna] = True
        state.heard[tag, antenna] |= self._bins.rssi[answer.row] != NO_RSSI
        tracks.seen_to[tag, antenna] = answer.row + 1
        tracks.rssi_to[tag, antenna] = self._bins.rssi_end[answer.row]
        state.last_ms[answer.tag] = self._reads.at_ms[answer.last]
        state.last_antenna[answer.tag] = self._reads.antenna[answer.last]

    def _answered(self, answer: Answer) -> None:
        state, settings = self.state, self._settings
        tag = answer.tag
        was = state.state[tag]
        is_late = self._learn_intervals(answer)
        level = self._levels(answer)
        is_trial = answer.is_new | ((was == MOVING) & is_late)
        for kind, decide in (
            (SILENT, self._come_back),
            (STILL, self._find_moved),
            (MOVING, self._find_unsteady),
        ):
            which = (was == kind) & ~is_trial
            if np.count_nonzero(which):
                is_trial |= decide(answer, which, level)
        moved = is_trial & (was == STILL)
        if np.count_nonzero(moved):
            self._sending.coarse_then_ring(tag[moved])
        if np.count_nonzero(is_trial):
            self._begin_trial(answer, is_trial, level)
        settled = (
            (was == MOVING)
            & ~is_trial
            & (answer.tick - state.since[tag] >= settings.ticks(settings.still_after_ms))
        )
        if np.count_nonzero(settled):
            self._settle(answer, settled)

    def _learn_intervals(self, answer: Answer) -> Bools:
        """Take the looking since the last answer into the means; who answered after a silence."""
        state, settings = self.state, self._settings
        tag = answer.tag
        quiet = state.quiet[tag]
        is_late: Bools = ~answer.is_new & (quiet >= state.limit[tag])
        now = 16 * quiet // answer.n
        before = state.interval[tag]
        interval = np.where(before == UNKNOWN, now, before + ((now - before) >> 4))
        interval[answer.is_new] = UNKNOWN
        limit = np.maximum(settings.silent_after_ms, settings.silent_intervals * interval // 16)
        state.interval[tag] = interval
        state.limit[tag] = np.minimum(limit, settings.silent_at_last_ms)
        state.quiet[tag] = 0
        return is_late

    def _levels(self, answer: Answer) -> Ints:
        """By row: mean of the last 5 RSSI, or the read rate where the antenna gives none."""
        state, tracks, sums = self.state, self.tracks, self._bins.sums
        tag, antenna = answer.row_tag, answer.row_antenna
        end = tracks.rssi_to[tag, antenna]
        restart = tracks.restart[tag, antenna]
        begin = np.where(end > restart, restart, tracks.mean_from[tag, antenna])
        tracks.mean_from[tag, antenna] = begin
        answer.count = np.minimum(end - begin, SAMPLES)
        level: Ints = (sums[end] - sums[end - answer.count]) // np.maximum(answer.count, 1)
        if np.count_nonzero(answer.count) < len(answer.count):
            rate = rate_level(state.interval[answer.tag])[answer.tag_of_row]
            level = np.where(answer.count == 0, rate, level)
        return level

    def _come_back(self, answer: Answer, which: Bools, level: Ints) -> Bools:
        """Silent tags that answer: back to still where they were; returns those that are not."""
        state = self.state
        anchor = state.anchor[answer.row_tag, answer.row_antenna]
        anchored = anchor != UNSET
        near = (answer.count == 0) | (np.abs(level - anchor) <= self._settings.similar)
        is_back: Bools = which & answer.any_row(anchored) & ~answer.any_row(anchored & ~near)
        back = answer.tag[is_back]
        state.state[back] = STILL
        rate = rate_level(state.interval[back])[:, None]
        renewed = ~state.heard[back] & (state.anchor[back] != UNSET)
        state.anchor[back] = np.where(renewed, rate, state.anchor[back])
        is_elsewhere: Bools = which & ~is_back
        return is_elsewhere

    def _find_moved(self, answer: Answer, which: Bools, level: Ints) -> Bools:
        """Still tags: note who is off; returns those off for long enough."""
        state, settings = self.state, self._settings
        rows = np.flatnonzero(which[answer.tag_of_row])
        tag, antenna = answer.row_tag[rows], answer.row_antenna[rows]
        anchor = state.anchor[tag, antenna]
        known = anchor != UNSET
        full = (answer.count[rows] == 0) | (answer.count[rows] == SAMPLES)
        state.anchor[tag, antenna] = np.where(known | ~full, anchor, level[rows])
        is_off = known & (np.abs(level[rows] - anchor) > settings.similar)
        off_at = state.off_at[tag, antenna]
        tick = answer.tick[answer.tag_of_row[rows]]
        off_at = np.where(is_off, np.where(off_at < 0, tick, off_at), -1)
        state.off_at[tag, antenna] = off_at
        is_long = np.zeros(len(level), np.bool_)
        is_long[rows] = is_off & (tick - off_at >= settings.ticks(settings.off_for_ms))
        return answer.any_row(is_long)

    def _find_unsteady(self, answer: Answer, which: Bools, level: Ints) -> Bools:
        """Moving tags: widen the trial's range; returns those whose range became too wide."""
        state = self.state
        rows = np.flatnonzero(which[answer.tag_of_row])
        tag, antenna = answer.row_tag[rows], answer.row_antenna[rows]
        now = level[rows]
        low, high = state.low[tag, antenna], state.high[tag, antenna]
        known = low != UNSET
        low = np.where(known, np.minimum(low, now), now)
        high = np.where(known, np.maximum(high, now), now)
        state.low[tag, antenna] = low
        state.high[tag, antenna] = high
        is_wide = np.zeros(len(level), np.bool_)
        is_wide[rows] = high - low > self._settings.similar
        return answer.any_row(is_wide)

    def _begin_trial(self, answer: Answer, which: Bools, level: Ints) -> None:
        state = self.state
        tag = answer.tag[which]
        state.state[tag] = MOVING
        state.since[tag] = answer.tick[which]
        state.low[tag] = UNSET
        state.anchor[tag] = UNSET
        state.off_at[tag] = -1
        rows = which[answer.tag_of_row]
        tag, antenna = answer.row_tag[rows], answer.row_antenna[rows]
        state.low[tag, antenna] = level[rows]
        state.high[tag, antenna] = level[rows]

    def _settle(self, answer: Answer, which: Bools) -> None:
        state, tracks = self.state, self.tracks
        tag = answer.tag[which]
        tracks.merged_to[tag] = tracks.seen_to[tag]  # what was held back, but not this tick's bins
        rows = which[answer.tag_of_row]
        tracks.merged_to[answer.row_tag[rows], answer.row_antenna[rows]] -= 1
        state.state[tag] = STILL
        low = state.low[tag]
        state.anchor[tag] = np.where(low == UNSET, UNSET, (low + state.high[tag]) // 2)
        state.off_at[tag] = -1


def _running(air: Ints) -> Ints:
    """Sums of looking before each tick, and at the end."""
    sums = np.zeros((len(air) + 1, air.shape[1]), np.int64)
    np.cumsum(air, axis=0, out=sums[1:])
    return sums


def rate_level(interval: Ints) -> Ints:
    """Level of a mean interval in sixteenths of a ms (-1 unknown): -60 tenths a doubling."""
    value = np.where(interval == UNKNOWN, _UNKNOWN_INTERVAL, interval) + 16
    exponent = np.frexp(value.astype(np.float64))[1].astype(np.int64) - 1
    level: Ints = -(60 * exponent + ((60 * (value - (1 << exponent))) >> exponent))
    return level
