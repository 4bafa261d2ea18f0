"""The full rule for one tag, answer by answer, in plain numbers.

Between answers its time is run up to the next one, with whatever falls due on the way.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.coalescer.answers import Answer, Heard
from simulator.coalescer.binning import SAMPLES
from simulator.coalescer.shapes import TICK_MS, CoalescerSettings, Ints
from simulator.coalescer.state import ABSENT, MOVING, SILENT, STILL, UNKNOWN, UNSET
from simulator.coalescer.waiting import Waiting

_UNKNOWN_INTERVAL = 0x3FFFFFFF  # what the firmware keeps for it; its level is the lowest of all

Silence = tuple[int, int, int, int, int]  # slot, antenna, last ms, tick told at, entered
Level = tuple[int, int, int]  # antenna, level, of how many RSSI it is the mean


class Rule:
    """The settings that tags are judged by; times in ticks but for those of looking."""

    def __init__(self, settings: CoalescerSettings) -> None:
        self.similar = settings.similar
        self.still_after = settings.ticks(settings.still_after_ms)
        self.off_for = settings.ticks(settings.off_for_ms)
        self.forget = settings.ticks(settings.forget_ms)
        self.silent_after_ms = settings.silent_after_ms
        self.silent_intervals = settings.silent_intervals
        self.silent_at_last_ms = settings.silent_at_last_ms


class Looked:
    """Running sums of looking before each tick, and at the end, by gateway and antennas."""

    def __init__(self, air: Ints) -> None:
        self._air = air
        self._known: dict[tuple[int, ...], list[int]] = {}

    def of(self, gateway: int, antennas: Sequence[bool]) -> list[int]:
        """Return the sums of some antennas of a gateway, where `air` is ms on air in each tick."""
        which = (gateway, *antennas)
        if which not in self._known:
            looked = self._air[:, gateway, np.array(antennas, np.bool_)].sum(axis=1)
            self._known[which] = [0, *np.cumsum(looked).tolist()]
        return self._known[which]


@dataclass(slots=True)
class Tag:
    """One tag at one gateway: the columns of `State` and what waits of it.

    The RSSI a mean is made of begin at `mean_from`, or at `restart` once there are RSSI behind it;
    `rssi_to` is how far they have been seen. `closed` is the last tick that is over, `looked` what
    the antennas have looked that have heard the tag, empty where that is to be asked for.
    """

    rule: Rule
    silences: list[Silence]
    waiting: Waiting
    looks: Looked
    gateway: int
    first_tick: int
    slot: int
    state: int
    since: int
    last_ms: int
    last_antenna: int
    quiet: int
    interval: int
    limit: int
    exists: list[bool]
    heard: list[bool]
    low: list[int]
    high: list[int]
    anchor: list[int]
    off_at: list[int]
    mean_from: list[int]
    restart: list[int]
    rssi_to: list[int]
    closed: int = 0
    looked: Sequence[int] = ()

    def __post_init__(self) -> None:
        """Begin before the stretch's first tick."""
        self.closed = self.first_tick - 1

    def answer(self, answer: Answer, read_base: int) -> None:
        """Take an answer; `read_base` numbers the stretch's first read among all."""
        tick, n, first, last_ms, last_antenna, heard = answer
        if self.closed < tick - 1:
            self.pass_time(tick - 1)
        was = self.state
        if was == ABSENT:
            self._begin_stay(read_base + first)
        self.last_ms, self.last_antenna = last_ms, last_antenna
        seen_to, rssi_to = self.waiting.seen_to, self.rssi_to
        for row, antenna, has_rssi, rssi_end, _ in heard:
            if not self.exists[antenna]:
                self.exists[antenna] = True
                self.looked = ()
            if has_rssi:
                self.heard[antenna] = True
            seen_to[antenna] = row + 1
            rssi_to[antenna] = rssi_end
        self._count_looking(tick)
        is_late = self._learn_interval(n, was == ABSENT)
        levels = self._levels(heard)
        if self._is_trial(was, is_late, tick, levels):
            if was == STILL:
                self.waiting.coarse_then_ring(tick)
            self._begin_trial(tick, levels)
        elif was == MOVING and tick - self.since >= self.rule.still_after:
            self._settle(levels)
        self._send()

    def pass_time(self, until: int) -> None:
        """Close the ticks up to `until`, in which nothing is heard of the tag."""
        while self.state != ABSENT and self.closed < until:
            due = self._next_due(until)
            if due > until:
                self._count_looking(until)
                return
            self._count_looking(due)
            self._fall_due()
        self.closed = until

    # Time between answers

    def _count_looking(self, until: int) -> None:
        """Close ticks up to `until`, with the looking in them."""
        self.quiet = self._quiet_at(until)
        self.closed = until

    def _quiet_at(self, until: int) -> int:
        looked = self.looked
        if not looked:
            looked = self.looked = self.looks.of(self.gateway, self.exists)
        first = self.first_tick
        quiet = self.quiet + looked[until + 1 - first] - looked[self.closed + 1 - first]
        most = self.rule.silent_at_last_ms
        return quiet if quiet < most else most

    def _next_due(self, end: int) -> int:
        """The next tick at whose end something happens without a read; maybe after `end`."""
        if self.state == MOVING:
            return min(self.last_ms // TICK_MS + self.rule.forget, self.waiting.next_fine())
        if self.state == SILENT:
            return self.since + self.rule.forget
        due = self.waiting.next_coarse()
        if self._quiet_at(end) >= self.limit:
            begin = self.closed + 1 - self.first_tick
            enough = self.looked[begin] + self.limit - self.quiet
            due = min(due, self.closed + bisect_left(self.looked, enough, begin) - begin)
        return due

    def _fall_due(self) -> None:
        """What follows from the time alone, at the tick just closed."""
        if self.state == STILL and self.quiet >= self.limit:
            self._fall_silent()
            return
        since = self.last_ms // TICK_MS if self.state == MOVING else self.since
        if self.state != STILL and self.closed - since >= self.rule.forget:
            self.waiting.everything(self.closed)
            self.state = ABSENT
            self.exists = [False] * len(self.exists)
            self.looked = ()
            return
        self._send()

    def _send(self) -> None:
        if self.state == MOVING:
            self.waiting.fine(self.closed)
        elif self.state == STILL:
            self.waiting.coarse(self.closed, max(self.off_at) >= 0)

    def _fall_silent(self) -> None:
        self.waiting.everything(self.closed)
        told = (self.slot, self.last_antenna, self.last_ms, self.closed, self.waiting.entered)
        self.silences.append(told)
        self.state = SILENT
        self.since = self.closed
        self.off_at = [-1] * len(self.off_at)
        self.restart = list(self.rssi_to)

    # What answers say

    def _begin_stay(self, entered: int) -> None:
        antennas = len(self.exists)
        self.waiting.entered = entered
        self.waiting.full_at = [0] * antennas
        self.quiet = 0
        self.interval = UNKNOWN
        self.limit = self.rule.silent_after_ms
        self.exists = [False] * antennas
        self.heard = [False] * antennas
        self.anchor = [UNSET] * antennas
        self.low = [UNSET] * antennas
        self.off_at = [-1] * antennas
        self.mean_from, self.restart = list(self.rssi_to), list(self.rssi_to)

    def _learn_interval(self, n: int, is_new: bool) -> bool:
        """Take the looking since the last answer into the mean; whether it was a silence."""
        rule, quiet = self.rule, self.quiet
        self.quiet = 0
        if is_new:
            return False
        is_late = quiet >= self.limit
        now = 16 * quiet // n
        before = self.interval
        self.interval = now if before == UNKNOWN else before + ((now - before) >> 4)
        limit = rule.silent_intervals * self.interval // 16
        if limit <= rule.silent_after_ms:
            self.limit = rule.silent_after_ms
        else:
            self.limit = min(limit, rule.silent_at_last_ms)
        return is_late

    def _levels(self, heard: Sequence[Heard]) -> list[Level]:
        """Mean of the last 5 RSSI, or the read rate where there is none; and of how many."""
        levels = []
        for _, antenna, _, end, means in heard:
            if end > self.restart[antenna]:
                self.mean_from[antenna] = self.restart[antenna]
            count = end - self.mean_from[antenna]
            if count >= SAMPLES:
                levels.append((antenna, means[-1], SAMPLES))
            elif count:
                levels.append((antenna, means[count - 1], count))
            else:
                levels.append((antenna, rate_level(self.interval), 0))
        return levels

    def _is_trial(self, was: int, is_late: bool, tick: int, levels: Sequence[Level]) -> bool:
        """Whether the tag moves, as far as this answer says, and has yet to prove to be still."""
        if was == STILL:
            return self._has_moved(tick, levels)
        if was == MOVING:
            return is_late or self._is_unsteady(levels)
        return was == ABSENT or not self._is_back(levels)

    def _is_back(self, levels: Sequence[Level]) -> bool:
        """Whether a silent tag answers from where it was still; then it is again."""
        known = False
        for antenna, level, count in levels:
            anchor = self.anchor[antenna]
            if anchor == UNSET:
                continue
            if count and abs(level - anchor) > self.rule.similar:
                return False
            known = True
        if known:
            self.state = STILL
            for antenna, anchor in enumerate(self.anchor):
                if anchor != UNSET and not self.heard[antenna]:
                    self.anchor[antenna] = rate_level(self.interval)
        return known

    def _has_moved(self, tick: int, levels: Sequence[Level]) -> bool:
        """Note which antennas find a still tag off; whether one has for long enough."""
        similar = self.rule.similar
        moved = False
        for antenna, level, count in levels:
            anchor = self.anchor[antenna]
            if -similar <= level - anchor <= similar:
                self.off_at[antenna] = -1
            elif anchor == UNSET:
                self.off_at[antenna] = -1
                if count in (0, SAMPLES):
                    self.anchor[antenna] = level
            elif self.off_at[antenna] < 0:
                self.off_at[antenna] = tick
            elif tick - self.off_at[antenna] >= self.rule.off_for:
                moved = True
        return moved

    def _is_unsteady(self, levels: Sequence[Level]) -> bool:
        """Widen the trial's range; whether it became too wide."""
        unsteady = False
        for antenna, level, _ in levels:
            low = self.low[antenna]
            if low == UNSET:
                self.low[antenna] = self.high[antenna] = level
                continue
            high = self.high[antenna]
            if level < low:
                low = self.low[antenna] = level
            elif level > high:
                high = self.high[antenna] = level
            if high - low > self.rule.similar:
                unsteady = True
        return unsteady

    def _begin_trial(self, tick: int, levels: Sequence[Level]) -> None:
        antennas = len(self.exists)
        self.state = MOVING
        self.since = tick
        self.low = [UNSET] * antennas
        self.anchor = [UNSET] * antennas
        self.off_at = [-1] * antennas
        for antenna, level, _ in levels:
            self.low[antenna] = self.high[antenna] = level

    def _settle(self, levels: Sequence[Level]) -> None:
        waiting = self.waiting
        waiting.merged_to = list(waiting.seen_to)  # what was held back, but not this tick's bins
        for antenna, _, _ in levels:
            waiting.merged_to[antenna] -= 1
        self.state = STILL
        self.anchor = [
            UNSET if low == UNSET else (low + high) // 2
            for low, high in zip(self.low, self.high, strict=True)
        ]
        self.off_at = [-1] * len(self.off_at)


def rate_level(interval: int) -> int:
    """Level of a mean interval in sixteenths of a ms (-1 unknown): -60 tenths a doubling."""
    value = (_UNKNOWN_INTERVAL if interval == UNKNOWN else interval) + 16
    exponent = value.bit_length() - 1
    return -(60 * exponent + ((60 * (value - (1 << exponent))) >> exponent))
