"""Sorted, disjoint time intervals, and steps that hold until the next: the score's arithmetic."""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from edge.contracts.school import School

Interval = tuple[float, float]
V = TypeVar("V", bound=Hashable | None)


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Merge overlapping intervals; empty ones vanish."""
    merged: list[Interval] = []
    for start, end in sorted(i for i in intervals if i[0] < i[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def intersect(a: Sequence[Interval], b: Sequence[Interval]) -> list[Interval]:
    """Return the time that lies in both."""
    common, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        start, end = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if start < end:
            common.append((start, end))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return common


def subtract(a: Sequence[Interval], b: Sequence[Interval]) -> list[Interval]:
    """Return the time of `a` that does not lie in `b`."""
    if not a:
        return []
    edges = [a[0][0], *(t for interval in b for t in interval), a[-1][1]]
    gaps = [(edges[k], edges[k + 1]) for k in range(0, len(edges), 2)]
    return intersect(a, union(gaps))


def length(intervals: Iterable[Interval]) -> float:
    """Seconds in all."""
    return sum(end - start for start, end in intervals)


class Steps(Generic[V]):
    """A value that changes at known times; before the first it is `before`."""

    def __init__(self, before: V) -> None:
        self._times: list[float] = []
        self._values: list[V] = [before]

    def set_from(self, t: float, value: V) -> None:
        """From `t` on it is `value`; what was set for later is forgotten."""
        keep = bisect_right(self._times, t)
        if keep and self._times[keep - 1] == t:
            keep -= 1
        del self._times[keep:], self._values[keep + 1 :]
        self._times.append(t)
        self._values.append(value)

    def at(self, t: float) -> V:
        """Return the value at `t`."""
        return self._values[bisect_right(self._times, t)]

    def changes(self) -> Iterator[float]:
        """Yield the times at which it was set, in order."""
        return iter(self._times)


def pieces(window: Sequence[Interval], changes: Iterable[float]) -> Iterator[Interval]:
    """Cut a window at each change, so that nothing changes within a piece."""
    cuts = sorted(set(changes))
    for start, end in window:
        at = start
        for k in range(bisect_right(cuts, start), bisect_right(cuts, end)):
            if cuts[k] > at:
                yield at, cuts[k]
                at = cuts[k]
        if at < end:
            yield at, end


def local_days(school: School, span: Interval) -> list[tuple[str, Interval]]:
    """Return the school-time dates that a span touches, each with its part of the span."""
    days: list[tuple[str, Interval]] = []
    day = datetime.fromtimestamp(span[0], school.zone).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    while day.timestamp() < span[1] or not days:
        after = day + timedelta(days=1)
        part = (max(span[0], day.timestamp()), min(span[1], after.timestamp()))
        days.append((day.date().isoformat(), part))
        day = after
    return days


def lessons(school: School, span: Interval) -> list[Interval]:
    """Return the part of a span in which a lesson is on; without bells all of it."""
    return _by_bells(school, span, whole_day=False)


def school_hours(school: School, span: Interval) -> list[Interval]:
    """Return the part of a span from first bell to last of each day; without bells all of it."""
    return _by_bells(school, span, whole_day=True)


def _by_bells(school: School, span: Interval, *, whole_day: bool) -> list[Interval]:
    if school.bells is None:
        return union([span])
    found = []
    for date, _ in local_days(school, span):
        midnight = datetime.fromisoformat(date).replace(tzinfo=school.zone)
        if not school.bells.is_school_day(midnight) or not school.bells.lessons:
            continue
        hours = [
            tuple(datetime.combine(midnight, bell, school.zone).timestamp() for bell in lesson)
            for lesson in school.bells.lessons
        ]
        if whole_day:
            found.append((hours[0][0], max(end for _, end in hours)))
        else:
            found.extend((start, end) for start, end in hours)
    return intersect(union([span]), union(found))
