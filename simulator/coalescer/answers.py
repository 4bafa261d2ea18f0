"""The new bins of a stretch by tick, for the tags that are gone through tick by tick."""

from dataclasses import dataclass

import numpy as np

from simulator.coalescer.binning import Bins
from simulator.coalescer.shapes import Bools, Ints


class Answer:
    """The answers of one tick: rows by tag and antenna, and what is summed by tag."""

    def __init__(
        self,
        row: Ints,
        row_tag: Ints,
        row_antenna: Ints,
        tag_of_row: Ints,
        begin: Ints,
        tag: Ints,
        n: Ints,
        first: Ints,
        last: Ints,
    ) -> None:
        self.row = row
        self.row_tag = row_tag
        self.row_antenna = row_antenna
        self.tag_of_row = tag_of_row
        self.begin = begin
        self.tag = tag
        self.n = n
        self.first = first
        self.last = last
        self.is_new: Bools = np.zeros(len(tag), np.bool_)
        self.count: Ints = row

    def any_row(self, flags: Bools) -> Bools:
        """By tag: whether the flag of any of its rows is set."""
        found: Bools = np.logical_or.reduceat(flags, self.begin)
        return found


@dataclass
class Answers:
    """The answers of a stretch, by tick, then tag, then antenna."""

    row_tick: Ints
    row: Ints
    row_tag: Ints
    row_antenna: Ints
    tag_of_row: Ints
    tag_tick: Ints
    begin: Ints
    tag: Ints
    n: Ints
    first: Ints
    last: Ints

    def at(self, row: int, row_end: int, tag: int, tag_end: int) -> Answer:
        """Those of the tick that has these places."""
        rows, tags = slice(row, row_end), slice(tag, tag_end)
        return Answer(
            self.row[rows],
            self.row_tag[rows],
            self.row_antenna[rows],
            self.tag_of_row[rows] - tag,
            self.begin[tags] - row,
            self.tag[tags],
            self.n[tags],
            self.first[tags],
            self.last[tags],
        )


def sort_answers(bins: Bins, slots: Ints, shape: tuple[int, ...]) -> Answers:
    """The answers of some tags (by their slots) in a stretch; `shape` is slots and antennas."""
    antennas = shape[1]
    local = np.full(len(bins.held) // antennas, -1)
    local[slots] = np.arange(len(slots))
    row_tag = local[bins.track // antennas]
    row = np.flatnonzero((bins.last >= 0) & (row_tag >= 0))
    row = row[np.argsort(bins.tick[row], kind="stable")]
    tick, row_tag = bins.tick[row], row_tag[row]
    changes = np.ones(len(row), np.bool_)
    changes[1:] = (tick[1:] != tick[:-1]) | (row_tag[1:] != row_tag[:-1])
    begin = np.flatnonzero(changes)
    n, first, last = begin, begin, begin
    if len(row):
        n = np.add.reduceat(bins.n[row], begin)
        first = np.minimum.reduceat(bins.first[row], begin)
        last = np.maximum.reduceat(bins.last[row], begin)
    return Answers(
        row_tick=tick,
        row=row,
        row_tag=row_tag,
        row_antenna=bins.track[row] % antennas,
        tag_of_row=np.cumsum(changes) - 1,
        tag_tick=tick[begin],
        begin=begin,
        tag=row_tag[begin],
        n=n,
        first=first,
        last=last,
    )
