"""Walks of a test tag through a doorway, and what was heard of each. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from edge.contracts.readlog import ReadRow


@dataclass(frozen=True, slots=True)
class Heard:
    """One record of the test tag: `at` its strongest read (Unix s), `reads` merged, dBm or None."""

    antenna: int
    at: float
    reads: int
    rssi: float | None


@dataclass(frozen=True, slots=True)
class Walk:
    """From one room into the other, between two presses of a button (Unix s)."""

    start: float
    end: float
    origin: str
    goal: str


def heard_of(row: ReadRow) -> Heard | None:
    """Return what a journaled read tells; None for a silence, or where it has no place in time."""
    if not row.n or row.t is None:
        return None
    return Heard(row.antenna, row.t + row.peak, row.n, row.rssi)


def reads_in(walk: Walk, heard: Iterable[Heard]) -> dict[int, int]:
    """Return the reads of a walk by antenna. A record belongs to where its strongest read does."""
    found: dict[int, int] = {}
    for one in heard:
        if walk.start <= one.at < walk.end:
            found[one.antenna] = found.get(one.antenna, 0) + one.reads
    return found


def moments_in(walk: Walk, heard: Iterable[Heard]) -> dict[int, float]:
    """Return when each antenna heard the walk: the mean of its reads' times, weighted by power.

    Of real walks between two antennas this tells the direction of 98-100 %; which of them heard
    the tag first is near to chance. Without levels every read weighs the same.
    """
    within = [one for one in heard if walk.start <= one.at < walk.end]
    has_levels = all(one.rssi is not None for one in within)
    sums: dict[int, tuple[float, float]] = {}
    for one in within:
        level = one.rssi if has_levels and one.rssi is not None else 0.0
        weight = one.reads * 10 ** (level / 10)
        before, total = sums.get(one.antenna, (0.0, 0.0))
        sums[one.antenna] = (before + weight * (one.at - walk.start), total + weight)
    return {antenna: moment / total for antenna, (moment, total) in sums.items()}
