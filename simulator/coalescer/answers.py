"""The new bins of a stretch as plain numbers, tag by tag: what each answer of a tag says."""

import numpy as np

from simulator.coalescer.binning import SAMPLES, Bins
from simulator.coalescer.shapes import NO_RSSI, Bools, Ints, RawReads

# What one antenna heard in an answer: place of the bin among the tag's rows, antenna, whether it
# has RSSI, place in the running sums behind its last RSSI, and there the means of the last 1, 2,
# ... 5 RSSI. Plain tuples: there are thousands in a second of a school.
Heard = tuple[int, int, bool, int, tuple[int, ...]]

# All that was heard of a tag in one tick: tick, reads, place of the first one in the stretch, ms
# and antenna of the last one, and what each antenna heard.
Answer = tuple[int, int, int, int, int, list[Heard]]


def list_answers(bins: Bins, reads: RawReads, slots: Ints, antennas: int) -> list[list[Answer]]:
    """The answers of some tags (by their slots, ascending) in a stretch, in order of time."""
    local = np.full(len(bins.held) // antennas, -1)
    local[slots] = np.arange(len(slots))
    tag = local[bins.track // antennas]
    row = np.flatnonzero((bins.last >= 0) & (tag >= 0))
    answers: list[list[Answer]] = [[] for _ in slots]
    if not len(row):
        return answers
    tag = tag[row]
    order = np.lexsort((bins.tick[row], tag))
    row, tag = row[order], tag[order]
    tick = bins.tick[row]
    begin = np.flatnonzero(_changes(tag, tick))
    last = np.maximum.reduceat(bins.last[row], begin)
    heard = _heard(bins, row, bins.begin[slots * antennas][tag], antennas)
    ends = np.append(begin[1:], len(row))
    columns = (
        tick[begin],
        np.add.reduceat(bins.n[row], begin),
        np.minimum.reduceat(bins.first[row], begin),
        reads.at_ms[last],
        reads.antenna[last],
    )
    parts = map(heard.__getitem__, map(slice, begin.tolist(), ends.tolist()))
    said = zip(*(column.tolist() for column in columns), parts, strict=True)
    for which, answer in zip(tag[begin].tolist(), said, strict=True):
        answers[which].append(answer)
    return answers


def _heard(bins: Bins, row: Ints, base: Ints, antennas: int) -> list[Heard]:
    end = bins.rssi_end[row]
    counts = np.arange(1, SAMPLES + 1)[:, None]
    means = (bins.sums[end] - bins.sums[np.maximum(end - counts, 0)]) // counts
    return list(
        zip(
            (row - base).tolist(),
            (bins.track[row] % antennas).tolist(),
            (bins.rssi[row] != NO_RSSI).tolist(),
            end.tolist(),
            zip(*means.tolist(), strict=True),
            strict=True,
        )
    )


def _changes(one: Ints, other: Ints) -> Bools:
    changes = np.ones(len(one), np.bool_)
    changes[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    return changes
