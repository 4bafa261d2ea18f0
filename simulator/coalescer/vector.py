"""The coalescers of all simulated gateways as one: whole stretches of time over numpy arrays."""

import numpy as np

from simulator.coalescer.binning import (
    SAMPLES,
    Bins,
    Held,
    Memory,
    make_bins,
    merge_rows,
)
from simulator.coalescer.cuts import Cuts
from simulator.coalescer.shapes import (
    TICK_MS,
    Bools,
    CoalescerSettings,
    Ints,
    RawReads,
    Records,
    join_records,
)
from simulator.coalescer.state import ABSENT, MOVING, State
from simulator.coalescer.steady import find_calm, run_steady
from simulator.coalescer.stepping import Stepper, Tracks

STRETCH_TICKS = 240  # a minute: long enough to spread the cost of a call, short enough that a tag
# which moves once is not stepped through many quiet minutes

_BLOCK = 2048  # tags stepped through a stretch at once: an object each, and one for each answer


class VectorCoalescer:
    """Merges the raw reads of many gateways as each one's firmware would (docs/coalescing.md).

    `gateways`, `antennas` (of a gateway, at most) and `tags` are counts; all indices run from 0.
    All gateways share one uptime in ms that begins at 0. `fullest` is the most tags that one
    gateway has held within a stretch: past `settings.tags` a real one would have evicted some,
    which this one never does.
    """

    def __init__(
        self, gateways: int, antennas: int, tags: int, settings: CoalescerSettings | None = None
    ) -> None:
        self.fullest = 0
        self._settings = settings or CoalescerSettings()
        self._shape = (gateways, antennas)
        self._tags = tags
        self._tick = 0
        self._reads_taken = 0
        self._state = State.sized(64, antennas)
        self._held = Held.nothing()
        self._memory = Memory(np.empty(0, np.int64), np.empty(0, np.int64))

    def step(self, reads: RawReads, looks: Ints, until_ms: int) -> Records:
        """Take the reads and looks up to `until_ms` (a tick's end) and give the records sent.

        `looks[tick, gateway, antenna]` is ms on air in each tick from the last `until_ms` (first
        0) to this one; any integer dtype. All of a tick's looks are known before its end is
        decided. Raises ValueError where a shape, an order or a time does not fit.
        """
        ticks = until_ms // TICK_MS - self._tick
        if until_ms % TICK_MS or ticks < 1:
            raise ValueError(f"until_ms {until_ms} is not the end of a tick of 250 ms to come")
        if looks.shape != (ticks, *self._shape):
            raise ValueError(f"looks has shape {looks.shape}, not {(ticks, *self._shape)}")
        at_ms = np.asarray(reads.at_ms)
        if len(at_ms) and (
            at_ms[0] < self._tick * TICK_MS or at_ms[-1] >= until_ms or (np.diff(at_ms) < 0).any()
        ):
            raise ValueError("reads are not in order, or not between the last until_ms and this")
        parts = []
        for at in range(0, ticks, STRETCH_TICKS):
            air = np.asarray(looks[at : at + STRETCH_TICKS], np.int64)
            end_ms = (self._tick + len(air)) * TICK_MS
            stop = int(np.searchsorted(at_ms, end_ms))
            start = int(np.searchsorted(at_ms, self._tick * TICK_MS))
            parts.append(self._run(reads.between(start, stop), air))
        return join_records(parts)

    def flush(self) -> Records:
        """Send everything held, as coarse records, and forget every tag."""
        bins = self._bins_of(RawReads.empty(), np.empty(0, np.int64))
        track = np.flatnonzero(bins.held)
        cuts = Cuts()
        entered = self._state.entered[track // self._shape[1]]
        last = np.full(len(track), self._tick - 1)
        cuts.send_coarse(bins.begin[track], bins.begin[track + 1], last, entered)
        records = cuts.records(bins, self._state)
        self._state.state[:] = ABSENT
        self._carry(bins, bins.begin[1:], bins.begin[1:], bins.sums_begin[1:])
        return records

    def forget(self, gateway: int) -> None:
        """Forget every tag of one gateway and send nothing of it, as when its power goes."""
        bins = self._bins_of(RawReads.empty(), np.empty(0, np.int64))
        state = self._state
        merged_to = bins.begin[:-1] + state.merged.ravel()
        state.state[state.gateway == gateway] = ABSENT
        self._carry(bins, bins.begin[:-1], merged_to, bins.sums_begin[:-1])

    def _run(self, reads: RawReads, air: Ints) -> Records:
        """One stretch: steady tags at once, the others tick by tick."""
        slot = self._slots_of(reads)
        antennas = self._shape[1]
        bins = self._bins_of(reads, slot * antennas + reads.antenna)
        state, cuts = self._state, Cuts()
        sent_to = bins.begin[:-1].copy()
        merged_to = sent_to + state.merged.ravel()
        mean_from = bins.sums_begin[:-1].copy()
        calm = find_calm(bins, state, self._settings)
        steady = run_steady(
            bins, reads, state, calm, air, self._tick, sent_to, cuts, self._settings
        )
        self._end_means(bins, steady, mean_from)
        used = np.zeros(len(steady), np.bool_)
        used[slot] = True
        used |= state.state != ABSENT
        others = np.flatnonzero(used & ~steady)
        for at in range(0, len(others), _BLOCK):
            block = others[at : at + _BLOCK]
            self._step(bins, reads, block, air, sent_to, merged_to, mean_from, cuts)
        self.fullest = max(self.fullest, int(np.bincount(state.gateway[used], minlength=1).max()))
        self._tick += len(air)
        self._reads_taken += len(reads.at_ms)
        records = cuts.records(bins, state)
        self._carry(bins, sent_to, merged_to, mean_from)
        return records

    def _slots_of(self, reads: RawReads) -> Ints:
        """The slot of each read; a pair of gateway and tag heard anew is given one."""
        pair = reads.gateway * self._tags + reads.tag
        known, slot_of = self._pairs()
        place = np.searchsorted(known, pair)
        new = np.unique(pair[np.append(known, -1)[place] != pair])
        if len(new):
            free = np.flatnonzero(self._state.gateway < 0)
            if len(free) < len(new):
                self._state = self._state.grown(2 * (len(self._state.state) + len(new)))
                free = np.flatnonzero(self._state.gateway < 0)
            free = free[: len(new)]
            self._state.gateway[free] = new // self._tags
            self._state.tag[free] = new % self._tags
            known, slot_of = self._pairs()
            place = np.searchsorted(known, pair)
        slots: Ints = slot_of[place]
        return slots

    def _pairs(self) -> tuple[Ints, Ints]:
        """The pairs of gateway and tag that have a slot, sorted, and the slot of each."""
        slot = np.flatnonzero(self._state.gateway >= 0)
        pair = self._state.gateway[slot] * self._tags + self._state.tag[slot]
        order = np.argsort(pair)
        return pair[order], slot[order]

    def _bins_of(self, reads: RawReads, track: Ints) -> Bins:
        tracks = self._state.exists.size
        return make_bins(reads, track, tracks, self._held, self._memory)

    def _end_means(self, bins: Bins, steady: Bools, mean_from: Ints) -> None:
        """Of steady tags: antennas that answered have a mean of their own again."""
        antennas = self._shape[1]
        track = np.flatnonzero(np.repeat(steady, antennas) & self._state.stale.ravel())
        restart = bins.sums_begin[track] + bins.remembered[track]
        heard = bins.sums_begin[track + 1] > restart
        mean_from[track[heard]] = restart[heard]
        self._state.stale.ravel()[track[heard]] = False

    def _step(
        self,
        bins: Bins,
        reads: RawReads,
        slots: Ints,
        air: Ints,
        sent_to: Ints,
        merged_to: Ints,
        mean_from: Ints,
        cuts: Cuts,
    ) -> None:
        antennas = self._shape[1]
        track = slots[:, None] * antennas + np.arange(antennas)
        state = self._state.pick(slots)
        begin = bins.begin[track]
        rssi_to = bins.sums_begin[track] + bins.remembered[track]
        tracks = Tracks(
            sent_to=begin,
            seen_to=begin + bins.held[track],
            merged_to=merged_to[track],
            mean_from=mean_from[track],
            restart=np.where(state.stale, rssi_to, mean_from[track]),
            rssi_to=rssi_to,
        )
        stepper = Stepper(
            bins, reads, slots, state, tracks, cuts, self._reads_taken, self._settings
        )
        stepper.run(air, self._tick)
        overtaken = tracks.rssi_to > tracks.restart
        mean_from[track] = np.where(overtaken, tracks.restart, tracks.mean_from)
        state.stale[:] = ~overtaken & (tracks.restart > tracks.mean_from)
        sent_to[track] = tracks.sent_to
        is_moving = (state.state == MOVING)[:, None]  # what a moving tag holds back is one part
        merged_to[track] = np.where(is_moving, tracks.seen_to, tracks.merged_to)
        self._state.put(slots, state)

    def _carry(self, bins: Bins, sent_to: Ints, merged_to: Ints, mean_from: Ints) -> None:
        """Keep what the next stretch needs: rows not yet sent, the last RSSI, live slots."""
        state = self._state
        live = np.repeat(state.state != ABSENT, self._shape[1])
        self._held = self._still_held(bins, sent_to, merged_to, live)
        mean_from = np.maximum(mean_from, bins.sums_begin[1:] - SAMPLES)
        place = np.arange(len(bins.values))
        track = np.repeat(np.arange(len(live)), np.diff(bins.sums_begin))
        kept = (place >= mean_from[track]) & live[track]
        self._memory = Memory(track[kept], bins.values[kept])
        gone = np.flatnonzero((state.state == ABSENT) & (state.gateway >= 0))
        state.gateway[gone] = -1
        state.exists[gone] = False

    def _still_held(self, bins: Bins, sent_to: Ints, merged_to: Ints, live: Bools) -> Held:
        """Rows not yet sent; those that have left the ring, or are a part, are merged into one."""
        last_ring = self._tick - self._settings.ticks(self._settings.ring_ms)
        row = np.arange(len(bins.track))
        row = row[(row >= sent_to[bins.track]) & live[bins.track]]
        track = bins.track[row]
        is_first = row == sent_to[track]
        is_part = (bins.tick[row] < last_ring) | (row < merged_to[track])
        begin = row[is_first | ~is_part]
        # a run ends where the next begins, or with its track
        end = np.minimum(np.append(begin[1:], len(bins.track)), bins.begin[bins.track[begin] + 1])
        self._state.merged[:] = False
        self._state.merged.ravel()[track[is_first & is_part]] = True
        return merge_rows(bins, begin, end)
