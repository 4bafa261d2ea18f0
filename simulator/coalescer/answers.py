"""The new bins of a stretch, tag by tag: every tag's first answer, every tag's second, and so on.

Tags do not influence each other, so the n-th answers of all tags are worked out together although
each comes at its own tick. A walk of three seconds is twelve answers, whatever the stretch.
"""

from dataclasses import dataclass, field

import numpy as np

from simulator.coalescer.binning import Bins
from simulator.coalescer.shapes import Bools, Ints


@dataclass
class Answer:
    """One answer of each of some tags: by row (tag, then antenna), and summed by tag.

    `row` is the place among the bins, `tag_of_row` the place in `tag`; `first` and `last` are the
    places of the first and last read among the stretch's reads.
    """

    row: Ints
    row_tag: Ints
    row_antenna: Ints
    tag_of_row: Ints
    begin: Ints
    tag: Ints
    tick: Ints
    n: Ints
    first: Ints
    last: Ints
    is_new: Bools = field(default_factory=lambda: np.empty(0, np.bool_))
    count: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def any_row(self, flags: Bools) -> Bools:
        """By tag: whether the flag of any of its rows is set."""
        found: Bools = np.logical_or.reduceat(flags, self.begin)
        return found


def list_answers(bins: Bins, slots: Ints, antennas: int) -> list[Answer]:
    """The answers of some tags (by their slots) in a stretch, the n-th of each tag together."""
    local = np.full(len(bins.held) // antennas, -1)
    local[slots] = np.arange(len(slots))
    tag = local[bins.track // antennas]
    row = np.flatnonzero((bins.last >= 0) & (tag >= 0))
    if not len(row):
        return []
    row = row[np.lexsort((bins.tick[row], tag[row]))]
    is_first = _changes(tag[row], bins.tick[row])
    begin = np.flatnonzero(is_first)
    of_tag = tag[row[begin]]
    nth = np.arange(len(begin)) - np.flatnonzero(_changes(of_tag, of_tag))[_runs(of_tag)]
    order = np.argsort(nth, kind="stable")
    row = row[np.argsort(nth[np.cumsum(is_first) - 1], kind="stable")]
    size = np.diff(np.append(begin, len(row)))[order]
    begin = np.cumsum(size) - size
    answer = Answer(
        row=row,
        row_tag=tag[row],
        row_antenna=bins.track[row] % antennas,
        tag_of_row=np.repeat(np.arange(len(begin)), size),
        begin=begin,
        tag=tag[row[begin]],
        tick=bins.tick[row[begin]],
        n=np.add.reduceat(bins.n[row], begin),
        first=np.minimum.reduceat(bins.first[row], begin),
        last=np.maximum.reduceat(bins.last[row], begin),
    )
    cuts = np.searchsorted(nth[order], np.arange(int(nth.max()) + 2)).tolist()
    row_cuts = [*begin[cuts[:-1]].tolist(), len(row)]
    return [
        _part(answer, slice(cuts[i], cuts[i + 1]), slice(row_cuts[i], row_cuts[i + 1]))
        for i in range(len(cuts) - 1)
    ]


def _part(whole: Answer, tags: slice, rows: slice) -> Answer:
    return Answer(
        whole.row[rows],
        whole.row_tag[rows],
        whole.row_antenna[rows],
        whole.tag_of_row[rows] - tags.start,
        whole.begin[tags] - rows.start,
        whole.tag[tags],
        whole.tick[tags],
        whole.n[tags],
        whole.first[tags],
        whole.last[tags],
    )


def _changes(one: Ints, other: Ints) -> Bools:
    changes = np.ones(len(one), np.bool_)
    changes[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    return changes


def _runs(values: Ints) -> Ints:
    """For each value the number of the run of equal values it stands in."""
    runs: Ints = np.cumsum(_changes(values, values)) - 1
    return runs
