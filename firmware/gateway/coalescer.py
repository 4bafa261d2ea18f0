"""Merges the reads of a tag into few records that still tell how it moved (docs/coalescing.md).

A moving tag gives one fine record for each antenna and 250 ms, a still one a coarse record for
each antenna and 30 s, one that stops answering a record with `n` = 0. Everything is decided at
the ends of ticks of 250 ms of uptime, in integers, so that any two implementations agree.
"""

from gateway.bins import NO_RSSI, Bins
from gateway.coalescer_settings import TICK_MS, CoalescerSettings
from gateway.columns import column
from gateway.levels import Levels, rate_level
from gateway.tag_table import NONE, TagTable

_ENTERED = 0  # first heard in the tick that is open
_MOVING = 1
_STILL = 2
_SILENT = 3

_NEVER = 0x3FFFFFFF  # the largest small int of a 32-bit MicroPython: 8.5 years of ticks
_UNKNOWN = 0x3FFFFFFF  # a mean interval before the second answer
_WEIGHT = 16  # of the moving average of intervals: a new one counts a sixteenth


class Coalescer:
    """Give it each read with `add`, the looks of a tick with `looked`, then `tick`.

    Records leave through `emit(epc, antenna, rssi_tenths, first_ms, n, span_ms, peak_ms, coarse)`:
    by tick, within it by the order in which tags entered the table, within a tag by ascending
    antenna. `rssi_tenths` is None where no read had an RSSI. `evicted` counts the tags that had
    to go because the table was full. A read of a known tag on a known antenna allocates nothing.
    """

    def __init__(self, emit, settings=None):
        if settings is None:
            settings = CoalescerSettings()
        self.evicted = 0
        self._emit = emit
        self._settings = settings
        self._tick = 0  # the open one; all before it are closed
        self._air = {}  # antenna: ms on air in the open tick
        self._any_air = False
        tags = settings.tags
        self._table = TagTable(tags, settings.tracks)
        self._bins = Bins(settings.tracks, settings.ring)
        self._levels = Levels(settings.tracks, settings.similar)
        self._full_at = column("I", settings.tracks)  # tick at which the token bucket is full
        self._state = column("B", tags)
        self._since = column("I", tags)  # tick at whose end the trial, or the silence, began
        self._due = column("I", tags)  # tick at whose end something falls due without a read
        self._last_tick = column("I", tags)
        self._last_offset = column("B", tags)
        self._last_antenna = column("B", tags)
        self._quiet = column("I", tags)  # ms of looking since the last answer
        self._interval = column("I", tags)  # mean of looking between answers, sixteenths of a ms
        self._limit = column("I", tags)  # ms of looking without an answer that mean silence

    def add(self, buf, start, length, antenna, rssi_tenths, at_ms):
        """Take one read. A stamp before the open tick counts as that tick's beginning."""
        tick = at_ms // TICK_MS
        offset = at_ms - tick * TICK_MS
        if tick > self._tick:
            self._close_until(tick)
        elif tick < self._tick:
            tick = self._tick
            offset = 0
        table = self._table
        slot = table.find(buf, start, length)
        if slot == NONE:
            slot = self._enter(buf, start, length)
        track = table.track(slot, antenna)
        if track == NONE:
            track = self._open_track(slot, antenna)
        if rssi_tenths is None:
            rssi_tenths = NO_RSSI
        self._bins.add(track, tick, offset, rssi_tenths)
        self._levels.add(track, rssi_tenths)
        self._last_tick[slot] = tick
        self._last_offset[slot] = offset
        self._last_antenna[slot] = antenna

    def looked(self, antenna, rounds, on_air_ms):
        """Count looking into the open tick. Rounds say nothing of time, so the rule needs none."""
        if on_air_ms > 0:
            self._air[antenna] = self._air.get(antenna, 0) + on_air_ms
            self._any_air = True

    def tick(self, now_ms):
        """Close every tick that ends at or before `now_ms`."""
        self._close_until(now_ms // TICK_MS)

    def flush(self):
        """Send everything held, as coarse records, and forget every tag."""
        while self._table.count:
            slot = self._table.order[0]
            self._drain(slot, self._tick)
            self._table.leave(slot)

    # A tag enters, or makes room

    def _enter(self, buf, start, length):
        if self._table.is_full():
            self._evict_longest_unheard(NONE)
        slot = self._table.enter(buf, start, length)
        self._state[slot] = _ENTERED
        self._due[slot] = _NEVER
        self._last_tick[slot] = self._tick
        self._last_offset[slot] = 0
        self._quiet[slot] = 0
        self._interval[slot] = _UNKNOWN
        self._limit[slot] = self._settings.silent_after_ms
        return slot

    def _open_track(self, slot, antenna):
        if not self._table.has_free_track():
            self._evict_longest_unheard(slot)
        track = self._table.open_track(slot, antenna)
        self._bins.clear(track, self._tick)
        self._levels.clear(track)
        self._full_at[track] = 0
        return track

    def _evict_longest_unheard(self, besides):
        table = self._table
        longest = NONE
        for k in range(table.count):
            slot = table.order[k]
            if slot == besides:
                continue
            if longest == NONE or self._heard_before(slot, longest):
                longest = slot
        self.evicted += 1
        self._drain(longest, self._tick)
        table.leave(longest)

    def _heard_before(self, slot, other):
        if self._last_tick[slot] != self._last_tick[other]:
            return self._last_tick[slot] < self._last_tick[other]
        return self._last_offset[slot] < self._last_offset[other]

    # The end of a tick

    def _close_until(self, tick):
        while self._tick < tick:
            if self._table.count:
                try:
                    self._close()
                finally:  # a tick that failed half way, for want of memory, must not come again
                    self._tick += 1
            else:
                self._tick = tick
            if self._any_air:
                for antenna in self._air:
                    self._air[antenna] = 0
                self._any_air = False

    def _close(self):
        tick = self._tick
        table = self._table
        k = 0
        while k < table.count:
            slot = table.order[k]
            if self._any_air:
                self._count_looking(slot)
            if self._last_tick[slot] == tick:
                self._answered(slot, tick)
                self._plan(slot)
            elif self._state[slot] == _STILL and self._quiet[slot] >= self._limit[slot]:
                self._fall_silent(slot, tick)
                self._plan(slot)
            elif self._due[slot] <= tick:
                if self._is_forgotten(slot, tick):
                    self._drain(slot, tick)
                    table.leave(slot)
                    continue  # the next tag now stands at k
                if self._state[slot] == _MOVING:
                    self._send_fine(slot, tick)
                else:
                    self._send_coarse(slot, tick)
                self._plan(slot)
            k += 1

    def _count_looking(self, slot):
        quiet = self._quiet[slot]
        track = self._table.first_track[slot]
        while track != NONE:
            quiet += self._air.get(self._table.antenna[track], 0)
            track = self._table.next_track[track]
        self._quiet[slot] = min(quiet, self._settings.silent_at_last_ms)

    def _is_forgotten(self, slot, tick):
        if self._state[slot] == _SILENT:
            return tick - self._since[slot] >= self._settings.forget
        return self._state[slot] == _MOVING and (
            tick - self._last_tick[slot] >= self._settings.forget
        )

    def _plan(self, slot):
        """Note the tick at whose end this tag must be seen to even if nothing reads it."""
        settings = self._settings
        state = self._state[slot]
        if state == _SILENT:
            self._due[slot] = self._since[slot] + settings.forget
            return
        due = self._last_tick[slot] + settings.forget if state == _MOVING else _NEVER
        track = self._table.first_track[slot]
        while track != NONE:
            if state == _STILL:
                oldest = self._bins.oldest(track)
                if oldest >= 0:
                    due = min(due, oldest + settings.coarse - 1)
            elif self._bins.part_n[track]:
                due = min(due, self._full_at[track] - (settings.burst - 1) * settings.token)
            track = self._table.next_track[track]
        self._due[slot] = due

    # What an answer says

    def _answered(self, slot, tick):
        state = self._state[slot]
        was_late = state != _ENTERED and self._learn_interval(slot, tick)
        self._quiet[slot] = 0
        rate = rate_level(self._interval[slot])
        if state == _SILENT:
            if self._is_back(slot, tick, rate):
                self._lie_still_again(slot, rate)
            else:
                self._begin_trial(slot, tick, rate)
        elif state == _STILL:
            if self._has_moved(slot, tick, rate):
                self._begin_trial(slot, tick, rate)
                self._send_coarse_then_ring(slot, tick)
        elif state == _ENTERED or was_late or not self._stays_level(slot, tick, rate):
            self._begin_trial(slot, tick, rate)
        elif tick - self._since[slot] >= self._settings.still_after:
            self._settle(slot)
        if self._state[slot] == _MOVING:
            self._send_fine(slot, tick)
        else:
            self._send_coarse(slot, tick)

    def _learn_interval(self, slot, tick):
        """Take the looking since the last answer into the mean; True where it was a silence."""
        n = 0
        track = self._table.first_track[slot]
        while track != NONE:
            n += self._bins.count(track, tick)
            track = self._table.next_track[track]
        quiet = self._quiet[slot]
        was_late = quiet >= self._limit[slot]
        interval = self._interval[slot]
        now = _WEIGHT * quiet // n
        interval = now if interval == _UNKNOWN else interval + (now - interval) // _WEIGHT
        self._interval[slot] = interval
        settings = self._settings
        limit = max(settings.silent_after_ms, settings.silent_intervals * interval // _WEIGHT)
        self._limit[slot] = min(limit, settings.silent_at_last_ms)
        return was_late

    def _begin_trial(self, slot, tick, rate):
        self._state[slot] = _MOVING
        self._since[slot] = tick
        track = self._table.first_track[slot]
        while track != NONE:
            self._levels.begin_trial(track)
            if self._bins.count(track, tick):
                self._levels.widen(track, rate)
            track = self._table.next_track[track]

    def _stays_level(self, slot, tick, rate):
        stays = True
        track = self._table.first_track[slot]
        while track != NONE:
            if self._bins.count(track, tick) and not self._levels.widen(track, rate):
                stays = False
            track = self._table.next_track[track]
        return stays

    def _settle(self, slot):
        self._state[slot] = _STILL
        track = self._table.first_track[slot]
        while track != NONE:
            self._levels.settle(track)
            track = self._table.next_track[track]

    def _has_moved(self, slot, tick, rate):
        moved = False
        track = self._table.first_track[slot]
        while track != NONE:
            heard = self._bins.count(track, tick)
            if heard and self._levels.off_for(track, rate, tick) >= self._settings.off_for:
                moved = True
            track = self._table.next_track[track]
        return moved

    def _is_back(self, slot, tick, rate):
        """Whether every antenna that knew the tag and hears it now finds it where it was."""
        is_back = False
        track = self._table.first_track[slot]
        while track != NONE:
            if self._bins.count(track, tick) and self._levels.is_anchored(track):
                if not self._levels.is_back(track, rate):
                    return False
                is_back = True
            track = self._table.next_track[track]
        return is_back

    def _lie_still_again(self, slot, rate):
        self._state[slot] = _STILL
        track = self._table.first_track[slot]
        while track != NONE:
            self._levels.come_back(track, rate)
            track = self._table.next_track[track]

    # What goes out

    def _send_fine(self, slot, tick):
        """Each antenna's bin of this tick, with what was held back, where there is a token."""
        track = self._table.first_track[slot]
        while track != NONE:
            self._bins.take(track, tick)
            self._send_with_token(slot, track, tick)
            track = self._table.next_track[track]

    def _send_with_token(self, slot, track, tick):
        settings = self._settings
        full_at = self._full_at[track]
        if self._bins.part_n[track] and full_at - tick <= (settings.burst - 1) * settings.token:
            self._full_at[track] = max(full_at, tick) + settings.token
            self._send(slot, track, False)

    def _send_coarse(self, slot, tick):
        """Each antenna's coarse record whose first read the next tick's end would find too old.

        The bins of the ring go with it unless the tag may be about to move: else each record
        would cover 28 s only, and an hour of 30 parked tags break its budget.
        """
        keep = self._settings.ring if self._is_off(slot) else 0
        track = self._table.first_track[slot]
        while track != NONE:
            oldest = self._bins.oldest(track)
            if oldest >= 0 and tick - oldest >= self._settings.coarse - 1:
                self._bins.take_until(track, tick - keep)
                self._send(slot, track, True)
            track = self._table.next_track[track]

    def _is_off(self, slot):
        track = self._table.first_track[slot]
        while track != NONE:
            if self._levels.is_off(track):
                return True
            track = self._table.next_track[track]
        return False

    def _send_coarse_then_ring(self, slot, tick):
        ring = self._settings.ring
        track = self._table.first_track[slot]
        while track != NONE:
            self._bins.take_until(track, tick - ring)
            if self._bins.part_n[track]:
                self._send(slot, track, True)
            for binned in range(tick - ring + 1, tick + 1):
                if self._bins.take(track, binned):
                    self._send_with_token(slot, track, tick)
            track = self._table.next_track[track]

    def _fall_silent(self, slot, tick):
        self._drain(slot, tick)
        track = self._table.first_track[slot]
        while track != NONE:
            self._levels.forget_reads(track)
            track = self._table.next_track[track]
        self._state[slot] = _SILENT
        self._since[slot] = tick
        last_ms = self._last_tick[slot] * TICK_MS + self._last_offset[slot]
        silence_ms = (tick + 1) * TICK_MS - last_ms
        epc = self._table.epc[slot]
        self._emit(epc, self._last_antenna[slot], None, last_ms, 0, silence_ms, 0, False)

    def _drain(self, slot, tick):
        """Send all that waits, one record for each antenna."""
        track = self._table.first_track[slot]
        while track != NONE:
            self._bins.take_until(track, tick)
            if self._bins.part_n[track]:
                self._send(slot, track, True)
            track = self._table.next_track[track]

    def _send(self, slot, track, coarse):
        bins = self._bins
        rssi = bins.part_rssi[track]
        n = bins.part_n[track]
        bins.part_n[track] = 0
        self._emit(
            self._table.epc[slot],
            self._table.antenna[track],
            None if rssi == NO_RSSI else rssi,
            bins.part_tick[track] * TICK_MS + bins.part_offset[track],
            n,
            bins.part_span[track],
            bins.part_peak[track],
            coarse,
        )
