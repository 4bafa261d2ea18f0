"""When waiting rows become records: fine ones with a token, coarse ones when they are old.

Nothing is copied: a record is a run of rows, told to `Cuts`.
"""

from dataclasses import dataclass

import numpy as np

from simulator.coalescer.binning import Bins
from simulator.coalescer.cuts import Cuts
from simulator.coalescer.shapes import CoalescerSettings, Ints
from simulator.coalescer.state import State


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


class Sending:
    """Sends what waits; `closed`, the tick that each tag has closed, is the stepper's to move."""

    def __init__(
        self,
        bins: Bins,
        state: State,
        tracks: Tracks,
        cuts: Cuts,
        closed: Ints,
        settings: CoalescerSettings,
    ) -> None:
        self._bins = bins
        self._state = state
        self._tracks = tracks
        self._cuts = cuts
        self._closed = closed
        self._settings = settings

    def fine(self, tags: Ints) -> None:
        """Send what waits of moving tags, where there is a token."""
        tracks = self._tracks
        waiting = tracks.seen_to[tags] > tracks.sent_to[tags]
        if np.count_nonzero(waiting):
            at, antenna = waiting.nonzero()
            tag = tags[at]
            self._with_tokens(tag, antenna, tracks.seen_to[tag, antenna], 0)

    def coarse(self, tags: Ints) -> None:
        """Send the coarse records of still tags that the next tick's end would find too old."""
        tracks, settings = self._tracks, self._settings
        waiting = tracks.seen_to[tags] > tracks.sent_to[tags]
        if not np.count_nonzero(waiting):
            return
        at, antenna = waiting.nonzero()
        tag = tags[at]
        oldest = self._bins.tick[tracks.sent_to[tag, antenna]]
        is_due = self._closed[tag] - oldest >= settings.ticks(settings.coarse_ms) - 1
        if not np.count_nonzero(is_due):
            return
        tag, antenna = tag[is_due], antenna[is_due]
        end = tracks.seen_to[tag, antenna]
        off = (self._state.off_at[tag] >= 0).any(axis=1)
        end[off] = self._ring_begin(tag[off], antenna[off])
        self._send(tag, antenna, end, 0, True)

    def coarse_then_ring(self, tags: Ints) -> None:
        """Send of tags that move again what is old as one record, then the last 2 s bin by bin."""
        tracks = self._tracks
        at, antenna = (tracks.seen_to[tags] > tracks.sent_to[tags]).nonzero()
        tag = tags[at]
        end = self._ring_begin(tag, antenna)
        old = end > tracks.sent_to[tag, antenna]
        self._send(tag[old], antenna[old], end[old], 0, True)
        for place in range(1, self._settings.ticks(self._settings.ring_ms) + 1):
            more = end < tracks.seen_to[tag, antenna]
            tag, antenna, end = tag[more], antenna[more], end[more] + 1
            self._with_tokens(tag, antenna, end, place)

    def everything(self, tags: Ints) -> None:
        """Send all that waits of these tags, one record for each antenna."""
        tracks = self._tracks
        at, antenna = (tracks.seen_to[tags] > tracks.sent_to[tags]).nonzero()
        tag = tags[at]
        self._send(tag, antenna, tracks.seen_to[tag, antenna], 0, True)

    def _with_tokens(self, tag: Ints, antenna: Ints, end: Ints, place: int) -> None:
        settings, state = self._settings, self._state
        tick = self._closed[tag]
        token = settings.ticks(settings.token_ms)
        full_at = state.full_at[tag, antenna]
        ready = full_at - tick <= (settings.burst - 1) * token
        tag, antenna = tag[ready], antenna[ready]
        state.full_at[tag, antenna] = np.maximum(full_at[ready], tick[ready]) + token
        self._send(tag, antenna, end[ready], place, False)

    def _ring_begin(self, tag: Ints, antenna: Ints) -> Ints:
        """The first row not yet sent that lies in the last 2 s."""
        ring = self._settings.ticks(self._settings.ring_ms)
        oldest = self._closed[tag] - ring
        sent_to = self._tracks.sent_to[tag, antenna]
        seen_to = self._tracks.seen_to[tag, antenna]
        row = seen_to
        for _ in range(ring):
            row = row - ((row > sent_to) & (self._bins.tick[row - 1] > oldest))
        return np.maximum(row, np.minimum(self._tracks.merged_to[tag, antenna], seen_to))

    def _send(self, tag: Ints, antenna: Ints, end: Ints, place: int, coarse: bool) -> None:
        """Send what waits of these tracks up to `end`."""
        if not len(tag):
            return
        begin = self._tracks.sent_to[tag, antenna]
        entered = self._state.entered[tag]
        self._cuts.send(begin, end, self._closed[tag], entered, place, coarse)
        self._tracks.sent_to[tag, antenna] = end
