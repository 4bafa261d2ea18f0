"""Takes the tags that are not plainly still through a stretch by the full rule, one by one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.coalescer.answers import list_answers
from simulator.coalescer.binning import Bins
from simulator.coalescer.cuts import Cuts, Sent
from simulator.coalescer.shapes import CoalescerSettings, Ints, RawReads
from simulator.coalescer.state import State
from simulator.coalescer.tag import Looked, Rule, Silence, Tag
from simulator.coalescer.waiting import Ticks, Waiting


@dataclass
class Tracks:
    """By tag and antenna, columns of `Waiting` and `Tag`; rows and RSSI among those of all."""

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
        self._state = state
        self._tracks = tracks
        self._cuts = cuts
        self._read_base = read_base
        self._rule, self._ticks = Rule(settings), Ticks(settings)
        self._sent: list[Sent] = []
        self._silences: list[Silence] = []

    def run(self, air: Ints, first_tick: int) -> None:
        """Close each tick; `air` is ms on air by tick, gateway and antenna."""
        answers = list_answers(self._bins, self._reads, self._slots, air.shape[2])
        tags = self._tags(air, first_tick)
        for tag, said in zip(tags, answers, strict=True):
            for answer in said:
                tag.answer(answer, self._read_base)
            tag.pass_time(first_tick + len(air) - 1)
        self._keep(tags)
        self._cuts.send_all(self._sent)
        self._cuts.tell_silences(self._silences)

    def _tags(self, air: Ints, first_tick: int) -> list[Tag]:
        bins, state, tracks = self._bins, self._state, self._tracks
        antennas = air.shape[2]
        looked = Looked(air)
        begin = bins.begin[self._slots * antennas]
        end = bins.begin[self._slots * antennas + antennas]
        base = begin[:, None]
        columns = (
            self._slots, state.state, state.since, state.last_ms, state.last_antenna, state.quiet,
            state.interval, state.limit, state.exists, state.heard, state.low, state.high,
            state.anchor, state.off_at, tracks.mean_from, tracks.restart, tracks.rssi_to,
        )  # fmt: skip
        waits = (
            begin, tracks.sent_to - base, tracks.seen_to - base, tracks.merged_to - base,
            state.full_at, state.entered,
        )  # fmt: skip
        rows = map(bins.tick.__getitem__, map(slice, begin.tolist(), end.tolist()))
        waiting = [
            Waiting(self._ticks, self._sent, tick.tolist(), *wait)
            for tick, *wait in zip(rows, *(column.tolist() for column in waits), strict=True)
        ]
        return [
            Tag(self._rule, self._silences, wait, looked, gateway, first_tick, *column)
            for wait, gateway, *column in zip(
                waiting,
                state.gateway.tolist(),
                *(column.tolist() for column in columns),
                strict=True,
            )
        ]

    def _keep(self, tags: Sequence[Tag]) -> None:
        """Write back what tags have become."""
        state, tracks = self._state, self._tracks
        for name in _OF_TAG:
            getattr(state, name)[:] = [getattr(tag, name) for tag in tags]
        state.full_at[:] = [tag.waiting.full_at for tag in tags]
        state.entered[:] = [tag.waiting.entered for tag in tags]
        base = np.array([[tag.waiting.base] for tag in tags])
        for name in ("sent_to", "seen_to", "merged_to"):
            getattr(tracks, name)[:] = base + [getattr(tag.waiting, name) for tag in tags]
        for name in ("mean_from", "restart", "rssi_to"):
            getattr(tracks, name)[:] = [getattr(tag, name) for tag in tags]


_OF_TAG = (
    *("state", "since", "last_ms", "last_antenna", "quiet", "interval", "limit"),
    *("exists", "heard", "low", "high", "anchor", "off_at"),
)
