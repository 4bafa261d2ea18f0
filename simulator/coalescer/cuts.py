"""Collects where the rows of each track are cut into records, and makes the records at once."""

from collections.abc import Sequence

import numpy as np

from simulator.coalescer.binning import Bins, merge_rows
from simulator.coalescer.shapes import NO_RSSI, TICK_MS, Ints, Records
from simulator.coalescer.state import State

_LAST = 1 << 20  # sorts the record of a silence behind those of every antenna


class Cuts:
    """Runs of rows to send and silences to tell, in any order; `records` sorts them."""

    def __init__(self) -> None:
        self._runs: list[tuple[Ints, Ints, Ints, Ints, int, int]] = []
        self._silences: list[tuple[Ints, ...]] = []

    def send(
        self, begin: Ints, end: Ints, tick: Ints, entered: Ints, place: int, coarse: bool
    ) -> None:
        """Send rows `begin[i]:end[i]` at the end of `tick[i]`; `place` orders runs of one track."""
        self._runs.append((begin, end, tick, entered, place, int(coarse)))

    def tell_silence(
        self, slot: Ints, antenna: Ints, last_ms: Ints, tick: Ints, entered: Ints
    ) -> None:
        """Tell that these tags have not answered since `last_ms`."""
        self._silences.append((slot, antenna, last_ms, tick, entered))

    def records(self, bins: Bins, slots: State) -> Records:
        """All records in the order of sending."""
        antennas = slots.exists.shape[1]
        begin, end, tick, run_entered, place, coarse = _joined(self._runs, 6)
        slot, antenna, last_ms, told, silence_entered = _joined(self._silences, 5)
        runs = merge_rows(bins, begin, end)
        run_slot = runs.track // antennas
        all_slot = np.concatenate([run_slot, slot])
        sent = np.concatenate([tick, told])
        gateway = slots.gateway[all_slot]
        which = np.concatenate([runs.track % antennas, np.full(len(slot), _LAST)])
        entered = np.concatenate([run_entered, silence_entered])
        zeros = np.zeros(len(slot), np.int64)
        order = np.lexsort((np.concatenate([place, zeros]), which, entered, gateway, sent))

        def sorted_by_sending(run_values: Ints, silence_values: Ints) -> Ints:
            values: Ints = np.concatenate([run_values, silence_values])[order]
            return values

        return Records(
            gateway=gateway[order],
            tag=slots.tag[all_slot][order],
            antenna=sorted_by_sending(runs.track % antennas, antenna),
            rssi_tenths=sorted_by_sending(runs.rssi, np.full(len(slot), NO_RSSI)),
            first_ms=sorted_by_sending(runs.first_ms, last_ms),
            n=sorted_by_sending(runs.n, zeros),
            span_ms=sorted_by_sending(runs.span_ms, (told + 1) * TICK_MS - last_ms),
            peak_ms=sorted_by_sending(runs.peak_ms, zeros),
            coarse=sorted_by_sending(coarse, zeros).astype(np.bool_),
            sent_ms=(sent[order] + 1) * TICK_MS,
        )


def _joined(parts: Sequence[tuple[Ints | int, ...]], columns: int) -> list[Ints]:
    """Each column of all parts in one array; a number counts for its whole part."""
    if not parts:
        return [np.empty(0, np.int64)] * columns
    lengths = [len(part[0]) for part in parts if isinstance(part[0], np.ndarray)]
    return [
        np.repeat(np.array(column, np.int64), lengths)
        if isinstance(column[0], int)
        else np.concatenate(column)
        for column in zip(*parts, strict=True)
    ]
