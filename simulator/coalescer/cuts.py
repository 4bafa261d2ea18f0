"""Collects where the rows of each track are cut into records, and makes the records at once."""

from collections.abc import Sequence

import numpy as np

from simulator.coalescer.binning import Bins, merge_rows
from simulator.coalescer.shapes import NO_RSSI, TICK_MS, Ints, Records
from simulator.coalescer.state import State

# begin and end of a run of rows, tick, `entered`, place, coarse
Sent = tuple[int, int, int, int, int, bool]

_LAST = 1 << 20  # sorts the record of a silence behind those of every antenna


class Cuts:
    """Runs of rows to send and silences to tell, in any order; `records` sorts them."""

    def __init__(self) -> None:
        self._runs: list[Ints] = [np.zeros((6, 0), np.int64)]
        self._silences: list[Ints] = [np.zeros((5, 0), np.int64)]

    def send_coarse(self, begin: Ints, end: Ints, tick: Ints, entered: Ints) -> None:
        """Send rows `begin[i]:end[i]` at the end of `tick[i]`, one run of a track."""
        place, coarse = np.zeros_like(begin), np.ones_like(begin)
        self._runs.append(np.stack([begin, end, tick, entered, place, coarse]))

    def send_all(self, runs: Sequence[Sent]) -> None:
        """Send runs of rows; `place` orders those of one track and tick."""
        self._runs.append(np.array(runs, np.int64).reshape(-1, 6).T)

    def tell_silences(self, silences: Sequence[tuple[int, int, int, int, int]]) -> None:
        """Tell of tags that have not answered: slot, antenna, last ms, tick, `entered`."""
        self._silences.append(np.array(silences, np.int64).reshape(-1, 5).T)

    def records(self, bins: Bins, slots: State) -> Records:
        """All records in the order of sending."""
        antennas = slots.exists.shape[1]
        begin, end, tick, run_entered, place, coarse = np.concatenate(self._runs, axis=1)
        slot, antenna, last_ms, told, silence_entered = np.concatenate(self._silences, axis=1)
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
