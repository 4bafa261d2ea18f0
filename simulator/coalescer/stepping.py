"""The full rule, tick by tick, for the tags that are not plainly still: all of them at once.

One `Stepper` takes a stretch of ticks. Its columns are those of its tags only; rows, tags and
tracks are places in them. What is sent is told as cuts of rows, the rows themselves stay.
"""

from dataclasses import dataclass

import numpy as np

from simulator.coalescer.answers import Answer, sort_answers
from simulator.coalescer.binning import SAMPLES, Bins
from simulator.coalescer.cuts import Cuts
from simulator.coalescer.shapes import NO_RSSI, TICK_MS, Bools, CoalescerSettings, Ints, RawReads
from simulator.coalescer.state import ABSENT, MOVING, SILENT, STILL, UNKNOWN, UNSET, State


@dataclass
class Tracks:
    """By tag and antenna: rows not yet sent are `sent_to:seen_to`, those before `merged_to` are
    one part and no bins any more; the RSSI a mean is made of begin at `mean_from`, or at
    `restart` once there are RSSI behind it; `rssi_to` is how far the RSSI have been seen."""

    sent_to: Ints
    seen_to: Ints
    merged_to: Ints
    mean_from: Ints
    restart: Ints
    rssi_to: Ints


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
        self._answers = sort_answers(bins, slots, state.exists.shape)

    def run(self, air: Ints, first_tick: int) -> None:
        """Close each tick; `air` is ms on air by tick, gateway and antenna."""
        answers = self._answers
        ticks = np.arange(first_tick, first_tick + len(air) + 1)
        rows = np.searchsorted(answers.row_tick, ticks)
        tags = np.searchsorted(answers.tag_tick, ticks)
        looking = air.any(axis=(1, 2)).tolist()
        looked = [air[:, self.state.gateway, antenna] for antenna in range(air.shape[2])]
        for i in range(len(air)):
            tick = first_tick + i
            if tags[i] < tags[i + 1]:
                answer = answers.at(rows[i], rows[i + 1], tags[i], tags[i + 1])
                self._enter(answer)
                if looking[i]:
                    self._count_looking(looked, i)
                self._answered(answer, tick)
            elif looking[i]:
                self._count_looking(looked, i)
            self._fall_due(tick)

    def _count_looking(self, looked: list[Ints], i: int) -> None:
        state = self.state
        for antenna, on_air in enumerate(looked):
            state.quiet += on_air[i] * state.exists[:, antenna]
        np.minimum(state.quiet, self._settings.silent_at_last_ms, out=state.quiet)

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

    def _answered(self, answer: Answer, tick: int) -> None:
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
                is_trial |= decide(answer, which, level, tick)
        moved = is_trial & (was == STILL)
        if np.count_nonzero(moved):
            self._send_coarse_then_ring(tag[moved], tick)
        if np.count_nonzero(is_trial):
            self._begin_trial(answer, is_trial, level, tick)
        settled = (
            (was == MOVING)
            & ~is_trial
            & (tick - state.since[tag] >= settings.ticks(settings.still_after_ms))
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

    def _come_back(self, answer: Answer, which: Bools, level: Ints, tick: int) -> Bools:
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

    def _find_moved(self, answer: Answer, which: Bools, level: Ints, tick: int) -> Bools:
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
        off_at = np.where(is_off, np.where(off_at < 0, tick, off_at), -1)
        state.off_at[tag, antenna] = off_at
        is_long = np.zeros(len(level), np.bool_)
        is_long[rows] = is_off & (tick - off_at >= settings.ticks(settings.off_for_ms))
        return answer.any_row(is_long)

    def _find_unsteady(self, answer: Answer, which: Bools, level: Ints, tick: int) -> Bools:
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

    def _begin_trial(self, answer: Answer, which: Bools, level: Ints, tick: int) -> None:
        state = self.state
        tag = answer.tag[which]
        state.state[tag] = MOVING
        state.since[tag] = tick
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

    # What goes out

    def _fall_due(self, tick: int) -> None:
        """Everything that follows from the time, and the sending of what was just read."""
        state, tracks, settings = self.state, self.tracks, self._settings
        kind = state.state
        waiting = tracks.seen_to > tracks.sent_to
        unread = state.last_ms < tick * TICK_MS
        silent = unread & (kind == STILL) & (state.quiet >= state.limit)
        if np.count_nonzero(silent):
            self._fall_silent(np.flatnonzero(silent), tick)
            waiting = tracks.seen_to > tracks.sent_to
        forget = settings.ticks(settings.forget_ms)
        forgotten = ((kind == MOVING) & (tick - state.last_ms // TICK_MS >= forget)) | (
            (kind == SILENT) & (tick - state.since >= forget) & unread
        )
        if np.count_nonzero(forgotten):
            gone = np.flatnonzero(forgotten)
            tag, antenna = np.nonzero(waiting & forgotten[:, None])
            self._send(tag, antenna, None, tick, 0, True)
            kind[gone] = ABSENT
            state.exists[gone] = False
        self._send_fine(waiting & (kind == MOVING)[:, None], tick)
        self._send_coarse(waiting & (kind == STILL)[:, None], tick)

    def _send_fine(self, waiting: Bools, tick: int) -> None:
        if np.count_nonzero(waiting):
            tag, antenna = waiting.nonzero()
            self._send_with_tokens(tag, antenna, self.tracks.seen_to[tag, antenna], tick, 0)

    def _send_with_tokens(self, tag: Ints, antenna: Ints, end: Ints, tick: int, place: int) -> None:
        settings, state = self._settings, self.state
        token = settings.ticks(settings.token_ms)
        full_at = state.full_at[tag, antenna]
        ready = full_at - tick <= (settings.burst - 1) * token
        tag, antenna, end = tag[ready], antenna[ready], end[ready]
        state.full_at[tag, antenna] = np.maximum(full_at[ready], tick) + token
        self._send(tag, antenna, end, tick, place, False)

    def _send_coarse(self, waiting: Bools, tick: int) -> None:
        if not np.count_nonzero(waiting):
            return
        tag, antenna = waiting.nonzero()
        settings, tracks, tick_of = self._settings, self.tracks, self._bins.tick
        wait = settings.ticks(settings.coarse_ms) - 1
        is_due = tick - tick_of[tracks.sent_to[tag, antenna]] >= wait
        if not np.count_nonzero(is_due):
            return
        tag, antenna = tag[is_due], antenna[is_due]
        end = tracks.seen_to[tag, antenna]
        off = (self.state.off_at[tag] >= 0).any(axis=1)
        end[off] = self._ring_begin(tag[off], antenna[off], tick)
        self._send(tag, antenna, end, tick, 0, True)

    def _send_coarse_then_ring(self, tags: Ints, tick: int) -> None:
        tracks = self.tracks
        at, antenna = np.nonzero(tracks.seen_to[tags] > tracks.sent_to[tags])
        tag = tags[at]
        end = self._ring_begin(tag, antenna, tick)
        old = end > tracks.sent_to[tag, antenna]
        self._send(tag[old], antenna[old], end[old], tick, 0, True)
        for place in range(1, self._settings.ticks(self._settings.ring_ms) + 1):
            more = end < tracks.seen_to[tag, antenna]
            tag, antenna, end = tag[more], antenna[more], end[more] + 1
            self._send_with_tokens(tag, antenna, end, tick, place)

    def _ring_begin(self, tag: Ints, antenna: Ints, tick: int) -> Ints:
        """The first row not yet sent that lies in the last 2 s."""
        ring = self._settings.ticks(self._settings.ring_ms)
        sent_to = self.tracks.sent_to[tag, antenna]
        seen_to = self.tracks.seen_to[tag, antenna]
        row = seen_to
        for _ in range(ring):
            row = row - ((row > sent_to) & (self._bins.tick[row - 1] > tick - ring))
        return np.maximum(row, np.minimum(self.tracks.merged_to[tag, antenna], seen_to))

    def _fall_silent(self, tag: Ints, tick: int) -> None:
        state, tracks = self.state, self.tracks
        at, antenna = np.nonzero(tracks.seen_to[tag] > tracks.sent_to[tag])
        self._send(tag[at], antenna, None, tick, 0, True)
        self._cuts.tell_silence(
            self._slots[tag], state.last_antenna[tag], state.last_ms[tag], tick, state.entered[tag]
        )
        state.state[tag] = SILENT
        state.since[tag] = tick
        state.off_at[tag] = -1
        tracks.restart[tag] = tracks.rssi_to[tag]

    def _send(
        self, tag: Ints, antenna: Ints, end: Ints | None, tick: int, place: int, coarse: bool
    ) -> None:
        """Send what waits of these tracks up to `end`, all of it where that is None."""
        if not len(tag):
            return
        if end is None:
            end = self.tracks.seen_to[tag, antenna]
        begin = self.tracks.sent_to[tag, antenna]
        self._cuts.send(begin, end, tick, self.state.entered[tag], place, coarse)
        self.tracks.sent_to[tag, antenna] = end


def rate_level(interval: Ints) -> Ints:
    """Level of a mean interval in sixteenths of a ms (-1 unknown): -60 tenths a doubling."""
    value = np.where(interval == UNKNOWN, _UNKNOWN_INTERVAL, interval) + 16
    exponent = np.frexp(value.astype(np.float64))[1].astype(np.int64) - 1
    level: Ints = -(60 * exponent + ((60 * (value - (1 << exponent))) >> exponent))
    return level


_UNKNOWN_INTERVAL = 0x3FFFFFFF  # what the firmware keeps for it; its level is the lowest of all
